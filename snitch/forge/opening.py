"""The client for the forge that a request is on."""

from __future__ import annotations

from snitch.forge.client import Forge
from snitch.forge.errors import ForgeError
from snitch.forge.patience import PATIENCE, Patience
from snitch.forge.request import Request, UnresolvedRequest
from snitch.forge.token import Token

_GIVE_TOKEN = {
    "github": "Give the step `env: GITHUB_TOKEN: ${{ github.token }}`",
    "gitlab": "Set `GITLAB_TOKEN`, masked, to a token of the project with the role Developer and the scope `api`",
}


def forge_of(asked: Request | UnresolvedRequest, token: Token | None, patience: Patience = PATIENCE) -> Forge:
    """A client, whose budget begins now. With an UnresolvedRequest it is there to ask, not to set a status.

    Raises:
        ForgeError: there is no token, or one that cannot be.
    """
    if token is None:
        raise ForgeError("there is no token to ask the forge with", _GIVE_TOKEN[asked.forge], kind="unauthorized")
    request = asked if isinstance(asked, Request) else _provisional(asked)
    if request.forge == "github":
        from snitch.forge.github import GitHub

        return GitHub(request, token.value, patience)
    from snitch.forge.gitlab import GitLab

    return GitLab(request, token, patience)


def _provisional(asked: UnresolvedRequest) -> Request:
    """What is known, and no target."""
    return Request(
        forge=asked.forge,
        event=asked.event,
        repository=asked.repository,
        server=asked.server,
        api=asked.api,
        git_url=asked.git_url,
        target="",
        head=asked.head,
        head_ref="",
        run_url=asked.run_url,
    )
