"""Names as they are listed: for each module, in one text."""

from __future__ import annotations


def pairs(names: dict[str, str]) -> frozenset[tuple[str, str]]:
    """Every (module, name) of `{module: "name name"}`."""
    return frozenset((module, name) for module, listed in names.items() for name in listed.split())
