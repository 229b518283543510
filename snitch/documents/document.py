"""A document: a file's text, the data in it, and where in the text each piece of data stands."""

from __future__ import annotations

import msgspec

from snitch.documents.conflict import conflict
from snitch.documents.problems import MAX_BYTES, Problem, Span, Unreadable


class Document(msgspec.Struct, frozen=True):
    """A parsed file: `data` is plain dicts, lists, strings, numbers, booleans and None."""

    path: str
    text: str
    data: object

    def locate(self, pointer: str, *, key: bool = False) -> Span:
        """Where the value at a JSON pointer stands; its key with `key`; the nearest parent's place if it is absent.

        Parses the text again: only what has a finding pays for positions.
        """
        if self.path.endswith(".json"):
            from snitch.documents.json_text import locate_json

            return locate_json(self.text, pointer, key=key)
        from snitch.documents.yaml_text import locate_yaml

        return locate_yaml(self.text, pointer, key=key)


def read_document(path: str, content: bytes) -> Document:
    """Reads a file by its name: JSON for `.json`, else YAML 1.2 core.

    Raises:
        Unreadable: too large or deep, not UTF-8, in a merge conflict, bad syntax, a duplicate key, a number that is not
            finite (JSON's NaN and Infinity are left to the rules about metrics).
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(path, (Problem("", f"is {len(content):,} bytes; the limit is {MAX_BYTES:,}"),))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(path, (Problem("", "is not UTF-8 text", "save it as UTF-8", Span(line, 1)),)) from None
    left = conflict(text)
    if left is not None:
        raise Unreadable(path, (left,))
    if path.endswith(".json"):
        from snitch.documents.json_text import read_json

        return Document(path, text, read_json(path, text))
    from snitch.documents.yaml_text import read_yaml

    return Document(path, text, read_yaml(path, text))
