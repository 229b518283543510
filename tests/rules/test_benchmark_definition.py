"""What a benchmark says of itself."""

from __future__ import annotations

import difflib

import pytest
from snitch.rules.benchmark_definition import InvalidBenchmark

from snitch.engine import ActiveRule, judge_repository
from snitch.finding import Finding
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.snapshot import MemorySnapshot, Mode
from tests.judging import (
    BENCHMARK,
    DATA,
    PRODUCTION,
    SPOTLESS,
    TODAY,
    Files,
    catalogue_of,
    digest,
    edit,
    repository_findings,
    without,
)
from tests.rules.measured import METRICS

RULE = InvalidBenchmark()
LFS = "benchmarks/churn-holdout/data.parquet"


def only(files: Files) -> Finding:
    [found] = repository_findings(RULE, files)
    assert (found.rule, found.severity, found.outcome) == ("BEN009", "error", "fail")
    assert (found.path, found.role) == (BENCHMARK, "churn-holdout")
    return found


def test_spotless() -> None:
    assert repository_findings(RULE, SPOTLESS) == []


@pytest.mark.parametrize(
    ("old", "new", "pointer", "message", "line"),
    [
        ("task: binary-classification\n", "", "", "required key `task` is missing", 1),
        ("id: customer_id\n", "", "", "required key `id` is missing", 1),
        ("expires:", "expire:", "/expire", "unknown key `expire`", 7),
        ("split: temporal", "split: tempral", "/split", "`split` must be one of random, temporal", 8),
        ("expires: 2027-03-31", "expires: soon", "/expires", "`expires` is `soon`, which is not a date", 7),
        ("rows: 4120", "rows: -1", "/data/rows", "`rows` is -1", 5),
        ("models: [churn]", "models: []", "/models", "`models` must not be empty", 4),
        (DATA, DATA[:-1], "/data/revision", "`revision` is `sha256:", 5),
        ("name: churn-holdout", "name: churn", "/name", "`churn` lies in the folder `churn-holdout`", 1),
        ("models: [churn]", "models: [churn]\nall: true", "/all", "names its models and asks for all of the task", 5),
        ("models: [churn]\n", "", "", "names no model", 1),
        ("models: [churn]", "all: false", "", "names no model", 1),
        ("start: 2026-09-01, ", "", "/split", "a temporal split needs `collected.start`", 8),
        ("start: 2026-09-01", "start: 2026-10-01", "/collected/start", "collected from 2026-10-01 until 2026-09-30", 6),
        ("end: 2026-09-30", "end: 2026-11-22", "/collected/end", "collected on 2026-11-22, which is in the future", 6),
        ("[roc_auc, ", "[roc_auc, roc_auc, ", "/metrics/1", "asks for roc_auc twice", 12),
        ("collected: {start: 2026-09-01, end: 2026-09-30}\n", "", "/split", "a temporal split needs", 7),
        ("[roc_auc, ", "[roc_uac, ", "/metrics/0", "nobody says whether a greater roc_uac is better", 12),
        (
            "[roc_auc, ",
            "[{type: log_loss, greater_is_better: true}, ",
            "/metrics/0/greater_is_better",
            "a smaller log_loss is better, and `greater_is_better` says otherwise",
            12,
        ),
        (
            "[roc_auc, ",
            "[{type: roc_auc, greater_is_better: false}, ",
            "/metrics/0/greater_is_better",
            "a greater roc_auc is better, and `greater_is_better` says otherwise",
            12,
        ),
        ("path: data.parquet", "path: ../../../data", "/data/path", "`../../../data` leaves the repository", 5),
        ("path: data.parquet", "path: /etc/passwd", "/data/path", "`/etc/passwd` leaves the repository", 5),
        (
            "path: data.parquet",
            "path: data.csv",
            "/data/path",
            "benchmarks/churn-holdout/data.csv is not in the tree",
            5,
        ),
    ],
)
def test_one_fault(old: str, new: str, pointer: str, message: str, line: int) -> None:
    found = only(edit(SPOTLESS, BENCHMARK, old, new))
    assert found.message.startswith(message)
    assert (found.pointer, found.line) == (pointer, line)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("end: 2026-09-30", "end: 2026-11-21"),
        ("start: 2026-09-01", "start: 2026-09-30"),
        (", end: 2026-09-30", ""),
        (
            "start: 2026-09-01, end: 2026-09-30}\nexpires: 2027-03-31\nsplit: temporal",
            "end: 2026-09-30}\nsplit: random",
        ),
        ("models: [churn]", "models: [churn]\nall: false"),
        ("models: [churn]", "all: true"),
        (METRICS, "metrics: [{type: profit, greater_is_better: true}, {type: profit, args: {k: 2}}]"),
        (METRICS, "metrics: [{type: recall, args: {threshold: 0.1}}, {type: recall, args: {threshold: 0.2}}]"),
        (METRICS, "metrics: [{type: roc_auc, greater_is_better: true}]"),
        ("path: data.parquet", "path: ./../churn-holdout/data.parquet"),
        ("positive_label: 1\n", ""),
        ("expires: 2027-03-31", "expires: 1999-01-01"),
    ],
)
def test_what_is_no_fault(old: str, new: str) -> None:
    assert repository_findings(RULE, edit(SPOTLESS, BENCHMARK, old, new)) == []


def test_a_metric_that_says_two_things() -> None:
    metrics = "metrics: [{type: p, greater_is_better: true}, {type: p, args: {k: 2}, greater_is_better: false}]"
    found = only(edit(SPOTLESS, BENCHMARK, METRICS, metrics))
    assert (found.pointer, found.message) == ("/metrics/1/greater_is_better", "says two things of p")


def test_a_misspelt_metric_is_guessed() -> None:
    assert "did you mean `roc_auc`?" in only(edit(SPOTLESS, BENCHMARK, "[roc_auc,", "[roc_acu,")).help
    unlike = only(edit(SPOTLESS, BENCHMARK, "[roc_auc,", "[qqqqqqqqqqqq,"))
    assert unlike.help == "declare it: `{type: qqqqqqqqqqqq, greater_is_better: true}`"


def test_a_metric_asked_for_twice_is_told_once_for_what_else_is_wrong_with_it() -> None:
    found = repository_findings(RULE, edit(SPOTLESS, BENCHMARK, METRICS, "metrics: [lift, lift]"))
    assert [(each.pointer, each.message) for each in found] == [
        ("/metrics/0", "nobody says whether a greater lift is better"),
        ("/metrics/1", "asks for lift twice"),
    ]


def test_a_collection_in_the_future_is_told_once() -> None:
    dates = "start: 2026-12-01, end: 2026-12-24"
    assert only(edit(SPOTLESS, BENCHMARK, "start: 2026-09-01, end: 2026-09-30", dates)).pointer == "/collected/start"


def test_a_definition_that_cannot_be_read_is_judged_for_all_that() -> None:
    """What is told of its shape is all there is to tell: nothing is left that the rule could not decide."""
    repository = Repository(MemorySnapshot(edit(SPOTLESS, BENCHMARK, "expires:", "expire:")))
    change = RepositoryChange(repository, repository, environment=PRODUCTION, today=TODAY, judges_all=True)
    judged = judge_repository([ActiveRule(RULE, "error")], change)
    assert ([each.rule for each in judged.findings], judged.skipped) == (["BEN009"], ())


def test_it_is_an_error_everywhere() -> None:
    assert InvalidBenchmark.severity == ("error", "error")


def notes(models: str) -> tuple[str, ...]:
    repository = Repository(MemorySnapshot(edit(SPOTLESS, BENCHMARK, "models: [churn]", f"models: {models}")))
    more = {"catalogue": catalogue_of(repository), "judges_all": True}
    change = RepositoryChange(repository, repository, environment=PRODUCTION, today=TODAY, **more)  # type: ignore[arg-type]
    return judge_repository([ActiveRule(RULE, "error")], change).notes


def test_a_model_that_is_likely_misspelt_is_noted() -> None:
    assert notes("[chrun]") == (f"{BENCHMARK} names the model `chrun`, which is not here; did you mean `churn`?",)
    assert notes("[churn]") == notes("[fraud]") == ()


def test_every_fault_is_told() -> None:
    files = edit(edit(SPOTLESS, BENCHMARK, "id: customer_id\n", "idd: x\n"), BENCHMARK, "split: temporal", "split: 7")
    assert len(repository_findings(RULE, files)) == 3


@pytest.mark.parametrize("content", ["", "[", "- a", "a: 1\na: 2", b"\xff", "*a"])
def test_what_is_no_benchmark_at_all(content: str | bytes) -> None:
    found = repository_findings(RULE, {**SPOTLESS, BENCHMARK: content})
    assert found and {each.rule for each in found} == {"BEN009"}


def test_the_data_is_another() -> None:
    found = only({**SPOTLESS, LFS: write_pointer(digest("other"), 5)})
    assert found.message == f"declares {DATA}, and {LFS} is {digest('other')}"
    assert (found.pointer, found.line) == ("/data/revision", 5)
    assert only(edit(SPOTLESS, BENCHMARK, DATA, digest("other"))).pointer == "/data/revision"


def test_real_bytes_are_digested() -> None:
    assert repository_findings(RULE, {**SPOTLESS, LFS: "data"}) == []
    assert only({**SPOTLESS, LFS: "dato"}).pointer == "/data/revision"


def test_the_data_is_a_malformed_pointer() -> None:
    broken = write_pointer(DATA, 4).replace(b"size 4", b"size four")
    assert only({**SPOTLESS, LFS: broken}).message == f"{LFS} is a malformed LFS pointer"


def test_the_data_is_gone() -> None:
    assert only(without(SPOTLESS, LFS)).pointer == "/data/path"


def test_a_definition_that_is_a_link_is_unreadable() -> None:
    repository = Repository(MemorySnapshot(SPOTLESS, modes={BENCHMARK: Mode.SYMLINK}))
    change = RepositoryChange(repository, repository, environment=PRODUCTION, today=TODAY, judges_all=True)
    [found] = judge_repository([ActiveRule(RULE, "error")], change).findings
    assert (found.rule, found.path) == ("SNT001", BENCHMARK)


def test_one_unreadable_benchmark_does_not_hide_another() -> None:
    files = edit(SPOTLESS, BENCHMARK, "name: churn-holdout", "name: churn")
    two = {**files, "benchmarks/a/benchmark.yaml": "{", "benchmarks/b/benchmark.yaml": "[]"}
    assert {each.path.split("/")[1] for each in repository_findings(RULE, two)} == {"a", "b", "churn-holdout"}


def test_a_list_of_thousands_that_nobody_is_called_is_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name is held against each model: all of them would take minutes."""
    asked: list[str] = []

    def none(name: str, *_: object, **__: object) -> list[str]:
        asked.append(name)
        return []

    monkeypatch.setattr(difflib, "get_close_matches", none)
    names = ", ".join(f"other-{number}" for number in range(2000))
    files = edit(SPOTLESS, BENCHMARK, "models: [churn]", f"models: [churn, {names}]")
    assert repository_findings(RULE, files) == []
    assert asked == [f"other-{number}" for number in range(10)]
