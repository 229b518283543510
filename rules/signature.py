"""The rule about data that is not what the signature promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.evaluation import Evaluation
from snitch.examples import data_content, examples_of, has_predictions, predicted, usable
from snitch.finding import Finding, Skip
from snitch.formats.manifest import Column
from snitch.postponed import Postponed
from snitch.rule import Rule

if TYPE_CHECKING:
    from snitch.measuring.conformity import Violation


class SchemaMismatch(Rule, code="DAT005", severity=(None, "error"), stage="gate"):
    """The benchmark's data, or the model's predictions, are not what the signature says.

    The signature tells whoever serves the model what goes in and what comes out. Where the very data that the model is
    measured on breaks it, one of the two is wrong: a column is missing, a value has another type, lies outside its
    range, is none of the listed ones, or is missing where the column is required. A column with `required: false` may
    be absent, and may have missing values. Types are MLflow's and are about values: a whole number that the table holds
    as a float is a `long`; of a CSV, which has no types, every value counts that reads as one. Of the predictions that
    an evaluation names, the scores and predicted numbers are held against `outputs`.

    Mend it: correct the signature, or the data in a new revision of the benchmark.

    Example: `{name: age, type: long, minimum: 18}`, and the benchmark has a patient of 17.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a column and what it breaks."""
        signature = change.candidate.manifest.signature
        if signature is None or not (signature.inputs or signature.outputs):
            raise Skip("the manifest has no signature")
        if not change.benchmarks:
            raise Skip("no benchmark names the model")
        later = Postponed()
        for benchmark in change.benchmarks:
            with later:
                yield from _of_data(change, benchmark, signature.inputs)
        for evaluation in change.candidate.evaluations:
            with later:
                if has_predictions(evaluation) and evaluation.own_benchmark in change.benchmarks:
                    yield from _of_predictions(change, evaluation, signature.outputs)
        later.tell()


def _of_data(change: Change, benchmark: Benchmark, inputs: Sequence[Column]) -> Iterator[Finding]:
    """Holds a benchmark's features against the inputs.

    Raises:
        Broken, Undecidable: the data cannot be had or used.
    """
    from snitch.measuring.conformity import read_features, violations
    from snitch.measuring.tables import is_csv

    if not inputs:
        return
    content, definition = data_content(benchmark, change), benchmark.definition
    names = [column.name for column in inputs]
    with usable(benchmark):
        ids, frame = read_features(content, definition.data.path, definition.id, names)
        found = list(violations(frame, inputs, is_text=is_csv(definition.data.path)))
    for each in found:
        yield _finding(change, benchmark, each, ("inputs", names.index(each.column)), ids)


def _of_predictions(change: Change, evaluation: Evaluation, outputs: Sequence[Column]) -> Iterator[Finding]:
    """Holds what a model predicted against the outputs."""
    from snitch.measuring.conformity import answers_for, violations

    benchmark = evaluation.own_benchmark
    if benchmark is None or not outputs:
        return
    with usable(benchmark):
        sample, ids = predicted(evaluation, change).sample, examples_of(benchmark, change).ids.tolist()
        for index, column in enumerate(outputs):
            frame = answers_for(sample, column, outputs)
            if frame is not None:
                for each in violations(frame, [column], is_text=False):
                    yield _finding(change, benchmark, each, ("outputs", index), ids)


def _finding(
    change: Change, benchmark: Benchmark, violation: Violation, place: tuple[str, int], ids: Sequence[Any]
) -> Finding:
    kind, index = place
    of = f"{benchmark.name} {benchmark.version}"
    rows = f" in {violation.rows:,} of {len(ids):,} rows" if violation.first else ""
    subject = "of the predictions for" if kind == "outputs" else "of"
    notes = [f"`{str(ids[at])[:64]}`: {value}" for at, value in violation.first]
    more = violation.rows - len(notes)
    return change.candidate.finding(
        f"/signature/{kind}/{index}",
        f"{violation.message}{rows} {subject} {of}",
        about=f"{kind} {violation.column} {violation.kind}",
        role=benchmark.name,
        notes=(*notes, f"and {more:,} rows more") if notes and more else tuple(notes),
        help="correct the signature, or the data in a new revision of the benchmark",
    )
