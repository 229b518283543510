"""What goes wrong with git, told as one sentence: what is wrong, where, and what to do."""

from __future__ import annotations

#: The oldest git whose plumbing answers the questions asked here.
OLDEST_GIT = (2, 30)


class GitError(Exception):
    """The repository cannot be read. `str()` of it is the message followed by the advice."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(f"{message}. {advice}" if advice else message)
        self.message = message
        self.advice = advice


class NoRepository(GitError):
    """There is no repository at the folder, nor above it."""


class TimedOut(GitError):
    """Git was still at it when it had had long enough: nothing is known."""


class AbsentObject(GitError):
    """An object that exists elsewhere is not in this clone (shallow or partial): undecidable rather than broken."""


def explain(command: str, stderr: str, directory: str) -> GitError:
    """The error that git's own words amount to. `stderr` is git's, in English (`LC_ALL=C`)."""
    told = stderr.lower()
    for phrases, kind, message, advice in _KNOWN:
        if any(phrase in told for phrase in phrases):
            return kind(message.format(where=directory), advice.format(command=_safe_directory(stderr, directory)))
    first = next((line for line in stderr.splitlines() if line.strip()), "it did not say why")
    return GitError(f"git {command} failed in {directory}: {first.removeprefix('fatal: ').strip()}")


def _safe_directory(stderr: str, directory: str) -> str:
    """The exact command that trusts the repository: git names the path it wants, which may be a parent's."""
    start = stderr.find("git config --global --add safe.directory ")
    if start < 0:
        import shlex

        return f"git config --global --add safe.directory {shlex.quote(directory)}"
    return stderr[start:].splitlines()[0].strip()


_KNOWN: tuple[tuple[tuple[str, ...], type[GitError], str, str], ...] = (
    (
        ("dubious ownership", "unsafe repository"),
        GitError,
        "git refuses to read {where}: the folder belongs to another user",
        "If you trust it, run `{command}`",
    ),
    (
        ("not a git repository",),
        NoRepository,
        "there is no git repository at {where}",
        "Go to one, or make one with `git init`",
    ),
    (
        ("must be run in a work tree",),
        GitError,
        "the repository at {where} has no work tree",
        "Name a commit instead, as in `--ref main`",
    ),
    (
        ("unknown repository extension", "unknown object format", "expected git repo version"),
        GitError,
        "the repository at {where} has a format that this git does not know",
        "Use a newer git",
    ),
    (
        ("index file corrupt", "bad index file", "index file smaller", "bad signature 0x", "index uses"),
        GitError,
        "the git index of {where} is corrupt",
        "Move the file away that `git rev-parse --git-path index` names, then run `git reset`",
    ),
    (
        ("from promisor remote", "lazy fetching disabled", "transport 'none'", "' not allowed"),
        AbsentObject,
        "the clone at {where} is partial and lacks an object that is needed",
        "Fetch it, or clone without `--filter`",
    ),
    (
        ("is corrupt", "inflate: ", "unable to unpack", "is empty", "bad object header", "hash mismatch"),
        GitError,
        "the repository at {where} is corrupt",
        "`git fsck` says what is broken; clone it again",
    ),
    (
        ("not a tree object", "could not read", "unable to read", "bad object", "missing ", "unable to find"),
        AbsentObject,
        "the clone at {where} lacks an object that is needed",
        "Fetch it with `git fetch`; if the clone should be complete, `git fsck` says what is broken",
    ),
)
