"""Sizes in bytes, as people write and read them."""

from __future__ import annotations

import re

_UNITS = {
    "": 1, "b": 1,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_SIZE = re.compile(r"(?P<number>[0-9]{1,18}(?:\.[0-9]{1,3})?)\s?(?P<unit>[A-Za-z]{0,3})", re.ASCII)


def parse_size(size: int | str) -> int:
    """A size in bytes, from a number of bytes or a text such as `2GiB`, `1.5 GB` or `500MB`.

    Raises:
        ValueError: it is none, or negative.
    """
    match = _SIZE.fullmatch(str(size).strip())
    if match is None or match["unit"].lower() not in _UNITS:
        raise ValueError(f"`{size}` is no size: write a number of bytes, or one such as `2GiB` or `500MB`")
    from decimal import Decimal

    return int(Decimal(match["number"]) * _UNITS[match["unit"].lower()])


def written_size(size: int) -> str:
    """A size for people: `999 bytes`, `1.5 MiB`."""
    if size < 1024:
        return f"{size} byte{'' if size == 1 else 's'}"
    unit, scale = next(
        (u, s) for u, s in (("KiB", 2**10), ("MiB", 2**20), ("GiB", 2**30)) if size < s * 1024 or u == "GiB"
    )
    return f"{size / scale:,.1f} {unit}".replace(".0 ", " ")
