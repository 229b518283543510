"""What the examples say of two recorded values: in the gate, where both sides recorded their predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.change import Change, Pair
from snitch.comparison import Compared
from snitch.drop import Evidence, Mode
from snitch.evaluation import Evaluation
from snitch.examples import has_predictions, predicted
from snitch.finding import Broken, Undecidable
from snitch.metrics import is_scorable

if TYPE_CHECKING:
    from snitch.examples import Predicted
    from snitch.measuring.comparing import Difference
    from snitch.measuring.sample import Sample

#: Examples that are drawn in all, in one change: a quarter of an hour's work. A record may have any number of slices.
MAX_DRAWN = 20_000_000_000

_AWAITED = Evidence("awaited", reason="the gate tests how certain that is")


class Examination:
    """The evidence on what a rule compares; it draws no more than can be drawn in a reasonable time."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.left = MAX_DRAWN

    def evidence(self, compared: Compared, mode: Mode) -> Evidence:
        """What is known of the difference of two recorded values; nothing where the mode does not ask.

        Raises:
            Broken, Undecidable: predictions are recorded and cannot be had, or do not answer the benchmark.
        """
        if mode == "recorded" or not self._has_predictions(compared.pair):
            return Evidence()
        if not is_scorable(compared.type):
            return Evidence(reason=f"no uncertainty known: nobody here can compute {compared.type}")
        if not self.change.is_gated:
            return _AWAITED
        return self._tested(compared)

    def rows(self, compared: Compared) -> int | None:
        """How many examples a slice has, by the benchmark's data where they are read; else as recorded."""
        if not (self.change.is_gated and self._has_predictions(compared.pair)):
            return compared.rows
        return self._sides(compared)[0].size or compared.rows

    @staticmethod
    def _has_predictions(pair: Pair) -> bool:
        return has_predictions(pair.candidate) and has_predictions(pair.deployed)

    def _tested(self, compared: Compared) -> Evidence:
        from snitch.measuring.tolerance import agree
        from snitch.measuring.unscorable import TooFew, Unscorable

        try:
            difference = self._difference(compared)
        except TooFew as error:
            return Evidence("few", exchanged=self._exchanged(compared), reason=error.reason)
        except Unscorable as error:
            return Evidence(reason=f"no uncertainty known: {error.reason}")
        candidate, deployed = compared.values
        for side, recorded, computed in (
            ("candidate", candidate, difference.candidate),
            ("deployed model", deployed, difference.deployed),
        ):
            if not agree(recorded, computed):
                reason = f"no uncertainty known: the predictions of the {side} give {computed:.6g}"
                return Evidence(reason=reason)
        return Evidence("known", difference)

    def _difference(self, compared: Compared) -> Difference:
        from snitch.measuring.bootstrap import RESAMPLES
        from snitch.measuring.comparing import compare, is_resampled

        candidate, deployed = self._sides(compared)
        args = compared.candidate.args or {}
        if is_resampled(compared.type, args, candidate):
            self._spend(candidate.size * RESAMPLES, compared)
        return compare(compared.type, args, deployed, candidate, _seed(compared))

    def _exchanged(self, compared: Compared) -> tuple[float, float] | None:
        """The p-values of a test that takes no interval; None where it has none, or is of other values."""
        from snitch.measuring.bootstrap import RESAMPLES
        from snitch.measuring.exchanging import exchanged
        from snitch.measuring.scoring import score
        from snitch.measuring.tolerance import agree
        from snitch.measuring.unscorable import Unscorable

        sides, args = self._sides(compared), compared.candidate.args or {}
        self._spend(2 * sides[0].size * RESAMPLES, compared)
        try:
            values = [score(compared.type, args, side) for side in sides]
            if not all(agree(*each) for each in zip(compared.values, values, strict=True)):
                return None
            return exchanged(compared.type, args, sides[1], sides[0], _seed(compared))
        except Unscorable:
            return None

    def _spend(self, examples: int, compared: Compared) -> None:
        self.left -= examples
        if self.left < 0:
            path = compared.pair.candidate.path
            reason = f"{path} records more than can be tested in a reasonable time"
            raise Undecidable(reason, path=path, help="record fewer slices")

    def _sides(self, compared: Compared) -> tuple[Sample, Sample]:
        """The candidate's answers and the deployed model's, to the same examples: all, or those of the slice."""
        pair = compared.pair
        return self.change.kept(("sides", pair.candidate, pair.deployed, compared.slice_name), lambda: _sides(compared))


def _sides(compared: Compared) -> tuple[Sample, Sample]:
    from snitch.measuring.tables import Unusable

    ours, theirs = (_predicted(each, compared.change) for each in _both(compared.pair))
    same_number = ours.examples.size == theirs.examples.size
    if not (same_number and (ours.examples.ids == theirs.examples.ids).all()):
        reason = "the two models did not answer the same examples"
        raise Undecidable(reason, path=compared.pair.candidate.path)
    if compared.slices is None:
        return ours.sample, theirs.sample
    try:
        rows = ours.examples.rows_where(compared.slices[0].slice)
    except Unusable as error:
        raise Broken(error.reason, reported_by="BEN007", path=compared.pair.candidate.path) from None
    return ours.sample.take(rows), theirs.sample.take(rows)


def _both(pair: Pair) -> tuple[Evaluation, Evaluation]:
    return pair.candidate, pair.deployed


def _predicted(evaluation: Evaluation, change: Change) -> Predicted:
    """As `predicted`.

    Raises:
        Broken: also where they do not answer the benchmark, which `unreproducible-evaluation` tells of a candidate's.
    """
    from snitch.measuring.tables import Unusable

    try:
        return predicted(evaluation, change)
    except Unusable as error:
        raise Broken(error.reason, reported_by="BEN007", path=evaluation.path) from None


def _seed(compared: Compared) -> str:
    """Of what is compared and of nothing else: again, or with the sides swapped, the same numbers are drawn.

    Not of the tables' bytes, so that neither the order of the rows nor how they are written draws others.
    """
    sides = sorted(f"{sorted(each.record.model.weights.items())}" for each in _both(compared.pair))
    return "\n".join([compared.pair.candidate.definition or "", *sides, compared.name])
