"""Columns of any storage as one of three: numbers, texts, or neither. Parquet and CSV of the same data agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Kind = Literal["boolean", "number", "datetime", "string", "binary", "nothing"]


def kind_of(type: pa.DataType) -> Kind:
    """What a column of a type holds. Times of day are texts; a category is what its values are."""
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(type):
        return kind_of(type.value_type)
    if types.is_boolean(type):
        return "boolean"
    if types.is_integer(type) or types.is_floating(type) or types.is_decimal(type) or types.is_duration(type):
        return "number"
    if types.is_timestamp(type) or types.is_date(type):
        return "datetime"
    if types.is_string(type) or types.is_large_string(type) or types.is_string_view(type) or types.is_time(type):
        return "string"
    return "nothing" if types.is_null(type) else "binary"


def numbers(array: pa.Array) -> NDArray[np.float64]:
    """A boolean (0 and 1), a number, or a datetime (seconds since 1970, UTC) as floats; NaN where it is missing.

    Whole numbers beyond 2**53 are rounded.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if kind_of(array.type) == "datetime":
        return _seconds(array)
    if pa.types.is_duration(array.type):
        array = array.cast(pa.int64())
    if array.type != pa.float64():
        array = pc.cast(array, pa.float64(), safe=False)
    values: NDArray[np.float64] = array.to_numpy(zero_copy_only=False)
    return values


def _seconds(array: pa.Array) -> NDArray[np.float64]:
    import pyarrow as pa

    if pa.types.is_date32(array.type):
        unit, array = 1 / 86_400, array.cast(pa.int32())
    else:
        units = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
        unit = 1e3 if pa.types.is_date64(array.type) else units[array.type.unit]
        array = array.cast(pa.int64())
    seconds: NDArray[np.float64] = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) / unit
    return seconds


def texts(array: pa.Array) -> Any:
    """A column of texts as an array of strings, dictionary-encoded or not."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type) and pa.types.is_string(array.type.value_type):
        return array
    return array.cast(pa.string())
