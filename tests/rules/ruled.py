"""What all rules say of two trees."""

from __future__ import annotations

from snitch.rules.benchmark import ExpiredBenchmark, MissingEvaluation, MissingMetric, StaleBenchmark
from snitch.rules.benchmark_definition import InvalidBenchmark
from snitch.rules.comparability import IncomparableEvaluation
from snitch.rules.dropped import MetricDropped
from snitch.rules.evaluation import ContradictoryEvaluation, ForeignWeights, InvalidEvaluation, InvalidMetric
from snitch.rules.regression import MetricBelowFloor, MetricRegressed, SuspiciousImprovement
from snitch.rules.slices import SliceRegressed
from snitch.rules.training_data import ImpossibleTrainingWindow, StaleTrainingData, UnpinnedTrainingData

from snitch.engine import ActiveRule, judge, judge_repository
from snitch.finding import Finding
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.rule import AnyRule, Rule
from snitch.snapshot import MemorySnapshot
from tests.judging import PRODUCTION, TODAY, Files, change_of

RULES: list[AnyRule] = [
    MissingEvaluation(), StaleBenchmark(), ForeignWeights(), InvalidMetric(), MissingMetric(), ExpiredBenchmark(),
    InvalidBenchmark(), ContradictoryEvaluation(), InvalidEvaluation(),
    MetricRegressed(), MetricBelowFloor(metrics={"roc_auc": 0.5}), SliceRegressed(), MetricDropped(),
    IncomparableEvaluation(), SuspiciousImprovement(),
    StaleTrainingData(max_age="365d"), ImpossibleTrainingWindow(), UnpinnedTrainingData(),
]  # fmt: skip


def judged(files: Files, deployed: Files) -> list[Finding]:
    active = [ActiveRule(rule, rule.severity[1] or "error") for rule in RULES]
    models = judge([each for each in active if isinstance(each.rule, Rule)], change_of(files, deployed)).findings
    repository = Repository(MemorySnapshot(files))
    change = RepositoryChange(repository, repository, environment=PRODUCTION, today=TODAY, judges_all=True)
    return [*models, *judge_repository(active, change).findings]
