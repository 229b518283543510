"""What options do to a rule that its class leaves off in one environment."""

from __future__ import annotations

from collections.abc import Iterator

from snitch.change import Change
from snitch.documents import read_document
from snitch.finding import Finding, Severity
from snitch.policy.configuration import PolicyFile
from snitch.policy.layers import Layer
from snitch.policy.settings import Origin, RuleSetting
from snitch.rule import Rule


class OffWhereLowest(Rule, code="TST001", severity=(None, "error")):
    """Is for the higher environments."""

    def check(self, change: Change) -> Iterator[Finding]:
        return iter(())


class OffAboveIt(Rule, code="TST002", severity=("warning", None)):
    """Is for the lowest environment."""

    def check(self, change: Change) -> Iterator[Finding]:
        return iter(())


def with_options(rule: type[Rule], *, lowest: bool) -> Severity | None:
    origin = Origin(Layer(read_document("snitch.yaml", b""), PolicyFile()), "/rules")
    return RuleSetting.initial(rule, lowest).with_options({}, origin).severity


def test_a_rule_that_is_off_has_the_severity_of_where_it_is_on() -> None:
    assert with_options(OffWhereLowest, lowest=True) == "error"
    assert with_options(OffAboveIt, lowest=False) == "warning"


def test_a_rule_that_is_on_has_the_severity_of_its_environment() -> None:
    assert with_options(OffWhereLowest, lowest=False) == "error"
    assert with_options(OffAboveIt, lowest=True) == "warning"
