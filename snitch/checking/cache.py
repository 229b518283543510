"""Verdicts remembered between runs: a check of what has not changed since costs a listing and one read.

The gate never comes here. A verdict is keyed by the digest of everything that a run sees, holds for one UTC day (rules
read dates), and only while the weights whose bytes were not here are still not here.
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from typing import Any

import msgspec

from snitch import __version__
from snitch.checking.commits import Asked, Commits
from snitch.git.command import Git
from snitch.git.disk import read_inside
from snitch.git.snapshots import TreeSnapshot
from snitch.git.weights import have_arrived
from snitch.git.worktree import index_listing
from snitch.placing import place
from snitch.pointer import Pointer
from snitch.policy.policy import Policy
from snitch.rulebook import Rulebook
from snitch.snapshot import Mode, Snapshot, UnreadableFile
from snitch.verdict import Report

_KEPT = 20
#: A verdict on ten thousand models with a finding each takes some megabytes.
_MAX_BYTES = 256 * 1024 * 1024
#: A verdict's name; with more behind it, one that nobody finished writing.
_KEY = re.compile(r"[0-9a-f]{64}(\.[0-9]+\.tmp)?\Z")
_FORMAT = 3
_REFS = ("for-each-ref", "--format=%(objectname) %(refname)")


class Remembered(msgspec.Struct, frozen=True):
    """A report, and the weights that it could not look into: their paths and pointers."""

    report: Report
    not_here: tuple[tuple[str, Pointer], ...] = ()


class Cache:
    """The verdicts in the Git directory's `snitch/`, or in `$SNITCH_CACHE_DIR`."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self.folder = os.environ.get("SNITCH_CACHE_DIR") or os.path.join(git.layout.common_dir, "snitch")

    def recall(self, key: str) -> Report | None:
        """The verdict of a key, if it still holds. What cannot be read is as good as absent."""
        try:
            content = read_inside(self.folder, key, _MAX_BYTES)
            remembered = msgspec.msgpack.decode(content, type=Remembered)
        except (OSError, UnreadableFile, msgspec.MsgspecError, RecursionError):
            return None
        if have_arrived(self._git, remembered.not_here):
            return None
        return remembered.report

    def remember(self, key: str, report: Report, not_here: tuple[tuple[str, Pointer], ...]) -> None:
        """Keeps a verdict, and the weights that it could not look into; a disk that refuses changes nothing."""
        try:
            os.makedirs(self.folder, exist_ok=True)
            place(os.path.join(self.folder, key), msgspec.msgpack.encode(Remembered(report, not_here)))
            self._forget_old()
        except (OSError, ValueError, TypeError, msgspec.MsgspecError):
            return

    def _forget_old(self) -> None:
        """Lets go of the oldest verdicts; whatever else lies in a folder that somebody named is not ours."""
        paths = [os.path.join(self.folder, name) for name in os.listdir(self.folder) if _KEY.match(name)]
        paths.sort(key=os.path.getmtime)
        for path in paths[:-_KEPT]:
            os.remove(path)


def key_of(commits: Commits, options: Any, book: Rulebook) -> str:
    """The digest of everything that decides a verdict."""
    parts: list[object] = [_FORMAT, __version__, _versions(book), commits.asked, options]
    parts += [commits.base_commit, commits.deployed_ref, commits.environment, _meaning(commits.policy, commits.asked)]
    digest = sha256("\0".join(map(repr, parts)).encode("utf-8", "surrogatepass"))
    digest.update(_listing(commits.candidate.snapshot).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def key_if_clean(git: Git, asked: Asked, options: Any, book: Rulebook) -> str | None:
    """The same without parsing anything, for a work tree that is as its index has it, which is for the caller to ask:
    `is_clean`. None where the caller names revisions.

    Every ref counts: which of them decide, only the policy says.

    Raises:
        GitError: the repository cannot be read.
    """
    if asked != Asked(environment=asked.environment) or not git.has_work_tree:
        return None
    git.ahead(_REFS)
    index, refs = index_listing(git), git.run(_REFS)
    history = [_stamp(os.path.join(git.layout.common_dir, name)) for name in ("shallow", "info/grafts")]
    parts = ["clean", _FORMAT, __version__, _versions(book), asked, options, git.layout.head, history]
    digest = sha256("\0".join(map(repr, parts)).encode("utf-8", "surrogatepass"))
    for told in (refs, index):
        digest.update(sha256(told).digest())
    return digest.hexdigest()


def _stamp(path: str) -> tuple[int, int]:
    """When a file was last written, and its size; nothing where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return (0, -1)
    return (status.st_mtime_ns, status.st_size)


def _listing(snapshot: Snapshot) -> str:
    """A text that differs for every two snapshots that differ in a path, a content or a mode."""
    if isinstance(snapshot, TreeSnapshot) and snapshot.tree is not None:
        return snapshot.tree
    entries = snapshot.entries
    odd = [f"{entry.mode:o}{path}" for path, entry in entries.items() if entry.mode != Mode.FILE]
    # The ids are all of one length: run together, they can be told apart.
    return "\0".join([*entries, "", *odd, "", "".join([entry.oid for entry in entries.values()])])


def _meaning(policy: Policy, asked: Asked) -> object:
    """The policy's own snapshot, where it is not the candidate's."""
    return (asked.policy, policy.source.commit, [layer.document.text for layer in policy.layers])


def _versions(book: Rulebook) -> list[tuple[str, tuple[int, int]]]:
    """The modules of the rules and of the packages that they belong to, each with when its file last changed."""
    import sys

    rules = {rule.__module__ for rule in book.rules.values()}
    packages = {name.partition(".")[0] for name in rules}
    modules = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
    loaded = {name: file for name, file in modules if file and name.partition(".")[0] in packages}
    # A namespace package has no file of its own: of its folders those count that hold rules.
    whole = {name for name in packages if os.path.basename(loaded.get(name, "")) == "__init__.py"}
    whole |= {name for name in rules if "." in name and name in loaded}
    folders = {os.path.dirname(loaded[name]) for name in whole}
    files = set(loaded.values())
    for folder in folders:
        for above, _, found in os.walk(folder):
            files.update(os.path.join(above, name) for name in found if name.endswith((".py", ".yaml", ".json")))
    return [(file, _stamp(file)) for file in sorted(files)]
