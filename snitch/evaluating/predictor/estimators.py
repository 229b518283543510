"""Models that are objects with scikit-learn's methods."""

from __future__ import annotations

from typing import Any

from .answers import CLASSIFIED, Answers, ordered, prediction_columns, score_columns, text_of
from .libraries import library


class Estimator:
    """Whatever has scikit-learn's methods."""

    def __init__(self, model: Any, request: dict[str, Any]) -> None:
        self.model, self.request = model, request

    def __call__(self, frame: Any) -> Answers:
        frame = ordered(frame, getattr(self.model, "feature_names_in_", None))
        predicted = library("numpy").asarray(self.model.predict(frame))
        if self.request["task"] not in CLASSIFIED:
            return prediction_columns(predicted, self.request)
        answers: Answers = {"prediction": predicted}
        classes = getattr(self.model, "classes_", None)
        if classes is None:
            return answers
        if hasattr(self.model, "predict_proba"):
            scores = self.model.predict_proba(frame)
        elif hasattr(self.model, "decision_function"):
            scores = self.model.decision_function(frame)
        else:
            return answers
        return {**answers, **score_columns(scores, [text_of(each) for each in classes], self.request)}
