"""Reports to be rendered: made by hand, each with something of its own to show."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from snitch.finding import Comparison, Due, Finding, Side
from snitch.verdict import JudgedModel, Measured, MetricHistory, Report, Skipped, State
from snitch.waiver import Waiver

COMMIT = "3f2c1ab" + "0" * 33
EVALUATION = "models/churn/evaluations/churn-holdout.json"

PASSED = Report(
    snitch="0.1.0",
    environment="production",
    now=date(2026, 11, 20),
    candidate=State("index", None),
    base=State("HEAD", "a" * 40),
    deployed=State("refs/remotes/origin/main", COMMIT),
    policy=State("index", None, "snitch.yaml"),
    models=(JudgedModel("churn", "models/churn", "1.4.0", "modified", "passed"),),
    rules=60,
)

REGRESSED = Finding(
    rule="REG001",
    name="metric-regressed",
    model="churn",
    path=EVALUATION,
    line=6,
    column=44,
    length=5,
    pointer="/metrics/0/value",
    excerpt='  "metrics": [{"type": "roc_auc", "value": 0.882}],',
    label="candidate 1.4.0",
    message="roc_auc fell 0.031 below the deployed model; the limit is 0.005",
    deployed=Side(
        ref="refs/remotes/origin/main",
        commit=COMMIT,
        path=EVALUATION,
        line=6,
        column=44,
        length=5,
        excerpt='  "metrics": [{"type": "roc_auc", "value": 0.913}],',
        value=0.913,
        label="deployed 1.3.2",
    ),
    notes=("both on churn-holdout 2026.10, n = 4120; 95 % interval of the difference −0.041 to −0.021",),
    help="retrain, or `snitch waive REG001 --model churn --until DATE --reason …`",
    fingerprint="0f1e2d3c4b5a6978",
)
STALE = Finding(
    rule="DAT001",
    name="stale-training-data",
    severity="warning",
    model="churn",
    path="models/churn/model.yaml",
    line=18,
    column=51,
    length=10,
    pointer="/training/data/0/end",
    excerpt="    - {name: subscribers, start: 2026-01-01, end: 2026-03-31}",
    message="training data ended 234 days ago; the limit is 180 days",
    help="train on newer data",
    blocks_next=True,
)
OUTSIDE_LFS = Finding(
    rule="LFS001",
    name="weights-outside-lfs",
    model="churn",
    path="models/churn/model.skops",
    message="48,213 bytes of weights are in Git itself, not in Git LFS",
    help="`git lfs migrate import --no-rewrite models/churn/model.skops`",
)
UNDECIDED = Finding(
    rule="SNT003",
    name="undecidable",
    outcome="inconclusive",
    model="fraud",
    path="models/fraud",
    message="cannot judge REG001, REG003: the deployed branch `main` is not here",
    help="`git fetch origin main`",
)
UNNAMED = Finding(
    rule="MET001",
    name="missing-manifest",
    path="models/orphan/model.onnx",
    message="weights with no model.yaml above them",
    help="`snitch new NAME`, or remove the file",
)
BETTER = Comparison(
    model="churn",
    benchmark="churn-holdout",
    type="recall",
    args={"threshold": 0.42},
    deployed=0.74,
    candidate=0.75,
    delta=0.01,
    limit=0.01,
)
WORSE = Comparison(
    model="churn",
    benchmark="churn-holdout",
    type="roc_auc",
    deployed=0.913,
    candidate=0.882,
    delta=-0.031,
    limit=0.005,
    interval=(-0.041, -0.021),
    outcome="fail",
)
SLICES = (
    replace(BETTER, slice={"plan": "pro"}, candidate=0.60, delta=-0.14, limit=0.02, outcome="inconclusive"),
    replace(BETTER, slice={"plan": "basic"}, limit=0.02),
)
DUE = (
    Due(rule="DAT001", model="churn", on=date(2026, 11, 30), message="its training data goes stale"),
    Due(rule="BEN006", model="churn", on=date(2026, 11, 21), message="its benchmark churn-holdout expires"),
    Due(rule="POL002", on=date(2027, 3, 1), message="the waiver of DAT001 expires"),
)
WAIVER = Waiver(
    rule="metric-regressed",
    model="churn",
    version="1.4.0",
    owner="growth-ml@example.com",
    reason="retrained without the withdrawn feature",
    expires=date(2026, 12, 15),
    limit=0.05,
)
UNUSED = replace(WAIVER, rule="DAT001", limit=None, fingerprint="ffff")
WAIVED = replace(REGRESSED, waiver=WAIVER.told)

BLOCKED = replace(
    PASSED,
    models=(replace(PASSED.models[0], verdict="blocked"),),
    findings=(REGRESSED,),
    comparisons=(WORSE,),
    due=DUE[:1],
)
EVERYTHING = replace(
    PASSED,
    next_environment="staging",
    models=(
        replace(PASSED.models[0], verdict="blocked"),
        JudgedModel("fraud", "models/fraud", "0.2.0", "added", "inconclusive"),
    ),
    findings=(STALE, UNDECIDED, WAIVED, OUTSIDE_LFS, UNNAMED),
    comparisons=(BETTER, WORSE, *SLICES),
    skipped=(
        Skipped("REG004", "fraud", "first release"),
        Skipped("REG006", "fraud", "first release"),
        Skipped("DEP001", "churn", "the policy disallows no package"),
    ),
    waivers=(WAIVER, UNUSED),
    due=DUE,
    notes=("fraud: definition not recorded",),
)
CLEAN = replace(PASSED, findings=(WAIVED,), comparisons=(BETTER,), waivers=(WAIVER,), due=DUE)
NOTHING = replace(PASSED, models=())


HISTORY = (
    MetricHistory(
        model="churn",
        benchmark="churn-holdout",
        type="recall",
        args={"threshold": 0.42},
        points=(
            Measured("1.2.0", date(2026, 5, 4), 0.7),
            Measured("1.3.0", date(2026, 7, 1), 0.72),
            Measured("1.3.2", date(2026, 9, 12), 0.74),
        ),
    ),
    MetricHistory(
        model="churn",
        benchmark="churn-holdout",
        type="roc_auc",
        args=None,
        points=(
            Measured("1.2.0", date(2026, 5, 4), 0.891),
            Measured("1.3.0", date(2026, 7, 1), 0.907),
            Measured("1.3.2", date(2026, 9, 12), 0.913),
        ),
    ),
)
ADVISORY = "advisory against a hostile author: the workflow that runs the gate can be edited by whoever it judges"
#: What the gate makes of a pull request that merges nothing good.
GATED = replace(
    EVERYTHING,
    candidate=State("refs/pull/7/head", "c" * 40, tree="d" * 40),
    base=State("refs/remotes/origin/main", COMMIT),
    policy=State("refs/remotes/origin/main", COMMIT, "snitch.yaml"),
    next_environment=None,
    models=(*EVERYTHING.models, JudgedModel("sales", "models/sales", "2.0.1", "modified", "passed")),
    findings=(REGRESSED, STALE, UNDECIDED, replace(WAIVED, path=f"{EVALUATION[:-5]}-2025.json"), OUTSIDE_LFS),
    comparisons=(
        replace(BETTER, greater_is_better=True),
        replace(WORSE, greater_is_better=True),
        *(replace(each, greater_is_better=True) for each in SLICES),
        Comparison(
            model="sales",
            benchmark="sales-2026",
            type="mean_absolute_error",
            deployed=12.4,
            candidate=11.9,
            delta=-0.5,
            limit=0.248,
            interval=(-0.9, -0.1),
            greater_is_better=False,
        ),
    ),
    history=HISTORY,
    notes=(*EVERYTHING.notes, ADVISORY),
)
#: The same pull request, mended.
GREEN = replace(
    GATED,
    models=tuple(replace(model, verdict="passed") for model in GATED.models),
    findings=(),
    comparisons=(replace(BETTER, greater_is_better=True), GATED.comparisons[-1]),
    notes=(),
)
