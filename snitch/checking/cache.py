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
from snitch.policy.policy import Policy
from snitch.rulebook import Rulebook
from snitch.snapshot import Snapshot, UnreadableFile
from snitch.verdict import Report

_KEPT = 20
#: A verdict on ten thousand models with a finding each takes some megabytes.
_MAX_BYTES = 256 * 1024 * 1024
#: A verdict's name; with more behind it, one that nobody finished writing.
_KEY = re.compile(r"[0-9a-f]{64}(\.[0-9]+\.tmp)?\Z")
_FORMAT = 1


class Remembered(msgspec.Struct, frozen=True):
    """A report and the weights that it could not look into."""

    report: Report
    not_here: tuple[str, ...] = ()


class Cache:
    """The verdicts in the Git directory's `snitch/`, or in `$SNITCH_CACHE_DIR`."""

    def __init__(self, git: Git) -> None:
        self.folder = os.environ.get("SNITCH_CACHE_DIR") or os.path.join(git.layout.common_dir, "snitch")

    def recall(self, key: str, candidate: Snapshot) -> Report | None:
        """The verdict of a key, if it still holds. What cannot be read is as good as absent."""
        try:
            content = read_inside(self.folder, key, _MAX_BYTES)
            remembered = msgspec.msgpack.decode(content, type=Remembered)
        except (OSError, UnreadableFile, msgspec.MsgspecError, RecursionError):
            return None
        if any(path in candidate and candidate.local_file(path) is not None for path in remembered.not_here):
            return None
        return remembered.report

    def remember(self, key: str, report: Report, not_here: tuple[str, ...]) -> None:
        """Keeps a verdict; a disk that refuses changes nothing."""
        temporary = os.path.join(self.folder, f"{key}.{os.getpid()}.tmp")
        try:
            os.makedirs(self.folder, exist_ok=True)
            with open(temporary, "wb") as file:
                file.write(msgspec.msgpack.encode(Remembered(report, not_here)))
            os.replace(temporary, os.path.join(self.folder, key))
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
    entries = commits.candidate.snapshot.entries
    listing = "\0".join([f"{entry.oid}{entry.mode:o}{path}" for path, entry in entries.items()])
    digest.update(listing.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _meaning(policy: Policy, asked: Asked) -> object:
    """The policy's own snapshot, where it is not the candidate's."""
    return (asked.policy, policy.source.commit, [layer.document.text for layer in policy.layers])


def _versions(book: Rulebook) -> list[tuple[str, float]]:
    """The installed packages of rules, each with when its files last changed."""
    import sys

    stamps = []
    for name in sorted({rule.__module__ for rule in book.rules.values()}):
        file = getattr(sys.modules.get(name), "__file__", None)
        stamps.append((name, os.path.getmtime(file) if file else 0.0))
    return stamps
