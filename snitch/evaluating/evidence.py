"""What the gate is told of models that were measured again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from snitch import __version__
from snitch.evaluating.golden import Golden
from snitch.evaluating.verify import Verified
from snitch.formats.evidence import AnsweredCases, Evidence, Recomputed

_Entry = TypeVar("_Entry", Recomputed, AnsweredCases)


def written_evidence(head: str | None, python: str, verified: Sequence[Verified], answered: Sequence[Golden]) -> bytes:
    """The file: measured at the commit `head` (None: the work tree), by Python of the version `python`.

    Of what models are kept from it tells what held for all of them.
    """
    from msgspec import json

    ran = [*(each.isolation for each in verified), *(each.isolation for each in answered)]
    held = [frozenset[str](each.held) for each in ran if each is not None]
    evidence = Evidence(
        schema_version=1,
        snitch=__version__,
        head=head,
        python=python,
        isolation=tuple(sorted(frozenset.intersection(*held))) if held else (),
        evaluations=tuple(_writable(each.evidence for each in verified)),
        cases=tuple(_writable(each.evidence for each in answered)),
    )
    return json.format(json.encode(evidence), indent=2) + b"\n"


def _writable(entries: Iterable[_Entry | None]) -> Iterator[_Entry]:
    """Those that a file can hold: names that are no Unicode are written as their bytes where they are told, and what
    has one elsewhere is left out, lest one model's names keep the others' evidence from being written.
    """
    from msgspec import json

    for each in entries:
        if each is not None:
            reason = each.reason.encode("utf-8", "backslashreplace").decode("utf-8")
            entry = replace(each, reason=reason)
            try:
                json.encode(entry)
            except UnicodeEncodeError:
                continue
            yield entry
