"""Evidence as jobs hand it over: evaluations that were made again."""

from __future__ import annotations

from snitch.formats.evidence import Evidence
from snitch.gate import EvidenceFile
from snitch.gating.handed import read_handed

#: Every metric of thousands of slices.
MAX_BYTES = 4 * 1024 * 1024


def read_evidence(path: str) -> EvidenceFile:
    """The evidence in a file of this machine. What is wrong with its content is for the rule to tell.

    Raises:
        Misuse: there is no such file, or it is no regular `.json` file of at most 4 MiB.
    """
    return EvidenceFile(*read_handed(path, Evidence, "--evidence", "evidence", MAX_BYTES))
