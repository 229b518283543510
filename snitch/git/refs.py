"""Names into commits, each resolved once. A branch is never confused with a tag of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snitch.git.errors import GitError

if TYPE_CHECKING:
    from datetime import datetime

    from snitch.git.command import Git


class Revision(NamedTuple):
    """A name and the commit that it meant: `ref` is the full ref name, or what was asked where that is no ref."""

    ref: str
    commit: str


def head(git: Git) -> str | None:
    """The commit that HEAD names; None on an unborn branch."""
    return git.layout.head


def current_branch(git: Git) -> str | None:
    """The branch that is checked out, unborn or not; None when HEAD is detached."""
    told = git.run(("symbolic-ref", "--quiet", "HEAD"), accept=(0, 1)).decode("utf-8", "surrogateescape").strip()
    return told.removeprefix("refs/heads/") if told.startswith("refs/heads/") else None


def branches(git: Git) -> list[str]:
    """The local branches' names, sorted by git."""
    return [name.removeprefix("refs/heads/") for name in _list(git, ("refs/heads/",))]


def remotes(git: Git) -> list[str]:
    """The remotes' names."""
    return git.run(("remote",)).decode("utf-8", "surrogateescape").splitlines()


def fetched_remotes(git: Git) -> list[str]:
    """The remotes of which some branch is here."""
    return [name for name in remotes(git) if _list(git, (f"refs/remotes/{name}/",))]


def is_partial(git: Git) -> bool:
    """Whether objects may be absent because the clone was filtered (`git clone --filter`)."""
    told = git.ask(("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"))
    return any(line.lower().split()[-1:] != ["false"] for line in told.out.decode("utf-8", "replace").splitlines())


def branch_tip(git: Git, branch: str, *, remote: str | None = "origin") -> Revision | None:
    """The branch's tip: `refs/remotes/<remote>/<branch>` where there is one, else `refs/heads/<branch>`, else None."""
    names = [f"refs/heads/{branch}"] if remote is None else [f"refs/remotes/{remote}/{branch}", f"refs/heads/{branch}"]
    return _first(git, names)


def resolve(git: Git, rev: str) -> Revision:
    """The commit that a person means by `rev`.

    That is a commit's id, HEAD, a branch (local, then remote), a full ref, a tag, or one of these and `~1` or the like.

    Raises:
        GitError: there is no such commit, or `rev` is not a revision at all.
    """
    if not rev or rev.startswith("-") or any(character in rev for character in "\0\n:"):
        raise GitError(f"{rev!r} is not a revision", "Name a branch, a tag or a commit")
    cut = min((rev.index(mark) for mark in ("~", "^", "@{") if mark in rev), default=len(rev))
    name, suffix = rev[:cut], rev[cut:]
    found = _first(git, _meanings(name)) if name and not suffix.startswith("@{") else None
    if found is None:
        return Revision(rev, _commit(git, rev, rev))
    commit = _commit(git, found.commit + suffix, rev)
    return Revision(found.ref + suffix, commit)


def merge_base(git: Git, one: str, other: str) -> str | None:
    """The best common ancestor of two commits; None where there is none here. In a shallow clone (`is_shallow` of the
    layout) None only means that the history known here does not reach one.
    """
    told = git.run(("merge-base", one, other), accept=(0, 1)).decode().split()
    return told[0] if told else None


def merge_bases(git: Git, one: str, other: str) -> list[str]:
    """All best common ancestors of two commits, of which a merge is made."""
    return git.run(("merge-base", "--all", one, other), accept=(0, 1)).decode().split()


def has_merges(git: Git, base: str, head: str) -> bool:
    """Whether a merge commit is among those that `head` has and `base` has not; those beyond a cut are not seen."""
    return bool(git.run(("rev-list", "--merges", "--max-count=1", head, f"^{base}", "--")))


def committed_at(git: Git, commit: str) -> datetime | None:
    """When a commit was made, in UTC, by its committer's clock; None where that is not a moment a calendar knows."""
    from datetime import datetime, timezone

    raw = git.run(("cat-file", "commit", commit))
    for line in raw.partition(b"\n\n")[0].split(b"\n"):
        if line.startswith(b"committer "):
            try:
                return datetime.fromtimestamp(int(line.split()[-2]), timezone.utc)
            except (ValueError, OverflowError, OSError, IndexError):
                return None
    return None


def _meanings(name: str) -> list[str]:
    """The full refs that a short name may mean, branches before tags."""
    if name == "HEAD" or _is_object_id(name):
        return []
    full = [name] if name.startswith("refs/") else []
    return [*full, *(f"refs/{kind}/{name}" for kind in ("heads", "remotes", "tags"))]


def _is_object_id(name: str) -> bool:
    return len(name) in (40, 64) and all(character in "0123456789abcdef" for character in name)


def _first(git: Git, names: list[str]) -> Revision | None:
    """The first of these refs that exists, by its exact name: git's own search would also find tags of odd names."""
    wanted = [name for name in names if not any(character in name for character in "*?[\\ \n\0")]
    tips = _list(git, wanted) if wanted else {}
    ref = next((name for name in wanted if name in tips), None)
    if ref is None:
        return None
    # A branch names a commit, always; anything else is asked.
    is_branch = ref.startswith(("refs/heads/", "refs/remotes/"))
    return Revision(ref, tips[ref] if is_branch else _commit(git, tips[ref], ref))


def _list(git: Git, patterns: tuple[str, ...] | list[str]) -> dict[str, str]:
    """Refs below or named by the patterns, with the object each names."""
    told = git.run(("for-each-ref", "--format=%(objectname) %(refname)", "--", *patterns))
    lines = told.decode("utf-8", "surrogateescape").splitlines()
    return {name: oid for oid, _, name in (line.partition(" ") for line in lines)}


def _commit(git: Git, expression: str, asked: str) -> str:
    told = git.ask(("rev-parse", "--quiet", "--verify", expression + "^{commit}"))
    commit = told.out.decode().strip()
    if told.status == 0 and commit:
        return commit
    if told.status == 1:
        raise GitError(f"there is no commit {asked!r} in {git.directory}", "`git fetch` it, or name another")
    raise git.failure("rev-parse", told)
