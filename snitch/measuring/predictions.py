"""A model's answers as a table of predictions: held to what was promised, and written so that equal ones are equal
bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from snitch.formats.manifest import Column
from snitch.measuring.decisions import decided
from snitch.measuring.examples import Examples, read_predictions
from snitch.measuring.labels import targets_of
from snitch.measuring.probabilities import MEND, REAL, doubt, thresholds_of
from snitch.measuring.sample import Sample
from snitch.measuring.tables import Bounds, Content, Unusable, read_table
from snitch.measuring.tolerance import disagreeing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_BINARY, _MULTICLASS = "binary-classification", "multiclass-classification"
#: A probability that was summed up may lie so far outside of its range.
_ROUNDING = 1e-9


class Answered(Struct, frozen=True):
    """What a model wrote: a table called `name`, with the ids, or (without `has_ids`) a row an example in order."""

    content: Content
    name: str
    has_ids: bool


def predictions_of(
    examples: Examples, answered: Answered, *, threshold: float | None = None, outputs: tuple[Column, ...] = ()
) -> pd.DataFrame:
    """The id, the predictions and the scores, one row an example in the order of the ids; nothing else of the answers.

    With `threshold` the prediction of a binary task is made of the score. `outputs` are the signature's, whose ranges
    hold.

    Raises:
        Unusable: they do not answer the examples, or lie outside of their range, or of that of a threshold.
    """
    import pandas as pd

    definition = examples.definition
    frame = _read(examples, answered)
    kept = [name for name in frame.columns if _is_answer(name, examples)]
    if not kept:
        raise Unusable("the model's answers have no column `prediction` or `score`")
    examples.answered(frame)  # before anything is put in order: every id once, and nothing but numbers for scores
    ordered = _in_order(examples, frame)[kept].reset_index(drop=True)
    refuse_outside(ordered, outputs, definition.task)
    if definition.task == _BINARY and "score" in ordered.columns:
        refuse_doubt(ordered["score"].to_numpy(), [threshold, *thresholds_of(definition.requested)], outputs)
    if threshold is not None and definition.task == _BINARY and "score" in ordered.columns:
        ordered["prediction"] = _thresholded(examples, ordered["score"].to_numpy(), threshold)
    names = sorted(ordered.columns, key=lambda name: name.startswith("score"))
    return pd.concat([examples.frame[[definition.id]], ordered[names]], axis="columns")


def refuse_doubt(score: NDArray[Any], thresholds: Iterable[object], outputs: Sequence[Column]) -> None:
    """Refuses scores of which nobody knows what a threshold makes.

    Raises:
        Unusable: they are such.
    """
    reason = doubt(score, thresholds, outputs)
    if reason:
        raise Unusable(f"{reason}; {MEND}")


def written(frame: pd.DataFrame) -> bytes:
    """A table as Parquet: of equal tables the same bytes, by the same pyarrow."""
    import pyarrow as pa
    from pyarrow import parquet

    # What pandas would note of itself changes with its version.
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    stream = io.BytesIO()
    parquet.write_table(table, stream, compression="zstd", version="2.6", data_page_version="1.0")
    return stream.getvalue()


def is_same(frame: pd.DataFrame, content: Content, name: str) -> bool:
    """Whether a file holds this very table, whatever wrote it."""
    try:
        return bool(read_table(content, name, bounds=Bounds(rows=len(frame))).equals(frame))
    except Unusable:
        return False


def differing(recorded: Sample, given: Sample) -> int:
    """How many of the recorded predictions and scores a model did not give again: examples, in the same order."""
    import numpy as np

    unlike = np.zeros(recorded.size, dtype=bool)
    if recorded.score is not None:
        unlike |= _unlike(recorded.score, given.score)
    if recorded.prediction is not None:
        unlike |= _unlike(recorded.prediction, given.prediction)
    return int(unlike.sum())


def _unlike(recorded: NDArray[Any], given: NDArray[Any] | None) -> NDArray[np.bool_]:
    """By example; what has several columns differs where one of them does."""
    import numpy as np

    if given is None or given.shape != recorded.shape:
        return np.ones(len(recorded), dtype=bool)
    unlike: NDArray[np.bool_] = disagreeing(recorded, given) if recorded.dtype.kind == "f" else recorded != given
    return unlike if unlike.ndim == 1 else np.asarray(unlike.any(axis=1))


def _read(examples: Examples, answered: Answered) -> pd.DataFrame:
    definition = examples.definition
    if answered.has_ids:
        return read_predictions(definition, answered.content, answered.name, examples.size)
    bounds = Bounds(rows=examples.size + 1000)
    frame = read_table(answered.content, answered.name, bounds=bounds)
    if len(frame) != examples.size:
        raise Unusable(f"the model gave {len(frame):,} answers to {examples.size:,} examples")
    frame[definition.id] = examples.frame[definition.id]
    return frame


def _is_answer(name: str, examples: Examples) -> bool:
    definition = examples.definition
    targets = targets_of(definition)
    if name == definition.id:
        return False
    if definition.task == _MULTICLASS:
        return name == "prediction" or name.startswith("score_")
    names = ("prediction", "score") if len(targets) == 1 else tuple(f"prediction_{target}" for target in targets)
    return name in names


def _in_order(examples: Examples, frame: pd.DataFrame) -> pd.DataFrame:
    """Every id is known to be there once."""
    from snitch.measuring.ids import canonical_ids

    return frame.iloc[canonical_ids(frame[examples.definition.id]).argsort(kind="stable")]


def _thresholded(examples: Examples, score: NDArray[Any], threshold: float) -> pd.Series[Any]:
    """The one label or the other, as the data writes them."""
    import numpy as np

    labels, _ = examples.labels
    if labels.all() or not labels.any():
        raise Unusable("all examples have one label", help="a benchmark of two classes has examples of both: add some")
    column = examples.frame[targets_of(examples.definition)[0]]
    # Of both labels the first example.
    rows = np.where(decided(score, threshold), labels.argmax(), labels.argmin())
    return column.iloc[rows].reset_index(drop=True)


def refuse_outside(frame: pd.DataFrame, outputs: tuple[Column, ...], task: str) -> None:
    """Holds answers to the signature. One output alone is the score of a classification, else the prediction; the one
    real number among several is the score of a classification, too.

    Raises:
        Unusable: they lie outside of its range.
    """
    import numpy as np

    is_classified = task in (_BINARY, _MULTICLASS)
    real = [column for column in outputs if column.type in REAL]
    for column in outputs:
        is_alone = len(outputs) == 1 or (is_classified and real == [column])
        alone = "score" if is_classified else "prediction"
        named = next((each for each in (column.name, f"score_{column.name}") if each in frame.columns), "")
        name = named or (alone if is_alone else "")
        names = [each for each in frame.columns if each == name or (name == "score" and each.startswith("score_"))]
        for each in names:
            if frame[each].dtype.kind not in "fiu":
                continue
            values = frame[each].to_numpy(dtype=np.float64)
            low = -np.inf if column.minimum is None else column.minimum - _ROUNDING
            high = np.inf if column.maximum is None else column.maximum + _ROUNDING
            wrong = int(((values < low) | (values > high)).sum())
            if wrong:
                bounds = f"{_bound(column.minimum)} to {_bound(column.maximum)}"
                raise Unusable(
                    f"`{each}` lies outside of the signature's {bounds} in {wrong:,} of {len(values):,} rows"
                )


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"
