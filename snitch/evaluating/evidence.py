"""What the gate is told of models that were measured again."""

from __future__ import annotations

from collections.abc import Sequence

from snitch import __version__
from snitch.evaluating.golden import Golden
from snitch.evaluating.verify import Verified
from snitch.formats.evidence import Evidence


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
        evaluations=tuple(each.evidence for each in verified if each.evidence is not None),
        cases=tuple(each.evidence for each in answered if each.evidence is not None),
    )
    return json.format(json.encode(evidence), indent=2) + b"\n"
