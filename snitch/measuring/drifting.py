"""Data held against a training profile, in one look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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

    `limits` are those of single features, `limit` that of the others.

    Raises:
        Unusable: the file cannot be read.
    """
    texts = [each.name for each in training.features if each.type == "string"]
    stream = Stream(content, name, texts=texts, progress=progress)
    found = counted(stream, training.features)
    return drift_between(
        training,
        found.features,
        found.rows,
        columns=found.columns,
        new_values=found.new,
        limits=limits,
        limit=limit,
    )
