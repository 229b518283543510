"""Which paths differ between a tree and another, or the index."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; see `snitch.git.command`
if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.git.command import Git

#: Submodules' own ignore settings must not hide a change, and nothing of the repository may run.
_SAFE = ("-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none")
_NAMES = ("--name-only", *_SAFE)
RAW = ("--raw", "--no-abbrev", *_SAFE)


def staged_paths(git: Git) -> set[str]:
    """The paths that the next commit would change: one git call, except on an unborn branch."""
    told = git.ask(("diff-index", "--cached", *_NAMES, "HEAD", "--"))
    if told.status == 0:
        return _paths(told.out)
    tree = git.layout.head or _empty_tree(git)
    return _paths(git.run(("diff-index", "--cached", *_NAMES, tree, "--")))


def raw_differences(git: Git, tree: str, other: str | None, options: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Git's raw record of each path that differs between a tree and another (None: the index), and the path."""
    command = ("diff-index", "--cached", *options) if other is None else ("diff-tree", "-r")
    records = iter(git.records((*command, *RAW, *filter(None, (tree, other)), "--")))
    return zip(records, records, strict=True)


def _empty_tree(git: Git) -> str:
    from snitch.git.snapshots import EMPTY_TREE

    return EMPTY_TREE[git.layout.object_format]


def _paths(out: bytes) -> set[str]:
    return set(out.decode("utf-8", "surrogateescape").split("\0")[:-1])
