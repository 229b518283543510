"""Names of files that not everybody can read."""

from __future__ import annotations

ODD_NAMES = (
    "line\nbreak",
    "tab\tand space",
    'quo"te',
    "back\\slash",
    "caf\udce9",
    "ünïcode",
    ":(top)magic",
    "-dash",
    "*",
)
