"""Rules about what people read: the card, the changelog, and words left over from a template."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from snitch.change import Change
from snitch.documents import Span, join_pointer
from snitch.documents.changelog import CHANGELOG, entries
from snitch.documents.decoding import MAX_PROBLEMS
from snitch.documents.markdown import Section, sections, without_code
from snitch.finding import Finding
from snitch.model import Model
from snitch.rule import Rule
from snitch.source import File, read_text

CARD = "README.md"
#: No person writes a card of this size.
_MAX_BYTES = 1024 * 1024

#: Words that stand for a value still to come. `todo` is a word of Spanish and Portuguese: in prose only capitals count.
_SHOUTED = ("TODO", "TBD", "FIXME", "XXX")
#: Texts that stand for a value still to come in letters of any case. Templates write the last one.
PLACEHOLDERS = ("changeme", "lorem ipsum", "replace this text")

_SOFT = "|".join(PLACEHOLDERS).replace(" ", r"\s+")
_IN_PROSE = re.compile(rf"\b(?:{'|'.join(_SHOUTED)})\b|(?i:\b(?:{_SOFT})\b|<your\b[^<>\n]{{0,80}}>)")
#: All of a value, whatever stands around it; or `<description>`, which is neither an address nor a link.
_WHOLE_VALUE = re.compile(
    r"\W*(?:todo|tbd|fixme|xxx|placeholder|changeme|change[-_ ]me)\W*|\s*<[^<>@:/\n]{1,80}>\s*", re.IGNORECASE
)
#: All of a column's name: a column may well be called `todo`, and data has the names that it has.
_WHOLE_NAME = re.compile(rf"{'|'.join(_SHOUTED)}|(?i:change[-_ ]?me)|<[^<>]{{1,80}}>")
_COLUMN_NAME = re.compile(r"/signature/(?:inputs|outputs)/\d+/name")
#: One of the words, or several in a row, as a sentence about them has it: `TODO and FIXME`.
_NAMED = re.compile(
    rf"(?:{'|'.join(_SHOUTED)})\b(?:(?: ?[,/&] ?| and | or )(?:{'|'.join(_SHOUTED)})\b)*(?P<after>[-/ ]?)"
)
#: Of these people write: remarks in code and tickets have them. XXX and TBD stand for a value.
_REMARKS = ("TODO", "FIXME")
#: A word in lower case, or a number, that is none of those which go on after a value.
_NOUN = re.compile(
    r"(?!(?:add|after|and|as|at|be|before|but|by|describe|fill|for|from|if|in|is|of|on|or|per|say|see|so|than|that|the"
    r"|then|to|until|was|when|which|will|with|write)\b)[^\W\d_A-Z]|\d"
)
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’"}
#: A text without any of these, in lower case, holds no placeholder: most texts need not be searched.
_HINTS = ("todo", "tbd", "fixme", "xxx", "changeme", "lorem", "replace", "<your")
_HINTS_OF_VALUES = (*_HINTS, "change", "placeholder", "<", "\\")
#: Places whose placeholder another rule tells of: no license, no such file. Values of an enum are data.
_TOLD_ELSEWHERE = re.compile(
    r"/(?:license|dependencies|cases|weights/\d+|training/(?:code|params|data/\d+/profile)"
    r"|signature/(?:inputs|outputs)/\d+/enum/.*)",
    re.DOTALL,
)

_WITHOUT_EMPHASIS = str.maketrans("", "", "*_`")
#: What is longer is not remembered.
_SHORT = 100
_NUMBER = re.compile(r"^\s*\d+(?:\.\d+)*[.)]?\s+")


class PlaceholderValue(Rule, code="MET003"):
    """A text still says TODO, TBD, FIXME, XXX, changeme, lorem ipsum, `<your …>` or what a template wrote.

    It was to be replaced and was not, so the model is deployed with nobody knowing what should stand there. The
    manifest's values, the card and the changelog are read; code in them is not. In prose only capitals count, so that
    a Spanish "todo" is none; a value that consists of nothing else counts in any letters. A sentence may speak of the
    words: "counts TODO items in tickets" is none, nor is a word in quotes, nor a column called `todo`. A word that
    begins or ends a sentence or a line, or that a colon follows, always is one.

    Mend it: write what should stand there, or remove it.

    Example: `description: "TODO: say what it predicts"`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        model = change.candidate
        for name in (CARD, CHANGELOG):
            text = model.once(_text, name)
            if text is not None and _holds_any(text, _HINTS):
                yield from islice(_in_prose(model, name, text), MAX_PROBLEMS)
        # Asked for first, because a manifest that is not valid stops here, told by its own rule.
        if model.manifest and _holds_any(model.document.text, _HINTS_OF_VALUES):
            yield from islice(_in_values(model), MAX_PROBLEMS)


class MissingChangelogEntry(Rule, code="MET005"):
    """The changelog has no entry for the version, or an empty one.

    The changelog is where a reviewer reads why this version exists, and where an incident is traced to what changed.
    `CHANGELOG.md` follows Keep a Changelog: one section a version, `## [1.4.0] - 2026-11-02` or `## 1.4.0`, with
    something said in it.

    Mend it: add the section, and say in a line or two what changed for those who use the model.

    Example: `version: 1.4.0`, and the newest section of CHANGELOG.md is `## [1.3.2] - 2026-05-04`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        model = change.candidate
        version = model.manifest.version
        text = model.once(_text, CHANGELOG)
        if text is None:
            message = f"there is no {CHANGELOG} to say what {version} changes"
            yield model.finding("/version", message, about=version, help=_write_entry(model, version))
            return
        found = entries(text)
        own = [each.section for each in found if each.version == version]
        if any(not section.is_empty for section in own):
            return
        if own:
            message, line = f"the entry of {version} is empty", own[0].line
        else:
            newest = f"; the newest is {found[0].version}" if found else ""
            message, line = f"there is no entry for {version}{newest}", found[0].section.line if found else 1
        yield _at_line(model, CHANGELOG, line, message, about=version, help=_write_entry(model, version))


class IncompleteCard(Rule, code="MET006"):
    """The card lacks a section that every model's card must have, or the section is empty.

    Who may use the model and for what, where it fails, what it was trained on: if the card does not say, the next user
    guesses. A heading of any level counts, in any case of letters; a section of which nothing can be read, such as one
    with a comment alone, is empty.

    Mend it: write the section in the model's README.md.

    Options:
        sections: the titles of the sections that a card must have; by default Description, Intended use, Limitations,
            Training data, Evaluation, Ethical considerations.

    Example: README.md has the heading `## Limitations`, and the next heading follows at once.
    """

    loosened_by = {"sections": "less"}
    sections: tuple[str, ...] = (
        "Description",
        "Intended use",
        "Limitations",
        "Training data",
        "Evaluation",
        "Ethical considerations",
    )

    def __post_init__(self) -> None:
        if not all(_plain(title) for title in self.sections):
            raise ValueError("`sections` holds a title without a word in it")

    def check(self, change: Change) -> Iterator[Finding]:
        model = change.candidate
        text = model.once(_text, CARD)
        if text is None:
            how = f"with the sections {', '.join(self.sections)}" if self.sections else "that says what the model is"
            path = posixpath.join(model.folder, CARD)
            yield model.finding("", f"the model has no card: {path} is not there", about=CARD, help=f"write it {how}")
            return
        found: dict[str, list[Section]] = {}
        for section in sections(text):
            found.setdefault(_plain(section.title), []).append(section)
        for plain, title in _wanted(self.sections).items():
            own = found.get(plain, [])
            if any(not section.is_empty for section in own):
                continue
            message = f"the section {title} is {'empty' if own else 'missing'}"
            line = own[0].line if own else 1
            yield _at_line(model, CARD, line, message, about=plain, help=f"write under a heading `{title}`")


@lru_cache(maxsize=8)
def _wanted(titles: tuple[str, ...]) -> dict[str, str]:
    """Titles by how they are compared, in order; of two that compare equal the first."""
    wanted = {_plain(title): title for title in reversed(titles)}
    return dict(reversed(wanted.items()))


def _plain(title: str) -> str:
    """A title as it is compared: without emphasis, number and colon, in one case of letters."""
    return _bare_of_short(title) if len(title) <= _SHORT else _bare(title)


def _bare(title: str) -> str:
    bare = _NUMBER.sub("", title.translate(_WITHOUT_EMPHASIS))
    return " ".join(bare.rstrip(": ").split()).casefold()


#: The cards of one repository have much the same titles.
_bare_of_short = lru_cache(maxsize=256)(_bare)


def _text(model: Model, name: str) -> str | None:
    """A text file of the model's folder; None where there is none.

    Raises:
        UnreadableFile: its content cannot be had.
        Undecidable: it is larger than anybody writes.
    """
    try:
        return read_text(model.repository, posixpath.join(model.folder, name), _MAX_BYTES)
    except KeyError:
        return None


def _at_line(model: Model, name: str, line: int, message: str, *, about: str, help: str, column: int = 1) -> Finding:
    file = File(model.repository, posixpath.join(model.folder, name))
    return file.finding("", message, span=Span(line, column), role=name, about=about, help=help)


def _write_entry(model: Model, version: str) -> str:
    path = posixpath.join(model.folder, CHANGELOG)
    return f"add a section `## [{version}] - YYYY-MM-DD` to {path}, and say in it what changed"


def _holds_any(text: str, hints: tuple[str, ...]) -> bool:
    lower = text.lower()
    return any(hint in lower for hint in hints)


def _in_prose(model: Model, name: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(without_code(text).split("\n"), start=1):
        match = _left_over(line)
        if match is not None:
            found = _at_line(
                model,
                name,
                number,
                f"the placeholder `{match[0]}` still stands here",
                column=match.start() + 1,
                about=line.strip()[:200],
                help="write what should stand here, or remove it",
            )
            yield found


def _in_values(model: Model) -> Iterator[Finding]:
    for pointer, text in _strings(model.document.data, ""):
        is_name = _COLUMN_NAME.fullmatch(pointer) is not None
        match = _WHOLE_NAME.fullmatch(text) if is_name else _whole_value(pointer, text) or _left_over(text)
        if match is not None and not _TOLD_ELSEWHERE.fullmatch(pointer):
            yield model.finding(
                pointer,
                f"the placeholder `{match[0].strip()[:80]}` still stands here",
                about=f"{re.sub(r'/[0-9]+(?=/|$)', '', pointer)} {text[:200]}",
                help="write what should stand here, or remove it",
            )


def _whole_value(pointer: str, text: str) -> re.Match[str] | None:
    """All of a value; the organisation's own may well be `<pad>`."""
    match = _WHOLE_VALUE.fullmatch(text)
    return None if match and "<" in text and pointer.startswith("/metadata/") else match


def _left_over(text: str) -> re.Match[str] | None:
    """The first placeholder in a text that is not one which a sentence speaks of."""
    at = 0
    while match := _IN_PROSE.search(text, at):
        at = _end_of_mention(text, match)
        if not at:
            return match
    return None


def _end_of_mention(text: str, match: re.Match[str]) -> int:
    """Where the words end that a sentence speaks of; 0 where they stand for something still to come.

    Spoken of is what stands in quotes; and a kind of remark between two words, of which the second may be its noun.
    """
    named = _NAMED.match(text, match.start())
    if named is None:
        return 0
    end, before = named.start("after"), text[max(match.start() - 3, 0) : match.start()]
    closing = _QUOTES.get(before[-1:])
    if closing is not None:
        return end if _ends_in_word(before[:-1]) and text[end : end + 1] == closing else 0
    is_remark = match[0] in _REMARKS and _ends_in_word(before)
    return end if is_remark and _NOUN.match(text, named.end()) else 0


def _ends_in_word(before: str) -> bool:
    """Whether a word, and a blank or hyphen after it, come last."""
    return before[-1:] in (" ", "-") and before[-2:-1].isalnum()


def _strings(data: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Every string value, with its JSON pointer."""
    if isinstance(data, str):
        yield pointer, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, pointer + join_pointer(key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _strings(value, f"{pointer}/{index}")
