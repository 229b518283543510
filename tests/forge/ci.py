"""What CIs tell a run: their variables, and the event files in `events/`, changed one thing at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snitch.forge.discovery import find_request
from snitch.forge.request import Request, UnresolvedRequest

EVENTS = Path(__file__).parent / "events"
EVENT_PATH = "/home/runner/work/_temp/_github_workflow/event.json"

HEAD = "3f2c1ab09d5e4b7c8a6f1e2d3c4b5a6978877665"
BASE = "9c8b7a6f5e4d3c2b1a0f9e8d7c6b5a4938271605"
#: What GitHub or GitLab would make of both: what GITHUB_SHA and CI_COMMIT_SHA may name.
MERGED = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
ZEROS = "0" * 40


def github(event: str, **changed: str) -> dict[str, str]:
    """The variables of a run of GitHub Actions; one that is changed to nothing is not set."""
    variables = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "ada",
        "GITHUB_API_URL": "https://api.github.com",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": EVENT_PATH,
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_RUN_ID": "6002",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": MERGED,
        "GITHUB_WORKFLOW_REF": "acme/models/.github/workflows/gate.yml@refs/heads/main",
    }
    return {name: value for name, value in {**variables, **changed}.items() if value}


def gitlab(**changed: str) -> dict[str, str]:
    """The variables of a merge request's pipeline on GitLab; one that is changed to nothing is not set."""
    variables = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
        "CI_COMMIT_BEFORE_SHA": ZEROS,
        "CI_COMMIT_REF_NAME": "retrain-churn",
        "CI_COMMIT_REF_PROTECTED": "false",
        "CI_COMMIT_SHA": HEAD,
        "CI_CONFIG_PATH": ".gitlab-ci.yml",
        "CI_JOB_URL": "https://gitlab.example.com/acme/models/-/jobs/6003",
        "CI_MERGE_REQUEST_DRAFT": "false",
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_PROJECT_ID": "3001",
        "CI_MERGE_REQUEST_PROJECT_URL": "https://gitlab.example.com/acme/models",
        "CI_MERGE_REQUEST_REF_PATH": "refs/merge-requests/7/head",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "retrain-churn",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "3001",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_TITLE": "Retrain churn on November",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_PROJECT_ID": "3001",
        "CI_PROJECT_URL": "https://gitlab.example.com/acme/models",
        "CI_SERVER_URL": "https://gitlab.example.com",
        "GITLAB_USER_LOGIN": "grace",
    }
    return {name: value for name, value in {**variables, **changed}.items() if value}


def event(name: str) -> dict[str, Any]:
    """An event as GitHub writes it."""
    data = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def found(environ: dict[str, str], data: object = None) -> Request | UnresolvedRequest | None:
    """What is found with these variables and this event in the file."""
    return find_request(environ, reader(json.dumps(data).encode()))


def request(environ: dict[str, str], data: object = None) -> Request:
    """As `found`, where it is a request."""
    asked = found(environ, data)
    assert isinstance(asked, Request)
    return asked


def reader(content: bytes) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        assert path == EVENT_PATH
        return content

    return read
