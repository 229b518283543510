"""How a model's metrics came to be what they are: their values over the versions that a branch has held."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from snitch.benchmark import Benchmark
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Undecidable
from snitch.measurement import Measurement, measurements_of
from snitch.model import Model
from snitch.verdict import Measured, MetricHistory

if TYPE_CHECKING:
    from snitch.gate import History

#: Of a model that changes every hour the rest is long ago.
_MAX_STRETCHES = 2000


def metric_histories(model: Model, history: History, limit: int = 20) -> tuple[MetricHistory, ...]:
    """The values of each metric that a model has now, over at most `limit` of the versions that stood on a branch.

    Only what was measured on the current benchmark counts: on the same data, by the same definition. A record of the
    past that does not tell its definition is none. Where the history cannot be read further it ends: what is drawn
    decides nothing.
    """
    versions = list(islice(_versions(model, history), limit))
    try:
        evaluations = model.evaluations
    except (Broken, Undecidable):
        return ()
    histories = (each for evaluation in evaluations for each in _of_benchmark(model, evaluation, versions))
    return tuple(each for each in histories if each.points)


def _versions(model: Model, history: History) -> Iterator[Model]:
    """The model as it last was under each version, newest first."""
    known: set[str] = set()
    try:
        for stretch in islice(history.stretches(model.name, model.folder), _MAX_STRETCHES):
            version = stretch.model.version if stretch.holds(model.name) else ""
            if version and version not in known:
                known.add(version)
                yield stretch.model
    except Undecidable:
        return


def _of_benchmark(model: Model, evaluation: Evaluation, versions: list[Model]) -> Iterator[MetricHistory]:
    """One history for each metric of the current evaluation."""
    try:
        benchmark = model.repository.benchmark(evaluation.dataset.name)
        if benchmark is None or not evaluation.measures(benchmark):
            return
        past = [(each, _measured_then(each, benchmark)) for each in reversed(versions)]
        now = _measured(evaluation, benchmark)
    except (Broken, Undecidable):
        return
    for key, current in now.items():
        points = (_point(then, *found[key]) for then, found in past if key in found)
        yield MetricHistory(
            model=model.name,
            benchmark=benchmark.name,
            type=current.type,
            args=current.args or None,
            points=tuple(point for point in points if point is not None),
        )


def _measured_then(model: Model, benchmark: Benchmark) -> dict[str, tuple[Evaluation, Measurement]]:
    """What a model of the past had measured on a benchmark, by metric; nothing where that cannot be told."""
    try:
        found = [each for each in model.evaluations if each.dataset.name == benchmark.name and each.measures(benchmark)]
    except (Broken, Undecidable):
        return {}
    return {key: (each, measured) for each in found for key, measured in _measured(each, benchmark).items()}


def _measured(evaluation: Evaluation, benchmark: Benchmark) -> dict[str, Measurement]:
    """The overall metrics by identity, in the words of the benchmark that they were measured on."""
    metrics = measurements_of(evaluation.record.metrics, benchmark.args_by_type, "/metrics")
    return {each.key: each for each in metrics if each.value is not None and each.is_possible}


def _point(model: Model, evaluation: Evaluation, measurement: Measurement) -> Measured | None:
    value = measurement.value
    return None if value is None else Measured(model.version, evaluation.record.date.date(), value)
