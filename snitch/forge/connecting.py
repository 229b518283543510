"""The forge of a request."""

from __future__ import annotations

from snitch.forge.client import Forge
from snitch.forge.request import Request, UnresolvedRequest
from snitch.forge.token import Token


def connect(request: Request | UnresolvedRequest, token: Token) -> Forge:
    """The repository of a request on its forge, asked with a token. Nothing is asked yet.

    Raises:
        ForgeError: the forge cannot have such a repository.
    """
    if request.forge == "github":
        from snitch.forge.github import GitHub

        return GitHub(request, token.value)
    from snitch.forge.gitlab import GitLab

    return GitLab(request, token)
