"""The one sink: text that others wrote, made harmless for where it is shown."""

from __future__ import annotations

import re

# The patterns stay text until they are used: most of a hook's runs have nothing to escape.

#: Characters that Python calls printable and that no font shows: fillers, joiners, variation selectors.
_HIDDEN = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = {"…": "...", "−": "-", "–": "-", "—": "-", "·": "-", "’": "'", "‘": "'", "“": '"', "”": '"'}

#: Zero width: parts what a forge would join into a mention, a reference or a link. An entity of its own would not do,
#: since forges look for these in the text that entities have become.
_PART = "&#8203;"
_MARKUP = r"""(?xi)
      (?P<reference> [@\#$] )                                   # mentions, issues, formulas
    | (?P<shortcut> [:!%^] (?=[\w"+/-]) )                       # URLs, emoji, the references of GitLab
    | (?P<word> \bwww(?=\.) | \bGH(?=-[0-9]) )
    | (?P<inside> (?<=[A-Za-z0-9])_(?=[A-Za-z0-9]) )            # roc_auc: never emphasis
    | (?P<markup> [\\`*_{}\[\]<>|~&"] )
"""
_LINE_START = r"[ /]|[-+=](?=[-+= ]|$)|[0-9]+[.)](?= |$)"


def for_terminal(text: str, *, unicode: bool = True) -> str:
    """The text on one line; what could move the cursor, hide or reorder is made visible: `\\x1b`, `\\u202e`.

    A byte that is not UTF-8 is shown as `\\xNN`. Without `unicode` the result is ASCII.
    """
    if text.isprintable() and (text.isascii() or (unicode and not re.search(_HIDDEN, text))):
        return text
    return "".join([visible(character, unicode=unicode) for character in text])


def visible(character: str, *, unicode: bool = True) -> str:
    """One character as `for_terminal` shows it."""
    if character.isprintable() and (character.isascii() or (unicode and not re.match(_HIDDEN, character))):
        return character
    if character in _NAMED:
        return _NAMED[character]
    if character in _PLAIN and not unicode:
        return _PLAIN[character]
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        number -= 0xDC00
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def for_markdown(text: str) -> str:
    """The text as literal prose of one line, for Markdown and for HTML inside of it.

    It opens no tag, link, image, code or table cell, mentions nobody, refers to nothing, and is no forge's command.
    """
    return _guarded(_literal(for_terminal(text)))


def prose_for_markdown(text: str) -> str:
    """As `for_markdown`, but what stands between two backticks becomes code. Not for HTML."""
    parts = for_terminal(text).split("`")
    if len(parts) % 2 == 0:
        last = parts.pop()
        parts[-1] += "`" + last
    return _guarded("".join([_code(part) if at % 2 else _literal(part) for at, part in enumerate(parts)]))


def code_for_markdown(text: str) -> str:
    """The text as a code span, fit for a table's cell; as literal prose where no code span can hold it there."""
    return _guarded(_code(for_terminal(text)))


def _code(text: str) -> str:
    if not text.strip():
        return _literal(f"`{text}`")
    return _literal(text) if "`" in text or "|" in text else f"`{text}`"


def _literal(text: str) -> str:
    return re.sub(_MARKUP, _harmless, text)


def _harmless(match: re.Match[str]) -> str:
    text = match[0]
    if match.lastgroup == "inside":
        return text
    if match.lastgroup == "markup":
        return f"&#{ord(text)};" + (_PART if text in "~&" else "")
    return text + _PART


def _guarded(text: str) -> str:
    """Not to be taken for a list, an indented block, a heading's underline or a forge's `/command`."""
    match = re.match(_LINE_START, text)
    if match is None:
        return text
    end = match.end()
    return f"{text[: end - 1]}&#{ord(text[end - 1])};{text[end:]}"
