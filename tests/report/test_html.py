"""The page: what it says, in which order, and that what others wrote stays text in it."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from snitch.escape import for_terminal
from snitch.finding import Finding
from snitch.report import render
from snitch.report.html_style import DARK, LIGHT, STYLE
from snitch.verdict import Report
from tests.report.page import _VOID, Page
from tests.report.reports import (
    ADVISORY,
    BETTER,
    BLOCKED,
    CLEAN,
    EVERYTHING,
    GATED,
    GREEN,
    HISTORY,
    NOTHING,
    PASSED,
    REGRESSED,
    WAIVED,
    WORSE,
)
from tests.report.strategies import REPORTS

_ELEMENTS = (
    "html head title style body main header footer section article h1 h2 h3 p span strong code pre mark ul li dl dt dd"
    " details summary div table thead tbody tr th td figure figcaption svg text"
)
_ATTRIBUTES = (
    "lang charset http-equiv content name class role tabindex aria-label scope viewbox text-anchor points d"
    " x x1 x2 y y1 y2 cx cy r rx width height"
)
_NUMBERS = re.compile(r"[Mlz0-9., -]*")


def html(report: Report, **options: object) -> str:
    return render(report, "html", **options)  # type: ignore[arg-type]


def words(report: Report) -> str:
    return "".join(Page(html(report)).words)


def test_the_sections_in_their_order() -> None:
    titles = re.findall("<h2>(.*?)</h2>", html(GATED))
    assert titles == [
        *("Compared with the deployed model", "Findings", "Waived", "Falls due", "Notes", "Models", "Skipped rules")
    ]
    assert re.findall("<h2>(.*?)</h2>", html(NOTHING)) == []


@pytest.mark.parametrize("report", [GATED, GREEN, EVERYTHING, CLEAN, NOTHING, PASSED])
def test_it_opens_with_the_verdict(report: Report) -> None:
    page = html(report)
    assert f"<title>Snitch: {report.verdict}</title>" in page
    assert re.search(rf"<h1>Snitch: <span[^>]*>. {report.verdict}</span></h1>", page)


def test_headings_leave_out_no_level() -> None:
    levels = [int(tag[1]) for tag, _ in Page(html(GATED)).seen if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_a_finding_says_what_where_compared_with_what_and_how_to_mend_it() -> None:
    said = words(BLOCKED)
    parts = ["✗ error REG001 metric-regressed", REGRESSED.message, f"{REGRESSED.path}:6:44 of churn, candidate 1.4.0"]
    parts += ['"value": 0.882', f"main@3f2c1ab {REGRESSED.path}:6, deployed 1.3.2", '"value": 0.913']
    parts += ["Mend it: retrain, or snitch waive REG001", "both on churn-holdout 2026.10"]
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("finding", "shown"),
    [
        (REGRESSED, "&quot;value&quot;: <mark>0.882</mark>}],"),
        (replace(REGRESSED, excerpt="\tname: x", column=8, length=1), "    name: <mark>x</mark>"),
        (replace(REGRESSED, excerpt="name: x", column=8, length=3), "name: x<"),
        (replace(REGRESSED, excerpt="aaXbb", excerpt_column=100, column=102, length=1), "aa<mark>X</mark>bb"),
        (replace(REGRESSED, excerpt="<b>&", column=1, length=3), "<mark>&lt;b&gt;</mark>&amp;"),
        (
            replace(REGRESSED, excerpt="x" * 500 + "Y" + "z" * 500, column=501, length=1),
            f"<code>…{'x' * 80}<mark>Y</mark>{'z' * 80}…</code>",
        ),
        (
            replace(REGRESSED, excerpt="Y" * 900, column=1, length=900),
            f"<code><mark>{'Y' * 200}</mark>…</code>",
        ),
    ],
)
def test_the_source_with_the_mark_in_it(finding: Finding, shown: str) -> None:
    assert shown in html(replace(BLOCKED, findings=(replace(finding, deployed=None),)))


@pytest.mark.parametrize("column", [0, 99])
def test_a_mark_beyond_the_excerpt_shows_no_source(column: int) -> None:
    page = html(replace(BLOCKED, findings=(replace(REGRESSED, column=column, deployed=None),)))
    assert "<pre" not in page


def test_what_passes_is_folded_beside_what_does_not() -> None:
    page = html(GATED)
    folded = re.search(r'<section class="card"><details><summary>.*?</details></section>', page, re.DOTALL)
    assert folded
    assert "sales-2026" in folded[0]
    assert "<mark>" not in folded[0]
    assert '<section class="card"><details>' not in html(GREEN)
    assert "<summary>1 comparison of slices passes</summary>" in page


def test_that_it_only_advises_stands_beside_the_verdict() -> None:
    header = html(GATED).split("</header>")[0]
    assert ADVISORY in header
    assert "advisory" not in html(BLOCKED).split("</header>")[0]


def test_a_waived_finding_can_be_looked_at() -> None:
    said = words(CLEAN)
    assert "REG001 metric-regressed of churn: retrained without the withdrawn feature" in said
    assert "Waived: retrained without" in said
    assert WAIVED.message in said


def test_every_chart_has_a_name_and_its_values_in_words() -> None:
    page = Page(html(GATED))
    names = [attributes["aria-label"] for tag, attributes in page.seen if tag == "svg"]
    assert "roc_auc: deployed 0.913, candidate 0.882, limit 0.908" in names
    assert "roc_auc over the versions: 1.2.0 0.891, 1.3.0 0.907, 1.3.2 0.913, 1.4.0 0.882" in names
    assert all(attributes.get("role") == "img" for tag, attributes in page.seen if tag == "svg")
    assert sum(tag == "summary" for tag, _ in page.seen) == page.words.count("values") + 5


def test_a_history_without_a_comparison_is_drawn_too() -> None:
    page = html(replace(PASSED, history=HISTORY))
    assert "<h2>History</h2>" in page
    assert page.count("<svg") == 2


def test_so_many_charts_and_no_more() -> None:
    comparisons = tuple(replace(WORSE, model=f"m{number}") for number in range(203))
    page = html(replace(BLOCKED, comparisons=comparisons))
    assert page.count("<svg") == 200
    assert "And 3 charts more; the tables have all the values." in page
    assert page.count("<h3>") == 203 + 1


def test_it_needs_nothing_from_elsewhere() -> None:
    page = Page(html(GATED))
    (policy,) = (each["content"] for tag, each in page.seen if each.get("http-equiv") == "Content-Security-Policy")
    assert policy.split("; ")[:2] == ["default-src 'none'", "style-src 'unsafe-inline'"]
    assert not {"src", "href", "srcset", "style", "action"} & {key for _, attributes in page.seen for key in attributes}
    assert not re.search(r"https?:|//|url\(|@import", "".join(html(GATED).split("<style>")[1].split("</style>")[0]))
    assert "://" not in html(GATED)


def test_a_file_can_be_ascii() -> None:
    page = html(replace(GATED, notes=("顧客 −",)), unicode=False)
    assert page.isascii()
    assert "顧客 −" in "".join(Page(page).words)


@given(REPORTS)
@settings(max_examples=150, deadline=None)
def test_what_others_wrote_is_text(report: Report) -> None:
    page = Page(html(report))
    for tag, attributes in page.seen:
        assert tag in _VOID or tag in _ELEMENTS.split()
        assert set(attributes) <= {*_ATTRIBUTES.split()}
        drawn = {
            attributes.get(key, "") for key in ("points", "d", "x", "x1", "y", "y1", "cx", "cy", "width", "height")
        }
        assert all(_NUMBERS.fullmatch(each) for each in drawn), attributes
    said = "".join(page.words)
    named = " ".join(attributes.get("aria-label", "") for _, attributes in page.seen)
    categories = {unicodedata.category(each) for each in (said + named).replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    for finding in report.findings:
        for part in (finding.rule, finding.name, *finding.message.split("`")):
            assert for_terminal(part) in said


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "muted", "red", "violet", "amber", "green", "blue"])
@pytest.mark.parametrize("paper", ["page", "surface", "sunken"])
def test_every_text_can_be_read(scheme: dict[str, str], ink: str, paper: str) -> None:
    darker, lighter = sorted((luminance(scheme[ink]), luminance(scheme[paper])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_colour_is_of_the_scheme() -> None:
    rules = STYLE.split("}}", 1)[1]
    assert not re.search(r"#[0-9a-f]{3}", rules)
    assert set(re.findall(r"var\(--([a-z]+)", rules)) <= {*LIGHT, "tone"}
    assert LIGHT.keys() == DARK.keys()


def test_outcomes_are_told_apart_without_colour() -> None:
    said = set(re.findall(r'<span class="tag \w+">(.) (\w+)</span>', html(EVERYTHING) + html(GREEN)))
    assert said == {
        *(("✗", "blocked"), ("✗", "fail"), ("✗", "error"), ("✓", "pass"), ("✓", "passed")),
        *(("?", "inconclusive"), ("!", "warning"), ("–", "waived")),
    }


def test_one_comparison_without_a_limit_is_still_drawn() -> None:
    page = html(replace(PASSED, comparisons=(replace(BETTER, limit=None),)))
    assert 'aria-label="recall(threshold=0.42): deployed 0.74, candidate 0.75"' in page
    assert 'class="bound"' not in page
