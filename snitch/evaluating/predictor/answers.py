"""What a model says, as columns: `prediction`, `score`, `score_<class>`, `prediction_<target>`."""

from __future__ import annotations

from typing import Any

from .libraries import Refused, library

#: Columns by name, one value an example.
Answers = dict[str, Any]
CLASSIFIED = ("binary-classification", "multiclass-classification")


def text_of(label: Any) -> str:
    """A label as text: 1, 1.0, True and "1" are one."""
    label = label.item() if hasattr(label, "item") else label
    if isinstance(label, bool) or (isinstance(label, float) and label.is_integer()):
        return str(int(label))
    return label.hex() if isinstance(label, bytes) else str(label)


def ordered(frame: Any, names: Any) -> Any:
    """The columns in the order that the model was trained with, where it remembers their names."""
    names = None if names is None else [str(name) for name in names]
    return frame[names] if names and all(name in frame.columns for name in names) else frame


def prediction_columns(values: Any, request: dict[str, Any]) -> Answers:
    """The columns of predictions: (n,) or (n, 1) is one, (n, targets) one a target."""
    targets = request["targets"]
    if len(targets) < 2:
        return {"prediction": values}
    if values.ndim != 2 or values.shape[1] != len(targets):
        raise Refused(f"the model answers with the shape {values.shape}; there are {len(targets)} targets")
    return {f"prediction_{target}": values[:, at] for at, target in enumerate(targets)}


def score_columns(values: Any, classes: list[str], request: dict[str, Any]) -> Answers:
    """The columns of scores, one a class; of a binary task that of the positive class."""
    values = library("numpy").asarray(values)
    if request["task"] == "multiclass-classification":
        if values.ndim != 2 or values.shape[1] != len(classes):
            return {}
        return {f"score_{name}": values[:, at] for at, name in enumerate(classes)}
    positive = request["positive"]
    if positive not in classes or len(classes) != 2:
        raise Refused(f"the model knows the classes {', '.join(classes[:9])}; the positive label is {positive}")
    at = classes.index(positive)
    if values.ndim == 1 or values.shape[1] == 1:  # a decision function: the higher, the more it is the second class
        return {"score": values.reshape(-1) if at == 1 else -values.reshape(-1)}
    return {"score": values[:, at]}


def boosted_columns(values: Any, request: dict[str, Any]) -> Answers:
    """What a model that knows its classes as 0, 1, … says."""
    numpy = library("numpy")
    values = numpy.asarray(values)
    if request["task"] not in CLASSIFIED:
        return prediction_columns(values, request)
    if request["task"] == "multiclass-classification":
        if values.ndim != 2:
            _refuse_other_classes(request, None)
            return {"prediction": values.astype("int64")}
        _refuse_other_classes(request, values.shape[1])
        return {
            "prediction": values.argmax(axis=1),
            **score_columns(values, [str(at) for at in range(values.shape[1])], request),
        }
    _refuse_other_classes(request, 2)
    second = values[:, 1] if values.ndim == 2 else values
    # The second class is the positive one, unless that is called 0.
    return {"score": 1 - second if request["positive"] == "0" else second}


def _refuse_other_classes(request: dict[str, Any], width: int | None) -> None:
    """Refuses labels that are not the numbers which a model has for them: which is which is written nowhere.

    Where the number of classes is not known, class 0 has to be among the labels: else they may be counted from 1.

    Raises:
        Refused: they are others.
    """
    names = {*request.get("labels", ()), *([request["positive"]] if request["positive"] is not None else [])}
    numbers = {int(name) for name in names if name.isdecimal() and name == str(int(name))}
    is_known = len(numbers) == len(names) and (width is not None or not names or 0 in numbers)
    if is_known and all(width is None or number < width for number in numbers):
        return
    told = ", ".join(sorted(names)[:9])
    known = "0, 1, …" if width is None else "0 and 1" if width == 2 else f"0 to {width - 1}"
    raise Refused(
        f"the model knows its classes as {known} alone, and the labels are {told}: which is which is written nowhere; "
        "label the data by these numbers, keep the classes with the model (.skops, .joblib), or have the manifest's "
        "`predict` answer"
    )
