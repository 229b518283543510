"""A proposal that somebody names by branches and commits of a clone, where no forge is asked."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from snitch.checking.commits import Misuse, environment_of
from snitch.finding import Undecidable
from snitch.gate import Approvals
from snitch.gating.proposal import Proposal, policy_on
from snitch.git.absence import how_to_have, surroundings
from snitch.git.errors import AbsentObject
from snitch.git.fetching import Upstream
from snitch.git.refs import Revision, branch_tip, merge_bases, resolve


class Named(Struct, frozen=True, kw_only=True):
    """What somebody names: a branch, and revisions (`base` None: the branch's tip as it was fetched last)."""

    target: str
    head: str = "HEAD"
    base: str | None = None
    author: str | None = None
    approved_by: tuple[str, ...] = ()

    @property
    def approvals(self) -> Approvals | Undecidable:
        """Who approves, as the caller says; without the author nobody knows whose approval is none."""
        if self.author is None:
            return Undecidable(
                "nobody said who has approved the change",
                help="name its author with `--author`, and who has approved it with `--approved-by`",
            )
        return Approvals(login(self.author), frozenset(map(login, self.approved_by)))


def login(text: str) -> str:
    """A user's name as a forge knows it: `@ada` is ada, and an empty variable of a CI is nobody.

    Raises:
        Misuse: it can be nobody's.
    """
    name = text.strip().removeprefix("@")
    if not re.fullmatch(r"[^\s,;@]+(@[^\s,;@]+)?", name):
        raise Misuse(f"`{text}` is no user's name: --author and --approved-by take one each, such as `ada`")
    return name


def propose(named: Named, upstream: Upstream, moment: datetime, *, judge_all: bool = False) -> Proposal:
    """The merge of what is named, in the clone of `upstream`, which is brought what it lacks where that can be had.

    Raises:
        GitError: a name means no commit.
        Undecidable: the target branch is not to be had.
        InvalidPolicy: the policy on it cannot be used.
    """
    git = upstream.git
    if named.target.startswith("refs/heads/"):
        named = replace(named, target=named.target.removeprefix("refs/heads/"))
    if named.head == "HEAD" and not git.has_work_tree:
        raise Misuse("a bare repository has nothing checked out that could be meant: name what is to be merged, --head")
    head = resolve(git, named.head)
    tip = resolve(git, named.base) if named.base is not None else _tip(upstream, named.target)
    _make_whole(upstream, tip, head)
    policy = policy_on(git, tip)
    if named.base is None and policy.remote != upstream.name:
        upstream = Upstream(git, policy.remote)
        tip = _tip(upstream, named.target)
        _make_whole(upstream, tip, head)
        policy = policy_on(git, tip)
    for branch in policy.sources(environment_of(policy, named.target)):
        _brought(upstream, branch)
    is_deployed = policy.deployed_branch == named.target
    deployed = tip if is_deployed else _brought(upstream, policy.deployed_branch)
    if deployed is not None:
        _make_whole(upstream, deployed)
    return Proposal(
        target=named.target, base=tip, tip=tip, head=head, deployed=deployed, moment=moment, judge_all=judge_all
    )


def _tip(upstream: Upstream, branch: str) -> Revision:
    tip = _brought(upstream, branch)
    if tip is None:
        reason = f"the target branch `{branch}` is not in this clone"
        remote, _, rest = branch.partition("/")
        if remote == upstream.name and rest and branch_tip(upstream.git, rest, remote=remote) is not None:
            raise Undecidable(reason, help=f"name the branch without `{remote}/`: `--target {rest}`")
        raise Undecidable(reason, help=how_to_have(branch, upstream.name, surroundings(upstream.git)))
    return tip


def _brought(upstream: Upstream, branch: str) -> Revision | None:
    """A branch's tip, fetched where the clone does not have it; None where it cannot be had."""
    tip = branch_tip(upstream.git, branch, remote=upstream.name)
    if tip is None and upstream.is_there:
        with suppress(AbsentObject):
            upstream.branch(branch)
        tip = branch_tip(upstream.git, branch, remote=upstream.name)
    return tip


def _make_whole(upstream: Upstream, *revisions: Revision) -> None:
    """Brings what a poor clone lacks of these, as far as its remote can be reached. Who needs the rest tells of it."""
    git = upstream.git
    if not upstream.is_there:
        return
    with suppress(AbsentObject):
        if git.layout.is_shallow:
            upstream.fetch()
        if upstream.is_filtered:
            commits = [each.commit for each in revisions]
            upstream.complete([*commits, *(merge_bases(git, *commits) if len(commits) == 2 else ())])
