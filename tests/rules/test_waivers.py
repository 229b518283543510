"""Waivers that outlived their reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from snitch.rules.waivers import ExpiredWaiver, UnusedWaiver

from snitch.change import Catalogue
from snitch.engine import ActiveRule, judge_repository
from snitch.finding import Skip, Undecidable
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.rule import AnyRule
from snitch.snapshot import MemorySnapshot
from snitch.verdict import Judgement
from tests.judging import (
    FOLDER,
    MANIFEST,
    PRODUCTION,
    SPOTLESS,
    TODAY,
    edit,
)

POLICY = """\
extends: recommended
waivers:
  - rule: metric-regressed
    model: churn
    version: 1.4.0
    owner: growth-ml@example.com
    reason: agreed
    expires: 2026-11-20
"""
CHURN = Catalogue({"churn": (FOLDER,)})
OTHER = "  - {rule: DAT001, model: churn, version: 9.0.0, owner: o, reason: r, expires: 2027-01-01}\n"


def judged(
    rule: AnyRule,
    policy: str = POLICY,
    *,
    used: bool = False,
    deployed: Mapping[str, bytes | str] | None = SPOTLESS,
    today: date = TODAY,
    judges_all: bool = True,
    deployed_catalogue: Catalogue = CHURN,
    tip: Undecidable | None = None,
) -> Judgement:
    """What a rule about waivers makes of a policy's; `used` is whether each excused something."""
    candidate = Repository(MemorySnapshot({**SPOTLESS, "snitch.yaml": policy}))
    placed = read_policy(candidate, candidate).placed_waivers
    more: dict[str, Any] = {"waivers": placed, "judges_all": judges_all, "catalogue": CHURN}
    if used:
        more["used_waivers"] = frozenset(each.waiver for each in placed)
    if deployed is not None:
        more["deployed_catalogue"] = deployed_catalogue
    there = Skip("first release") if deployed is None else Repository(MemorySnapshot(deployed))
    change = RepositoryChange(candidate, tip or there, environment=PRODUCTION, today=today, **more)
    return judge_repository([ActiveRule(rule, "error")], change)


def fingerprints(rule: AnyRule, policy: str) -> set[str]:
    return {each.fingerprint for each in judged(rule, policy, today=TODAY + timedelta(days=1)).findings}


class TestExpiredWaiver:
    def test_the_day_after_its_last(self) -> None:
        [found] = judged(ExpiredWaiver(), today=TODAY + timedelta(days=1)).findings
        assert found.message == "the waiver of metric-regressed for churn 1.4.0 expired on 2026-11-20"
        assert (found.rule, found.outcome, found.path, found.line, found.column) == (
            "POL002", "fail", "snitch.yaml", 8, 14,
        )  # fmt: skip
        assert found.role == "waivers"
        anew = "`snitch waive metric-regressed --model churn --until DATE --reason …`"
        assert found.help == f"remove it; to accept the finding still, add a new one as well: {anew}"

    def test_on_its_last_day_it_holds(self) -> None:
        assert judged(ExpiredWaiver()) == Judgement()

    def test_one_that_is_used_falls_due_on_the_day_after(self) -> None:
        judgement = judged(ExpiredWaiver(), used=True)
        assert not judgement.findings
        [due] = judgement.due
        assert (due.on, due.message) == (date(2026, 11, 21), "its waiver of metric-regressed expires")
        assert (due.rule, due.model) == ("POL002", "churn")

    @pytest.mark.parametrize(("last", "due"), [("9998-12-31", "9999-01-01"), ("9999-12-31", "9999-12-31")])
    def test_at_the_end_of_the_calendar(self, last: str, due: str) -> None:
        judgement = judged(ExpiredWaiver(), POLICY.replace("2026-11-20", last), used=True)
        assert [str(each.on) for each in judgement.due] == [due]

    def test_its_fingerprint_survives_another_place_in_the_list(self) -> None:
        moved = POLICY.replace("waivers:\n", f"waivers:\n{OTHER}")
        assert fingerprints(ExpiredWaiver(), POLICY) == fingerprints(ExpiredWaiver(), moved)

    def test_two_for_two_findings_have_two_fingerprints(self) -> None:
        entry = POLICY.partition("waivers:\n")[2]
        two = f"waivers:\n{entry}    fingerprint: aaaa\n{entry}    fingerprint: bbbb\n"
        assert len(fingerprints(ExpiredWaiver(), two)) == 2


class TestUnusedWaiver:
    @pytest.mark.parametrize("version", ["1.4.0", "1.4.1", "2.0.0"])
    def test_its_version_or_a_later_one_is_deployed(self, version: str) -> None:
        deployed = edit(SPOTLESS, MANIFEST, "version: 1.4.0", f"version: {version}")
        [found] = judged(UnusedWaiver(), deployed=deployed).findings
        assert found.message == "the waiver of metric-regressed for churn 1.4.0 excuses nothing"
        assert (found.rule, found.outcome, found.path, found.line, found.column) == (
            "POL003", "fail", "snitch.yaml", 3, 5,
        )  # fmt: skip

    @pytest.mark.parametrize("version", ["1.3.9", "1.4.0-rc.1"])
    def test_its_version_is_not_deployed_yet(self, version: str) -> None:
        assert not judged(
            UnusedWaiver(), deployed=edit(SPOTLESS, MANIFEST, "version: 1.4.0", f"version: {version}")
        ).findings

    def test_its_model_is_not_deployed(self) -> None:
        assert judged(UnusedWaiver(), deployed=None) == Judgement()

    def test_one_that_is_used(self) -> None:
        assert not judged(UnusedWaiver(), used=True).findings

    def test_one_that_has_expired_is_another_rules(self) -> None:
        assert not judged(UnusedWaiver(), today=TODAY + timedelta(days=1)).findings

    def test_nobody_knows_unless_every_model_was_judged(self) -> None:
        judgement = judged(UnusedWaiver(), judges_all=False)
        assert not judgement.findings
        assert [each.reason for each in judgement.skipped] == ["not every model was judged: use --all"]

    @pytest.mark.parametrize(
        "more",
        [{"judges_all": False}, {"tip": Undecidable("it is not here")}, {"today": TODAY + timedelta(days=1)}],
        ids=["not every model was judged", "nobody knows what is deployed", "it has expired"],
    )
    def test_a_model_that_is_not_there_is_noted(self, more: dict[str, Any]) -> None:
        judgement = judged(UnusedWaiver(), POLICY.replace("churn", "chrun"), **more)
        told = "the waiver of metric-regressed names the model `chrun`, which is not here; did you mean `churn`?"
        assert (judgement.findings, judgement.notes) == ((), (told,))

    @pytest.mark.parametrize("deployed", [SPOTLESS, None])
    def test_a_model_that_is_nowhere_is_found_where_all_are_judged(self, deployed: Mapping[str, bytes | str]) -> None:
        judgement = judged(UnusedWaiver(), POLICY.replace("churn", "chrun"), deployed=deployed)
        [found] = judgement.findings
        message = "the waiver of metric-regressed names the model `chrun`, which is not here, nor deployed"
        assert (found.message, found.help) == (message, "remove it, or correct the name; did you mean `churn`?")
        assert (found.rule, found.outcome, found.path, found.pointer) == (
            "POL003", "fail", "snitch.yaml", "/waivers/0/model",
        )  # fmt: skip
        assert judgement.notes == ()

    def test_where_no_name_is_near_none_is_suggested(self) -> None:
        stranger = POLICY.replace("churn", "weather")
        many: dict[str, Any] = {"deployed_catalogue": Catalogue({f"m{index}": () for index in range(50)})}
        [found] = judged(UnusedWaiver(), stranger, **many).findings
        assert found.help == "remove it, or correct the name"
        [note] = judged(UnusedWaiver(), stranger, judges_all=False, **many).notes
        assert note.endswith("names the model `weather`, which is not here")

    def test_a_model_that_is_deployed_alone_is_there(self) -> None:
        deployed = Catalogue({"fraud": ("models/fraud",)})
        assert (
            judged(
                UnusedWaiver(), POLICY.replace("churn", "fraud"), judges_all=False, deployed_catalogue=deployed
            ).notes
            == ()
        )

    def test_it_only_warns(self) -> None:
        assert UnusedWaiver.severity == ("warning", "warning")

    def test_its_fingerprint_survives_another_place_in_the_list(self) -> None:
        moved = POLICY.replace("waivers:\n", f"waivers:\n{OTHER}")
        [one], [other] = (judged(UnusedWaiver(), text).findings for text in (POLICY, moved))
        assert one.pointer != other.pointer
        assert one.role == other.role == "waivers"
        assert one.fingerprint == other.fingerprint
