"""The bytes that a repository's file stands for: those in Git, or those that its Git LFS pointer names."""

from __future__ import annotations

from snitch.finding import Broken, Undecidable
from snitch.gate import Gate
from snitch.pickles.files import digest_of
from snitch.pointer import MAX_POINTER_BYTES, looks_like_pointer, parse_pointer
from snitch.sizes import written_size
from snitch.snapshot import UnreadableFile
from snitch.source import Source, unreadable

#: Of a file that lies in Git itself: nothing larger belongs there.
MAX_BYTES = 256 * 1024 * 1024


def content_at(source: Source, path: str, gate: Gate | None = None) -> str | bytes:
    """What a file stands for: the path on this disk of what its LFS pointer names, or the bytes in Git.

    What lies on this disk has the very digest that the pointer names.

    Raises:
        Broken: it is not in the tree, is a malformed pointer, or the server does not have it.
        Undecidable: its bytes are not here, or too many.
    """
    if path not in source.snapshot:
        raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
    try:
        if source.snapshot.size(path) > MAX_BYTES:
            reason = f"{path} is larger than {written_size(MAX_BYTES)} and lies in Git itself"
            raise Undecidable(reason, path=path, help="put it into Git LFS")
        content = source.snapshot[path]
    except UnreadableFile as error:
        raise unreadable(error) from None
    pointer = parse_pointer(content) if len(content) <= MAX_POINTER_BYTES else None
    if pointer is None:
        if looks_like_pointer(content):
            raise Broken(f"{path} is a malformed LFS pointer", reported_by="LFS002", path=path)
        return content
    local = source.snapshot.local_file(path)
    if local is not None and digest_of(local) == pointer.digest:
        return local
    if gate is not None and pointer.digest in gate.unfetched:
        raise gate.unfetched[pointer.digest].with_traceback(None)
    if gate is not None and pointer.digest in gate.weights_server.missing([pointer]):
        raise Broken(f"the Git LFS server does not have {path}", reported_by="LFS005", path=path)
    raise Undecidable(f"the bytes of {path} are not here", path=path, help=f"fetch them: `git lfs pull -I {path}`")
