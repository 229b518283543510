"""From a scan to what a person is told."""

from __future__ import annotations

from snitch.pickles.allowlist import allowed
from snitch.pickles.scan import Scan

#: More imports are counted, not listed.
MAX_LISTED = 10
MAX_NAME = 120


def reasons(scan: Scan, trusted: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    """Why loading what was scanned could run code; none if it is harmless. `trusted` is allowed too."""
    foreign = [found for found in scan.globals if not allowed(*found.pair) and found.pair not in trusted]
    told = [f"it imports {_printable(str(found))}, which no honest model needs" for found in foreign[:MAX_LISTED]]
    if len(foreign) > MAX_LISTED:
        told.append(f"it imports {len(foreign) - MAX_LISTED} more such names")
    return told + [_printable(problem, longest=400) for problem in scan.problems]


def _printable(text: str, longest: int = MAX_NAME) -> str:
    plain = ascii(text)[1:-1]
    return plain if len(plain) <= longest else f"{plain[:longest]}…"
