"""A branch that is not in a clone: how it comes there, in words for whoever misses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.git.refs import branches, current_branch, fetched_remotes, remotes
from snitch.layout import POLICY

if TYPE_CHECKING:
    from snitch.git.command import Git


class Surroundings(Struct, frozen=True):
    """What a clone has of remotes and local branches; `current` is the branch that HEAD names, unborn or not.

    `fetched` are the remotes of which it has any branch: without one, a remote may well be empty.
    """

    remotes: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    current: str | None = None
    fetched: tuple[str, ...] = ()

    @property
    def likeliest(self) -> str | None:
        """The branch that may be meant where another name was looked for."""
        if len(self.branches) == 1:
            return self.branches[0]
        return "master" if "master" in self.branches else None


def surroundings(git: Git) -> Surroundings:
    """What the clone has. Asks git a few times: for those who miss a branch.

    Raises:
        GitError: the repository cannot be read.
    """
    return Surroundings(tuple(remotes(git)), tuple(branches(git)), current_branch(git), tuple(fetched_remotes(git)))


def how_to_have(branch: str, remote: str, around: Surroundings) -> str:
    """The command that brings a branch of an environment, and what else its absence may mean."""
    fetch = f"`{_fetch(branch, remote)}`, or name your branch under `environments` in {POLICY}"
    if remote in around.remotes and remote not in around.fetched:
        begin = f"`git branch {branch}`" if around.branches else _first_commit(branch, around)
        push = f"{begin}, then `git push -u {remote} {branch}`"
        return f"if {remote} is still empty, begin with {branch}: {push}; else {fetch}"
    if remote in around.remotes:
        return fetch
    if around.remotes:
        return f"there is no remote `{remote}`: write `remote: {around.remotes[0]}` into {POLICY}"
    if not around.branches:
        return _first_commit(branch, around)
    other = f"`{around.likeliest}`" if around.likeliest else "your branch"
    return f"`git branch {branch}` creates it; or name {other} in its place under `environments` in {POLICY}"


def _first_commit(branch: str, around: Surroundings) -> str:
    begin = "" if around.current == branch else f"`git branch -m {branch}`, and "
    return f"{begin}make the first commit"


def _fetch(branch: str, remote: str) -> str:
    """Brings a remote's branch to where it is looked for, even in a clone of a single branch."""
    return f"git fetch {remote} {branch}:refs/remotes/{remote}/{branch}"
