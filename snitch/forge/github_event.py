"""A request as GitHub Actions tells of it: the default variables of a run, and the webhook's payload in a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from snitch.forge import names
from snitch.forge.event_file import EventObject, read_event
from snitch.forge.request import InvalidEvent, Request, UnresolvedRequest

_DEPENDABOT = "dependabot[bot]"

#: Which of a request's events run a workflow file that lies in the request itself, with a token that can only read
#: where the request is from a fork.
_OF_THE_HEAD = frozenset({"pull_request", "pull_request_review"})


class _Run(NamedTuple):
    """What the variables say, whatever the event."""

    event: str
    repository: str
    server: str
    api: str
    run_url: str
    by_dependabot: bool
    #: Whether the workflow's file lies in another repository, as one that an organization requires does.
    is_foreign_workflow: bool

    def fields(self) -> dict[str, Any]:
        """Those of a request that do not depend on the event."""
        return {
            "forge": "github",
            "event": self.event,
            "repository": self.repository,
            "server": self.server,
            "api": self.api,
            "git_url": f"{self.server}/{self.repository}.git",
            "run_url": self.run_url,
        }


def is_github(environ: Mapping[str, str]) -> bool:
    """Whether GitHub Actions runs this, here or on a server of one's own."""
    return environ.get("GITHUB_ACTIONS") == "true"


def github_request(environ: Mapping[str, str], read: Callable[[str], bytes]) -> Request | UnresolvedRequest | None:
    """What GitHub Actions asks to be judged; None where nothing is to be merged: a tag, a deletion.

    `read` gives a file's content.

    Raises:
        InvalidEvent: a variable or the event file is not what it should be, or no such event is about merging.
    """
    run = _run(environ)
    handle = _EVENTS.get(run.event)
    if handle is None:
        works = ", ".join(_EVENTS)
        help = f"Run the gate on one of {works}; or name commits with --base, --head and --target"
        raise InvalidEvent("GITHUB_EVENT_NAME", f"`{run.event}` is not about merging", help)
    path = _variable(environ, "GITHUB_EVENT_PATH")
    try:
        content = read(path)
    except (OSError, ValueError) as error:
        raise InvalidEvent("GITHUB_EVENT_PATH", f"{path!r} cannot be read: {error}") from None
    return handle(run, read_event("GITHUB_EVENT_PATH", content))


def _run(environ: Mapping[str, str]) -> _Run:
    repository = names.repository("GITHUB_REPOSITORY", _variable(environ, "GITHUB_REPOSITORY"))
    # No defaults: on a server of one's own they would send the token to another.
    server = names.address("GITHUB_SERVER_URL", _variable(environ, "GITHUB_SERVER_URL"))
    workflow = environ.get("GITHUB_WORKFLOW_REF", "")
    return _Run(
        event=_variable(environ, "GITHUB_EVENT_NAME"),
        repository=repository,
        server=server,
        api=names.address("GITHUB_API_URL", _variable(environ, "GITHUB_API_URL")),
        run_url=f"{server}/{repository}/actions/runs/{_page(environ)}" if environ.get("GITHUB_RUN_ID") else "",
        by_dependabot=environ.get("GITHUB_ACTOR") == _DEPENDABOT,
        is_foreign_workflow=bool(workflow) and not workflow.lower().startswith(f"{repository.lower()}/"),
    )


def _page(environ: Mapping[str, str]) -> str:
    """The run and which attempt at it this is: a job that is repeated has the run's number once more."""
    run = names.number("GITHUB_RUN_ID", environ["GITHUB_RUN_ID"])
    attempt = environ.get("GITHUB_RUN_ATTEMPT", "")
    return f"{run}/attempts/{names.number('GITHUB_RUN_ATTEMPT', attempt)}" if attempt else str(run)


def _variable(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise InvalidEvent(name, "is not set", "GitHub Actions sets it; do not clear the environment of the gate")
    return value


def _pull_request(run: _Run, event: EventObject) -> Request:
    request = event.object("pull_request")
    head, base = request.object("head"), request.object("base")
    target = base.object("repo")
    _same_repository(run, target)
    source = head.object_or_none("repo")
    is_fork = source is None or source.text("full_name").lower() != target.text("full_name").lower()
    number = request.number("number")
    author = request.object_or_none("user")
    in_the_head = run.event in _OF_THE_HEAD
    return Request(
        target=names.branch(base.where("ref"), base.text("ref")),
        # GITHUB_SHA is a merge commit that nobody else knows; base.sha stays what it was when the request was opened.
        head=names.commit(head.where("sha"), head.text("sha")),
        head_ref=f"refs/pull/{number}/head",
        number=number,
        author=None if author is None else author.text("login"),
        is_advisory=in_the_head and not run.is_foreign_workflow,
        is_read_only=in_the_head and (is_fork or run.by_dependabot),
        **run.fields(),
    )


def _same_repository(run: _Run, repository: EventObject) -> None:
    told = repository.text("full_name")
    if told.lower() != run.repository.lower():
        raise InvalidEvent(repository.where("full_name"), f"{told!r} is not GITHUB_REPOSITORY, {run.repository!r}")


def _merge_group(run: _Run, event: EventObject) -> Request | None:
    """An entry of a merge queue: `base_sha` is what the entries before it will have made of the target."""
    _same_repository(run, event.object("repository"))
    if event.text("action") != "checks_requested":
        return None
    group = event.object("merge_group")
    target = names.branch_of_ref(group.where("base_ref"), group.text("base_ref"))
    ref = group.text("head_ref")
    if target is None or names.branch_of_ref(group.where("head_ref"), ref) is None:
        raise InvalidEvent(group.where("base_ref" if target is None else "head_ref"), "is not the full ref of a branch")
    # The queue's branch bears the number of the entry's own request, which those before it are not.
    entry = re.fullmatch(rf"refs/heads/gh-readonly-queue/{re.escape(target)}/pr-([1-9][0-9]{{0,17}})-[0-9a-f]+", ref)
    return Request(
        target=target,
        head=names.commit(group.where("head_sha"), group.text("head_sha")),
        head_ref=ref,
        base=names.commit(group.where("base_sha"), group.text("base_sha")),
        number=int(entry[1]) if entry else None,
        **run.fields(),
    )


def _push(run: _Run, event: EventObject) -> Request | None:
    _same_repository(run, event.object("repository"))
    ref = event.text("ref")
    target = names.branch_of_ref(event.where("ref"), ref)
    head = names.commit_or_none(event.where("after"), event.text("after"))
    base = names.commit_or_none(event.where("before"), event.text("before"))
    if target is None or head is None or event.flag_or_false("deleted"):
        return None
    return Request(
        target=target,
        head=head,
        head_ref=ref,
        base=base,
        # The workflow is the one that was pushed.
        is_advisory=not run.is_foreign_workflow,
        **run.fields(),
    )


def _workflow_run(run: _Run, event: EventObject) -> UnresolvedRequest | None:
    """The run of another workflow, which a request set off; its `pull_requests` may be those of other repositories."""
    repository = event.object("repository")
    _same_repository(run, repository)
    other = event.object("workflow_run")
    if other.text("event") not in (*_OF_THE_HEAD, "pull_request_target"):
        return None
    source = other.object_or_none("head_repository")
    ours = repository.number("id")
    named = other.objects("pull_requests")
    return UnresolvedRequest(
        head=names.commit(other.where("head_sha"), other.text("head_sha")),
        head_branch=names.branch(other.where("head_branch"), other.text("head_branch")),
        head_repository=None if source is None else _full_name(source),
        numbers=tuple(each.number("number") for each in named if _base_id(each) == ours),
        **run.fields(),
    )


def _full_name(repository: EventObject) -> str:
    return names.repository(repository.where("full_name"), repository.text("full_name"))


def _base_id(request: EventObject) -> int:
    return request.object("base").object("repo").number("id")


_EVENTS: dict[str, Callable[[_Run, EventObject], Request | UnresolvedRequest | None]] = {
    "pull_request_target": _pull_request,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request,
    "merge_group": _merge_group,
    "push": _push,
    "workflow_run": _workflow_run,
}
