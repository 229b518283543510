"""Whether anything staged can matter to Snitch: most commits touch no model, and should not wait for one.

Answers with a few git calls and nothing imported but the standard library's core. It may say that something
matters when it does not; never the reverse.
"""

from __future__ import annotations

from snitch.git.changes import staged_paths
from snitch.git.climbing import climbing_lines
from snitch.git.command import Git
from snitch.git.errors import GitError
from snitch.git.pattern import one_pattern
from snitch.layout import (
    BENCHMARK,
    BENCHMARKS,
    CODE_SUFFIXES,
    INERT_SUFFIXES,
    MANIFEST,
    NAMING_FILES,
    POLICY,
    PREDICTIONS_SUFFIXES,
    REQUIREMENTS_SUFFIXES,
    WEIGHTS_SUFFIXES,
)

_MATTERS_BY_NAME = {MANIFEST, POLICY, BENCHMARK, ".gitattributes", "CODEOWNERS"}
_MATTERS_BY_FOLDER = (f"{BENCHMARKS}/", ".github/", ".gitlab", "azure-pipelines")
#: What a document may spell with an escape, so that a search for the name would miss it.
_ESCAPABLE = frozenset(" \"'\\")
_MANY = 200
#: A requirements file that is included by a name which goes on in the next line, or has quotes within.
_GOES_ON = r"^[[:space:]]*(-r|-c|--r[a-z]*|--c[a-z]*).*[\"'\\]"
_REQUIREMENTS = tuple(f"*{suffix}" for suffix in REQUIREMENTS_SUFFIXES)


def nothing_staged_matters() -> bool:
    """Whether the commit being made touches nothing that Snitch judges. False whenever that is not certain."""
    git = Git()
    try:
        paths = staged_paths(git)
        if len(paths) > _MANY or any(_matters(path) for path in paths):
            return False
        return not paths or not (_in_a_model(git, paths) or _named_somewhere(git, paths))
    except GitError:
        return False


def _matters(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    if name in _MATTERS_BY_NAME or path.startswith(_MATTERS_BY_FOLDER) or path.lower().endswith(WEIGHTS_SUFFIXES):
        return True
    return "evaluations/" in path.lower() or not (path.isascii() and path.isprintable() and _ESCAPABLE.isdisjoint(path))


def _in_a_model(git: Git, paths: set[str]) -> bool:
    """Whether a manifest stands in a folder above one of the paths."""
    manifests = {MANIFEST}
    for path in paths:
        folder = path
        while "/" in folder:
            folder = folder.rsplit("/", 1)[0]
            manifests.add(f"{folder}/{MANIFEST}")
    return git.run(("ls-files", "-z", "--", *(f":(top,literal){path}" for path in sorted(manifests)))) != b""


def _named_somewhere(git: Git, paths: set[str]) -> bool:
    """Whether a manifest, a requirements file or the policy may name one of the paths."""
    return bool(paths) and (_named_by_a_manifest(git, paths) or _named_by_another(git, paths))


def _named_by_a_manifest(git: Git, paths: set[str]) -> bool:
    """Whether a manifest may name one: as none stands above them, it would have to climb, or hide that in an escape."""
    words = [path.rsplit("/", 1)[-1].encode("utf-8", "surrogateescape") for path in paths]
    return any(b"\\" in line or any(word in line for word in words) for line in climbing_lines(git).split(b"\n"))


def _named_by_another(git: Git, paths: set[str]) -> bool:
    """Whether the policy, a dependency file or an evaluation may name one; code and prose they cannot."""
    named = {path for path in paths if not path.endswith((*INERT_SUFFIXES, *CODE_SUFFIXES))}
    words = sorted({path.rsplit("/", 1)[-1] for path in named})
    if not words:
        return False
    if _any_ends(named, REQUIREMENTS_SUFFIXES) and _found(git, [_GOES_ON], _REQUIREMENTS, regex=True):
        return True
    if _any_ends(named, PREDICTIONS_SUFFIXES) and _found(git, words, ("*.json",)):
        return True
    # A file that names itself is not named by another; that it is among the staged is no reason to look further.
    # An escape in the policy may spell any name.
    return bool(_found(git, words, NAMING_FILES) - paths or _found(git, ["\\"], (POLICY,)))


def _any_ends(paths: set[str], suffixes: tuple[str, ...]) -> bool:
    return any(path.lower().endswith(suffixes) for path in paths)


def _found(git: Git, words: list[str], globs: tuple[str, ...], *, regex: bool = False) -> set[str]:
    """The staged files that hold one of the words, or with `regex` of the regular expressions; `*` spans folders.

    Raises:
        GitError: one of them cannot be read.
    """
    kind, pattern = one_pattern(words, regex=regex)
    # Globs of this kind are quick to hold against thousands of paths; more threads would wait for each other.
    places = [f":(top,icase){glob}" for glob in globs]
    options = ("-c", "grep.threads=1", "grep", "--cached", "-laz", "--full-name", "--no-textconv")
    answer = git.ask((*options, kind, "-e", pattern, "--", *places))
    # Git goes on past a file that it cannot read, and only its words tell.
    if answer.status not in (0, 1) or answer.err:
        raise git.failure("grep", answer)
    return set(answer.out.decode("utf-8", "surrogateescape").split("\0")[:-1])
