"""What the models of a work tree require, by name."""

from __future__ import annotations

from snitch.checking.commits import Misuse
from snitch.documents import Unreadable
from snitch.finding import Broken
from snitch.git.command import Git
from snitch.git.worktree import work_tree_snapshot
from snitch.model import Model
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile


def required_packages(git: Git) -> frozenset[str]:
    """The normalised names of all packages that the models of the work tree require.

    Raises:
        Misuse: what one of them requires cannot be read in full, or there are none.
    """
    snapshot = work_tree_snapshot(git)
    source = Repository(snapshot)
    policy = read_policy(source, source)
    repository = Repository(snapshot, policy.exclude)
    names = {name for folder in repository.model_folders for name in _required(Model(repository, folder))}
    if not names:
        raise Misuse("no model here names a requirement")
    return frozenset(names)


def _required(model: Model) -> list[str]:
    try:
        found = model.dependencies
    except (Broken, Unreadable, UnreadableFile, KeyError) as error:
        raise Misuse(f"what {model.path} requires cannot be read: {error}; mend it first") from None
    if found is None:
        return []
    gap = next((problem for problem in found.problems if problem.kind != "unsafe"), None)
    if gap is not None:
        raise Misuse(f"{gap.path}:{gap.line}: {gap.message}; mend it first")
    return [requirement.name for requirement in found.requirements]
