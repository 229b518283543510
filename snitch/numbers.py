"""Numbers compared as they are written: 0.913 - 0.908 is 0.005, not 0.0050000000000000044."""

from __future__ import annotations

from decimal import Decimal
from math import floor, isfinite, log10
from typing import Annotated

from msgspec import Meta

#: An absolute number, or a percentage of the deployed value: `0.005`, `"2%"`.
Limit = (
    Annotated[float, Meta(ge=0)]
    | Annotated[
        str,
        Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?\s?%$(?!\n)", description="a number, or a percentage such as `2%`"),
    ]
)

#: Behind the point; what is smaller is written with an exponent.
_MOST_DIGITS = 9


def decimal(value: float) -> Decimal:
    """The number as it is written: the shortest decimal that reads back as it. It must be finite."""
    return Decimal(repr(value))


def absolute_limit(limit: float | str, deployed: float) -> Decimal:
    """A limit in the metric's unit; a percentage is of |deployed|."""
    if isinstance(limit, str):
        return Decimal(limit.rstrip("% ")) / 100 * abs(decimal(deployed))
    return decimal(limit)


def worsening(deployed: float, candidate: float, *, greater_is_better: bool) -> Decimal:
    """By how much the candidate is worse, in the metric's unit; negative where it is better."""
    drop = decimal(deployed) - decimal(candidate)
    return drop if greater_is_better else -drop


def written(value: Decimal | float) -> str:
    """A number as people write it: no exponent for ordinary sizes, no trailing zeros, six significant digits."""
    return f"{float(value):.6g}"


def written_interval(lower: float, upper: float) -> tuple[str, str]:
    """The ends of an interval as people write them, with their signs: no finer than a hundredth of its width."""
    width = upper - lower
    if not (isfinite(width) and width > 0):
        return f"{lower:+.6g}", f"{upper:+.6g}"
    digits = 1 - floor(log10(width))
    if not 0 <= digits <= _MOST_DIGITS:
        return f"{lower:+.3g}", f"{upper:+.3g}"
    return f"{lower:+.{digits}f}", f"{upper:+.{digits}f}"
