"""What a request says of a move: both sides' numbers, and nothing that others wrote as Markdown."""

from __future__ import annotations

import pytest

from snitch.model import Model
from snitch.moving.description import describe
from snitch.repository import Repository
from snitch.snapshot import Entry, MemorySnapshot
from tests.gating.promotions import DEPLOYED, NEW
from tests.judging import EVALUATION, FOLDER, Files, edit_json, without

FILE = Entry(0o100644, "1" * 40)


def model(files: Files) -> Model:
    return Model(Repository(MemorySnapshot(files)), FOLDER)


def body(new: Files = NEW, old: Files | None = DEPLOYED, edits: int = 1, environment: str = "production") -> str:
    changed = {f"models/churn/{number}.txt": FILE for number in range(edits)}
    return describe(model(new), model(old) if old else None, ["From staging."], environment, changed, [])


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_both_sides_of_every_metric() -> None:
    assert rows(body())[2:] == [
        "| version | 1.4.0 | 1.5.0 |  |",
        "| roc_auc on churn-holdout | 0.913 | 0.92 | +0.007 |",
        "| average_precision on churn-holdout | 0.71 | 0.71 | 0 |",
        "| recall(threshold=0.42) on churn-holdout | 0.74 | 0.74 | 0 |",
    ]


def test_a_first_release_has_one_side() -> None:
    assert rows(body(old=None))[2:4] == ["| version | - | 1.5.0 |  |", "| roc_auc on churn-holdout | - | 0.92 | - |"]


def test_another_benchmark_is_not_compared() -> None:
    other = edit_json(DEPLOYED, EVALUATION, lambda data: data["dataset"].update(revision="sha256:" + "1" * 64))
    assert rows(body(old=other))[3] == "| roc_auc on churn-holdout | - | 0.92 | - |"


@pytest.mark.parametrize("broken", ["{", '{"schema_version": 1}'])
def test_a_record_that_cannot_be_read_is_no_number(broken: str) -> None:
    assert len(rows(body(new={**NEW, EVALUATION: broken}))) == 3
    assert len(rows(body(new=without(NEW, EVALUATION)))) == 3


def test_names_are_no_markup() -> None:
    def rename(data: dict[str, object]) -> None:
        data["metrics"] = [{"type": "<img src=x>|@acme ![a](b)\n# x", "value": 1.0}]

    told = body(new=edit_json(NEW, EVALUATION, rename), environment="<b>|@prod\n")
    assert not [part for part in ("<img", "<b>", "@acme", "@prod", "](", "\n#") if part in told]
    assert all(line.replace("&#124;", "").count("|") == 5 for line in rows(told))


def test_many_of_them_are_counted() -> None:
    def more(data: dict[str, object]) -> None:
        data["metrics"] = [{"type": f"m{number}", "value": 1.0} for number in range(50)]

    told = body(new=edit_json(NEW, EVALUATION, more), edits=100)
    assert len(rows(told)) == 43
    assert "and 10 more metrics" in told
    assert "<summary>100 files</summary>" in told
    assert "- and 60 more files" in told
    assert len(told) < 10_000


def test_names_of_any_length_do_not_fill_it() -> None:
    def lengthen(data: dict[str, object]) -> None:
        data["metrics"] = [{"type": f"{number}" + "|" * 10_000, "value": 1.0} for number in range(50)]

    long = {f"{number}" + "|" * 10_000: FILE for number in range(50)}
    told = describe(
        model(edit_json(NEW, EVALUATION, lengthen)), None, ["x" * 9_000] * 2, "e" * 9_000, long, ["n" * 9_000] * 50
    )
    assert len(told) < 65_536
