"""How large a change of a model is, in the terms of semantic versioning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

from msgspec import Struct

from snitch.finding import Broken
from snitch.formats.manifest import Column, Signature
from snitch.formats.scalars import Version
from snitch.model import Model
from snitch.same_answers import answering_otherwise


class Size(IntEnum):
    """The part of a version that a change raises."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


class Difference(Struct, frozen=True):
    """One thing that differs between two versions of a model; `counts` is whether it makes another model of it."""

    what: str
    size: Size
    counts: bool = True


def changes_between(candidate: Model, deployed: Model) -> Iterator[Difference]:
    """What differs, most telling first.

    Raises:
        Broken: the candidate's manifest, weights or parameters cannot be read.
    """
    new, old = candidate.manifest, deployed.manifest
    if new.library_name != old.library_name:
        yield Difference("library_name", Size.MAJOR, counts=False)
    if new.architecture != old.architecture and old.architecture is not None:
        yield Difference("architecture", Size.MAJOR, counts=False)
    if new.signature != old.signature:
        breaking = next(incompatibilities(old.signature, new.signature), None)
        size = Size.PATCH if breaking is None else Size.MAJOR
        yield Difference("the signature" + (f" ({breaking})" if breaking else ""), size)
    otherwise = answering_otherwise(candidate, deployed)
    yield from (Difference(each.what, Size.MINOR) for each in otherwise if each.part == "weights")
    if _training_data(candidate) != _training_data(deployed):
        yield Difference("the training data", Size.MINOR)
    if not _same_parameters(candidate, deployed):
        yield Difference("the parameters", Size.PATCH)
    yield from (Difference(each.what, Size.PATCH) for each in otherwise if each.part in ("threshold", "code"))


def required_by(differences: Iterable[Difference], *, major_is_zero: bool) -> Size:
    """The bump that a change asks for; a release is a PATCH at least. In 0.x an incompatible change may be MINOR."""
    largest = max((each.size for each in differences), default=Size.PATCH)
    return Size.MINOR if major_is_zero and largest == Size.MAJOR else max(largest, Size.PATCH)


def raised_by(old: Version, new: Version) -> Size:
    """The part of the version that was raised, where the new one is not lower.

    Between a prerelease and its release it is the part that the release itself raises: MAJOR for 2.0.0-rc.1.
    """
    if new.key == old.key:
        return Size.NONE
    if new.major > old.major:
        return Size.MAJOR
    if new.minor > old.minor:
        return Size.MINOR
    if new.patch == old.patch == 0:
        return Size.MINOR if new.minor else Size.MAJOR
    return Size.PATCH


def incompatibilities(old: Signature | None, new: Signature | None) -> Iterator[str]:
    """Why a caller of the old signature may fail with the new one. Without an old one nobody was promised anything."""
    if old is None:
        return
    new = new or Signature()
    old_inputs, new_inputs = _by_name(old.inputs), _by_name(new.inputs)
    for name, column in old_inputs.items():
        if name not in new_inputs:
            yield f"input {name} is gone"
        else:
            yield from _narrowed(name, column, new_inputs[name])
    yield from (f"input {n} is new and required" for n, c in new_inputs.items() if c.required and n not in old_inputs)
    new_outputs = _by_name(new.outputs)
    for name, column in _by_name(old.outputs).items():
        if name not in new_outputs:
            yield f"output {name} is gone"
        elif new_outputs[name].type != column.type:
            yield f"output {name} is {new_outputs[name].type}, no longer {column.type}"


def _narrowed(name: str, old: Column, new: Column) -> Iterator[str]:
    if new.type != old.type:
        yield f"input {name} is {new.type}, no longer {old.type}"
    if new.required and not old.required:
        yield f"input {name} is required now"
    if new.minimum is not None and (old.minimum is None or new.minimum > old.minimum):
        yield f"the minimum of input {name} rose"
    if new.maximum is not None and (old.maximum is None or new.maximum < old.maximum):
        yield f"the maximum of input {name} fell"
    if new.enum is not None and (old.enum is None or not all(value in new.enum for value in old.enum)):
        yield f"input {name} takes fewer values"


def _by_name(columns: tuple[Column, ...]) -> dict[str, Column]:
    return {column.name: column for column in columns}


def _same_parameters(candidate: Model, deployed: Model) -> bool:
    """Whether both have the same parameters, whatever their files say in comments."""
    new, old = _parameters(candidate), _parameters(deployed, of_deployed=True)
    if new is None or old is None or new == old:
        return new == old
    from snitch.documents.syntax import same_content

    path, before = _parameters_path(candidate), _parameters_path(deployed)
    return path.rpartition(".")[2] == before.rpartition(".")[2] and same_content(path, new, old)


def _parameters_path(model: Model) -> str:
    training = model.manifest.training
    return training.params or "" if training else ""


def _parameters(model: Model, *, of_deployed: bool = False) -> bytes | None:
    training = model.manifest.training
    if training is None or training.params is None:
        return None
    try:
        return model.read(training.params)
    except Broken:
        if of_deployed:
            return None
        raise


def _training_data(model: Model) -> list[str]:
    """What tells one training set from another: the revision, or without one everything that is said of it."""
    training = model.manifest.training
    data = training.data if training else ()
    return sorted(repr((each.name, each.revision or (each.start, each.end, each.rows))) for each in data)
