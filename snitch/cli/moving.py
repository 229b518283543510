"""What `promote` and `rollback` do with a plan: they print its commands, or make its branch and ask for the merge."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable

from msgspec import Struct

from snitch.cli.guard import say
from snitch.cli.output import tell, tell_line
from snitch.escape import for_terminal
from snitch.forge.asking import Wanted, open_request
from snitch.forge.errors import ForgeError
from snitch.forge.hosting import Hosting, hosting_of, names_host
from snitch.forge.request import ForgeKind
from snitch.forge.token import Token, token_of, token_variables
from snitch.git.building import signs
from snitch.git.command import Git
from snitch.git.fetching import Login, Upstream
from snitch.lfs.login import forge_login, origin_of
from snitch.moving.branches import Branches
from snitch.moving.plan import NothingToMove, Plan
from snitch.moving.preparing import Prepared, prepare, standing_branch
from snitch.moving.script import script
from snitch.report.wording import counted

#: What GitHub takes, and GitLab nearly.
_LONGEST_TITLE = 250
#: What becomes of the request where a job opens it.
_NO_WORKFLOWS = (
    "GitHub starts no workflow for what is done with a job's own GITHUB_TOKEN: the gate will not run by itself. "
    "Give SNITCH_TOKEN, of an app or of a person, or close the request and open it again"
)


class Delivery(Struct, frozen=True):
    """How to go about it: print only, or with which forge."""

    dry_run: bool
    forge: ForgeKind | None


def deliver_plan(git: Git, plan: Plan, delivery: Delivery) -> int:
    """The exit code. With `dry_run` the commands go to stdout, and nothing is changed.

    Raises:
        Misuse: a branch of other content is in the way.
        GitError: the branch cannot be made, or its remote does not take it.
        ForgeError: the request cannot be opened; the branch has been pushed.
    """
    upstream = Upstream(git, plan.remote) if plan.remote is not None else None
    hosting = _hosting(upstream, delivery.forge)
    page = hosting.new_request(plan.branch, plan.target) if hosting is not None else None
    if delivery.dry_run:
        standing = standing_branch(git, plan)
        tell(script(plan, existing=standing.commit if standing else None, signs=signs(git), page=page))
        return 0
    _introduce(plan)
    prepared = prepare(git, plan)
    tell_line(f"{'made' if prepared.is_new else 'there already:'} the branch {plan.branch} at {prepared.commit}")
    token = _token(hosting)
    if upstream is None:
        tell_line(f"no remote, so nobody is asked: merge {plan.branch} into {plan.target} when the gate passes")
    elif hosting is None:
        _leave(plan, page, _no_forge(upstream))
    elif any(hosting_of(url, os.environ, delivery.forge) != hosting for url in upstream.push_urls):
        _leave(plan, None, f"what is pushed to {plan.remote} goes elsewhere")  # a fork's is asked for in other words
    elif token is None:
        _leave(plan, page, f"no token was given ({token_variables(hosting.forge)})")
    else:
        _ask(upstream, plan, prepared, hosting, token)
    tell_line(f"what the gate would say: snitch gate --target {_word(plan.target)} --head {_word(plan.branch)}")
    return 0


def _introduce(plan: Plan) -> None:
    tell_line(f"{plan.title} ({plan.target} has {plan.present or 'none'}): {counted(len(plan.edits), 'file')}")
    tell_line(plan.origin)
    for note in plan.notes:
        say(for_terminal(f"warning: {note}"), 0)


def _ask(upstream: Upstream, plan: Plan, prepared: Prepared, hosting: Hosting, token: Token) -> None:
    """Pushes the branch and opens the request."""
    login = _login(upstream, hosting, token)
    Upstream(upstream.git, upstream.name, login).push(prepared.commit, plan.branch)
    tell_line(f"pushed to {upstream.name}")
    wanted = Wanted(plan.branch, prepared.commit, plan.target, plan.title[:_LONGEST_TITLE], plan.body)
    try:
        opened = open_request(hosting, token, wanted)
    except ForgeError:
        tell_line(f"open the request by hand: {hosting.new_request(plan.branch, plan.target)}")
        raise
    tell_line(f"opened: {opened.url}")
    if os.environ.get("GITHUB_ACTIONS") == "true" and token.variable == "GITHUB_TOKEN":
        say(f"warning: {_NO_WORKFLOWS}", 0)


def _leave(plan: Plan, page: str | None, why: str) -> None:
    """Says what is left to do where the request is not opened from here."""
    assert plan.remote is not None  # or there is nobody to ask
    say(for_terminal(f"no request is opened: {why}"), 0)
    tell_line("left to do:")
    tell_line(f"  git push {_word(plan.remote)} {_word(f'refs/heads/{plan.branch}')}")
    tell_line(f"  ask for the merge of {plan.branch} into {plan.target}{f': {page}' if page else ''}")


def _no_forge(upstream: Upstream) -> str:
    """Why no forge is known; of a URL without a host nobody could name its kind."""
    if any(names_host(url) for url in upstream.urls):
        return "the remote is on no forge that is known here; --forge names its kind"
    return f"the URL of the remote {upstream.name} names no host, so there is no forge to ask"


def _hosting(upstream: Upstream | None, stated: ForgeKind | None) -> Hosting | None:
    """The forge of a remote, by its URL as it is written, or as git understands it."""
    urls = upstream.urls if upstream is not None else ()
    known = (hosting_of(url, os.environ, stated) for url in urls)
    return next((each for each in known if each is not None), None)


def _token(hosting: Hosting | None) -> Token | None:
    token = token_of(os.environ, hosting.forge) if hosting is not None else None
    return None if token is None or token.is_of_job else token


def _login(upstream: Upstream, hosting: Hosting, token: Token) -> Login | None:
    """For git, where it speaks to the forge itself over HTTP; else it has its own ways."""
    origin = origin_of(upstream.urls[-1])
    if origin is None or origin != origin_of(hosting.server):
        return None
    login = forge_login(hosting.forge, hosting.server, token.value)
    return Login(f"{hosting.server}/", f"Authorization: {login.authorization}")


def _word(text: str) -> str:
    return shlex.quote(text)


def plan_or_none(branches: Branches, make: Callable[[Branches], Plan]) -> Plan | None:
    """The plan; None where there is nothing to move, which is said. What could not be fetched is told, too."""
    try:
        return make(branches)
    except NothingToMove as reason:
        tell_line(str(reason))
        return None
    finally:
        for note in branches.notes:
            say(for_terminal(f"warning: {note}"), 0)
