"""The scalar types that the files of a model repository share."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated

from msgspec import Meta

# `$` also matches before a final newline in Python, though not in the editors that read the schema: forbid it for both.
_END = r"$(?!\n)"

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9._-]*" + _END,
        max_length=200,
        description="a name of lower-case letters, digits, `.`, `_` and `-`, such as `churn`",
    ),
]
Text = Annotated[str, Meta(min_length=1)]
Digest = Annotated[
    str,
    Meta(
        pattern=r"^sha256:[0-9a-f]{64}" + _END, description="a digest: `sha256:` and 64 lower-case hexadecimal digits"
    ),
]
SemVer = Annotated[
    str,
    Meta(
        pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
        r"(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
        r"(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?" + _END,
        max_length=100,
        description="a semantic version (SemVer 2), such as `1.4.0`",
    ),
]
Duration = Annotated[
    str,
    Meta(pattern=r"^[0-9]{1,6}[mhdw]" + _END, description="a duration: a whole number and m, h, d or w, such as `90d`"),
]
PredictionsPath = Annotated[
    str,
    Meta(pattern=r"^[^\n]*\.(parquet|csv)" + _END, description="the path of a table: a `.parquet` or `.csv` file"),
]
Count = Annotated[int, Meta(ge=0)]

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """A duration written `<int>` and `m` (minutes), `h`, `d` or `w`. The text must match `Duration`."""
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def written_duration(length: timedelta) -> str:
    """A duration as it is written, in the largest unit that holds it evenly; less than a minute does not count."""
    minutes = int(length.total_seconds() // 60)
    unit, size = next(
        (unit, size) for unit, size in (("w", 10080), ("d", 1440), ("h", 60), ("m", 1)) if not minutes % size
    )
    return f"{minutes // size}{unit if minutes else 'm'}"


class Version:
    """A semantic version (SemVer 2), ordered by its precedence; build metadata does not count."""

    def __init__(self, text: str) -> None:
        core, _, prerelease = text.partition("+")[0].partition("-")
        self.major, self.minor, self.patch = (int(part) for part in core.split("."))
        self.prerelease = tuple(prerelease.split(".")) if prerelease else ()

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Sorts by precedence: a release is above its prereleases, numbers below words (SemVer 2, section 11)."""
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease)
        return (self.major, self.minor, self.patch, not self.prerelease, parts)


def parse_day(text: str) -> date | None:
    """A date written YYYY-MM-DD; None if it is not one."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
