"""GitHub's workflow files as they lie in a snapshot, and the jobs in them that run the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from snitch.diagnosis.shell_script import runs_gate
from snitch.documents import Document, Unreadable, join_pointer, read_document
from snitch.snapshot import Snapshot, UnreadableFile
from snitch.wildmatch import Glob

FOLDER = ".github/workflows/"
_MANY = 500
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_SNITCH_ACTION = re.compile(r"(?:.*/)?snitch(?:@.*)?", re.IGNORECASE)

Mapping = dict[str, Any]


class CiFile(Struct, frozen=True):
    """A file that a CI reads; `document` is None where `fault` says why it cannot be read."""

    path: str
    document: Document | None = None
    fault: str = ""

    @property
    def data(self) -> Mapping:
        data = self.document.data if self.document else None
        return data if isinstance(data, dict) else {}

    def at(self, *tokens: str | int, key: bool = False) -> str:
        """`path:line` of what stands at these keys; the nearest that is there."""
        if self.document is None:
            return self.path
        pointer = join_pointer(*map(str, tokens))
        return f"{self.path}:{self.document.locate(pointer, key=key).line}"


def read_ci_file(snapshot: Snapshot, path: str) -> CiFile:
    """A file of the snapshot, read within bounds."""
    try:
        return CiFile(path, read_document(path, snapshot[path]))
    except Unreadable as error:
        problem = error.problems[0]
        line = f" (line {problem.span.line})" if problem.span else ""
        return CiFile(path, fault=problem.message + line)
    except UnreadableFile as error:
        return CiFile(path, fault=error.reason)


class Workflow(Struct, frozen=True):
    """A workflow file of GitHub's."""

    file: CiFile

    @property
    def triggers(self) -> dict[str, Mapping]:
        """The events that start it, each with its filters."""
        on = self.file.data.get("on")
        if isinstance(on, dict):
            return {name: value if isinstance(value, dict) else {} for name, value in on.items()}
        return {name: {} for name in texts(on)}

    @property
    def jobs(self) -> dict[str, Mapping]:
        jobs = self.file.data.get("jobs")
        return {name: job for name, job in jobs.items() if isinstance(job, dict)} if isinstance(jobs, dict) else {}


class Job(Struct, frozen=True):
    """A job of a workflow."""

    workflow: Workflow
    id: str
    data: Mapping

    @property
    def file(self) -> CiFile:
        return self.workflow.file

    @property
    def steps(self) -> list[Mapping]:
        steps = self.data.get("steps")
        return [each if isinstance(each, dict) else {} for each in steps] if isinstance(steps, list) else []

    @property
    def check_name(self) -> str:
        """What its check is called; where an expression decides, that stands in it."""
        name = self.data.get("name")
        return str(name) if isinstance(name, (str, int, float)) else self.id

    @property
    def has_matrix(self) -> bool:
        strategy = self.data.get("strategy")
        return isinstance(strategy, dict) and "matrix" in strategy

    def may_be_called(self, name: str) -> bool:
        """Whether its check may bear this name, whatever the expressions in it come to."""
        parts = _EXPRESSION.split(self.check_name)
        if self.has_matrix and len(parts) == 1:
            parts = [f"{parts[0]} (", ")"]
        # A glob takes time in proportion to the name, whatever the pattern; to it a slash is a border, to a name none.
        pattern = "*".join(re.sub(r"([\\*?\[])", r"\\\1", part) for part in parts).replace("/", "\0")
        return Glob(pattern.encode("utf-8", "surrogateescape")).matches(name.replace("/", "\0").encode())

    def at(self, *tokens: str | int, key: bool = False) -> str:
        return self.file.at("jobs", self.id, *tokens, key=key)

    def gate_steps(self) -> Iterator[tuple[int, Mapping]]:
        """The steps that run the gate, each with its index."""
        for index, step in enumerate(self.steps):
            if runs_gate(str(step.get("run", ""))) or _is_snitch_action(step):
                yield index, step


def _is_snitch_action(step: Mapping) -> bool:
    """Whether the step is Snitch's own action with the command `gate`, its default."""
    uses, given = step.get("uses"), step.get("with")
    if not isinstance(uses, str) or not _SNITCH_ACTION.fullmatch(uses):
        return False
    words = str(given.get("args", "gate")).split() if isinstance(given, dict) else ["gate"]
    return words[:1] == ["gate"]


def read_workflows(snapshot: Snapshot) -> list[Workflow]:
    """The workflow files of a snapshot, the first 500 of them, sorted by path."""
    inside = (path for path in snapshot if path.startswith(FOLDER) and "/" not in path[len(FOLDER) :])
    paths = sorted(path for path in inside if path.endswith((".yml", ".yaml")))
    return [Workflow(read_ci_file(snapshot, path)) for path in paths[:_MANY]]


def jobs_of(workflow: Workflow) -> list[Job]:
    return [Job(workflow, name, data) for name, data in workflow.jobs.items()]


def gate_jobs(workflows: list[Workflow]) -> list[Job]:
    """The jobs that run the gate: in steps of their own, or by a workflow of Snitch's that they call."""
    return [job for workflow in workflows for job in jobs_of(workflow) if any(job.gate_steps()) or _calls_gate(job)]


def _calls_gate(job: Job) -> bool:
    uses = job.data.get("uses")
    return isinstance(uses, str) and not uses.startswith("./") and "snitch" in uses.lower()


def texts(value: object) -> list[str]:
    """What GitHub takes as a text or as a list of texts, as a list."""
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
