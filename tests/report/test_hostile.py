"""Whatever stands in a report's fields, it stays text."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from snitch.report import FORMATS, render
from snitch.verdict import Report
from tests.hostile_text import outside_code
from tests.report.reports import BLOCKED, EVERYTHING, REGRESSED
from tests.report.runners import commands
from tests.report.strategies import REPORTS

ROOT = Path(__file__).parents[2]
#: The formats that show findings as another one does.
BUILT_ON = {"markdown": {"text"}, "junit": {"text"}, "github": {"concise"}}
WIDTHS = st.none() | st.integers(1, 120)


@given(REPORTS, WIDTHS, st.booleans(), st.sampled_from(["text", "concise"]))
@settings(max_examples=150, deadline=None)
def test_a_terminal_sees_no_character_that_acts(report: Report, width: int | None, verbose: bool, format: str) -> None:
    text = render(report, format, width=width, verbose=verbose)
    assert text.endswith("\n")
    assert not {unicodedata.category(c) for c in text.replace("\n", "")} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert render(report, format, width=width, verbose=verbose, unicode=False).isascii()


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_can_be_ascii(format: str) -> None:
    report = replace(BLOCKED, findings=(replace(REGRESSED, path="顧客.json", message="é − \udcff"),))
    assert render(report, format, unicode=False, verbose=True).isascii()


@given(REPORTS)
@settings(max_examples=100, deadline=None)
def test_concise_is_one_line_a_finding(report: Report) -> None:
    lines = render(report, "concise", verbose=True).splitlines()
    assert len(lines) == len(report.findings) + 1


@given(REPORTS, st.booleans())
@settings(max_examples=150, deadline=None)
def test_markdown_has_no_tags_but_its_own_and_calls_nobody(report: Report, verbose: bool) -> None:
    text = render(report, "markdown", verbose=verbose)
    # Fences have lines of their own, and the report's lines are its own: none of a text's can begin one.
    prose = re.sub(r"^(`{3,})(?:text|mermaid)\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"^`{3}", prose, re.MULTILINE)
    for line in prose.splitlines():
        left = re.sub(r"</?(details|summary)>|<br>$", "", outside_code(line))
        assert not re.search(r"[<>`\[\]]", left.removeprefix("> ")), line
        assert not re.search(r"[@#]\w", html.unescape(left)), line
        assert not line.startswith("/")


@given(REPORTS)
@settings(max_examples=100, deadline=None)
def test_json_is_strict_whatever_is_in_it(report: Report) -> None:
    text = render(report, "json")
    assert text.isascii()
    json.loads(text, parse_constant=lambda name: pytest.fail(name))


def test_a_comment_holds_a_report_of_ten_thousand_findings() -> None:
    findings = tuple(replace(REGRESSED, model=f"m{n}", message="*" * 2000) for n in range(10_000))
    models = tuple(replace(BLOCKED.models[0], name=f"m{n}") for n in range(10_000))
    comparisons = tuple(replace(BLOCKED.comparisons[0], model=f"m{n}") for n in range(10_000))
    due = tuple(replace(BLOCKED.due[0], model=f"m{n}") for n in range(10_000))
    notes = tuple(f"note {n}" for n in range(10_000))
    report = replace(BLOCKED, findings=findings, models=models, comparisons=comparisons, due=due, notes=notes)
    text = render(report, "markdown")
    assert len(text) < 65_536
    assert re.search(r"And [0-9]+ findings more", text)
    assert re.search(r"And [0-9]+ tables more", text)
    assert re.search(r"And [0-9]+ models more", text)


def test_a_fence_in_the_source_does_not_end_the_block() -> None:
    finding = replace(REGRESSED, excerpt="```` </details> <b>@you", column=1, length=3)
    text = render(replace(BLOCKED, findings=(finding,)), "markdown")
    assert "\n`````text\n" in text
    assert "\n`````\n" in text


@pytest.mark.parametrize("format", [format for format in FORMATS if format != "json"])
def test_an_endless_text_is_cut(format: str) -> None:
    endless = "x" * 300_000
    finding = replace(
        REGRESSED, message=endless, name=endless, help=endless, notes=(endless,), path=endless, excerpt=endless
    )
    model = replace(BLOCKED.models[0], name=endless)
    report = replace(BLOCKED, findings=(finding,), models=(model,), environment=endless)
    assert len(render(report, format, width=80, verbose=True)) < 30_000


@pytest.mark.parametrize("format", [format for format in FORMATS if format != "github"])
@given(report=REPORTS, width=WIDTHS)
@settings(max_examples=60, deadline=None)
def test_no_runner_reads_a_command(format: str, report: Report, width: int | None) -> None:
    assert commands(render(report, format, width=width, verbose=True)) == []


@pytest.mark.parametrize("format", [format for format in FORMATS if format != "github"])
@pytest.mark.parametrize(
    "attack", ["::stop-commands::x", "a ::error::b", "##[add-mask]a", "x##[error]y", "##vso[task.setvariable a=b]c"]
)
@pytest.mark.parametrize("width", [None, 20, 33])
def test_what_others_wrote_commands_no_runner(format: str, attack: str, width: int | None) -> None:
    finding = replace(
        REGRESSED, message=attack, name=attack, help=attack, notes=(attack,), path=attack, excerpt=attack, label=attack
    )
    comparison = replace(BLOCKED.comparisons[0], model=attack, benchmark=attack, type=attack)
    model = replace(BLOCKED.models[0], name=attack, version=attack)
    due = replace(BLOCKED.due[0], message=attack, model=attack)
    report = replace(
        BLOCKED, findings=(finding,), comparisons=(comparison,), models=(model,), due=(due,), notes=(attack,)
    )
    assert commands(render(report, format, width=width, verbose=True)) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_that_is_not_asked_for_is_not_imported(format: str) -> None:
    code = (
        "import sys\nfrom tests.report.reports import EVERYTHING\nfrom snitch.report import render\n"
        f"render(EVERYTHING, {format!r}, color=True)\n"
        "print(*sorted(name for name in sys.modules if name.startswith('snitch.report.')))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    modules = {name: "json_format" if name == "json" else name for name in FORMATS}
    loaded = {name.removeprefix("snitch.report.") for name in run.stdout.split()}
    others = {module for name, module in modules.items() if name != format} - BUILT_ON.get(format, set())
    assert modules[format] in loaded
    assert not loaded & others


def test_the_hooks_report_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom tests.report.reports import BLOCKED\nbefore = set(sys.modules)\n"
        "from snitch.report import render\nrender(BLOCKED, 'text', width=80, color=True)\n"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('snitch')))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    # Written in C both, and loaded at start-up by some Pythons.
    assert set(run.stdout.split()) <= {"math", "unicodedata"}


def test_an_unknown_format_is_no_format() -> None:
    with pytest.raises(KeyError):
        render(EVERYTHING, "xml")
