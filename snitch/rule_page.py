"""A rule's page, which is its docstring: as text and as Markdown."""

from __future__ import annotations

import inspect
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snitch.rule import AnyRule


def summary(rule: type[AnyRule]) -> str:
    """What the rule says, in a sentence: its docstring's first paragraph on one line."""
    return _docstring(rule).split("\n\n")[0].replace("\n", " ")


def description(rule: type[AnyRule]) -> str:
    """What the rule says and why: the paragraphs that stand before the mend, each on one line."""
    before = takewhile(lambda part: not part.startswith(("Mend it:", *_HEADINGS)), _docstring(rule).split("\n\n"))
    return "\n\n".join(part.replace("\n", " ") for part in before)


def text_page(rule: type[AnyRule]) -> str:
    """The page in plain text: the rule's name, where it runs and how hard, then its docstring."""
    lowest, above = (severity or "off" for severity in rule.severity)
    where = "everywhere" if rule.stage == "check" else "in the gate"
    heading = f"{rule.code} {rule.name}"
    facts = f"{lowest} in the lowest environment, {above} above it; runs {where}"
    return "\n".join([heading, "=" * len(heading), "", facts, "", _docstring(rule)])


def markdown_page(rule: type[AnyRule]) -> str:
    """The page in Markdown, with a final newline."""
    lowest, above = (severity or "–" for severity in rule.severity)
    facts = f"Severity under `recommended`: {lowest} in the lowest environment, {above} above it."
    return "\n".join([f"# {rule.code} {rule.name}", "", facts, "", *_markdown(_docstring(rule)), ""])


_HEADINGS = ("Options:", "Example:")


def _docstring(rule: type[AnyRule]) -> str:
    return inspect.getdoc(rule) or ""


def _markdown(text: str) -> list[str]:
    """The docstring's sections as Markdown: `Options:` becomes a list, `Example:` a block of YAML."""
    lines: list[str] = []
    kind = ""
    for line in text.split("\n"):
        if line in _HEADINGS:
            kind = line
            lines += [f"## {line.rstrip(':')}", *([""] if kind == "Options:" else ["", "```yaml"])]
        elif kind == "Example:" and line.startswith("    "):
            lines.append(line[4:])
        elif kind == "Options:" and line.startswith("    "):
            lines.append(_option(line[4:]))
        else:
            if kind == "Example:" and line:
                lines.append("```")
                kind = ""
            lines.append(line)
    return [*lines, "```"] if kind == "Example:" else lines


def _option(line: str) -> str:
    """A line of the options: one begins with its name and a colon, what follows it is indented."""
    name, colon, rest = line.partition(": ")
    is_item = not line.startswith(" ") and bool(colon)
    return f"- `{name}`: {rest}" if is_item else f"  {line.strip()}"
