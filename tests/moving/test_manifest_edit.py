"""Another version in a manifest: nothing else of its text changes, or it is refused."""

from __future__ import annotations

import pytest

from snitch.documents import Unreadable
from snitch.moving.manifest_edit import CannotEdit, with_version
from tests.judging import MANIFEST, SPOTLESS


def edited(text: str) -> str:
    return with_version("model.yaml", text, "1.4.1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: churn\nversion: 1.3.2\n", "name: churn\nversion: 1.4.1\n"),
        ("version: 1.3.2", "version: 1.4.1"),
        ("version:   '1.3.2'   # ours\nname: x\n", "version:   '1.4.1'   # ours\nname: x\n"),
        ('version: "1.3.2"\nother: {version: 1.3.2}\n', 'version: "1.4.1"\nother: {version: 1.3.2}\n'),
        ("a: {version: 1.3.2}\nversion: 1.3.2\n", "a: {version: 1.3.2}\nversion: 1.4.1\n"),
        ('{"name": "churn", "version": "1.3.2"}', '{"name": "churn", "version": "1.4.1"}'),
        ("version: 1.3.2\r\nname: x\r\n", "version: 1.4.1\r\nname: x\r\n"),
        ("\ufeffversion: 1.3.2\n", "\ufeffversion: 1.4.1\n"),
        ("version:\n  1.3.2\n", "version:\n  1.4.1\n"),
        ("# ü\n---\nversion: &v 1.3.2\n", "# ü\n---\nversion: &v 1.4.1\n"),
        ("version: 1.3.2-rc.1+x\n", "version: 1.4.1\n"),
    ],
)
def test_the_version_alone_changes(before: str, after: str) -> None:
    assert edited(before) == after


def test_a_whole_manifest_keeps_everything_else() -> None:
    text = str(SPOTLESS[MANIFEST])
    assert edited(text) == text.replace("version: 1.4.0", "version: 1.4.1")


@pytest.mark.parametrize(
    "text",
    [
        "version: &v 1.3.2\nold: *v\n",  # the other would change with it
        "old: &v 1.3.2\nversion: *v\n",
        'version: "1.3\\x2e2"\n',
        "version: >-\n  1.3.2\n",
        "name: x\n",
        "- version\n",
        "version: [1]\n",
    ],
)
def test_what_cannot_be_replaced_safely_is_refused(text: str) -> None:
    with pytest.raises(CannotEdit, match=r"model\.yaml"):
        edited(text)


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(Unreadable):
        edited("version: 1.3.2\nversion: 1.3.3\n")
