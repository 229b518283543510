"""What a person sees at a terminal, held against files that a person has read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from snitch.change import Change
from snitch.finding import Comparison, Finding
from snitch.pointer import write_pointer
from snitch.report import render
from snitch.report.look import width_of
from snitch.report.wording import compared
from snitch.rule import Rule
from snitch.verdict import Skipped, verdict_of
from tests.golden import held_against
from tests.judging import EVALUATION, FOLDER, SPOTLESS, digest, edit, judgement
from tests.report.cases import CASES, LONG, with_finding
from tests.report.reports import (
    CLEAN,
    DUE,
    EVERYTHING,
    NOTHING,
    PASSED,
    REGRESSED,
    STALE,
    UNDECIDED,
    UNNAMED,
    WAIVED,
)

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    report, options = CASES[name]
    held_against(GOLDEN / f"{name}.txt", render(report, "text", **options), request)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["blocked", "everything", "hostile"])
def test_concise(name: str, request: pytest.FixtureRequest) -> None:
    held_against(GOLDEN / f"{name}.concise.txt", render(CASES[name][0], "concise"), request)


@pytest.mark.parametrize("name", ["blocked", "everything", "clean", "hostile", "nothing", "gated", "green"])
def test_markdown(name: str, request: pytest.FixtureRequest) -> None:
    report, options = CASES[name]
    held_against(GOLDEN / f"{name}.md", render(report, "markdown", **options), request)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["everything"])
def test_json(name: str, request: pytest.FixtureRequest) -> None:
    held_against(GOLDEN / f"{name}.json", render(CASES[name][0], "json"), request)


class MetricFell(Rule, code="TST001"):
    """A metric is lower than the deployed model's."""

    def check(self, change: Change) -> Iterator[Finding | Comparison]:
        for pair in change.pairs:
            for ours, theirs in zip(pair.candidate.record.metrics, pair.deployed.record.metrics, strict=True):
                at = pair.candidate.record.metrics.index(ours)
                fell = ours.value < theirs.value
                if fell:
                    side = pair.deployed.side(f"/metrics/{at}/value", theirs.value, "deployed")
                    message = f"{ours.type} fell from {theirs.value} to {ours.value}"
                    pointer = f"/metrics/{at}/value"
                    yield pair.candidate.finding(pointer, message, label="candidate", deployed=side)
                yield Comparison(
                    benchmark=pair.benchmark,
                    type=ours.type,
                    args=ours.args,
                    deployed=theirs.value,
                    candidate=ours.value,
                    delta=round(ours.value - theirs.value, 6),
                    limit=0.0,
                    outcome="fail" if fell else "pass",
                )


def test_a_change_that_was_really_judged(request: pytest.FixtureRequest) -> None:
    worse = edit(SPOTLESS, EVALUATION, '"value": 0.913', '"value": 0.882')
    retrained = {**worse, f"{FOLDER}/model.skops": write_pointer(digest("other weights"), 7)}
    made = judgement(MetricFell(), retrained, SPOTLESS)
    report = replace(
        PASSED,
        models=(replace(PASSED.models[0], verdict=verdict_of(made.findings)),),
        findings=made.findings,
        comparisons=made.comparisons,
        rules=1,
    )
    held_against(GOLDEN / "judged.txt", render(report, "text"), request)


def test_order_is_errors_then_undecided_then_warnings_whatever_the_order_they_came_in() -> None:
    findings = (STALE, UNDECIDED, REGRESSED, UNNAMED)
    forwards = render(replace(PASSED, findings=findings), "concise")
    backwards = render(replace(PASSED, findings=findings[::-1]), "concise")
    words = [line.split(": ")[1].split()[0] for line in forwards.splitlines()[:-1]]
    assert words == ["error[MET001]", "error[REG001]", "inconclusive[SNT003]", "warning[DAT001]"]
    assert forwards == backwards


@pytest.mark.parametrize("format", ["text", "concise"])
def test_quiet_says_nothing_of_a_clean_run(format: str) -> None:
    assert render(CLEAN, format, quiet=True) == ""
    assert render(NOTHING, format, quiet=True) == ""
    assert render(replace(NOTHING, deployed=None), format, quiet=True) == ""


@pytest.mark.parametrize("finding", [STALE, UNDECIDED, REGRESSED])
def test_quiet_tells_what_was_found(finding: Finding) -> None:
    report = replace(PASSED, findings=(finding,))
    assert render(report, "text", quiet=True) == render(report, "text")


def test_quiet_tells_that_nothing_deployed_was_there_to_compare_with() -> None:
    assert "the deployed branch is not here" in render(replace(PASSED, deployed=None), "text", quiet=True)


@pytest.mark.parametrize("format", ["json", "markdown"])
def test_quiet_leaves_documents_whole(format: str) -> None:
    assert render(CLEAN, format, quiet=True) == render(CLEAN, format)


@pytest.mark.parametrize("format", ["text", "concise", "markdown", "json"])
def test_no_colours_unless_asked(format: str) -> None:
    assert "\x1b" not in render(EVERYTHING, format, verbose=True)


def test_colours_change_nothing_but_colours() -> None:
    colored = render(EVERYTHING, "text", color=True, width=70, verbose=True)
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == render(EVERYTHING, "text", width=70, verbose=True)


@pytest.mark.parametrize("width", [40, 50, 60, 80, 100])
def test_source_never_leaves_the_terminal_and_its_mark_stays_in_sight(width: int) -> None:
    for column in range(1, len(LONG.excerpt) + 1):
        finding = replace(LONG, column=column, length=3)
        lines = render(with_finding(finding), "text", width=width).splitlines()
        source, marks = lines[next(at for at, line in enumerate(lines) if line.startswith("   6 |")) :][:2]
        assert width_of(source) <= width
        start, end = marks.index("^"), marks.rindex("^") + 1
        assert source[start:end] == LONG.excerpt[column - 1 : column + 2]


def test_wide_characters_are_cut_between_not_within() -> None:
    finding = replace(REGRESSED, excerpt="値" * 60 + "X" + "値" * 60, column=61, length=1, label="")
    for width in range(40, 60):
        lines = render(with_finding(finding), "text", width=width).splitlines()
        source, marks = lines[next(at for at, line in enumerate(lines) if line.startswith("   6 |")) :][:2]
        assert width_of(source) <= width
        assert width_of(source[: source.index("X")]) == marks.index("^")


def test_a_column_beyond_the_excerpt_has_no_frame_but_its_place() -> None:
    text = render(with_finding(replace(REGRESSED, column=900, deployed=None)), "text")
    assert f"--> {REGRESSED.path}:6:900" in text
    assert "|" not in text.split("blocked:")[0]


def test_a_waived_finding_is_told_at_the_end_and_shown_on_request() -> None:
    report = replace(PASSED, findings=(WAIVED,))
    assert "metric-regressed: roc_auc fell" not in render(report, "text")
    assert "waived[REG001] metric-regressed: roc_auc fell" in render(report, "text", verbose=True)
    assert "1 waived" in render(report, "concise")


@pytest.mark.parametrize(
    ("days", "when"), [(0, "today"), (1, "tomorrow"), (2, "in 2 days"), (30, "in 30 days"), (31, None)]
)
def test_what_falls_due_is_told_for_thirty_days(days: int, when: str | None) -> None:
    report = replace(PASSED, due=(replace(DUE[0], on=PASSED.now + timedelta(days=days)),))
    text = render(report, "text")
    if when is None:
        assert "goes stale" not in text
        assert "in 31 days" in render(report, "text", verbose=True)
    else:
        assert f"passes today; its training data goes stale {when} (" in text


@pytest.mark.parametrize(
    ("skipped", "told"),
    [
        ((Skipped("REG001", "churn", "the weights are its own"),), ": the weights are its own"),
        ((Skipped("REG001", "churn", "first release"), Skipped("REG001", "fraud", "its own")), ""),
        ((Skipped("REG004", "churn", "first release"),), ""),
        ((), ""),
    ],
)
def test_why_no_metric_was_compared(skipped: tuple[Skipped, ...], told: str) -> None:
    models = tuple(replace(PASSED.models[0], name=name) for name in dict.fromkeys(each.model or "" for each in skipped))
    report = replace(PASSED, comparisons=(), skipped=skipped, models=models or PASSED.models)
    assert compared(report) == f"no metric was compared with main@3f2c1ab{told}"
