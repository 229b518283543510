"""Who has approved what is asked for, as the forge tells it."""

from __future__ import annotations

from snitch.finding import Undecidable
from snitch.forge.client import Forge, RequestFacts
from snitch.forge.errors import ForgeError
from snitch.forge.request import ForgeKind, Request
from snitch.forge.token import token_variables
from snitch.gate import Approvals

#: Why a token may be missing though there is one.
_NOT_TOLD: dict[ForgeKind, str] = {"github": "", "gitlab": ": who has approved is not told to CI_JOB_TOKEN"}


def approvals_of(request: Request, forge: Forge | None) -> Approvals | Undecidable:
    """Who asks, and who has approved the very commit; or why nobody can tell.

    A merge queue's entry, and a push, have been approved as the requests were that they are made of: by those who have
    approved each of them.
    """
    if forge is None:
        help = f"set {token_variables(request.forge)}{_NOT_TOLD[request.forge]}"
        return Undecidable("no token was given to ask who has approved it", help=help)
    try:
        if request.event in ("merge_group", "merge_train", "push"):
            return _of_all(forge, _behind(forge, request))
        if request.number is None:
            return Undecidable("there is no request that anybody could have approved")
        return Approvals(request.author, forge.approvals(request.number, request.head))
    except ForgeError as error:
        return Undecidable(f"who has approved it cannot be known: {error.message}", help=error.advice)
    except Undecidable as reason:
        return reason.with_traceback(None)


def _behind(forge: Forge, request: Request) -> tuple[RequestFacts, ...]:
    """The requests that a commit was made of."""
    if request.number is not None:
        return (forge.request_of(request.number),)
    found = forge.requests_of(request.head)
    # One that is still open only happens to hold the commit.
    return tuple(each for each in found if not each.is_open and each.target == request.target)


def _of_all(forge: Forge, requests: tuple[RequestFacts, ...]) -> Approvals | Undecidable:
    if not requests:
        return Undecidable("the forge knows of no request that the commit came by", help="merge by pull requests")
    each = [_of(forge, facts) for facts in requests]
    author = requests[0].author if len(requests) == 1 else None
    return Approvals(author, frozenset.intersection(*each))


def _of(forge: Forge, facts: RequestFacts) -> frozenset[str]:
    """Who, other than the author, has approved a request."""
    author = (facts.author or "").casefold()
    return frozenset(user for user in forge.approvals(facts.number, facts.head) if user.casefold() != author)
