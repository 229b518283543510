"""Asks for a merge: opens a pull or merge request for a branch that has been pushed."""

from __future__ import annotations

from msgspec import Struct

from snitch.forge.client import OpenedRequest
from snitch.forge.hosting import Hosting
from snitch.forge.patience import PATIENCE, Patience
from snitch.forge.request import Request
from snitch.forge.token import Token


class Wanted(Struct, frozen=True):
    """What to ask for: to merge the branch `source`, at `commit`, into the branch `target`."""

    source: str
    commit: str
    target: str
    title: str
    body: str


def open_request(hosting: Hosting, token: Token, wanted: Wanted, patience: Patience = PATIENCE) -> OpenedRequest:
    """The request, opened; one that is open for these branches already is handed back as it is.

    Raises:
        ForgeError: the forge cannot be asked, or does not do it.
    """
    if hosting.forge == "github":
        from snitch.forge.github import GitHub

        github = GitHub(_request(hosting, wanted, hosting.path), token.value, patience)
        return github.open_request(wanted.source, wanted.target, wanted.title, wanted.body)
    from snitch.forge.gitlab import GitLab, project_of

    number = project_of(hosting.api, hosting.path, token, patience)
    gitlab = GitLab(_request(hosting, wanted, str(number)), token, patience)
    return gitlab.open_request(wanted.source, wanted.target, wanted.title, wanted.body)


def _request(hosting: Hosting, wanted: Wanted, repository: str) -> Request:
    """As a CI would tell of it."""
    return Request(
        forge=hosting.forge,
        event="push",
        repository=repository,
        server=hosting.server,
        api=hosting.api,
        git_url=f"{hosting.server}/{hosting.path}.git",
        target=wanted.target,
        head=wanted.commit,
        head_ref=f"refs/heads/{wanted.source}",
    )
