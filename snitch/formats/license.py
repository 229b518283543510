"""Licenses as a manifest names them: SPDX, or `proprietary`."""

from __future__ import annotations

PROPRIETARY = "proprietary"

#: What models are licensed under, so that the full list is loaded for the rest alone.
_COMMON = frozenset(
    {
        PROPRIETARY, "0bsd", "agpl-3.0-only", "agpl-3.0-or-later", "apache-2.0", "bsd-2-clause", "bsd-3-clause",
        "cc-by-4.0", "cc-by-nc-4.0", "cc-by-sa-4.0", "cc0-1.0", "gpl-2.0-only", "gpl-2.0-or-later", "gpl-3.0-only",
        "gpl-3.0-or-later", "isc", "lgpl-3.0-only", "lgpl-3.0-or-later", "mit", "mpl-2.0", "unlicense",
    }
)  # fmt: skip
_MAX_LENGTH = 200


def is_license(text: str) -> bool:
    """Whether the text is an SPDX license id, an expression of them, or `proprietary`; in any case of letters."""
    if text.lower() in _COMMON:
        return True
    if len(text) > _MAX_LENGTH or not text.isascii():
        return False
    from packaging.licenses import canonicalize_license_expression

    try:
        canonicalize_license_expression(text)
    except (ValueError, MemoryError, RecursionError):
        return False
    return True
