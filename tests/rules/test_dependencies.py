"""DEP001, DEP002, DEP004: what the policy disallows or phases out, and what the serving image holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.dependencies import DeprecatedDependency, DisallowedDependency, ServingConflict

from snitch.finding import Finding
from snitch.rule import Rule
from snitch.snapshot import Mode
from tests.judging import FOLDER, MANIFEST, SPOTLESS, TODAY, edit, findings, judgement, without

REQUIREMENTS = f"{FOLDER}/requirements.txt"
CONSTRAINTS = "serving/constraints.txt"


def disallowing(**package: str) -> DisallowedDependency:
    return msgspec.convert({"packages": [{"name": "numpy", **package}]}, DisallowedDependency)


def deprecating(**package: str) -> DeprecatedDependency:
    return msgspec.convert({"packages": [{"name": "numpy", **package}]}, DeprecatedDependency)


SERVING = ServingConflict(constraints=CONSTRAINTS)
RULES = [disallowing(versions="<2"), deprecating(versions="<2"), SERVING]


def files(requirements: str, constraints: str = "numpy==2.1.0\n", **more: str) -> dict[str, bytes | str]:
    others = {f"{FOLDER}/{name}.txt": text for name, text in more.items()}
    return {**SPOTLESS, REQUIREMENTS: requirements, CONSTRAINTS: constraints, **others}


def told(rule: Rule, requirements: str, constraints: str = "numpy==2.1.0\n", **more: str) -> list[Finding]:
    return findings(rule, files(requirements, constraints, **more))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_spotless_model_passes(rule: Rule) -> None:
    assert told(rule, "numpy==2.1.0\nscikit-learn==1.9.0\n") == []


@pytest.mark.parametrize(
    "rule", [DisallowedDependency(), DeprecatedDependency(), ServingConflict()], ids=lambda r: r.code
)
def test_a_rule_without_its_option_is_skipped_with_its_reason(rule: Rule) -> None:
    [skipped] = judgement(rule, SPOTLESS).skipped
    assert skipped.reason.startswith("the policy ")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_missing_dependency_file_is_no_pass(rule: Rule) -> None:
    [finding] = findings(rule, without(files(""), REQUIREMENTS))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_line_that_cannot_be_read_is_no_pass(rule: Rule) -> None:
    [finding] = told(rule, "scikit-learn==1.9.0\nnumpy=>1\n")
    assert (finding.rule, finding.path, finding.outcome) == ("SNT003", REQUIREMENTS, "inconclusive")


@pytest.mark.parametrize(
    "requirement",
    ["numpy==1.26.4", "NumPy==1.26.4", "numpy<2", "numpy>=1.20,<1.27", "numpy~=1.26", "numpy==1.*", "numpy===1.26.4"],
)
def test_a_requirement_that_admits_only_listed_versions_is_disallowed(requirement: str) -> None:
    [finding] = told(disallowing(versions="<2", reason="not served any more"), f"scikit-learn==1.9.0\n{requirement}\n")
    assert (finding.path, finding.line, finding.column, finding.severity) == (REQUIREMENTS, 2, 1, "error")
    assert finding.message == f"`{requirement}` is disallowed, as is all of numpy <2: not served any more"
    assert finding.help == "use a version outside `<2`, or another package"


@pytest.mark.parametrize(
    "requirement", ["numpy==2.0", "numpy", "numpy<=2", "numpy>=1.20", "numpy!=2.0", "numpydoc==1.0"]
)
def test_a_requirement_that_admits_others_too_is_not(requirement: str) -> None:
    assert told(disallowing(versions="<2"), f"{requirement}\n") == []


@pytest.mark.parametrize("requirement", ["numpy", "numpy==2.1.0", "numpy[extra]>1", "numpy; python_version < '3'"])
def test_without_versions_all_of_a_package_is_disallowed(requirement: str) -> None:
    [finding] = told(disallowing(), f"{requirement}\n")
    assert finding.help == "use another package"


def test_a_constraint_beside_the_requirement_counts() -> None:
    [finding] = told(disallowing(versions="<2"), "numpy\n-c limits.txt\n", limits="numpy<1.27\n")
    assert (finding.rule, finding.line) == ("DEP001", 1)


def test_a_constraint_that_limits_nothing_beside_one_that_does() -> None:
    [finding] = told(disallowing(versions="<2"), "numpy>=1\n-c limits.txt\n", limits="numpy\nnumpy<1.27\n")
    assert (finding.rule, finding.line) == ("DEP001", 1)


def test_a_constraint_that_holds_elsewhere_only_does_not_count() -> None:
    limits = "numpy<1.27; python_version < '3'\n"
    assert told(disallowing(versions="<2"), "numpy\n-c limits.txt\n", limits=limits) == []


def test_a_constraint_that_contradicts_the_requirement_does_not_disallow_it() -> None:
    assert told(disallowing(versions="<2"), "numpy==2.1.0\n-c limits.txt\n", limits="numpy<1.27\n") == []


def test_a_constraint_on_another_package_says_nothing_of_this_one() -> None:
    assert told(disallowing(versions="<2"), "numpy\n-c limits.txt\n", limits="scipy<1.27\n") == []


def test_a_constraint_alone_installs_nothing() -> None:
    assert told(disallowing(versions="<2"), "scipy==1.0\n-c limits.txt\n", limits="numpy<1.27\n") == []


def test_a_disallowed_requirement_in_an_included_file_is_told_there() -> None:
    [finding] = told(disallowing(versions="<2"), "-r more.txt\n", more="\nnumpy==1.0\n")
    assert (finding.path, finding.line) == (f"{FOLDER}/more.txt", 2)


def test_a_disallowed_requirement_is_told_beside_a_line_that_cannot_be_read() -> None:
    found = told(disallowing(versions="<2"), "numpy==1.0\nnumpy=>1\n")
    assert [finding.rule for finding in found] == ["DEP001", "SNT003"]


def test_the_fingerprint_survives_edits_and_tells_list_entries_apart() -> None:
    [first] = told(disallowing(versions="<2"), "numpy==1.0\n")
    [moved] = told(disallowing(versions="<2"), "# here\n\nnumpy==1.1\n")
    [other] = told(disallowing(versions="<3"), "numpy==1.0\n")
    assert first.fingerprint == moved.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        ({"name": "numpy<2"}, "is no package's name"),
        ({"name": "nümpy"}, "is no package's name"),
        ({"name": ""}, "length"),
        ({"name": "numpy", "versions": "1.2"}, "is no range of versions"),
        ({"name": "numpy", "version": "<2"}, "unknown field"),
    ],
)
@pytest.mark.parametrize("kind", [DisallowedDependency, DeprecatedDependency])
def test_the_options_validate_themselves(kind: type[Rule], options: dict[str, Any], fragment: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=fragment):
        msgspec.convert({"packages": [options]}, kind)


#: A range that only conda can say: PEP 440 knows no `or`.
CONDA = "dependencies:\n  - scipy=1.14.1\n  - numpy=1.26|1.27\n"


def of_conda(constraints: str = "numpy==2.1.0\n") -> dict[str, bytes | str]:
    """The files where the model's dependencies are conda's, with that range of numpy."""
    conda = edit(files("", constraints), MANIFEST, "dependencies: requirements.txt", "dependencies: environment.yml")
    return {**conda, f"{FOLDER}/environment.yml": CONDA}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_range_that_is_not_understood_is_no_pass(rule: Rule) -> None:
    [finding] = findings(rule, of_conda())
    assert (finding.rule, finding.outcome, finding.path) == ("SNT003", "inconclusive", f"{FOLDER}/environment.yml")
    assert "`numpy=1.26|1.27` is no range of versions that Snitch understands" in finding.message
    assert finding.help == "pin it, as in `numpy==1.2.3`"


def test_a_range_that_is_not_understood_does_not_matter_where_all_versions_are_listed() -> None:
    assert [finding.rule for finding in findings(disallowing(), of_conda())] == ["DEP001"]


def test_a_range_of_what_is_not_served_does_not_matter() -> None:
    assert findings(SERVING, of_conda("scipy==1.14.1\n")) == []


def test_a_range_that_is_not_understood_in_the_constraints_is_no_pass() -> None:
    served = {**files("scipy==1.14.1\n"), "serving/environment.yml": CONDA}
    [finding] = findings(ServingConflict(constraints="serving/environment.yml"), served)
    assert (finding.rule, finding.outcome, finding.path) == ("SNT003", "inconclusive", "serving/environment.yml")


def test_a_deprecated_requirement_is_told_with_what_to_use() -> None:
    rule = deprecating(versions="<2", use_instead="numpy 2", until="2027-01-31", reason="its ABI is frozen")
    [finding] = told(rule, "numpy==1.26.4\n")
    assert (finding.line, finding.severity, finding.help) == (1, "warning", "use numpy 2")
    assert finding.message == (
        "`numpy==1.26.4` is deprecated, as is all of numpy <2; its last day is 2027-01-31: its ABI is frozen"
    )


@pytest.mark.parametrize(
    ("more", "end"),
    [
        ({}, ""),
        ({"reason": "its ABI is frozen"}, ": its ABI is frozen"),
        ({"until": "2027-01-31"}, "; its last day is 2027-01-31"),
    ],
)
def test_what_the_policy_does_not_give_is_left_out(more: dict[str, str], end: str) -> None:
    [finding] = told(deprecating(versions="<2", **more), "numpy==1.26.4\n")
    assert finding.help == "use a version or a package that is not deprecated"
    assert finding.message == f"`numpy==1.26.4` is deprecated, as is all of numpy <2{end}"


def test_a_disallowed_package_without_a_reason() -> None:
    [finding] = told(disallowing(), "numpy==1.26.4\n")
    assert finding.message == "`numpy==1.26.4` is disallowed, as is all of numpy"


@pytest.mark.parametrize(
    ("until", "due"),
    [("2027-01-31", [date(2027, 2, 1)]), (str(TODAY), [date(2026, 11, 21)]), ("2026-11-19", []), ("9999-12-31", [])],
)
def test_the_day_on_which_it_is_over_falls_due(until: str, due: list[date]) -> None:
    judged = judgement(deprecating(until=until), files("numpy==1.26.4\n"))
    assert [each.on for each in judged.due] == due
    assert [finding.rule for finding in judged.findings] == ["DEP002"]


@pytest.mark.parametrize("requirement", ["numpy==1.26.4", "numpy<2", "numpy>=2.2"])
def test_a_requirement_that_the_image_contradicts_is_told(requirement: str) -> None:
    [finding] = told(SERVING, f"scikit-learn==1.9.0\n{requirement}\n")
    assert (finding.path, finding.line, finding.severity) == (REQUIREMENTS, 2, "error")
    assert finding.message == f"`{requirement}` conflicts with the serving image's numpy ==2.1.0"


@pytest.mark.parametrize("requirement", ["numpy", "numpy==2.1.0", "numpy>=2", "scipy==1.0"])
def test_a_requirement_that_the_image_can_meet_passes(requirement: str) -> None:
    assert told(SERVING, f"{requirement}\n") == []


def test_constraints_that_depend_on_the_machine_conflict_only_together() -> None:
    constraints = "numpy==1.26.4; python_version < '3.12'\nnumpy==2.1.0; python_version >= '3.12'\n"
    assert told(SERVING, "numpy==1.26.4\n", constraints) == []
    assert len(told(SERVING, "numpy==1.25.0\n", constraints)) == 1


@pytest.mark.parametrize(
    "constraints", ["numpy=>2\n", "-e .\n", "-r absent.txt\n", "numpy @ https://example.com/n.whl\n"]
)
def test_constraints_that_cannot_be_read_are_no_pass(constraints: str) -> None:
    [finding] = told(SERVING, "numpy==2.1.0\n", constraints)
    assert (finding.rule, finding.outcome, finding.path) == ("SNT003", "inconclusive", CONSTRAINTS)


def test_constraints_that_are_not_there_or_a_link_are_no_pass() -> None:
    for found in (
        findings(SERVING, SPOTLESS),
        findings(SERVING, files("numpy==2.1.0\n"), modes={CONSTRAINTS: Mode.SYMLINK}),
    ):
        assert [(finding.rule, finding.outcome) for finding in found] == [("SNT003", "inconclusive")]
    [absent] = findings(SERVING, SPOTLESS)
    assert absent.message == f"cannot judge DEP004: the constraints file {CONSTRAINTS} is not there"


def test_constraints_outside_the_repository_are_a_bad_option() -> None:
    with pytest.raises(msgspec.ValidationError, match="no path inside the repository"):
        msgspec.convert({"constraints": "../constraints.txt"}, ServingConflict)


def test_severities() -> None:
    assert [rule.severity for rule in RULES] == [("error", "error"), ("warning", "warning"), ("warning", "error")]


_LINES = st.lists(
    st.sampled_from(["numpy", "numpy==", "numpy<2", "==1.0", "; x", "numpy===x", "-c", "#", "\\", "numpy == 1.*"])
)


@given(text=st.one_of(_LINES.map("\n".join), st.text(max_size=60)))
@settings(max_examples=250, deadline=None)
def test_no_requirements_crash_a_rule_or_pass_unread(text: str) -> None:
    for rule in RULES:
        assert "SNT002" not in {finding.rule for finding in told(rule, text)}
        assert "SNT002" not in {finding.rule for finding in told(rule, "numpy==2.1.0\n", text)}
