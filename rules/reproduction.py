"""The rule about evaluations that somebody else has to be able to repeat."""

from __future__ import annotations

from collections.abc import Iterator

from snitch.change import Change
from snitch.finding import Finding, Note, Skip, Undecidable
from snitch.rule import Rule


class UnreproducibleEvaluation(Rule, code="BEN007", severity=(None, "error"), stage="gate"):
    """Nobody has recomputed the evaluation, where the environment asks for that.

    A recorded metric is a claim: whoever writes the file writes the number. Where an environment says `verify: true`,
    the claim does not count until it has been recomputed from the committed weights on the committed benchmark. This
    version of Snitch cannot recompute; so there, nothing passes.

    Mend it: leave `verify` out of the environment until evaluations can be recomputed.
    """

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """Nothing is decided where verification is asked for; elsewhere the report says what the numbers are."""
        if not change.environment.verify:
            if change.candidate.evaluation_paths:
                yield Note("the evaluations are recorded, not reproduced")
            raise Skip("the environment does not ask for it")
        raise Undecidable(
            f"{change.environment.name} asks for evaluations that were recomputed, and nobody has recomputed them",
            path=change.candidate.path,
            help="take `verify: true` out of the environment: this version of Snitch cannot recompute them",
        )
