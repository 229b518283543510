"""The token that a forge is asked with: which variables it may be in, and a coat that it is never printed without."""

from __future__ import annotations

from collections.abc import Mapping

from snitch.forge.request import ForgeKind, InvalidEvent

#: What GitLab gives to every job: nobody sets it.
_OF_A_JOB = "CI_JOB_TOKEN"
#: The first that is set counts. GitLab's token of a job can neither comment nor set a status.
_VARIABLES: dict[ForgeKind, tuple[str, ...]] = {
    "github": ("SNITCH_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("SNITCH_TOKEN", "GITLAB_TOKEN", _OF_A_JOB),
}


class Token:
    """A secret and the variable it came from. Only `value` shows it."""

    __slots__ = ("_value", "variable")

    def __init__(self, value: str, variable: str) -> None:
        self._value = value
        self.variable = variable

    @property
    def value(self) -> str:
        return self._value

    @property
    def is_of_job(self) -> bool:
        """Whether it is what GitLab gives to every job: it reads little and writes nothing."""
        return self.variable == _OF_A_JOB

    def __repr__(self) -> str:
        return f"<the token in {self.variable}>"

    def __reduce__(self) -> str:
        raise TypeError("a token is not to be stored")


def token_variables(forge: ForgeKind) -> str:
    """The variables that somebody may set for a forge, for a sentence: `GITLAB_TOKEN or SNITCH_TOKEN`."""
    for_all, *own = (variable for variable in _VARIABLES[forge] if variable != _OF_A_JOB)
    return f"{', '.join(own)} or {for_all}"


def token_of(environ: Mapping[str, str], forge: ForgeKind) -> Token | None:
    """The token for a forge, without the white space around it; None where no variable holds one.

    Raises:
        InvalidEvent: what the variable holds can be no token; it is not repeated.
    """
    for variable in _VARIABLES[forge]:
        value = environ.get(variable, "").strip()
        if not value:
            continue
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise InvalidEvent(variable, "holds white space or characters that no token has", "Set it again")
        return Token(value, variable)
    return None
