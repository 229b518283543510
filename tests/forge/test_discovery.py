"""Which CI it is, and what its file may cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snitch.cli.faults import explain_fault
from snitch.documents.problems import MAX_BYTES
from snitch.forge.discovery import find_request, read_file
from snitch.forge.request import InvalidEvent, Request
from tests.forge.ci import event, github, gitlab


@pytest.mark.parametrize("environ", [{}, {"CI": "true"}, {"CI": "true", "JENKINS_URL": "https://ci.example.com/"}])
def test_without_a_ci_that_is_known_there_is_no_request(environ: dict[str, str]) -> None:
    assert find_request(environ) is None


def test_github_from_a_true_file(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event("pull_request")), encoding="utf-8")
    asked = find_request(github("pull_request_target", GITHUB_EVENT_PATH=str(file)))
    assert isinstance(asked, Request) and asked.forge == "github"


def test_gitlab_without_any_file() -> None:
    asked = find_request(gitlab())
    assert isinstance(asked, Request) and asked.forge == "gitlab"


def test_of_a_huge_file_no_more_is_read_than_tells_so(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    with file.open("wb") as huge:
        huge.truncate(10 * MAX_BYTES)
    assert len(read_file(str(file))) == MAX_BYTES + 1
    with pytest.raises(InvalidEvent, match="the event file is 4,194,305 bytes"):
        find_request(github("push", GITHUB_EVENT_PATH=str(file)))


@pytest.mark.parametrize("path", ["/no/such/event.json", "a\0b", "/"])
def test_a_path_that_cannot_be_read(path: str) -> None:
    with pytest.raises(InvalidEvent, match=r"^GITHUB_EVENT_PATH: .* cannot be read: "):
        find_request(github("push", GITHUB_EVENT_PATH=path))


def test_an_event_that_is_no_event_is_misuse() -> None:
    error = InvalidEvent("GITHUB_REPOSITORY", "'\x1b[2J' is not `owner/name`")
    assert explain_fault(error) == ("GITHUB_REPOSITORY: '\\x1b[2J' is not `owner/name`", 2)
