"""The one model that a person names."""

from __future__ import annotations

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
    if not named:
        near = suggestion(word, catalogue, repository.model_folders)
        raise Misuse(f"there is no model `{word}`{near and f'; {near}'}")
    return named[0]
