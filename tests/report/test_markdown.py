"""A comment says the most important first, folds what passed, and says what it left out."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from snitch.report import render
from snitch.verdict import JudgedModel, Measured, MetricHistory, Report
from tests.report.reports import (
    ADVISORY,
    BETTER,
    BLOCKED,
    CLEAN,
    DUE,
    GATED,
    GREEN,
    HISTORY,
    OUTSIDE_LFS,
    PASSED,
    REGRESSED,
    SLICES,
    STALE,
    UNDECIDED,
    WAIVED,
    WORSE,
)

LIMIT = 65_536
URL = "https://ci.example.com/runs/7"


def markdown(report: Report, **options: object) -> str:
    return render(report, "markdown", **options)  # type: ignore[arg-type]


def outside_folds(text: str) -> str:
    return re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)


def test_the_verdict_the_table_the_findings_in_this_order() -> None:
    text = markdown(GATED)
    parts = ["## ❌ Snitch: blocked", "| metric | deployed | candidate | delta | limit |", "### Findings", "### Waived"]
    parts += ["### Falls due", "### Notes", "### History", "### Models", "Snitch 0.1.0 ·"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert places[0] == 0


def test_what_failed_stands_first_in_a_table_and_slices_that_pass_are_folded() -> None:
    text = markdown(replace(BLOCKED, comparisons=(*SLICES[::-1], BETTER, WORSE)))
    rows = re.findall(r"\| `([^`]+)` \|.*\| (. \w+) \|", outside_folds(text))
    assert rows[:3] == [
        ("roc_auc", "❌ fail"),
        ("recall(threshold=0.42) where plan=pro", "❓ inconclusive"),
        ("recall(threshold=0.42)", "✅ pass"),
    ]
    assert "<summary>churn 1.4.0 on churn-holdout: 1 comparison of slices passes</summary>" in text
    assert "plan=basic" not in outside_folds(text)


def test_a_table_that_passes_is_folded_only_beside_one_that_does_not() -> None:
    other = replace(BETTER, model="sales")
    assert "on `churn-holdout`" in outside_folds(markdown(replace(PASSED, comparisons=(BETTER, other))))
    text = markdown(replace(BLOCKED, comparisons=(other, WORSE)))
    assert "sales" not in outside_folds(text)
    assert "<summary>sales on churn-holdout: 1 comparison passes</summary>" in text


def test_many_tables_that_pass_are_folded() -> None:
    comparisons = tuple(replace(BETTER, model=f"m{n}") for n in range(4))
    assert "m1" not in outside_folds(markdown(replace(PASSED, comparisons=comparisons)))


def test_the_interval_has_a_column_where_one_is_known() -> None:
    assert "| limit | 95 % interval | outcome |" in markdown(BLOCKED)
    assert "| limit | outcome |" in markdown(replace(BLOCKED, comparisons=(BETTER,)))


def test_models_that_pass_are_folded() -> None:
    text = markdown(GATED)
    assert "`sales`" not in outside_folds(text)
    assert "<summary>1 model passes</summary>" in text
    assert "| `fraud` | `0.2.0` | added | ❓ inconclusive |" in outside_folds(text)


def test_that_it_only_advises_stands_beneath_the_verdict_and_not_twice() -> None:
    text = markdown(GATED)
    assert text.index(f"> ⚠️ {ADVISORY}") < text.index("### Compared")
    assert text.count("advisory against") == 1
    assert "advisory" not in markdown(BLOCKED)


def test_the_history_of_what_fails_is_open_and_of_what_passes_folded() -> None:
    text = markdown(GATED)
    assert outside_folds(text).count("```mermaid") == 1
    assert text.count("```mermaid") == 2
    assert "the level line is the limit, 0.908" in outside_folds(text)
    assert (
        "`roc_auc` of `churn` on `churn-holdout`: 0.891 (1.2.0), 0.907 (1.3.0), 0.913 (1.3.2), 0.882 (candidate" in text
    )
    assert "```mermaid" not in outside_folds(markdown(GREEN))


def test_nothing_is_known_of_the_history_outside_the_gate() -> None:
    assert "History" not in markdown(BLOCKED)


def test_older_versions_are_counted() -> None:
    points = tuple(Measured(f"1.{n}.0", PASSED.now, 0.5 + n / 100) for n in range(14))
    text = markdown(replace(PASSED, history=(replace(HISTORY[1], points=points),)))
    assert ": 4 older versions, then 0.54 (1.4.0)" in text


@pytest.mark.parametrize("url", ["http://ci.example.com/", "https://x/)[y](z", "javascript:alert(1)"])
def test_no_link_but_to_a_plain_https_address(url: str) -> None:
    assert markdown(GATED, full_report=url) == markdown(GATED)


def test_the_full_report_is_linked() -> None:
    assert f"\n\n[The full report](<{URL}>)\n\n" in markdown(GATED, full_report=URL)


def crowd(**changes: object) -> Report:
    """Two thousand of everything; everything long."""
    many = range(2_000)
    names = [f"model-{n}-{'x' * 100}" for n in many]
    report = replace(
        BLOCKED,
        findings=tuple(replace(REGRESSED, model=name, message="*" * 2000) for name in names),
        models=tuple(replace(BLOCKED.models[0], name=name) for name in names),
        comparisons=tuple(replace(WORSE, model=name) for name in names),
        due=tuple(replace(DUE[0], model=name) for name in names),
        notes=tuple(f"note {n} {'<' * 300}" for n in many),
        history=tuple(replace(HISTORY[1], model=name) for name in names),
    )
    return replace(report, **changes)


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("url", [None, "https://ci.example.com/" + "a" * 900])
def test_it_always_fits_and_shows_some_of_everything(unicode: bool, url: str | None) -> None:
    text = markdown(crowd(), unicode=unicode, full_report=url, verbose=True)
    assert len(text.encode()) < LIMIT
    assert "Snitch: blocked" in text
    assert f"environment {BLOCKED.environment}" in text
    for title in ("Compared with the deployed model", "Findings", "Falls due", "Notes", "History", "Models"):
        assert re.search(rf"### {title}\n\n(?!And)", text), title
    where = f"[the full report](<{url}>) has them all" if url else "the job's log has them all"
    for noun in ("findings", "tables", "models", "dates", "notes", "charts", "source excerpts"):
        told = re.search(rf"^And ([0-9]+) {noun} more: (.*)\.$", text, re.MULTILINE)
        assert told, noun
        assert told[2] == where


def test_what_is_counted_and_what_is_shown_is_all() -> None:
    text = markdown(crowd())
    for noun, sign in (("findings", r"^\*\*error\*\*"), ("models", r"^\| `model-.*blocked \|$"), ("notes", "^- note ")):
        left_out = re.search(rf"^And ([0-9]+) {noun} more", text, re.MULTILINE)
        assert left_out
        assert int(left_out[1]) + len(re.findall(sign, text, re.MULTILINE)) == 2_000, noun


def test_the_least_important_goes_first() -> None:
    """What fails is shown whole where what warns, passes or is merely told is not."""
    warnings = tuple(replace(STALE, message="w" * 900, model=f"w{n}") for n in range(500))
    failing = tuple(replace(OUTSIDE_LFS, model=f"e{n}") for n in range(50))
    text = markdown(replace(BLOCKED, findings=(*warnings, UNDECIDED, *failing, WAIVED)))
    assert len(re.findall(r"^\*\*error\*\*", text, re.MULTILINE)) == 50
    assert len(re.findall(r"^\*\*inconclusive\*\*", text, re.MULTILINE)) == 1
    assert 0 < len(re.findall(r"^\*\*warning\*\*", text, re.MULTILINE)) < 500


def test_room_that_others_leave_is_used() -> None:
    findings = tuple(replace(OUTSIDE_LFS, model=f"m{n}") for n in range(220))
    text = markdown(replace(BLOCKED, findings=findings))
    assert 30_000 < len(text) < LIMIT
    assert "more" not in text


def test_a_long_table_is_cut_and_says_so() -> None:
    rows = tuple(replace(WORSE, slice={"plan": f"p{n}"}) for n in range(100))
    text = markdown(replace(BLOCKED, comparisons=rows))
    assert text.count("❌ fail") == 40
    assert "And 60 rows more." in text


def test_a_finding_with_endless_notes_says_how_many() -> None:
    text = markdown(replace(BLOCKED, findings=(replace(REGRESSED, notes=("n",) * 100),)))
    assert text.count("- note: n\n") == 8
    assert "- and 92 notes more" in text


@pytest.mark.parametrize("character", ["@", "\U000e0041", "\\", "顧", "`", "|"])
def test_hostile_lengths_never_burst_it(character: str) -> None:
    """Every text as long as can be, of what grows the most when it is escaped."""
    text = character * 5_000
    report = replace(
        GATED,
        snitch=text,
        environment=text,
        candidate=replace(GATED.candidate, ref=text),
        base=replace(GATED.candidate, ref=text),
        deployed=replace(GATED.candidate, ref=text, path=text),
        policy=replace(GATED.candidate, ref=text, path=text),
        models=(JudgedModel(text, text, text, "modified", "blocked"),),
        findings=(replace(REGRESSED, message=text, help=text, path=text, notes=(text,) * 50, name=text, rule=text),),
        comparisons=tuple(
            replace(WORSE, model=text, benchmark=text, type=f"{text}{n}", slice={text: text}) for n in range(60)
        ),
        notes=(f"{ADVISORY}{text}", f"{ADVISORY} {text}"),
        history=(MetricHistory(model=text, benchmark=text, type=text, args=None, points=HISTORY[0].points),),
    )
    for unicode in (True, False):
        written = markdown(report, unicode=unicode, verbose=True)
        assert len(written.encode()) < LIMIT
        assert "Snitch: blocked" in written


def test_the_same_report_is_the_same_text() -> None:
    assert markdown(GATED) == markdown(
        replace(GATED, comparisons=GATED.comparisons[::-1], findings=GATED.findings[::-1])
    )


def test_a_green_one_is_short() -> None:
    assert len(markdown(CLEAN)) < 2_000
