"""Makes the branch that a plan asks for, or finds it made already."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from snitch.checking.commits import Misuse
from snitch.git.building import build_tree, create_branch, is_branch_name, make_commit, write_blob
from snitch.git.changes import raw_differences
from snitch.git.command import Git
from snitch.git.refs import Revision, branch_tip, committed_at, current_branch, merge_base
from snitch.git.snapshots import entry_of
from snitch.moving.plan import Plan
from snitch.snapshot import Entry

_ABSENT = "000000"


class Prepared(NamedTuple):
    """The commit that a branch is at, and whether it was just made."""

    commit: str
    is_new: bool


def prepare(git: Git, plan: Plan) -> Prepared:
    """The local branch of a plan, at a commit on top of the target's tip; one that asks for the same is left as it is.

    Nothing else of the repository changes: no other branch, not HEAD, the index or the work tree.

    Raises:
        Misuse: there is a branch of that name with other content, or it can be none's.
        GitError: git does not know who commits, or the branch cannot be made.
    """
    existing = standing_branch(git, plan)
    if existing is not None and existing.ref.startswith("refs/heads/"):
        return Prepared(existing.commit, False)
    commit = existing.commit if existing is not None else _committed(git, plan)
    create_branch(git, plan.branch, commit)
    return Prepared(commit, existing is None)


def standing_branch(git: Git, plan: Plan) -> Revision | None:
    """The plan's branch, here or as it was last seen on the remote, where that asks for the same; None without any.

    Raises:
        Misuse: it asks for something else, or nothing can be called so.
    """
    if not is_branch_name(git, plan.branch):
        raise Misuse(f"no branch can be called `{plan.branch}`; name one with --branch")
    found = _branch(git, plan.branch, plan.remote)
    if found is None or _asks_the_same(git, plan, found.commit):
        return found
    way_out = "choose another with --branch"
    if _is_own(git, plan, found.commit) and current_branch(git) != plan.branch:
        way_out = f"delete it with {_deletion(plan, found)}, or {way_out}"
    raise Misuse(f"there is a branch `{plan.branch}` already, at {found.commit[:12]}, of other content; {way_out}")


def _is_own(git: Git, plan: Plan, commit: str) -> bool:
    """Whether a commit was made for such a plan. What else is on a branch is somebody's work, not to be thrown away."""
    told = git.run(("log", "-1", "--format=%P%n%s", commit, "--")).decode("utf-8", "replace")
    parents, _, subject = told.rstrip("\n").partition("\n")
    return len(parents.split()) == 1 and subject == plan.title


def _deletion(plan: Plan, found: Revision) -> str:
    if found.ref.startswith("refs/remotes/"):
        return f"`git push {plan.remote} --delete {plan.branch}`"
    return f"`git branch -D {plan.branch}`"


def made_on(git: Git, branch: str, remote: str | None) -> date | None:
    """The day (UTC) on which the newest commit of a branch was made; None where there is no such branch."""
    found = _branch(git, branch, remote)
    moment = committed_at(git, found.commit) if found is not None else None
    return None if moment is None else moment.date()


def _branch(git: Git, name: str, remote: str | None) -> Revision | None:
    """The local branch, else the remote's."""
    return branch_tip(git, name, remote=None) or (branch_tip(git, name, remote=remote) if remote else None)


def _asks_the_same(git: Git, plan: Plan, commit: str) -> bool:
    """Whether merging a commit would make of the target just what the plan does."""
    base = merge_base(git, plan.tip, commit)
    if base is None:
        return False
    found: dict[str, Entry | None] = {}
    for head, path in raw_differences(git, base, commit):
        _, mode, _, oid, _ = head[1:].split(" ")
        found[path] = None if mode == _ABSENT else entry_of(mode, oid)
    return found == dict(plan.edits)


def _committed(git: Git, plan: Plan) -> str:
    for file in plan.made:
        oid = write_blob(git, file.content)
        assert oid == file.entry.oid
    return make_commit(git, build_tree(git, plan.tip, plan.edits), plan.tip, plan.message)
