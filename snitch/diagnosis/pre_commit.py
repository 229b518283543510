"""What `.pre-commit-config.yaml` says of Snitch's hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from snitch.documents import Unreadable, read_document
from snitch.snapshot import Snapshot, UnreadableFile

CONFIG = ".pre-commit-config.yaml"
HOOK_IDS = ("snitch", "snitch-push")

#: A version or a commit; anything else may be a branch, which pre-commit fetches once and never again.
_FIXED = re.compile(r"v?\d+(\.\d+)*([-.+]?[0-9A-Za-z]+)*|.*[-/_]v?\d+(\.\d+)+|[0-9a-f]{7,64}")


class PreCommitConfig(Struct, frozen=True):
    """`fault` tells why it cannot be read; `hooks` are those of `HOOK_IDS` that it names."""

    exists: bool = False
    fault: str = ""
    hooks: frozenset[str] = frozenset()
    #: The `rev` of an entry that names Snitch's hooks and may be a branch; None where all are fixed.
    loose_rev: str | None = None


def read_pre_commit_config(snapshot: Snapshot) -> PreCommitConfig:
    """What the configuration at the root of a snapshot says of Snitch."""
    if CONFIG not in snapshot:
        return PreCommitConfig()
    try:
        data = read_document(CONFIG, snapshot[CONFIG]).data
    except (Unreadable, UnreadableFile) as error:
        return PreCommitConfig(exists=True, fault=str(error).removeprefix(f"{CONFIG}: "))
    found: set[str] = set()
    loose = None
    for repo in _mappings(data.get("repos") if isinstance(data, dict) else None):
        ids = {name for hook in _mappings(repo.get("hooks")) for name in _ids_of(repo, hook)}
        found |= ids
        rev = repo.get("rev")
        if ids and repo.get("repo") != "local" and not (isinstance(rev, str) and _FIXED.fullmatch(rev)):
            loose = str(rev)
    return PreCommitConfig(exists=True, hooks=frozenset(found), loose_rev=loose)


def _ids_of(repo: dict[str, Any], hook: dict[str, Any]) -> Iterator[str]:
    """Which of Snitch's hooks this is; a local one by what it runs."""
    entry = str(hook.get("entry", ""))
    if repo.get("repo") == "local" and "snitch" in entry:
        if "--staged" in entry:
            yield "snitch"
        if "--pre-push" in entry:
            yield "snitch-push"
    elif hook.get("id") in HOOK_IDS:
        yield str(hook["id"])


def _mappings(value: object) -> Iterator[dict[str, Any]]:
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
