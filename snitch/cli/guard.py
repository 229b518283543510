"""Turns what went wrong in a run into a sentence on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

MISUSE, CRASHED, INTERRUPTED = 2, 3, 130


def guarded(action: Callable[[], int]) -> int:
    """What `action` returns; whatever goes wrong in it ends as one clear message on stderr and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return action()
    except KeyboardInterrupt:
        return say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - so that the interpreter's own flush at exit is silent
        return CRASHED
    except Exception as error:
        return _explain(error)


def say(message: str, code: int) -> int:
    """Writes a message to stderr and returns the code, to be the process's."""
    print(f"snitch: {message}", file=sys.stderr)
    return code


def _explain(error: Exception) -> int:
    from snitch.cli.faults import explain_fault

    message, code = explain_fault(error)
    if os.environ.get("SNITCH_TRACEBACK"):
        raise error
    return say(message, code)
