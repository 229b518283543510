"""Where a repository lies and what kind it is."""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from snitch.git.errors import GitError, explain
from snitch.git.questions import KIND, LAYOUT

if TYPE_CHECKING:
    from snitch.git.command import Git


class Layout(NamedTuple):
    """Where a repository lies and what it is. Paths are absolute; `top_level` is None without a work tree."""

    top_level: str | None
    git_dir: str
    common_dir: str
    is_bare: bool
    is_shallow: bool
    object_format: str
    #: The commit that HEAD names; None on an unborn branch.
    head: str | None


def read_layout(git: Git) -> Layout:
    """One git call."""
    answer = git.ask(LAYOUT)
    lines = os.fsdecode(answer.out).splitlines() if os.name == "nt" else os.fsdecode(answer.out).split("\n")[:-1]
    has_work_tree = answer.status == 0
    if len(lines) < len(KIND) or not (has_work_tree or "must be run in a work tree" in answer.err):
        raise git.failure("rev-parse", answer)
    if not has_work_tree:
        lines += ["", *git.run(("rev-parse", "--revs-only", "HEAD^{commit}")).decode().split()]
    if len(lines) > len(KIND) + 2:
        raise GitError(f"the path of the repository at {git.directory!r} contains a line break", "Rename the folder")
    bare, shallow, object_format, git_dir, common_dir, top_level, head = (*lines, None)[:7]
    if head is None:
        _refuse_broken_head(git)
    return Layout(
        top_level=os.path.normpath(top_level) if top_level else None,
        git_dir=os.path.normpath(os.path.join(git.directory, git_dir or "")),
        common_dir=os.path.normpath(os.path.join(git.directory, common_dir or "")),
        is_bare=bare == "true",
        is_shallow=shallow == "true",
        object_format=object_format or "",
        head=head,
    )


def _refuse_broken_head(git: Git) -> None:
    """A HEAD whose commit is not here is not an unborn branch: taken for one, there is nothing to compare with."""
    named = git.ask(("rev-parse", "--quiet", "--verify", "HEAD"))
    if named.status == 0:
        raise explain("rev-parse", f"missing {named.out.decode().strip()}", git.directory)
