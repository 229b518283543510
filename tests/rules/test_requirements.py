"""DEP003, DEP007, DEP008: how dependencies are declared."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.requirements import MissingDependencies, UnpinnedDependency, UnsafeRequirement

from snitch.finding import Finding
from snitch.rule import Rule
from snitch.snapshot import Mode
from tests.judging import DEVELOPMENT, FOLDER, MANIFEST, SPOTLESS, edit, findings, judgement, without

REQUIREMENTS = f"{FOLDER}/requirements.txt"
RULES = [UnpinnedDependency(), UnsafeRequirement(), MissingDependencies()]


def told(rule: Rule, text: str, **more: str) -> list[Finding]:
    """The findings of a rule where the requirements are this text; `more` are other files of the model's folder."""
    return findings(rule, {**SPOTLESS, REQUIREMENTS: text, **{f"{FOLDER}/{k}.txt": v for k, v in more.items()}})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_spotless_model_passes(rule: Rule) -> None:
    assert findings(rule, SPOTLESS) == []


@pytest.mark.parametrize("rule", RULES[:2], ids=lambda rule: rule.code)
def test_a_missing_file_is_no_pass(rule: Rule) -> None:
    [finding] = findings(rule, without(SPOTLESS, REQUIREMENTS))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize("rule", RULES[:2], ids=lambda rule: rule.code)
@pytest.mark.parametrize("content", ["numpy=>1.0\n", "numpy==2.1.0\n-r absent.txt\n", "==\n"])
def test_a_line_that_cannot_be_read_is_no_pass(rule: Rule, content: str) -> None:
    [finding] = told(rule, content)
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize("rule", RULES[:2], ids=lambda rule: rule.code)
def test_without_a_dependency_file_they_are_skipped_where_work_begins(rule: Rule) -> None:
    files = edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt\n", "")
    [skipped] = judgement(rule, files, environment=DEVELOPMENT).skipped
    assert skipped.reason == "the manifest names no dependency file"


@pytest.mark.parametrize("rule", RULES[:2], ids=lambda rule: rule.code)
def test_above_they_pass_no_model_without_one(rule: Rule) -> None:
    """Whoever names no file would else need no pin."""
    [finding] = judgement(rule, edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt\n", "")).findings
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize(
    "specifier", ["", ">=2.1", "~=2.1.0", "==2.*", "<3", "!=2.0", ">=2,<3"], ids=lambda text: text or "none"
)
def test_a_requirement_that_admits_several_versions_is_told(specifier: str) -> None:
    [finding] = told(UnpinnedDependency(), f"scikit-learn==1.9.0\nnumpy{specifier}\n")
    assert (finding.path, finding.line, finding.column, finding.severity) == (REQUIREMENTS, 2, 1, "warning")
    assert finding.excerpt == f"numpy{specifier}"
    admitted = f"`{finding.excerpt.removeprefix('numpy')}`" if specifier else "every version"
    assert finding.message.startswith("numpy is not pinned to one version: it admits ")
    assert len(finding.message) == len(f"numpy is not pinned to one version: it admits {admitted}")


@pytest.mark.parametrize(
    "pin", ["==2.1.0", "===2.1.0", "==2.1.0 --hash=sha256:" + "0" * 64, "==2.1.0; python_version < '4'"]
)
def test_a_pin_passes(pin: str) -> None:
    assert told(UnpinnedDependency(), f"numpy{pin}\n") == []


def test_a_pin_in_a_constraints_file_counts() -> None:
    assert told(UnpinnedDependency(), "numpy\n-c pins.txt\n", pins="numpy==2.1.0\n") == []


def test_a_pin_that_holds_elsewhere_only_does_not_count() -> None:
    [finding] = told(UnpinnedDependency(), "numpy\n-c pins.txt\n", pins="numpy==2.1.0; python_version < '3'\n")
    assert finding.line == 1


def test_a_constraint_that_is_a_range_is_no_pin() -> None:
    [finding] = told(UnpinnedDependency(), "numpy\n-c limits.txt\n", limits="numpy>=2\n")
    assert (finding.rule, finding.line, finding.role) == ("DEP003", 1, "dependencies")


@pytest.mark.parametrize("clauses", [1, 20])
def test_a_range_of_any_length_is_told_in_few_words(clauses: int) -> None:
    specifier = ",".join(f"!=1.0.{index}" for index in range(clauses))
    [finding] = told(UnpinnedDependency(), f"numpy{specifier}\n")
    assert finding.message.endswith(f"it admits `{specifier}`" if clauses == 1 else "…`")
    assert len(finding.message) < 160


def test_a_name_of_one_letter_is_told_in_its_length() -> None:
    [finding] = told(UnpinnedDependency(), "q\n")
    assert (finding.rule, finding.column, finding.length) == ("DEP003", 1, 1)


def test_a_range_in_an_included_file_is_told_there() -> None:
    [finding] = told(UnpinnedDependency(), "-r more.txt\n", more="# ranges\nnumpy>2\n")
    assert (finding.path, finding.line) == (f"{FOLDER}/more.txt", 2)


def test_one_name_is_told_once_and_its_fingerprint_survives_edits() -> None:
    [first] = told(UnpinnedDependency(), "numpy>=1\nNumPy>=2\n")
    [second] = told(UnpinnedDependency(), "# moved down\nnumpy<9\n")
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(
    "line",
    [
        "numpy @ https://example.com/numpy.whl",
        "git+https://example.com/numpy.git",
        "-e .",
        "--index-url https://example.com/simple",
        "--extra-index-url=https://example.com/simple",
        "-f wheels",
        "-r ../../../outside.txt",
        "--trusted-host example.com",
    ],
)
def test_code_from_elsewhere_is_told(line: str) -> None:
    [finding] = told(UnsafeRequirement(), f"numpy==2.1.0\n{line}\n")
    assert (finding.path, finding.line, finding.severity, finding.outcome) == (REQUIREMENTS, 2, "error", "fail")
    assert finding.help


def test_a_hidden_encoding_is_told() -> None:
    assert [finding.rule for finding in told(UnsafeRequirement(), "# coding: utf-7\nnumpy==2.1.0\n")] == ["DEP007"]


def test_two_unsafe_lines_have_two_fingerprints() -> None:
    both = told(UnsafeRequirement(), "-e .\ngit+https://example.com/numpy.git\n")
    assert len({finding.fingerprint for finding in both}) == 2


def test_a_manifest_without_dependencies_is_told() -> None:
    files = without(edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt\n", ""), REQUIREMENTS)
    [finding] = findings(MissingDependencies(), files)
    assert (finding.path, finding.pointer, finding.severity) == (MANIFEST, "/dependencies", "error")
    assert finding.help.startswith("write a requirements.txt")


def test_a_dependency_file_that_lies_there_is_proposed() -> None:
    [finding] = findings(MissingDependencies(), edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt\n", ""))
    assert finding.help == "add `dependencies: requirements.txt`"


@pytest.mark.parametrize("name", ["pylock.toml", "pyproject.toml", "environment.yml", "environment.yaml"])
def test_a_file_of_another_format_is_proposed_too(name: str) -> None:
    files = without(edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt\n", ""), REQUIREMENTS)
    [finding] = findings(
        MissingDependencies(), {**files, f"{FOLDER}/{name}": "", f"{FOLDER}/deep/requirements.txt": ""}
    )
    assert finding.help == f"add `dependencies: {name}`"


def test_severities() -> None:
    assert [rule.severity for rule in RULES] == [("warning", "warning"), ("error", "error"), ("warning", "error")]


@pytest.mark.parametrize("rule", RULES[:2], ids=lambda rule: rule.code)
def test_a_link_is_no_pass(rule: Rule) -> None:
    assert [found.outcome for found in findings(rule, SPOTLESS, modes={REQUIREMENTS: Mode.SYMLINK})] == ["inconclusive"]


_NAMES = ["requirements.txt", "pyproject.toml", "pylock.toml", "environment.yml", "Pipfile"]


@given(name=st.sampled_from(_NAMES), content=st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
@settings(max_examples=300, deadline=None)
def test_no_dependency_file_crashes_a_rule(name: str, content: bytes) -> None:
    files = edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt", f"dependencies: {name}")
    for rule in RULES[:2]:
        found = findings(rule, {**files, f"{FOLDER}/{name}": content})
        assert "SNT002" not in {finding.rule for finding in found}
