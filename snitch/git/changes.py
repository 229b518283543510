"""Which paths differ between a base and a candidate."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; see `snitch.git.command`
if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.git.command import Git
    from snitch.snapshot import Snapshot

#: Submodules' own ignore settings must not hide a change, and nothing of the repository may run.
_SAFE = ("-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none")
_NAMES = ("--name-only", *_SAFE)
_RAW = ("--raw", "--no-abbrev", *_SAFE)


def staged_paths(git: Git) -> set[str]:
    """The paths that the next commit would change: one git call, except on an unborn branch."""
    told = git.ask(("diff-index", "--cached", *_NAMES, "HEAD", "--"))
    if told.status == 0:
        return _paths(told.out)
    return _staged_against(git, git.layout.head)


def changed_paths(git: Git, base: str | None, candidate: Snapshot) -> set[str]:
    """The paths that differ between `base`, the id of a commit or a tree (None: nothing), and the candidate.

    Raises:
        TypeError: the candidate is not a snapshot of this package.
    """
    from snitch.git.beside import tree_beside
    from snitch.git.snapshots import IndexSnapshot, TreeSnapshot
    from snitch.git.worktree import WorkTreeSnapshot

    if isinstance(candidate, TreeSnapshot):
        trees = (base or _empty_tree(git), candidate.tree or _empty_tree(git))
        return _paths(git.run(("diff-tree", "-r", *_NAMES, *trees, "--")))
    if isinstance(candidate, IndexSnapshot):
        return _staged_against(git, base)
    if isinstance(candidate, WorkTreeSnapshot):
        return tree_beside(git, base or _empty_tree(git), candidate, ref="", commit=None).differences()
    raise TypeError(f"a {type(candidate).__name__} cannot be compared by git")


def raw_differences(git: Git, tree: str, other: str | None, options: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Git's raw record of each path that differs between a tree and another (None: the index), and the path."""
    command = ("diff-index", "--cached", *options) if other is None else ("diff-tree", "-r")
    records = iter(git.records((*command, *_RAW, *filter(None, (tree, other)), "--")))
    return zip(records, records, strict=True)


def _staged_against(git: Git, base: str | None) -> set[str]:
    tree = base or _empty_tree(git)
    return _paths(git.run(("diff-index", "--cached", *_NAMES, tree, "--")))


def _empty_tree(git: Git) -> str:
    from snitch.git.snapshots import EMPTY_TREE

    return EMPTY_TREE[git.layout.object_format]


def _paths(out: bytes) -> set[str]:
    return set(out.decode("utf-8", "surrogateescape").split("\0")[:-1])
