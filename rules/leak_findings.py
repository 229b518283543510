"""What is said of examples that are in the training data, or may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.finding import Finding, Measured, Note
from snitch.formats.manifest import TrainingData
from snitch.formats.profile import MOST_SKETCHED, ROW_HASHING, Sketch
from snitch.model import Model

if TYPE_CHECKING:
    from snitch.measuring.coincidence import Twins
    from snitch.measuring.leaking import Hashed, Leak
    from snitch.measuring.sketches import Overlap

_SHOWN = 5
_HELP = "leave these examples out of the training data and train again, or mend the benchmark"


class Trained(Struct, frozen=True):
    """What there is to look into of one of the training data: a file that the policy names, or a profile's sketches."""

    index: int
    data: TrainingData
    path: str = ""
    ids: Sketch | None = None
    rows: Sketch | None = None

    @property
    def obstacle(self) -> str:
        """Why no row could be told by its profile, whatever it holds; empty where there is no such reason."""
        if self.path or (self.rows is not None and self.rows.hashing == ROW_HASHING):
            return ""
        told = "hashes rows in another way than rows are hashed now" if self.rows else "has no hashes of its rows"
        return f"the profile of {self.data.name} {told}: nobody can look for examples among them"


def lost_data(change: Change, data: TrainingData) -> Finding:
    """Training data that could be looked into before."""
    training = change.candidate.manifest.training
    return change.candidate.finding(
        "/training/data" if training is not None and training.data else "/name",
        f"nobody can look for examples in the training data any more, as in the deployed model's {data.name}",
        key=True,
        outcome="inconclusive",
        about=f"{data.name} lost",
        role="training",
        help=f"name a profile that `snitch profile DATA --id COLUMN` wrote, or {data.name} as the policy does",
    )


def untold(model: Model, benchmark: Benchmark, trained: Trained, leak: Leak) -> Iterator[Finding | Note]:
    """What a sketch of many rows leaves open."""
    looked = [(each.decidable, each.total) for each in (leak.ids, leak.rows) if each is not None]
    told, total = max(looked, default=(0, 0))
    if told == total:
        return
    sketch = f"the sketch of {trained.data.name}"
    if told:
        yield Note(f"{told:,} of the {total:,} examples of {benchmark.name} can be told by {sketch}")
        return
    yield model.finding(
        f"/training/data/{trained.index}",
        f"none of the {total:,} examples of {benchmark.name} can be told by {sketch}: nobody knows whether they leaked",
        key=True,
        outcome="inconclusive",
        about=f"{trained.data.name} untold",
        role=benchmark.name,
        help=f"profile it with `--hashes {MOST_SKETCHED}`, or name its file in the policy: benchmark-leak's `data`",
    )


def without_rows(model: Model, benchmark: Benchmark, trained: Trained) -> Finding | Note:
    """Examples that were renumbered would not be found."""
    name = trained.data.name
    if not trained.obstacle:
        told = f"the examples of {benchmark.name} are looked for in {name} by their ids alone"
        return Note(f"{told}: the two do not have all features in common")
    return model.finding(
        f"/training/data/{trained.index}",
        trained.obstacle,
        key=True,
        outcome="inconclusive",
        about=f"{name} rows",
        role=benchmark.name,
        help="write the profile again: `snitch profile DATA --id COLUMN`",
    )


def leaked(model: Model, benchmark: Benchmark, trained: Trained, examples: Hashed, found: Overlap, by: str) -> Finding:
    """Examples that were trained on, found by ids or by rows."""
    number, share = len(found.found), len(found.found) / found.decidable
    notes, has = [_first(examples, found)], "is" if number == 1 else "are"
    if found.decidable < found.total:
        told = f"{found.decidable:,} of them can be told by the sketch, and {number:,} ({share:.2%}) were trained on"
        notes.append(f"{told}: about {share * found.total:,.0f} of all")
    if found.twins is not None:
        notes.append("found by their features, under whatever id")
        notes.append(_of_twins(trained, found.twins))
    return model.finding(
        f"/training/data/{trained.index}",
        f"{_counted(benchmark, found)} {has} in the training data {trained.data.name}",
        about=f"{trained.data.name} {by}",
        role=benchmark.name,
        notes=tuple(notes),
        measured=Measured(share),
        help=_HELP,
    )


def by_coincidence(
    model: Model, benchmark: Benchmark, trained: Trained, examples: Hashed, found: Overlap
) -> Iterator[Finding | Note]:
    """What is said of rows that are in the training data: a leak, undecided, or as many as there may be anyway."""
    from snitch.measuring.coincidence import judged

    twins = found.twins
    if twins is None or not twins.found:
        return
    verdict = judged(twins)
    if verdict == "leak":
        yield leaked(model, benchmark, trained, examples, found, "rows")
        return
    told = f"the features of {_counted(benchmark, found)} are in the training data {trained.data.name}"
    why = _of_twins(trained, twins)
    if verdict == "coincidence":
        yield Note(f"{told}, which may be coincidence: {why}")
        return
    if verdict == "doubt":
        why += f": that explains fewer, unless rows that are alike were left out of {trained.data.name}"
    else:
        why += f": by the examples about {twins.explained:,.0f} would be found"
    yield model.finding(
        f"/training/data/{trained.index}",
        f"{told}, and nobody can tell whether by coincidence",
        key=True,
        outcome="inconclusive",
        about=f"{trained.data.name} twins",
        role=benchmark.name,
        notes=(_first(examples, found), why),
        measured=Measured(len(found.found) / found.decidable),
        help="leave these examples out of the training data and train again, or judge by a larger benchmark",
    )


def _of_twins(trained: Trained, twins: Twins) -> str:
    """What lets coincidence be expected."""
    own, rows = twins.trained.own, twins.trained.sampled
    examples = f"{twins.repeated:,} of the {twins.examples:,} examples repeat another's features"
    return f"{examples}, and so do {own:,} of {rows:,} rows of {trained.data.name}"


def _first(examples: Hashed, found: Overlap) -> str:
    ids = sorted(examples.ids[at] for at in found.found)
    return f"the first: {', '.join(f'`{each[:64]}`' for each in ids[:_SHOWN])}"


def _counted(benchmark: Benchmark, found: Overlap) -> str:
    number, of_all = len(found.found), f"{found.total:,} examples of {benchmark.name} {benchmark.version}"
    if found.decidable == found.total:
        return f"{number:,} of the {of_all} ({number / found.decidable:.2%})"
    return f"at least {number:,} of the {of_all}"
