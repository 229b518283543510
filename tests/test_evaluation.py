"""Evaluations as a snapshot holds them."""

from __future__ import annotations

import pytest

from snitch.model import same_files


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
