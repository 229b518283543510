"""Models as people name them: by name, by folder, or nearly so."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import TYPE_CHECKING

from snitch.change import Catalogue

if TYPE_CHECKING:
    from snitch.git.command import Git
    from snitch.repository import Repository

#: Of more names than these the nearest is not looked for: that would take longer than finding it by eye.
_MAX_COMPARED = 2000


def folders_named(word: str, place: str, catalogue: Catalogue, folders: Collection[str]) -> tuple[str, ...]:
    """The folders of the models that a person means by a word, which as a path would be `place` (from the top).

    A model's name counts before a folder's; empty where it is neither.
    """
    return catalogue.folders.get(word) or ((place,) if place in folders else ())


def suggestion(word: str, catalogue: Catalogue, folders: Collection[str]) -> str:
    """`did you mean …?` with the folder of the model of this name, or of the nearest one; empty if none is near."""
    name = posixpath.basename(word.rstrip("/"))
    by_name = {posixpath.basename(folder): folder for folder in sorted(folders, reverse=True) if folder}
    by_name.update({each: held[0] for each, held in catalogue.folders.items() if held[0]})
    found = by_name.get(name)
    if found is None and len(by_name) <= _MAX_COMPARED:
        from difflib import get_close_matches

        found = by_name.get(*get_close_matches(name, by_name, n=1) or ("",))
    return f"did you mean `{found}`?" if found and found != word else ""


def how_to_begin(repository: Repository, git: Git) -> str:
    """The command that adds a first model: around the weights that lie there already, if any do."""
    weights = [path for path in repository.weights_paths if not repository.is_unowned(path)]
    if not weights:
        return "`snitch new NAME` adds one"
    import shlex

    folder, more = _home_of(weights[0]), f" and {len(weights) - 1} more" if weights[1:] else ""
    look = "look" if more else "looks"
    command = f"snitch new {_name_of(folder)} --path {shlex.quote(_from_here(folder, git))}"
    return f"{weights[0]}{more} {look} like weights: `{command}` adds one there"


def _home_of(path: str) -> str:
    """The folder that is a model's, of one of its files: right below `models/`, else the file's own."""
    parts = path.split("/")
    return "/".join(parts[:2] if parts[0] == "models" and len(parts) > 2 else parts[:-1])


def _name_of(folder: str) -> str:
    import msgspec

    from snitch.formats.scalars import Name

    try:
        return msgspec.convert(posixpath.basename(folder).lower(), Name)
    except msgspec.ValidationError:
        return "NAME"


def _from_here(folder: str, git: Git) -> str:
    """A folder of the repository as it is named from where the command runs."""
    import os

    if not git.has_work_tree:
        return folder or "."
    return os.path.relpath(os.path.join(os.path.realpath(git.top_level), folder), os.path.realpath(git.directory))
