"""What the files of GitLab CI and of Azure Pipelines say of the gate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from snitch.diagnosis.ailment import ADVISORY, Ailment
from snitch.diagnosis.shell_script import loses_exit_code, runs_gate
from snitch.diagnosis.workflow_files import CiFile, Mapping, texts

GITLAB, AZURE = ".gitlab-ci.yml", "azure-pipelines.yml"
_DEEP = 32
_LAST = "let `snitch gate` be the last command, alone on its line"


def gitlab_gates(file: CiFile) -> list[str]:
    """The names of the jobs that run the gate."""
    jobs = {name: job for name, job in file.data.items() if isinstance(job, dict)}
    return [name for name, job in jobs.items() if runs_gate(_script(job))]


def check_gitlab(file: CiFile) -> Iterator[Ailment]:
    """What would make GitLab's gate only advisory."""
    for name in gitlab_gates(file):
        job = file.data[name]
        yield Ailment(
            "trigger",
            "warn",
            f"{file.at(name, key=True)}: a merge request can edit this file: {ADVISORY}, unless the "
            "project's CI/CD configuration file lies in another project",
            "Settings > CI/CD > General pipelines > CI/CD configuration file: .gitlab-ci.yml@GROUP/PROJECT",
        )
        yield from _gitlab_job(file, name, job)


def _gitlab_job(file: CiFile, name: str, job: Mapping) -> Iterator[Ailment]:
    if job.get("allow_failure", False) is not False:
        message = f"{file.at(name, 'allow_failure', key=True)}: `allow_failure` lets a blocked merge look green"
        yield Ailment("job", "fail", message, "remove it")
    if job.get("when") == "manual":
        message = f"{file.at(name, 'when', key=True)}: the job waits for somebody to start it"
        yield Ailment("job", "fail", message, "remove `when: manual`")
    yield from _gitlab_rules(file, name, job)
    reason = loses_exit_code(_script(job), errexit=True, pipefail=True)
    if reason is not None:
        message = f"{file.at(name, 'script', key=True)}: a blocked merge looks green: {reason}"
        yield Ailment("job", "fail", message, _LAST)


def _gitlab_rules(file: CiFile, name: str, job: Mapping) -> Iterator[Ailment]:
    """A job that a rule leaves out of the pipeline is missed by nobody."""
    rules = [each for each in job.get("rules") or () if isinstance(each, dict)] if _is_list(job, "rules") else []
    for index, rule in enumerate(rules):
        at = (name, "rules", index)
        if "changes" in rule or "exists" in rule:
            message = f"{file.at(*at)}: a merge request that changes nothing of this is not judged"
            yield Ailment("trigger", "fail", message, "remove `changes` and `exists`")
        if rule.get("allow_failure", False) is not False or rule.get("when") == "manual":
            message = f"{file.at(*at)}: by this rule a blocked merge does not fail the pipeline"
            yield Ailment("job", "fail", message, "remove `allow_failure` and `when: manual`")
    only = texts(job.get("only")) if not isinstance(job.get("only"), dict) else texts(job["only"].get("refs"))
    asked = " ".join([*(str(rule.get("if", "")) for rule in rules), *only])
    if "merge_request" not in asked.lower() and "$CI_OPEN_MERGE_REQUESTS" not in asked:
        message = f"{file.at(name, key=True)}: no rule lets it run for merge requests"
        yield Ailment("trigger", "fail", message, """rules: [{if: '$CI_PIPELINE_SOURCE == "merge_request_event"'}]""")


def _is_list(job: Mapping, key: str) -> bool:
    return isinstance(job.get(key), list)


def _script(job: Mapping) -> str:
    """All that a job of GitLab's runs, a command a line; lists within lists are flattened, as GitLab does."""
    return "\n".join(line for key in ("before_script", "script") for line in _flat(job.get(key), 0))


def _flat(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < _DEEP:
        for each in value:
            yield from _flat(each, depth + 1)


def azure_gates(file: CiFile) -> list[tuple[tuple[str | int, ...], Mapping]]:
    """The steps that run the gate, each with the keys that lead to it."""
    return [(at, step) for at, step in _azure_steps(file.data, ()) if runs_gate(_azure_script(step))]


def _azure_steps(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Mapping]]:
    """Every step, in whatever stages and jobs."""
    if isinstance(value, dict):
        if any(key in value for key in ("script", "bash", "pwsh", "powershell")):
            yield at, value
        for key in ("stages", "jobs", "steps"):
            yield from _azure_steps(value.get(key), (*at, key))
    elif isinstance(value, list) and len(at) < _DEEP:
        for index, each in enumerate(value):
            yield from _azure_steps(each, (*at, index))


def _azure_script(step: Mapping) -> str:
    return next((str(step[key]) for key in ("script", "bash", "pwsh", "powershell") if key in step), "")


def check_azure(file: CiFile) -> Iterator[Ailment]:
    """What would make Azure's gate only advisory."""
    for at, step in azure_gates(file):
        yield Ailment(
            "trigger",
            "warn",
            f"{file.at(*at)}: a pull request can edit this file: {ADVISORY}, unless a reviewer is required for it",
            "require reviewers for /azure-pipelines.yml and /snitch.yaml in the branch's policy",
        )
        for holder, keys in _azure_holders(file.data, at):
            if holder.get("continueOnError", False) not in (False, "false"):
                message = f"{file.at(*keys, 'continueOnError', key=True)}: it lets a blocked merge look green"
                yield Ailment("job", "fail", message, "remove `continueOnError`")
            if "condition" in holder:
                message = f"{file.at(*keys, 'condition', key=True)}: where this is false, nothing is judged"
                yield Ailment("job", "fail", message, "remove `condition`")
        # Azure starts bash without -e, so that only the last command counts.
        reason = loses_exit_code(_azure_script(step), errexit=False, pipefail=False)
        if reason is not None:
            yield Ailment("job", "fail", f"{file.at(*at)}: a blocked merge looks green: {reason}", _LAST)
    pr = file.data.get("pr")
    if azure_gates(file) and isinstance(pr, dict) and "paths" in pr:
        message = f"{file.at('pr', 'paths', key=True)}: a pull request that changes nothing of this is not judged"
        yield Ailment("trigger", "fail", message, "remove `paths`")


def _azure_holders(data: Any, at: tuple[str | int, ...]) -> Iterator[tuple[Mapping, tuple[str | int, ...]]]:
    """What holds a step, from the stage down to the step itself."""
    found = data
    for index, token in enumerate(at):
        found = found[token]
        if isinstance(found, dict):
            yield found, at[: index + 1]
