"""What a CSV is written in: UTF-8, its values separated by commas. What people export otherwise is refused by name."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import pyarrow as pa

#: Of its first line, in bytes.
_MAX_HEADER = 16 << 20
_MEND = "write it with commas and in UTF-8, as pandas' `to_csv(FILE, index=False)` does"


def header_of(file: BinaryIO) -> list[str]:
    """The names on the first line, from where the file stands.

    Raises:
        ValueError: there is nothing, other signs than commas separate them, or they are not in UTF-8.
    """
    start = file.read(_MAX_HEADER)
    if not start.strip():  # of which Arrow's reader leaves a thread behind that may end the process
        raise ValueError("it is empty")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError(f"it is in UTF-16; {_MEND}")
    try:
        # What was cut off in the midst of a letter is no fault of the first line's.
        text = start.split(b"\n", 1)[0].decode("utf-8-sig") if b"\n" in start else start.decode("utf-8-sig", "replace")
        names = next(csv.reader(io.StringIO(start.decode("utf-8-sig", "replace"), newline="")), [])
    except UnicodeDecodeError:
        raise ValueError(f"its first line is not in UTF-8; {_MEND}") from None
    except csv.Error as error:
        raise ValueError(str(error)) from None
    sign = next((sign for sign in ";\t|" if sign in text), None) if len(names) == 1 else None
    if sign is not None:
        raise ValueError(f"its columns are separated by {sign!r}, not by commas; {_MEND}")
    return names


def refuse_other_letters(schema: pa.Schema) -> None:
    """Refuses texts that are not in UTF-8, which are read as bytes.

    Raises:
        ValueError: there is such a column.
    """
    import pyarrow as pa

    other = next((field.name for field in schema if pa.types.is_binary(field.type)), None)
    if other is not None:
        raise ValueError(f"its column `{other}` holds text that is not in UTF-8; {_MEND}")


def told(error: BaseException) -> str:
    """What a library says of a table that it cannot read, in a line, with how to mend it where that is known."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return f"{line}; {_MEND}" if "invalid UTF8" in line else line
