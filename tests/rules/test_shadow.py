"""PRO007: a candidate that was not tried on live requests, or did badly."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from snitch.rules.shadow import FailedShadow

from snitch.documents import Unreadable
from snitch.finding import Finding
from snitch.formats.shadow import ShadowReport
from snitch.gate import Shadow
from snitch.pointer import write_pointer
from snitch.snapshot import MemorySnapshot
from snitch.source import File, Source
from tests.gating.witnesses import gate_of
from tests.judging import FOLDER, MANIFEST, SPOTLESS, WEIGHTS, Files, digest, edit, findings, judgement
from tests.rules.shadow_report import OLD, REPORT

DEPLOYED: Files = {**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(OLD, 7)}

#: Every limit, exactly at what the report tells.
ALL = FailedShadow(
    min_window="24h",
    min_requests=10000,
    max_error_rate=0.01,
    max_error_rate_rise=0,
    max_latency={"p95": 110, "p99": 200},
    max_latency_rise={"p95": "10%", "p50": 0},
    max_psi=0,
    max_jensen_shannon=0,
)

Edit = Callable[[Any], object]


def shadow_of(data: Any, path: str = "shadow/churn.json") -> Shadow:
    source = Source(MemorySnapshot({path: json.dumps(data)}))
    try:
        return Shadow(File(source, path), source.decoded(path, ShadowReport))
    except Unreadable as error:
        return Shadow(File(source, path), None, error.problems[0].message)


def told(change: Edit = lambda data: None) -> Shadow:
    """A report after `change(data)`, which edits it in place."""
    data = deepcopy(REPORT)
    change(data)
    return shadow_of(data)


def judged(rule: FailedShadow, *shadows: Shadow, deployed: Any = DEPLOYED, files: Files = SPOTLESS) -> list[Finding]:
    return findings(rule, files, deployed, gate=gate_of(shadows=shadows))


def test_exactly_at_every_limit_it_passes() -> None:
    assert judged(ALL, told()) == []


#: What breaks a limit, the limit's finding, and where it is.
BEYOND: dict[str, tuple[Edit, str, str]] = {
    "window": (
        lambda data: data["window"].update(end="2026-11-19T11:59:59Z"),
        "the shadow run took 23:59:59; the policy asks for 24h",
        "/window",
    ),
    "window in another zone": (
        lambda data: data["window"].update(end="2026-11-19T12:30:00+01:00"),
        "the shadow run took 23:30:00; the policy asks for 24h",
        "/window",
    ),
    "requests": (
        lambda data: data["candidate"].update(requests=9999),
        "the candidate got 9,999 requests in the shadow run; the policy asks for 10,000",
        "/candidate/requests",
    ),
    "error rate": (
        lambda data: (data["candidate"].update(error_rate=0.0101), data["deployed"].update(error_rate=0.0101)),
        "the error rate is 0.0101; the limit is 0.01",
        "/candidate/error_rate",
    ),
    "error rate rise": (
        lambda data: data["deployed"].update(error_rate=0.004),
        "the error rate is 0.01, 0.006 above the deployed model's 0.004; the limit is 0",
        "/candidate/error_rate",
    ),
    "latency": (
        lambda data: data["candidate"]["latency"].update(p99=200.5),
        "the p99 latency in ms is 200.5; the limit is 200",
        "/candidate/latency/p99",
    ),
    "latency rise in percent": (
        lambda data: data["deployed"]["latency"].update(p95=99),
        "the p95 latency in ms is 110, 11 above the deployed model's 99; the limit is 9.9 (10%)",
        "/candidate/latency/p95",
    ),
    "latency rise": (
        lambda data: data["candidate"]["latency"].update(p50=20.5),
        "the p50 latency in ms is 20.5, 0.5 above the deployed model's 20; the limit is 0",
        "/candidate/latency/p50",
    ),
    "no such percentile": (
        lambda data: data["candidate"]["latency"].pop("p99"),
        "the shadow report has no p99 of the candidate",
        "/candidate/latency",
    ),
    "no such percentile of the deployed": (
        lambda data: data["deployed"]["latency"].pop("p50"),
        "the shadow report has no p50 of the deployed",
        "/deployed/latency",
    ),
    "no deployed": (
        lambda data: data.pop("deployed"),
        "the shadow report says nothing of the deployed churn",
        "",
    ),
    "another deployed": (
        lambda data: data["deployed"].update(weights={"model.skops": digest("older")}),
        "the shadow run was beside other weights than those of the deployed churn",
        "/deployed/weights",
    ),
    "the candidate beside itself": (
        lambda data: data["deployed"].update(weights={"model.skops": WEIGHTS}),
        "the shadow run was beside other weights than those of the deployed churn",
        "/deployed/weights",
    ),
    "inverted": (
        lambda data: data["window"].update(start="2026-11-19T12:00:01Z"),
        "the shadow run ended before it began, or has not ended yet",
        "/window",
    ),
    "still to come": (
        lambda data: data["window"].update(end="2026-11-20T12:00:01Z"),
        "the shadow run ended before it began, or has not ended yet",
        "/window",
    ),
}


@pytest.mark.parametrize("what", sorted(BEYOND))
def test_beyond_one_limit_it_fails(what: str) -> None:
    change, message, pointer = BEYOND[what]
    [finding] = judged(ALL, told(change))
    assert (finding.rule, finding.outcome, finding.severity) == ("PRO007", "fail", "error")
    assert (finding.message, finding.pointer, finding.path) == (message, pointer, "shadow/churn.json")


class TestWhichReport:
    def test_none(self) -> None:
        [finding] = judged(ALL)
        assert (finding.path, finding.pointer, finding.outcome) == (MANIFEST, "/weights", "fail")
        assert finding.message == "there is no shadow report of churn 1.4.0"

    def test_another_models(self) -> None:
        [finding] = judged(ALL, told(lambda data: data.update(model="fraud")))
        assert finding.message == "there is no shadow report of churn 1.4.0"

    def test_one_of_other_weights(self) -> None:
        [finding] = judged(ALL, told(lambda data: data["candidate"].update(weights={"model.skops": digest("other")})))
        assert (finding.path, finding.pointer) == ("shadow/churn.json", "/candidate/weights")
        assert finding.message == "the shadow run was of other weights than those of churn 1.4.0"

    def test_of_several_the_one_of_these_weights(self) -> None:
        other = told(lambda data: data["candidate"].update(weights={"model.skops": digest("other")}, requests=1))
        assert judged(ALL, other, told()) == []

    def test_every_one_of_these_weights_has_to_pass(self) -> None:
        worse = shadow_of({**REPORT, "candidate": {**REPORT["candidate"], "error_rate": 1.0}}, "shadow/second.json")
        assert {each.path for each in judged(ALL, told(), worse)} == {"shadow/second.json"}

    @pytest.mark.parametrize(
        "change",
        [
            lambda data: data.update(schema_version=2),
            lambda data: data.update(more=1),
            lambda data: data["candidate"].update(error_rate=float("nan")),
            lambda data: data["candidate"].update(error_rate=1.1),
            lambda data: data["candidate"].update(requests=2**53 + 1),
            lambda data: data["candidate"].update(requests=True),
            lambda data: data["candidate"]["latency"].update(p100=1),
            lambda data: data["candidate"]["latency"].update(p50=float("nan")),
            lambda data: data["window"].update(end="2026-11-19T12:00:00"),
            lambda data: data["candidate"].update(outputs=[1] * 1001),
        ],
    )
    def test_one_that_cannot_be_used_is_none_and_said_to_be(self, change: Edit) -> None:
        shadow = told(change)
        [finding] = judged(ALL, shadow)
        assert finding.message == "there is no shadow report of churn 1.4.0"
        assert finding.notes == (f"shadow/churn.json cannot be used: {shadow.fault}",)


class TestWhatIsNoNumber:
    def test_a_latency(self) -> None:
        [finding] = judged(
            FailedShadow(max_latency={"p95": 110}), told(lambda d: d["candidate"]["latency"].update(p95=float("inf")))
        )
        assert finding.message == "the p95 latency in ms is inf, which is no number"

    @pytest.mark.parametrize("side", ["candidate", "deployed"])
    def test_a_latency_to_compare(self, side: str) -> None:
        [finding] = judged(
            FailedShadow(max_latency_rise={"p95": "10%"}), told(lambda d: d[side]["latency"].update(p95=float("inf")))
        )
        assert finding.message.endswith("which is no number")

    def test_no_request_at_all(self) -> None:
        rule = FailedShadow(max_error_rate=0.5)
        [finding] = judged(rule, told(lambda data: data["candidate"].update(requests=0, error_rate=0)))
        assert finding.message == "the candidate got 0 requests in the shadow run; the policy asks for 1"


class TestOutputs:
    PSI, DISTANCE = FailedShadow(max_psi=0.1), FailedShadow(max_jensen_shannon=0.1)

    def test_outputs_that_moved(self) -> None:
        moved = told(lambda data: data["candidate"].update(outputs=[2000, 7000]))
        [index] = judged(self.PSI, moved)
        assert index.message.startswith("the PSI of the outputs is 0.4918")
        assert index.message.endswith("; the limit is 0.1")
        [distance] = judged(self.DISTANCE, moved)
        assert distance.message.startswith("the Jensen-Shannon distance of the outputs is 0.29400")
        assert judged(FailedShadow(max_psi=0.5, max_jensen_shannon=0.3), moved) == []

    def test_labels(self) -> None:
        def label(data: Any) -> None:
            data["candidate"]["outputs"] = {"a": 5000, "b": 3000, "c": 1000}
            data["deployed"]["outputs"] = {"b": 4000, "a": 5000}
            del data["edges"]

        [finding] = judged(self.DISTANCE, told(label))
        assert "Jensen-Shannon" in finding.message

    def test_labels_in_another_order(self) -> None:
        def label(data: Any) -> None:
            data["candidate"]["outputs"], data["deployed"]["outputs"] = {"a": 1, "b": 2}, {"b": 2, "a": 1}

        assert judged(FailedShadow(max_jensen_shannon=0, max_psi=0), told(label)) == []

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            (lambda data: data["candidate"].pop("outputs"), "there are none"),
            (lambda data: data["deployed"].update(outputs=[0, 0]), "there are none"),
            (lambda data: data["deployed"].update(outputs={}), "there are none"),
            (lambda data: data["candidate"].update(outputs=[5000, 5001]), "there are more of them than requests"),
            (lambda data: data["candidate"].update(outputs={"a": 1}), "one counts labels, the other numbers"),
            (lambda data: data["candidate"].update(outputs=[1, 2, 3]), "both need one bin between"),
            (lambda data: data.pop("edges"), "both need one bin between"),
            (lambda data: data.update(edges=[0, 0, 1]), "`edges` have to rise"),
            (lambda data: data.update(edges=[0, float("nan"), 1]), "`edges` have to rise"),
        ],
    )
    def test_outputs_that_cannot_be_compared(self, change: Edit, fault: str) -> None:
        [finding] = judged(self.PSI, told(change))
        assert finding.message.startswith("the outputs cannot be compared: ")
        assert fault in finding.message


class TestWhereItDoesNotApply:
    def reasons(self, rule: FailedShadow, files: Files, deployed: Any) -> list[str]:
        found = judgement(rule, files, deployed, gate=gate_of())
        assert found.findings == ()
        return [each.reason for each in found.skipped]

    def test_no_limit(self) -> None:
        assert self.reasons(FailedShadow(), SPOTLESS, DEPLOYED) == ["the policy sets no limit for a shadow run"]

    def test_the_deployed_weights(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.4.1")
        assert self.reasons(ALL, files, SPOTLESS) == [
            "weights, threshold and prediction code are the deployed model's own"
        ]

    def test_a_first_release_is_held_against_what_holds_for_it_alone(self) -> None:
        assert judged(ALL, told(lambda data: data.pop("deployed")), deployed=None) == []
        [finding] = judged(ALL, told(BEYOND["latency"][0]), deployed=None)
        assert finding.pointer == "/candidate/latency/p99"
        assert len(judged(ALL, deployed=None)) == 1

    def test_outside_the_gate(self) -> None:
        assert [each.reason for each in judgement(ALL, SPOTLESS, DEPLOYED).skipped] == ["only the gate knows"]


def test_without_a_limit_of_its_kind_the_deployed_model_is_not_wanted() -> None:
    rule = FailedShadow(min_window="24h", min_requests=1, max_error_rate=0.01, max_latency={"p50": 20})
    assert judged(rule, told(lambda data: data.pop("deployed"))) == []


def test_a_shadow_of_a_renamed_weights_file() -> None:
    renamed = told(lambda data: data["candidate"].update(weights={"w.skops": WEIGHTS}))
    assert judged(FailedShadow(min_requests=1), renamed) == []
