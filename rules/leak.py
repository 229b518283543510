"""The rule about a model that was trained on what it is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import field
from snitch.rules.leak_findings import Trained, by_coincidence, leaked, lost_data, untold, without_rows

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.contents import content_at
from snitch.documents.problems import join_pointer
from snitch.drift import Share
from snitch.examples import data_content, usable
from snitch.finding import Broken, Finding, Note, Skip, Undecidable
from snitch.formats.manifest import TrainingData
from snitch.model import Model
from snitch.postponed import Postponed
from snitch.references import Misnamed, missing_file, unknown_training_data
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.source import resolve
from snitch.training_profile import named_profiles

if TYPE_CHECKING:
    from snitch.measuring.leaking import Hashed, Leak


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

    Rows of few values are alike by coincidence. Rows leaked where more of them are in the training data than the
    benchmark's own twins let expect; whoever trains has no influence on these. Where only the training data's own twins
    let expect fewer, or half of the benchmark is found and its twins explain less than half of that, nobody knows, and
    nothing passes. What else is found is told in a note. An honest change is stopped by either test once in 100 times
    or less; docs/statistics.md says what is found. A row is known again whatever it is stored in: numbers are compared
    at the precision of 32 bits, moments by the second. Numbers of 16 bits are not those of 32.

    Mend it: leave the examples out of the training data and train again; split by id, not by row. Leave
    twins in the benchmark, and in the training data: where they were removed, coincidence looks like a leak.

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
            yield lost_data(change, data)
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

    def trained(self, model: Model) -> Iterator[Trained]:
        """What there is to look into.

        Raises:
            Broken: the manifest, or a profile, is not valid.
        """
        training = model.manifest.training
        for index, data in enumerate(training.data if training is not None else ()):
            if data.name in self.data:
                yield Trained(index, data, resolve("", self.data[data.name]) or "")
        for named in named_profiles(model):
            if named.data.name in self.data:
                continue
            profile = named.sound
            if profile.ids is not None or profile.row_hashes is not None:
                yield Trained(named.index, named.data, "", profile.ids, profile.row_hashes)

    def lost(self, change: Change, trained: list[Trained]) -> list[TrainingData]:
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

    def judge(self, change: Change, benchmark: Benchmark, trained: Trained) -> Iterator[Finding | Note]:
        """Looks for the examples of one benchmark in one of the training data.

        Raises:
            Broken, Undecidable: one of them cannot be had, or they cannot be compared.
        """
        examples, leak = _leak(change, benchmark, trained, self.rows)
        if leak.ids is None and leak.rows is None and not (self.rows and trained.obstacle):
            reason = f"{trained.data.name} and {benchmark.name} have neither an id nor all features in common"
            raise Undecidable(
                reason, path=change.candidate.path, help="profile the columns of the signature, and the same id"
            )
        if leak.ids is not None and leak.ids.found and len(leak.ids.found) > self.max_share * leak.ids.decidable:
            yield leaked(change.candidate, benchmark, trained, examples, leak.ids, "ids")
        elif leak.rows is not None:
            yield from by_coincidence(change.candidate, benchmark, trained, examples, leak.rows)
        elif self.rows:
            yield without_rows(change.candidate, benchmark, trained)
        yield from untold(change.candidate, benchmark, trained, leak)


def _leak(change: Change, benchmark: Benchmark, trained: Trained, with_rows: bool) -> tuple[Hashed, Leak]:
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
