"""What the facts about a clone amount to: what is well, what is not as it should be, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from snitch.diagnosis.ailment import Ailment
from snitch.diagnosis.facts import Facts
from snitch.diagnosis.pre_commit import CONFIG, HOOK_IDS
from snitch.git.absence import how_to_have
from snitch.git.errors import OLDEST_GIT
from snitch.scaffold.githooks import HookKind

#: The oldest git with `merge-tree --write-tree`, on which the gate stands.
GATE_GIT = (2, 38)
_SHOWN = 5


def diagnose(facts: Facts) -> list[Ailment]:
    """Everything there is to say of a clone, in the order in which it is best mended."""
    return [ailment for check in _CHECKS for ailment in check(facts)]


def _git(facts: Facts) -> Iterator[Ailment]:
    version = ".".join(map(str, facts.git))
    if facts.git < OLDEST_GIT:
        yield Ailment(
            "git", "fail", f"git {version} is too old; checks need {_dotted(OLDEST_GIT)}", "install a newer git"
        )
    elif facts.git < GATE_GIT:
        message = f"git {version} does for checks and hooks; the gate needs {_dotted(GATE_GIT)}"
        yield Ailment("git", "warn", message, "install a newer git where the gate runs")
    else:
        yield Ailment("git", "ok", f"git {version}")


def _clone(facts: Facts) -> Iterator[Ailment]:
    if facts.is_shallow:
        message = "the clone is shallow: its history ends early, so a change may have no base to be measured from"
        yield Ailment("clone", "warn", message, "git fetch --unshallow")
    if facts.is_partial:
        message = "the clone is partial: files that are not here cannot be judged, for a check fetches nothing"
        yield Ailment("clone", "warn", message, "clone again without --filter")
    if not facts.is_shallow and not facts.is_partial:
        yield Ailment("clone", "ok", "the clone is complete")


def _policy(facts: Facts) -> Iterator[Ailment]:
    if facts.policy_problems:
        for problem, mend in facts.policy_problems:
            yield Ailment("policy", "fail", f"the policy is not valid: {problem}", mend)
    elif facts.misnamed_policy:
        message = f"{facts.misnamed_policy} is not read, so the preset `recommended` holds: the policy is snitch.yaml"
        yield Ailment("policy", "fail", message, f"mv {facts.misnamed_policy} snitch.yaml")
    elif not facts.has_policy:
        message = "there is no snitch.yaml: the preset `recommended` holds"
        yield Ailment("policy", "warn", message, "write a snitch.yaml, to begin with `extends: recommended`")
    else:
        yield Ailment("policy", "ok", "snitch.yaml is valid")


def _models(facts: Facts) -> Iterator[Ailment]:
    if not facts.models:
        yield Ailment("models", "warn", "there is no model here: no model.yaml", "snitch new NAME")


def _branches(facts: Facts) -> Iterator[Ailment]:
    branches = facts.branches
    if branches is None:
        return
    deployed = branches.deployed
    if branches.deployed_ref is None:
        mend = how_to_have(deployed, branches.remote, branches.around)
        yield Ailment("branches", "fail", f"the deployed branch `{deployed}` is not in this clone", mend)
    elif branches.has_base is False:
        message = f"the history here reaches no common ancestor with `{deployed}`: every model counts as changed"
        mend = "git fetch --unshallow" if facts.is_shallow else f"branch off {deployed}"
        yield Ailment("branches", "fail", message, mend)
    else:
        yield Ailment("branches", "ok", f"the deployed branch is {branches.deployed_ref}")
    is_begun = branches.around.branches and (not branches.around.remotes or branches.around.fetched)
    if branches.deployed_ref is None and not is_begun:
        return  # the other branches come of the first
    for name in branches.missing:
        message = f"the environment branch `{name}` is not in this clone"
        yield Ailment("branches", "warn", message, how_to_have(name, branches.remote, branches.around))


def _lfs(facts: Facts) -> Iterator[Ailment]:
    lfs = facts.lfs
    if lfs.version is None:
        yield Ailment("lfs", "fail", "Git LFS is not installed", lfs.install)
    elif not lfs.is_set_up and not facts.is_bare:
        message = "Git LFS is installed, but this clone does not use it: weights would be committed as they are"
        yield Ailment("lfs", "fail", message, "git lfs install --local")
    else:
        yield Ailment("lfs", "ok", f"Git LFS {lfs.version}")
    if lfs.strays:
        message = f".gitattributes does not send these weights to LFS: {_some(lfs.strays)}"
        yield Ailment("lfs", "fail", message, _track(lfs.strays))
    elif lfs.untracked and not facts.is_bare:
        message = f".gitattributes does not send files of these kinds to LFS: {_some(lfs.untracked)}"
        yield Ailment("lfs", "warn", message, _track(lfs.untracked))
    push = facts.hooks.get("pre-push")
    if push is not None and lfs.version is not None and not push.uploads:
        message = "no pre-push hook uploads the weights: a push would leave them behind"
        mend = "git lfs update" if push.kind is HookKind.MISSING else "git lfs update --manual shows the lines to add"
        yield Ailment("lfs", "fail", message, mend)


def _hooks(facts: Facts) -> Iterator[Ailment]:
    """Hooks that are installed; whether pre-commit's run Snitch is for its configuration to say."""
    idle = [stage for stage, hook in facts.hooks.items() if hook.kind in _IDLE]
    if idle:
        yield Ailment("hooks", "fail", f"no hook runs Snitch at {', '.join(idle)}", _install(facts, idle))
    for stage, hook in facts.hooks.items():
        if stage not in idle and not hook.runs:
            message = f"the {stage} hook is not executable, so git does not run it"
            yield Ailment("hooks", "fail", message, f'chmod +x "$(git rev-parse --git-path hooks/{stage})"')
        elif hook.kind is HookKind.PRE_COMMIT and not facts.pre_commit.exists:
            message = f"the {stage} hook is pre-commit's, and there is no {CONFIG}"
            yield Ailment("hooks", "fail", message, f"write one with Snitch's hooks, {' and '.join(HOOK_IDS)}")
    if facts.hooks and not idle and all(hook.runs for hook in facts.hooks.values()):
        yield Ailment("hooks", "ok", f"hooks at {', '.join(facts.hooks)}")


_IDLE = (HookKind.MISSING, HookKind.LFS, HookKind.OTHER)


def _install(facts: Facts, stages: list[str]) -> str:
    if facts.pre_commit.hooks:
        return " ".join(["pre-commit install", *(f"--hook-type {stage}" for stage in stages)])
    if any(facts.hooks[stage].kind is HookKind.OTHER for stage in stages):
        return "add `snitch check --staged --quiet` to the hooks of your own, `--pre-push` at pre-push"
    return "snitch init --git-hook"


def _pre_commit(facts: Facts) -> Iterator[Ailment]:
    config = facts.pre_commit
    uses = config.hooks or any(hook.kind is HookKind.PRE_COMMIT for hook in facts.hooks.values())
    if config.fault:
        yield Ailment("pre-commit", "fail", f"{CONFIG} cannot be read: {config.fault}", "correct it")
    elif config.exists and uses:
        missing = [name for name in HOOK_IDS if name not in config.hooks]
        for name in missing:
            yield Ailment(
                "pre-commit", "fail", f"{CONFIG} has no hook `{name}`", f"add `- id: {name}` to Snitch's hooks"
            )
        if config.loose_rev is not None:
            message = (
                f"the `rev` of Snitch's hooks, `{config.loose_rev}`, may be a branch, which pre-commit never updates"
            )
            yield Ailment("pre-commit", "warn", message, "pre-commit autoupdate, or write a version's tag")
        if not missing and config.loose_rev is None:
            yield Ailment("pre-commit", "ok", f"{CONFIG} has Snitch's hooks")


_CHECKS: tuple[Callable[[Facts], Iterator[Ailment]], ...] = (
    _git,
    _clone,
    _policy,
    _models,
    _branches,
    _lfs,
    _hooks,
    _pre_commit,
)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _track(paths: tuple[str, ...]) -> str:
    """The command for the endings of these."""
    endings = dict.fromkeys("*." + path.rsplit(".", 1)[-1] for path in paths)
    return "git lfs track " + " ".join(f"'{ending}'" for ending in endings)


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
