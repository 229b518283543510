"""What a fault that stopped a run says."""

from __future__ import annotations

import os

import pytest

from snitch.cli.faults import explain_fault


@pytest.mark.parametrize(
    ("error", "told", "code"),
    [
        (
            OSError(30, "Read-only file system", "evaluations/churn.json"),
            "evaluations/churn.json: Read-only file system",
            2,
        ),
        (OSError(5, "Input/output error"), "OSError: [Errno 5] Input/output error", 2),
        (OSError(2, "No such file", b"a\x1b[31m"), "FileNotFoundError: [Errno 2] No such file: b'a\\x1b[31m'", 2),
        (MemoryError(), "MemoryError: ", 3),
        (KeyError("churn"), "a fault of Snitch's own: KeyError: 'churn'", 3),
    ],
)
def test_it_names_the_file_or_else_the_kind(error: Exception, told: str, code: int) -> None:
    said, status = explain_fault(error)
    assert (said.split(os.linesep)[0], status) == (told, code)
