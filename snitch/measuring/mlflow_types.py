"""MLflow's types of a table's values, however the table stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: From, and below.
_WHOLE = {"integer": (-(2**31), 2**31), "long": (-(2**63), 2**63)}
_LARGEST_FLOAT = 3.4028235677973366e38


def typed_values(raw: pd.Series[Any], type: str, is_text: bool) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The values of a column as a type of MLflow's, and which of them are none; missing ones are never wrong.

    `is_text` is a CSV's: its values are texts, and count as whatever they read as.
    """
    readers = {"boolean": _booleans, "string": _strings, "binary": _binaries, "datetime": _datetimes}
    if _is_category(raw):
        raw = raw.astype(raw.cat.categories.dtype)
    if type in readers:
        return readers[type](raw, is_text)
    return _numbers(raw, type, is_text)


def _is_category(values: pd.Series[Any]) -> bool:
    import pandas as pd

    return isinstance(values.dtype, pd.CategoricalDtype)


def _numbers(raw: pd.Series[Any], type: str, is_text: bool) -> tuple[pd.Series[Any], pd.Series[Any]]:
    import pandas as pd

    is_number = pd.api.types.is_numeric_dtype(raw) and not pd.api.types.is_bool_dtype(raw)
    if not (is_number or is_text):
        # An object column may hold numbers all the same, such as decimals.
        is_other = raw.map(lambda value: isinstance(value, (str, bytes, bool)) or not _is_real(value)) & raw.notna()
        raw = raw.mask(is_other)
    else:
        is_other = pd.Series(False, index=raw.index)
    values = pd.to_numeric(raw, errors="coerce").astype("float64")
    is_wrong = is_other | (values.isna() & raw.notna() & ~_spells_nan(raw, is_text))
    if type == "long" and pd.api.types.is_signed_integer_dtype(raw):
        return values, is_wrong  # the largest are rounded up as floats
    if type in _WHOLE:
        low, high = _WHOLE[type]
        is_wrong |= values.notna() & ~((values % 1 == 0) & (values >= low) & (values < high))
    elif type == "float":
        is_wrong |= values.abs().gt(_LARGEST_FLOAT) & values.abs().lt(float("inf"))
    return values, is_wrong


def _is_real(value: Any) -> bool:
    from decimal import Decimal
    from numbers import Real

    return isinstance(value, (Real, Decimal))


def _spells_nan(raw: pd.Series[Any], is_text: bool) -> pd.Series[Any]:
    import pandas as pd

    if not is_text:
        return pd.Series(False, index=raw.index)
    return raw.map(lambda value: isinstance(value, str) and value.strip().lower() == "nan").astype(bool)


def _booleans(raw: pd.Series[Any], is_text: bool) -> tuple[pd.Series[Any], pd.Series[Any]]:
    if is_text:
        known = {"true": True, "false": False, "1": True, "0": False}
        values = raw.map(lambda value: known.get(str(value).strip().lower()), na_action="ignore")
        return values, values.isna() & raw.notna()
    is_wrong = raw.map(lambda value: not _is_boolean(value)) & raw.notna()
    return raw.mask(is_wrong), is_wrong


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")


def _strings(raw: pd.Series[Any], is_text: bool) -> tuple[pd.Series[Any], pd.Series[Any]]:
    return raw, raw.map(lambda value: not isinstance(value, str)).astype(bool) & raw.notna()


def _binaries(raw: pd.Series[Any], is_text: bool) -> tuple[pd.Series[Any], pd.Series[Any]]:
    return raw, raw.map(lambda value: not isinstance(value, (bytes, bytearray))).astype(bool) & raw.notna()


def _datetimes(raw: pd.Series[Any], is_text: bool) -> tuple[pd.Series[Any], pd.Series[Any]]:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(raw):
        return raw, pd.Series(False, index=raw.index)
    if is_text:
        values = pd.to_datetime(raw, errors="coerce", format="ISO8601", utc=True)
        return values, values.isna() & raw.notna()
    return raw, raw.map(lambda value: not hasattr(value, "isoformat")).astype(bool) & raw.notna()
