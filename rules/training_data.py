"""Rules about the training data: how old it is, whether its dates can be, whether it is pinned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.finding import Broken, Due, Finding, Skip
from snitch.formats.manifest import TrainingData
from snitch.formats.scalars import Duration, duration
from snitch.rule import Rule


class StaleTrainingData(Rule, code="DAT001"):
    """The newest training data is older than the policy allows.

    The world moves on, and a model trained on last year's customers predicts last year's customers. The age is the
    number of days from the newest `training.data[].end` to today (UTC); stale is greater than `max_age`.

    Mend it: retrain on newer data and write its `end` into model.yaml.

    Options:
        max_age: the greatest age, a duration such as `180d`; without it the rule does not apply.

    Example:
        stale-training-data: {max_age: 180d}
    """

    max_age: Duration | None = None

    def check(self, change: Change) -> Iterator[Finding | Due]:
        """At most one finding, or the day on which there will be one."""
        if self.max_age is None:
            raise Skip("no max_age is set")
        index, newest = _newest(change)
        last = _plus(newest, duration(self.max_age))
        if change.today > last:
            age = (change.today - newest).days
            yield change.candidate.finding(
                f"/training/data/{index}/end",
                f"the training data ends on {newest}, {age} days ago; the limit is {self.max_age}",
                about="age",
                help="retrain on newer data",
            )
        elif last < date.max:
            yield Due(on=last + timedelta(days=1), message="its training data goes stale")


class ImpossibleTrainingWindow(Rule, code="DAT002", severity=("error", "error")):
    """The dates of the training data cannot be: in the future, inverted, or overlapping a temporal benchmark.

    A model that has seen the days it is measured on is measured on its memory. A benchmark with `split: temporal`
    therefore begins after the last day of training data. Dates in the future are a typing error that would keep a
    model fresh for ever.

    Mend it: correct the dates; or train on data that ends before the benchmark's `collected.start`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding an impossible date, and one an overlapped benchmark."""
        training = change.candidate.manifest.training
        if training is None or not training.data:
            raise Skip("no training data is recorded")
        for index, data in enumerate(training.data):
            yield from _impossible(change, index, data)
        for benchmark in change.benchmarks:
            yield from _overlaps(change, benchmark)


class UnpinnedTrainingData(Rule, code="DAT003"):
    """Training data is recorded without a revision or without an end date, or not at all.

    Without a revision nobody can train the model again, nor say what it has seen; without an end date nobody can say
    how old it is.

    Mend it: write `revision` (a digest or a commit) and `end` for each entry of `training.data`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding an entry; one where there are none."""
        candidate = change.candidate
        training = candidate.manifest.training
        if training is None or not training.data:
            pointer = "/training" if training else ""
            help_text = "add training.data with name, revision, start and end"
            yield candidate.finding(pointer, "no training data is recorded", key=True, about="none", help=help_text)
            return
        for index, data in enumerate(training.data):
            missing = [name for name, value in (("revision", data.revision), ("end date", data.end)) if not value]
            if missing:
                yield candidate.finding(
                    f"/training/data/{index}",
                    f"training data {data.name} has no {' and no '.join(missing)}",
                    about=data.name,
                    help="write " + " and ".join("`end`" if each == "end date" else "`revision`" for each in missing),
                )


def _newest(change: Change) -> tuple[int, date]:
    """The entry of the training data that ends last; one without an end could be the newest, so none may lack it."""
    training = change.candidate.manifest.training
    data = training.data if training else ()
    ends = [(each.end, -index) for index, each in enumerate(data) if each.end is not None]
    if not ends or len(ends) < len(data):
        raise Broken("training data has no end date", reported_by="DAT003", path=change.candidate.path)
    end, index = max(ends)
    return -index, end


def _impossible(change: Change, index: int, data: TrainingData) -> Iterator[Finding]:
    place = f"/training/data/{index}"
    for name, day in (("start", data.start), ("end", data.end)):
        if day is not None and day > change.today:
            message = f"training data {data.name} has its {name} in the future: {day}"
            yield change.candidate.finding(f"{place}/{name}", message, about=f"{data.name} {name}")
    if data.start is not None and data.end is not None and data.start > data.end:
        message = f"training data {data.name} starts on {data.start}, after its end on {data.end}"
        yield change.candidate.finding(f"{place}/start", message, about=f"{data.name} order")


def _overlaps(change: Change, benchmark: Benchmark) -> Iterator[Finding]:
    definition, training = benchmark.definition, change.candidate.manifest.training
    start = definition.collected.start if definition.collected else None
    if definition.split != "temporal" or start is None or training is None:
        return
    for index, data in enumerate(training.data):
        if data.end is not None and data.end >= start:
            yield change.candidate.finding(
                f"/training/data/{index}/end",
                f"training data {data.name} ends on {data.end}, but {definition.name} {definition.version} "
                f"begins on {start}: the model has seen what it is measured on",
                about=f"{data.name} {definition.name}",
                role=definition.name,
                help=f"train on data that ends before {start}",
            )


def _plus(day: date, age: timedelta) -> date:
    """The last day on which something is not older than `age`; the end of time where that is beyond it."""
    try:
        return day + age
    except OverflowError:
        return date.max
