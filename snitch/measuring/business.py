"""Business rules: expressions over a benchmark's examples and the answers to them, evaluated in a process apart."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import DecodeError
from msgspec import json as msgspec_json
from msgspec.structs import replace

from snitch.measuring.examples import Examples
from snitch.measuring.expression import Asked, Outcome
from snitch.measuring.ids import canonical_ids, refuse_duplicates, shown
from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: What an expression may take: seconds, and bytes beside three times the table.
SECONDS, MEMORY = 30.0, 1 << 30
#: How long the process may take to begin: it imports DuckDB on a busy machine.
_START = 60.0


class Joined(NamedTuple):
    """A table of examples and answers, and which of its columns are answers."""

    table: pa.Table
    answers: tuple[str, ...]


def joined(examples: Examples, answers: pd.DataFrame, deployed: pd.DataFrame | None = None) -> Joined:
    """One row an example, in the order of the ids: the benchmark's columns, then the answers as they are written, those
    of the deployed model as `deployed_…`. An answer that is missing, or no finite number, is null.

    Raises:
        Unusable: answers are of no example or there twice, or two columns would have one name.
    """
    import pandas as pd
    import pyarrow as pa

    frames = [examples.frame, _answers(examples, answers)]
    if deployed is not None:
        frames.append(_answers(examples, deployed).add_prefix("deployed_"))
    whole = pd.concat(frames, axis="columns")
    # SQL does not tell names apart by the case of their letters.
    names = [name.lower() for name in whole.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Unusable(f"there would be two columns `{twice}`: the benchmark's own, or in letters of another case")
    try:
        table = _widened(pa.Table.from_pandas(whole, preserve_index=False).replace_schema_metadata(None))
    except pa.ArrowException as error:
        raise Unusable(f"the examples are no table: {str(error).splitlines()[0]}") from None
    return Joined(table, tuple(whole.columns[len(examples.frame.columns) :]))


def _widened(table: pa.Table) -> pa.Table:
    """Numbers of half precision, which DuckDB does not know, as those of single precision."""
    import pyarrow as pa

    fields = [field.with_type(pa.float32()) if pa.types.is_float16(field.type) else field for field in table.schema]
    return table.cast(pa.schema(fields))


def _answers(examples: Examples, answers: pd.DataFrame) -> pd.DataFrame:
    """The answers in the order of the examples, missing where an example has none."""
    import numpy as np
    import pandas as pd

    if examples.definition.id not in answers.columns:
        raise Unusable(f"the predictions have no column `{examples.definition.id}`, the benchmark's id")
    ids = canonical_ids(answers[examples.definition.id])
    refuse_duplicates(ids, "the predictions")
    extra = np.setdiff1d(ids, examples.ids)
    if len(extra):
        raise Unusable(f"the predictions hold {shown(extra)}, which the benchmark has not")
    kept = answers[[name for name in answers.columns if name.startswith(("prediction", "score"))]]
    found = kept.set_axis(pd.Index(ids), axis="index").reindex(examples.ids).reset_index(drop=True)
    for name in found.columns:
        if found[name].dtype.kind == "f":
            found[name] = found[name].where(np.isfinite(found[name]))
        elif found[name].dtype.kind == "b":
            found[name] = found[name].astype("int8")  # so that there is an average
    return found


def evaluate(
    held: Joined, expressions: Sequence[str], *, seconds: float = SECONDS, memory: int = MEMORY
) -> list[Outcome]:
    """What each expression comes to, in order."""
    most = memory + 3 * held.table.nbytes
    return _outcomes(Asked(tuple(expressions), held.answers, seconds, most), _written(held.table))


def faults(expressions: Sequence[str]) -> list[str]:
    """Why each expression is none that could be evaluated on any table, in order; empty where nothing says so."""
    asked = Asked(tuple(expressions), (), SECONDS, MEMORY, is_only_read=True)
    return [each.reason for each in _outcomes(asked, b"")]


def _outcomes(asked: Asked, content: bytes) -> list[Outcome]:
    """One an expression, in order: of as many processes as it takes.

    Raises:
        Unusable: no process can be started.
    """
    found = list[Outcome]()
    while len(found) < len(asked.expressions):
        left = replace(asked, expressions=asked.expressions[len(found) :])
        outcomes = _run(left, content)
        found += outcomes
        if len(outcomes) < len(left.expressions):
            # The process ended at this one: whatever it did, the others are asked of another process.
            ended = f"its process ended: after {asked.seconds:g} s, for want of memory, or by a fault"
            found.append(Outcome(None, ended))
    return found


def _written(table: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _run(asked: Asked, content: bytes) -> list[Outcome]:
    """The outcomes that a process gave before it ended, on its own or not."""
    command = [sys.executable, "-I", "-m", "snitch.measuring.expression_process"]
    # Of the variables of this process, some of which are secrets, it gets those without which none starts.
    variables = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    given = msgspec_json.encode(asked) + b"\n" + content
    limit = _START + asked.seconds * len(asked.expressions)
    try:
        done = subprocess.run(
            command,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=variables,
            timeout=limit,
            check=False,
        )
        written: Any = done.stdout
    except subprocess.TimeoutExpired as error:
        written = error.stdout or b""
    except OSError as error:
        raise Unusable(f"no process can be started to evaluate expressions: {error}") from None
    return _read(written)[: len(asked.expressions)]


def _read(written: bytes) -> list[Outcome]:
    try:
        return [msgspec_json.decode(line, type=Outcome) for line in written.split(b"\n")[:-1]]
    except DecodeError:
        return []
