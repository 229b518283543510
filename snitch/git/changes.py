"""Which paths differ between a base and a candidate."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; see `snitch.git.command`
if TYPE_CHECKING:
    from snitch.git.command import Git
    from snitch.snapshot import Snapshot

#: Submodules' own ignore settings must not hide a change, and nothing of the repository may run.
_DIFF = ("-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative")


def staged_paths(git: Git) -> set[str]:
    """The paths that the next commit would change: one git call, except on an unborn branch."""
    told = git.ask(("diff-index", "--cached", *_DIFF, "--ignore-submodules=none", "HEAD", "--"))
    if told.status == 0:
        return _paths(told.out)
    return _staged_against(git, git.layout.head)


def changed_paths(git: Git, base: str | None, candidate: Snapshot) -> set[str]:
    """The paths that differ between `base`, the id of a commit or a tree (None: nothing), and the candidate.

    For the work tree it may name a path too many: one changed in the index and changed back on disk.

    Raises:
        TypeError: the candidate is not a snapshot of this package.
    """
    from snitch.git.snapshots import IndexSnapshot, TreeSnapshot
    from snitch.git.worktree import WorkTreeSnapshot

    if isinstance(candidate, TreeSnapshot):
        trees = (base or _empty_tree(git), candidate.tree or _empty_tree(git))
        return _paths(git.run(("diff-tree", "-r", *_DIFF, "--ignore-submodules=none", *trees, "--")))
    if isinstance(candidate, IndexSnapshot):
        return _staged_against(git, base)
    if isinstance(candidate, WorkTreeSnapshot):
        return _staged_against(git, base) | candidate.differences()
    raise TypeError(f"a {type(candidate).__name__} cannot be compared by git")


def _staged_against(git: Git, base: str | None) -> set[str]:
    tree = base or _empty_tree(git)
    return _paths(git.run(("diff-index", "--cached", *_DIFF, "--ignore-submodules=none", tree, "--")))


def _empty_tree(git: Git) -> str:
    from snitch.git.snapshots import EMPTY_TREE

    return EMPTY_TREE[git.layout.object_format]


def _paths(out: bytes) -> set[str]:
    return set(out.decode("utf-8", "surrogateescape").split("\0")[:-1])
