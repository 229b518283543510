"""What a rule observes: findings, comparisons, dates that fall due, notes; and why it could not observe."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from msgspec import Struct

from snitch.pointer import Pointer

Severity = Literal["error", "warning"]
Outcome = Literal["fail", "inconclusive"]


class Side(Struct, frozen=True, kw_only=True):
    """The place on the deployed side that a finding is measured against."""

    ref: str
    commit: str | None
    path: str
    line: int = 1
    column: int = 1
    length: int = 1
    excerpt: str = ""
    excerpt_column: int = 1
    value: Any = None
    label: str = ""


class Measured(Struct, frozen=True):
    """The quantity a finding is about, so that a waiver's `limit` can be held against it.

    `scale` is what a percentage is of, in absolute value; None where a percentage means nothing.
    """

    value: float
    greater_is_worse: bool = True
    scale: float | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """One place where a rule is broken, or could not be decided.

    A rule gives the fact (`message`), the place, the mend (`help`) and a natural `key` that survives edits of the file
    (a metric, a slice); `role` says which of the model's files it is about. The engine adds the rest.
    """

    message: str
    path: str
    pointer: str = ""
    line: int = 1
    column: int = 1
    length: int = 1
    #: What to show of the line, and the column it begins at: a line may be a whole file.
    excerpt: str = ""
    excerpt_column: int = 1
    label: str = ""
    help: str = ""
    notes: tuple[str, ...] = ()
    outcome: Outcome = "fail"
    role: str = ""
    key: str = ""
    deployed: Side | None = None
    measured: Measured | None = None
    #: Of the model, where a rule about the repository names one: waivers are for a version.
    version: str = ""
    #: A warning, whatever the rule's severity here.
    advisory: bool = False
    rule: str = ""
    name: str = ""
    severity: Severity = "error"
    model: str | None = None
    fingerprint: str = ""
    waiver: str | None = None
    #: A warning here that is an error in the environment that will judge the pull request.
    blocks_next: bool = False

    @property
    def blocks(self) -> bool:
        """Whether this finding keeps the run from passing."""
        return self.severity == "error" and self.waiver is None


class Comparison(Struct, frozen=True, kw_only=True):
    """One metric of the candidate beside the deployed model's: `delta` is candidate - deployed, in the metric's unit.

    `limit` is the worsening allowed, in the same unit; `interval` the 95 % interval of `delta`, None where no
    uncertainty is known.
    """

    benchmark: str
    type: str
    deployed: float | None
    candidate: float | None
    delta: float | None
    limit: float | None
    slice: dict[str, Any] | None = None
    args: dict[str, Any] | None = None
    interval: tuple[float, float] | None = None
    outcome: Literal["pass", "fail", "inconclusive"] = "pass"
    model: str = ""
    #: None where nobody says.
    greater_is_better: bool | None = None


class Due(Struct, frozen=True, kw_only=True):
    """What passes today and stops passing on a day: the first day on which it no longer passes."""

    on: date
    message: str
    rule: str = ""
    model: str | None = None


class Note(Struct, frozen=True):
    """Something the reader should know that is neither wrong nor due."""

    message: str


Observation = Finding | Comparison | Due | Note


class Skip(Exception):
    """The rule does not apply here, for this reason. It passes.

    `awaited` are the weights (path and pointer) whose bytes would have been judged, were they on this machine.
    """

    def __init__(self, reason: str, awaited: Iterable[tuple[str, Pointer]] = ()) -> None:
        super().__init__(reason)
        self.awaited = tuple(awaited)


class Undecidable(Exception):
    """A prerequisite is missing: nothing is known, so nothing passes.

    `help` is what would mend it, best a command.
    """

    def __init__(self, reason: str, *, path: str = "", help: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.help = help


class Broken(Exception):
    """What the rule reads is broken, and `reported_by` is the code of the rule that tells so.

    The engine skips the rule while that other rule blocks, and holds the run inconclusive if it does not (because it
    is off, waived, or only warns): one finding a cause, and never none.
    """

    def __init__(self, reason: str, *, reported_by: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.reported_by = reported_by
        self.path = path
