"""Golden cases as a table that a model is given, and its answers to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snitch.formats.cases import GoldenCase, Scalar
from snitch.formats.manifest import Column
from snitch.measuring.decisions import decided
from snitch.measuring.ids import canonical_ids, refuse_duplicates, shown
from snitch.measuring.predictions import Answered, refuse_doubt, refuse_outside
from snitch.measuring.tables import Bounds, Unusable, read_table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def features_of(
    cases: Sequence[GoldenCase], id: str, inputs: tuple[Column, ...]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The cases' names as the id, and the features, one row a case in their order; and the features' names.

    Raises:
        Unusable: a case lacks a feature that the signature asks for, or two kinds of values are in one.
    """
    import pandas as pd
    import pyarrow as pa

    known = [column.name for column in inputs] or list(dict.fromkeys(name for case in cases for name in case.input))
    needed = {column.name for column in inputs if column.required}
    for case in cases:
        missing = sorted(needed - case.input.keys())
        if missing:
            raise Unusable(f"the golden case `{case.name}` has no `{missing[0]}`, which the signature has for an input")
    columns: dict[str, Any] = {id: [case.name for case in cases]}
    for name in known:
        if name != id and any(name in case.input for case in cases):
            columns[name] = [case.input.get(name) for case in cases]
    frame = pd.DataFrame(columns)
    try:
        pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, OverflowError) as error:
        raise Unusable(f"the golden cases are no table: {_mixed(frame) or str(error).splitlines()[0]}") from None
    return frame, tuple(name for name in frame.columns if name != id)


def _mixed(frame: pd.DataFrame) -> str:
    """In which feature, and which case, a value is of another kind than those before it; empty where all are alike."""
    for name in frame.columns[1:]:
        kinds = [_kind(value) for value in frame[name]]
        first = next((kind for kind in kinds if kind), "")
        for case, kind in zip(frame.iloc[:, 0], kinds, strict=True):
            if kind and kind != first:
                return f"`{name}` is {kind} in `{case}`, and {first} before"
    return ""


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number" if value == value else ""
    return "text" if isinstance(value, str) else "" if value is None else "a list or an object"


def answers_to(
    cases: Sequence[GoldenCase],
    id: str,
    answered: Answered,
    *,
    threshold: float | None,
    labels: tuple[str, str],
    outputs: tuple[Column, ...] = (),
    task: str = "",
) -> Mapping[str, dict[str, Scalar]]:
    """By the case's name, the outputs.

    With `threshold` the prediction is one of `labels`, of which the second is the positive one; `outputs` are the
    signature's, whose ranges hold.

    Raises:
        Unusable: a case is not answered, or twice, or by what lies outside of its range, or by a score of which nobody
            knows what the threshold makes.
    """
    frame = read_table(answered.content, answered.name, texts=(id,), bounds=Bounds(rows=len(cases) + 1000))
    if not answered.has_ids:
        if len(frame) != len(cases):
            raise Unusable(f"the model gave {len(frame):,} answers to {len(cases):,} golden cases")
        frame[id] = [case.name for case in cases]
    if id not in frame.columns:
        raise Unusable(f"the answers to the golden cases have no column `{id}`, by which they are told apart")
    names = canonical_ids(frame[id])
    refuse_duplicates(names, "the answers to the golden cases")
    missing = [case.name for case in cases if case.name not in set(names.tolist())]
    if missing:
        raise Unusable(f"the answers to the golden cases lack {shown(missing)}")
    refuse_outside(frame, outputs, task)
    if threshold is not None and "score" in frame.columns:
        score = _finite(frame["score"])
        refuse_doubt(score, [threshold], outputs)
        frame["prediction"] = [labels[int(reached)] for reached in decided(score, threshold)]
    given = [name for name in frame.columns if name.startswith(("prediction", "score"))]
    rows = frame[given].to_dict("records")
    return {
        name: {str(output): _plain(value) for output, value in row.items()}
        for name, row in zip(names.tolist(), rows, strict=True)
    }


def _finite(scores: pd.Series[Any]) -> NDArray[np.float64]:
    """Scores of which a threshold makes labels.

    Raises:
        Unusable: one is no finite number, which would lie below any threshold.
    """
    import numpy as np
    import pandas as pd

    is_number = pd.api.types.is_numeric_dtype(scores)
    found = scores.to_numpy(dtype=np.float64, na_value=np.nan) if is_number else np.full(len(scores), np.nan)
    if not np.isfinite(found).all():
        raise Unusable("a `score` that the golden cases are answered by is no finite number")
    return found


def _plain(value: Any) -> Scalar:
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value:
        return None
    return value if isinstance(value, (bool, int, float, str)) else str(value)
