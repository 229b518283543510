"""When GitHub runs the gate, in whose version, and what its check is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from snitch.diagnosis.ailment import ADVISORY, Ailment
from snitch.diagnosis.workflow_files import Job, Mapping, Workflow, jobs_of, texts

#: Events that run a workflow as it stands on the default branch, with a token that may write.
PRIVILEGED = ("pull_request_target", "workflow_run")
_REQUESTS = ("pull_request_target", "pull_request")
_EDITABLE = ("pull_request", "pull_request_review", "pull_request_review_comment")
_NEEDED_TYPES = ("opened", "synchronize", "reopened")
_SAFE = "run it on pull_request_target, with nothing checked out: `snitch init --ci github` writes such a workflow"


def check_triggers(job: Job, workflows: list[Workflow], branches: tuple[str, ...]) -> Iterator[Ailment]:
    """What is wrong with when a gate's job runs; `branches` are those of the environments."""
    for workflow in started_by(job, workflows):
        triggers = workflow.triggers
        yield from _editable(workflow, triggers)
        if "pull_request_target" in triggers:
            yield from _types(workflow, triggers["pull_request_target"])
        for event in filter(triggers.__contains__, _REQUESTS):
            yield from _filters(workflow, event, triggers[event], branches)
        if not triggers.keys() & {*_REQUESTS, "merge_group", "workflow_call"}:
            message = f"{workflow.file.at('on', key=True)}: no pull request sets off the gate"
            yield Ailment("trigger", "fail", message, _SAFE)


def started_by(job: Job, workflows: list[Workflow]) -> list[Workflow]:
    """The workflows whose events start a job: its own, or for one that is called those that call it."""
    if job.workflow.triggers.keys() != {"workflow_call"}:
        return [job.workflow]
    call = f"./{job.file.path}"
    callers = [each for each in workflows if any(other.data.get("uses") == call for other in jobs_of(each))]
    return callers or [job.workflow]


def _editable(workflow: Workflow, triggers: dict[str, Mapping]) -> Iterator[Ailment]:
    event = next((name for name in _EDITABLE if name in triggers), None)
    if event is not None:
        place = workflow.file.at("on", event, key=True)
        message = f"{place}: on {event} a pull request can edit this workflow: {ADVISORY}"
        yield Ailment("trigger", "fail", message, f"{_SAFE}; or require it from another repository, by a ruleset")


def _types(workflow: Workflow, trigger: Mapping) -> Iterator[Ailment]:
    # Without `types` these three are meant, and `edited` is not.
    types = texts(trigger.get("types")) if "types" in trigger else list(_NEEDED_TYPES)
    place = workflow.file.at("on", "pull_request_target", "types")
    missing = [name for name in _NEEDED_TYPES if name not in types]
    if missing:
        message = f"{place}: a pull request that is {' or '.join(map(_EVENTS.__getitem__, missing))} is not judged"
        yield Ailment("trigger", "fail", message, f"add {', '.join(missing)} to `types`")
    if "edited" not in types:
        message = f"{place}: a pull request that is pointed at another branch keeps the verdict for the former one"
        yield Ailment("trigger", "fail", message, "add `edited` to `types`")


_EVENTS = {"opened": "opened", "synchronize": "pushed to", "reopened": "reopened"}


def _filters(workflow: Workflow, event: str, trigger: Mapping, branches: tuple[str, ...]) -> Iterator[Ailment]:
    for key in ("paths", "paths-ignore"):
        if key in trigger:
            place = workflow.file.at("on", event, key, key=True)
            message = f"{place}: `{key}` leaves a pull request without a verdict; once required it waits for ever"
            yield Ailment("trigger", "fail", message, f"remove `{key}`: the gate is quick where no model changed")
    unjudged = [name for name in branches if not _runs_for(name, trigger)]
    if unjudged:
        key = "branches" if "branches" in trigger else "branches-ignore"
        place = workflow.file.at("on", event, key, key=True)
        message = f"{place}: a pull request into {', '.join(unjudged)} is not judged"
        yield Ailment("trigger", "fail", message, f"remove `{key}`, or let it name every environment's branch")


def _runs_for(branch: str, trigger: Mapping) -> bool:
    """Whether the event's filters let a target branch through."""
    if "branches-ignore" in trigger:
        return not any(fnmatchcase(branch, pattern) for pattern in texts(trigger["branches-ignore"]))
    runs = "branches" not in trigger
    for pattern in texts(trigger.get("branches")):
        if fnmatchcase(branch, pattern.removeprefix("!")):
            runs = not pattern.startswith("!")
    return runs


def check_queue(jobs: list[Job], workflows: list[Workflow], *, has_queue: bool | None) -> Iterator[Ailment]:
    """Whether a merge queue would wait for a check that never comes; None: nobody knows if there is a queue."""
    starts = [workflow.triggers for job in jobs for workflow in started_by(job, workflows)]
    if jobs and has_queue is not False and not any("merge_group" in triggers for triggers in starts):
        message = f"{jobs[0].file.at('on', key=True)}: there is no merge_group, so a merge queue would wait for ever"
        yield Ailment("trigger", "fail" if has_queue else "warn", message, "add `merge_group:` under `on`")


#: An expression that comes to the target branch, whatever stands in for it where there is none.
_TARGET = re.compile(
    r"\$\{\{\s*github\.(?:base_ref|event\.pull_request\.base\.ref)\s*(?:\|\|\s*(?:'[^']*'|[\w.]+)\s*)*\}\}"
)


def names_for(job: Job, branches: tuple[str, ...]) -> dict[str, str]:
    """What a job's check is called for each target branch; empty where its name does not say the branch plainly."""
    parts = _TARGET.split(job.check_name)
    if len(parts) == 1 or any("${{" in part for part in parts):
        return {}
    return {branch: branch.join(parts) for branch in branches}


def check_names(
    jobs: list[Job],
    workflows: list[Workflow],
    required: tuple[str, ...],
    branches: tuple[str, ...],
    *,
    is_known: bool,
) -> Iterator[Ailment]:
    """Whether the checks that are required are the gate's and nobody else's; `is_known`: `required` is all there is."""
    for job in jobs:
        if not _says_branch(job, workflows):
            message = f"{job.at('name')}: a check belongs to a commit, which may be green for another branch"
            yield Ailment("check", "fail", message, f"name: {job.check_name} (${{{{ github.base_ref }}}})")
        if is_known and not any(job.may_be_called(name) for name in required):
            by_branch = names_for(job, branches)
            called = " or ".join(f"`{name}`" for name in by_branch.values() or [job.check_name])
            told = f"its check is called {called}{' and its matrix' if job.has_matrix else ''}"
            names = f"required are {', '.join(required)}" if required else "no check is required"
            each = ", ".join(f"`{name}` for {branch}" for branch, name in by_branch.items())
            mend = f"require {each}" if each else "require the check by that very name"
            yield Ailment("check", "fail", f"{job.at('name')}: {told}; {names}", mend)
    yield from _doubles(jobs, workflows, required)


def _says_branch(job: Job, workflows: list[Workflow]) -> bool:
    """Whether its check cannot be taken for that of another target branch."""
    if "base_ref" in job.check_name or "base.ref" in job.check_name:
        return True
    for workflow in started_by(job, workflows):
        for event in filter(workflow.triggers.__contains__, _REQUESTS):
            names = texts(workflow.triggers[event].get("branches"))
            if len(names) != 1 or any(character in names[0] for character in "*?[!+"):
                return False
    return True


def _doubles(jobs: list[Job], workflows: list[Workflow], required: tuple[str, ...]) -> Iterator[Ailment]:
    """Jobs that are no gates and whose check could be taken for one."""
    ours = {(job.file.path, job.id) for job in jobs}
    names = {name for name in required if any(job.may_be_called(name) for job in jobs)}
    names |= {job.check_name for job in jobs if "${{" not in job.check_name}
    for other in (job for workflow in workflows for job in jobs_of(workflow)):
        taken = next((name for name in sorted(names) if other.may_be_called(name)), None)
        if taken is not None and (other.file.path, other.id) not in ours:
            surely = other.check_name == taken
            called = f"{'is' if surely else 'may be'} called `{taken}` too"
            message = f"{other.at('name')}: the check of this job, which is no gate, {called}"
            yield Ailment("check", "fail" if surely else "warn", message, "give it another name")
