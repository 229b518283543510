"""Data held against a training profile, in one look at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from snitch.drift import Drift, DriftLimit, drift_between
from snitch.formats.profile import Profile
from snitch.measuring.profiling import counted
from snitch.measuring.streams import Stream
from snitch.measuring.tables import Content

if TYPE_CHECKING:
    from snitch.measuring.streams import Progress


def drift_in(
    content: Content,
    name: str,
    training: Profile,
    *,
    limit: DriftLimit,
    limits: Mapping[str, DriftLimit],
    progress: Progress | None = None,
) -> Drift:
    """How far the data in a file has moved; of a CSV, what the profile has as text stays as written.

    Raises:
        Unusable: the file cannot be read.
    """
    texts = [each.name for each in training.features if each.type == "string"]
    stream = Stream(content, name, texts=texts)
    found = counted(stream, training.features, progress=progress)
    return drift_between(
        training,
        found.features,
        found.rows,
        columns=found.columns,
        new_values=found.new,
        limits=limits,
        limit=limit,
    )


def only(training: Profile, names: Collection[str]) -> Profile:
    """The profile with these features alone."""
    return replace(training, features=tuple(each for each in training.features if each.name in names))
