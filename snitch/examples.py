"""The examples behind an evaluation: what it was measured on, and the predictions it was computed from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.contents import content_at
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Skip, Undecidable
from snitch.postponed import Postponed
from snitch.source import resolve
from snitch.stored import Stored, stored

if TYPE_CHECKING:
    from snitch.measuring.examples import Answers, Examples
    from snitch.measuring.sample import Sample


class Predicted:
    """A benchmark's examples with a model's answers to them: `sample` joins the two."""

    def __init__(self, examples: Examples, sample: Sample) -> None:
        self.examples = examples
        self.sample = sample


def has_predictions(evaluation: Evaluation) -> bool:
    """Whether the record names the predictions it was computed from."""
    return evaluation.record.predictions is not None


def tables_of(change: Change, later: Postponed) -> Iterator[Stored]:
    """The files that metrics are computed from: the data of the model's benchmarks, and the predictions of both sides.

    What keeps one from being told of is left to `later`.
    """
    with later:
        for benchmark in change.benchmarks:
            with later:
                path = resolve(benchmark.folder, benchmark.definition.data.path)
                if path is not None and path in benchmark.source.snapshot:
                    yield stored(benchmark.source, path, "data")
    with later:
        for evaluation in change.candidate.evaluations:
            yield from _predictions(evaluation, later)
    with later, suppress(Skip):
        for pair in change.comparable_pairs:
            yield from _predictions(pair.deployed, later)


def _predictions(evaluation: Evaluation, later: Postponed) -> Iterator[Stored]:
    with later:
        path = predictions_path(evaluation)
        if path is not None:
            yield stored(evaluation.repository, path, posixpath.basename(path))


def predictions_path(evaluation: Evaluation) -> str | None:
    """The path of the predictions that a record names; None where it names none.

    Raises:
        Broken: it leaves the repository.
    """
    record = evaluation.record.predictions
    if record is None:
        return None
    path = resolve(posixpath.dirname(evaluation.path), record.path)
    if path is None:
        raise Broken(f"`{record.path}` leaves the repository", reported_by="BEN011", path=evaluation.path)
    return path


def examples_of(benchmark: Benchmark, change: Change) -> Examples:
    """A benchmark's examples, read once.

    Raises:
        Broken: they are not there, or `invalid-benchmark` tells what is wrong with them.
        Undecidable: their bytes are not here.
        Unusable: nothing can be computed from them.
    """
    return change.kept(("examples", benchmark), lambda: _examples(benchmark, change))


def _examples(benchmark: Benchmark, change: Change) -> Examples:
    from snitch.measuring.examples import read_examples

    return read_examples(benchmark.definition, data_content(benchmark, change))


def data_content(benchmark: Benchmark, change: Change) -> str | bytes:
    """A benchmark's data, of the declared revision: a file on this disk, or its bytes.

    Raises:
        Broken, Undecidable: as `examples_of`.
    """
    return content_at(benchmark.source, data_path(benchmark), change.gate_or_none)


def data_path(benchmark: Benchmark) -> str:
    """Where a benchmark's data lies, once it is known to be of the declared revision.

    Raises:
        Broken: it is not there, or of another revision, which `invalid-benchmark` tells.
        Undecidable: its digest cannot be told.
    """
    definition = benchmark.definition
    path = resolve(benchmark.folder, definition.data.path)
    if path is None or path not in benchmark.source.snapshot:
        missing = path or definition.data.path
        reason = f"{missing} is not in the tree, and {benchmark.place('/data/path')} names it"
        raise Broken(reason, reported_by="BEN009", path=benchmark.path)
    digest = benchmark.data_digest()
    if digest != definition.data.revision:
        reason = f"{benchmark.path}: {path} is {digest}; the benchmark was agreed on as {definition.data.revision}"
        raise Broken(reason, reported_by="BEN009", path=benchmark.path)
    return path


@contextmanager
def usable(benchmark: Benchmark) -> Iterator[None]:
    """A context in which a benchmark's data is read: what cannot be is told by `unreproducible-evaluation`.

    Raises:
        Broken: it cannot.
    """
    from snitch.measuring.tables import Unusable

    try:
        yield
    except Unusable as error:
        raise Broken(f"{benchmark.name}: {error.reason}", reported_by="BEN007", path=benchmark.path) from None


def predicted(evaluation: Evaluation, change: Change) -> Predicted:
    """The examples that an evaluation was measured on, with the predictions it records; read once for each model.

    Raises:
        Broken: a file is missing, or other bytes than recorded; other rules tell.
        Undecidable: there are no predictions, or bytes are not here.
        Unusable: the predictions do not answer the benchmark's examples.
    """
    return change.kept(("predicted", evaluation), lambda: _predicted(evaluation, change))


def _predicted(evaluation: Evaluation, change: Change) -> Predicted:
    examples, answers = answers_of(evaluation, change)
    return Predicted(examples, examples.answered(answers))


def answers_of(evaluation: Evaluation, change: Change) -> Answers:
    """The examples that an evaluation was measured on, and the predictions it records as they are written, whether they
    answer the examples or not; read once for each model.

    Raises:
        Broken, Undecidable: as `predicted`.
        Unusable: they are no table.
    """
    return change.kept(("answers", evaluation), lambda: _answers(evaluation, change))


def _answers(evaluation: Evaluation, change: Change) -> Answers:
    from snitch.measuring.examples import Answers, read_predictions

    path, benchmark = predictions_path(evaluation), evaluation.own_benchmark
    if path is None:
        raise Undecidable(f"{evaluation.path} records no predictions", path=evaluation.path)
    if benchmark is None or not evaluation.measures(benchmark):
        raise Broken(f"{evaluation.path} is of another benchmark", reported_by="BEN002", path=evaluation.path)
    content = content_at(evaluation.repository, path, change.gate_or_none)
    examples = examples_of(benchmark, change)
    return Answers(examples, read_predictions(benchmark.definition, content, path, examples.size))
