"""Files that a person has read, which what users see is held against."""

from __future__ import annotations

from pathlib import Path

import pytest


def held_against(file: Path, text: str, request: pytest.FixtureRequest) -> None:
    """Whether the text is what the file holds; `--update-golden` writes it anew."""
    if request.config.getoption("--update-golden"):
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8")
