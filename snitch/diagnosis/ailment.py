"""One line of a diagnosis."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Level = Literal["ok", "warn", "fail"]


class Ailment(Struct, frozen=True):
    """One line of a diagnosis; `mend` is best a command, and empty where nothing ails."""

    about: str
    level: Level
    message: str
    mend: str = ""


#: What a verdict is worth where the author of a change can edit the file that runs the gate.
ADVISORY = "advisory against a hostile author"
