"""`snitch new`: adds a model that tells, finding by finding, what is still missing."""

from __future__ import annotations

import os
import shlex
from datetime import datetime, timezone
from typing import get_args

import click

from snitch.checking.commits import Misuse
from snitch.checking.waiving import models_here
from snitch.cli.output import tell_line
from snitch.cli.places import from_top
from snitch.formats.manifest import Task
from snitch.git.command import Git
from snitch.git.worktree import work_tree_snapshot
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.scaffold.model import NAME, make_model, model_files, weights_in
from snitch.source import Source


@click.command(short_help="Add a model to a repository.")
@click.argument("name")
@click.option("--task", type=click.Choice(get_args(Task)), default="binary-classification", help="What it does.")
@click.option("--path", "folder", metavar="FOLDER", help="Where it lies (default: models/NAME).")
def new(name: str, task: str, folder: str | None) -> int:
    """Add the model NAME: a manifest, a card and a changelog that say what is still to be written.

    In a folder that is there already only the files that are missing are added, and the manifest names the weights that
    lie in it. `snitch check` then tells, finding by finding, what is missing.
    """
    if not NAME.fullmatch(name):
        raise Misuse(f"a name is of lower-case letters, digits, `.`, `_` and `-`, such as `churn`, not `{name}`")
    git = Git()
    snapshot = work_tree_snapshot(git)
    repository = Repository(snapshot, read_policy(Source(snapshot)).exclude)
    place = f"models/{name}" if folder is None else from_top(git, folder)
    taken = models_here(repository).folders.get(name)
    if taken:
        raise Misuse(f"there is a model `{name}` already, in {taken[0] or '.'}")
    files = model_files(name, task, datetime.now(timezone.utc).date(), weights_in(repository, place))
    written, left = make_model(git.top_level, repository, place, files)
    for path in written:
        tell_line(f"wrote {path}")
    for path in left:
        tell_line(f"left {path} as it is")
    _tell_next(os.path.relpath(os.path.join(os.path.realpath(git.top_level), place), os.path.realpath(os.getcwd())))
    return 0


def _tell_next(place: str) -> None:
    tell_line("")
    tell_line("next:")
    tell_line(f"  snitch check {shlex.quote(place)}")
    tell_line("tells what is still missing. A benchmark measures the model once it names it under `models`.")
