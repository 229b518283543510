"""The result of a run as data, which `--format json` writes: a contract, in which keys are only ever added.

The JSON Schema of `Result` is what `snitch schema report` prints.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from snitch.finding import Outcome, Severity, Side
from snitch.report.wording import in_order
from snitch.verdict import JudgedModel, Report, Skipped, State, Verdict
from snitch.waiver import Waiver

if TYPE_CHECKING:
    from snitch.finding import Comparison, Due, Finding
    from snitch.verdict import MetricHistory


class Commit(Struct, frozen=True):
    """A state that the run looked at; `commit` is null for the index and the work tree."""

    ref: str
    commit: str | None


class CandidateCommit(Struct, frozen=True):
    """What was judged. In the gate `commit` is the head, and `tree` that of the merge; else `tree` is null."""

    ref: str
    commit: str | None
    tree: str | None = None


class PolicyFile(Struct, frozen=True):
    """Where the policy was read; `path` is null for the built-in one."""

    ref: str
    commit: str | None
    path: str | None


class DeployedPlace(Struct, frozen=True):
    """The deployed side of a finding."""

    commit: str | None
    path: str
    line: int
    value: Any


class FindingResult(Struct, frozen=True):
    """A finding. `line`, `column` and `length` count from 1, in characters; `waiver` is why it is excused."""

    rule: str
    name: str
    severity: Severity
    outcome: Outcome
    model: str | None
    path: str
    line: int
    column: int
    pointer: str
    message: str
    help: str
    deployed: DeployedPlace | None
    fingerprint: str
    waiver: str | None
    length: int
    notes: tuple[str, ...]
    blocks_next: bool


class ComparisonResult(Struct, frozen=True):
    """A metric of the candidate beside the deployed model's; `delta` is candidate - deployed."""

    model: str
    benchmark: str
    slice: dict[str, Any] | None
    type: str
    deployed: float | None
    candidate: float | None
    delta: float | None
    limit: float | None
    interval: tuple[float | None, float | None] | None
    outcome: Literal["pass", "fail", "inconclusive"]
    args: dict[str, Any] | None
    greater_is_better: bool | None = None


class WaiverResult(Struct, frozen=True):
    """A waiver of the policy that was in effect, and whether it excused anything in this run."""

    rule: str
    model: str
    version: str
    limit: float | str | None
    fingerprint: str | None
    reason: str
    owner: str
    expires: date
    used: bool


class DueResult(Struct, frozen=True):
    """What passes and stops passing on a day."""

    rule: str
    model: str | None
    on: date
    message: str


class MeasuredResult(Struct, frozen=True):
    """What a version of a model had measured, and the day of that."""

    version: str
    on: date
    value: float | None


class HistoryResult(Struct, frozen=True):
    """A metric of a model over the versions that the deployed branch has held, oldest first."""

    model: str
    benchmark: str
    type: str
    args: dict[str, Any] | None
    points: tuple[MeasuredResult, ...]


class Summary(Struct, frozen=True):
    """Findings by what they mean for the verdict, each counted once."""

    models: int
    rules: int
    errors: int
    warnings: int
    inconclusive: int
    waived: int


class Result(Struct, frozen=True):
    """The result of a run of Snitch."""

    version: Literal[1]
    snitch: str
    verdict: Verdict
    environment: str
    now: date
    candidate: CandidateCommit
    base: Commit | None
    deployed: Commit | None
    policy: PolicyFile
    models: tuple[JudgedModel, ...]
    findings: tuple[FindingResult, ...]
    comparisons: tuple[ComparisonResult, ...]
    skipped: tuple[Skipped, ...]
    waivers: tuple[WaiverResult, ...]
    due: tuple[DueResult, ...]
    summary: Summary
    notes: tuple[str, ...]
    next_environment: str | None
    history: tuple[HistoryResult, ...]


def result_of(report: Report) -> Result:
    """The report as data, findings in the order in which people read them."""
    return Result(
        version=1,
        snitch=report.snitch,
        verdict=report.verdict,
        environment=report.environment,
        now=report.now,
        candidate=CandidateCommit(report.candidate.ref, report.candidate.commit, report.candidate.tree),
        base=_commit(report.base),
        deployed=_commit(report.deployed),
        policy=PolicyFile(report.policy.ref, report.policy.commit, report.policy.path),
        models=report.models,
        findings=tuple(_finding(each) for each in in_order(report.findings)),
        comparisons=tuple(_comparison(each) for each in report.comparisons),
        skipped=report.skipped,
        waivers=_waivers(report),
        due=tuple(_due(each) for each in report.due),
        summary=Summary(**report.counts),
        notes=report.notes,
        next_environment=report.next_environment,
        history=tuple(_history(each) for each in report.history),
    )


def _commit(state: State | None) -> Commit | None:
    return Commit(state.ref, state.commit) if state is not None else None


def _finding(finding: Finding) -> FindingResult:
    # The two share most fields: those of the result are the contract, so it is they that are asked for.
    fields = {name: getattr(finding, name) for name in FindingResult.__struct_fields__}
    return FindingResult(**{**fields, "deployed": _place(finding.deployed)})


def _place(side: Side | None) -> DeployedPlace | None:
    return DeployedPlace(side.commit, side.path, side.line, side.value) if side is not None else None


def _comparison(comparison: Comparison) -> ComparisonResult:
    return ComparisonResult(**{name: getattr(comparison, name) for name in ComparisonResult.__struct_fields__})


def _waivers(report: Report) -> tuple[WaiverResult, ...]:
    excused = [each for each in report.findings if each.waiver is not None]
    used = {(each.waiver, each.model, word) for each in excused for word in (each.rule, each.name)}
    return tuple(_waiver(each, (each.told, each.model, each.rule) in used) for each in report.waivers)


def _waiver(waiver: Waiver, used: bool) -> WaiverResult:
    fields = {name: getattr(waiver, name) for name in WaiverResult.__struct_fields__ if name != "used"}
    return WaiverResult(**fields, used=used)


def _due(due: Due) -> DueResult:
    return DueResult(due.rule, due.model, due.on, due.message)


def _history(history: MetricHistory) -> HistoryResult:
    points = tuple(MeasuredResult(each.version, each.on, each.value) for each in history.points)
    return HistoryResult(history.model, history.benchmark, history.type, history.args, points)
