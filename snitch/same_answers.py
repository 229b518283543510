"""What decides how a model answers: whether two models, told apart by digests and blob ids alone, may answer otherwise.

Weights are not all of it. A threshold turns scores into labels, a model's own code may turn anything into anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from snitch.documents import Unreadable
from snitch.documents.yaml_text import said_by_yaml
from snitch.finding import Broken
from snitch.libraries import changed_libraries
from snitch.model import Model, same_files
from snitch.model_files import answering_files
from snitch.repository import MANIFEST
from snitch.snapshot import Entry, UnreadableFile
from snitch.source import resolve

Part = Literal["weights", "threshold", "code", "libraries", "inputs"]

#: What a manifest tells people, which a release changes, and what of it is compared by itself. A model's own code may
#: read all else.
_APART = {"version", "description", "owners", "license", "release", "cases", "decision_threshold", "predict"}


class Otherwise(Struct, frozen=True):
    """One thing that differs between two models and may make them answer otherwise; `what` is it for people."""

    part: Part
    what: str


def answering_otherwise(candidate: Model, deployed: Model) -> tuple[Otherwise, ...]:
    """What may make a candidate answer otherwise than the deployed model does, most telling first.

    What of the deployed model cannot be told differs from anything. No content of a file is read but the manifests',
    and of requirements, with what the records were measured with where those differ.

    Raises:
        Broken: the candidate's manifest or weights cannot be told, or the deployed model's manifest.
    """
    new, old = candidate.manifest, deployed.manifest
    found = []
    if not same_weights(candidate, deployed):
        found.append(Otherwise("weights", "the weights"))
    if new.decision_threshold != old.decision_threshold:
        found.append(Otherwise("threshold", "the decision threshold"))
    if new.predict != old.predict:
        found.append(Otherwise("code", "the prediction code (`predict`)"))
    elif new.predict:
        names = [*_other_fields(candidate, deployed), *_other_files(candidate, deployed)]
        if names:
            found.append(Otherwise("code", f"the prediction code ({_named(names)})"))
    libraries = changed_libraries(candidate, deployed)
    if libraries and not any(each.part == "code" for each in found):
        found.append(Otherwise("libraries", f"the libraries ({_named(libraries)})"))
    if _inputs(candidate) != _inputs(deployed):
        found.append(Otherwise("inputs", "the inputs"))
    return tuple(found)


def _named(names: Sequence[str]) -> str:
    return f"{names[0]} and {len(names) - 1:,} more" if len(names) > 1 else names[0]


def same_weights(candidate: Model, deployed: Model) -> bool:
    """Whether both have the same weights; deployed weights that cannot be told differ from any.

    Raises:
        Broken: the candidate's cannot be told.
    """
    try:
        held = deployed.weights_digests
    except Broken:
        held = {}
    return same_files(candidate.weights_digests, held)


def _other_fields(candidate: Model, deployed: Model) -> list[str]:
    """What differs in the manifests of what a model's own code may read there."""
    new, old = _fields(candidate), _fields(deployed)
    return sorted(f"`{key}` of {MANIFEST}" for key in new.keys() | old.keys() if new.get(key) != old.get(key))


def _fields(model: Model) -> dict[str, object]:
    try:
        said = said_by_yaml(model.repository.snapshot[model.path].decode("utf-8"))
    except (Unreadable, UnreadableFile, UnicodeDecodeError) as error:  # it was read before: so it is not this one
        raise Broken(f"{model.path} is not valid", reported_by="MET002", path=model.path) from error
    return {key: held for key, held in said.items() if key not in _APART} if isinstance(said, dict) else {}


def _other_files(candidate: Model, deployed: Model) -> list[str]:
    """The files that differ of those that a model's own code may import or read."""
    new, old = _files(candidate), _files(deployed)
    return sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))


def _files(model: Model) -> dict[str, Entry | None]:
    """By their names seen from the folder: all that a command of its own is given, but for the weights and the
    manifest, which are compared by what they say; and what the manifest names elsewhere.
    """
    entries, manifest = model.repository.snapshot.entries, model.manifest
    found: dict[str, Entry | None] = {model.name_of(path): entries[path] for path in answering_files(model)}
    for name in {relative for _, relative in manifest.named_files} - found.keys():
        path = resolve(model.folder, name)
        found[model.name_of(path) if path else name] = entries.get(path) if path else None
    beside = (*manifest.weights, *([manifest.cases] if manifest.cases else ()))
    resolved = {model.name_of(path) for each in beside if (path := resolve(model.folder, each))}
    apart = {model.name_of(model.path), *beside, *resolved}
    return {name: entry for name, entry in found.items() if name not in apart}


def _inputs(model: Model) -> tuple[str, ...]:
    """The columns that the model is given, in their order."""
    signature = model.manifest.signature
    return tuple(column.name for column in signature.inputs) if signature else ()
