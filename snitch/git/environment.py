"""What git is run with: which program, which variables."""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os

from snitch.git.errors import GitError

#: Git sets these for its hooks (`commit -a` has its own index, a push being received its quarantine); they say which
#: repository is meant, and hold for the current directory only.
_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
)
#: The caller's own settings. `safe.directory` may come this way; the judged repository cannot write them.
_CALLER = (
    "GIT_EXEC_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
)

#: So that nothing is fetched, nothing is asked, and what is said is in one language.
FIXED = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Older gits do not know the line above; where no protocol is allowed, they cannot fetch either.
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}


def environment(directory: str) -> dict[str, str]:
    """The variables of a git that is run in a folder: the caller's, without those that would change what it says."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _CALLER or name.startswith("GIT_CONFIG")
    }
    if os.path.realpath(directory) == os.path.realpath(os.getcwd()):
        kept.update((name, os.environ[name]) for name in _REPOSITORY if name in os.environ)
    # Git runs in other folders too (the top level); a relative index alone is always the top level's.
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"):
        if kept.get(name):
            kept[name] = os.path.join(directory, kept[name])
    return kept | FIXED


def program() -> str:
    """Git's full path, from the absolute folders of PATH only: a repository cannot bring its own git."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    raise GitError("git is not installed, or not on the PATH", "Install it: https://git-scm.com/downloads")
