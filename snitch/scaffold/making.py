"""What all that makes something shares: it is made whole, or what was there is as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from snitch.checking.commits import Misuse

if TYPE_CHECKING:
    import git

_INSTALL_GIT = "git is not installed, or not on the PATH; install it: https://git-scm.com/downloads"


class CannotMake(Misuse):
    """What was asked for cannot be made here. What was there is as it was."""


@contextmanager
def whole_or_nothing(root: Path, files: Mapping[str, bytes]) -> Iterator[None]:
    """Makes the folder `root` and the files in it; on failure removes what was made, and not more.

    Raises:
        CannotMake: one of them is there already, or cannot be written.
    """
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    written: list[Path] = []
    had_git = (root / ".git").exists()
    try:
        root.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            with (root / path).open("xb") as file:
                written.append(root / path)
                file.write(content)
        yield
    except BaseException as error:
        if not had_git:
            shutil.rmtree(root / ".git", ignore_errors=True)
        for file_made in written:
            file_made.unlink(missing_ok=True)
        inside = {folder for path in files for folder in (root / path).parents if root in folder.parents}
        for folder in [*sorted(inside, key=lambda each: -len(each.parts)), *made]:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        if isinstance(error, OSError):
            raise CannotMake(f"{error.filename or root} cannot be written: {error.strerror}") from None
        raise


def git_in(directory: str | Path) -> git.Git:
    """A git that runs in a folder, as the person's own would: with their configuration and filters.

    Raises:
        CannotMake: there is no git.
    """
    try:
        import git
    except ImportError:
        raise CannotMake(_INSTALL_GIT) from None
    return git.Git(os.fspath(directory))


def attempt(command: Callable[[], str]) -> str:
    """What git printed; its failure in its own words, as `CannotMake`."""
    import git

    try:
        return command()
    except git.GitCommandNotFound:
        raise CannotMake(_INSTALL_GIT) from None
    except git.CommandError as error:
        told = error.stderr.strip().removeprefix("stderr:").strip(" \n'")
        raise CannotMake(f"git failed: {told or error}") from None
