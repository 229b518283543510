"""The page as a real browser shows it: on a phone and on a desk, by day and by night, alone."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from snitch.report import render
from snitch.report.html_style import DARK, LIGHT
from snitch.verdict import Report
from tests.report.chromium import Browser, Pixel, browser
from tests.report.reports import GATED, GREEN, HISTORY, OUTSIDE_LFS, REGRESSED, WORSE
from tests.report.screens import DESK, FETCHED, PHONE, WIDTH

__all__ = ["browser"]

WORD = "unbroken" * 40
LONG = replace(
    GATED,
    environment=WORD,
    models=tuple(replace(each, name=WORD, path=f"models/{WORD}", version="1.0.0-" + "9" * 90) for each in GATED.models),
    findings=(
        replace(REGRESSED, message=WORD, help=f"`{WORD}`", path=WORD, excerpt=WORD, model=WORD, notes=(WORD,)),
        replace(OUTSIDE_LFS, message="顧客" * 60, name=WORD),
    ),
    comparisons=tuple(
        replace(WORSE, type=WORD, model=WORD, benchmark=WORD, args=args, deployed=1e15, candidate=1e-15, limit=0.1)
        for args in (None, {"threshold": 0.12345678})
    ),
    history=(replace(HISTORY[1], model=WORD, benchmark=WORD, type=WORD),),
    notes=(WORD,),
)
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
#: What somebody might have got into the page in spite of all.
PLANTED = (
    '<main><script>document.title = "run"</script><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=">'
)


def page(report: Report) -> str:
    return render(report, "html")


def colour(written: str) -> Pixel:
    return tuple(int(written[at : at + 2], 16) for at in (1, 3, 5))


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("report", [GATED, GREEN, LONG], ids=["gated", "green", "long"])
def test_nothing_leaves_the_page_sideways(browser: Browser, report: Report, width: int) -> None:
    found = browser.evaluated(page(report), WIDTH, width=width)
    assert found["shown"] == width
    assert found["wide"] <= width
    assert found["out"] == []


def test_a_table_that_is_too_wide_scrolls_within_itself(browser: Browser) -> None:
    script = (
        "return [...view.document.querySelectorAll('.scroll')].some(each => each.scrollWidth > each.clientWidth"
        " && view.getComputedStyle(each).overflowX === 'auto' && each.tabIndex === 0)"
    )
    assert browser.evaluated(page(GATED), script, width=PHONE) is True


def test_by_day_and_by_night(browser: Browser) -> None:
    light, dark = (browser.painted(page(GATED), width=PHONE, dark=dark) for dark in (False, True))
    assert light[1][1] == light[-1][1] == colour(LIGHT["page"])
    assert dark[1][1] == dark[-1][1] == colour(DARK["page"])
    seen = {pixel for row in dark for pixel in row}
    assert {colour(DARK["text"]), colour(DARK["red"]), colour(DARK["surface"])} <= seen
    assert colour(LIGHT["surface"]) not in seen


def test_it_fetches_nothing(browser: Browser) -> None:
    assert browser.evaluated(page(GATED), FETCHED, width=DESK) == []


def test_nothing_is_run_or_loaded_whatever_gets_in(browser: Browser) -> None:
    planted = page(GATED).replace("<main>", PLANTED)
    found = "return [view.document.title, view.document.images[0].naturalWidth]"
    assert browser.evaluated(planted, found, width=DESK) == ["Snitch: blocked", 0]
    assert browser.evaluated(POLICY.sub("", planted), found, width=DESK) == ["run", 1]


def test_a_chart_is_seen(browser: Browser) -> None:
    """Every mark lies within its chart, and in the order of the values that it stands for."""
    script = """
    return [...view.document.querySelectorAll("svg")].map(chart => {
        const frame = chart.getBoundingClientRect();
        const middle = each => { const box = each.getBoundingClientRect();
            return [(box.left + box.right) / 2 - frame.left, (box.top + box.bottom) / 2 - frame.top]; };
        const marks = kind => [...chart.querySelectorAll("." + kind)].map(middle);
        return {name: chart.getAttribute("aria-label"), size: [frame.width, frame.height],
                deployed: marks("deployed"), candidate: marks("candidate"), bound: marks("bound")};
    })"""
    charts = browser.evaluated(page(GATED), script, width=PHONE)
    for chart in charts:
        for x, y in (*chart["deployed"], *chart["candidate"], *chart["bound"]):
            assert 0 <= x <= chart["size"][0]
            assert 0 <= y <= chart["size"][1]
    standing = next(each for each in charts if re.match("roc_auc: deployed", each["name"]))
    assert standing["candidate"][0][0] < standing["bound"][0][0] < standing["deployed"][0][0]
    course = next(each for each in charts if each["name"].startswith("roc_auc over the versions"))
    heights = [y for _, y in (*course["deployed"], *course["candidate"])]
    first, second, third, candidate = heights
    assert candidate > first > second > third
    assert second > course["bound"][0][1] > third
