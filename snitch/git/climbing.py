"""The lines of committed manifests that may name a file of another folder, remembered between commits.

A commit that touches a script has to know whether some manifest names it. To search thousands of manifests for that
costs more than all the rest of the hook; most commits change none of them, and what was found before still holds.
"""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os

from snitch.git.pattern import one_pattern
from snitch.layout import MANIFEST
from snitch.placing import place

TYPE_CHECKING = False  # as typing has it; see `snitch.git.command`
if TYPE_CHECKING:
    from snitch.git.command import Git

_MANIFESTS = f":(top,icase)*{MANIFEST}"
_FILE = "climbing"
#: A file of lines larger than this is not worth reading for one commit.
_MAX_BYTES = 4 * 1024 * 1024
_END = b"\n-- end --\n"


def climbing_lines(git: Git) -> bytes:
    """The lines at HEAD that climb (`..`) or hold an escape; none on an unborn branch.

    Raises:
        GitError: a manifest cannot be read.
    """
    told = git.run(("rev-parse", "--git-common-dir", "--revs-only", "HEAD^{commit}"))
    folder, _, commit = told.decode("utf-8", "surrogateescape").rstrip("\n").rpartition("\n")
    if not folder:
        return b""
    path = os.path.join(git.directory, folder, "snitch", _FILE)
    lines = _remembered(git, path, commit)
    if lines is None:
        lines = _search(git, commit)
        _remember(path, commit, lines)
    return lines


def _search(git: Git, commit: str) -> bytes:
    options = ("grep", "-ah", "--no-line-number", "--no-column", "--no-color", "--no-heading", "--no-textconv")
    kind, pattern = one_pattern(("..", "\\"))
    # Objects are read one at a time; more threads would wait for each other.
    answer = git.ask(("-c", "grep.threads=1", *options, kind, "-e", pattern, commit, "--", _MANIFESTS))
    # Git goes on past a file that it cannot read, and only its words tell.
    if answer.status not in (0, 1) or answer.err:
        raise git.failure("grep", answer)
    return answer.out


def _remembered(git: Git, path: str, commit: str) -> bytes | None:
    """What was found at an earlier commit, if no manifest differs since; anything odd counts as nothing."""
    if not os.path.isfile(path):  # a pipe would be waited for
        return None
    try:
        with open(path, "rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError:
        return None
    head, _, lines = content.partition(b"\n")
    earlier = head.decode("ascii", "replace")
    if not lines.endswith(_END) or len(earlier) not in (40, 64) or not earlier.isalnum():
        return None
    if earlier != commit:
        since = git.ask(("diff-tree", "-r", "--name-only", "--no-renames", earlier, commit, "--", _MANIFESTS))
        if since.status != 0 or since.out:
            return None
    return lines[: -len(_END)]


def _remember(path: str, commit: str, lines: bytes) -> None:
    """Keeps what was found; a disk that refuses changes nothing."""
    if len(lines) > _MAX_BYTES - 200:
        return
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        place(path, commit.encode() + b"\n" + lines + _END)
    except OSError:
        return
