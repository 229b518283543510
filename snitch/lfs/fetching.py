"""What the gate brings here before it judges: answers about many files, and the bytes that a rule looks into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from snitch.examples import tables_of
from snitch.finding import Undecidable
from snitch.layout import PREDICTIONS_SUFFIXES
from snitch.lfs.storing import Progress
from snitch.pickles.files import digest_of
from snitch.pointer import Pointer
from snitch.postponed import Postponed
from snitch.sizes import written_size
from snitch.source import Source, resolve
from snitch.stored import Stored, large_files, loadable_weights, stored

if TYPE_CHECKING:
    from snitch.change import Change
    from snitch.gate import WeightsServer
    from snitch.lfs.server import Server
    from snitch.model import Model

#: What is downloaded in all unless somebody says otherwise, in bytes.
MAX_BYTES = 10 * 1024**3
#: So many downloads that fail one after another are the server's fault, not the files'.
_MOST_FAILURES = 3


def ask_ahead(server: WeightsServer, changes: Iterable[Change]) -> None:
    """Has the server asked about the files of many models in one go.

    What goes wrong is left to whoever asks about one of them.
    """
    later, pointers = Postponed(), dict[Pointer, None]()
    for change in changes:
        with later:
            pointers.update((each.pointer, None) for _, each in large_files(change, later) if each.pointer is not None)
    with suppress(Undecidable):
        server.missing(pointers)


def fetch_files(
    server: Server,
    files: Iterable[Stored],
    folder: str,
    *,
    limit: int = MAX_BYTES,
    progress: Progress | None = None,
) -> dict[str, Undecidable]:
    """Brings what files of Git LFS stand for, and is not here, into a folder.

    The folder is laid out as Git LFS's own store: as `fetched_weights` of the snapshots' git, it is looked into.
    No more than `limit` bytes are downloaded in all. `progress` is called with the bytes that are here and all that
    are to come.

    Gives by digest why the bytes of some cannot be had: `Gate.unfetched`. Of those that the server does not have, or
    cannot be asked about, it is the server that says so.
    """
    wanted, failures = _within(limit, _had_by(server, _absent(files)))
    total, done, failed = sum(pointer.size for pointer in wanted), 0, 0
    for pointer in wanted:
        if failed < _MOST_FAILURES:
            try:
                server.download(pointer, folder, _onward(progress, done, total))
                failed = 0
            except Undecidable as reason:
                last = reason.with_traceback(None)
                failed += 1
        if failed:
            failures[pointer.digest] = last
        done += pointer.size
    return failures


def weights_to_judge(models: Iterable[Model]) -> Iterator[Stored]:
    """Those weights of the models that loading may run code. What keeps one from being told of is left to the rules."""
    later = Postponed()
    for model in models:
        with later:
            yield from loadable_weights(model, later)


def tables_to_compute_from(changes: Iterable[Change]) -> Iterator[Stored]:
    """The predictions and the benchmarks' data that metrics are computed from; as with weights, nothing is raised."""
    later = Postponed()
    for change in changes:
        with later:
            yield from tables_of(change, later)


def tables_at(source: Source, texts: Iterable[str]) -> Iterator[Stored]:
    """The tables of a snapshot that texts name as paths from its root; nothing is raised."""
    later = Postponed()
    for text in sorted(texts):
        path = resolve("", text) if text.lower().endswith(PREDICTIONS_SUFFIXES) else None
        if path is not None and path in source.snapshot:
            with later:
                yield stored(source, path, path)


def _onward(progress: Progress | None, done: int, total: int) -> Progress | None:
    """Progress of one file, told as that of all."""
    return None if progress is None else lambda here, _: progress(done + here, total)


def _absent(files: Iterable[Stored]) -> dict[Pointer, str]:
    """What is to be looked into and is not here, each with a path."""
    found: dict[Pointer, str] = {}
    for file in files:
        if file.pointer is not None and file.pointer not in found and not _is_here(file, file.pointer):
            found[file.pointer] = file.path
    return found


def _is_here(file: Stored, pointer: Pointer) -> bool:
    local = file.source.snapshot.local_file(file.path)
    return local is not None and digest_of(local) == pointer.digest


def _had_by(server: Server, pointers: dict[Pointer, str]) -> dict[Pointer, str]:
    """Those of them that the server has."""
    had = {}
    with suppress(Undecidable):
        server.missing(pointers)
    for pointer, path in pointers.items():
        with suppress(Undecidable):
            if not server.missing([pointer]):
                had[pointer] = path
    return had


def _within(limit: int, pointers: dict[Pointer, str]) -> tuple[list[Pointer], dict[str, Undecidable]]:
    """Those that fit, in order, and why the others do not."""
    fitting: list[Pointer] = []
    beyond: dict[str, Undecidable] = {}
    left = limit
    for pointer, path in pointers.items():
        if pointer.size <= left:
            fitting.append(pointer)
            left -= pointer.size
        else:
            reason = f"{path} is {written_size(pointer.size)}: with it, the gate would download more than"
            beyond[pointer.digest] = Undecidable(f"{reason} {written_size(limit)}", help="raise `--max-download`")
    return fitting, beyond
