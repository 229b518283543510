"""What a test tells the gate of approvals, histories and servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

from snitch.finding import Undecidable
from snitch.gate import Approvals, Gate, History, Recorded
from snitch.pointer import Pointer

NOON = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
UNKNOWN = Undecidable("nobody said who has approved the change")


class FullServer:
    """A server that has every object."""

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        return frozenset()

    def download(self, pointer: Pointer, folder: str, progress: object = None) -> str:
        raise Undecidable("it has them, and hands none over")


def no_history(branch: str) -> History:
    raise Undecidable(f"the history of {branch} is not here")


def no_records(benchmark: str, revision: str) -> Iterator[Recorded]:
    raise Undecidable(f"what was recorded of {benchmark} is not here")


def gate_of(
    *,
    approvals: Approvals | Undecidable = UNKNOWN,
    approvers: tuple[str, ...] = (),
    history: Callable[[str], History] = no_history,
    recorded: Callable[[str, str], Iterator[Recorded]] = no_records,
    **more: Any,
) -> Gate:
    """A gate that knows nothing but what it is told."""
    known: dict[str, Any] = {"target": "main", "moment": NOON, "weights_server": FullServer(), **more}
    return Gate(approvals=approvals, approvers=approvers, history=history, recorded=recorded, **known)
