"""When commits came to their branches, by the forge's own clock."""

from __future__ import annotations

from datetime import datetime

from snitch.forge.client import Forge
from snitch.forge.errors import ForgeError

#: Each costs a request, and what came to a branch before these has soaked for long.
MOST_ASKED = 10


class MergeTimes:
    """Tells when a request became a commit of its branch, in UTC.

    None where none did, or where the forge does not tell: then the committer's clock counts alone.
    """

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._told: dict[str, datetime | None] = {}

    def __call__(self, commit: str) -> datetime | None:
        if commit not in self._told:
            if len(self._told) >= MOST_ASKED:
                return None
            try:
                self._told[commit] = self._forge.merged_at(commit)
            except ForgeError:
                self._told[commit] = None
        return self._told[commit]
