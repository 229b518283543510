"""The rule about answers that are no longer those of the deployed model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from snitch.change import Change, Pair
from snitch.comparison import told_apart
from snitch.divergence import status
from snitch.examples import predicted
from snitch.finding import Broken, Finding, Measured, Note, Skip, Undecidable
from snitch.formats.shadow import Share
from snitch.numbers import Limit, decimal, written
from snitch.postponed import Postponed
from snitch.rule import Rule

if TYPE_CHECKING:
    from snitch.evaluation import Evaluation
    from snitch.measuring.sample import Sample
    from snitch.measuring.shift import Shift


class PredictionShift(Rule, code="REG009", severity=(None, "warning"), stage="gate"):
    """The model answers the same examples otherwise than the deployed model does.

    Two models can be equally good and decide differently about one customer in ten. Whoever sets a threshold on the
    scores, or plans by the number of cases, finds out afterwards. So the candidate's answers are held against the
    deployed model's on each benchmark that both were measured on: how far the scores have moved as a whole, by the
    population stability index (PSI) and the Jensen-Shannon distance over the deciles of the deployed model's, and how
    many single decisions are another. A PSI below 0.1 is STABLE, one above 0.25 is HIGH DRIFT, and MODERATE DRIFT lies
    between. Of a regression it is the predictions that are looked at. It takes the predictions of both evaluations.

    Mend it: find out which examples are answered otherwise, and tell those who use the answers; or ask for another
    limit in the policy.

    Options:
        max_psi: the largest population stability index; 0.25 is customary.
        max_distance: the largest Jensen-Shannon distance, from 0 to 1.
        max_flipped: the largest share of examples that are decided otherwise; of a regression, of those whose
            prediction has moved by more than `moved_by`.
        moved_by: how far a predicted number may move: in its own unit, or a percentage of the deployed model's, by
            default 10%.

    Example:
        prediction-shift: {max_psi: 0.25, max_flipped: 0.05}
    """

    loosened_by = dict.fromkeys(("max_psi", "max_distance", "max_flipped", "moved_by"), "more")
    max_psi: Annotated[float, Meta(ge=0)] | None = None
    max_distance: Share | None = None
    max_flipped: Share | None = None
    moved_by: Limit = "10%"

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a benchmark and quantity."""
        if self.max_psi is None and self.max_distance is None and self.max_flipped is None:
            raise Skip("the policy sets no limit for how far answers may move")
        pairs, later = change.comparable_pairs, Postponed()
        for pair in pairs:
            with later:
                yield from self.judge(change, pair)
        later.tell()
        if not pairs:
            raise Skip("there is no benchmark that both models were measured on")

    def judge(self, change: Change, pair: Pair) -> Iterator[Finding | Note]:
        """Holds the answers on one benchmark against all limits.

        Raises:
            Broken, Undecidable: there are none of one side, or none that can be compared.
        """
        from snitch.measuring.shift import is_numeric, shift
        from snitch.measuring.tables import Unusable

        ours, theirs = _sample(change, pair.candidate, is_ours=True), _sample(change, pair.deployed, is_ours=False)
        try:
            found = shift(ours, theirs, self.moved_by)
        except Unusable as error:
            raise Undecidable(f"answers on {pair.benchmark}: {error.reason}", path=pair.candidate.path) from None
        yield from _Judging(self, change, pair, found, is_numeric(ours)).observed()


class _Judging:
    """How far answers have moved on one benchmark, beside the limits."""

    def __init__(self, rule: PredictionShift, change: Change, pair: Pair, shift: Shift, is_numeric: bool) -> None:
        self.rule = rule
        self.change = change
        self.pair = pair
        self.shift = shift
        self.is_numeric = is_numeric

    def observed(self) -> Iterator[Finding | Note]:
        for each in self.shift.distributions:
            name = f"PSI of the {each.output}"
            if not _is_beyond(each.psi, self.rule.max_psi) and status(each.psi) != "STABLE":
                yield Note(f"{name} on {self.pair.benchmark} is {each.psi:.3g}: {status(each.psi)}")
            yield from self.held(name, each.psi, self.rule.max_psi, f": {status(each.psi)}")
            yield from self.held(f"Jensen-Shannon distance of the {each.output}", each.distance, self.rule.max_distance)
        if self.shift.changed is not None:
            yield from self.held(self.changed, self.shift.changed, self.rule.max_flipped)
        elif self.rule.max_flipped is not None:
            reason = f"one of the two models has no predictions on {self.pair.benchmark}, only scores"
            raise Undecidable(reason, path=self.pair.candidate.path)

    @property
    def changed(self) -> str:
        """What the share of changed answers is of."""
        return (
            f"share of predictions moved by more than {self.rule.moved_by}"
            if self.is_numeric
            else "share of flipped decisions"
        )

    def held(self, name: str, value: float, limit: float | None, suffix: str = "") -> Iterator[Finding]:
        if limit is None or not _is_beyond(value, limit):
            return
        shown, bound = told_apart(decimal(value), decimal(limit))
        yield self.pair.candidate.finding(
            "/predictions",
            f"{name} is {shown}{suffix}; the limit is {bound}",
            key=True,
            label=f"candidate {self.change.candidate.version}",
            deployed=self.pair.deployed.side("/predictions", label=f"deployed {self.change.deployed.version}"),
            about=name,
            role=self.pair.benchmark,
            measured=Measured(value),
            notes=tuple(self.table()),
            help="find out which examples are answered otherwise, and tell those who use the answers",
        )

    def table(self) -> Iterator[str]:
        """All quantities with their status and limits, a line an output."""
        rule, dataset = self.rule, self.pair.candidate.dataset
        size = "" if dataset.rows is None else f", n = {dataset.rows:,}"
        yield f"on {dataset.name} {dataset.version or ''}".rstrip() + size
        for each in self.shift.distributions:
            psi = f"PSI {each.psi:.3g} {status(each.psi)}{_limit(rule.max_psi)}"
            yield f"{each.output}: {psi}; Jensen-Shannon distance {each.distance:.3g}{_limit(rule.max_distance)}"
        if self.shift.changed is not None:
            yield f"{self.changed}: {written(self.shift.changed)}{_limit(rule.max_flipped)}"


def _is_beyond(value: float, limit: float | None) -> bool:
    """Whether a value lies beyond a limit; exactly at it does not."""
    return limit is not None and decimal(value) > decimal(limit)


def _limit(limit: float | None) -> str:
    return "" if limit is None else f" (limit {written(limit)})"


def _sample(change: Change, evaluation: Evaluation, *, is_ours: bool) -> Sample:
    """A model's answers.

    Raises:
        Broken: the candidate's are not what they should be, which other rules tell.
        Undecidable: there are none, they are not here, or the deployed model's are not what they should be.
    """
    from snitch.measuring.tables import Unusable

    try:
        return predicted(evaluation, change).sample
    except Unusable as error:
        if is_ours:
            raise Broken(f"{evaluation.path}: {error.reason}", reported_by="BEN007", path=evaluation.path) from None
        raise Undecidable(f"the deployed model's predictions: {error.reason}", path=evaluation.path) from None
