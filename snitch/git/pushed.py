"""What a push would send, as told to its hook."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snitch.git.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snitch.git.command import Git


class Pushed(NamedTuple):
    """A commit on its way to a ref of the remote."""

    commit: str
    local_ref: str
    remote_ref: str


def pushed_by_pre_commit(git: Git, environment: Mapping[str, str]) -> list[Pushed] | None:
    """What pre-commit hands on in `PRE_COMMIT_*`: the first pushed ref that is not a deletion, and no other.

    On a first push that includes the root it names no commits, only the branches. None where pre-commit was not run by
    a push (`pre-commit run --hook-stage pre-push`).
    """
    commit = environment.get("PRE_COMMIT_TO_REF", "")
    local = environment.get("PRE_COMMIT_LOCAL_BRANCH", "")
    remote = environment.get("PRE_COMMIT_REMOTE_BRANCH", "")
    if not (commit or local):
        return None
    peeled = _commit(git, commit or local)
    return [] if peeled is None else [Pushed(peeled, local or commit, remote)]


def pushed_by_git(git: Git, lines: bytes) -> list[Pushed]:
    """What git writes to the hook's standard input: `<local ref> <local oid> <remote ref> <remote oid>` a line.

    A deletion pushes nothing; neither does a tag of something that is not a commit.

    Raises:
        GitError: a line is something else, or a commit cannot be read.
    """
    pushed = []
    for line in lines.decode("utf-8", "surrogateescape").splitlines():
        # The local ref is what was typed, and may hold spaces (`HEAD@{1 day ago}`); the others cannot.
        parts = line.rsplit(" ", 3)
        if len(parts) != 4:
            raise GitError(f"the push hook was told {line!r}", "It is to be run by `git push`, as its pre-push hook")
        local_ref, oid, remote_ref, _ = parts
        commit = None if set(oid) == {"0"} else _commit(git, oid)
        if commit is not None:
            pushed.append(Pushed(commit, local_ref, remote_ref))
    return pushed


def _commit(git: Git, name: str) -> str | None:
    """The commit that is pushed; None for a tag of something else."""
    if name.startswith("-"):
        raise GitError(f"{name!r} is not a revision", "It is to be run by `git push`, as its pre-push hook")
    told = git.ask(("rev-parse", "--quiet", "--verify", name + "^{commit}"))
    if told.status == 0:
        return told.out.decode().strip()
    if git.ask(("rev-parse", "--quiet", "--verify", name + "^{object}")).status == 0:
        return None
    raise GitError(f"the pushed commit {name} cannot be read", "`git fsck` says what is broken")
