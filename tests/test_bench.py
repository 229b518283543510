"""The benchmarks measure real work: their repositories pass every rule, and each row runs, at tiny size."""

from __future__ import annotations

import os
import sys
from datetime import date
from math import isfinite
from pathlib import Path

import pytest

from bench.environments import Environment
from bench.measuring import Command, Failed, measure, peak_memory, run
from bench.model_files import BENCHMARKS
from bench.repositories import TODAY, build
from bench.rows import Bench, Ratio, Row, lines
from snitch.checking.commits import Asked
from snitch.checking.run import Options, check
from snitch.documents import document
from snitch.git.command import Git
from snitch.verdict import Report
from tests.repository import isolate

MODELS = 30


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "repository"
    build(folder, MODELS, retrained=3)
    return folder


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


def judged(folder: Path, *, judge_all: bool = False, candidate: str | None = None) -> Report:
    options = Options(judge_all=judge_all, today=date.fromisoformat(TODAY))
    return check(Git(str(folder)), Asked(candidate=candidate), options)


def test_every_model_is_judged_and_nothing_is_found(repository: Path) -> None:
    report = judged(repository, judge_all=True)
    assert (report.verdict, report.findings, len(report.models)) == ("passed", (), MODELS)


def test_retrained_models_are_compared_and_nothing_is_found(repository: Path) -> None:
    report = judged(repository, candidate="change")
    assert (report.verdict, report.findings, len(report.models)) == ("passed", (), 3)
    compared = [str(comparison.slice) for comparison in report.comparisons]
    assert set(compared) == {"None", "{'plan': 'basic'}", "{'plan': 'pro'}"}


def test_what_is_parsed_grows_with_the_change_and_not_with_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both repositories have as many benchmarks, of which each retrained model has one."""
    parsed: dict[int, list[str]] = {}
    for models in (2 * BENCHMARKS, 4 * BENCHMARKS):
        build(tmp_path / str(models), models, retrained=3)
        seen = parsed[models] = []
        _count_parsing(monkeypatch, seen)
        judged(tmp_path / str(models), candidate="change")
    small, large = parsed.values()
    assert sorted(small) == sorted(large)
    assert any(path.startswith("models/model-00002/") for path in large)


def _count_parsing(monkeypatch: pytest.MonkeyPatch, seen: list[str]) -> None:
    import snitch.source

    def counted(path: str, content: bytes) -> document.Document:
        seen.append(path)
        return document.read_document(path, content)

    monkeypatch.setattr(snitch.source, "read_document", counted)


class Own(Environment):
    """The environment that runs the tests, in the place of those that a benchmark makes."""

    def __init__(self) -> None:
        super().__init__(Path(sys.prefix))
        self.bin = Path(sys.executable).parent


class WithoutPeers(Bench):
    """Measures what can be measured without a network: a floor stands in for DVC."""

    def _dvc_diff(self, name: str, folder: Path, evaluation: str) -> Command:
        return self._floor(name, folder, "git_call.py")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return WithoutPeers(tmp_path_factory.mktemp("rows"), Own(), Own(), models=30, repeats=1)


@pytest.mark.parametrize("number", range(5))
def test_each_row_is_measured(bench: Bench, number: int) -> None:
    row = bench.rows[number]()
    assert all(isfinite(ratio.value) for ratio in row.ratios)
    assert any(ratio.goal is not None for ratio in row.ratios)


def test_a_row_reads_as_ratios_and_goals() -> None:
    row = Row("work", (Ratio("one / other", 1.5, 2), Ratio("two / other", 2.5, 2), Ratio("for scale", 3)))
    title, *rest = lines(1, row)
    assert title == "1. work"
    assert [line.split()[-4:] for line in rest] == [
        ["at", "most", "2:", "kept"],
        ["at", "most", "2:", "MISSED"],
        ["for", "scale", "3.00"],
    ]


def python(code: str, *, accepted: tuple[int, ...] = (0,)) -> Command:
    return Command("python", [sys.executable, "-S", "-c", code], Path(os.curdir), accepted)


def test_a_command_that_fails_is_not_measured() -> None:
    with pytest.raises(Failed, match="ended with 3"):
        run(python("raise SystemExit(3)"))
    assert run(python("raise SystemExit(3)", accepted=(0, 3))).wall > 0


def test_a_slower_command_costs_more() -> None:
    quick, slow = python("pass")._replace(name="quick"), python("sum(range(10**7))")._replace(name="slow")
    costs = measure([quick, slow], 1)
    assert costs["slow"].cpu > costs["quick"].cpu


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere only the largest process is known")
def test_memory_of_child_processes_counts() -> None:
    child = "import time; held = bytearray(50_000_000); time.sleep(0.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {child!r}])"
    assert peak_memory(python(parent)) > 50_000_000
