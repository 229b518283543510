"""What the HTML report is made of: texts of others, cut and escaped; folds; tables that scroll within themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.escape import for_html
from snitch.report.look import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNS = {"passed": "✓", "pass": "✓", "blocked": "✗", "fail": "✗", "error": "✗", "warning": "!", "waived": "–"}
_WORDS = {"green": "passed pass", "red": "blocked fail error", "amber": "warning", "grey": "waived"}
_TONES = {word: colour for colour, words in _WORDS.items() for word in words.split()}


def tone(word: str) -> str:
    """The class of a verdict's, an outcome's or a severity's colour."""
    return _TONES.get(word, "violet")


def sign(word: str) -> str:
    """The word with its sign, so that no colour is needed to tell it apart."""
    return f'<span class="tag {tone(word)}">{_SIGNS.get(word, "?")} {text(word)}</span>'


def cut(words: str, longest: int = LONGEST) -> str:
    return words if len(words) <= longest else f"{words[:longest]}…"


def text(words: str) -> str:
    """A text of somebody else's."""
    return for_html(cut(words))


def code(words: str) -> str:
    """A name, a path or a version."""
    return f"<code>{text(words)}</code>"


def prose(words: str) -> str:
    """A text in which what stands between two backticks is code."""
    parts = cut(words).split("`")
    if len(parts) % 2 == 0:
        last = parts.pop()
        parts[-1] += "`" + last
    told = [f"<code>{for_html(part)}</code>" if at % 2 else for_html(part) for at, part in enumerate(parts)]
    return f'<span class="isolated">{"".join(told)}</span>'


def fold(title: str, content: str) -> str:
    """Content that opens on request; the title is HTML."""
    return f"<details><summary>{title}</summary>\n{content}\n</details>"


def table(label: str, header: Iterable[str], rows: Iterable[str]) -> str:
    """A table that scrolls within itself, by keyboard too; header cells and rows are HTML."""
    head = "".join(header)
    body = "\n".join(rows)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{text(label)}"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def columns(names: Iterable[str], numbers: Iterable[str] = ()) -> list[str]:
    """The cells of a table's header; those of `numbers` stand to the right, as the numbers beneath them."""
    right, classes = set(numbers), ("", ' class="number"')
    return [f'<th scope="col"{classes[name in right]}>{name}</th>' for name in names]
