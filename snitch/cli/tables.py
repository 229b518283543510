"""Tables and profiles that people name on the command line, read from this disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing

from snitch.checking.commits import Misuse
from snitch.checking.picking import folder_named
from snitch.cli.places import from_top
from snitch.cli.progress import LONG, progress
from snitch.documents.decoding import suggest
from snitch.finding import Undecidable
from snitch.formats.profile import SKETCHED, Profile, ProfiledData
from snitch.git.command import Git
from snitch.git.worktree import work_tree_snapshot
from snitch.model import Model
from snitch.pickles.files import digest_of
from snitch.pointer import MAX_POINTER_BYTES, looks_like_pointer
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.source import Source
from snitch.training_profile import read_profile

#: A profile is no larger than any other document.
_MAX_BYTES = 4 * 1024 * 1024


def profile_of(
    data: str, *, id: str | None, columns: Sequence[str] | None, like: Profile | None, hashes: int = SKETCHED
) -> Profile:
    """The profile of a table; with `like` counted by the bins of that one.

    Raises:
        Misuse: there is no such table, it cannot be used, or has no such column.
        Undecidable: it has no row.
    """
    from snitch.measuring.profiling import counted, profiled
    from snitch.measuring.streams import Stream
    from snitch.measuring.tables import Unusable

    require_table(data)
    before, digest = _stamp(data), digest_of(data)
    if digest is None:
        raise Misuse(f"{data} cannot be read")
    with progress("profiling", after=LONG) as tick:
        try:
            texts = () if like is None else tuple(each.name for each in like.features if each.type == "string")
            wanted = None if columns is None else [*columns, *([id] if id else [])]
            stream = Stream(data, data, wanted, texts=(*texts, *([id] if id else [])), progress=tick)
            _require_columns(data, stream.columns, wanted or ([id] if id else []), lambda: Stream(data, data).columns)
            if like is None:
                found = profiled(stream, digest, id=id, hashes=hashes)
            else:
                table = counted(stream, like.features)
                found = Profile(data=ProfiledData(digest=digest, rows=table.rows), features=table.features)
        except Unusable as error:
            raise Misuse(f"{error.reason}; {error.help}" if error.help else error.reason) from None
    if _stamp(data) != before:
        raise Misuse(f"{data} was written to while it was read; profile it once nobody writes to it")
    if not found.data.rows:
        raise Undecidable(f"{data} has no rows, of which a profile tells nothing", help="profile data that has some")
    return found


def inputs_of(word: str) -> tuple[str, ...]:
    """The columns that a model takes by its signature.

    Raises:
        Misuse: there is no such model, or it names none.
        Unreadable: its manifest is not valid, with every cause.
    """
    with closing(Git()) as git:
        repository = Repository(work_tree_snapshot(git))
        model = Model(repository, folder_named(word, from_top(git, word), repository))
        signature = model.read_manifest().signature
    if signature is None or not signature.inputs:
        raise Misuse(f"{model.path} names no inputs in its signature; give the columns by --columns, and no --model")
    return tuple(column.name for column in signature.inputs)


def profile_at(path: str) -> Profile:
    """The profile in a file.

    Raises:
        Misuse: there is no such file, or it is no `.json` file.
        Unreadable: it is no profile, with every cause.
    """
    if not path.endswith(".json"):
        raise Misuse(f"a profile is a .json file, not `{path}`")
    try:
        with open(path, "rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Misuse(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return read_profile(Source(MemorySnapshot({path: content}, ref="profile")), path)


def require_table(path: str) -> None:
    """Refuses what is no file to read a table from.

    Raises:
        Misuse: it is none, or only the pointer to one.
    """
    if not os.path.isfile(path):
        raise Misuse(f"{path} is no file" if os.path.exists(path) else f"there is no file {path}")
    try:
        with open(path, "rb") as file:
            start = file.read(MAX_POINTER_BYTES + 1)
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}") from None
    if looks_like_pointer(start):
        raise Misuse(f"{path} is a Git LFS pointer, and its bytes are not here; fetch them: `git lfs pull -I {path}`")


def _require_columns(
    data: str, there: Sequence[str], wanted: Sequence[str], all_columns: Callable[[], Sequence[str]]
) -> None:
    for name in wanted:
        if name not in there:
            near = suggest(name, sorted(all_columns()))
            raise Misuse(f"{data} has no column `{name}`{near and f'; {near}'}")


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}") from None
    return status.st_size, status.st_mtime_ns
