"""Shadow reports as jobs hand them over."""

from __future__ import annotations

from snitch.formats.shadow import ShadowReport
from snitch.gate import Shadow
from snitch.gating.handed import read_handed

#: A report holds a few histograms.
MAX_BYTES = 1024 * 1024


def read_shadow(path: str) -> Shadow:
    """The shadow report in a file of this machine. What is wrong with its content is for the rule to tell.

    Raises:
        Misuse: there is no such file, or it is no regular `.json` file of at most 1 MiB.
    """
    return Shadow(*read_handed(path, ShadowReport, "--shadow", "shadow report", MAX_BYTES))
