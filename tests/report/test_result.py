"""The JSON is a contract: its keys, their order, and a schema that holds it."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

from snitch.finding import Side
from snitch.report import render
from snitch.report.result import Result
from snitch.verdict import Report
from tests.report.reports import BLOCKED, CLEAN, COMMIT, EVERYTHING, GATED, NOTHING, PASSED, REGRESSED, WORSE

SCHEMA = msgspec.json.schema(Result)
REPORTS = [BLOCKED, CLEAN, EVERYTHING, GATED, NOTHING, replace(PASSED, base=None, deployed=None)]


def data(report: Report) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(render(report, "json"), parse_constant=_no_constant)
    return loaded


def _no_constant(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


KEYS = {
    "": "version snitch verdict environment now candidate base deployed policy models findings comparisons skipped "
    "waivers due summary",
    "models": "name path version change verdict",
    "findings": "rule name severity outcome model path line column pointer message help deployed fingerprint waiver",
    "comparisons": "model benchmark slice type deployed candidate delta limit interval outcome",
    "due": "rule model on message",
}


@pytest.mark.parametrize("part", KEYS)
def test_keys_and_their_order(part: str) -> None:
    result = data(BLOCKED)
    keys = list(result[part][0] if part else result)
    assert " ".join(keys).startswith(KEYS[part])


def test_keys_of_the_small_parts() -> None:
    result = data(BLOCKED)
    assert " ".join(result["findings"][0]["deployed"]) == "commit path line value"
    assert " ".join(result["summary"]) == "models rules errors warnings inconclusive waived"
    assert " ".join(data(EVERYTHING)["skipped"][0]) == "rule model reason"


def test_values() -> None:
    result = data(BLOCKED)
    assert result["version"] == 1
    assert result["verdict"] == "blocked"
    assert result["now"] == "2026-11-20"
    assert result["candidate"] == {"ref": "index", "commit": None, "tree": None}
    assert result["deployed"] == {"ref": "refs/remotes/origin/main", "commit": COMMIT}
    assert result["policy"] == {"ref": "index", "commit": None, "path": "snitch.yaml"}
    assert result["findings"][0]["deployed"]["value"] == 0.913
    assert result["comparisons"][0]["interval"] == [-0.041, -0.021]
    assert result["due"][0]["on"] == "2026-11-30"


def test_the_gate_tells_the_tree_of_the_merge_and_the_history() -> None:
    result = data(GATED)
    assert result["candidate"] == {"ref": "refs/pull/7/head", "commit": "c" * 40, "tree": "d" * 40}
    recall, roc_auc = result["history"]
    assert (recall["model"], recall["benchmark"], recall["type"]) == ("churn", "churn-holdout", "recall")
    assert recall["args"] == {"threshold": 0.42}
    assert roc_auc["points"][0] == {"version": "1.2.0", "on": "2026-05-04", "value": 0.891}


def test_waivers_tell_whether_they_were_used() -> None:
    assert [(each["rule"], each["used"]) for each in data(EVERYTHING)["waivers"]] == [
        ("metric-regressed", True),
        ("DAT001", False),
    ]


@pytest.mark.parametrize("report", REPORTS)
def test_the_schema_holds_it(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(data(report), SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_allows_keys_to_be_added_and_none_to_go() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid({**data(BLOCKED), "more": 1})
    for key in data(BLOCKED):
        less = data(BLOCKED)
        del less[key]
        assert not validator.is_valid(less), key


def test_what_is_no_finite_number_is_null() -> None:
    assert REGRESSED.deployed is not None
    side: Side = replace(REGRESSED.deployed, value={"a": [math.nan, math.inf]})
    comparison = replace(WORSE, candidate=math.nan, interval=(-math.inf, 0.0))
    result = data(replace(BLOCKED, findings=(replace(REGRESSED, deployed=side),), comparisons=(comparison,)))
    assert result["findings"][0]["deployed"]["value"] == {"a": [None, None]}
    assert result["comparisons"][0]["candidate"] is None
    assert result["comparisons"][0]["interval"] == [None, 0.0]


def test_bytes_that_are_not_utf_8_stay_ascii() -> None:
    text = render(replace(BLOCKED, findings=(replace(REGRESSED, path="caf\udce9\u202e\x1b"),)), "json")
    assert text.isascii()
    assert "caf\\udce9\\u202e\\u001b" in text
    assert json.loads(text)["findings"][0]["path"] == "caf\udce9\u202e\x1b"
