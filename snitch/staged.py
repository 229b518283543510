"""Whether anything staged can matter to Snitch: most commits touch no model, and should not wait for one.

Answers with two or three git calls and nothing imported but the standard library's core. It may say that something
matters when it does not; never the reverse.
"""

from __future__ import annotations

import os
import subprocess

from snitch.layout import BENCHMARK, BENCHMARKS, INERT_SUFFIXES, MANIFEST, NAMING_FILES, POLICY, WEIGHTS_SUFFIXES

_MATTERS_BY_NAME = {MANIFEST, POLICY, BENCHMARK, ".gitattributes", "CODEOWNERS"}
_MATTERS_BY_FOLDER = (f"{BENCHMARKS}/", ".github/", ".gitlab")
_OPTIONS = ("--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.devnull)
_MANY = 200


def nothing_staged_matters() -> bool:
    """Whether the commit being made touches nothing that Snitch judges. False whenever that is not certain."""
    if not os.path.exists(".git") and "GIT_DIR" not in os.environ:
        return False  # not at the top level, where hooks run: paths would mean something else
    changed = _ask("diff-index", "--cached", "--no-renames", "--name-only", "-z", "--ignore-submodules=none", "HEAD", "--")
    if changed is None:
        return False
    paths = changed.split(b"\0")[:-1]
    names = [os.fsdecode(path) for path in paths]
    if len(names) > _MANY or any(_matters(name) for name in names):
        return False
    return not names or not (_in_a_model(names) or _named_somewhere(names))


def _matters(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    if name in _MATTERS_BY_NAME or path.startswith(_MATTERS_BY_FOLDER) or path.endswith(WEIGHTS_SUFFIXES):
        return True
    return "evaluations/" in path


def _in_a_model(paths: list[str]) -> bool:
    """Whether a manifest stands in a folder above one of the paths."""
    manifests = {MANIFEST}
    for path in paths:
        folder = path
        while "/" in folder:
            folder = folder.rsplit("/", 1)[0]
            manifests.add(f"{folder}/{MANIFEST}")
    return _ask("ls-files", "-z", "--", *sorted(manifests)) != b""


def _named_somewhere(paths: list[str]) -> bool:
    """Whether a manifest, a requirements file or the policy may name one of the paths."""
    words = {path.rsplit("/", 1)[-1] for path in paths if not path.endswith(INERT_SUFFIXES)}
    if not words:
        return False
    patterns = [argument for word in sorted(words) for argument in ("-e", word)]
    globs = [f":(glob)**/{glob}" for glob in NAMING_FILES]
    found = _ask("grep", "--cached", "-laFz", "--no-textconv", *patterns, "--", *globs, literal=False, silent=(0, 1))
    # A file that names itself is not named by another; that it is among the staged is no reason to look further.
    return found is None or any(os.fsdecode(path) not in paths for path in found.split(b"\0")[:-1])


def _ask(*args: str, literal: bool = True, silent: tuple[int, ...] = (0,)) -> bytes | None:
    """What git prints; None where it cannot be asked or fails."""
    environment = {**os.environ, "GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
    options = _OPTIONS if literal else _OPTIONS[1:]
    try:
        done = subprocess.run(("git", *options, *args), capture_output=True, env=environment, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode in silent else None

