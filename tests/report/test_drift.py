"""The drift report in its formats: golden files, hostile names, a browser."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from snitch.drift import Drift, DriftBin, DriftLimit, FeatureDrift, drift_between
from snitch.formats.profile import Feature, Profile, ProfiledData
from snitch.report.drift import DRIFT_FORMATS, DriftReport, render_drift
from snitch.report.histograms import histogram
from tests.golden import held_against
from tests.hostile_text import HOSTILE, outside_code
from tests.report.chromium import Browser, browser
from tests.report.runners import commands
from tests.report.screens import DESK, FETCHED, PHONE, WIDTH

GOLDEN = Path(__file__).parent / "golden"

__all__ = ["browser"]

TRAINING = Profile(
    data=ProfiledData(digest="sha256:" + "0" * 64, rows=1000),
    features=(
        Feature(name="tenure_months", type="long", edges=(6.0, 12.0, 36.0), counts=(250, 250, 250, 250)),
        Feature(name="spend", type="double", edges=(9.5, 20.25), counts=(300, 400, 300)),
        Feature(name="plan", type="string", categories={"basic": 700, "pro": 300}),
        Feature(name="region", type="string", categories={"eu": 600, "us": 400}),
        Feature(name="note", type="string", other=1000),
        Feature(name="code", type="long", edges=(1.0,), counts=(500, 500)),
        Feature(name="gone", type="double", edges=(1.0,), counts=(500, 500)),
    ),
)
CURRENT = (
    replace(TRAINING.features[0], counts=(10, 12, 11, 12)),
    replace(TRAINING.features[1], counts=(5, 10, 15), nulls=15),
    replace(TRAINING.features[2], categories={"basic": 20, "pro": 5}, other=20),
    replace(TRAINING.features[3], categories={"eu": 14, "us": 31}),
    replace(TRAINING.features[4], other=45),
    Feature(name="code", type="string", other=45, edges=(1.0,), counts=(0, 0)),
)
MOVED = DriftReport(
    snitch="0.1.0",
    model="churn",
    version="1.4.0",
    profile="models/churn/training-profile.json",
    data="subscribers",
    current="october.parquet",
    drift=drift_between(
        TRAINING,
        CURRENT,
        45,
        columns=[each.name for each in CURRENT] + ["customer_id"],
        new_values={"plan": ("enterprise",)},
        limits={"region": DriftLimit(max_distance=0.2)},
    ),
)
STILL = replace(MOVED, data="", drift=drift_between(TRAINING, TRAINING.features, 1000))
REPORTS = {"moved": MOVED, "still": STILL}
SUFFIXES = {"text": "txt", "json": "json", "markdown": "md"}


@pytest.mark.parametrize("format", SUFFIXES)
@pytest.mark.parametrize("name", REPORTS)
def test_golden(name: str, format: str, request: pytest.FixtureRequest) -> None:
    held_against(GOLDEN / f"drift-{name}.{SUFFIXES[format]}", render_drift(REPORTS[name], format, width=100), request)


def test_the_verdicts() -> None:
    assert (MOVED.verdict, STILL.verdict) == ("blocked", "passed")


TEXTS = st.one_of(HOSTILE, st.text(max_size=20))
NUMBERS = st.none() | st.floats(0, 10)
FEATURES = st.builds(
    FeatureDrift,
    name=TEXTS,
    type=TEXTS,
    psi=NUMBERS,
    distance=NUMBERS,
    status=st.sampled_from([None, "STABLE", "HIGH DRIFT"]),
    outcome=st.sampled_from(["pass", "fail", "inconclusive"]),
    reason=TEXTS,
    notes=st.tuples(TEXTS),
    bins=st.lists(st.builds(DriftBin, TEXTS, st.integers(0, 9), st.integers(0, 9)), max_size=30).map(tuple),
)
DRIFTS = st.builds(
    Drift,
    features=st.lists(FEATURES, max_size=4).map(tuple),
    missing=st.tuples(TEXTS),
    new=st.tuples(TEXTS),
    rows=st.just((10, 9)),
)
HOSTILE_REPORTS = st.builds(
    DriftReport, snitch=TEXTS, model=TEXTS, version=TEXTS, profile=TEXTS, data=TEXTS, current=TEXTS, drift=DRIFTS
)


@given(HOSTILE_REPORTS, st.none() | st.integers(1, 120), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_terminal_sees_no_character_that_acts(report: DriftReport, width: int | None, unicode: bool) -> None:
    text = render_drift(report, "text", width=width, unicode=unicode)
    assert text.endswith("\n") and (unicode or text.isascii())
    assert not {unicodedata.category(c) for c in text.replace("\n", "")} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(HOSTILE_REPORTS)
@settings(max_examples=40, deadline=None)
def test_markdown_has_no_tags_and_calls_nobody(report: DriftReport) -> None:
    for line in render_drift(report, "markdown").splitlines():
        left = outside_code(line)
        assert not re.search(r"[<>`\[\]]", left), line
        assert not re.search(r"[@#]\w", html.unescape(left)), line


@given(HOSTILE_REPORTS)
@settings(max_examples=40, deadline=None)
def test_html_has_no_tag_but_its_own(report: DriftReport) -> None:
    page = render_drift(report, "html", unicode=False)
    assert page.isascii()
    own = set(re.findall(r"<\s*(\w+)", render_drift(MOVED, "html")))
    assert set(re.findall(r"<\s*(\w+)", page)) <= own | {"p"}


@given(HOSTILE_REPORTS, st.sampled_from(DRIFT_FORMATS))
@settings(max_examples=40, deadline=None)
def test_no_runner_reads_a_command(report: DriftReport, format: str) -> None:
    assert commands(render_drift(report, format, width=40)) == []


@given(HOSTILE_REPORTS)
@settings(max_examples=40, deadline=None)
def test_json_is_strict(report: DriftReport) -> None:
    text = render_drift(report, "json")
    assert text.isascii()
    json.loads(text, parse_constant=lambda name: pytest.fail(name))


def test_ten_thousand_features_are_no_endless_page() -> None:
    many = replace(MOVED.drift, features=tuple(replace(MOVED.drift.features[0], name=f"f{n}") for n in range(10_000)))
    report = replace(MOVED, drift=many)
    page = render_drift(report, "html")
    assert page.count("<svg") == 200 and "And 8,000 features more." in page
    assert len(render_drift(report, "markdown")) < 65_536


@given(FEATURES)
@settings(max_examples=40, deadline=None)
def test_every_bar_lies_within_its_chart(each: FeatureDrift) -> None:
    for x, y, width, height in re.findall(
        r'<rect class="\w+" x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"/>', histogram(each)
    ):
        assert float(x) >= 0 and float(x) + float(width) <= 360.1
        assert float(y) >= 23.9 and float(y) + float(height) <= 124.2


WORD = "unbroken" * 40
LONG = replace(
    MOVED,
    model=WORD,
    current=WORD,
    drift=replace(
        MOVED.drift,
        features=tuple(
            replace(each, name=WORD + each.name, notes=(WORD,), bins=tuple(replace(b, label=WORD) for b in each.bins))
            for each in MOVED.drift.features
        ),
    ),
)


class TestInABrowser:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    @pytest.mark.parametrize("report", [MOVED, LONG], ids=["moved", "long"])
    def test_nothing_leaves_the_page_sideways(self, browser: Browser, report: DriftReport, width: int) -> None:
        found = browser.evaluated(render_drift(report, "html"), WIDTH, width=width)
        assert (found["out"], found["wide"] <= width) == ([], True)

    def test_it_fetches_nothing(self, browser: Browser) -> None:
        assert browser.evaluated(render_drift(MOVED, "html"), FETCHED, width=DESK) == []

    def test_bars_are_as_high_as_their_shares(self, browser: Browser) -> None:
        script = """
        const chart = [...view.document.querySelectorAll("svg")].find(
            each => each.getAttribute("aria-label").startsWith("plan,"));
        const heights = kind => [...chart.querySelectorAll("rect." + kind)].map(
            each => each.getBoundingClientRect().height);
        return [heights("deployed"), heights("candidate")];"""
        training, current = browser.evaluated(render_drift(MOVED, "html"), script, width=DESK)
        # 70 %, 30 %, none; and of 45 values 20, 5 and 20 others.
        highest = training[0] / 0.7
        assert [each / highest for each in training] == pytest.approx([0.7, 0.3, 0], abs=0.03)
        assert [each / highest for each in current] == pytest.approx([20 / 45, 5 / 45, 20 / 45], abs=0.03)
