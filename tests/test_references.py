"""What the policy names, and the repository may or may not have."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from snitch.policy.layers import InvalidPolicy
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, SPOTLESS, Files, edit, without

HOLDOUT = "avg(prediction) < 1"


def problems(options: Mapping[str, object], files: Files = SPOTLESS) -> list[tuple[int, str, str]]:
    """The line, message and help of each problem of a policy with these options, one a line."""
    lines = [f"  {rule}: {msgspec.json.encode(given).decode()}" for rule, given in options.items()]
    text = "\n".join(["rules:", *lines])
    repository = Repository(MemorySnapshot({**files, "snitch.yaml": text, "data/a.csv": "id\n1\n"}))
    try:
        read_policy(repository, repository)
    except InvalidPolicy as error:
        return [(each.span.line if each.span else 0, each.message, each.help) for _, each in error.problems]
    assert read_policy(repository), "without a repository nobody knows what there is"
    return []


class TestBenchmarks:
    def test_one_that_is_not_there(self) -> None:
        expressions = {"few": {"expression": HOLDOUT, "benchmarks": ["churn-holdout", "churn-holdut"]}}
        assert problems({"expired-benchmark": {}, "business-rule-broken": {"expressions": expressions}}) == [
            (3, "there is no benchmark `churn-holdut`", "did you mean `churn-holdout`?")
        ]

    def test_those_that_are(self) -> None:
        expressions = {"few": {"expression": HOLDOUT, "benchmarks": ["churn-holdout"]}, "more": HOLDOUT}
        assert problems({"business-rule-broken": {"expressions": expressions}}) == []

    def test_one_that_is_not_valid_may_bear_any_name(self) -> None:
        files = {**SPOTLESS, "benchmarks/other/benchmark.yaml": "all: true"}
        expressions = {"few": {"expression": HOLDOUT, "benchmarks": ["some"]}}
        assert problems({"business-rule-broken": {"expressions": expressions}}, files) == []


class TestFiles:
    @pytest.mark.parametrize(
        ("rule", "option", "path"),
        [
            ("serving-conflict", "constraints", "serving/constraints.txt"),
            ("vulnerable-dependency", "snapshot", "advisories.json"),
            ("invalid-manifest", "schema", "metadata.json"),
            ("drifted-feature", "current", "data/b.csv"),
        ],
    )
    def test_one_that_is_not_there(self, rule: str, option: str, path: str) -> None:
        assert [(line, told) for line, told, _ in problems({rule: {option: path}})] == [
            (2, f"there is no file `{path}`")
        ]
        assert problems({rule: {option: path}}, {**SPOTLESS, path: ""}) == []

    def test_what_was_probably_meant(self) -> None:
        assert problems({"drifted-feature": {"current": "data/aa.csv"}})[0][2] == "did you mean `data/a.csv`?"
        assert problems({"drifted-feature": {"current": "a.csv"}})[0][2] == "did you mean `data/a.csv`?"
        told = problems({"drifted-feature": {"current": "nowhere/other.json"}})[0][2]
        assert told == "paths are from the root of the repository; commit the file"


class TestTrainingData:
    def test_what_no_model_names(self) -> None:
        assert problems({"benchmark-leak": {"data": {"churn": "data/a.csv"}}}) == [
            (2, "no model's manifest names training data `churn`", "known: subscribers")
        ]
        assert problems({"benchmark-leak": {"data": {"subscriber": "data/b.csv"}}}) == [
            (2, "no model's manifest names training data `subscriber`", "did you mean `subscribers`?"),
            (2, "there is no file `data/b.csv`", "did you mean `data/a.csv`?"),
        ]

    def test_what_one_names(self) -> None:
        assert problems({"benchmark-leak": {"data": {"subscribers": "data/a.csv"}}}) == []

    def test_a_manifest_that_is_not_valid_may_name_any(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "name: churn", "nmae: churn")
        assert problems({"benchmark-leak": {"data": {"churn": "data/a.csv"}}}, files) == []


class TestMetrics:
    @pytest.mark.parametrize("rule", ["metric-regressed", "slice-regressed", "metric-below-floor"])
    def test_one_that_nothing_measures(self, rule: str) -> None:
        limit: object = 0.9 if rule == "metric-below-floor" else {"max_drop": 0.1}
        assert problems({rule: {"metrics": {"roc_acu": limit}}}) == [
            (2, "nothing measures the metric `roc_acu`", "did you mean `roc_auc`?")
        ]
        assert problems({rule: {"metrics": {"profit": limit}}})[0][2] == "name one that a benchmark asks for"

    def test_those_of_the_catalogue_of_a_benchmark_or_of_a_record(self) -> None:
        floors = {"metric-below-floor": {"metrics": {"profit": 1, "log_loss": 1}}}
        asked = edit(SPOTLESS, BENCHMARK, "metrics:", "metrics:\n  - {type: profit, greater_is_better: true}")
        assert problems(floors, asked) == []
        assert problems(floors, edit(SPOTLESS, EVALUATION, '"value": 0.913', '"name": "profit", "value": 0.913')) == []
        assert problems(floors, without(SPOTLESS, EVALUATION)) != []

    def test_a_part_of_a_name_or_a_remark_names_none(self) -> None:
        remarked = edit(SPOTLESS, BENCHMARK, "metrics:", "# nobody asks for profit\nmetrics:")
        for name in ("roc_au", "roc", "profit"):
            told = problems({"metric-below-floor": {"metrics": {name: 0.9}}}, remarked)
            assert [message for _, message, _ in told] == [f"nothing measures the metric `{name}`"]
