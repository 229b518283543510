"""What a pattern can cost: those that never end are known, and those that organisations write are not refused."""

import re
import signal
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snitch.documents.regex_cost import worst_cost

ENOUGH = 10_000_000


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z]+(-[a-z]+)*$",
        r"^([A-Z]{2,5}-)?\d+$",
        r"^[^@]+@[^@]+\.[a-z]+$",
        r"^(?:v[0-9]+,)+$",
        r"^https://\S+$",
        r"^(a|b)*$",
        r"^(?:foo|bar)+$",
        r"(?i)^[A-F0-9]{8}(-[A-F0-9]{4}){3}-[A-F0-9]{12}$",
        r"",
        r"^.{1,200}$",
        r"^[a-z]+(_[a-z][a-z0-9]*)*$",
        r"^(\s\d+)*$",
        r"^(\W\w+)*$",
    ],
)
def test_ordinary_patterns_are_cheap(pattern: str) -> None:
    assert worst_cost(pattern, 60) <= ENOUGH


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(a+)+$",
        r"^(a|aa)*$",
        r"(.*)*x",
        r"^(\w+\s?)*$",
        r"(?:a?){30}a{30}",
        r"^(([a-z])+.)+[A-Z]$",
        r"(a)\1",
        r"(?=(a+)+)b",
        r"(?:(?:)+.)+x",
        r"(?:(?:x?)?b)+!",
        r"(?:b(?:\w|\w)*?)x",
        r"(-a*a*)*!",
        r"(?i:(s[ſ]*)*!)",
        r"^(\d\w*)*!",
        r"^(\D\s*)*!",
        "(日日*)*!",
        "a" * 501,
        "(a{0,9999999999}){2}",
    ],
)
def test_patterns_without_a_known_bound(pattern: str) -> None:
    assert worst_cost(pattern, 60) == float("inf")


@pytest.mark.parametrize(
    ("pattern", "length", "cost"),
    [
        ("^a+$", 60, 60),
        ("a+$", 60, 61 * 60),
        ("(?m)^a+$", 60, 61 * 60),
        (r"\ba+$", 60, 61 * 60),
        ("^a{2,4}$", 60, 3),
        ("^a?b?$", 60, 4),
        ("^a*b*$", 9, 100),
        ("^(?:ab|c|d*)$", 9, 1 + 1 + 10),
        ("a" * 500, 9, 10),
    ],
)
def test_the_cost_is_the_product_of_the_choices(pattern: str, length: int, cost: int) -> None:
    assert worst_cost(pattern, length) == cost


def test_what_is_no_pattern() -> None:
    with pytest.raises(re.error):
        worst_cost("(", 9)


PIECES = ["a", "b", "-", "(?:", "(", ")", "*", "+", "?", "|", "[ab]", "[^a]", ".", "{2,4}", r"\w", "(?="]
TEXTS = ["a" * 40, "a" * 39 + "!", "ab" * 19 + "!", "-a" * 19 + "!", "b" * 39 + "!"]


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """A match that does not end fails the test instead of hanging it."""

    def overdue(*_: object) -> None:
        raise AssertionError("the match does not end")

    before = signal.signal(signal.SIGALRM, overdue)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=12).map("".join))
def test_what_is_bounded_ends(body: str) -> None:
    pattern = f"(?:{body})x"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compiled = re.compile(pattern)
        except (re.error, OverflowError):
            return
    if worst_cost(pattern, 40) > ENOUGH:
        return
    signal.alarm(5)
    for text in TEXTS:
        compiled.search(text)
    signal.alarm(0)
