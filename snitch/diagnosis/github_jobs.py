"""What a job of GitHub's that runs the gate may do, does, and lets pass."""

from __future__ import annotations

import re
from collections.abc import Iterator

from snitch.diagnosis.ailment import Ailment
from snitch.diagnosis.github_triggers import PRIVILEGED, started_by
from snitch.diagnosis.shell_script import loses_exit_code
from snitch.diagnosis.workflow_files import Job, Mapping, Workflow, jobs_of

#: What the gate may need to write; anything else a token could be misused for.
_WRITES = frozenset({"pull-requests", "statuses", "checks", "issues", "security-events", "id-token"})
_ALWAYS = re.compile(r"\s*(?:\$\{\{)?\s*(?:always\(\)|!\s*cancelled\(\))\s*(?:\}\})?\s*")
_PINNED = re.compile(r"(?:\./.*|docker://.*@sha256:[0-9a-f]{64}|[^@]+@[0-9a-f]{40})")
_INSTALLED = re.compile(r"model-snitch(?:\[[^\]\s]{0,99}\])?(?P<pin>==[\w.!+-]+)?(?P<loose>\*)?")
_FETCHES_HEAD = re.compile(
    r"\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|pull|clone|checkout|switch|worktree|archive)\b[^\n]{0,500}?"
    r"(?:refs/pull|pull/|head_ref|HEAD_REF|HEAD_SHA|head\.(?:sha|ref))"
)
_OF_THE_HEAD = re.compile(r"head|merge|pull", re.IGNORECASE)
_HOSTILE = re.compile(
    r"\$\{\{[^}]{0,500}?\b(?:github\.head_ref|github\.event\."
    r"(?:pull_request\.(?:title|body|head\.(?:ref|label|repo)|user)|issue|comment|review|head_commit|commits"
    r"|workflow_run\.(?:head_branch|head_commit|display_title|head_repository)))"
)


def check_job(job: Job, workflows: list[Workflow]) -> Iterator[Ailment]:
    """Everything that a gate's job lets pass, or may do that it should not."""
    is_privileged = any(each.triggers.keys() & set(PRIVILEGED) for each in started_by(job, workflows))
    yield from _skips(job)
    for index, step in job.gate_steps():
        yield from _step(job, index, step)
    yield from _permissions(job, is_privileged=is_privileged)
    yield from _pins(job)
    yield from _depth(job)
    if is_privileged:
        for neighbour in jobs_of(job.workflow):
            yield from _runs_the_head(neighbour)


def _skips(job: Job) -> Iterator[Ailment]:
    """A job that is skipped counts as a success."""
    condition = job.data.get("if")
    if condition is not None and not _ALWAYS.fullmatch(str(condition)):
        message = f"{job.at('if', key=True)}: where `if` skips this job, its check counts as passed"
        yield Ailment("job", "fail", message, "remove `if`; the gate itself sees what there is to judge")
    if "needs" in job.data and not _ALWAYS.fullmatch(str(condition or "")):
        message = f"{job.at('needs', key=True)}: where a job that it needs fails, it is skipped, and counts as passed"
        yield Ailment("job", "fail", message, "remove `needs`, or add `if: always()`")
    if job.data.get("continue-on-error", False) is not False:
        yield _goes_on(job.at("continue-on-error", key=True))


def _step(job: Job, index: int, step: Mapping) -> Iterator[Ailment]:
    at = ("steps", index)
    condition = step.get("if")
    if condition is not None and not _ALWAYS.fullmatch(str(condition)):
        message = f"{job.at(*at, 'if', key=True)}: where `if` skips this step, nothing is judged and the job passes"
        yield Ailment("job", "fail", message, "remove `if`")
    if step.get("continue-on-error", False) is not False:
        yield _goes_on(job.at(*at, "continue-on-error", key=True))
    script = str(step.get("run", ""))
    shell = _shell(job, step)
    errexit = shell is None or shell in ("bash", "sh") or bool(re.search(r"\s-\w*e", shell))
    pipefail = shell == "bash" or "pipefail" in (shell or "")
    reason = loses_exit_code(script, errexit=errexit, pipefail=pipefail)
    if reason is not None:
        yield Ailment("job", "fail", f"{job.at(*at, 'run', key=True)}: a blocked merge looks green: {reason}", _PLAIN)
    arguments = str(step.get("with", ""))
    if "--exit-zero" in script + arguments:
        yield Ailment("job", "fail", f"{job.at(*at)}: the gate refuses --exit-zero", "remove it")


_PLAIN = "let `snitch gate` be the last command of its step, alone on its line"


def _goes_on(place: str) -> Ailment:
    message = f"{place}: `continue-on-error` lets a blocked merge look green"
    return Ailment("job", "fail", message, "remove it")


def _shell(job: Job, step: Mapping) -> str | None:
    """The shell that is named for a step; None: GitHub's default, `bash -e`."""
    for holder in (step, _run_defaults(job.data), _run_defaults(job.file.data)):
        shell = holder.get("shell")
        if isinstance(shell, str):
            return shell
    return None


def _run_defaults(data: Mapping) -> Mapping:
    defaults = data.get("defaults")
    run = defaults.get("run") if isinstance(defaults, dict) else None
    return run if isinstance(run, dict) else {}


def _permissions(job: Job, *, is_privileged: bool) -> Iterator[Ailment]:
    if "permissions" in job.data:
        granted, place = job.data["permissions"], job.at("permissions", key=True)
    else:
        granted, place = job.file.data.get("permissions"), job.file.at("permissions", key=True)
    if not isinstance(granted, (dict, str)):
        message = f"{job.at()}: no permissions are named, so the token may do whatever the repository's setting says"
        yield Ailment("permissions", "warn", message, _LEAST)
        return
    rights = granted if isinstance(granted, dict) else {}
    if granted == "write-all":
        yield Ailment("permissions", "warn", f"{place}: write-all is more than the gate needs", _LEAST)
        return
    if isinstance(granted, dict) and rights.get("contents", "none") == "none":
        yield Ailment("permissions", "fail", f"{place}: without `contents: read` nothing can be fetched", _LEAST)
    wide = sorted(name for name, right in rights.items() if right == "write" and name not in _WRITES)
    if wide:
        message = f"{place}: writing {', '.join(wide)} is more than the gate needs"
        yield Ailment("permissions", "warn", message, _LEAST)
    if is_privileged and rights.get("pull-requests") != "write":
        message = f"{place}: without `pull-requests: write` the comment that explains the verdict cannot be posted"
        yield Ailment("permissions", "warn", message, _LEAST)


_LEAST = "permissions: {contents: read, pull-requests: write, statuses: write}"


def _pins(job: Job) -> Iterator[Ailment]:
    for index, step in enumerate(job.steps):
        for found in _INSTALLED.finditer(str(step.get("run", ""))[:65_536]):
            if not found["pin"] or found["loose"]:
                message = f"{job.at('steps', index, 'run')}: the version of model-snitch is not pinned"
                yield Ailment("pins", "warn", message, 'pip install "model-snitch[gate]==VERSION"')
        uses = step.get("uses")
        if isinstance(uses, str) and not _PINNED.fullmatch(uses):
            message = f"{job.at('steps', index, 'uses')}: {uses} is not pinned to a commit: whoever moves it runs here"
            yield Ailment("pins", "warn", message, "write the full commit SHA, and the version beside it")


def _depth(job: Job) -> Iterator[Ailment]:
    """The gate fetches what a shallow clone lacks, if it can still ask for it."""
    for index, step in enumerate(job.steps):
        if _is_checkout(step) and str(_given(step).get("fetch-depth", "1")) != "0":
            message = f"{job.at('steps', index)}: the clone is shallow, so the gate must fetch what it lacks"
            yield Ailment("clone", "warn", message, "check nothing out, or with `fetch-depth: 0`")


def _runs_the_head(job: Job) -> Iterator[Ailment]:
    """What brings the pull request's own files or words to where the token is."""
    for index, step in enumerate(job.steps):
        if _is_checkout(step):
            wanted = " ".join(str(_given(step).get(key, "")) for key in ("ref", "repository"))
            if _OF_THE_HEAD.search(wanted):
                yield _checks_out(job.at("steps", index, "with"))
            else:
                message = f"{job.at('steps', index)}: the gate needs nothing checked out, and here a token is"
                yield Ailment("checkout", "warn", message, "remove the step")
        script = str(step.get("run", ""))[:65_536]
        if _FETCHES_HEAD.search(script):
            yield _checks_out(job.at("steps", index, "run", key=True))
        if _HOSTILE.search(script):
            message = f"{job.at('steps', index, 'run', key=True)}: what the author wrote becomes part of a script"
            yield Ailment("checkout", "fail", message, "hand it over by `env`, and quote the variable")


def _checks_out(place: str) -> Ailment:
    message = f"{place}: the pull request is checked out where a token is, and its files may run there"
    return Ailment("checkout", "fail", message, "remove the step: `snitch gate` makes a bare clone of its own")


def _is_checkout(step: Mapping) -> bool:
    return str(step.get("uses", "")).startswith("actions/checkout@")


def _given(step: Mapping) -> Mapping:
    given = step.get("with")
    return given if isinstance(given, dict) else {}
