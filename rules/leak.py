"""The rule about a model that was trained on what it is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.contents import content_at
from snitch.documents.problems import join_pointer
from snitch.drift import Share
from snitch.examples import data_content, usable
from snitch.finding import Broken, Finding, Measured, Note, Skip, Undecidable
from snitch.formats.manifest import TrainingData
from snitch.formats.profile import MOST_SKETCHED, ROW_HASHING, Sketch
from snitch.model import Model
from snitch.postponed import Postponed
from snitch.references import Misnamed, missing_file, unknown_training_data
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.source import resolve
from snitch.training_profile import named_profiles

if TYPE_CHECKING:
    from snitch.measuring.leaking import Hashed, Leak
    from snitch.measuring.sketches import Overlap

_SHOWN = 5
_HELP = "leave these examples out of the training data and train again, or mend the benchmark"


class _Trained(Struct, frozen=True):
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


class BenchmarkLeak(Rule, code="DAT006", severity=(None, "error"), stage="gate"):
    """Examples of a benchmark are in the training data.

    A model that has seen the questions knows the answers. Examples are looked for by their ids, where the columns have
    one name, and by their rows: the signature's inputs, whatever the id. They are looked for in the training data
    itself where the policy names the file, else in the sketches of the profile that the manifest names, as
    `snitch profile DATA --id COLUMN` writes them; without either the rule does not apply, unless the deployed model's
    data could be looked into.

    A sketch holds the k smallest hashes of n values (bottom-k sampling, E. Cohen and H. Kaplan, 2007), and all up to k,
    which is 4,096 or what `--hashes` says. Beyond, of m examples that leaked at least one is seen with probability
    1 - (1 - k/n)^m; what is seen is certain. Where no example can be told, nobody knows whether there is a leak.

    Rows count only where more of them occur in the training data than its own rows have twins, by a binomial test at
    1 %. A row is known again whatever it is stored in: numbers are compared at the precision of 32 bits, moments by the
    second. Numbers of 16 bits are not those of 32.

    Mend it: leave the examples out of the training data and train again; split by id, not by row.

    Options:
        data: the files of training data, by their name in the manifest, as paths from the root of the repository.
        max_share: the share of the benchmark's examples that may be found by their ids; none by default.
        rows: whether rows are compared; true by default.

    Example:
        benchmark-leak: {data: {subscribers: data/subscribers.parquet}}
    """

    loosened_by = {"data": "less", "max_share": "more", "rows": "less"}
    data: dict[str, str] = field(default_factory=dict)
    max_share: Share = 0.0
    rows: bool = True

    def __post_init__(self) -> None:
        for path in self.data.values():
            if resolve("", path) is None:
                raise ValueError(f"`data` must hold paths in the repository, not `{path}`")

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The training data that no model names, and the files that there are not."""
        yield from unknown_training_data(repository, "/data", self.data)
        for name, path in self.data.items():
            yield from missing_file(repository, f"/data{join_pointer(name)}", path)

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a benchmark and training data."""
        trained = list(self.trained(change.candidate))
        lost = self.lost(change, trained)
        for data in lost:
            yield _lost(change, data)
        if not trained and lost:
            return
        if not trained:
            raise Skip("no profile of the training data holds ids, and the policy names no file of it")
        if not change.benchmarks:
            raise Skip("no benchmark names the model")
        later = Postponed()
        for benchmark in change.benchmarks:
            for each in trained:
                with later:
                    yield from self.judge(change, benchmark, each)
        later.tell()

    def trained(self, model: Model) -> Iterator[_Trained]:
        """What there is to look into.

        Raises:
            Broken: the manifest, or a profile, is not valid.
        """
        training = model.manifest.training
        for index, data in enumerate(training.data if training is not None else ()):
            if data.name in self.data:
                yield _Trained(index, data, resolve("", self.data[data.name]) or "")
        for named in named_profiles(model):
            if named.data.name in self.data:
                continue
            profile = named.sound
            if profile.ids is not None or profile.row_hashes is not None:
                yield _Trained(named.index, named.data, "", profile.ids, profile.row_hashes)

    def lost(self, change: Change, trained: list[_Trained]) -> list[TrainingData]:
        """What of the deployed model's training data could be looked into, and of the candidate's no longer can: under
        another name, or with a profile that has no sketches, nothing would be found.
        """
        try:
            before = list(self.trained(change.deployed))
        except (Skip, Broken, Undecidable):
            return []
        training = change.candidate.manifest.training
        listed = {each.name for each in (training.data if training is not None else ())}
        known = {each.data.name for each in trained}
        # What has a profile may give way to other data that has one; a file of the policy's is known by its name alone.
        return [
            each.data
            for each in before
            if each.data.name not in (listed if each.path else known)
            and (each.path or each.data.name in listed or not trained)
        ]

    def judge(self, change: Change, benchmark: Benchmark, trained: _Trained) -> Iterator[Finding | Note]:
        """Looks for the examples of one benchmark in one of the training data.

        Raises:
            Broken, Undecidable: one of them cannot be had, or they cannot be compared.
        """
        from snitch.measuring.leaking import is_more_than_chance

        examples, leak = _leak(change, benchmark, trained, self.rows)
        if leak.ids is None and leak.rows is None and not (self.rows and trained.obstacle):
            reason = f"{trained.data.name} and {benchmark.name} have neither an id nor all features in common"
            raise Undecidable(
                reason, path=change.candidate.path, help="profile the columns of the signature, and the same id"
            )
        if leak.ids is not None and leak.ids.found and len(leak.ids.found) > self.max_share * leak.ids.decidable:
            yield _finding(change.candidate, benchmark, trained, examples, leak.ids, "ids")
        elif leak.rows is not None and is_more_than_chance(leak.rows):
            yield _finding(change.candidate, benchmark, trained, examples, leak.rows, "rows")
        elif leak.rows is None and self.rows:
            yield _without_rows(change.candidate, benchmark, trained)
        yield from _untold(change.candidate, benchmark, trained, leak)


def _lost(change: Change, data: TrainingData) -> Finding:
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


def _untold(model: Model, benchmark: Benchmark, trained: _Trained, leak: Leak) -> Iterator[Finding | Note]:
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


def _without_rows(model: Model, benchmark: Benchmark, trained: _Trained) -> Finding | Note:
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


def _leak(change: Change, benchmark: Benchmark, trained: _Trained, with_rows: bool) -> tuple[Hashed, Leak]:
    from snitch.measuring.leaking import hashed_examples, in_data, in_sketches
    from snitch.measuring.tables import Unusable

    definition = benchmark.definition
    signature = change.candidate.manifest.signature
    inputs = signature.inputs if signature is not None else ()
    texts = [column.name for column in inputs if column.type == "string"]
    columns = list(trained.rows.columns) if trained.rows is not None else [column.name for column in inputs]
    content = data_content(benchmark, change)
    with usable(benchmark):
        examples = hashed_examples(content, definition.data.path, definition.id, columns if with_rows else [], texts)
    if not trained.path:
        return examples, in_sketches(examples, definition.id, trained.ids, trained.rows if with_rows else None)
    try:
        training = _training_data(change, trained.path)
        return examples, in_data(examples, definition.id, training, trained.path, texts)
    except Unusable as error:
        raise _no_data(trained.path, f"cannot be used: {error.reason}") from None


def _training_data(change: Change, path: str) -> str | bytes:
    try:
        return content_at(change.policy_files, path, change.gate_or_none)
    except Broken as error:
        raise _no_data(path, f"cannot be used: {error.reason}") from None


def _no_data(path: str, reason: str) -> Undecidable:
    return Undecidable(
        f"the policy's training data {path} {reason}", path=path, help="correct `data` of benchmark-leak"
    )


def _finding(
    model: Model, benchmark: Benchmark, trained: _Trained, examples: Hashed, found: Overlap, by: str
) -> Finding:
    ids = sorted(examples.ids[at] for at in found.found)
    number, of_all = len(ids), f"{found.total:,} examples of {benchmark.name} {benchmark.version}"
    share = number / found.decidable
    if found.decidable == found.total:
        counted = f"{number:,} of the {of_all} ({share:.2%})"
    else:
        counted = f"at least {number:,} of the {of_all}"
    notes = [f"the first: {', '.join(f'`{each[:64]}`' for each in ids[:_SHOWN])}"]
    if found.decidable < found.total:
        told = f"{found.decidable:,} of them can be told by the sketch, and {number:,} ({share:.2%}) were trained on"
        notes.append(f"{told}: about {share * found.total:,.0f} of all")
    if by == "rows":
        notes.append("found by their features, under whatever id")
        if found.expected:
            notes.append(f"{found.expected:.2%} of the training rows have a twin among each other")
    has = "is" if number == 1 else "are"
    return model.finding(
        f"/training/data/{trained.index}",
        f"{counted} {has} in the training data {trained.data.name}",
        about=f"{trained.data.name} {by}",
        role=benchmark.name,
        notes=tuple(notes),
        measured=Measured(share),
        help=_HELP,
    )
