"""Makes a model repository from the template."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from snitch.git.command import Git
from snitch.git.errors import NoRepository
from snitch.pointer import parse_pointer
from snitch.scaffold.making import CannotMake, attempt, git_in, whole_or_nothing
from snitch.template import for_ci, gate_files, render, template_files

if TYPE_CHECKING:
    import git

_IN_LFS = (".skops", ".parquet")

#: Where these are set git writes to the repository that they name, not to the folder that was asked for.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")

_INSTALLERS = (
    ("apt-get", "sudo apt-get install git-lfs"),
    ("dnf", "sudo dnf install git-lfs"),
    ("yum", "sudo yum install git-lfs"),
    ("pacman", "sudo pacman -S git-lfs"),
    ("zypper", "sudo zypper install git-lfs"),
    ("apk", "sudo apk add git-lfs"),
    ("brew", "brew install git-lfs"),
    ("port", "sudo port install git-lfs"),
    ("winget", "winget install GitHub.GitLFS"),
    ("choco", "choco install git-lfs"),
)
_SET_NAME = 'git config --global user.name "Your Name" && git config --global user.email you@example.com'


def install_lfs_command(which: Callable[[str], str | None] = shutil.which) -> str:
    """The command that installs Git LFS on this machine."""
    return next((command for program, command in _INSTALLERS if which(program)), "see https://git-lfs.com")


def make_repository(directory: str, today: date, ci: str = "github") -> list[str]:
    """Makes a model repository from the template: first commit, weights in Git LFS, branches `main` and `staging`.

    `ci` is one of `snitch.template.CI_SYSTEMS`. Returns the paths of its files. A failure leaves nothing behind that
    was not there.

    Raises:
        CannotMake: the folder is not empty or lies within another repository, git or Git LFS or the committer's name is
            missing, or git failed.
    """
    root = Path(directory)
    _refuse_occupied(root)
    _check_git()
    _refuse_enclosed(root)
    files = render(for_ci(template_files(), ci), today)
    with whole_or_nothing(root, files):
        _commit(git_in(root), files)
    return sorted(files)


def write_gate(directory: str, today: date, ci: str) -> list[str]:
    """Writes the CI files that judge into a repository that is there; commits nothing. Returns their paths.

    Raises:
        CannotMake: one of them is there already; then none is written.
    """
    root = Path(directory)
    files = render(gate_files(template_files(), ci), today)
    there = [path for path in files if os.path.lexists(root / path)]
    if there:
        raise CannotMake(f"{', '.join(there)}: there already, so nothing was written; move it aside to have it anew")
    with whole_or_nothing(root, files):
        pass
    return sorted(files)


def _refuse_occupied(root: Path) -> None:
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise CannotMake(f"{root} is there, and no folder")
    if root.is_dir() and any(root.iterdir()):
        raise CannotMake(f"{root} is not empty; name a folder that is empty or not there yet")


def _refuse_enclosed(root: Path) -> None:
    """A repository within another one is seen by neither; where the outer one ignores the folder, that is meant."""
    place = os.path.realpath(root)
    above = next(each for each in (place, *map(str, Path(place).parents)) if os.path.isdir(each))
    outer = Git(above)
    try:
        within = outer.layout.top_level or outer.layout.git_dir
    except NoRepository:
        return
    if not outer.has_work_tree or outer.ask(("check-ignore", "--quiet", "--", f"{place}/")).status != 0:
        raise CannotMake(f"{root} lies within the git repository {within}; choose a folder outside it")


def _check_git() -> None:
    """Everything that can be known to go wrong, before anything is written."""
    named = [name for name in _ELSEWHERE if os.environ.get(name)]
    if named:
        raise CannotMake(f"{named[0]} is set, so that git would write elsewhere; unset it")
    shell = git_in(os.getcwd())
    attempt(lambda: shell.version())
    if not _succeeds(lambda: shell.lfs("version")):
        raise CannotMake(f"Git LFS is not installed; install it: {install_lfs_command()}")
    idents = ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")
    if not all(_succeeds(lambda each=each: shell(c="user.useConfigOnly=true").var(each)) for each in idents):  # type: ignore[misc]
        raise CannotMake(f"git does not know who commits; {_SET_NAME}")


def _succeeds(command: Callable[[], str]) -> bool:
    try:
        attempt(command)
    except CannotMake:
        return False
    return True


def _commit(shell: git.Git, files: Mapping[str, bytes]) -> None:
    """The person's own hooks have no say in a commit of files that are not theirs."""
    attempt(lambda: shell.init("--quiet", "--initial-branch=main"))
    # In a hooks folder of the person's own, hooks may stand that Git LFS refuses to join.
    own_hooks = attempt(lambda: shell.config("--get", "--default", "", "core.hooksPath"))
    attempt(lambda: shell.lfs("install", "--local", *(["--skip-repo"] if own_hooks else [])))
    attempt(lambda: shell.add("--force", "--", *files))
    message = "A model repository, from the template of Snitch"
    attempt(lambda: shell(c=f"core.hooksPath={os.devnull}").commit("--quiet", "--message", message))
    attempt(lambda: shell.branch("staging"))
    for path in files:
        if path.endswith(_IN_LFS):
            _check_pointer(shell, path)


def _check_pointer(shell: git.Git, path: str) -> None:
    stored = attempt(lambda: shell.cat_file("blob", f"HEAD:{path}", strip_newline_in_stdout=False))
    if parse_pointer(stored.encode("utf-8", "surrogateescape")) is None:
        raise CannotMake(f"git stored {path} itself instead of its LFS pointer; `git lfs env` may tell why")
