"""Models in ONNX."""

from __future__ import annotations

from typing import Any

from .answers import CLASSIFIED, Answers, boosted_columns, prediction_columns, score_columns, text_of
from .libraries import Refused, library


class Onnx:
    """A graph: its inputs are one table or the columns by name, its outputs labels, scores or both."""

    def __init__(self, session: Any, request: dict[str, Any]) -> None:
        self.session, self.request = session, request
        self.classes: list[str] | None = None

    def __call__(self, frame: Any) -> Answers:
        outputs = self.session.run(None, self._inputs(frame))
        if self.request["task"] not in CLASSIFIED:
            return prediction_columns(library("numpy").asarray(outputs[0]), self.request)
        labels = outputs[0] if len(outputs) > 1 else None
        scores = outputs[-1]
        if isinstance(scores, list):  # skl2onnx's ZipMap: a mapping for each example
            names = list(scores[0])
            self.classes = [text_of(name) for name in names]
            scores = [[each[name] for name in names] for each in scores]
        scores = library("numpy").asarray(scores)
        if labels is None:
            return boosted_columns(scores[:, 0] if scores.shape[-1] == 1 else scores, self.request)
        if self.classes is None:
            self.classes = _classes_of(labels, scores)
        return {"prediction": labels, **score_columns(scores, self.classes, self.request)}

    def _inputs(self, frame: Any) -> dict[str, Any]:
        inputs = self.session.get_inputs()
        if len(inputs) == 1 and inputs[0].name not in frame.columns:
            return {inputs[0].name: _typed(frame, inputs[0].type)}
        missing = [each.name for each in inputs if each.name not in frame.columns]
        if missing:
            raise Refused(f"the graph's input `{missing[0]}` is no column of the features")
        columns = {each.name: _typed(frame[each.name], each.type) for each in inputs}
        return {each.name: columns[each.name].reshape([-1, 1][: len(each.shape)]) for each in inputs}


_TENSORS = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


def _typed(values: Any, tensor: str) -> Any:
    if tensor not in _TENSORS:
        raise Refused(f"the graph takes {tensor}, which no column is made into")
    array = values.to_numpy()
    return array.astype(str).astype(object) if tensor == "tensor(string)" else array.astype(_TENSORS[tensor])


def _classes_of(labels: Any, scores: Any) -> list[str]:
    """The classes of a graph's columns: what it calls the examples for which a column is the highest."""
    numpy = library("numpy")
    texts, highest = numpy.array([text_of(each) for each in labels]), numpy.asarray(scores).argmax(axis=1)
    found = {}
    for column in numpy.unique(highest).tolist():
        names, counts = numpy.unique(texts[highest == column], return_counts=True)
        found[column] = str(names[counts.argmax()])
    width = scores.shape[1]
    if all(name == str(column) for column, name in found.items()):
        return [str(column) for column in range(width)]
    if len(found) < width or len(set(found.values())) < width:
        raise Refused("the graph does not tell which score is of which class: convert it with its ZipMap")
    return [found[column] for column in range(width)]
