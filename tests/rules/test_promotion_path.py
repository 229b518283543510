"""PRO001 to PRO003: through the environment below, for long enough, and unchanged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from snitch.rules.promotion_path import ChangedSinceStaging, SkippedEnvironment, SoakedTooBriefly

from snitch.change import Environment
from snitch.engine import ActiveRule, judge
from snitch.finding import Finding
from snitch.pointer import write_pointer
from snitch.rule import Rule
from snitch.verdict import Judgement
from tests.gating.witnesses import NOON, gate_of
from tests.judging import (
    EVALUATION,
    FOLDER,
    MANIFEST,
    SPOTLESS,
    Files,
    change_of,
    digest,
    edit,
    edit_json,
    judgement,
    without,
)
from tests.past import Past, ago, histories

PRODUCTION = Environment(
    name="production", branches=("main",), lowest=False, promotes_from="staging", soak=timedelta(hours=24)
)
RULES: tuple[Rule, ...] = (SkippedEnvironment(), SoakedTooBriefly(), ChangedSinceStaging())

OLDER: Files = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.3.2")
#: The same model where more than it lies beside it and has changed.
README: Files = {**SPOTLESS, f"{FOLDER}/README.md": "# Churn\n"}

#: One thing of the content each.
OTHER: dict[str, Files] = {
    "model.yaml": edit(SPOTLESS, MANIFEST, "seed: 7", "seed: 8"),
    "model.skops": {**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("other"), 7)},
    "evaluations/churn-holdout.json": edit_json(SPOTLESS, EVALUATION, lambda data: data.update(date="2026-11-03")),
    "evaluations/another.json": {**SPOTLESS, f"{FOLDER}/evaluations/another.json": "{}"},
}


def together(files: Files, *pasts: Past, sources: tuple[str, ...], rules: tuple[Rule, ...], **more: Any) -> Judgement:
    """What the engine makes of the rules, each of which knows what the others tell."""
    gate = gate_of(history=histories(*pasts), sources=sources)
    change = change_of(files, more.pop("deployed", None), gate=gate, **{"environment": PRODUCTION, **more})
    return judge([ActiveRule(rule, "error") for rule in rules], change)


def judged(
    files: Files, *pasts: Past, sources: tuple[str, ...] = ("staging",), rules: tuple[Rule, ...] = RULES, **more: Any
) -> dict[str, Finding]:
    """What the three rules find, by code; one of them at the most."""
    found = together(files, *pasts, sources=sources, rules=rules, **more)
    return {each.rule: each for each in found.findings}


def skipped(files: Files, *pasts: Past, sources: tuple[str, ...] = ("staging",), **more: Any) -> list[str]:
    """Why each of the three is skipped, where it is."""
    return [each.reason for each in together(files, *pasts, sources=sources, rules=RULES, **more).skipped]


SOAKED = (SPOTLESS, ago(hours=24))


class TestSkippedEnvironment:
    def test_what_has_been_there_passes(self) -> None:
        assert judged(SPOTLESS, Past(SOAKED)) == {}

    def test_what_was_never_there(self) -> None:
        [finding] = judged(SPOTLESS, Past((OLDER, ago(days=9)))).values()
        assert (finding.rule, finding.path, finding.line, finding.outcome) == ("PRO001", MANIFEST, 2, "fail")
        assert finding.message == "this churn 1.4.0 was never on staging, which holds 1.3.2"
        assert finding.help == "merge it into staging first; production takes what has been there"

    def test_a_branch_that_never_had_the_model(self) -> None:
        [finding] = judged(SPOTLESS, Past()).values()
        assert finding.message == "this churn 1.4.0 was never on staging, which does not have it"

    def test_a_folder_that_holds_another_model(self) -> None:
        fraud = edit(SPOTLESS, MANIFEST, "name: churn\n", "name: fraud\n")
        [finding] = judged(SPOTLESS, Past((fraud, ago(days=9)))).values()
        assert finding.message.endswith("which does not have it")

    @pytest.mark.parametrize("what", sorted(OTHER))
    def test_every_part_of_the_content_counts(self, what: str) -> None:
        assert list(judged(SPOTLESS, Past((OTHER[what], ago(days=9))))) == ["PRO001"]
        if what != "evaluations/another.json":
            assert list(judged(OTHER[what], Past(SOAKED))) == ["PRO001"]

    def test_what_is_no_part_of_it_does_not(self) -> None:
        assert judged(README, Past(SOAKED)) == {}

    def test_the_folder_does_not(self) -> None:
        moved = {path.replace(FOLDER, "else/where"): content for path, content in SPOTLESS.items()}
        assert judged(SPOTLESS, Past((moved, ago(days=2)), folder="else/where")) == {}

    def test_weights_that_lie_outside_the_folder(self) -> None:
        outside: Files = {
            **without(edit(SPOTLESS, MANIFEST, "[model.skops]", "[../.shared/w.skops]"), f"{FOLDER}/model.skops"),
            "models/.shared/w.skops": write_pointer(digest("weights"), 7),
        }
        other = {**outside, "models/.shared/w.skops": write_pointer(digest("other"), 7)}
        assert judged(outside, Past((outside, ago(days=2)))) == {}
        assert list(judged(outside, Past((other, ago(days=2))))) == ["PRO001"]

    def test_a_link_is_not_the_file(self) -> None:
        class Linked(Past):
            def stretches(self, *asked: Any) -> Any:
                for each in super().stretches(*asked):
                    entries = each.model.repository.snapshot.entries
                    entries[MANIFEST] = entries[MANIFEST]._replace(mode=0o120000)  # type: ignore[index]
                    yield each

        assert list(judged(SPOTLESS, Linked(SOAKED))) == ["PRO001"]

    def test_several_branches_below(self) -> None:
        europe = Past(SOAKED, branch="staging-eu")
        asked = ("staging", "staging-eu")
        assert judged(SPOTLESS, Past((OLDER, ago(days=9))), europe, sources=asked) == {}
        [finding] = judged(OTHER["model.yaml"], Past((OLDER, ago(days=9))), europe, sources=asked).values()
        assert finding.message == "this churn 1.4.0 was never on staging, which holds 1.3.2"

    def test_a_branch_that_is_not_here_decides_nothing(self) -> None:
        [finding] = judged(SPOTLESS).values()
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")

    def test_a_history_that_is_cut_off_decides_nothing(self) -> None:
        [finding] = judged(SPOTLESS, Past((OLDER, ago(days=9)), cut=True)).values()
        assert (finding.rule, finding.help) == ("SNT003", "`git fetch --unshallow origin`")

    def test_a_broken_manifest_is_another_rules(self) -> None:
        broken = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: latest")
        assert list(judged(broken, Past(SOAKED))) == ["SNT003"]


class TestWhereNothingIsPromoted:
    def test_outside_the_gate(self) -> None:
        reasons = {each.reason for rule in RULES for each in judgement(rule, SPOTLESS, environment=PRODUCTION).skipped}
        assert reasons == {"only the gate knows"}

    def test_an_environment_that_takes_models_from_anywhere(self) -> None:
        anywhere = Environment(name="production", branches=("main",), lowest=False, soak=timedelta(hours=1))
        assert set(skipped(SPOTLESS, environment=anywhere)) == {
            "nothing has to come to production from another environment"
        }

    def test_an_environment_without_a_branch_of_its_own(self) -> None:
        assert set(skipped(SPOTLESS, sources=())) == {
            "`promotes_from` of production names staging, which has no one branch"
        }

    def test_what_the_target_holds_already(self) -> None:
        never = Past((OLDER, ago(days=9)))
        assert judged(README, never, base=SPOTLESS) == {}
        assert set(skipped(README, never, base=SPOTLESS)) == {
            "nothing is promoted: weights, evaluations and manifest are the target's own"
        }

    @pytest.mark.parametrize("what", sorted(OTHER))
    def test_what_the_target_holds_otherwise_is_promoted(self, what: str) -> None:
        assert list(judged(SPOTLESS, Past((OLDER, ago(days=9))), base=OTHER[what])) == ["PRO001"]

    def test_what_the_target_holds_in_another_folder(self) -> None:
        moved = {path.replace(FOLDER, "else/where"): content for path, content in SPOTLESS.items()}
        never = Past((OLDER, ago(days=9)))
        assert list(judged(SPOTLESS, never, base=moved)) == ["PRO001"]


class TestSoakedTooBriefly:
    def test_exactly_long_enough(self) -> None:
        assert judged(SPOTLESS, Past(SOAKED)) == {}

    def test_a_moment_too_brief(self) -> None:
        [finding] = judged(SPOTLESS, Past((SPOTLESS, ago(hours=23, minutes=59, seconds=59)))).values()
        assert (finding.rule, finding.path, finding.line, finding.outcome) == ("PRO002", MANIFEST, 2, "fail")
        assert finding.message == ("has been on staging since 111111111111, for 23 h 59 min; production asks for 1 d")
        assert finding.help == "run the gate again at 2026-11-20 12:01 UTC"

    def test_the_first_of_the_run_counts(self) -> None:
        assert judged(SPOTLESS, Past((README, ago(hours=1)), SOAKED)) == {}

    def test_what_was_there_before_something_else_does_not(self) -> None:
        past = Past((SPOTLESS, ago(hours=2)), (OLDER, ago(hours=3)), (SPOTLESS, ago(days=9)))
        [finding] = judged(SPOTLESS, past).values()
        assert "for 2 h;" in finding.message

    def test_what_was_gone_in_between_does_not(self) -> None:
        past = Past((SPOTLESS, ago(hours=2)), ({}, ago(hours=3)), (SPOTLESS, ago(days=9)))
        assert list(judged(SPOTLESS, past)) == ["PRO002"]

    @pytest.mark.parametrize(
        ("since", "told"),
        [
            (None, "has no date that a calendar knows"),
            (NOON + timedelta(minutes=1), "is dated 2026-11-20 12:01 UTC, still to come"),
        ],
    )
    def test_a_date_that_proves_nothing_decides_nothing(self, since: datetime | None, told: str) -> None:
        [finding] = judged(SPOTLESS, Past((SPOTLESS, since))).values()
        assert (finding.rule, finding.outcome) == ("PRO002", "inconclusive")
        assert finding.message == (
            f"nobody knows how long it has been on staging since 111111111111: that commit {told}"
        )

    def test_where_a_later_date_of_the_run_is_enough_the_first_does_not_matter(self) -> None:
        assert judged(SPOTLESS, Past((README, ago(hours=25)), (SPOTLESS, None))) == {}

    def test_where_it_is_enough_the_rest_of_the_history_is_not_wanted(self) -> None:
        assert judged(SPOTLESS, Past(SOAKED, cut=True)) == {}

    def test_a_run_that_may_go_on_beyond_what_is_here(self) -> None:
        [finding] = judged(SPOTLESS, Past((SPOTLESS, ago(hours=2)), cut=True)).values()
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
        assert finding.message == "cannot judge PRO002: the history ends here"

    def test_without_a_soak_it_is_skipped(self) -> None:
        at_once = Environment(name="production", branches=("main",), lowest=False, promotes_from="staging")
        past = Past((SPOTLESS, ago(seconds=1)))
        assert judged(SPOTLESS, past, environment=at_once) == {}
        assert skipped(SPOTLESS, past, environment=at_once) == ["production asks for no soak"]

    def test_a_soak_beyond_the_end_of_time(self) -> None:
        forever = Environment(
            name="production", branches=("main",), lowest=False, promotes_from="staging", soak=timedelta(weeks=999_999)
        )
        [finding] = judged(SPOTLESS, Past(SOAKED), environment=forever).values()
        assert finding.help == "run the gate again at 9999-12-31 00:00 UTC"

    def test_the_branch_that_holds_it_now_counts(self) -> None:
        europe = Past(SOAKED, branch="staging-eu")
        assert judged(SPOTLESS, Past((OLDER, ago(days=1)), SOAKED), europe, sources=("staging", "staging-eu")) == {}


class TestChangedSinceStaging:
    @pytest.mark.parametrize("what", sorted(OTHER))
    def test_what_differs_is_named(self, what: str) -> None:
        [finding] = judged(SPOTLESS, Past((OTHER[what], ago(hours=1)), SOAKED)).values()
        assert (finding.rule, finding.path, finding.line, finding.outcome) == ("PRO003", MANIFEST, 2, "fail")
        assert finding.message == f"was on staging since 222222222222, whose tip now differs in {what}"
        assert finding.deployed is not None
        assert (finding.deployed.commit, finding.deployed.label) == ("1" * 40, "on staging")

    def test_a_model_that_is_gone(self) -> None:
        [finding] = judged(SPOTLESS, Past(({}, ago(hours=1)), SOAKED)).values()
        assert finding.message == "was on staging since 222222222222, which does not have it any more"
        assert finding.deployed is None

    def test_of_much_that_differs_some_is_named(self) -> None:
        extra = {f"{FOLDER}/evaluations/e{number}.json": "{}" for number in range(9)}
        [finding] = judged(SPOTLESS, Past(({**SPOTLESS, **extra}, ago(hours=1)), SOAKED)).values()
        assert finding.message.endswith("evaluations/e4.json and 4 more")


def test_they_are_off_in_the_lowest_environment_and_run_in_the_gate_alone() -> None:
    for rule in RULES:
        assert (rule.severity, rule.stage) == ((None, "error"), "gate")


@pytest.mark.parametrize(
    "past", [Past((OLDER, ago(hours=1)), SOAKED), Past((OLDER, ago(days=9)))], ids=["left", "never there"]
)
def test_the_soak_is_not_excused_with_the_way(past: Past) -> None:
    """Where the rule that tells of the way is waived or off, nobody knows that it has soaked."""
    [finding] = judged(SPOTLESS, past, rules=(SoakedTooBriefly(),)).values()
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
