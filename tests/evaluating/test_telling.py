"""What `snitch evaluate` says of what it came to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from snitch.evaluating.telling import missing_lines


@pytest.mark.parametrize(
    ("metric", "meant"),
    [
        ("rocauc", "did you mean `roc_auc`? Else let"),
        ("recal(threshold=0.4)", "did you mean `recall`? Else let"),
        ("profit", "let"),
        ("v_measure_score", "let"),
    ],
)
def test_a_metric_that_nobody_can_compute(metric: str, meant: str) -> None:
    evaluated: Any = SimpleNamespace(missing=(metric,), path="e.json")
    [line] = missing_lines(evaluated)
    asked = f"{meant} a script of your own write its value into e.json, where it is kept"
    assert line == f"{metric} is not recorded: nobody here can compute it; {asked}"
