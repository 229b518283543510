"""What narrows or widens a run, as the caller asked for it."""

from __future__ import annotations

from collections.abc import Container
from datetime import date

from msgspec import Struct

from snitch.checking.commits import Misuse
from snitch.rulebook import Rulebook, rulebook

#: The codes of what could not be judged; that is always told.
_ALWAYS = "SNT"


class Options(Struct, frozen=True, kw_only=True):
    """What narrows or widens a run."""

    paths: tuple[str, ...] = ()
    judge_all: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    today: date


def chosen_codes(options: Options) -> frozenset[str] | None:
    """The codes that --select and --ignore leave; None where neither was given.

    Raises:
        Misuse: a rule that does not exist, one that can't be ignored, or none that is left to judge by.
    """
    if not options.select and not options.ignore:
        return None
    book = rulebook()
    for word in options.ignore:
        if all(code.startswith(_ALWAYS) for code in _codes(book, (word,))):
            raise Misuse(f"{word} can't be ignored: what could not be judged is always told")
    left = (_codes(book, options.select) or set(book.rules)) - _codes(book, options.ignore)
    always = {code for code in book.rules if code.startswith(_ALWAYS)}
    if left <= always:
        given = " and ".join(f"--{name}" for name in ("select", "ignore") if getattr(options, name))
        raise Misuse(f"nothing is left to judge by after {given}; `snitch rules` lists the rules")
    return frozenset(left)


def is_to_run(code: str, chosen: Container[str] | None) -> bool:
    """Whether a rule runs where these were chosen (None: all)."""
    return chosen is None or code in chosen or code.startswith(_ALWAYS)


def _codes(book: Rulebook, words: tuple[str, ...]) -> set[str]:
    found = set()
    for word in words:
        family = book.family(word)
        if not family:
            raise Misuse(book.unknown(word))
        found.update(family)
    return found
