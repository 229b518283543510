"""A request as GitLab CI tells of it, in predefined variables alone.

GitLab takes `.gitlab-ci.yml` from the source branch, so that whoever asks for the merge can edit the job that judges
it: its verdict only advises. It does not where the project's setting `CI/CD configuration file` names a file of
another project or a URL, which GitLab repeats in CI_CONFIG_PATH, and the pipeline runs in the target's project and not
in the fork. No variable tells of a pipeline execution policy, whose jobs cannot be edited either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snitch.forge import names
from snitch.forge.request import InvalidEvent, Request

#: In these pipelines CI_COMMIT_SHA is a merge commit that GitLab made.
_MERGED = ("merged_result", "merge_train")


def is_gitlab(environ: Mapping[str, str]) -> bool:
    """Whether GitLab CI runs this."""
    return environ.get("GITLAB_CI") == "true"


def gitlab_request(environ: Mapping[str, str]) -> Request | None:
    """What GitLab CI asks to be judged; None where nothing is to be merged: a tag, a schedule.

    Raises:
        InvalidEvent: a variable is not what it should be.
    """
    if environ.get("CI_MERGE_REQUEST_IID"):
        return _merge_request(environ)
    source = _variable(environ, "CI_PIPELINE_SOURCE")
    if source == "merge_request_event":
        _variable(environ, "CI_MERGE_REQUEST_IID")
    if source == "push" and not environ.get("CI_COMMIT_TAG"):
        return _push(environ)
    return None


def _merge_request(environ: Mapping[str, str]) -> Request:
    number = names.number("CI_MERGE_REQUEST_IID", environ["CI_MERGE_REQUEST_IID"])
    project = _project(environ, "CI_MERGE_REQUEST_PROJECT_ID")
    is_train = environ.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merge_train"
    runs_here = _project(environ, "CI_PROJECT_ID") == project
    return Request(
        event="merge_train" if is_train else "merge_request",
        repository=project,
        git_url=_git_url(environ, "CI_MERGE_REQUEST_PROJECT_URL"),
        target=_branch(environ, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
        head=_head(environ),
        head_ref=f"refs/merge-requests/{number}/head",
        # What the requests before it on the train will have made of the target; else the target's tip has moved on.
        base=_commit(environ, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA") if is_train else None,
        number=number,
        # GITLAB_USER_LOGIN is who ran the pipeline: the author is the forge's to tell.
        is_advisory=not (runs_here and _is_configured_elsewhere(environ)),
        is_read_only=not runs_here,
        **_server(environ),
    )


def _head(environ: Mapping[str, str]) -> str:
    """The source branch's tip, which GitLab names only where it is not the commit that was checked out."""
    if environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"):
        return _commit(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
    kind = environ.get("CI_MERGE_REQUEST_EVENT_TYPE", "")
    if kind in _MERGED:
        raise InvalidEvent("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", f"is not set in a pipeline of type {kind}")
    return _commit(environ, "CI_COMMIT_SHA")


def _is_configured_elsewhere(environ: Mapping[str, str]) -> bool:
    path = environ.get("CI_CONFIG_PATH", "")
    return "@" in path or path.startswith(("https://", "http://"))


def _push(environ: Mapping[str, str]) -> Request:
    branch = _branch(environ, "CI_COMMIT_BRANCH")
    before = "CI_COMMIT_BEFORE_SHA"
    is_protected = environ.get("CI_COMMIT_REF_PROTECTED") == "true"
    return Request(
        event="push",
        repository=_project(environ, "CI_PROJECT_ID"),
        git_url=_git_url(environ, "CI_PROJECT_URL"),
        target=branch,
        head=_commit(environ, "CI_COMMIT_SHA"),
        head_ref=f"refs/heads/{branch}",
        base=names.commit_or_none(before, _variable(environ, before)),
        is_advisory=not (is_protected or _is_configured_elsewhere(environ)),
        **_server(environ),
    )


def _server(environ: Mapping[str, str]) -> dict[str, Any]:
    page = environ.get("CI_JOB_URL", "")
    return {
        "forge": "gitlab",
        "server": names.address("CI_SERVER_URL", _variable(environ, "CI_SERVER_URL")),
        "api": names.address("CI_API_V4_URL", _variable(environ, "CI_API_V4_URL")),
        "run_url": names.address("CI_JOB_URL", page) if page else "",
        # Set by a runner that is told of an authority of the server's own.
        "authorities": environ.get("CI_SERVER_TLS_CA_FILE", ""),
    }


def _project(environ: Mapping[str, str], variable: str) -> str:
    return str(names.number(variable, _variable(environ, variable)))


def _git_url(environ: Mapping[str, str], variable: str) -> str:
    return names.address(variable, _variable(environ, variable)) + ".git"


def _branch(environ: Mapping[str, str], variable: str) -> str:
    return names.branch(variable, _variable(environ, variable))


def _commit(environ: Mapping[str, str], variable: str) -> str:
    return names.commit(variable, _variable(environ, variable))


def _variable(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise InvalidEvent(name, "is not set", "GitLab CI sets it; do not clear the environment of the gate")
    return value
