"""A branch that is not in a clone: how it comes there, in words for whoever misses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.git.refs import branches, current_branch, remotes
from snitch.layout import POLICY

if TYPE_CHECKING:
    from snitch.git.command import Git


class Surroundings(Struct, frozen=True):
    """What a clone has of remotes and local branches; `current` is the branch that HEAD names, unborn or not."""

    remotes: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    current: str | None = None

    @property
    def likeliest(self) -> str | None:
        """The branch that may be meant where another name was looked for."""
        if len(self.branches) == 1:
            return self.branches[0]
        return "master" if "master" in self.branches else None


def surroundings(git: Git) -> Surroundings:
    """What the clone has. Asks git three times: for those who miss a branch.

    Raises:
        GitError: the repository cannot be read.
    """
    return Surroundings(tuple(remotes(git)), tuple(branches(git)), current_branch(git))


def how_to_have(branch: str, remote: str, around: Surroundings) -> str:
    """The command that brings a branch of an environment, and what else its absence may mean."""
    if remote in around.remotes:
        return f"`{_fetch(branch, remote)}`, or name your branch under `environments` in {POLICY}"
    if around.remotes:
        return f"there is no remote `{remote}`: write `remote: {around.remotes[0]}` into {POLICY}"
    if not around.branches:
        begin = "" if around.current == branch else f"`git branch -m {branch}`, and "
        return f"{begin}make the first commit"
    other = f"`{around.likeliest}`" if around.likeliest else "your branch"
    return f"`git branch {branch}` creates it; or name {other} in its place under `environments` in {POLICY}"


def _fetch(branch: str, remote: str) -> str:
    """Brings a remote's branch to where it is looked for, even in a clone of a single branch."""
    return f"git fetch {remote} {branch}:refs/remotes/{remote}/{branch}"
