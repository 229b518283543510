"""A training profile, written by `snitch profile`: how each feature is distributed, without a row of the data.

What is told of a feature is bounded, and is of many rows: quantiles, rounded, with the counts between them; values that
at least `NAMED_FROM` rows share. Everything else is counted as `other`. There is no smallest and no largest value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from snitch.escape import for_json
from snitch.formats.scalars import Count, Digest

#: Bins of about as many rows each: deciles, as the customary limits of a population stability index are meant for.
BINS = 10
#: A value is written down only where so many rows have it, and no more than so many values are.
NAMED_FROM, MOST_NAMED = 10, 50
#: Of more values than these none is counted one by one: the column is text.
MOST_VALUES = 100_000
LONGEST_VALUE = 200
#: So many hashes at least tell what a sketch is of, and at most; sixteen hexadecimal digits are the first 64 bits of a
#: SHA-256.
SKETCHED, MOST_SKETCHED = 4096, 65_536
#: How rows are hashed now. Before, a number of 32 bits was another than the same one of 64.
ROW_HASHING = 2

FeatureType = Literal["boolean", "long", "double", "datetime", "string", "binary", "unknown"]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$(?!\n)")]


class Feature(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the values of one column are distributed.

    A `long` is a number without decimals, whatever type the file has it in; a `datetime` is told in seconds since 1970
    (UTC); `unknown` has no value at all. NaN is a missing value.

    Of numbers, `counts[i]` values lie above `edges[i - 1]` and up to `edges[i]`; the first and the last bin are open,
    so that infinities lie in them. Of others, `categories` counts values, and `other` those that are not named.
    """

    name: str
    type: FeatureType
    nulls: Count = 0
    edges: Annotated[tuple[float, ...], Meta(max_length=1000)] = ()
    counts: Annotated[tuple[Count, ...], Meta(max_length=1001)] = ()
    categories: Annotated[dict[str, Count], Meta(max_length=1000)] = {}
    other: Count = 0

    @property
    def is_number(self) -> bool:
        return self.type in ("long", "double", "datetime")

    @property
    def rows(self) -> int:
        """All rows that were counted, the missing values among them."""
        return self.nulls + sum(self.counts) + sum(self.categories.values()) + self.other


class Sketch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The smallest hashes of a set of values: a sample of it that does not depend on the order of the rows.

    With `complete` all hashes are here. Else whether a value was in the set is known where its hash is no greater than
    the last of these, and of no other. `rows` have these hashes, and `repeated` of the rows share theirs with another.
    """

    hashes: Annotated[tuple[Hash, ...], Meta(max_length=MOST_SKETCHED)]
    complete: bool
    rows: Count
    repeated: Count
    #: What each row was hashed over, in this order; of ids the column.
    columns: tuple[str, ...]
    #: Hashes of one way are held against no other's.
    hashing: Annotated[int, Meta(ge=1)] = 1


class ProfiledData(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file that was profiled: its digest and its rows."""

    digest: Digest
    rows: Count


class Profile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`training-profile.json`: what a model was trained on, to hold other data against."""

    schema_version: Literal[1] = 1
    data: ProfiledData
    features: Annotated[tuple[Feature, ...], Meta(max_length=10_000)]
    ids: Sketch | None = None
    row_hashes: Sketch | None = None

    def feature(self, name: str) -> Feature | None:
        return next((each for each in self.features if each.name == name), None)


def profile_faults(profile: Profile) -> Iterator[tuple[str, str]]:
    """What cannot be, by JSON pointer: bins that do not follow one another, counts that are not of the rows."""
    names: set[str] = set()
    for index, each in enumerate(profile.features):
        place = f"/features/{index}"
        if each.name in names:
            yield f"{place}/name", f"the profile has `{each.name}` twice"
        names.add(each.name)
        if not all(map(isfinite, each.edges)) or any(one >= other for one, other in pairwise(each.edges)):
            yield f"{place}/edges", f"the edges of `{each.name}` do not rise from one finite number to the next"
        elif len(each.counts) != (len(each.edges) + 1 if each.edges else 0):
            yield f"{place}/counts", f"`{each.name}` needs one count more than edges"
        elif each.rows != profile.data.rows:
            yield place, f"`{each.name}` counts {each.rows:,} rows; the data has {profile.data.rows:,}"
    for key, sketch in (("ids", profile.ids), ("row_hashes", profile.row_hashes)):
        if sketch is not None:
            yield from ((f"/{key}{place}", said) for place, said in _sketch_faults(sketch, profile.data.rows))


def _sketch_faults(sketch: Sketch, rows: int) -> Iterator[tuple[str, str]]:
    """What no sketch of so many rows can be: one that is cut short finds nothing."""
    if any(one >= other for one, other in pairwise(sketch.hashes)):
        yield "/hashes", "the hashes do not rise"
    elif not len(sketch.hashes) <= sketch.rows <= rows or sketch.repeated > sketch.rows:
        yield "/rows", f"{len(sketch.hashes):,} hashes are not of {sketch.rows:,} rows, of {rows:,} in all"
    elif sketch.complete and sketch.rows != rows:
        yield "/complete", f"the sketch is of {sketch.rows:,} rows, and so not of all {rows:,}"
    elif not sketch.complete and len(sketch.hashes) < SKETCHED:
        yield "/hashes", f"{len(sketch.hashes):,} hashes are fewer than the {SKETCHED:,} that a sketch has at least"


def profile_document(profile: Profile) -> dict[str, Any]:
    """The profile as plain data; what says nothing is left out."""
    features = [
        {key: value for key, value in msgspec.to_builtins(each).items() if key in _ALWAYS or value}
        for each in profile.features
    ]
    document = {**msgspec.to_builtins(profile), "features": features}
    return {key: value for key, value in document.items() if value is not None}


def profile_text(profile: Profile) -> str:
    """The profile as JSON, a line a feature: what has not changed is no difference to Git."""
    document = profile_document(profile)
    features = ",\n".join(f"  {json.dumps(each)}" for each in document["features"])
    lines = [
        f'"features": [\n{features}\n ]' if key == "features" else f"{json.dumps(key)}: {json.dumps(value)}"
        for key, value in document.items()
    ]
    return for_json("{\n " + ",\n ".join(lines) + "\n}\n")


_ALWAYS = ("name", "type", "nulls")
