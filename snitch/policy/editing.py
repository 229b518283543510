"""Writes waivers into a policy's text, and changes nothing else of it: no comment, no order, no quoting.

A YAML library that writes would write the whole file anew. Here text is only inserted, at places that the parser names;
what comes out is read again, and counts only if it means the old data and exactly the new entries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from snitch.documents import Unreadable
from snitch.documents.yaml_text import read_yaml

KEY = "waivers"

Entry = Mapping[str, "str | float"]

_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._@+/-]*|[0-9]+\.[0-9]+\.[0-9]+(?:[-+][A-Za-z0-9.+-]*)?|\d{4}-\d{2}-\d{2}")
#: What some reader of YAML takes for something else than text.
_NO_TEXT = re.compile(r"(?i)true|false|null|yes|no|on|off|y|n")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class CannotEdit(Exception):
    """The text has a shape into which no waiver can be written safely: a person has to."""


class _Node(NamedTuple):
    """A value in the text: `end` is where its last content ends, before any comment or line break."""

    kind: str
    is_flow: bool
    start: int
    end: int
    text: str
    children: tuple[_Node, ...]


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def add_waivers(path: str, text: str, entries: Sequence[Entry]) -> str:
    """The text of a policy with these waivers after those that it has.

    Raises:
        Unreadable: the text is no document.
        CannotEdit: there is no safe place for them.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text[len(mark) :]
    wanted = _with_entries(read_yaml(path, body), entries)
    for edits in _Places(body, entries).candidates():
        edited = _apply(body, edits)
        if _means(path, edited, wanted):
            return mark + edited
    raise CannotEdit(f"{path} has a shape into which no waiver can be written safely; write it by hand")


def render_entry(entry: Entry) -> str:
    """A waiver on one line, as `snitch waive` writes it."""
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in entry.items()) + "}"


def _with_entries(data: object, entries: Sequence[Entry]) -> dict[str, Any]:
    if data is not None and not isinstance(data, dict):
        raise CannotEdit("a policy is a mapping")
    data = data or {}
    waivers = data.get(KEY)
    if waivers is not None and not isinstance(waivers, list):
        raise CannotEdit(f"`{KEY}` is not a list")
    return {**data, KEY: [*(waivers or ()), *map(dict, entries)]}


def _means(path: str, text: str, wanted: object) -> bool:
    """Whether the text reads as this, types and order included."""
    try:
        return json.dumps(read_yaml(path, text)) == json.dumps(wanted)
    except Unreadable:
        return False


def _apply(text: str, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _scalar(value: str | float) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and not _NO_TEXT.fullmatch(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


class _Places:
    """Where the entries may go, the best place first."""

    def __init__(self, text: str, entries: Sequence[Entry]) -> None:
        self.text = text
        self.entries = entries
        first = _BREAK.search(text)
        self.newline = first[0] if first else "\n"
        self.root, self.end = _parse(text)

    def candidates(self) -> Iterator[list[_Edit]]:
        if self.root is None or self.root.kind != "mapping":
            return self.at_end(0)
        return self.in_flow_root(self.root) if self.root.is_flow else self.in_block_root(self.root)

    def in_flow_root(self, root: _Node) -> Iterator[list[_Edit]]:
        value = _waivers(root)
        if value is None:
            yield from self.in_flow(root, [f"{KEY}: {self.flow_list()}"])
        elif value.kind == "scalar":
            yield [_Edit(value.start, value.end, self.flow_list())]
        elif value.kind == "sequence":
            yield from self.in_flow_list(value)

    def in_block_root(self, root: _Node) -> Iterator[list[_Edit]]:
        value, column = _waivers(root), self.column(root.start)
        if value is None:
            yield from self.at_end(column)
        elif value.kind == "scalar" or not self.text[value.start : value.end].strip("[] "):
            yield from self.instead(value, column)
        elif value.kind == "sequence":
            yield from self.in_flow_list(value) if value.is_flow else self.after_block(value)

    def at_end(self, indent: int) -> Iterator[list[_Edit]]:
        """A new key after everything, comments included."""
        text = self.text[: self.end]
        lead = "" if _ends_line(text) else self.newline
        body = " " * indent + f"{KEY}:{self.newline}" + self.block(" " * (indent + 2), flow=True)
        blank = self.newline if "".join(text.splitlines()[-1:]).strip() else ""
        yield [_Edit(self.end, self.end, lead + blank + body)]
        yield [_Edit(self.end, self.end, lead + body)]

    def instead(self, value: _Node, column: int) -> Iterator[list[_Edit]]:
        """A list where none, or an empty one, stands."""
        line_end = self.line_end(value.end)
        start = len(self.text[: value.start].rstrip(" \t"))
        items = self.block(" " * (column + 2), flow=True)
        lead = "" if _ends_line(self.text[:line_end]) else self.newline
        yield [_Edit(start, value.end, ""), _Edit(line_end, line_end, lead + items)]

    def after_block(self, value: _Node) -> Iterator[list[_Edit]]:
        """After the last item, and after the comments that are indented as the items are."""
        dash = re.compile(r"(?:&\S+)?(?:\s|#[^\n\r]*)*(?=-)").match(self.text, value.start)
        column = self.column(dash.end() if dash else value.start)
        items = self.block(" " * column, flow=value.children[-1].is_flow)
        direct = self.line_end(len(self.text[: value.end].rstrip()))
        for place in dict.fromkeys([self.past_comments(direct, column), direct, value.end]):
            lead = "" if _ends_line(self.text[:place]) else self.newline
            yield [_Edit(place, place, lead + items)]

    def in_flow_list(self, value: _Node) -> Iterator[list[_Edit]]:
        return self.in_flow(value, [render_entry(entry) for entry in self.entries])

    def in_flow(self, node: _Node, items: list[str]) -> Iterator[list[_Edit]]:
        """Before the closing bracket; on lines of their own where the last item has one."""
        if not node.children:
            yield [_Edit(node.end - 1, node.end - 1, ", ".join(items))]
            return
        last = node.children[-2] if node.kind == "mapping" else node.children[-1]
        end = node.children[-1].end
        tail = re.sub(r"#[^\n\r]*", lambda comment: " " * len(comment[0]), self.text[end : node.end])
        after = end + tail.find(",") + 1
        before, behind = (",", "") if after == end else ("", ",")
        indent = _BREAK.split(self.text[node.start : last.start])[-1]
        if not indent.strip():
            place = self.line_end(after)
            block = f",{self.newline}".join(indent + item for item in items) + behind + self.newline
            yield [_Edit(end, end, before), _Edit(place, place, block)]
            lines = ",".join(f"{self.newline}{indent}{item}" for item in items)
            yield [_Edit(after, after, before + lines + behind)]
        yield [_Edit(end, end, "".join(f", {item}" for item in items))]

    def flow_list(self) -> str:
        return "[" + ", ".join(render_entry(entry) for entry in self.entries) + "]"

    def block(self, indent: str, *, flow: bool) -> str:
        """The entries as items of a block list, each ending in a line break."""
        lines = []
        for entry in self.entries:
            if flow:
                lines.append(f"- {render_entry(entry)}")
            else:
                pairs = [f"{key}: {_scalar(value)}" for key, value in entry.items()]
                lines += [f"- {pairs[0]}", *(f"  {pair}" for pair in pairs[1:])]
        return "".join(f"{indent}{line}{self.newline}" for line in lines)

    def past_comments(self, place: int, column: int) -> int:
        """Past the comment lines that follow and belong to the list by their indentation."""
        while column:
            end = self.line_end(place)
            line = self.text[place:end]
            indent = len(line) - len(line.lstrip(" "))
            if indent < column or line[indent : indent + 1] != "#":
                break
            place = end
        return place

    def column(self, index: int) -> int:
        return index - self.line_start(index)

    def line_start(self, index: int) -> int:
        return max((found.end() for found in _BREAK.finditer(self.text[:index])), default=0)

    def line_end(self, index: int) -> int:
        """Past the break that ends the line."""
        found = _BREAK.search(self.text, index)
        return found.end() if found else len(self.text)


def _waivers(root: _Node) -> _Node | None:
    pairs = zip(root.children[::2], root.children[1::2], strict=True)
    return next((value for key, value in pairs if key.text == KEY), None)


def _ends_line(text: str) -> bool:
    return not text or _BREAK.fullmatch(text[-1]) is not None


def _parse(text: str) -> tuple[_Node | None, int]:
    """The document's value, and where the document ends."""
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    root, end = None, len(text)
    for event in events:
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent, yaml.AliasEvent)):
            root = _node(event, events)
        elif isinstance(event, yaml.DocumentEndEvent):
            end = _index(event.start_mark)
    return root, end


def _node(event: Any, events: Iterator[Any]) -> _Node:
    start, end = _index(event.start_mark), _index(event.end_mark)
    if not isinstance(event, yaml.CollectionStartEvent):
        is_alias = isinstance(event, yaml.AliasEvent)
        return _Node("alias" if is_alias else "scalar", True, start, end, "" if is_alias else event.value, ())
    children = []
    while not isinstance(child := next(events), yaml.CollectionEndEvent):
        children.append(_node(child, events))
    is_flow = bool(event.flow_style)
    # A block's own end is where the next token begins, past comments that are not its content.
    end = _index(child.end_mark) if is_flow else children[-1].end
    kind = "sequence" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
    return _Node(kind, is_flow, start, end, "", tuple(children))


def _index(mark: Any) -> int:
    """In characters, as the text is counted."""
    return int(mark.index)
