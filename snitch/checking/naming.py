"""Models as people name them: by name, by folder, or nearly so."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from snitch.change import Catalogue

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
