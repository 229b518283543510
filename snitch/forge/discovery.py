"""From a CI's own variables to the request that its run is to judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from snitch.documents.problems import MAX_BYTES
from snitch.forge.github_event import github_request, is_github
from snitch.forge.gitlab_event import gitlab_request, is_gitlab
from snitch.forge.request import Request, UnresolvedRequest


def read_file(path: str) -> bytes:
    """A file's content, of one that is too large for an event only as much as tells so.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


def find_request(
    environ: Mapping[str, str], read: Callable[[str], bytes] = read_file
) -> Request | UnresolvedRequest | None:
    """The request, as GitHub Actions or GitLab CI tells of it.

    None where neither of them runs this, and where nothing is to be merged: a pushed tag, a deleted branch, a schedule.
    An UnresolvedRequest is for `snitch.forge.resolution.resolve` to complete.

    Raises:
        InvalidEvent: a variable or the event file is not what it should be.
    """
    if is_github(environ):
        return github_request(environ, read)
    return gitlab_request(environ) if is_gitlab(environ) else None
