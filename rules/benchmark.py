"""Rules about benchmarks: what they ask of a model, and whether they are still worth asking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Due, Finding, Note
from snitch.formats.scalars import Duration, duration
from snitch.postponed import Postponed
from snitch.rule import Rule


class MissingEvaluation(Rule, code="BEN001"):
    """A benchmark names the model, and there is no evaluation of the model on it.

    Without the evaluation nobody knows how good the model is, and nothing compares it with the deployed one.

    Mend it: evaluate the model and commit `evaluations/<benchmark>.json`.
    """

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a benchmark."""
        candidate = change.candidate
        present = {path.rpartition("/")[2].removesuffix(".json") for path in candidate.evaluation_paths}
        with suppress(Broken):  # what a record that is not valid measured, its file's name says
            present |= {evaluation.dataset.name for evaluation in candidate.evaluations}
        if not change.benchmarks:
            yield Note(f"no benchmark names {candidate.manifest.name}: nothing measures it")
        for benchmark in change.benchmarks:
            if benchmark.name not in present:
                yield candidate.finding(
                    "/name",
                    f"there is no evaluation on {benchmark.name} {benchmark.version}, which names the model",
                    help=f"evaluate the model and commit evaluations/{benchmark.name}.json",
                    role=benchmark.name,
                    about="evaluation",
                )


class StaleBenchmark(Rule, code="BEN002"):
    """The evaluation was made on another revision or by another definition of the benchmark than the current one.

    A score on an old benchmark cannot be compared with one on the new. What decides are the digests of the data and of
    the definition (task, target, positive label, id, metrics); the version is for people.

    Mend it: evaluate the model again and commit the evaluation.
    """

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding an evaluation; a note where a record does not say by which definition it was made."""
        later = Postponed()
        for evaluation in change.candidate.evaluations:
            if evaluation.dataset.definition is None:
                yield Note(f"{evaluation.path}: definition not recorded")
            with later:
                current = change.benchmark(evaluation.dataset.name)
                if not evaluation.measures(current):
                    yield _stale(evaluation, current)
        later.tell()


def _stale(evaluation: Evaluation, current: Benchmark) -> Finding:
    dataset, definition = evaluation.dataset, current.definition
    other_data = dataset.revision != definition.data.revision
    other_definition = evaluation.definition != definition.definition
    what = " and ".join(["data"] * other_data + ["definition"] * other_definition)
    measured = f"{dataset.name} {dataset.version}" if dataset.version else f"a {dataset.name} of no version"
    return evaluation.finding(
        "/dataset/revision" if other_data else "/dataset/definition",
        f"measured on {measured}; the current benchmark is {current.version}, with other {what}",
        help="evaluate the model again and commit the evaluation",
        role=dataset.name,
        about="benchmark",
    )


class MissingMetric(Rule, code="BEN005"):
    """The evaluation lacks a metric or a slice that the benchmark asks for.

    A metric that may be left out is the first to be left out when it is bad. A metric is its type and its arguments:
    recall at another threshold is another metric. For each column in the benchmark's `slices` the record must hold
    slices by that column.

    Mend it: evaluate the model again; where a script of your own writes the record, let it write the metric too.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a benchmark and metric or slice column."""
        benchmarks = {benchmark.name: benchmark for benchmark in change.benchmarks}
        for evaluation in change.candidate.evaluations:
            benchmark = benchmarks.get(evaluation.dataset.name)
            if benchmark is not None:
                yield from _missing_metrics(evaluation, benchmark)
                yield from _missing_slices(evaluation, benchmark)


def _missing_metrics(evaluation: Evaluation, benchmark: Benchmark) -> Iterator[Finding]:
    for key, requested in benchmark.asked.items():
        if key not in evaluation.measurements:
            others = sorted(each.key for each in evaluation.measurements.values() if each.type == requested.type)
            instead = f"; the record has {', '.join(others[:3])}" if others else ""
            yield _lacking(evaluation, benchmark, "/metrics", key, instead)


def _missing_slices(evaluation: Evaluation, benchmark: Benchmark) -> Iterator[Finding]:
    for column in dict.fromkeys(benchmark.definition.slices):
        if column not in evaluation.columns:
            yield _lacking(evaluation, benchmark, "/slices", f"slices by {column}", "")


def _lacking(evaluation: Evaluation, benchmark: Benchmark, pointer: str, what: str, instead: str) -> Finding:
    return evaluation.finding(
        pointer,
        f"{benchmark.name} {benchmark.version} asks for {what}, and the evaluation has none{instead}",
        key=True,
        help="evaluate the model again and commit the evaluation",
        role=benchmark.name,
        about=what,
    )


class ExpiredBenchmark(Rule, code="BEN006"):
    """The benchmark is past its `expires`, or was collected longer ago than `max_age`.

    The world moves on: a model that is good on the users of three years ago may be bad for those of today. `expires` is
    the last day, in UTC, on which the benchmark is good.

    Mend it: collect a new benchmark and have it reviewed; evaluate the deployed weights on it first.

    Options:
        max_age: how long ago `collected.end` may be: a whole number and m, h, d or w. 365d by default.
    """

    loosened_by = {"max_age": "more"}
    max_age: Duration = "365d"

    def check(self, change: Change) -> Iterator[Finding | Due]:
        """One finding a benchmark that is over; for the others, the day on which they will be."""
        for benchmark in change.benchmarks:
            collected = benchmark.definition.collected
            end = _end(benchmark.definition.expires, collected and collected.end, self.max_age)
            if end is None:
                continue
            last_day, pointer, message = end
            if change.today > last_day:
                yield benchmark.finding(
                    pointer,
                    f"{benchmark.name} {benchmark.version} {message}",
                    help="collect a new benchmark, and evaluate the deployed weights on it first",
                    role=benchmark.name,
                    about="expired",
                )
            elif last_day < date.max:
                yield Due(on=last_day + _A_DAY, message=f"its benchmark {benchmark.name} expires")


_A_DAY = timedelta(days=1)


@lru_cache(maxsize=256)  # a benchmark is asked about for each model that it names
def _end(expires: date | None, collected: date | None, max_age: str) -> tuple[date, str, str] | None:
    """The last day on which a benchmark is good, where that is written, and what to say after it."""
    reasons = []
    if expires is not None:
        reasons.append((expires, "/expires", f"expired on {expires}"))
    if collected is not None:
        days = min(duration(max_age).days, (date.max - collected).days)
        message = f"was collected until {collected}, longer ago than {max_age}"
        reasons.append((collected + timedelta(days=days), "/collected/end", message))
    return min(reasons, key=lambda reason: reason[0], default=None)
