"""Specifiers as sets of versions, held against `packaging` on every version of a grid."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from snitch.dependencies.versions import admits_only, contradicts, is_specifier

RELEASES = ["0", "0.1", "1", "1.0.1", "1.1", "1.1.1", "1.2", "2", "2.0.1", "3", "1!0", "1!1"]
SUFFIXES = [
    *("", ".dev0", ".dev1", ".dev2", "a0", "a1", "a1.dev1", "a1.post1", "rc1", "rc2", "rc2.dev0", "rc1.post0.dev0"),
    *(".post0", ".post1", ".post1.dev0", ".post2", ".post2.dev0", "+a", "+b.1", ".post1+a", ".dev1+a", "rc1+a"),
]
GRID = [Version(release + suffix) for release, suffix in product(RELEASES, SUFFIXES)]

releases = st.sampled_from(["0", "0.1", "1", "1.0", "1.1", "1.1.0", "1.1.1", "2", "2.0", "1!0", "1!1.0"])
plain = st.tuples(releases, st.sampled_from(["", ".dev0", ".dev1", "a1", "rc1", "rc1.post0", ".post0", ".post1"]))
versions = plain.map("".join)
clauses = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), versions).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), versions, st.sampled_from(["+a", "+b.1"])).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), releases, st.just(".*")).map("".join),
    st.tuples(
        st.just("~="), versions.filter(lambda version: "." in version.partition("!")[2] or "." in version[:2])
    ).map("".join),
).filter(lambda clause: _is_valid(clause))
specifiers = st.lists(clauses, max_size=3).map(",".join)


def _is_valid(clause: str) -> bool:
    try:
        SpecifierSet(clause)
    except ValueError:
        return False
    return True


def admitted(specifier: str) -> set[Version]:
    found = SpecifierSet(specifier)
    return {version for version in GRID if found.contains(version, prereleases=True)}


@settings(max_examples=100, deadline=None)
@given(specifiers, specifiers)
@example("<1.1", "<1.1rc1")
@example("<=1.1", "<1.1.1")
@example("==1.1", "==1.1+a")
@example(">1", ">1.post1")
def test_agrees_with_packaging_on_every_version_of_the_grid(one: str, other: str) -> None:
    first, second = admitted(one), admitted(other)
    if admits_only(one, other):
        assert first <= second
    if contradicts(one, other):
        assert not first & second


@pytest.mark.skipif(not hasattr(SpecifierSet, "is_subset"), reason="this packaging cannot compare specifiers")
@settings(max_examples=300, deadline=None)
@given(specifiers, specifiers)
def test_decides_exactly_as_packagings_own_sets_do(one: str, other: str) -> None:
    first, second = SpecifierSet(one, prereleases=True), SpecifierSet(other, prereleases=True)
    assert admits_only(one, other) == first.is_subset(second)
    assert contradicts(one, other) == first.is_disjoint(second)


@pytest.mark.parametrize(
    ("specifier", "listed"),
    [
        ("==2.15.0", "<2.16"),
        ("==2.15.0+cpu", "<2.16"),
        (">=2,<2.10", "<2.16"),
        ("~=2.15.0", "<2.16"),
        ("==2.*", "<3"),
        ("===2.15", "<2.16"),
        ("==1!1.0", ">=1!0"),
        ("==1.0", "!=2.0"),
        ("", ""),
        ("==1", ""),
        ("nonsense", ""),
        (">2,<1", "==5"),
        ("===no-version", "==5"),
        (">1.0.post1,<1.0.post2", "==5"),
    ],
)
def test_admits_only_listed_versions(specifier: str, listed: str) -> None:
    assert admits_only(specifier, listed)


@pytest.mark.parametrize(
    ("specifier", "listed"),
    [
        ("==2.16", "<2.16"),
        ("==2.16rc1", "<2.16"),
        (">=2", "<2.16"),
        ("<=2.16", "<2.16"),
        ("", "<2.16"),
        ("nonsense", "<2.16"),
        ("^2 || ^3", "<2.16"),
        ("=2.1.w", "<2.16"),
        ("!=2", "<2.16"),
        ("==1!1.0", "<2.16"),
        ("==" + "1" * 5000, "<2"),
        (">=1" * 5000, "<2"),
    ],
)
def test_admits_others_too_or_cannot_be_known_not_to(specifier: str, listed: str) -> None:
    assert not admits_only(specifier, listed)


@pytest.mark.parametrize("listed", ["2.16", "<", "about 2", "<2.16.*", "~=2", "<2+local", "==1.0rc1.*"])
def test_a_list_that_is_no_specifier_is_refused(listed: str) -> None:
    assert not is_specifier(listed)
    with pytest.raises(ValueError, match="not a PEP 440"):
        admits_only("==1", listed)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("==1.26.4", "<2", False),
        ("==2.0", "<2", True),
        (">=2", "<2", True),
        (">=2", "<=2", False),
        ("==1.*", "==1.5.*", False),
        ("~=1.4", "==2.0", True),
        ("===1.0", "==1.0", False),
        ("", "<2", False),
        ("nonsense", "<2", False),
        ("nonsense", ">2,<1", True),
    ],
)
def test_contradiction_is_having_no_version_in_common(one: str, other: str, expected: bool) -> None:
    assert contradicts(one, other) is expected
    assert contradicts(other, one) is expected


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_makes_it_raise_anything_else(one: str, other: str) -> None:
    contradicts(one, other)
    if is_specifier(other):
        admits_only(one, other)
