"""`snitch init`: makes a model repository; `--git-hook` writes plain git hooks into one."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from datetime import datetime, timezone

import click

from snitch.checking.commits import Misuse
from snitch.cli.output import tell_line
from snitch.git.command import Git
from snitch.git.errors import GitError, NoRepository
from snitch.scaffold.githooks import hooks_folder, write_hooks
from snitch.scaffold.repository import make_repository, write_gate
from snitch.template import CI_SYSTEMS


@click.command(short_help="Make a model repository.")
@click.argument("directory", metavar="DIR", required=False, type=click.Path(file_okay=False))
@click.option("--git-hook", is_flag=True, help="Write plain git hooks that run Snitch, instead of pre-commit's.")
@click.option("--ci", type=click.Choice(CI_SYSTEMS), help="Whose files run the gate; github where none is named.")
def init(directory: str | None, git_hook: bool, ci: str | None) -> int:
    """Make a model repository in DIR: two example models, weights in Git LFS, the branches main and staging.

    DIR must be empty or not there yet, and lie in no other repository. With --git-hook or --ci in an existing
    repository (DIR, or the one you are in) nothing but the hooks, or the files that run the gate, is written.
    """
    if directory is None and not git_hook and ci is None:
        raise Misuse("name the folder to make the model repository in; or write hooks into this one with --git-hook")
    new = None if (git_hook or ci) and _is_repository(directory or ".") else directory
    if new is not None:
        _make(new, ci or "github")
    elif ci is not None:
        _gate(directory or ".", ci)
    if git_hook:
        _hook(directory or ".")
    if new is not None:
        _tell_next(new, hooked=git_hook)
    return 0


_WHERE_TO_HOOK = "go to one, make one here with `git init`, or a new one with `snitch init DIR --git-hook`"


def _make(directory: str, ci: str) -> None:
    files = make_repository(directory, datetime.now(timezone.utc).date(), ci)
    tell_line(f"made a model repository in {directory}: {len(files)} files, branches main and staging")


def _gate(directory: str, ci: str) -> None:
    """Writes the files that run the gate into a repository that is there."""
    try:
        top = Git(directory).top_level
    except NoRepository as error:
        raise Misuse(f"{error.message}, so nothing can be gated; name a folder to make a model repository in") from None
    written = write_gate(top, datetime.now(timezone.utc).date(), ci)
    if not written:
        tell_line(f"nothing was to be written: `--ci {ci}` has no file that runs the gate")
        return
    for path in written:
        tell_line(f"wrote {path}")
    tell_line(
        "next: commit them to the default branch, require the check, and see what is missing: `snitch doctor --ci`"
    )


def _hook(directory: str) -> None:
    """The top-level folder is where git runs hooks, and where a relative hooks path begins."""
    try:
        top = Git(directory).top_level
    except NoRepository as error:
        raise Misuse(f"{error.message}, so there is nothing to hook into; {_WHERE_TO_HOOK}") from None
    written = write_hooks(top, _program())
    for path in written:
        tell_line(f"wrote the hook {os.path.relpath(path, top)}")
    if not written:
        tell_line(f"the hooks are there already, in {os.path.relpath(hooks_folder(top), top)}")


def _is_repository(directory: str) -> bool:
    """Whether the folder is in a git repository. An empty one is to become a repository of its own."""
    if not os.path.isdir(directory) or not os.listdir(directory):
        return False
    try:
        return Git(directory).has_work_tree
    except GitError:
        return False


def _program() -> str:
    """The `snitch` that is running, so that a hook finds it where no virtualenv is active."""
    beside = os.path.join(os.path.dirname(sys.executable), "snitch")
    return beside if os.access(beside, os.X_OK) else shutil.which("snitch") or "snitch"


def _tell_next(directory: str, *, hooked: bool) -> None:
    tell_line("")
    tell_line("next:")
    tell_line(f"  cd {shlex.quote(directory)}")
    if not hooked:
        tell_line("  pre-commit install          the hooks: at commit, at merge, at push")
    tell_line("  snitch check --all          judge everything there is")
    if not hooked:
        tell_line(
            "where pre-commit cannot reach the address in .pre-commit-config.yaml: `snitch init --git-hook` instead"
        )
