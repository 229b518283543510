"""Values as 64 bits that are one for what means the same, whatever a file has it in.

A number is taken at the precision of 32 bits, so that data is known again that was made smaller; a boolean is 0 or 1, a
moment its whole second (UTC, a day its midnight), a time of day too. Text that a CSV would be read from as one of these
is that: of a CSV nobody knows what its texts were. The empty text, NaN and what is missing are one.
"""

from __future__ import annotations

import math
import re
import struct
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from snitch.measuring.columns import kind_of, numbers, texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What tells the kinds apart: a number's bits lie below all of these, a text's above.
_MISSING, _TIME, _MOMENT, _TEXT = 1 << 60, 1 << 61, 1 << 62, 1 << 63
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf(?:inity)?|[-+]?nan", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,15}")
_CLOCK = r"(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?"
_TIME_OF_DAY = re.compile(_CLOCK.replace(":?", ":"))
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](?:(\d\d)|" + _CLOCK + r")\s?(Z|[-+]\d\d(?::?\d\d)?)?)?")
#: What a number, a moment or a time begins with.
_FIRST = frozenset("0123456789+-.iInN")
_BOOLEANS = {"true": 1.0, "True": 1.0, "TRUE": 1.0, "false": 0.0, "False": 0.0, "FALSE": 0.0}
_MINUS_ZERO = 1 << 31
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = timedelta(seconds=1)
#: So many of a unit are a second.
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def codes(array: Any) -> NDArray[np.uint64]:
    """The code of each value of a column."""
    import numpy as np
    import pyarrow as pa

    kind, is_encoded = kind_of(array.type), pa.types.is_dictionary(array.type)
    is_time = pa.types.is_time(array.type.value_type if is_encoded else array.type)
    if is_encoded and (is_time or kind not in ("string", "binary")):
        array = array.dictionary_decode()
    if kind == "nothing":
        return np.full(len(array), _MISSING, dtype=np.uint64)
    if kind == "datetime":
        return _whole(array, _MOMENT)
    if is_time:
        return _whole(array, _TIME)
    if pa.types.is_duration(array.type):
        seconds: NDArray[np.float64] = numbers(array) / _UNITS[array.type.unit]
        return _of_numbers(seconds)
    if kind in ("number", "boolean"):
        return _of_numbers(numbers(array))
    return _of_texts(texts(array) if kind == "string" else array)


def _of_numbers(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """The bits of the nearest number of 32; zero has one sign."""
    import numpy as np

    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        bits: NDArray[np.uint64] = (values.astype(np.float32) + np.float32(0)).view(np.uint32).astype(np.uint64)
    bits[np.isnan(values)] = _MISSING
    return bits


def _whole(array: Any, kind: int) -> NDArray[np.uint64]:
    """Moments and times of day, in whole seconds."""
    import numpy as np
    import pyarrow as pa

    type, missing = array.type, array.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_date32(type):
        values, unit, seconds = array.cast(pa.int32()), 1, 86_400
    else:
        width = pa.int32() if pa.types.is_time32(type) else pa.int64()
        values, unit, seconds = array.cast(width), _UNITS["ms" if pa.types.is_date64(type) else type.unit], 1
    found = values.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64) // unit * seconds
    bits: NDArray[np.uint64] = found.view(np.uint64) + np.uint64(kind)
    bits[missing] = _MISSING
    return bits


def _of_texts(array: Any) -> NDArray[np.uint64]:
    """Each text is looked at once."""
    import numpy as np

    encoded = array if hasattr(array, "indices") else array.dictionary_encode()
    known = [_of_text(value) for value in encoded.dictionary.to_pylist()]
    places = encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
    found: NDArray[np.uint64] = np.array([*known, _MISSING], dtype=np.uint64)[places]
    return found


def _of_text(value: Any) -> int:
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return _of_bytes(value)
    if value is None or value == "":
        return _MISSING
    text = str(value)
    code = _meant(text.strip(" \t")) if len(text) < 64 else None
    return _of_bytes(text.encode("utf-8", "surrogatepass")) if code is None else code


def _of_bytes(content: bytes) -> int:
    return _TEXT | int.from_bytes(sha256(content).digest()[:8], "big") >> 1


def _meant(text: str) -> int | None:
    """The code of a text that is a number, a boolean, a moment or a time of day; None of any other."""
    if text in _BOOLEANS:
        return _of_number(_BOOLEANS[text])
    if text[:1] not in _FIRST or not text.isascii():
        return None
    if _NUMBER.fullmatch(text):
        return _of_number(float(text))
    if _HEXADECIMAL.fullmatch(text):
        return _of_number(float(int(text, 16)))
    clock = _TIME_OF_DAY.fullmatch(text)
    if clock:
        seconds = _seconds_of_day(*clock.groups())
        return None if seconds is None else _TIME + seconds
    instant = _INSTANT.fullmatch(text)
    return _of_instant(*instant.groups()) if instant else None


def _of_number(value: float) -> int:
    """As `_of_numbers`, of one."""
    if value != value:
        return _MISSING
    try:
        content = struct.pack("<f", value + 0.0)
    except OverflowError:
        content = struct.pack("<f", math.copysign(math.inf, value))
    [bits] = struct.unpack("<I", content)
    return 0 if bits == _MINUS_ZERO else int(bits)


def _seconds_of_day(hours: str, minutes: str, seconds: str | None) -> int | None:
    """None where there is no such time."""
    given = int(hours), int(minutes), int(seconds or 0)
    is_one = given[0] < 24 and given[1] < 60 and given[2] < 60
    return given[0] * 3600 + given[1] * 60 + given[2] if is_one else None


def _of_instant(
    day: str, hour: str | None, hours: str | None, minutes: str | None, seconds: str | None, zone: str | None
) -> int | None:
    try:
        midnight = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    clock = _seconds_of_day(hours or hour or "0", minutes or "0", seconds)
    if clock is None:
        return None
    return _MOMENT + (midnight - _EPOCH) // _SECOND + clock - _offset(zone)


def _offset(zone: str | None) -> int:
    """What a zone is ahead of UTC, in seconds."""
    if zone in (None, "Z"):
        return 0
    digits = zone[1:].replace(":", "")
    ahead = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
    return -ahead if zone[0] == "-" else ahead
