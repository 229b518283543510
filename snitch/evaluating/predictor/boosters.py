"""The native models of XGBoost and LightGBM."""

from __future__ import annotations

import os
from typing import Any

from .answers import Answers, boosted_columns, ordered
from .libraries import library


class XGBoost:
    """A booster, as `save_model` writes it. It knows its classes as 0, 1, …"""

    def __init__(self, booster: Any, request: dict[str, Any]) -> None:
        self.booster, self.request = booster, request
        booster.set_param({"nthread": int(os.environ.get("OMP_NUM_THREADS", "1"))})
        best = booster.attr("best_iteration")
        #: With early stopping the best round, as the library's own estimators take it.
        self.rounds = (0, 0) if best is None else (0, int(best) + 1)

    def __call__(self, frame: Any) -> Answers:
        frame = ordered(frame, self.booster.feature_names)
        matrix = library("xgboost").DMatrix(frame, enable_categorical=True)
        return boosted_columns(self.booster.predict(matrix, iteration_range=self.rounds), self.request)


class LightGBM:
    """A booster, as `save_model` writes it. It knows its classes as 0, 1, …"""

    def __init__(self, booster: Any, request: dict[str, Any]) -> None:
        self.booster, self.request = booster, request

    def __call__(self, frame: Any) -> Answers:
        frame = ordered(frame, self.booster.feature_name())
        return boosted_columns(self.booster.predict(frame), self.request)
