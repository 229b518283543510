"""What a manifest of the right shape can still say that cannot be: paths that lead out, empty ranges, names twice."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from msgspec import Struct

from snitch.formats.license import PROPRIETARY, is_license
from snitch.formats.manifest import Column, Manifest
from snitch.source import resolve

_WHOLE, _REAL = ("integer", "long"), ("float", "double")
#: The types of a column whose values have an order, and so may have a minimum.
_ORDERED = _WHOLE + _REAL
_TASKS_WITHOUT_LABELS = ("regression", "text-generation")


class Oddity(Struct, frozen=True):
    """One thing that cannot be: the JSON pointer to it, what it is, how to mend it, and what it is about."""

    pointer: str
    message: str
    help: str
    about: str


def nonsense(manifest: Manifest, folder: str) -> Iterator[Oddity]:
    """Everything in a manifest of `folder` that has the right shape and cannot be."""
    yield from _blank_texts(manifest)
    yield from _license(manifest)
    yield from _paths(manifest, folder)
    if manifest.decision_threshold is not None:
        yield from _threshold(manifest, manifest.decision_threshold)
    signature = manifest.signature
    for side, columns in (("inputs", signature.inputs), ("outputs", signature.outputs)) if signature else ():
        names = [column.name for column in columns]
        yield from _twice(names, f"/signature/{side}/{{}}/name", f"name in {side}", "name each column once", side)
        for index, column in enumerate(columns):
            if column.minimum is not None or column.maximum is not None or column.enum is not None:
                yield from _column(column, f"/signature/{side}/{index}", f"{side} {column.name}")


def _blank_texts(manifest: Manifest) -> Iterator[Oddity]:
    for key, text in (("description", manifest.description), ("library_name", manifest.library_name)):
        if not text.strip():
            yield Oddity(f"/{key}", f"`{key}` must not be empty", "write it", key)


def _license(manifest: Manifest) -> Iterator[Oddity]:
    if not is_license(manifest.license):
        help_text = f"write an id of https://spdx.org/licenses such as `apache-2.0`, or `{PROPRIETARY}`"
        message = f"`{manifest.license[:60]}` is neither an SPDX license id nor `{PROPRIETARY}`"
        yield Oddity("/license", message, help_text, "license")


def _paths(manifest: Manifest, folder: str) -> Iterator[Oddity]:
    for pointer, relative in manifest.named_files:
        if resolve(folder, relative) is None:
            message = f"`{relative[:200]}` is not a path in the repository"
            help_text = (
                f"write it relative to {posixpath.join(folder, 'model.yaml')}, with `/`, and inside the repository"
            )
            yield Oddity(pointer, message, help_text, f"path {relative}")
    weights = [resolve(folder, name) for name in manifest.weights]
    yield from _twice(weights, "/weights/{}", "file in `weights`", "name each file once", "weights")


def _twice(names: Sequence[str | None], place: str, what: str, help_text: str, about: str) -> Iterator[Oddity]:
    """Every name given before; `place` is the pattern of its pointer."""
    seen: set[str | None] = set()
    for index, name in enumerate(names):
        if name in seen and name is not None:
            message = f"`{name}` is the second {what} of that name"
            yield Oddity(place.format(index), message, help_text, f"{about} {name}")
        seen.add(name)


def _threshold(manifest: Manifest, threshold: float) -> Iterator[Oddity]:
    """A threshold must be able to tell two labels apart: some number of the signature may lie on either side of it."""
    if manifest.task in _TASKS_WITHOUT_LABELS:
        message = f"a `decision_threshold` makes labels of scores, and the task {manifest.task} has none"
        yield Oddity("/decision_threshold", message, "remove it, or correct the task", "decision_threshold")
        return
    outputs = [column for column in manifest.signature.outputs if column.type in _ORDERED] if manifest.signature else []
    if outputs and not any(_within(threshold, column) for column in outputs):
        ranges = ", ".join(f"{column.name} {_range(column)}" for column in outputs[:3])
        message = f"no output can reach the `decision_threshold` {threshold:g}: {ranges}"
        yield Oddity("/decision_threshold", message, "correct the threshold, or the range", "decision_threshold")


def _within(value: float, column: Column) -> bool:
    return not (column.minimum is not None and value < column.minimum) and not (
        column.maximum is not None and value > column.maximum
    )


def _range(column: Column) -> str:
    least = f"from {column.minimum:g}" if column.minimum is not None else ""
    most = f"to {column.maximum:g}" if column.maximum is not None else ""
    return " ".join(filter(None, [least, most]))


def _column(column: Column, pointer: str, about: str) -> Iterator[Oddity]:
    bounded = column.minimum is not None or column.maximum is not None
    if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
        message = f"the minimum {column.minimum:g} is above the maximum {column.maximum:g}"
        yield Oddity(f"{pointer}/minimum", message, "exchange them", f"{about} range")
    elif bounded and column.type not in _ORDERED:
        key = "minimum" if column.minimum is not None else "maximum"
        message = f"a column of type {column.type} has no {key}"
        yield Oddity(f"{pointer}/{key}", message, f"remove `{key}`, or correct the type", f"{about} range")
    yield from _enum(column, pointer, about)


def _enum(column: Column, pointer: str, about: str) -> Iterator[Oddity]:
    if column.enum is None:
        return
    if not column.enum:
        yield Oddity(
            f"{pointer}/enum", "`enum` allows no value at all", "list the values, or remove it", f"{about} enum"
        )
    for index, value in enumerate(column.enum):
        if not _is_of_type(value, column.type):
            message = f"`{str(value)[:60]}` is no {column.type}"
            help_text = "quote it, or correct the type" if column.type == "string" else "correct the value, or the type"
            yield Oddity(f"{pointer}/enum/{index}", message, help_text, f"{about} enum {str(value)[:60]}")


def _is_of_type(value: object, kind: str) -> bool:
    if kind == "boolean" or isinstance(value, bool):
        return isinstance(value, bool) and kind == "boolean"
    if kind in _WHOLE:
        return isinstance(value, int)
    return isinstance(value, (int, float)) if kind in _REAL else isinstance(value, str)
