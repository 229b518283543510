"""What measuring came to, in words: one line a benchmark, and a line a thing that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from snitch.comparison import told_apart
from snitch.evaluating.evaluate import Evaluated
from snitch.evaluating.golden import Golden
from snitch.evaluating.subjects import Subject
from snitch.evaluating.verify import Verified
from snitch.evaluation import Evaluation
from snitch.metrics import identity, metric, nearest
from snitch.model import Model
from snitch.numbers import decimal, written
from snitch.recomputation import Departure

#: So many numbers that are others than recorded are told one by one.
_MOST = 20


def evaluated_line(evaluated: Evaluated, deployed: Mapping[str, float]) -> str:
    """`churn 1.4.0 on churn-holdout: roc_auc 0.913 (deployed 0.91), …; written to PATH`."""
    told = []
    for key, value in evaluated.values.items():
        beside = f" (deployed {written(deployed[key])})" if key in deployed else ""
        told.append(f"{key} {written(value)}{beside}")
    end = "written to" if evaluated.is_written else "unchanged in"
    return f"{name_of(evaluated.subject)}: {', '.join(told)}; {end} {evaluated.path}"


def missing_lines(evaluated: Evaluated) -> list[str]:
    """What the benchmark asks for and the record has not got."""
    return [
        f"{each} is not recorded: nobody here can compute it; {_meant(each)}let a script of your own write its value "
        f"into {evaluated.path}, where it is kept"
        for each in evaluated.missing
    ]


def _meant(key: str) -> str:
    type = key.partition("(")[0]
    near = nearest(type) if metric(type) is None else None
    return f"did you mean `{near}`? Else " if near else ""


def verified_lines(verified: Verified) -> list[str]:
    """The outcome, and each thing that is not as recorded with its place."""
    subject, evaluation = verified.subject, verified.evaluation
    if verified.outcome == "inconclusive":
        mend = f" ({verified.help})" if verified.help else ""
        return [f"{name_of(subject)}: inconclusive: {verified.reason}{mend}"]
    if verified.outcome == "reproduced" and verified.evidence is not None:
        values = ", ".join(
            f"{identity(each.type, each.args)} {written(float(each.value))}" for each in verified.evidence.metrics
        )
        return [f"{name_of(subject)}: reproduced: {values}"]
    assert evaluation is not None
    lines = [f"{name_of(subject)}: differs from what is recorded"]
    lines += [f"  {_place(evaluation, each)}: {_departure(each)}" for each in verified.departures[:_MOST]]
    rest = len(verified.departures) - _MOST
    return [*lines, f"  and {rest:,} more"] if rest > 0 else lines


def golden_lines(model: Model, golden: Golden) -> list[str]:
    """How a model answers its golden cases: each that it fails, with its line."""
    name = f"{model.manifest.name} {model.manifest.version}"
    if golden.cases is None or golden.reason:
        return [f"{name}: golden cases: inconclusive: {golden.reason}{f' ({golden.help})' if golden.help else ''}"]
    number = len(golden.cases.cases)
    cases = "the golden case is" if number == 1 else f"{number:,} golden cases are"
    if not golden.failures:
        return [f"{name}: {cases} answered as agreed"]
    failed = len({each.case.name for each in golden.failures})
    lines = [f"{name}: {failed:,} of {number:,} golden cases {'is' if failed == 1 else 'are'} answered otherwise"]
    for each in golden.failures[:_MOST]:
        place = golden.cases.finding_at(each.case, "", output=each.output)
        lines.append(f"  {place.path}:{place.line}: {each.message}")
    rest = len(golden.failures) - _MOST
    return [*lines, f"  and {rest:,} more"] if rest > 0 else lines


def name_of(subject: Subject) -> str:
    manifest = subject.model.manifest
    return f"{manifest.name} {manifest.version} on {subject.benchmark.name}"


def _place(evaluation: Evaluation, departure: Departure) -> str:
    return f"{evaluation.path}:{evaluation.finding(departure.pointer, '').line}"


def _departure(departure: Departure) -> str:
    if departure.recomputed is None:
        return f"{departure.about} cannot be computed: {departure.reason}" if departure.about else departure.reason
    recorded, recomputed = told_apart(_decimal(departure.recorded), _decimal(departure.recomputed))
    return f"{departure.about} is recorded as {recorded}; measured again it is {recomputed}"


def _decimal(value: float) -> Decimal:
    return decimal(float(value))
