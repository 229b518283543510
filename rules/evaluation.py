"""Rules about one evaluation record: its shape, its numbers, and whether it is of these weights."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from snitch.ambiguity import Fault, where
from snitch.change import Change
from snitch.documents import Unreadable
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Finding, Skip
from snitch.measurement import Measurement
from snitch.model import same_files
from snitch.numbers import decimal
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.soundness import foreign_weights, invalid_metrics, require_sound, sound_value
from snitch.source import File, content_digest, resolve


class ForeignWeights(Rule, code="BEN003"):
    """The evaluation measured other weights than those that are committed.

    New weights with the old scores beside them are the commonest lie of a model registry, and mostly an accident.
    What decides are the digests of the weights files, read from their LFS pointers; the version is for people.

    Mend it: evaluate the model again and commit the evaluation, or restore the weights that it measured.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding an evaluation."""
        later = Postponed()
        committed = change.candidate.weights_digests
        for evaluation in change.candidate.evaluations:
            with later:
                _require_own(change, evaluation)
                fault = foreign_weights(evaluation, committed)
                if fault is not None:
                    yield _finding(evaluation, fault)
        later.tell()


def _require_own(change: Change, evaluation: Evaluation) -> None:
    """One cause, one finding: another model's whole record is not also one of other weights.

    Raises:
        Broken: the record is another model's, which `invalid-evaluation` tells.
    """
    if evaluation.record.model.name != change.candidate.manifest.name:
        raise Broken(f"{evaluation.path} is of another model", reported_by="BEN011", path=evaluation.path)


class InvalidMetric(Rule, code="BEN004", severity=("error", "error")):
    """A recorded metric is not a finite real number, or lies where the metric cannot.

    NaN compares as false with everything, so a careless gate lets it pass; an accuracy of 1.2 is a bug of the script
    that computed it. A confidence interval must be finite and hold the value.

    Mend it: find out how the value came about, then evaluate the model again.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a metric."""
        for evaluation in change.candidate.evaluations:
            for fault in invalid_metrics(evaluation):
                yield _finding(evaluation, fault)


class ContradictoryEvaluation(Rule, code="BEN010", severity=("error", "error")):
    """The same weights on the same benchmark have another score than the deployed record says.

    One of the two records is wrong: edited by hand, made by another script, or of a model that draws lots. Scores may
    differ by one millionth of the deployed value, which is rounding. Where the code that predicts, what it is given or
    the versions of the libraries changed as well, the same weights may answer otherwise; where the threshold did, all
    but the scores may differ.

    Mend it: evaluate the model again. If the deployed record was the wrong one, have that reviewed.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a metric, overall or of a slice."""
        try:
            deployed = {each.dataset.name: each for each in change.deployed_evaluations}
        except Broken:
            if change.same_answers:
                raise Skip("the deployed model's own evaluation is not valid") from None
            raise
        later = Postponed()
        for evaluation in change.candidate.evaluations:
            other = deployed.get(evaluation.dataset.name)
            if other is not None and evaluation.comparable(other) and _same_weights(evaluation, other):
                with later:
                    require_sound(evaluation, reported_by="BEN011")
                    if evaluation.repeats(other):
                        _require_values(evaluation)
                        continue
                    for name, ours, theirs in _shared(evaluation, other):
                        with later:
                            if not _may_differ(change, ours):
                                yield from _contradiction(change, evaluation, other, name, ours, theirs)
        later.tell()


def _same_weights(one: Evaluation, other: Evaluation) -> bool:
    return same_files(one.record.model.weights, other.record.model.weights)


def _may_differ(change: Change, measurement: Measurement) -> bool:
    """Whether what the change does beside the weights may move a metric. A threshold moves no score.

    Raises:
        Broken: the candidate's weights cannot be told.
    """
    parts = {each.part for each in change.otherwise} - {"weights"}
    if parts != {"threshold"} or change.candidate.manifest.predict:
        return bool(parts)
    from snitch.measuring.answers import is_of_scores

    return not is_of_scores(measurement.type, measurement.args or {})


def _require_values(evaluation: Evaluation) -> None:
    """Refuses values that are none, which a record shares with its own copy too.

    Raises:
        Broken: a value is none.
    """
    for measurement in evaluation.impossible:
        sound_value(evaluation, measurement, reported_by="BEN004")


def _shared(one: Evaluation, other: Evaluation) -> Iterator[tuple[str, Measurement, Measurement]]:
    for key, ours in one.measurements.items():
        if key in other.measurements:
            yield key, ours, other.measurements[key]
    for slice, (_, metrics) in one.slice_measurements.items():
        _, theirs = other.slice_measurements.get(slice, (0, {}))
        for key, ours in metrics.items():
            if key in theirs:
                yield where(key, slice), ours, theirs[key]


#: Beyond rounding: one millionth of the deployed value.
_ROUNDING = Decimal("1e-6")


def _contradiction(
    change: Change, evaluation: Evaluation, deployed: Evaluation, name: str, ours: Measurement, theirs: Measurement
) -> Iterator[Finding]:
    """The finding, where the two differ. A deployed value that is none contradicts nothing.

    Raises:
        Broken: the candidate's value is none.
    """
    measured = sound_value(evaluation, ours, reported_by="BEN004")
    if theirs.value is None or measured == theirs.value:
        return
    value = decimal(measured)
    if abs(value - decimal(theirs.value)) <= _ROUNDING * abs(decimal(theirs.value)):
        return
    yield evaluation.finding(
        ours.pointer,
        f"{name} is {value}; the deployed record says {decimal(theirs.value)} of the same weights and benchmark",
        help="evaluate the model again, and find out which of the two is wrong",
        label=f"candidate {change.candidate.version}",
        deployed=deployed.side(theirs.pointer, theirs.value, f"deployed {change.deployed.version}"),
        role=evaluation.dataset.name,
        about=name,
    )


class InvalidEvaluation(Rule, code="BEN011", severity=("error", "error")):
    """The evaluation record has a wrong shape, an unknown key, another `schema_version`, or contradicts itself.

    A record that cannot be read for certain is no evidence. It must be of this model, lie in the file that its
    benchmark is called by, say each thing once, and name the predictions that lie beside it by their digest.

    Mend it: each finding names the place; `snitch schema evaluation` prints
    their JSON Schema.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a cause."""
        later = Postponed()
        for path in change.candidate.evaluation_paths:
            with later:
                yield from _judge(change, path)
        later.tell()


def _judge(change: Change, path: str) -> Iterator[Finding]:
    """What is wrong with one record.

    Raises:
        UnreadableFile: it cannot be read.
        Undecidable: its predictions are not in this clone.
    """
    try:
        evaluation = change.candidate.evaluation(path)
    except Unreadable as error:
        for problem in error.problems:
            yield File(change.repository, path).finding(
                problem.pointer,
                problem.message,
                span=problem.span,
                help=problem.help,
                role=_stem(path),
                about=problem.message,
            )
        return
    for fault in _faults(change, evaluation):
        yield _finding(evaluation, fault)


def _faults(change: Change, evaluation: Evaluation) -> Iterator[Fault]:
    record, stem = evaluation.record, _stem(evaluation.path)
    if record.dataset.name != stem:
        message = f"the record in {stem}.json is of the benchmark {record.dataset.name}"
        yield Fault("/dataset/name", message, "dataset", f"call the file {record.dataset.name}.json")
    name = _own_name(change)
    if name is not None and record.model.name != name:
        message = f"the record is of the model {record.model.name}, and this is {name}"
        yield Fault("/model/name", message, "model", "evaluate the model and commit this model's own evaluation")
    if _is_ahead(record.date, change.today):
        yield Fault(
            "/date", f"measured on {record.date.date()}, which is in the future", "date", "write the day in UTC"
        )
    yield from _rows(evaluation)
    yield from evaluation.ambiguities
    yield from _predictions(evaluation)


def _own_name(change: Change) -> str | None:
    """The model's name; None where the manifest does not say, which another rule tells."""
    try:
        return change.candidate.manifest.name
    except Broken:
        return None


def _is_ahead(moment: datetime, today: date) -> bool:
    """Whether a moment is later than the day after today, in UTC; a day of grace for clocks and time zones."""
    if moment.date() <= today:  # no time zone is a whole day behind UTC
        return False
    offset = moment.utcoffset() or timedelta()
    return moment.replace(tzinfo=None) - datetime.combine(today, time()) - offset >= timedelta(days=2)


def _rows(evaluation: Evaluation) -> Iterator[Fault]:
    dataset, benchmark = evaluation.dataset, evaluation.own_benchmark
    if benchmark is None or dataset.rows is None or benchmark.definition.data.revision != dataset.revision:
        return
    rows = benchmark.definition.data.rows
    if rows is not None and rows != dataset.rows:
        message = f"measured on {dataset.rows} rows; {dataset.name} has {rows}"
        yield Fault("/dataset/rows", message, "rows", "measure all of the benchmark")


def _predictions(evaluation: Evaluation) -> Iterator[Fault]:
    """Whether the predictions lie where the record says, and are what it was computed from.

    Raises:
        Undecidable: they are not in this clone.
    """
    predictions = evaluation.record.predictions
    if predictions is None:
        return
    path = resolve(posixpath.dirname(evaluation.path), predictions.path)
    if path is None or path not in evaluation.repository.snapshot:
        where_to = "leaves the repository" if path is None else "is not in the tree"
        message = f"`{predictions.path}` {where_to}"
        yield Fault("/predictions/path", message, "predictions", "commit the predictions beside the record")
        return
    try:
        digest = content_digest(evaluation.repository, path)
    except Broken as error:
        yield Fault("/predictions/path", error.reason, "predictions", "commit the predictions anew, through Git LFS")
        return
    if digest != predictions.sha256:
        message = f"computed from predictions {predictions.sha256}, and {path} is {digest}"
        yield Fault("/predictions/sha256", message, "predictions", "evaluate the model and commit both files")


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".json")


def _finding(evaluation: Evaluation, fault: Fault) -> Finding:
    role = _stem(evaluation.path)
    return evaluation.finding(fault.pointer, fault.message, help=fault.help, role=role, about=fault.key)
