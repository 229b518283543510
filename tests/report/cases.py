"""What a person is shown, by the names of the golden files."""

from __future__ import annotations

from msgspec.structs import replace

from snitch.finding import Finding
from snitch.verdict import Report
from tests.report.reports import (
    BLOCKED,
    CLEAN,
    EVERYTHING,
    GATED,
    GREEN,
    NOTHING,
    PASSED,
    REGRESSED,
    UNNAMED,
)


def with_finding(finding: Finding) -> Report:
    return replace(PASSED, findings=(finding,), models=(replace(PASSED.models[0], verdict="blocked"),))


TABS = replace(
    REGRESSED, deployed=None, notes=(), excerpt='\t"name":\t"churn", "value": 0.882', line=7, column=28, length=5
)
WIDE = replace(
    REGRESSED,
    deployed=None,
    notes=(),
    excerpt="description: 顧客の解約を予測する  # café: cafe\u0301 \u202e1.0",
    line=12345,
    column=40,
    length=4,
    label="解約",
)
LONG = replace(
    REGRESSED,
    excerpt='{"metrics": [' + '{"type": "recall", "value": 0.74}, ' * 4 + '{"type": "roc_auc", "value": 0.882}]}',
    column=182,
)
HOSTILE = replace(
    UNNAMED,
    path="models/\x1b[2Jx\ny\udcff\u202e.onnx",
    message="weights \x1b]0;owned\x07 with no model.yaml above them",
    model="\u200bchurn",
)

CASES: dict[str, tuple[Report, dict[str, object]]] = {
    "blocked": (BLOCKED, {}),
    "narrow": (BLOCKED, {"width": 40}),
    "medium": (BLOCKED, {"width": 64}),
    "color": (BLOCKED, {"color": True}),
    "ascii": (BLOCKED, {"unicode": False, "width": 60}),
    "everything": (EVERYTHING, {"width": 100}),
    "verbose": (EVERYTHING, {"verbose": True}),
    "clean": (CLEAN, {}),
    "nothing": (NOTHING, {}),
    "no-deployed": (replace(PASSED, deployed=None), {}),
    "first-release": (PASSED, {}),
    "tabs": (with_finding(TABS), {}),
    "wide": (with_finding(WIDE), {}),
    "long": (with_finding(LONG), {"width": 80}),
    "hostile": (with_finding(HOSTILE), {}),
    "gated": (GATED, {"full_report": "https://ci.example.com/runs/7"}),
    "green": (GREEN, {}),
}
