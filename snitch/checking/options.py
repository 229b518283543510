"""What narrows or widens a run, as the caller asked for it."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from snitch.checking.commits import Misuse
from snitch.rulebook import rulebook


class Options(Struct, frozen=True, kw_only=True):
    """What narrows or widens a run."""

    paths: tuple[str, ...] = ()
    judge_all: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    today: date


def chosen_codes(options: Options) -> frozenset[str] | None:
    """The codes that --select and --ignore leave; what could not be judged is always told.

    Raises:
        Misuse: a rule that does not exist.
    """
    book = rulebook()

    def codes(words: tuple[str, ...]) -> set[str]:
        found = set()
        for word in words:
            family = book.family(word)
            if not family:
                from snitch.documents.decoding import suggest

                raise Misuse(f"there is no rule `{word}`; {suggest(word, book.words) or '`snitch rules` lists them'}")
            found.update(family)
        return found

    if not options.select and not options.ignore:
        return None
    always = {code for code in book.rules if code.startswith("SNT")}
    return frozenset((codes(options.select) or set(book.rules)) - codes(options.ignore) | always)
