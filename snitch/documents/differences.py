"""What differs between two documents, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_LONGEST = 80


def differences(before: Any, after: Any) -> list[str]:
    """One line a value that differs: its path, what it was and what it is. A list is a value; `-` is none."""
    old, new = dict(_leaves(before, ())), dict(_leaves(after, ()))
    paths = dict.fromkeys([*old, *new])
    return [
        f"{'.'.join(path) or 'all of it'} {_shown(path, old)} -> {_shown(path, new)}"
        for path in paths
        if path not in old or path not in new or _text(old[path]) != _text(new[path])
    ]


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    else:
        yield path, value


def _shown(path: tuple[str, ...], leaves: dict[tuple[str, ...], Any]) -> str:
    if path not in leaves:
        return "-"
    text = _text(leaves[path])
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
