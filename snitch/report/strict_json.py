"""JSON that every program reads: strict, all of it ASCII."""

from __future__ import annotations

import json
import math

from snitch.escape import for_json


def written(value: object) -> str:
    """The value as a JSON document with a final newline.

    What is no finite number is null; a byte of a path that is not UTF-8 is a lone `\\udcNN`.
    """
    return for_json(json.dumps(_strict(value), indent=2, allow_nan=False)) + "\n"


def _strict(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(item) for item in value]
    return value
