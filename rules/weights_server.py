"""Rules about what the Git LFS server has."""

from __future__ import annotations

from collections.abc import Iterator

from snitch.change import Change
from snitch.documents import Span
from snitch.finding import Finding
from snitch.pointer import Pointer
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.sizes import written_size
from snitch.stored import Stored, large_files


class MissingObject(Rule, code="LFS005", severity=(None, "error"), stage="gate"):
    """The Git LFS server does not have a file that the change points at.

    Git holds its pointer and nothing else: once merged, nobody can check the model out, deploy it, or tell what it was.
    The file lies on its author's machine at best. `git push --no-verify`, a push without Git LFS installed, or a
    pointer written by hand leave such a hole.

    It asks the server for the weights, the predictions beside the evaluations, and the data of the benchmarks that name
    the model, each in the size that its pointer says. A server that does not answer lets nothing pass.

    Which server that is, git's own configuration says: `lfs.url`, else the remote. A `.lfsconfig` is not read, for the
    author of the change could write it.

    Mend it: from the clone that has the file, `git lfs push origin BRANCH`, and run the gate again.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a file, at the digest in its pointer."""
        server, later = change.gate.weights_server, Postponed()
        held = [(role, each, each.pointer) for role, each in large_files(change, later) if each.pointer is not None]
        with later:  # one question for all of them; what it does not know of one is told below
            server.missing([pointer for _, _, pointer in held])
        for role, each, pointer in held:
            with later:
                if pointer.digest in server.missing([pointer]):
                    yield _missing(role, each, pointer)
        later.tell()


def _missing(role: str, each: Stored, pointer: Pointer) -> Finding:
    message = f"the Git LFS server does not have this file ({written_size(pointer.size)})"
    oid = pointer.digest.removeprefix("sha256:")
    mend = f"from the clone that has it, `git lfs push --object-id origin {oid}`, then run the gate again"
    span = Span(2, len("oid ") + 1, len(pointer.digest))
    return each.file.finding("", message, span=span, help=mend, role=role, about=each.name)
