"""Data held against a model's signature, by pandera: columns, types, missing values, ranges, lists of values.

MLflow's types say what a value is, not how a table stores it: a whole number that a missing one has made a float is
still a `long`, and of a CSV, which has no types, every value counts that reads as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from snitch.formats.manifest import Column
from snitch.measuring.ids import canonical
from snitch.measuring.mlflow_types import typed_values
from snitch.measuring.tables import Bounds, Content, Unusable, column_names, read_table

if TYPE_CHECKING:
    import pandas as pd

    from snitch.measuring.sample import Sample

#: So many rows that break something are shown.
SHOWN = 5
_LONGEST = 60
_NUMBERS = ("integer", "long", "float", "double")
#: What pandera calls a check, and what is broken by it.
_KINDS = {"not_nullable": "null", "minimum": "minimum", "maximum": "maximum", "enum": "enum"}


class Violation(NamedTuple):
    """One thing that a column breaks: what, in how many rows, and the first of them: position and value."""

    column: str
    #: A word that stays the same: missing, type, null, minimum, maximum, enum.
    kind: str
    message: str
    rows: int
    first: tuple[tuple[int, str], ...] = ()


def read_features(content: Content, name: str, id: str, columns: Sequence[str]) -> tuple[list[str], pd.DataFrame]:
    """The ids of a benchmark's examples as text, and those of the columns that there are; of a CSV all as written.

    Raises:
        Unusable: the data cannot be read, or has no ids.
    """
    texts = [each for each in column_names(content, name) if each == id or each in columns]
    frame = read_table(content, name, list(dict.fromkeys([id, *columns])), texts=texts, bounds=Bounds())
    if id not in frame.columns:
        raise Unusable(f"the data has no column `{id}`")
    return [canonical(value) for value in frame[id].tolist()], frame


def answers_for(sample: Sample, column: Column, outputs: Sequence[Column]) -> pd.DataFrame | None:
    """What a model answered for an output of its signature, one row an example; None where that cannot be told.

    The one real number among the outputs is the score, or the prediction where there is no score; of several classes a
    score is that of the class that its name ends in.
    """
    import pandas as pd

    real = [each for each in outputs if each.type in ("float", "double")]
    if sample.score is not None and column in real:
        if sample.score.ndim == 1:
            return pd.DataFrame({column.name: sample.score}) if len(real) == 1 else None
        ending = [at for at, name in enumerate(sample.classes) if column.name in (name, f"score_{name}")]
        return pd.DataFrame({column.name: sample.score[:, ending[0]]}) if ending else None
    numeric = [each for each in outputs if each.type in _NUMBERS]
    is_number = sample.prediction is not None and not sample.classes and sample.prediction.dtype.kind == "f"
    if not is_number or sample.prediction is None or sample.prediction.ndim > 1 or numeric != [column]:
        return None
    return pd.DataFrame({column.name: sample.prediction})


def violations(frame: pd.DataFrame, columns: Sequence[Column], *, is_text: bool) -> Iterator[Violation]:
    """What a table breaks of a signature, column by column. `is_text` is a CSV's: its values are as written.

    Raises:
        Unusable: something cannot be held against it.
    """
    for column in columns:
        yield from _of_column(frame, column, is_text)


def _of_column(frame: pd.DataFrame, column: Column, is_text: bool) -> Iterator[Violation]:
    """First whether the column is there, then its types, then what values of the right type break."""
    import pandas as pd

    if column.name not in frame.columns:
        if column.required:
            yield Violation(column.name, "missing", f"the column `{column.name}` is missing", len(frame))
        return
    raw = frame[column.name].reset_index(drop=True)
    typed, is_wrong = typed_values(raw, column.type, is_text)
    if is_wrong.any():
        message = f"`{column.name}` holds what is no {column.type}"
        yield _violation(column, "type", message, raw, is_wrong)
    known = pd.DataFrame({column.name: typed.mask(is_wrong)})
    for kind, rows in _broken(known, column, is_wrong):
        yield _violation(column, kind, _message(column, kind), raw, rows)


def _broken(known: pd.DataFrame, column: Column, is_wrong: pd.Series[Any]) -> Iterator[tuple[str, pd.Series[Any]]]:
    """What pandera finds, each with the rows that break it."""
    import pandas as pd
    import pandera.pandas as pandera

    checks = []
    # That of another type has none, `invalid-manifest` tells.
    if column.minimum is not None and column.type in _NUMBERS:
        checks.append(pandera.Check.ge(column.minimum, error="minimum"))
    if column.maximum is not None and column.type in _NUMBERS:
        checks.append(pandera.Check.le(column.maximum, error="maximum"))
    if column.enum is not None:
        allowed = {canonical(value) for value in column.enum}
        checks.append(pandera.Check(lambda values: values.map(canonical).isin(allowed), error="enum"))
    # What is of the wrong type has been told; it is no missing value.
    known = known[~is_wrong]
    schema = pandera.DataFrameSchema({column.name: pandera.Column(checks=checks, nullable=not column.required)})
    try:
        schema.validate(known, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        if not set(cases["check"]) <= _KINDS.keys() or cases["index"].isna().any():
            raise Unusable(f"`{column.name}` cannot be held against the signature") from None
        for check, found in cases.groupby("check", sort=True):
            rows = pd.Series(False, index=is_wrong.index)
            rows[found["index"].astype(int).tolist()] = True
            yield _KINDS[check], rows


def _message(column: Column, kind: str) -> str:
    name = f"`{column.name}`"
    if kind == "null":
        return f"{name} is missing in a row, and is required"
    if kind == "enum":
        return f"{name} holds a value that the signature does not list"
    bound = column.minimum if kind == "minimum" else column.maximum
    return f"{name} is {'below' if kind == 'minimum' else 'above'} its {kind} of {bound:g}"


def _violation(column: Column, kind: str, message: str, raw: pd.Series[Any], rows: pd.Series[Any]) -> Violation:
    at = [int(position) for position in rows[rows].index[:SHOWN]]
    first = tuple((position, _shown(raw.iloc[position])) for position in at)
    return Violation(column.name, kind, message, int(rows.sum()), first)


def _shown(value: Any) -> str:
    text = canonical(value)
    if text.startswith("\0"):
        return "missing"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
