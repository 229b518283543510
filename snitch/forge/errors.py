"""What goes wrong between a CI, its forge and Snitch, told as one sentence: what is wrong, where, and what to do."""

from __future__ import annotations


class InvalidEvent(Exception):
    """The CI's variables or its event file do not say what they should.

    `where` is the variable, or the JSON pointer in the event file. `str()` of it is the whole message.
    """

    def __init__(self, where: str, reason: str, help: str = "") -> None:
        super().__init__(f"{where}: {reason}. {help}" if help else f"{where}: {reason}")
        self.where = where
        self.reason = reason
        self.help = help


class ForgeError(Exception):
    """The forge did not do what was asked. `str()` of it is the reason followed by the help; never a token."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(f"{reason}. {help}" if help else reason)
        self.reason = reason
        self.help = help


class NotAllowed(ForgeError):
    """The token is absent, wrong, or may not do this: asking again is of no use, another job may do it."""


class NotThere(ForgeError):
    """What was asked for is not on the forge, or not for this token's eyes."""


class OutOfTime(ForgeError):
    """Whatever else may be asked of the forge would take longer than there is time for."""
