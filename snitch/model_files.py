"""The files that a model is made of, in its folder and beside it: what one that was measured again is known by."""

from __future__ import annotations

from hashlib import sha256

from snitch.model import Model

#: What is told about a model in its folder, and what was measured of it: none of it decides an answer.
_TOLD = ("README.md", "CHANGELOG.md")
_MEASURED = "evaluations/"


def answering_files(model: Model) -> list[str]:
    """The files of a model's folder that may decide how it answers: all but card, changelog and evaluations."""
    names = ((path, model.name_of(path)) for path in model.files)
    return [path for path, name in names if name not in _TOLD and not name.startswith(_MEASURED)]


def named_beside(model: Model) -> tuple[str, ...]:
    """What the manifest names that does not lie in the model's folder, requirements that others include too.

    Raises:
        Broken: the manifest is not valid, or names what is not in the tree or leaves the repository.
    """
    dependencies = model.dependencies
    included = (model.name_of(path) for path in (dependencies.files if dependencies else ()))
    named = (*(relative for _, relative, _ in model.named_files), *included)
    return tuple(dict.fromkeys(name for name in named if not model.resolve(name).startswith(model.prefix)))


def answering_digest(model: Model) -> str:
    """A digest of what may decide how a model answers: the names, modes and blob ids of its `answering_files`, and of
    what its manifest names elsewhere. Two trees in which it is equal hold one model, wherever its folder lies.

    Raises:
        Broken: as `named_beside`.
    """
    entries = model.repository.snapshot.entries
    paths = {model.name_of(path): path for path in answering_files(model)}
    paths |= {name: model.resolve(name) for name in named_beside(model)}
    whole = sha256()
    for name, path in sorted(paths.items()):
        entry = entries.get(path)
        held = f"{entry.mode:o} {entry.oid}" if entry is not None else "-"
        whole.update(f"{held} {name}\0".encode("utf-8", "surrogateescape"))
    return f"sha256:{whole.hexdigest()}"
