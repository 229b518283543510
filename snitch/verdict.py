"""The verdict and the report: what a run concluded, as a value. Rendering it is another floor's work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from msgspec import Struct

from snitch.finding import Comparison, Due, Finding
from snitch.pointer import Pointer
from snitch.waiver import Waiver

Verdict = Literal["passed", "blocked", "inconclusive"]
ModelChange = Literal["added", "modified", "deleted", "unchanged"]


# Thousands of these are made and read at a time; holding only strings, they can be in no cycle.
class Skipped(Struct, frozen=True, gc=False):
    """A rule that did not apply, and why."""

    rule: str
    model: str | None
    reason: str


class State(Struct, frozen=True):
    """One of the commits a run looked at: `commit` is None for the index and the work tree."""

    ref: str
    commit: str | None
    path: str | None = None
    #: Of what a merge would make: its tree, where `commit` is what is to be merged.
    tree: str | None = None


class Measured(Struct, frozen=True):
    """What a version of a model had measured once."""

    version: str
    on: date
    value: float


class MetricHistory(Struct, frozen=True, kw_only=True):
    """One metric of a model over the versions that the deployed branch has held, oldest first; on one benchmark's data.

    The candidate is not in it: `Comparison` holds that.
    """

    model: str
    benchmark: str
    type: str
    args: dict[str, Any] | None
    points: tuple[Measured, ...]


class JudgedModel(Struct, frozen=True, gc=False):
    """A model that the run judged."""

    name: str
    path: str
    version: str
    change: ModelChange
    verdict: Verdict


class Judgement(Struct, frozen=True):
    """What the rules observed of one model, or of the repository."""

    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    due: tuple[Due, ...] = ()
    notes: tuple[str, ...] = ()
    used_waivers: tuple[Waiver, ...] = ()
    #: The model's name and version; empty for the repository.
    model: str = ""
    version: str = ""
    #: The weights that were not judged, since their bytes are not on this machine: path and pointer.
    awaited: tuple[tuple[str, Pointer], ...] = ()


class Report(Struct, frozen=True, kw_only=True):
    """The whole result of a run."""

    snitch: str
    environment: str
    now: date
    candidate: State
    base: State | None
    deployed: State | None
    policy: State
    models: tuple[JudgedModel, ...] = ()
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    due: tuple[Due, ...] = ()
    notes: tuple[str, ...] = ()
    #: How the metrics came to be what they are; only the gate looks so far back.
    history: tuple[MetricHistory, ...] = ()
    rules: int = 0
    #: In a hook: the environment whose stricter severities will judge the pull request; warnings here will block there.
    next_environment: str | None = None

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.findings)

    @property
    def counts(self) -> dict[str, int]:
        """Findings by what they mean for the verdict; each is counted once."""
        live = [finding for finding in self.findings if finding.waiver is None]
        errors = [finding for finding in live if finding.severity == "error"]
        return {
            "models": len(self.models),
            "rules": self.rules,
            "errors": sum(finding.outcome == "fail" for finding in errors),
            "warnings": len(live) - len(errors),
            "inconclusive": sum(finding.outcome == "inconclusive" for finding in errors),
            "waived": len(self.findings) - len(live),
        }


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """An error that fails blocks; else an error that is inconclusive decides nothing; else it passes."""
    outcomes = {finding.outcome for finding in findings if finding.blocks}
    if "fail" in outcomes:
        return "blocked"
    return "inconclusive" if outcomes else "passed"


EXIT_CODES: dict[Verdict, int] = {"passed": 0, "blocked": 1, "inconclusive": 3}
