"""Makes trees, commits and branches from objects alone: no work tree, index, HEAD or branch of anybody's is touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

from snitch.git.command import Git
from snitch.git.errors import GitError

if TYPE_CHECKING:
    from snitch.snapshot import Entry

#: What becomes of paths; None takes one away.
Edits = Mapping[str, "Entry | None"]

#: An index of one's own is whole and by itself, whatever the user's is like.
_INDEX_OPTIONS = (
    *("-c", "core.splitIndex=false"),
    *("-c", "core.sparseCheckout=false"),
    *("-c", "index.sparse=false"),
)
#: Who commits, and when, as the caller's environment has it.
_IDENTITY = tuple(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE"))


def blob_id(git: Git, content: bytes) -> str:
    """The id of a content as a blob; nothing is written."""
    return git.run(("hash-object", "--no-filters", "--stdin"), content).decode().strip()


def write_blob(git: Git, content: bytes) -> str:
    """Stores a content as a blob and gives its id."""
    return git.run(("hash-object", "--no-filters", "-w", "--stdin"), content).decode().strip()


def build_tree(git: Git, base: str, edits: Edits) -> str:
    """The tree of the commit or tree `base` with the edits made, stored; their blobs are there already.

    What is in the way of an edit gives way to it, a file to a folder of its name and a folder to a file.

    Raises:
        GitError: an object that it takes cannot be read.
    """
    folder = tempfile.mkdtemp(prefix="snitch-index-")
    try:
        own = Git(git.directory, variables={"GIT_INDEX_FILE": os.path.join(folder, "index")})
        own.run((*_INDEX_OPTIONS, "read-tree", base))
        records = "".join(f"{index_record(entry, base)}\t{path}\0" for path, entry in _removals_first(edits))
        own.run((*_INDEX_OPTIONS, "update-index", "-z", "--index-info"), records.encode("utf-8", "surrogateescape"))
        # A partial clone has entries whose blobs are elsewhere; each is taken from a commit, or has just been written.
        return own.run((*_INDEX_OPTIONS, "write-tree", "--missing-ok")).decode().strip()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _removals_first(edits: Edits) -> list[tuple[str, Entry | None]]:
    """A file may make way for a folder of its name."""
    return sorted(edits.items(), key=lambda item: (item[1] is not None, item[0]))


def index_record(entry: Entry | None, like: str) -> str:
    """What `git update-index --index-info` takes for an edit, before the tab and the path; `like` is an object id of
    the repository's kind.
    """
    return f"{entry.mode:06o} {entry.oid}" if entry is not None else f"0 {'0' * len(like)}"


def make_commit(git: Git, tree: str, parent: str, message: str) -> str:
    """A commit by whoever runs this, signed where they have git sign; stored, on no branch yet.

    Raises:
        GitError: git does not know who they are, or cannot sign.
    """
    own = Git(git.directory, variables={name: os.environ[name] for name in _IDENTITY if name in os.environ})
    sign = ("-S",) if signs(git) else ()
    command = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", *sign, "-p", parent, "-F", "-", tree)
    answer = own.ask(command, message.encode("utf-8", "surrogateescape"))
    if answer.status == 0:
        return answer.out.decode().strip()
    told = answer.err.lower()
    if "tell me who you are" in told or "empty ident name" in told or "auto-detect email" in told:
        raise GitError("git does not know who commits", "`git config user.name NAME && git config user.email ADDRESS`")
    raise own.failure("commit-tree", answer)


def signs(git: Git) -> bool:
    """Whether the user has git sign each commit; plumbing does so only when it is told."""
    return git.ask(("config", "--type=bool", "--get", "commit.gpgSign")).out.strip() == b"true"


def is_branch_name(git: Git, name: str) -> bool:
    """Whether a branch may be called so."""
    if name.startswith("-") or name == "HEAD" or any(character in name for character in "\0\n"):
        return False
    return git.ask(("check-ref-format", f"refs/heads/{name}")).status == 0


def create_branch(git: Git, name: str, commit: str) -> None:
    """A new branch at a commit; one that is there is never moved.

    Raises:
        GitError: there is one, or another whose name is in the way.
    """
    ref = f"refs/heads/{name}"
    command = ("update-ref", "--create-reflog", "-m", "snitch: created", ref, commit, "0" * len(commit))
    answer = git.ask(command)
    if answer.status == 0:
        return
    if "exists" in answer.err:
        raise GitError(f"the branch `{name}` cannot be made: another is in its way", "Name one with `--branch`")
    raise git.failure("update-ref", answer)
