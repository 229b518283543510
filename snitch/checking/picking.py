"""The one model that a person names."""

from __future__ import annotations

import posixpath

from snitch.change import Catalogue
from snitch.checking.commits import Misuse
from snitch.checking.naming import folders_named, suggestion
from snitch.checking.waiving import models_here
from snitch.repository import Repository


def folder_named(word: str, place: str, repository: Repository) -> str:
    """The folder of the model that is called by a word, or lies at what it is as a path (`place`, from the top).

    Raises:
        Misuse: there is none, or there are several of this name.
    """
    if place in repository.model_folders and "/" in place:
        return place  # no model's name has a slash, so that none of them needs to be known
    catalogue = models_here(repository)
    named = folders_named(word, place, catalogue, repository.model_folders)
    if len(named) > 1:
        raise Misuse(f"{word} is the name of several models; name one of {', '.join(named)}")
    # A manifest that cannot be read names none: whoever reads it next says why.
    named = named or _unnamed(word, catalogue, repository)
    if not named:
        near = suggestion(word, catalogue, repository.model_folders)
        raise Misuse(f"there is no model `{word}`{near and f'; {near}'}")
    return named[0]


def _unnamed(word: str, catalogue: Catalogue, repository: Repository) -> tuple[str, ...]:
    """The one folder of the word's name, if no name is known of the model in it."""
    # Where no name can be read, the folder stands for it.
    known = {folder for name, folders in catalogue.folders.items() for folder in folders if name != folder}
    found = [each for each in repository.model_folders if posixpath.basename(each) == word and each not in known]
    return tuple(found) if len(found) == 1 else ()
