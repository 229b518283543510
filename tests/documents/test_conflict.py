"""Merge conflicts are called what they are, where they begin, in every file that is read."""

from __future__ import annotations

import json

import pytest
from snitch.rules.evaluation import InvalidEvaluation
from snitch.rules.metadata import InvalidManifest

from snitch.documents import Span, Unreadable, read_document
from snitch.rule import Rule
from tests.judging import EVALUATION, MANIFEST, SPOTLESS, findings

OURS, BETWEEN, THEIRS = "<<<<<<< HEAD", "=======", ">>>>>>> topic/next"


def conflicting(text: str, line: str, other: str) -> str:
    """The text as a merge leaves it where one side has `other` for a line."""
    assert text.count(f"{line}\n") == 1
    return text.replace(f"{line}\n", "\n".join([OURS, line, BETWEEN, other, THEIRS, ""]))


def refusal(path: str, text: str) -> tuple[str, Span | None, str]:
    with pytest.raises(Unreadable) as refused:
        read_document(path, text.encode())
    [problem] = refused.value.problems
    return problem.message, problem.span, problem.help


@pytest.mark.parametrize(
    ("rule", "path", "line", "other", "number"),
    [
        (InvalidManifest(), MANIFEST, "version: 1.4.0", "version: 1.5.0", 2),
        (InvalidManifest(), MANIFEST, "name: churn", "name: churn2", 1),
        (InvalidEvaluation(), EVALUATION, '    "name": "churn",', '    "name": "churned",', 4),
    ],
)
def test_a_file_of_the_repository(rule: Rule, path: str, line: str, other: str, number: int) -> None:
    [finding] = findings(rule, {**SPOTLESS, path: conflicting(str(SPOTLESS[path]), line, other)})
    assert (finding.rule, finding.path, finding.line, finding.column) == (rule.code, path, number, 1)
    assert finding.message == "a merge conflict is left"
    assert (finding.excerpt, finding.length) == (OURS, len(OURS))
    assert finding.help.startswith("resolve it")


def test_a_conflict_that_would_parse() -> None:
    text = "\n".join(["weights: [", OURS, "  a.skops,", BETWEEN, "  b.skops,", THEIRS, "]", ""])
    assert refusal("model.yaml", text)[:2] == ("a merge conflict is left", Span(2, 1, len(OURS)))


def test_a_conflict_that_is_half_resolved() -> None:
    assert refusal("a.json", f'{{"a": 1\n{THEIRS}\r\n}}')[:2] == ("a merge conflict is left", Span(2, 1, len(THEIRS)))


@pytest.mark.parametrize("value", ["<<<<<<< HEAD", "see\n  <<<<<<< HEAD", "a >>>>>>> b", "<<<<<<<<< HEAD"])
def test_a_text_about_conflicts_is_none(value: str) -> None:
    assert read_document("a.json", json.dumps({"a": value}, indent=2).encode()).data == {"a": value}
    block = "".join(f"  {line}\n" for line in value.split("\n"))
    assert read_document("a.yaml", f"a: |-\n{block}".encode()).data == {"a": value}
