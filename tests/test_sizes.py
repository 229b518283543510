"""Sizes as people write them."""

from __future__ import annotations

import pytest

from snitch.sizes import parse_size, written_size


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (0, 0),
        (12, 12),
        ("12", 12),
        ("12 B", 12),
        ("500MB", 500_000_000),
        ("500 mib", 500 * 1024 * 1024),
        ("2GiB", 2_147_483_648),
        ("1.5 KiB", 1536),
        ("0.5GB", 500_000_000),
    ],
)
def test_sizes_are_understood(written: int | str, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    "written", ["", "big", "-1", -1, "2 GiBs", "2XB", "1e9", "2,5GB", "GiB", "1.GB", "٣MB", "2GiB\n3"]
)
def test_what_is_no_size_is_refused(written: int | str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        parse_size(written)


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (2**31, "2 GiB"),
        (5 * 2**50, "5,242,880 GiB"),
    ],
)
def test_sizes_are_written_for_people(size: int, written: str) -> None:
    assert written_size(size) == written
