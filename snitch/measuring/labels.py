"""Labels and answers as arrays: which class is meant, whatever type the table has it in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from snitch.formats.benchmark import BenchmarkDefinition
from snitch.measuring.ids import canonical, canonical_ids
from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_BINARY, _MULTICLASS = "binary-classification", "multiclass-classification"
#: So many labels are told by name.
_MOST = 5


def targets_of(definition: BenchmarkDefinition) -> tuple[str, ...]:
    """The columns that hold the labels."""
    return (definition.target,) if isinstance(definition.target, str) else definition.target


def labels_of(definition: BenchmarkDefinition, frame: pd.DataFrame) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The labels as `Sample` holds them, and the classes of a multiclass task.

    Raises:
        Unusable: a label is missing, or is none of the benchmark's task.
    """
    import numpy as np

    targets = targets_of(definition)
    if definition.task not in (_BINARY, _MULTICLASS):
        return _numbers(frame, targets, "the label"), ()
    if len(targets) > 1:
        said = "a classification of several targets is not measured: give each its own benchmark"
        raise Unusable(said, pointer="/target")
    values = _label_texts(frame[targets[0]], frame.get(definition.id))
    if definition.task == _BINARY:
        return values == positive_text(definition, set(values.tolist())), ()
    classes, labels = np.unique(values.astype(str), return_inverse=True)
    return labels, tuple(classes.tolist())


def names_of(definition: BenchmarkDefinition, frame: pd.DataFrame) -> tuple[str, str]:
    """What the negative and the positive label of a binary task are called; the negative one "" where none is there.

    Raises:
        Unusable: as `labels_of`.
    """
    present = set(_label_texts(frame[targets_of(definition)[0]].drop_duplicates()).tolist())
    positive = positive_text(definition, present)
    return next(iter(present - {positive}), ""), positive


def label_text(value: Any) -> str:
    """A label as text; a boolean is written as the number that other tables hold for it."""
    return str(int(value)) if isinstance(value, bool) else canonical(value)


def positive_text(definition: BenchmarkDefinition, values: set[str]) -> str:
    """The positive label as text.

    Raises:
        Unusable: nobody says which it is, or there are more than two labels.
    """
    if len(values) > 2:
        raise Unusable(
            f"`{definition.target}` has {len(values):,} labels; a binary classification has two", pointer="/target"
        )
    if definition.positive_label is None:
        if values <= {"0", "1"}:
            return "1"
        raise Unusable(
            "the benchmark does not say which label is the positive one: `positive_label`", pointer="/target"
        )
    positive = label_text(definition.positive_label)
    if len(values) == 2 and positive not in values:
        said = f"no label is the positive one, `{positive}`; there are {' and '.join(sorted(values))}"
        raise Unusable(said, pointer="/positive_label")
    return positive


def _label_texts(column: pd.Series[Any], ids: pd.Series[Any] | None = None) -> NDArray[Any]:
    import pandas as pd

    return canonical_ids(column.astype("int8") if pd.api.types.is_bool_dtype(column) else column, ids)


def answers_of(
    definition: BenchmarkDefinition, classes: tuple[str, ...], frame: pd.DataFrame, names: tuple[str, str]
) -> tuple[NDArray[Any] | None, NDArray[np.float64] | None]:
    """The predictions and the scores as `Sample` holds them, by their columns' names. `names` are those of a binary
    task's labels.

    Raises:
        Unusable: there are neither, one is missing or is no label of a binary task, none at all is a label of a
            multiclass one, or a score is no finite number.
    """
    targets = targets_of(definition)
    columns = ["prediction"] if len(targets) == 1 else [f"prediction_{target}" for target in targets]
    prediction: NDArray[Any] | None = None
    if all(name in frame.columns for name in columns):
        if definition.task == _BINARY:
            prediction = _decisions(_label_texts(frame["prediction"], frame.get(definition.id)), names)
        elif definition.task == _MULTICLASS:
            prediction = _positions(_label_texts(frame["prediction"], frame.get(definition.id)), classes)
        else:
            prediction = _numbers(frame, tuple(columns), "the prediction")
    score = _score(definition, classes, frame)
    if prediction is None and score is None:
        raise Unusable(f"the predictions have neither `{columns[0]}` nor a score")
    return prediction, score


def _decisions(values: NDArray[Any], names: tuple[str, str]) -> NDArray[Any]:
    """Which predictions are the positive label. One that is neither label would count as the negative one here, and as
    what it is wherever predictions are added up.
    """
    others = sorted(set(values.tolist()) - set(names))
    if others and all(names):
        raise Unusable(f"the prediction `{others[0][:60]}` is no label of the benchmark: `{names[0]}` or `{names[1]}`")
    if len(others) > 1:
        raise Unusable(f"the predictions have {len(others):,} labels beside `{names[1]}`")
    decisions: NDArray[Any] = values == names[1]
    return decisions


def _positions(values: NDArray[Any], classes: tuple[str, ...]) -> NDArray[np.intp]:
    """A class that no example has is beyond the last position: a model may know one that the benchmark has not. One
    that knows none of the benchmark's says its labels otherwise: it is not wrong every time.
    """
    import numpy as np

    if len(values) and set(classes).isdisjoint(values.tolist()):
        said = f"they are {listed(values.tolist())}; the labels are {listed(classes)}"
        help_text = "train it on the labels as they are, or have a `predict` of its own give them"
        raise Unusable(f"none of the predictions is a label of the benchmark: {said}", help=help_text)
    position = {name: at for at, name in enumerate(classes)}
    return np.array([position.get(value, len(classes)) for value in values.tolist()], dtype=np.intp)


def strangers(definition: BenchmarkDefinition, classes: tuple[str, ...], frame: pd.DataFrame) -> str:
    """How many predictions of a multiclass task are no label of the benchmark, in words; empty where all are."""
    if definition.task != _MULTICLASS or "prediction" not in frame.columns:
        return ""
    values, known = _label_texts(frame["prediction"]).tolist(), set(classes)
    others = [value for value in values if value not in known]
    if not others:
        return ""
    are = "1 is" if len(others) == 1 else f"{len(others):,} are"
    return f"of {len(values):,} predictions {are} no label of the benchmark: {listed(others)}"


def listed(labels: Iterable[str]) -> str:
    """The first few of the labels, each once, for people."""
    names = sorted(set(labels))
    more = len(names) - _MOST
    shown = ", ".join(f"`{name[:60]}`" for name in names[:_MOST])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _score(
    definition: BenchmarkDefinition, classes: tuple[str, ...], frame: pd.DataFrame
) -> NDArray[np.float64] | None:
    if definition.task == _MULTICLASS:
        names = [f"score_{name}" for name in classes]
        if not any(name in frame.columns for name in names):
            return None
        missing = [name for name in names if name not in frame.columns]
        if missing:
            raise Unusable(f"the predictions have no column `{missing[0]}`")
        return _numbers(frame, tuple(names), "the score", always_columns=True)
    return _numbers(frame, ("score",), "the score") if "score" in frame.columns else None


def _numbers(
    frame: pd.DataFrame, columns: tuple[str, ...], what: str, *, always_columns: bool = False
) -> NDArray[np.float64]:
    """Columns as numbers: (n,), or (n, columns) where there are several.

    Raises:
        Unusable: one is no finite number.
    """
    import numpy as np
    import pandas as pd

    arrays = []
    for name in columns:
        column = frame[name]
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
            raise Unusable(f"{what} `{name}` is {column.dtype}, not a number")
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = int((~np.isfinite(numbers)).sum())
        if wrong:
            raise Unusable(f"{what} `{name}` is no finite number in {wrong:,} of {len(numbers):,} rows")
        arrays.append(numbers)
    return arrays[0] if len(arrays) == 1 and not always_columns else np.column_stack(arrays)
