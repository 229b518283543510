"""The files a policy is made of, lowest first: the presets and files it extends, then itself."""

from __future__ import annotations

import os

from msgspec import Struct

from snitch.documents import Document, Problem, Unreadable, read_document
from snitch.documents.decoding import decode
from snitch.policy.configuration import PolicyFile
from snitch.repository import POLICY
from snitch.snapshot import UnreadableFile
from snitch.source import Source, resolve

PRESETS = ("recommended", "strict")
#: Files of the repository, presets not counted: each may extend others, and a chain of them is read recursively.
_MAX_FILES = 20
#: Presets counted, each time that one is named: every layer is read, checked and applied.
_MAX_LAYERS = 100


class InvalidPolicy(Exception):
    """The policy cannot be used: nothing can be judged by it. One problem a cause, each with its file."""

    def __init__(self, problems: tuple[tuple[str, Problem], ...]) -> None:
        super().__init__("; ".join(f"{path}: {problem.message}" for path, problem in problems))
        self.problems = problems


class Layer(Struct, frozen=True):
    """One file of a policy; `document.path` is where people find it (a preset's begins with `preset:`)."""

    document: Document
    content: PolicyFile

    def problem(self, pointer: str, message: str, help: str = "", *, key: bool = False) -> tuple[str, Problem]:
        """A problem at a pointer of this file."""
        return self.document.path, Problem(pointer, message, help, self.document.locate(pointer, key=key))


def read_layers(source: Source) -> tuple[Layer, ...]:
    """The layers of the policy at the root of a snapshot; without a policy, the preset `recommended` alone.

    Raises:
        InvalidPolicy: a file is not there, not valid, or extends itself.
        UnreadableFile: a file's object is not in this clone.
    """
    reading = _Reading(source)
    if POLICY in source.snapshot:
        reading.file(POLICY, ())
    else:
        reading.preset("recommended")
    return tuple(reading.layers)


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.layers: list[Layer] = []
        self.files = 0

    def file(self, path: str, above: tuple[str, ...]) -> None:
        self.files += 1
        try:
            document = self.source.document(path)
        except (UnreadableFile, KeyError) as error:
            if isinstance(error, UnreadableFile) and error.absent:
                raise
            reason = error.reason if isinstance(error, UnreadableFile) else "is not there"
            raise InvalidPolicy(((path, Problem("", reason)),)) from None
        except Unreadable as error:
            raise InvalidPolicy(tuple((path, problem) for problem in error.problems)) from None
        self.layer(document, (*above, path))

    def preset(self, name: str) -> None:
        path = os.path.join(os.path.dirname(__file__), "presets", f"{name}.yaml")
        with open(path, "rb") as file:
            self.layer(read_document(f"preset:{name}", file.read()), (f"preset:{name}",))

    def layer(self, document: Document, above: tuple[str, ...]) -> None:
        try:
            layer = Layer(document, decode(document, PolicyFile))
        except Unreadable as error:
            raise InvalidPolicy(tuple((document.path, problem) for problem in error.problems)) from None
        for pointer, name in _extended(document, layer.content):
            if len(self.layers) >= _MAX_LAYERS:
                message = f"`{name}` is one layer too many: a policy has {_MAX_LAYERS} at most"
                raise InvalidPolicy((layer.problem(pointer, message, "name each preset and file once"),))
            if name in PRESETS:
                self.preset(name)
                continue
            path = resolve(os.path.dirname(above[-1]), name)
            why = self.refusal(path, above)
            if why or path is None:
                raise InvalidPolicy((layer.problem(pointer, f"`{name}` {why}"),))
            if path not in self.source.snapshot:
                raise InvalidPolicy((layer.problem(pointer, *_not_there(name, path)),))
            self.file(path, above)
        self.layers.append(layer)

    def refusal(self, path: str | None, above: tuple[str, ...]) -> str:
        """Why a file cannot be extended from below these, else nothing."""
        if path is None:
            return "leaves the repository"
        if path in above:
            return "extends itself"
        return f"is one file too many: a policy has {_MAX_FILES} at most" if self.files == _MAX_FILES else ""


def _not_there(name: str, path: str) -> tuple[str, str]:
    """What to tell of a name that means no file, whose path from the top would be this one; and how to mend it."""
    message, presets = f"`{name}` is neither a preset nor a file", f"the presets are {' and '.join(PRESETS)}"
    if path == name:
        return message, f"{presets}; else name a file of this repository"
    return f"{message}: there is no {path}", f"{presets}; the path of a file is relative to the file that names it"


def _extended(document: Document, content: PolicyFile) -> list[tuple[str, str]]:
    """What a layer extends, with each one's pointer. A policy that names nothing extends `recommended`."""
    if document.path == "preset:recommended":
        return []
    if content.extends is None:
        return [("", "recommended")]
    if isinstance(content.extends, str):
        return [("/extends", content.extends)]
    return [(f"/extends/{index}", name) for index, name in enumerate(content.extends)]
