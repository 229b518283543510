"""What can be wrong with a document, where, and the bounds that hold before anything is parsed."""

from __future__ import annotations

import msgspec

#: Bounds that hold before anything is parsed. A manifest of a real model has some hundred nodes.
MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 200_000
#: YAML takes ten times as long to read as JSON.
MAX_YAML_NODES = 50_000
MAX_DEPTH = 64
#: More than anybody mends at once. Telling each place costs a walk, so that a hostile file may not ask for a million.
MAX_PROBLEMS = 100


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

    @property
    def as_predicate(self) -> str:
        """What is wrong, to follow the name of what it is wrong with."""
        return self.message if self.message.startswith("is ") else f"is not valid: {self.message}"


class Unreadable(Exception):
    """A document is not what it should be.

    `problems` holds one entry a cause, never none.
    """

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{path}: " + "; ".join(problem.message for problem in problems))
        self.path = path
        self.problems = problems


def split_pointer(pointer: str) -> list[str]:
    """The unescaped reference tokens of a JSON pointer (RFC 6901)."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def join_pointer(*tokens: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path of keys and indexes."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
