"""What a request that moves a model says of it, in Markdown. Names and numbers in it are others' words: all escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snitch.escape import code_for_markdown, for_markdown
from snitch.finding import Broken, Undecidable
from snitch.git.building import Edits
from snitch.model import Model
from snitch.report.wording import counted, number

#: More are counted instead of shown.
_MOST_ROWS, _MOST_FILES = 40, 40


def describe(
    model: Model,
    present: Model | None,
    lead: str,
    environment: str,
    edits: Edits,
    notes: Sequence[str],
    *,
    version: str | None = None,
) -> str:
    """The body of a request: `model` as it will be, called `version` if not as its manifest says, beside `present`."""
    blocks = [
        for_markdown(lead),
        _table(model, present, environment, version or model.version),
        *([_listed("Mind", [for_markdown(note) for note in notes])] if notes else []),
        _files(edits),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(model: Model, present: Model | None, environment: str, version: str) -> str:
    """Versions, and the metrics that both were measured by on the same benchmark."""
    then = present.version if present is not None else ""
    rows = [
        ("", f"{for_markdown(environment)} now", "this", "delta"),
        ("---", "---", "---", "---"),
        ("version", for_markdown(then or "-"), for_markdown(version), ""),
        *_metrics(model, present),
    ]
    shown = rows[: _MOST_ROWS + 2]
    more = f"\n\nand {counted(len(rows) - len(shown), 'more metric')}" if len(rows) > len(shown) else ""
    return "\n".join(f"| {' | '.join(row)} |" for row in shown) + more


def _metrics(model: Model, present: Model | None) -> Iterator[tuple[str, str, str, str]]:
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
            name = f"{for_markdown(key)} on {for_markdown(each.dataset.name)}"
            yield name, number(old), number(measured.value), number(delta, sign=True)


def _comparable(one: object, other: object) -> bool:
    try:
        return bool(one.comparable(other))  # type: ignore[attr-defined]
    except (Broken, Undecidable):
        return False


def _files(edits: Edits) -> str:
    lines = [f"{code_for_markdown(path)}{'' if entry else ' (removed)'}" for path, entry in edits.items()]
    more = [f"and {counted(len(lines) - _MOST_FILES, 'more file')}"] if len(lines) > _MOST_FILES else []
    summary = f"<summary>{counted(len(lines), 'file')}</summary>"
    return f"<details>{summary}\n\n" + "\n".join(f"- {line}" for line in [*lines[:_MOST_FILES], *more]) + "\n</details>"


def _listed(title: str, lines: Sequence[str]) -> str:
    return f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines)
