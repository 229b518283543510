"""The rule about the candidate beside the deployed model on live requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import Meta, field

from snitch.change import Change
from snitch.comparison import told_apart
from snitch.divergence import jensen_shannon_distance, population_stability_index
from snitch.finding import Finding, Measured, Skip
from snitch.formats.scalars import Duration, duration
from snitch.formats.shadow import Milliseconds, Percentile, Served, Share, Times
from snitch.model import same_files
from snitch.numbers import Limit, absolute_limit, decimal, written
from snitch.rule import Rule

if TYPE_CHECKING:
    from snitch.formats.shadow import ShadowReport
    from snitch.gate import Shadow

Counts = tuple[int, ...]
_HELP = "look at what the shadow run saw; promote a candidate that passes, or ask for another limit in the policy"


class FailedShadow(Rule, code="PRO007", severity=(None, "error"), stage="gate"):
    """The candidate has not answered live requests beside the deployed model, or not well enough.

    A benchmark tells how good answers are, not how long they take, how often there is none, or what live requests are
    like. In a shadow run the candidate gets the requests that the deployed model answers, and its answers are thrown
    away. What it came to is handed to the gate by its own pipeline, with `--shadow FILE`; `snitch schema shadow` prints
    what such a file holds. It counts only for the very weights that are to be merged, and where limits are held against
    the deployed model, only beside the weights that are deployed. A change that leaves weights, threshold and
    prediction code as they are needs none.

    Mend it: run the shadow again, for longer or with a better candidate.

    Options:
        min_window: how long it has to have run: a whole number and m, h, d or w.
        min_requests: how many requests the candidate has to have got.
        max_error_rate: the largest share of requests without an answer.
        max_error_rate_rise: how far that may lie above the deployed model's: a share, or a percentage of it.
        max_latency: the longest time in milliseconds, by percentile.
        max_latency_rise: how far that may lie above the deployed model's: milliseconds, or a percentage of it.
        max_psi: the largest population stability index of the outputs, the deployed model's being the expected ones.
        max_jensen_shannon: the largest Jensen-Shannon distance of the outputs (0 to 1).

    Example:
        failed-shadow: {min_window: 24h, min_requests: 10000, max_error_rate: 0.01, max_latency_rise: {p95: "10%"}}
    """

    loosened_by: ClassVar[Any] = {
        **dict.fromkeys(("min_window", "min_requests"), "less"),
        **dict.fromkeys(("max_error_rate", "max_error_rate_rise", "max_latency", "max_latency_rise"), "more"),
        **dict.fromkeys(("max_psi", "max_jensen_shannon"), "more"),
    }
    min_window: Duration | None = None
    min_requests: Times | None = None
    max_error_rate: Share | None = None
    max_error_rate_rise: Limit | None = None
    max_latency: dict[Percentile, Milliseconds] = field(default_factory=dict)
    max_latency_rise: dict[Percentile, Limit] = field(default_factory=dict)
    max_psi: Annotated[float, Meta(ge=0)] | None = None
    max_jensen_shannon: Share | None = None

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a limit; one alone where there is no report of the candidate."""
        if self == FailedShadow():
            raise Skip("the policy sets no limit for a shadow run")
        if change.has_deployed:
            change.require_other_answers()
        candidate, shadows = change.candidate, change.gate.shadows
        weights = candidate.weights_digests
        named = [(each, each.report) for each in shadows if each.report and each.report.model == candidate.name]
        ours = [(each, report) for each, report in named if same_files(weights, report.candidate.weights)]
        for shadow, report in ours:
            yield from self.judge(change, shadow, report)
        if named and not ours:
            message = f"the shadow run was of other weights than those of {candidate.name} {candidate.version}"
            yield _finding(named[0][0], "/candidate/weights", message, "weights", help="run it with these weights")
        elif not ours:
            unusable = tuple(f"{each.file.path} cannot be used: {each.fault}" for each in shadows if each.fault)
            message = f"there is no shadow report of {candidate.name} {candidate.version}"
            help_text = "run the shadow, and hand its report to the gate with `--shadow FILE`"
            yield candidate.finding("/weights", message, about="report", notes=unusable, help=help_text)

    def judge(self, change: Change, shadow: Shadow, report: ShadowReport) -> Iterator[Finding]:
        """Holds one report against all limits."""
        yield from self.judge_extent(change, shadow, report)
        yield from self.judge_candidate(shadow, report.candidate)
        if not self.needs_deployed or change.is_first_release:
            return
        deployed, name = report.deployed, change.candidate.name
        if deployed is None:
            message = f"the shadow report says nothing of the deployed {name}"
            yield _finding(shadow, "", message, "deployed", help="have the job tell how the deployed model did, too")
        elif not same_files(change.deployed.weights_digests, deployed.weights):
            message = f"the shadow run was beside other weights than those of the deployed {name}"
            yield _finding(shadow, "/deployed/weights", message, "deployed", help="run it beside what is deployed now")
        else:
            yield from self.judge_rise(shadow, report.candidate, deployed)
            yield from self.judge_outputs(shadow, report, report.candidate, deployed)

    @property
    def needs_deployed(self) -> bool:
        """Whether a limit is held against the deployed model."""
        drift = self.max_psi is not None or self.max_jensen_shannon is not None
        return drift or self.max_error_rate_rise is not None or bool(self.max_latency_rise)

    def judge_extent(self, change: Change, shadow: Shadow, report: ShadowReport) -> Iterator[Finding]:
        """Whether it ran for long enough, and saw enough."""
        window, requests = report.window, report.candidate.requests
        if not window.start <= window.end <= change.gate.moment:
            message = "the shadow run ended before it began, or has not ended yet"
            yield _finding(shadow, "/window", message, "window", help="have the job tell the time by a right clock")
        elif self.min_window is not None and window.end - window.start < duration(self.min_window):
            message = f"the shadow run took {window.end - window.start}; the policy asks for {self.min_window}"
            yield _finding(shadow, "/window", message, "window", help="let it run for longer")
        least = max(self.min_requests or 0, 1)
        if requests < least:
            message = f"the candidate got {_requests(requests)} in the shadow run; the policy asks for {least:,}"
            yield _finding(shadow, "/candidate/requests", message, "requests", help="let it run for longer")

    def judge_candidate(self, shadow: Shadow, candidate: Served) -> Iterator[Finding]:
        """What the candidate did, whatever the deployed model does."""
        if self.max_error_rate is not None:
            yield from _ceiling(
                shadow, "/candidate/error_rate", "error rate", candidate.error_rate, self.max_error_rate
            )
        for name, limit in self.max_latency.items():
            if name not in candidate.latency:
                yield _finding(shadow, "/candidate/latency", f"the shadow report has no {name} of the candidate", name)
            else:
                place, what = f"/candidate/latency/{name}", f"{name} latency in ms"
                yield from _ceiling(shadow, place, what, candidate.latency[name], limit)

    def judge_rise(self, shadow: Shadow, candidate: Served, deployed: Served) -> Iterator[Finding]:
        """What became worse than it is today."""
        if self.max_error_rate_rise is not None:
            rates = candidate.error_rate, deployed.error_rate
            yield from _rise(shadow, "/candidate/error_rate", "error rate", rates, self.max_error_rate_rise)
        for name, limit in self.max_latency_rise.items():
            for side, served in (("candidate", candidate), ("deployed", deployed)):
                if name not in served.latency:
                    yield _finding(shadow, f"/{side}/latency", f"the shadow report has no {name} of the {side}", name)
            if name in candidate.latency and name in deployed.latency:
                place, what = f"/candidate/latency/{name}", f"{name} latency in ms"
                yield from _rise(shadow, place, what, (candidate.latency[name], deployed.latency[name]), limit)

    def judge_outputs(
        self, shadow: Shadow, report: ShadowReport, candidate: Served, deployed: Served
    ) -> Iterator[Finding]:
        """How far the answers have moved."""
        limits: list[tuple[float | None, str, Callable[[Counts, Counts], float]]] = [
            (self.max_psi, "PSI", population_stability_index),
            (self.max_jensen_shannon, "Jensen-Shannon distance", jensen_shannon_distance),
        ]
        wanted = [(limit, what, measure) for limit, what, measure in limits if limit is not None]
        if not wanted:
            return
        fault = _fault_of_outputs(report, candidate, deployed)
        if fault:
            yield _finding(shadow, "/candidate/outputs", f"the outputs cannot be compared: {fault}", "outputs")
            return
        before, after = _by_bin(deployed, candidate)
        for limit, what, measure in wanted:
            yield from _ceiling(shadow, "/candidate/outputs", f"{what} of the outputs", measure(before, after), limit)


def _ceiling(shadow: Shadow, pointer: str, what: str, value: float, limit: float) -> Iterator[Finding]:
    if not isfinite(value):
        yield _finding(shadow, pointer, f"the {what} is {value}, which is no number", what)
    elif decimal(value) > decimal(limit):
        is_value, bound = told_apart(decimal(value), decimal(limit))
        yield _finding(shadow, pointer, f"the {what} is {is_value}; the limit is {bound}", what, Measured(value))


def _rise(
    shadow: Shadow, pointer: str, what: str, values: tuple[float, float], limit: float | str
) -> Iterator[Finding]:
    """Holds the candidate's value above the deployed model's against a limit."""
    ours, theirs = values
    if not (isfinite(ours) and isfinite(theirs)):
        message = f"the {what} is {ours}, and {theirs} of the deployed model, which is no number"
        yield _finding(shadow, pointer, message, f"{what} rise")
        return
    rise, allowed = decimal(ours) - decimal(theirs), absolute_limit(limit, theirs)
    if rise > allowed:
        amount, bound = told_apart(rise, allowed)
        above = f"{amount} above the deployed model's {written(theirs)}; the limit is {bound}"
        of_it = f" ({limit})" if isinstance(limit, str) else ""
        measured = Measured(float(rise), True, abs(theirs))
        yield _finding(shadow, pointer, f"the {what} is {written(ours)}, {above}{of_it}", f"{what} rise", measured)


def _fault_of_outputs(report: ShadowReport, candidate: Served, deployed: Served) -> str:
    """Why two histograms are none, or none that belong together; empty where they do."""
    outputs = candidate.outputs, deployed.outputs
    if any(not each or not sum(_counts(each)) for each in outputs):
        return "there are none of the candidate, or of the deployed model"
    if any(sum(_counts(served.outputs)) > served.requests for served in (candidate, deployed)):
        return "there are more of them than requests"
    if isinstance(outputs[0], dict) != isinstance(outputs[1], dict):
        return "one counts labels, the other numbers"
    if isinstance(outputs[0], dict):
        return ""
    if len(outputs[0]) != len(outputs[1]) or len(report.edges) != len(outputs[0]) + 1:
        return "both need one bin between every two of `edges`"
    rising = all(one < other for one, other in zip(report.edges, report.edges[1:], strict=False))
    return "" if rising else "`edges` have to rise"


def _counts(outputs: dict[str, int] | Counts) -> Counts:
    return tuple(outputs.values()) if isinstance(outputs, dict) else outputs


def _by_bin(one: Served, other: Served) -> tuple[Counts, Counts]:
    """The counts of both by the same bins; a label that one never gave counts none there."""
    if isinstance(one.outputs, dict) and isinstance(other.outputs, dict):
        labels = sorted({*one.outputs, *other.outputs})
        first, second = one.outputs, other.outputs
        return tuple(first.get(each, 0) for each in labels), tuple(second.get(each, 0) for each in labels)
    return _counts(one.outputs), _counts(other.outputs)


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number:,} requests"


def _finding(
    shadow: Shadow, pointer: str, message: str, about: str, measured: Measured | None = None, help: str = _HELP
) -> Finding:
    return shadow.file.finding(pointer, message, about=about, role="shadow", measured=measured, help=help)
