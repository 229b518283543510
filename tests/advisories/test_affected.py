"""Which versions an advisory is about: the OSV schema's own algorithm, and packaging's order of versions, agree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import convert
from packaging.version import Version

from snitch.advisories.affected import Unordered, affected_versions
from snitch.dependencies.versions import intervals_of, lies_within
from snitch.formats.advisories import Affected

PACKAGE = {"ecosystem": "PyPI", "name": "numpy"}


def affected(ranges: list[list[dict[str, str]]], versions: tuple[str, ...] = ()) -> Affected:
    told: Any = [{"type": "ECOSYSTEM", "events": events} for events in ranges]
    return convert({"package": PACKAGE, "ranges": told, "versions": versions}, Affected)


def is_vulnerable(version: str, about: Affected) -> bool:
    admitted = intervals_of(f"=={version}")
    assert admitted
    return lies_within(admitted, affected_versions(about))


def by_the_schema(text: str, ranges: list[list[dict[str, str]]], versions: tuple[str, ...]) -> bool:
    """`IsVulnerable` of the OSV schema, line by line, for one package."""
    version = Version(text)

    def at(bound: str) -> Version:
        # The schema: "0" is before any other version.
        return Version("0.dev0") if bound == "0" else Version(bound)

    def before_limits(events: list[dict[str, str]]) -> bool:
        limits = [each["limit"] for each in events if "limit" in each]
        return not limits or any(limit == "*" or version < at(limit) for limit in limits)

    def included(events: list[dict[str, str]]) -> bool:
        vulnerable = False
        for kind, bound in sorted(_pairs(events), key=lambda pair: at(pair[1])):
            if kind == "introduced" and version >= at(bound):
                vulnerable = True
            if kind == "fixed" and version >= at(bound):
                vulnerable = False
            if kind == "last_affected" and version > at(bound):
                vulnerable = False
        return vulnerable

    return version in map(Version, versions) or any(before_limits(events) and included(events) for events in ranges)


def _pairs(events: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [pair for each in events for pair in each.items() if pair[0] != "limit"]


VERSIONS = st.sampled_from(
    [
        "0.1",
        "1.0.dev1",
        "1.0a1",
        "1.0rc1",
        "1.0",
        "1.0.0",
        "1.0.post1",
        "1.0.1",
        "1.1",
        "1.10",
        "2.0",
        "2.0rc2",
        "1!0.5",
    ]
)
EVENTS = st.builds(lambda kind, version: {kind: version}, st.sampled_from(["introduced", "fixed", "limit"]), VERSIONS)
#: No two at one version, of which the schema does not say which comes first.
RANGES = st.lists(
    st.lists(EVENTS, max_size=5, unique_by=lambda each: Version(next(iter(each.values())))).map(
        lambda events: [{"introduced": "0"}, *events]
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(RANGES, st.lists(VERSIONS, max_size=3).map(tuple), VERSIONS)
@example([[{"introduced": "0"}, {"fixed": "1.0"}]], (), "1.0rc1")
@example([[{"introduced": "0"}, {"fixed": "1.0"}]], (), "1.0")
@example([[{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "1.1"}]], (), "1.10")
def test_a_range_is_evaluated_as_the_schema_says(
    ranges: list[list[dict[str, str]]], versions: tuple[str, ...], version: str
) -> None:
    assert is_vulnerable(version, affected(ranges, versions)) == by_the_schema(version, ranges, versions)


@settings(max_examples=300, deadline=None)
@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_last_affected_version_is_affected(first: str, last: str, version: str) -> None:
    events = [{"introduced": first}, {"last_affected": last}]
    if Version(first) <= Version(last):
        assert is_vulnerable(version, affected([events])) == by_the_schema(version, [events], ())


def test_a_local_version_is_built_from_what_it_is_named_after() -> None:
    assert is_vulnerable("1.0+cu118", affected([], ("1.0",)))
    assert is_vulnerable("1.0+cu118", affected([[{"introduced": "0"}, {"last_affected": "1.0"}]]))
    assert not is_vulnerable("1.0+cu118", affected([[{"introduced": "0"}, {"fixed": "1.0"}]]))


def test_every_version_up_to_the_first_one_is_above_zero() -> None:
    assert is_vulnerable("0.dev0", affected([[{"introduced": "0"}, {"fixed": "1.0"}]]))


def test_limits_end_a_range_and_an_asterisk_is_none() -> None:
    events = [{"introduced": "0"}, {"limit": "1.0"}, {"limit": "1.1"}]
    assert is_vulnerable("1.0.1", affected([events]))
    assert not is_vulnerable("1.1", affected([events]))
    assert is_vulnerable("9", affected([[*events, {"limit": "*"}]]))


def test_a_range_that_does_not_say_where_it_begins_begins_at_the_beginning() -> None:
    assert is_vulnerable("0.1", affected([[{"fixed": "1.0"}]]))
    assert not is_vulnerable("1.0", affected([[{"fixed": "1.0"}]]))


@pytest.mark.parametrize(
    ("ranges", "told"),
    [([], "does not say which"), ([[{"introduced": "1.0-beta-x"}]], "1.0-beta-x"), ([[{"fixed": "latest"}]], "latest")],
)
def test_versions_that_nobody_can_order_are_told(ranges: list[list[dict[str, str]]], told: str) -> None:
    with pytest.raises(Unordered, match=told):
        affected_versions(affected(ranges))
