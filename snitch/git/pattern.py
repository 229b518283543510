"""What git is told to search for. Imports nothing: the hook searches too."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; see `snitch.git.command`
if TYPE_CHECKING:
    from collections.abc import Sequence

_SPECIAL = frozenset(".*+?()[]{}|^$\\")


def one_pattern(patterns: Sequence[str], *, regex: bool = False) -> tuple[str, str]:
    """The option and the pattern that find each line in which one of these is: fixed strings, or extended regular
    expressions.

    Of several patterns, git looks for each from every line that another is found in, down to the file's end where it
    is in none: a large file with many such lines would take hours.
    """
    if regex:
        return "--extended-regexp", "|".join(patterns)
    if len(patterns) == 1:
        return "--fixed-strings", patterns[0]
    return "--extended-regexp", "|".join(map(_literally, patterns))


def _literally(text: str) -> str:
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)
