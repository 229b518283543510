"""The names of what a record measured."""

from __future__ import annotations

import pytest

from snitch.measurement import slice_key


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
