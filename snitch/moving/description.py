"""What a request that moves a model says of it, in Markdown. Names and numbers in it are others' words: all escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snitch.escape import code_for_markdown, for_markdown
from snitch.finding import Broken, Undecidable
from snitch.git.building import Edits
from snitch.model import Model
from snitch.report.wording import counted, number

#: A line of the table: what is measured, its value now, as it will be, and the difference.
Row = tuple[str, str, str, str]

#: Of metrics, files and notes each, more are counted instead of shown; fewer are, where these would be too long.
_MOST = (40, 10, 0)
#: Characters: of a name, of a sentence, and of all of it, of which GitHub takes 65,536.
_LONGEST_NAME, _LONGEST_SENTENCE, _LONGEST = 200, 2_000, 60_000


def describe(
    model: Model,
    present: Model | None,
    paragraphs: Sequence[str],
    environment: str,
    edits: Edits,
    notes: Sequence[str],
    *,
    version: str | None = None,
) -> str:
    """The body of a request: some paragraphs, and `model` beside `present`, which is there now.

    The model will be called `version`, if not as its manifest says.
    """
    rows = [("version", _name(present.version) if present else "-", _name(version or model.version), "")]
    rows += _metrics(model, present)
    for most in _MOST:
        blocks = [
            *map(_sentence, paragraphs),
            _table(rows, environment, most),
            *([f"**Mind**\n\n{_items([_sentence(note) for note in notes], most, 'note')}"] if notes else []),
            _files(edits, most),
        ]
        text = "\n\n".join(blocks) + "\n"
        if len(text) <= _LONGEST:
            break
    return text


def _table(rows: Sequence[Row], environment: str, most: int) -> str:
    """Versions, and the metrics that both were measured by on the same benchmark."""
    shown = [("", f"{_name(environment)} now", "this", "delta"), ("---",) * 4, *rows[: most + 1]]
    more = f"\n\nand {counted(len(rows) - most - 1, 'more metric')}" if len(rows) > most + 1 else ""
    return "\n".join(f"| {' | '.join(row)} |" for row in shown) + more


def _metrics(model: Model, present: Model | None) -> Iterator[Row]:
    try:
        before = {each.dataset.name: each for each in present.evaluations} if present is not None else {}
        evaluations = model.evaluations
    except (Broken, Undecidable):
        return
    for each in evaluations:
        other = before.get(each.dataset.name)
        known = other.measurements if other is not None and _comparable(each, other) else {}
        for key, measured in each.measurements.items():
            old = known[key].value if key in known else None
            delta = measured.value - old if measured.value is not None and old is not None else None
            name = f"{_name(key)} on {_name(each.dataset.name)}"
            yield name, number(old), number(measured.value), number(delta, sign=True)


def _comparable(one: object, other: object) -> bool:
    try:
        return bool(one.comparable(other))  # type: ignore[attr-defined]
    except (Broken, Undecidable):
        return False


def _files(edits: Edits, most: int) -> str:
    lines = [f"{code_for_markdown(_cut(path, _LONGEST_NAME))}{'' if edits[path] else ' (removed)'}" for path in edits]
    summary = f"<summary>{counted(len(lines), 'file')}</summary>"
    return f"<details>{summary}\n\n{_items(lines, most, 'file')}\n</details>"


def _items(lines: Sequence[str], most: int, noun: str) -> str:
    more = [f"and {counted(len(lines) - most, f'more {noun}')}"] if len(lines) > most else []
    return "\n".join(f"- {line}" for line in [*lines[:most], *more])


def _name(text: str) -> str:
    return for_markdown(_cut(text, _LONGEST_NAME))


def _sentence(text: str) -> str:
    return for_markdown(_cut(text, _LONGEST_SENTENCE))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
