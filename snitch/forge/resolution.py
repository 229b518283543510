"""The request as the forge knows it now: an event is as old as the run that it set off, or as the run before that."""

from __future__ import annotations

from msgspec.structs import replace

from snitch.forge.client import Forge, RequestFacts
from snitch.forge.errors import ForgeError
from snitch.forge.request import Asked, Request, UnresolvedRequest

#: The events of which the forge knows more now than they say; in the others a number is no more than a hint.
_ABOUT_ONE = frozenset({"pull_request_target", "pull_request", "pull_request_review", "merge_request", "merge_train"})


def resolve(asked: Request | UnresolvedRequest, forge: Forge) -> Request:
    """The request with its author as the forge knows them now; `head` and `target` stay those that the run is for.

    Raises:
        ForgeError: the forge cannot be asked, knows no such request or more than one, or the request has been pointed
            at another branch since.
    """
    if isinstance(asked, UnresolvedRequest):
        return _found(asked, forge)
    if asked.number is None or asked.event not in _ABOUT_ONE:
        return asked
    now = forge.request_of(asked.number)
    if now.target != asked.target:
        # The check that is required is named after the branch of the event: it must not speak of another.
        raise ForgeError(
            f"request {now.number} is now to be merged into {now.target}; this run is about {asked.target}",
            "Let the forge start a new one",
        )
    return replace(asked, author=now.author)


def _found(asked: UnresolvedRequest, forge: Forge) -> Request:
    matching = {each.number: each for each in _candidates(asked, forge) if each.head == asked.head and each.is_open}
    if not matching:
        source = f"{asked.head_repository or 'a deleted repository'}, branch {asked.head_branch}"
        raise ForgeError(
            f"no open request has {asked.head} of {source} as its newest commit",
            "It was closed, merged, or pushed to since",
            kind="absent",
        )
    if len(matching) > 1:
        numbers = " and ".join(str(number) for number in sorted(matching))
        raise ForgeError(
            f"the requests {numbers} ask for the same commit of branch {asked.head_branch}",
            "Close all but one, or judge each with --base, --head and --target",
        )
    ((number, facts),) = matching.items()
    return Request(
        **{field: getattr(asked, field) for field in Asked.__struct_fields__},
        target=facts.target,
        head_ref=f"refs/pull/{number}/head" if asked.forge == "github" else f"refs/merge-requests/{number}/head",
        number=number,
        author=facts.author,
    )


def _candidates(asked: UnresolvedRequest, forge: Forge) -> list[RequestFacts]:
    """Those that the event names, and those from the branch: it names none for forks."""
    named = [forge.request_of(number) for number in asked.numbers]
    if named or asked.head_repository is None:
        return named
    return list(forge.requests_from(asked.head_repository, asked.head_branch))
