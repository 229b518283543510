"""Rules about what a model was trained on: how old it is, whether its dates can be true, whether it can be found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.finding import Broken, Due, Finding, Measured, Skip
from snitch.formats.manifest import TrainingData
from snitch.formats.scalars import Duration, duration
from snitch.rule import Rule


class StaleTrainingData(Rule, code="DAT001"):
    """The newest training data is older than the limit.

    A model knows the world up to the last day of its training data. The age is counted from that day, the newest
    `end` in `training.data`, to the day of the run in UTC; exactly at the limit passes.

    Mend it: retrain on newer data.

    Options:
        max_age: how old the newest training data may be: a whole number and m, h, d or w, such as `180d`. None by
            default, and then the rule does not apply.
    """

    loosened_by = {"max_age": "more"}
    max_age: Duration | None = None

    def check(self, change: Change) -> Iterator[Finding | Due]:
        """One finding, or the day on which there will be one."""
        if self.max_age is None:
            raise Skip("the policy sets no max_age")
        index, end = _newest(change)
        age, limit = change.today - end, duration(self.max_age)
        if age > limit:
            yield change.candidate.finding(
                f"/training/data/{index}/end",
                f"the newest training data ends on {end}, {age.days} days ago; the limit is {self.max_age}",
                help="retrain on newer data",
                measured=Measured(age.days),
                about="age",
            )
        elif limit.days < (date.max - end).days:
            yield Due(on=end + timedelta(days=limit.days + 1), message="its training data goes stale")


def _newest(change: Change) -> tuple[int, date]:
    """The index of the dataset that ends last, and its end.

    Raises:
        Broken: a dataset has no end, or none is recorded, which `unpinned-training-data` tells.
    """
    ends = [each.end for each in _data(change)]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        reason = "the end of the training data is not recorded"
        raise Broken(reason, reported_by="DAT003", path=change.candidate.path)
    return ends.index(max(known)), max(known)


def _data(change: Change) -> tuple[TrainingData, ...]:
    training = change.candidate.manifest.training
    return training.data if training is not None else ()


class ImpossibleTrainingWindow(Rule, code="DAT002", severity=("error", "error")):
    """The dates of the training data cannot be true: in the future, inverted, or overlapping a temporal benchmark.

    A benchmark with `split: temporal` asks how the model does on days that it has not seen. Training data that ends on
    or after the first day of the benchmark answers another question, and too well.

    Mend it: correct the dates; or train on data that ends before the benchmark's `collected.start`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a dataset and cause."""
        candidate, data = change.candidate, _data(change)
        for index, each in enumerate(data):
            for key, message in _impossible(each, change.today):
                yield candidate.finding(
                    f"/training/data/{index}/{key}", message, help="correct the dates", about=f"{each.name} {key}"
                )
        temporal = [each for each in change.benchmarks if each.definition.split == "temporal"] if data else []
        for benchmark in temporal:
            yield from _overlaps(change, data, benchmark)
        if temporal and not change.environment.lowest and any(each.end is None for each in data):
            reason = "the end of the training data is not recorded"
            raise Broken(reason, reported_by="DAT003", path=candidate.path)


def _impossible(data: TrainingData, today: date) -> Iterator[tuple[str, str]]:
    if data.start is not None and data.end is not None and data.start > data.end:
        yield "start", f"{data.name} starts on {data.start}, after it ends on {data.end}"
    elif data.end is not None and data.end > today:
        yield "end", f"{data.name} ends on {data.end}, which is in the future"
    elif data.start is not None and data.start > today:
        yield "start", f"{data.name} starts on {data.start}, which is in the future"


def _overlaps(change: Change, data: tuple[TrainingData, ...], benchmark: Benchmark) -> Iterator[Finding]:
    """The datasets that end on or after the first day of a temporal benchmark.

    Raises:
        Broken: the benchmark does not say its first day, which `invalid-benchmark` tells.
    """
    collected = benchmark.definition.collected
    if collected is None or collected.start is None:
        reason = f"{benchmark.path} has a temporal split and no `collected.start`"
        raise Broken(reason, reported_by="BEN009", path=benchmark.path)
    for index, each in enumerate(data):
        if each.end is None or any(_impossible(each, change.today)):
            continue
        if each.end >= collected.start:
            message = (
                f"{each.name} ends on {each.end}; {benchmark.name} {benchmark.version} begins on {collected.start}"
            )
            yield change.candidate.finding(
                f"/training/data/{index}/end",
                f"{message} and its split is temporal",
                help=f"train on data that ends before {collected.start}",
                role=benchmark.name,
                about=each.name,
            )


class UnpinnedTrainingData(Rule, code="DAT003"):
    """The training data has no revision or no end date.

    Without a revision nobody can train the model again, or look up what it has seen; without an end nobody knows how
    old its knowledge is.

    Mend it: add `revision` (a digest, a tag of the dataset, a snapshot of the table) and `end` to each entry of
    `training.data` in `model.yaml`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a dataset; one where none is recorded."""
        data = _data(change)
        if not data:
            message = "records no training data"
            help_text = "add `training.data` with a name, a revision and an end"
            yield change.candidate.finding("/training", f"the model {message}", key=True, help=help_text, about="data")
        for index, each in enumerate(data):
            missing = [] if (each.revision or "").strip() else ["`revision`"]
            missing += [] if each.end is not None else ["`end`"]
            if missing:
                lacking = " and ".join(missing)
                yield change.candidate.finding(
                    f"/training/data/{index}", f"{each.name} has no {lacking}", help=f"add {lacking}", about=each.name
                )
