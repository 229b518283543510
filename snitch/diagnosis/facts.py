"""The facts about a clone that decide whether Snitch can do its work in it. Nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from snitch.diagnosis.pre_commit import PreCommitConfig, read_pre_commit_config
from snitch.documents.problems import Problem
from snitch.git.absence import Surroundings, surroundings
from snitch.git.attributes import configured_filters
from snitch.git.command import Git
from snitch.git.refs import branch_tip, is_partial, merge_base
from snitch.git.snapshots import tree_snapshot
from snitch.git.worktree import work_tree_snapshot
from snitch.layout import WEIGHTS_SUFFIXES
from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy, is_pattern
from snitch.policy.reading import has_policy, misnamed_policy, read_policy
from snitch.repository import Repository
from snitch.scaffold.githooks import STAGES, HookKind, hooks_folder, kind_of, read_hook
from snitch.scaffold.making import CannotMake, attempt, git_in
from snitch.scaffold.repository import install_lfs_command
from snitch.snapshot import UnreadableFile

#: The formats that the policy lists by default, one name each: whatever is added tomorrow should go to LFS too.
PROBED = (".skops", ".joblib", ".pkl", ".onnx", ".safetensors", ".pt", ".ubj", ".cbm", ".parquet")


class Hook(Struct, frozen=True):
    """One of git's hooks: whose it is, whether git would run it, and whether it (or the one it took over) is LFS's."""

    kind: HookKind
    runs: bool = True
    uploads: bool = False


class Lfs(Struct, frozen=True):
    """Git LFS: its version (None: not installed), whether this clone uses it, what it would not take."""

    version: str | None
    is_set_up: bool
    #: Weights of the work tree that git would store themselves.
    strays: tuple[str, ...] = ()
    #: Endings of weights that git would store themselves, were there any.
    untracked: tuple[str, ...] = ()
    install: str = ""


class Branches(Struct, frozen=True):
    """The branches that a check compares with."""

    remote: str
    deployed: str
    #: The full ref that stands for the deployed branch here; None where there is none.
    deployed_ref: str | None
    #: Whether the history here reaches a common ancestor with it; None on an unborn branch.
    has_base: bool | None = None
    #: The other environments' branches that are not here.
    missing: tuple[str, ...] = ()
    #: The remotes and branches that are here.
    around: Surroundings = Surroundings()


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of a clone."""

    git: tuple[int, ...]
    is_bare: bool
    is_shallow: bool
    is_partial: bool
    models: int
    lfs: Lfs
    hooks: dict[str, Hook]
    pre_commit: PreCommitConfig
    #: None where the policy is not valid.
    branches: Branches | None
    has_policy: bool
    #: A file that somebody took for the policy, and that nothing reads.
    misnamed_policy: str | None = None
    #: What is wrong with the policy, each with how to mend it.
    policy_problems: tuple[tuple[str, str], ...] = ()


def gather(git: Git) -> Facts:
    """Looks at the clone; writes nothing and asks no network.

    Raises:
        GitError: there is no repository, or it cannot be read.
    """
    layout = git.layout
    snapshot = work_tree_snapshot(git) if git.has_work_tree else tree_snapshot(git, layout.head, ref="HEAD")
    repository = Repository(snapshot)
    policy, problems = _policy(repository)
    return Facts(
        git=git.version(),
        is_bare=not git.has_work_tree,
        is_shallow=layout.is_shallow,
        is_partial=is_partial(git),
        models=len(repository.model_folders),
        lfs=_lfs(git, repository),
        hooks=dict(_hooks(git)) if git.has_work_tree else {},
        pre_commit=read_pre_commit_config(snapshot),
        branches=_branches(git, policy) if policy else None,
        has_policy=has_policy(repository),
        misnamed_policy=misnamed_policy(repository),
        policy_problems=problems,
    )


def _policy(repository: Repository) -> tuple[Policy | None, tuple[tuple[str, str], ...]]:
    try:
        return read_policy(repository, repository), ()
    except InvalidPolicy as error:
        return None, tuple(_placed(path, problem) for path, problem in error.problems)
    except UnreadableFile as error:
        return None, ((str(error), f"bring back {error.path}: `git fetch --refetch`"),)


def _placed(path: str, problem: Problem) -> tuple[str, str]:
    if problem.span is None:
        return f"{path}: {problem.message}", problem.help or f"correct {path}"
    return (
        f"{path}:{problem.span.line}: {problem.message}",
        problem.help or f"correct line {problem.span.line} of {path}",
    )


def _lfs(git: Git, repository: Repository) -> Lfs:
    strays, untracked = _outside_lfs(git, repository) if git.has_work_tree else ((), ())
    return Lfs(
        version=_lfs_version(git),
        is_set_up="lfs" in configured_filters(git),
        strays=strays,
        untracked=untracked,
        install=install_lfs_command(),
    )


def _lfs_version(git: Git) -> str | None:
    try:
        told = attempt(lambda: git_in(git.directory).lfs("version"))
    except CannotMake:
        return None
    return told.partition(" ")[0].partition("/")[2] or told


def _outside_lfs(git: Git, repository: Repository) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The weights of models, and the endings of weights beside them, that no attribute sends to LFS."""
    folder = min(repository.model_folders, default="")
    probes = {f"{folder}/probe{suffix}".lstrip("/"): suffix for suffix in PROBED}
    weights = [p for p in repository.snapshot if p.endswith(WEIGHTS_SUFFIXES) and repository.owner(p) is not None]
    names = "\0".join([*weights, *probes]).encode("utf-8", "surrogateescape") + b"\0"
    told = git.records(("check-attr", "-z", "--stdin", "filter"), names, at_top=True)
    outside = {told[index] for index in range(0, len(told), 3) if told[index + 2] != "lfs"}
    return tuple(p for p in weights if p in outside), tuple(probes[p] for p in probes if p in outside)


def _hooks(git: Git) -> Iterator[tuple[str, Hook]]:
    folder = hooks_folder(git.top_level)
    for stage in STAGES:
        text = read_hook(folder, stage)
        # What pre-commit found when it was installed, and runs along with its own.
        legacy = read_hook(folder, f"{stage}.legacy") or ""
        uploads = any("git lfs pre-push" in each for each in (text or "", legacy))
        yield stage, Hook(kind_of(text), _is_executable(folder / stage), uploads)


def _is_executable(path: Path) -> bool:
    import os

    return os.name == "nt" or os.access(path, os.X_OK)


def _branches(git: Git, policy: Policy) -> Branches:
    deployed = branch_tip(git, policy.deployed_branch, remote=policy.remote)
    head = git.layout.head
    literal = [name for environment in policy.environments for name in environment.branches if not is_pattern(name)]
    others = [name for name in dict.fromkeys(literal) if name != policy.deployed_branch]
    return Branches(
        remote=policy.remote,
        deployed=policy.deployed_branch,
        deployed_ref=deployed.ref if deployed else None,
        has_base=None if deployed is None or head is None else merge_base(git, head, deployed.commit) is not None,
        missing=tuple(name for name in others if branch_tip(git, name, remote=policy.remote) is None),
        around=surroundings(git),
    )
