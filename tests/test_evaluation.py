"""Evaluations as a snapshot holds them."""

from __future__ import annotations

import pytest

from snitch.evaluation import slice_key
from snitch.model import same_files


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"n": 1}, {"n": "1"}),
        ({"n": True}, {"n": "true"}),
        ({"n": None}, {"n": "null"}),
        ({"plan": "pro, region=eu"}, {"plan": "pro", "region": "eu"}),
        ({"a=b": "c"}, {"a": "b=c"}),
    ],
)
def test_different_slices_have_different_names(one: dict[str, object], other: dict[str, object]) -> None:
    assert slice_key(one) != slice_key(other)


def test_a_slice_is_named_by_its_columns_in_order() -> None:
    assert slice_key({"region": "eu west", "plan": "pro"}) == "plan=pro, region=eu west"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"a": "1", "b": "2"}, True),
        ({"x": "1", "b": "2"}, True),
        ({"a": "2", "b": "1"}, False),
        ({"a": "1"}, False),
        ({"a": "1", "b": "3"}, False),
        ({"a": "1", "b": "2", "c": "2"}, False),
    ],
)
def test_weights_may_be_renamed_but_not_change_places(other: dict[str, str], same: bool) -> None:
    assert same_files({"a": "1", "b": "2"}, other) == same
