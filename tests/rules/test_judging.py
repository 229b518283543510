"""SNT001–SNT003: what cannot be read, what crashed, what could not be decided."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.evaluation import InvalidEvaluation
from snitch.rules.judging import CrashedRule, Undecidable, UnreadableFile
from snitch.rules.metadata import InvalidManifest
from snitch.rules.requirements import UnpinnedDependency
from snitch.rules.weights import UntrackedWeightsPattern

from snitch.change import Change
from snitch.engine import ActiveRule, judge
from snitch.finding import Finding
from snitch.pointer import write_pointer
from snitch.rule import Rule
from snitch.snapshot import Mode
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, change_of, digest, edit, findings, without

REQUIREMENTS = f"{FOLDER}/requirements.txt"


def told(text: str) -> list[Finding]:
    return findings(UnreadableFile(), {**SPOTLESS, REQUIREMENTS: text})


@pytest.mark.parametrize("rule", [UnreadableFile(), CrashedRule(), Undecidable()], ids=lambda rule: rule.code)
def test_a_spotless_model_passes(rule: Rule) -> None:
    assert findings(rule, SPOTLESS) == []
    assert rule.severity == ("error", "error")


@pytest.mark.parametrize(
    ("path", "rule"),
    [(REQUIREMENTS, UnreadableFile()), (EVALUATION, InvalidEvaluation()), (MANIFEST, InvalidManifest())],
)
def test_a_pointer_in_a_text_files_place_is_told_with_the_line_that_made_it_one(path: str, rule: Rule) -> None:
    pattern = f"*.{path.rpartition('.')[2]}"
    attributes = f"{SPOTLESS['.gitattributes']!s}{pattern} filter=lfs diff=lfs merge=lfs -text\n"
    files = {**SPOTLESS, ".gitattributes": attributes, path: write_pointer(digest("text"), 4)}
    [found] = findings(rule, files)
    assert (found.path, found.outcome) == (path, "fail")
    assert "is a Git LFS pointer, not " in found.message
    back = f'`git add --renormalize "{path}"` with the real file in its place'
    mend = f'give the weights a pattern of their own, `git lfs untrack "{pattern}"`, then {back}'
    assert found.help == f".gitattributes:3 sends it to Git LFS by `{pattern}`: {mend}"
    [found] = findings(rule, {**files, ".gitattributes": f"{attributes}{pattern} -filter\n"})
    assert found.help == back


def test_a_model_without_training_or_parameters_passes() -> None:
    text = str(SPOTLESS[MANIFEST])
    silent = text[: text.index("training:")] + text[text.index("signature:") :]
    assert findings(UnreadableFile(), {**SPOTLESS, MANIFEST: silent}) == []
    assert findings(UnreadableFile(), edit(SPOTLESS, MANIFEST, "  params: params.yaml\n", "")) == []


def test_two_lines_have_two_fingerprints_and_keep_them() -> None:
    [one, two] = told("numpy=>2\nscipy=>1\n")
    [_, moved] = told("pandas=>2\n\nscipy=>1\n")
    assert one.fingerprint != two.fingerprint == moved.fingerprint


def test_a_requirement_line_that_cannot_be_read_is_told() -> None:
    [finding] = told("numpy==2.1.0\nscikit-learn=>1.9\n")
    assert (finding.rule, finding.path, finding.line, finding.outcome) == ("SNT001", REQUIREMENTS, 2, "fail")
    assert finding.excerpt == "scikit-learn=>1.9"


def test_an_included_file_that_is_not_there_is_told_where_it_is_included() -> None:
    [finding] = told("numpy==2.1.0\n-r absent.txt\n")
    assert (finding.path, finding.line) == (REQUIREMENTS, 2)
    assert f"{FOLDER}/absent.txt" in finding.message


def test_an_unsafe_line_is_another_rules_finding() -> None:
    assert told("-e .\n") == []


def test_who_met_an_unreadable_line_is_skipped_once_it_is_told() -> None:
    change = change_of({**SPOTLESS, REQUIREMENTS: "numpy=>1\n"}, None)
    rules = [ActiveRule(UnreadableFile(), "error"), ActiveRule(UnpinnedDependency(), "warning")]
    judgement = judge(rules, change)
    assert [finding.rule for finding in judgement.findings] == ["SNT001"]
    assert [skipped.rule for skipped in judgement.skipped] == ["DEP003"]


@pytest.mark.parametrize(
    "path",
    [
        MANIFEST,
        EVALUATION,
        REQUIREMENTS,
        ".gitattributes",
        *(f"{FOLDER}/{name}" for name in ("README.md", "CHANGELOG.md", "params.yaml", "train.py", "model.skops")),
    ],
)
@pytest.mark.parametrize("mode", [Mode.SYMLINK, Mode.SUBMODULE])
def test_a_link_is_told_once(path: str, mode: Mode) -> None:
    found = findings(UnreadableFile(), SPOTLESS, modes={path: mode})
    assert [(each.rule, each.path) for each in found if each.outcome == "fail"] == [("SNT001", path)]


def test_a_link_that_nobody_reads_is_nothing() -> None:
    assert (
        findings(UnreadableFile(), {**SPOTLESS, f"{FOLDER}/data": "../../data"}, modes={f"{FOLDER}/data": Mode.SYMLINK})
        == []
    )


def test_a_link_that_another_rule_meets_is_still_told_once() -> None:
    change = change_of(SPOTLESS, None, modes={".gitattributes": Mode.SYMLINK})
    rules = [ActiveRule(UnreadableFile(), "error"), ActiveRule(UntrackedWeightsPattern(), "error")]
    assert [finding.path for finding in judge(rules, change).findings] == [".gitattributes"]


def test_parameters_that_are_not_utf8_are_told() -> None:
    [finding] = findings(UnreadableFile(), {**SPOTLESS, f"{FOLDER}/params.yaml": b"max_iter: 2\xff0\n"})
    assert (finding.path, finding.message) == (f"{FOLDER}/params.yaml", "is not UTF-8 text: byte 12 is 0xff")
    assert finding.key == "params.yaml"


@pytest.mark.parametrize(
    ("name", "content", "line", "column", "message"),
    [
        ("params.yaml", "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> topic\n", 2, 1, "a merge conflict is left"),
        ("params.yaml", "max_iter: 200\n[\n", 3, 1, "is not valid YAML: "),
        ("params.yaml", "a: 1\n\tb: 2\n", 2, 1, "is not valid YAML: "),
        ("params.yml", "max_iter: {\n", 2, 1, "is not valid YAML: "),
        ("params.json", '{"max_iter": 200,}\n', 1, 18, "is not valid JSON: "),
        ("params.json", "max_iter: 200\n", 1, 1, "is not valid JSON: "),
    ],
)
def test_parameters_that_are_not_what_they_are_called(
    name: str, content: str, line: int, column: int, message: str
) -> None:
    files = {**edit(SPOTLESS, MANIFEST, "params: params.yaml", f"params: {name}"), f"{FOLDER}/{name}": content}
    [finding] = findings(UnreadableFile(), files)
    assert (finding.path, finding.line, finding.column) == (f"{FOLDER}/{name}", line, column)
    assert finding.message.startswith(message)
    assert finding.key == name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("params.yaml", "a: !!python/tuple [1, .inf, 1e-3]\nb: &x {<<: *x}\n---\na: no\n"),
        ("params.yaml", "max_iter: 200\nlearning_rate: -1e-3\n# a remark\n\nkind: l1.2\n"),
        ("params.yaml", ""),
        ("params.json", '{"a": NaN, "a": 1}'),
        ("params.toml", "a = [\n"),
    ],
)
def test_what_parameters_mean_is_their_readers_business(name: str, content: str) -> None:
    files = {**edit(SPOTLESS, MANIFEST, "params: params.yaml", f"params: {name}"), f"{FOLDER}/{name}": content}
    assert findings(UnreadableFile(), files) == []


def test_a_path_that_leads_out_is_another_rules_and_no_pass() -> None:
    [finding] = findings(UnreadableFile(), edit(SPOTLESS, MANIFEST, "code: train.py", "code: ../../../train.py"))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
    assert "../../../train.py" in finding.message


def test_a_model_without_a_dependency_file_passes() -> None:
    assert findings(UnreadableFile(), edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt\n", "")) == []


def test_a_line_of_one_character_is_told_in_its_length() -> None:
    [finding] = told("numpy==2.1.0\n=\n")
    assert (finding.line, finding.column, finding.length) == (2, 1, 1)


def test_an_invalid_manifest_or_a_missing_file_are_other_rules_findings() -> None:
    for files in (edit(SPOTLESS, MANIFEST, "name: churn\n", ""), without(SPOTLESS, REQUIREMENTS)):
        assert [finding.rule for finding in findings(UnreadableFile(), files)] == ["SNT003"]


class Crashing(Rule, code="TST001"):
    """A rule that fails."""

    def check(self, change: Change) -> Iterator[Finding]:
        """Fails."""
        yield from ()
        raise KeyError("no such thing")


def test_the_pages_bear_the_names_that_the_engine_gives() -> None:
    [crash] = findings(Crashing(), SPOTLESS)
    assert (crash.rule, crash.name) == (CrashedRule.code, CrashedRule.name)
    [undecided] = findings(UnpinnedDependency(), without(SPOTLESS, REQUIREMENTS))
    assert (undecided.rule, undecided.name) == (Undecidable.code, Undecidable.name)
    assert UnreadableFile.name == "unreadable-file"


@given(content=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_requirements_file_is_read_or_told(content: bytes) -> None:
    found = findings(UnreadableFile(), {**SPOTLESS, REQUIREMENTS: content})
    assert {finding.rule for finding in found} <= {"SNT001"}
