"""The one sink: text that others wrote, made harmless for where it is shown."""

from __future__ import annotations

import re

TYPE_CHECKING = False  # as typing has it, whose import would cost the hook
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The patterns stay text until they are used: most of a hook's runs have nothing to escape.

#: Characters that Python calls printable and that no font shows: fillers, joiners, variation selectors.
_HIDDEN = "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
_LONGEST_URL = 1000
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
#: What the runners of GitHub and of Azure take for a command in what a step prints: `::error::` at the start of a line,
#: where any word after a blank may come to stand, and `##[error]` and `##vso[…]` wherever they stand.
_COMMAND = r"(?i)(?<![^ ]):(?=:)|(?<=#)#(?=[a-z]*\[)"
_PLAIN = {"…": "...", "−": "-", "–": "-", "—": "-", "·": "-", "’": "'", "‘": "'", "“": '"', "”": '"'}

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}

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
#: Nothing but what a URL may hold, and none of what would end one in Markdown or in HTML.
_URL = r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$*+,;=:@/%-]*)?([?#][A-Za-z0-9._~!$*+,;=:@/?%&#-]*)?"
_LINE_START = r"[ /]|[-+=](?=[-+= ]|$)|[0-9]+[.)](?= |$)"


def for_terminal(text: str, *, unicode: bool = True) -> str:
    """The text on one line; what could move the cursor, hide or reorder is made visible: `\\x1b`, `\\u202e`.

    A byte that is not UTF-8 is shown as `\\xNN`. The runner of a CI takes no part of it for a command: `::error::` is
    shown as `\\x3a:error::`. Without `unicode` the result is ASCII.
    """
    if text.isprintable() and (text.isascii() or (unicode and not re.search(_HIDDEN, text))) and not commands(text):
        return text
    return "".join(characters(text, unicode=unicode))


def characters(text: str, *, unicode: bool = True) -> list[str]:
    """Each character of a line as `for_terminal` shows it."""
    shown = [visible(character, unicode=unicode) for character in text]
    for at in commands(text):
        shown[at] = f"\\x{ord(text[at]):02x}"
    return shown


def commands(text: str) -> list[int]:
    """Where characters stand without which no runner reads a command in the line."""
    return [match.start() for match in re.finditer(_COMMAND, text)] if "::" in text or "##" in text else []


def visible(character: str, *, unicode: bool = True) -> str:
    """One character as `for_terminal` shows it where it is no part of a command."""
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


def workflow_command(
    name: str, properties: Mapping[str, str | int], lines: Iterable[str], *, unicode: bool = True
) -> str:
    """A command to GitHub's runner, on one line: `::error file=a.yaml,line=6::what is wrong`.

    The `lines` make its message. What others wrote ends neither the command nor a property, and starts no command of
    its own. A property that is empty is left out.
    """
    told = [f"{key}={_property(str(value), unicode)}" for key, value in properties.items() if value != ""]
    head = f"{name} {','.join(told)}" if told else name
    return f"::{head}::" + "%0A".join(for_terminal(line, unicode=unicode).replace("%", "%25") for line in lines)


def _property(text: str, unicode: bool) -> str:
    shown = for_terminal(text, unicode=unicode)
    return shown.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def for_xml(text: str) -> str:
    """The text as one line of XML's character data or of an attribute, in ASCII.

    XML has no way to write most of the characters that `for_terminal` makes visible.
    """
    return shown_for_xml(for_terminal(text))


def shown_for_xml(text: str) -> str:
    """A text that `for_terminal` has made harmless already, for XML."""
    for character, entity in _ENTITIES.items():
        text = text.replace(character, entity)
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def for_json(text: str) -> str:
    """A JSON document that says the same, and in which no runner of a CI reads a command."""
    return re.sub(_COMMAND, lambda match: f"\\u{ord(match[0]):04x}", text)


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


def for_html(text: str) -> str:
    """The text as HTML's, for the content of an element or an attribute's value in quotes."""
    import html

    return html.escape(for_terminal(text), quote=True)


def https_url(url: str | None) -> str:
    """The URL, if it is a plain one of HTTPS that ends no link it stands in; else nothing."""
    return url if url is not None and len(url) <= _LONGEST_URL and re.fullmatch(_URL, url) else ""


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
