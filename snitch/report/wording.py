"""The words that several formats share. What others wrote is in them as it was written: each format has its escape."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snitch.finding import Comparison, Due, Finding, Side
    from snitch.verdict import Report, State

#: What falls due later than this is told only on request.
HORIZON = timedelta(days=30)
#: What a note says where the author of a change could edit the workflow that judges it.
ADVISORY = "advisory against a hostile author"
_RANKS = {"error": 0, "inconclusive": 1, "warning": 2, "waived": 3}


def heading(finding: Finding) -> str:
    """What a finding is, in one word: error, inconclusive, warning or waived."""
    if finding.waiver is not None:
        return "waived"
    return "inconclusive" if finding.blocks and finding.outcome == "inconclusive" else finding.severity


def fact(finding: Finding) -> str:
    """What a finding says, where nothing beside it tells that it is no fact yet."""
    return f"inconclusive: {finding.message}" if heading(finding) == "inconclusive" else finding.message


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """What blocks first, then what is undecided, what warns, what is waived; each by model and place."""
    return sorted(
        findings,
        key=lambda each: (_RANKS[heading(each)], each.model or "", each.path, each.line, each.column, each.rule),
    )


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def passing(number: int, noun: str) -> str:
    """How many pass: `1 model passes`, `3 comparisons of slices pass`."""
    word, _, rest = noun.partition(" ")
    return f"{counted(number, word)}{rest and f' {rest}'} {'passes' if number == 1 else 'pass'}"


def place(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}:{finding.column}"


def smallest_place(finding: Finding) -> str:
    """The place, or the path alone where the finding is about a file as a whole, such as weights."""
    return finding.path if is_whole(finding) else place(finding)


def is_whole(place: Finding | Side) -> bool:
    """Whether it is a file as a whole, and no place in it."""
    return (place.line, place.column) == (1, 1) and not place.excerpt


def state_name(state: State | Side) -> str:
    """A state as people call it: `index`, `main@3f2c1ab`."""
    ref = state.ref
    for prefix in ("refs/heads/", "refs/tags/"):
        ref = ref.removeprefix(prefix)
    if ref.startswith("refs/remotes/") and ref.count("/") > 2:
        ref = ref.split("/", 3)[3]
    if state.commit is None:
        return ref
    return state.commit[:7] if state.commit.startswith(ref) else f"{ref}@{state.commit[:7]}"


def summary(report: Report) -> str:
    """The verdict and what it rests on, in one sentence."""
    counts = report.counts
    told = [counted(counts["errors"], "error")] if counts["errors"] else []
    told += [f"{counts['inconclusive']} undecided"] if counts["inconclusive"] else []
    told += [counted(counts["warnings"], "warning")] if counts["warnings"] else []
    waived = f"; {counts['waived']} waived" if counts["waived"] else ""
    if told:
        return f"{report.verdict}: {', '.join(told)} {_where(report)}{waived}{_ahead(report)}"
    return f"{report.verdict}: {judged(report)}{waived}"


def judged(report: Report) -> str:
    """What was judged, by how many rules, as in which environment."""
    if not report.models:
        return "0 models judged: nothing that Snitch judges has changed"
    models, rules = counted(len(report.models), "model"), counted(report.rules, "rule")
    return f"{models} judged by {rules} as in {report.environment}"


def _where(report: Report) -> str:
    models = {finding.model for finding in report.findings if finding.waiver is None} - {None}
    return f"in {counted(len(models), 'model')}" if models else "in the repository"


def _ahead(report: Report) -> str:
    ahead = sum(finding.blocks_next and finding.waiver is None for finding in report.findings)
    return f"; {counted(ahead, 'warning')} will block the pull request" if ahead else ""


def ahead(report: Report) -> str:
    """What a warning that blocks later says of itself."""
    above = f": an error in {report.next_environment}" if report.next_environment else ""
    return f"will block the pull request{above}"


def compared(report: Report) -> str:
    """Which comparisons were made, against which deployed commit; empty where nothing was judged."""
    if not report.models:
        return ""
    if report.deployed is None:
        return "compared with nothing: the deployed branch is not here"
    deployed = state_name(report.deployed)
    if not report.comparisons:
        return f"no metric was compared with {deployed}{_why_not(report)}"
    return f"compared with {deployed}: {_comparisons(report.comparisons)}"


def _why_not(report: Report) -> str:
    """Why no metric was compared, where it is one reason for all models."""
    reasons = [each.reason for each in report.skipped if each.rule == "REG001"]
    return f": {reasons[0]}" if len(reasons) == len(report.models) and len(set(reasons)) == 1 else ""


def _comparisons(comparisons: tuple[Comparison, ...]) -> str:
    benchmarks = sorted({each.benchmark for each in comparisons})
    slices = sum(each.slice is not None for each in comparisons)
    metrics = counted(len(comparisons) - slices, "metric")
    on = ", ".join(benchmarks) if len(benchmarks) <= 3 else counted(len(benchmarks), "benchmark")
    return f"{metrics}{f' and {slices} of slices' if slices else ''} on {on}"


def falls_due(report: Report, *, all: bool = False) -> list[str]:
    """What passes today and will not soon, nearest first."""
    dues = [due for due in report.due if all or due.on - report.now <= HORIZON]
    passing = {model.name for model in report.models if model.verdict == "passed"}
    dues.sort(key=lambda due: (due.on, due.model or "", due.rule, due.message))
    return [_due(due, report, due.model is None or due.model in passing) for due in dues]


def _due(due: Due, report: Report, passes: bool) -> str:
    days = (due.on - report.now).days
    when = "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"
    fact = f"{due.message} {when} ({due.on})"
    if not passes:
        return f"{due.model}: {fact}"
    return f"{due.model + ' ' if due.model else ''}passes today; {fact}"


def waived(report: Report) -> list[str]:
    """What was excused, and by which waiver; each waived rule of a model once."""
    excused = [each for each in in_order(report.findings) if each.waiver is not None]
    told = [f"{each.rule} {each.name}{f' of {each.model}' if each.model else ''}: {each.waiver}" for each in excused]
    return list(dict.fromkeys(told))


def states(report: Report) -> list[tuple[str, State]]:
    """The states that a run looked at, with what each was to it."""
    named = [
        ("candidate", report.candidate),
        ("base", report.base),
        ("deployed", report.deployed),
        ("policy", report.policy),
    ]
    return [(name, state) for name, state in named if state is not None]


def state_parts(state: State) -> list[str]:
    """What a state was called, its commit, its path and the tree of its merge, none of them twice."""
    is_commit = state.commit is not None and state.commit.startswith(state.ref)
    tree = f"tree {state.tree}" if state.tree else None
    return [part for part in ("" if is_commit else state.ref, state.commit, state.path, tree) if part]


def skipped(report: Report) -> list[str]:
    """The rules that did not apply, by model and reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in report.skipped:
        reasons.setdefault((each.model or "", each.reason), []).append(each.rule)
    return [
        f"{', '.join(rules)}{f' of {model}' if model else ''}: {reason}"
        for (model, reason), rules in sorted(reasons.items())
    ]


def metric_name(comparison: Comparison) -> str:
    """The metric, its arguments, and the slice it was measured on."""
    from snitch.metrics import identity

    name = identity(comparison.type, comparison.args)
    if comparison.slice is None:
        return name
    from snitch.measurement import slice_key

    return f"{name} where {slice_key(comparison.slice)}"


def number(value: float | None, *, sign: bool = False) -> str:
    """A number as people write it, with its sign where it is a difference; `-` where it is not known."""
    if value is None or not isfinite(value):
        return "-"
    from snitch.numbers import written

    return f"{'+' if sign and value > 0 else ''}{written(value)}"


def interval(comparison: Comparison) -> str:
    """The 95 % interval of the difference; `-` where no uncertainty is known. JSON has no end that is not finite."""
    if comparison.interval is None or not all(map(isfinite, comparison.interval)):
        return "-"
    from snitch.numbers import written_interval

    low, high = written_interval(*comparison.interval)
    return f"{low} to {high}"
