"""CODEOWNERS: whose review a change of a file needs."""

from __future__ import annotations

from msgspec import Struct

from snitch.snapshot import Snapshot, UnreadableFile
from snitch.wildmatch import Glob

#: Where each forge looks, in its order; the first that is there counts.
GITHUB_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
GITLAB_PLACES = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
#: The owner in the examples of the template, whom no forge knows.
EXAMPLE_OWNER = "@example-org"
_LARGEST, _MOST_LINES, _LONGEST_PATTERN = 3 * 1024 * 1024, 5_000, 1_000


class CodeOwners(Struct, frozen=True):
    """The file that counts: its path (None: there is none) and why it cannot be read, where it cannot."""

    path: str | None = None
    fault: str = ""
    #: Each pattern and whether anybody stands behind it, in the file's order.
    lines: tuple[tuple[str, bool], ...] = ()
    #: The owners that still are the template's examples.
    examples: tuple[str, ...] = ()

    def owns(self, path: str) -> bool:
        """Whether somebody owns a file: the last line that matches it decides, and may name nobody."""
        name = path.encode("utf-8", "surrogateescape")
        for pattern, has_owner in reversed(self.lines):
            if any(Glob(glob).matches(name) for glob in _globs(pattern)):
                return has_owner
        return False


def read_code_owners(snapshot: Snapshot, places: tuple[str, ...] = GITHUB_PLACES) -> CodeOwners:
    """The code owners of a snapshot."""
    path = next((place for place in places if place in snapshot), None)
    if path is None:
        return CodeOwners()
    try:
        content = snapshot[path]
    except UnreadableFile as error:
        return CodeOwners(path, error.reason)
    if len(content) > _LARGEST:
        return CodeOwners(path, f"is {len(content):,} bytes; the forge reads none beyond {_LARGEST:,}")
    lines = content.decode("utf-8", "replace").splitlines()
    if len(lines) > _MOST_LINES:
        return CodeOwners(path, f"has {len(lines):,} lines, too many to judge")
    examples = tuple(dict.fromkeys(owner for line in lines for owner in _examples(line)))
    return CodeOwners(path, lines=tuple(filter(None, map(_line, lines))), examples=examples)


def _examples(text: str) -> list[str]:
    if _line(text) is None:
        return []
    words = text.partition(" #")[0].split()[1:]
    return [word for word in words if word.partition("/")[0] == EXAMPLE_OWNER]


def _line(text: str) -> tuple[str, bool] | None:
    """The pattern and whether it has an owner; None for a comment, a section of GitLab's, an empty line."""
    words = text.partition(" #")[0].split()
    if not words or words[0].startswith(("#", "[", "^[")) or len(words[0]) > _LONGEST_PATTERN:
        return None
    return words[0], any("@" in word for word in words[1:])


def _globs(pattern: str) -> tuple[bytes, ...]:
    """The globs of a pattern, by the rules of ignore files; a folder stands for all that is in it."""
    body = pattern.strip("/")
    prefix = "" if "/" in pattern.rstrip("/") else "**/"
    globs = [f"{prefix}{body}/**"] if not body.endswith("/*") or pattern.endswith("/") else []
    if not pattern.endswith("/"):
        globs.append(prefix + body)
    return tuple(glob.encode("utf-8", "surrogateescape") for glob in globs)
