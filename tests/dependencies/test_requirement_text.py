"""One requirement's text: the plain expression and `packaging` are one grammar."""

from __future__ import annotations

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from snitch.dependencies import normalised
from snitch.dependencies.requirement_text import _PLAIN, Parsed, Refused, parse_requirement

numbers = st.lists(st.integers(0, 30).map(str), min_size=1, max_size=4).map(".".join)
versions = st.tuples(
    numbers,
    st.sampled_from(["", "a1", "b2", "rc3", ".post1", ".dev2", "rc1.post2.dev3", ".*", "+cpu", "-1", "c1", "1!2"]),
).map("".join)
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~=", "===", "=", ""])
clauses = st.tuples(operators, st.sampled_from(["", " "]), versions).map("".join)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True)
extras = st.sampled_from(["", "[a]", "[a,B_c]", " [a, b]", "[]", "[a,]", "[-a]"])
requirements = st.tuples(
    names,
    extras,
    st.sampled_from(["", " "]),
    st.lists(clauses, max_size=3).map(", ".join),
    st.sampled_from(["", ",", " "]),
).map("".join)


@settings(deadline=None)
@given(requirements)
@example("a~=1.0")
@example("a==1.0.*")
@example("a==1.0+cpu")
@example("a[b]")
def test_plain_text_is_parsed_as_packaging_does(text: str) -> None:
    assume(_PLAIN.fullmatch(text))
    parsed = parse_requirement(text)
    expected = Requirement(text)
    if isinstance(parsed, Parsed):
        assert parsed.name == normalised(expected.name)
        assert SpecifierSet(parsed.specifier) == expected.specifier
        assert set(parsed.extras) == {normalised(extra) for extra in expected.extras}
        assert parsed.marker == ""
    else:
        assert parsed.kind == "unsafe"


@settings(deadline=None)
@given(requirements)
def test_what_packaging_refuses_is_refused(text: str) -> None:
    try:
        Requirement(text)
    except InvalidRequirement:
        assert isinstance(parse_requirement(text), Refused)
