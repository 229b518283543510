"""The process that evaluates expressions: it reads what is asked and the table from its input and writes an outcome a
line, so that an expression that takes too long, or too much memory, takes nothing else with it.
"""

from __future__ import annotations

import faulthandler
import sys
from contextlib import suppress

from msgspec import json as msgspec_json

from snitch.measuring.expression import Asked, Evaluating

#: Seconds that it may take to end what is interrupted.
_GRACE = 2.0


def main() -> None:
    """Evaluates what the standard input asks for."""
    import pyarrow as pa

    asked = msgspec_json.decode(sys.stdin.buffer.readline(), type=Asked)
    _limit_memory(asked.memory)
    table = None
    if not asked.is_only_read:
        with pa.ipc.open_stream(sys.stdin.buffer) as reader:
            table = reader.read_all()
    evaluating = Evaluating(table, asked)
    for expression in asked.expressions:
        # What is deep in one function cannot be interrupted: then the process ends.
        faulthandler.dump_traceback_later(asked.seconds + _GRACE, exit=True)
        outcome = evaluating.outcome(expression)
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.buffer.write(msgspec_json.encode(outcome) + b"\n")
        sys.stdout.buffer.flush()


def _limit_memory(memory: int) -> None:
    """Keeps the whole process from more; of what DuckDB counts itself, the rest of the process is left out."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        most = 2 * memory + (3 << 30)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
