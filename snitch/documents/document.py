"""A document: a file's text, the data in it, and where in the text each piece of data stands."""

from __future__ import annotations

import msgspec

#: Bounds that hold before anything is parsed. A manifest of a real model has some hundred nodes.
MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 64


class Span(msgspec.Struct, frozen=True):
    """A place in a text: line and column count from 1; length in characters on that line, at least 1."""

    line: int
    column: int
    length: int = 1


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a document: the JSON pointer to it, what is wrong, and how to mend it."""

    pointer: str
    message: str
    help: str = ""
    span: Span | None = None


class Unreadable(Exception):
    """A document is not what it should be.

    `problems` holds one entry a cause, never none.
    """

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{path}: " + "; ".join(problem.message for problem in problems))
        self.path = path
        self.problems = problems


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
        Unreadable: too large or deep, not UTF-8, bad syntax, a duplicate key, a number that is not finite (JSON's NaN
            and Infinity are left to the rules about metrics).
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(path, (Problem("", f"is {len(content):,} bytes; the limit is {MAX_BYTES:,}"),))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(path, (Problem("", "is not UTF-8 text", "save it as UTF-8", Span(line, 1)),)) from None
    if path.endswith(".json"):
        from snitch.documents.json_text import read_json

        return Document(path, text, read_json(path, text))
    from snitch.documents.yaml_text import read_yaml

    return Document(path, text, read_yaml(path, text))


def split_pointer(pointer: str) -> list[str]:
    """The unescaped reference tokens of a JSON pointer (RFC 6901)."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def join_pointer(*tokens: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path of keys and indexes."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
