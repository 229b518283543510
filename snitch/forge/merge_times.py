"""When commits came to their branches, by the forge's own clock."""

from __future__ import annotations

from datetime import datetime

from snitch.forge.client import Forge
from snitch.forge.errors import ForgeError

#: Each costs a request, and what came to a branch before these has soaked for long.
MOST_ASKED = 10


class MergeTimes:
    """Tells when a request became a commit of its branch, in UTC, with a budget that begins when it is first asked.

    Whoever asks for a merge decides how long the gate fetches before, and must not use up what their clock is held
    against. None where none did, or where the forge does not tell: then the committer's clock counts alone.
    """

    def __init__(self, forge: Forge) -> None:
        self._given = forge
        self._forge: Forge | None = None
        self._told: dict[str, datetime | None] = {}

    def __call__(self, commit: str) -> datetime | None:
        if commit not in self._told:
            if len(self._told) >= MOST_ASKED:
                return None
            self._forge = self._forge or self._given.renewed()
            try:
                self._told[commit] = self._forge.merged_at(commit)
            except ForgeError:
                self._told[commit] = None
        return self._told[commit]
