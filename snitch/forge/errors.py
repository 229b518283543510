"""What goes wrong with a forge, told as one sentence: what is wrong, and what to do."""

from __future__ import annotations

from typing import Literal

#: `read-only`: the token may not write. `unauthorized`: it is not known, or may not ask this. `absent`: there is no
#: such thing, or the token may not see it. `refused`: the request is not to the forge's liking. `limited`: too many
#: requests. `unreachable`: no answer, or a broken one. `late`: the time for it was up. `misunderstood`: the answer
#: makes no sense.
ErrorKind = Literal["read-only", "unauthorized", "absent", "refused", "limited", "unreachable", "late", "misunderstood"]


class ForgeError(Exception):
    """A forge cannot be asked, or did not take what was sent. `str()` of it is the message followed by the advice."""

    def __init__(self, message: str, advice: str = "", *, kind: ErrorKind = "refused") -> None:
        super().__init__(f"{message}. {advice}" if advice else message)
        self.message = message
        self.advice = advice
        self.kind = kind
