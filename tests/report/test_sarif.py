"""SARIF: the official schema holds every report, and what GitHub documents of it beyond the schema."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from snitch import rulebook
from snitch.finding import Finding
from snitch.report import render, sarif
from snitch.rule_page import markdown_page
from snitch.verdict import Report
from tests.golden import held_against
from tests.report.cases import CASES
from tests.report.reports import (
    BLOCKED,
    CLEAN,
    EVERYTHING,
    NOTHING,
    OUTSIDE_LFS,
    PASSED,
    REGRESSED,
    STALE,
    UNDECIDED,
    WAIVED,
)
from tests.report.strategies import REPORTS

GOLDEN = Path(__file__).parent / "golden"

CRASHED = replace(
    UNDECIDED, rule="SNT002", name="crashed-rule", message="the rule REG001 metric-regressed crashed: KeyError: 'x'"
)


@lru_cache(maxsize=1)
def schema() -> jsonschema.Draft7Validator:
    loaded = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0.json").read_bytes())
    jsonschema.Draft7Validator.check_schema(loaded)
    return jsonschema.Draft7Validator(loaded)


def run_of(report: Report, **options: Any) -> dict[str, Any]:
    document = json.loads(render(report, "sarif", **options))
    schema().validate(document)
    (run,) = document["runs"]
    for result in run["results"]:
        _holds_beyond_the_schema(result, run)
    loaded: dict[str, Any] = run
    return loaded


def _holds_beyond_the_schema(result: dict[str, Any], run: dict[str, Any]) -> None:
    """What the text of the standard, its errata and GitHub ask besides."""
    assert result["message"]["text"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert len(result["locations"]) == 1
    for location in (*result["locations"], *result.get("relatedLocations", ())):
        physical = location["physicalLocation"]
        assert physical["region"]["startLine"] >= 1
        assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        parts = urlsplit(physical["artifactLocation"]["uri"])
        assert parts.path
        assert not (parts.scheme or parts.netloc or parts.query or parts.fragment or parts.path.startswith("/"))


def result_of(finding: Finding, **options: Any) -> dict[str, Any]:
    (result,) = run_of(replace(BLOCKED, findings=(finding,)), **options)["results"]
    loaded: dict[str, Any] = result
    return loaded


@pytest.mark.parametrize("name", ["blocked", "everything", "nothing", "hostile"])
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    held_against(GOLDEN / f"{name}.sarif", render(CASES[name][0], "sarif", verbose=name == "everything"), request)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("report", [BLOCKED, CLEAN, EVERYTHING, NOTHING, replace(PASSED, base=None, deployed=None)])
def test_the_schema_holds_it(report: Report, verbose: bool) -> None:
    run_of(report, verbose=verbose)


@given(REPORTS)
@settings(max_examples=60, deadline=None)
def test_the_schema_holds_whatever_is_in_it(report: Report) -> None:
    run = run_of(report, verbose=True)
    assert len(run["results"]) == len(report.findings)
    json.dumps(run, ensure_ascii=False).encode("utf-8")


def test_the_schema_would_tell() -> None:
    document = json.loads(render(BLOCKED, "sarif"))
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema().is_valid(document)


def test_the_tool() -> None:
    driver = run_of(BLOCKED)["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("Snitch", "0.1.0")


def test_a_rule_says_what_its_page_says() -> None:
    (rule,) = run_of(BLOCKED)["tool"]["driver"]["rules"]
    installed = rulebook.rulebook().rules["REG001"]
    assert (rule["id"], rule["name"]) == ("REG001", "metric-regressed")
    assert rule["shortDescription"]["text"] == (
        "A metric is worse than the deployed model's by more than the limit allows."
    )
    assert rule["fullDescription"]["text"].startswith(rule["shortDescription"]["text"])
    assert "Mend it" not in rule["fullDescription"]["text"]
    assert "Mend it: retrain" in rule["help"]["text"]
    assert rule["help"]["markdown"] == markdown_page(installed)
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"] == {"tags": ["regression"]}


def test_every_rule_fits_into_what_github_shows_of_one() -> None:
    findings = tuple(replace(OUTSIDE_LFS, rule=code, name="") for code in rulebook.rulebook().rules)
    rules = run_of(replace(BLOCKED, findings=findings))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(rulebook.rulebook().rules)
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["fullDescription"]["text"].startswith(rule["shortDescription"]["text"])
        assert rule["fullDescription"]["text"].endswith(".")
        assert len(rule["properties"]["tags"]) <= 10


def test_only_what_runs_code_is_a_security_alert() -> None:
    findings = tuple(replace(OUTSIDE_LFS, rule=code) for code in rulebook.rulebook().rules)
    rules = run_of(replace(BLOCKED, findings=findings))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules if "security" in rule["properties"]["tags"]] == ["SAF001"]
    assert [rule["id"] for rule in rules if "security-severity" in rule["properties"]] == ["SAF001"]


def test_a_rule_that_is_not_installed_has_the_name_that_the_finding_gives() -> None:
    rules = run_of(replace(BLOCKED, findings=(replace(REGRESSED, rule="ACM001", name="no-acme"),)))["tool"]["driver"]
    assert rules["rules"] == [{"id": "ACM001", "name": "no-acme"}]


def test_without_a_rulebook_there_is_still_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise rulebook.BrokenRulebook("no rules are installed")

    monkeypatch.setattr(rulebook, "rulebook", broken)
    assert run_of(BLOCKED)["tool"]["driver"]["rules"] == [{"id": "REG001", "name": "metric-regressed"}]


def test_a_result_and_the_deployed_side() -> None:
    result = result_of(REGRESSED)
    assert result["level"] == "error"
    assert result["message"]["text"].splitlines()[0] == REGRESSED.message
    assert result["message"]["text"].splitlines()[-1].startswith("help: retrain")
    region = {"startLine": 6, "startColumn": 44, "endLine": 6, "endColumn": 49}
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": REGRESSED.path, "uriBaseId": "%SRCROOT%"},
        "region": region,
    }
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "main@3f2c1ab (deployed 1.3.2)"
    assert related["physicalLocation"]["artifactLocation"]["uriBaseId"] == "DEPLOYED"
    assert related["physicalLocation"]["region"] == region
    assert '"value": 0.913' in related["physicalLocation"]["contextRegion"]["snippet"]["text"]
    assert result["partialFingerprints"] == {"snitchFingerprint/v1": REGRESSED.fingerprint}
    assert result["properties"] == {"outcome": "fail", "model": "churn", "pointer": "/metrics/0/value"}
    assert "suppressions" not in result


def test_columns_are_characters() -> None:
    assert run_of(BLOCKED)["columnKind"] == "unicodeCodePoints"


def test_what_is_inconclusive_is_an_error_that_says_so() -> None:
    result = result_of(UNDECIDED)
    assert (result["level"], result["properties"]["outcome"]) == ("error", "inconclusive")
    assert result["message"]["text"].startswith("inconclusive: cannot judge")


def test_a_warning_is_a_warning() -> None:
    assert result_of(replace(STALE, outcome="inconclusive"))["level"] == "warning"


def test_a_file_as_a_whole_has_no_columns() -> None:
    assert result_of(OUTSIDE_LFS)["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_what_is_waived_is_told_on_request_as_suppressed() -> None:
    assert run_of(CLEAN)["results"] == []
    (suppression,) = result_of(WAIVED, verbose=True)["suppressions"]
    assert suppression == {"kind": "external", "status": "accepted", "justification": WAIVED.waiver}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("models/a b/c#d?e%.yaml", "models/a%20b/c%23d%3Fe%25.yaml"),
        ("c:/x", "c%3A/x"),
        ("顧客.json", "%E9%A1%A7%E5%AE%A2.json"),
        ("caf\udce9", "caf%E9"),
        ("//host/x", "%2F/host/x"),
        ("", "."),
        (".", "."),
    ],
)
def test_a_path_is_a_relative_reference(path: str, uri: str) -> None:
    location = result_of(replace(OUTSIDE_LFS, path=path))["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == uri
    assert unquote_to_bytes(uri) == (path or ".").encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("see [here](https://evil.example)", "see [here] (https://evil.example)"),
        ("{0} is {12}", "{{0}} is {{12}}"),
        ('{"a": 1} [1, 2] (x)', '{"a": 1} [1, 2] (x)'),
    ],
)
def test_a_message_holds_no_link_and_no_placeholder(message: str, text: str) -> None:
    assert result_of(replace(OUTSIDE_LFS, message=message, help=""))["message"]["text"] == text


@pytest.mark.parametrize(
    ("findings", "successful", "code"),
    [((), True, 0), ((REGRESSED,), True, 1), ((UNDECIDED,), True, 3), ((CRASHED,), False, 3), ((WAIVED,), True, 0)],
)
def test_a_run_in_which_a_rule_crashed_was_no_success(findings: tuple[Finding], successful: bool, code: int) -> None:
    (invocation,) = run_of(replace(BLOCKED, findings=findings))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (successful, code)
    told = [each["message"]["text"] for each in invocation.get("toolExecutionNotifications", ())]
    assert told == ([] if successful else [CRASHED.message])


def test_the_run_says_what_it_looked_at() -> None:
    run = run_of(EVERYTHING)
    assert run["automationDetails"] == {"id": "snitch/production/"}
    told = run["properties"]
    assert (told["verdict"], told["candidate"], told["deployed"][:7]) == ("blocked", "index", "3f2c1ab")
    assert told["summary"]["errors"] == 2
    assert "versionControlProvenance" not in run


def _levels(run: dict[str, Any]) -> list[str]:
    return [result["level"] for result in run["results"]]


def test_of_too_many_findings_the_most_important_are_told_and_the_rest_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 10)
    findings = tuple(replace(each, path=f"{n}") for n in range(8) for each in (STALE, OUTSIDE_LFS))
    run = run_of(replace(BLOCKED, findings=findings))
    assert _levels(run) == ["error"] * 8 + ["warning"] * 2
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("6 findings more")
    assert run["invocations"][0]["executionSuccessful"] is True


def test_a_file_that_github_would_refuse_holds_less() -> None:
    """Of what hardly compresses."""
    from random import Random

    random = Random(0)
    letters = "".join(chr(n) for n in range(33, 127) if chr(n) not in '"\\[]{}#:')
    findings = []
    for n in range(14_000):
        message = "".join(random.choices(letters, k=1000))
        findings.append(replace(OUTSIDE_LFS, message=message, path=f"{n:05}"))
    text = render(replace(BLOCKED, findings=tuple(findings)), "sarif")
    run = json.loads(text)["runs"][0]
    assert len(gzip.compress(text.encode())) <= 10_000_000
    told = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert all(int(one) + 1 == int(other) for one, other in pairwise(told))
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith(f"{14_000 - len(told)} findings more")
    assert len(told) >= 5_000


def test_twenty_five_thousand_results_are_the_most() -> None:
    findings = tuple(replace(OUTSIDE_LFS, path=f"{n}") for n in range(25_001))
    assert len(json.loads(render(replace(BLOCKED, findings=findings), "sarif"))["runs"][0]["results"]) == 25_000
