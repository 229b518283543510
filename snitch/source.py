"""A snapshot whose documents are parsed at most once, and the files in it that findings point at."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from snitch.documents import Document, Problem, Span, Unreadable, read_document
from snitch.documents.decoding import decode
from snitch.finding import Broken, Finding, Side, Undecidable
from snitch.pointer import MAX_POINTER_BYTES, Pointer, looks_like_pointer, parse_pointer
from snitch.snapshot import Snapshot, UnreadableFile, refuse_links

_EXCERPT = 400

T = TypeVar("T")


class Documents:
    """Parsed files by path and content, shared by snapshots that hold much in common."""

    def __init__(self) -> None:
        self._parsed: dict[str, dict[str, Document | Unreadable]] = {}
        self._decoded: dict[str, dict[tuple[str, type], Any]] = {}

    def of(self, snapshot: Snapshot, path: str) -> Document:
        """A parsed file of a snapshot, as `Source.document`."""
        entry = snapshot.entries[path]
        refuse_links(path, entry)  # of the same blob, one snapshot may hold a file and another a link
        oid = entry.oid
        parsed = self._parsed.setdefault(path, {})
        if oid not in parsed:
            parsed[oid] = _read(path, snapshot)
        found = parsed[oid]
        if isinstance(found, Unreadable):
            raise found.with_traceback(None)
        return found

    def decoded(self, snapshot: Snapshot, path: str, kind: type[T]) -> T:
        """A parsed file of a snapshot as a `kind`, as `Source.decoded`: of equal files the very same object."""
        entry = snapshot.entries[path]
        refuse_links(path, entry)
        key = entry.oid, kind
        decoded = self._decoded.setdefault(path, {})
        if key not in decoded:
            try:
                decoded[key] = decode(self.of(snapshot, path), kind)
            except Unreadable as error:
                decoded[key] = error
        found = decoded[key]
        if isinstance(found, Unreadable):
            raise found.with_traceback(None)
        return found  # type: ignore[no-any-return]

    def forget(self, paths: Iterable[str]) -> None:
        """Lets go of files: those of thousands of models would fill the memory."""
        for path in paths:
            self._parsed.pop(path, None)
            self._decoded.pop(path, None)


def _read(path: str, snapshot: Snapshot) -> Document | Unreadable:
    """What is wrong is remembered like what is right: dozens of rules ask, and a hostile file is slow to refuse."""
    content = snapshot[path]
    if looks_like_pointer(content):
        return Unreadable(path, (Problem("", "is a Git LFS pointer, not the file itself", out_of_lfs(path, snapshot)),))
    try:
        return read_document(path, content)
    except Unreadable as error:
        return error


class Source:
    """A snapshot and the documents parsed from it."""

    def __init__(self, snapshot: Snapshot, *, documents: Documents | None = None) -> None:
        self.snapshot = snapshot
        self.documents = documents or Documents()
        self._lines: tuple[str, list[str]] = ("", [])

    @property
    def ref(self) -> str:
        return self.snapshot.ref

    @property
    def commit(self) -> str | None:
        return self.snapshot.commit

    def document(self, path: str) -> Document:
        """A parsed YAML or JSON file.

        Raises:
            KeyError: there is no such file.
            UnreadableFile: its content cannot be had.
            Unreadable: it is not what it should be.
        """
        return self.documents.of(self.snapshot, path)

    def decoded(self, path: str, kind: type[T]) -> T:
        """A YAML or JSON file as a `kind`, a msgspec type.

        Raises:
            KeyError, UnreadableFile: as `document`.
            Unreadable: it is not valid, with every cause.
        """
        return self.documents.decoded(self.snapshot, path, kind)

    def excerpt(self, path: str, span: Span) -> tuple[str, int]:
        """What of a place's line to show, and the column (from 1) it begins at; empty where there is no such line."""
        lines = self._lines_of(path)
        if span.line > len(lines):
            return "", 1
        line = lines[span.line - 1].rstrip("\r")
        start = 0 if span.column + span.length < _EXCERPT else max(span.column - _EXCERPT // 2, 0)
        return line[start : start + _EXCERPT], start + 1

    def _lines_of(self, path: str) -> list[str]:
        """Of the file asked for last they are kept: findings come in bursts."""
        if self._lines[0] != path:
            try:
                self._lines = path, self.snapshot[path].decode("utf-8", "replace").split("\n")
            except (KeyError, UnreadableFile):
                return []
        return self._lines[1]


class File:
    """A YAML or JSON file of a repository: makes findings and sides at places in it."""

    def __init__(self, source: Source, path: str) -> None:
        self.source = source
        self.path = path

    @cached_property
    def document(self) -> Document:
        """The parsed file.

        Raises:
            KeyError, UnreadableFile, Unreadable: as `Source.document`.
        """
        return self.source.document(self.path)

    def finding(
        self, pointer: str, message: str, *, key: bool = False, about: str = "", span: Span | None = None, **more: Any
    ) -> Finding:
        """A finding at a JSON pointer of this file (at its key with `key`); `more` are fields of `Finding`.

        `about` is what the finding is about, such as a metric: `Finding.key`.
        """
        place = span or self._place(pointer, key)
        return Finding(message=message, path=self.path, pointer=pointer, key=about, **{**self._shown(place), **more})

    def place(self, pointer: str) -> str:
        """Where something stands in this file: `PATH:LINE`."""
        return f"{self.path}:{self._place(pointer, key=False).line}"

    def side(self, pointer: str, value: Any = None, label: str = "") -> Side:
        """The place at a JSON pointer of this file, as the deployed side of a finding."""
        place = self._place(pointer, key=False)
        return Side(
            ref=self.source.ref,
            commit=self.source.commit,
            path=self.path,
            value=value,
            label=label,
            **self._shown(place),
        )

    def _shown(self, place: Span) -> dict[str, Any]:
        """The fields of a finding or a side that say where it is and show it."""
        excerpt, start = self.source.excerpt(self.path, place)
        fields = {"line": place.line, "column": place.column, "length": place.length}
        return {**fields, "excerpt": excerpt, "excerpt_column": start}

    def _place(self, pointer: str, key: bool) -> Span:
        try:
            return self.document.locate(pointer, key=key)
        except (KeyError, UnreadableFile, Unreadable):
            return Span(1, 1)


@lru_cache(maxsize=1024)  # a dozen rules ask for the same paths of a model
def resolve(folder: str, relative: str) -> str | None:
    """The repository path of a path written in a file of `folder`; None where it is absolute or leads out."""
    if relative.startswith(("/", "\\")) or "\\" in relative or "\0" in relative or "://" in relative:
        return None
    if "/" not in relative and relative not in ("", ".", ".."):
        return f"{folder}/{relative}" if folder else relative
    path = posixpath.normpath(posixpath.join(folder, relative))
    return None if path == ".." or path.startswith("../") or path == "." else path


def content_digest(source: Source, path: str) -> str:
    """`sha256:<hex>` of a file's content: the pointer's digest where Git holds a pointer, else of the bytes.

    Raises:
        Broken: the file is a malformed pointer, a link or a submodule.
        Undecidable: the bytes are not here, or too large to read.
    """
    try:
        content = source.snapshot[path]
    except UnreadableFile as error:
        raise unreadable(error) from None
    pointer = parse_pointer(content)
    if pointer is not None:
        return pointer.digest
    if looks_like_pointer(content):
        raise Broken(f"{path} is a malformed LFS pointer", reported_by="LFS002", path=path)
    return f"sha256:{sha256(content).hexdigest()}"


def out_of_lfs(path: str, snapshot: Snapshot) -> str:
    """How to have a text file back in Git itself where its pointer lies: which line sends it to Git LFS."""
    from snitch.gitattributes import TooLarge, attributes_at, deciding_line

    back = f'`git add --renormalize "{path}"` with the real file in its place'
    try:
        is_sent = attributes_at(path, snapshot.get).get("filter") == "lfs"
        line = deciding_line(path, "filter", snapshot.get) if is_sent else None
    except (TooLarge, UnreadableFile):
        line = None
    if line is None:
        return back
    below = f" in {line.path.rpartition('/')[0]}" if "/" in line.path else ""
    mend = f'give the weights a pattern of their own, `git lfs untrack "{line.pattern}"`{below}, then {back}'
    return f"{line.path}:{line.number} sends it to Git LFS by `{line.pattern}`: {mend}"


def pointer_at(source: Source, path: str) -> Pointer | None:
    """The LFS pointer that Git holds at a path; None where it holds anything else, or nothing that can be read."""
    if path not in source.snapshot:
        return None
    try:
        return parse_pointer(source.snapshot[path]) if source.snapshot.size(path) <= MAX_POINTER_BYTES else None
    except (UnreadableFile, Broken, Undecidable):
        return None


def unreadable(error: UnreadableFile) -> Broken | Undecidable:
    """What a file that cannot be read means to a rule: nothing is known, or `unreadable-file` tells why."""
    if error.absent:
        return Undecidable(f"{error.path}: {error.reason}", path=error.path, help="fetch it: `git fetch --refetch`")
    return Broken(f"{error.path} {error.reason}", reported_by="SNT001", path=error.path)


def read_text(source: Source, path: str, limit: int = 4 * 1024 * 1024) -> str:
    """A text file's content, undecodable bytes replaced.

    Raises:
        KeyError: there is no such file.
        UnreadableFile: its content cannot be had.
        Undecidable: it is larger than `limit` bytes.
    """
    if source.snapshot.size(path) > limit:
        raise Undecidable(f"{path} is larger than {limit:,} bytes", path=path, help="make it smaller")
    return source.snapshot[path].decode("utf-8", "replace")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers, from 1."""
    return enumerate(text.split("\n"), start=1)
