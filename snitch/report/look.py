"""How a report for a terminal looks: its width, its colours, its characters."""

from __future__ import annotations

from msgspec import Struct

from snitch.escape import characters, for_terminal

#: A text that somebody else chose is cut here, so that one finding never scrolls the others away.
LONGEST = 1000

_STYLES = {
    "blocked": "1;31",
    "error": "1;31",
    "warning": "1;33",
    "inconclusive": "1;35",
    "waived": "2",
    "passed": "1;32",
    "frame": "1;34",
    "help": "1;36",
    "strong": "1",
    "faint": "2",
}


class Look(Struct, frozen=True):
    """`width` in columns, None where lines may be any length; without `unicode` the report is ASCII.

    `full_report` is where all of it can be seen, for formats that leave things out.
    """

    width: int | None = None
    color: bool = False
    verbose: bool = False
    unicode: bool = True
    full_report: str | None = None

    @property
    def ellipsis(self) -> str:
        return "…" if self.unicode else "..."

    def show(self, text: str) -> str:
        """A text that others wrote, on one line, harmless and not endless."""
        shown = for_terminal(text[: LONGEST + 1], unicode=self.unicode)
        return shown if len(text) <= LONGEST else shown[:LONGEST] + self.ellipsis

    def cells(self, text: str) -> list[tuple[str, int]]:
        """Each character as it is shown, and the columns it takes there. A tab is four spaces."""
        shown = characters(text, unicode=self.unicode)
        return [(each, width_of(each)) for each in ("    " if each == "\\t" else each for each in shown)]

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text else text

    def wrap(self, text: str, *, used: int, hang: int) -> list[str]:
        """The text's lines, of which the first has `used` columns before it and the others `hang`.

        Never breaks within backticks: a command stays in one piece, to be copied.
        """
        if self.width is None or used + width_of(text) <= self.width:
            return [text]
        lines, line, left = [], "", self.width - used
        for word in _words(text):
            if line and width_of(line) + 1 + width_of(word) > left:
                lines.append(line)
                line, left = word, self.width - hang
            else:
                line = f"{line} {word}" if line else word
        return [*lines, line]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in text.split(" "):
        if words and words[-1].count("`") % 2:
            words[-1] += " " + word
        else:
            words.append(word)
    return words


def width_of(text: str) -> int:
    """The columns that a harmless text takes in a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(character) in ("Mn", "Me") else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )
