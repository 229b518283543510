"""A rule: a class that says what it checks, whose fields are its options and whose docstring is its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from msgspec import Struct, StructMeta

from snitch.finding import Observation, Severity

if TYPE_CHECKING:
    from snitch.change import Change
    from snitch.references import Misnamed
    from snitch.repository import Repository
    from snitch.repository_change import RepositoryChange

Stage = Literal["check", "gate"]
_CODE = re.compile(r"[A-Z]{3,8}[0-9]{3}")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


class _RuleType(StructMeta):
    """Takes a rule's code, severities and stage from its class line."""

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        code: str = "",
        severity: tuple[Severity | None, Severity | None] = ("warning", "error"),
        stage: Stage = "check",
        rule_name: str = "",
        **options: Any,
    ) -> _RuleType:
        if code and not _CODE.fullmatch(code):
            raise TypeError(f"{name}: a rule's code is letters and three digits, such as BEN002, not {code!r}")
        namespace["code"] = code
        namespace["name"] = rule_name or "-".join(word.lower() for word in _WORD.findall(name))
        namespace["severity"] = severity
        namespace["stage"] = stage
        options = {"frozen": True, "kw_only": True, "forbid_unknown_fields": True, **options}
        return super().__new__(cls, name, bases, namespace, **options)


class AnyRule(Struct, metaclass=_RuleType):
    """What rules about a model and rules about the repository share."""

    code: ClassVar[str]
    name: ClassVar[str]
    #: In the lowest environment, and above it, under the preset `recommended`; None is off.
    severity: ClassVar[tuple[Severity | None, Severity | None]]
    stage: ClassVar[Stage]
    #: By option: whether "more" or "less" of it asks for less; "worse" where that is for the metric named to say; of
    #: words, all of them, what asks for most first.
    loosened_by: ClassVar[Mapping[str, Literal["more", "less", "worse"] | tuple[str, ...]]] = {}

    def misnamed(self, repository: Repository) -> Iterable[Misnamed]:
        """What its options name that is not in a repository. Asked for whenever a policy is read, so it has to be
        cheap; what cannot be told, because a file is not valid, is left to the rules that tell of the file.
        """
        return ()

    def faults(self) -> Iterable[tuple[str, str]]:
        """What its options hold that it could never judge by, as far as only the gate has the means to tell: a pointer
        below the options and why. Asked for when a change edits the policy.

        Raises:
            Undecidable: nobody can tell.
        """
        return ()


class Rule(AnyRule):
    """A rule about one model: `check` runs once for each model that the change touches.

    Write the class with its code and severities, the options as fields with defaults, and the page as docstring::

        class StaleBenchmark(Rule, code="BEN002"):
            "The evaluation was made on another revision ..."

            def check(self, change: Change) -> Iterator[Finding]: ...
    """

    def check(self, change: Change) -> Iterable[Observation]:
        """Yields what is wrong, what is compared, what falls due.

        Raises:
            Skip: the rule does not apply.
            Undecidable: a prerequisite is missing.
        """
        raise NotImplementedError


class RepositoryRule(AnyRule):
    """A rule about the repository as a whole: `check` runs once a run, whatever the change touches."""

    def check(self, change: RepositoryChange) -> Iterable[Observation]:
        """As `Rule.check`."""
        raise NotImplementedError


class ClosingRule(RepositoryRule):
    """A rule about the repository that runs after all models were judged, and sees which waivers were used."""


SEVERITIES: tuple[str, ...] = get_args(Severity)
