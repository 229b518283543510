"""Writes another version into a manifest's text, and changes nothing else of it: no comment, no order, no quoting."""

from __future__ import annotations

import json

import yaml

from snitch.documents.yaml_text import read_yaml

_KEY = "version"


class CannotEdit(Exception):
    """The text has a shape in which the version cannot be replaced safely: a person has to."""


def with_version(path: str, text: str, version: str) -> str:
    """The text of a manifest in which the version is this one. What comes out is read again, and counts only if it
    means the old data and the version.

    Raises:
        Unreadable: the text is no document.
        CannotEdit: there is no safe place for it.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text[len(mark) :]
    data = read_yaml(path, body)
    refusal = CannotEdit(f"{path} has a shape in which the version cannot be replaced safely")
    if not isinstance(data, dict) or not isinstance(data.get(_KEY), str):
        raise refusal
    start, end, written = _written(body)
    for quote in ("", '"', "'"):
        old = f"{quote}{data[_KEY]}{quote}"
        # An anchor or a tag may stand before the value.
        if written.endswith(old):
            edited = f"{body[: end - len(old)]}{quote}{version}{quote}{body[end:]}"
            if start <= end - len(old) and _means(path, edited, {**data, _KEY: version}):
                return mark + edited
    raise refusal


def _written(body: str) -> tuple[int, int, str]:
    """Where the value stands, and how it is written there."""
    root = yaml.compose(body, Loader=yaml.CSafeLoader)
    assert isinstance(root, yaml.MappingNode)  # it has been read as one
    value = next(value for key, value in root.value if key.value == _KEY)
    start, end = value.start_mark.index, value.end_mark.index
    return start, end, body[start:end]


def _means(path: str, text: str, wanted: object) -> bool:
    """Whether the text reads as this, types and order included."""
    from snitch.documents import Unreadable

    try:
        return json.dumps(read_yaml(path, text)) == json.dumps(wanted)
    except Unreadable:
        return False
