"""A drop below the deployed model, judged: it passes, it fails, or nothing decides.

`recorded` looks at the recorded values alone. `tolerant` passes what is within the limit, and fails what is beyond it
only where chance does not explain the drop. `non_inferior` passes only what is shown to be within the limit: the
question that drug trials ask (J. Schumi, J. T. Wittes, "Through the looking glass: understanding non-inferiority",
Trials 12:106, 2011).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import ceil, floor, inf, log10
from typing import TYPE_CHECKING, Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from snitch.comparison import Compared, declare_direction, told_apart
from snitch.finding import Comparison, Finding, Measured, Note
from snitch.numbers import Limit, absolute_limit, worsening, written_interval

if TYPE_CHECKING:
    from snitch.measuring.comparing import Difference

Mode = Literal["tolerant", "non_inferior", "recorded"]
Outcome = Literal["pass", "fail", "inconclusive"]
#: What `mode` asks for, most first: for `loosened_by`.
STRICTEST_FIRST: tuple[Mode, ...] = ("non_inferior", "recorded", "tolerant")
#: One-sided: how rarely a model that is no worse may fail.
ALPHA = 0.025
_MOST_EXAMPLES = 1e12


class MetricLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """How much worse than the deployed model a metric may be, and how that is judged; unset: as for the others."""

    max_drop: Limit | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET


def refuse_no_margin(mode: Mode, max_drop: Limit | None, metrics: Mapping[str, MetricLimit]) -> None:
    """Refuses what no model could ever show: that it is no worse at all.

    Raises:
        ValueError: `non_inferior` has a limit of 0.
    """
    limits: dict[str, tuple[Limit | UnsetType | None, Mode]] = {"max_drop": (max_drop, mode)}
    limits |= {f"the max_drop of {name}": (each.max_drop, each.mode or mode) for name, each in metrics.items()}
    for name, (limit, how) in limits.items():
        if how == "non_inferior" and isinstance(limit, (float, str)) and absolute_limit(limit, 1.0) == 0:
            raise ValueError(f"{name} is 0: `non_inferior` takes a limit above 0, which a model can be shown to keep")


class Evidence(Struct, frozen=True):
    """What is known beside two recorded values of one metric.

    `known`: how certain their difference is; `p` is that of harm, adjusted where several slices are judged at once.
    `few`: there are too few examples for an interval, and `exchanged` are the p-values of a test that takes none:
    against a candidate below, and above. `awaited`: the gate will know. `none`: nobody will. `reason` says why.
    """

    kind: Literal["known", "few", "awaited", "none"] = "none"
    difference: Difference | None = None
    exchanged: tuple[float, float] | None = None
    p: float = 1.0
    reason: str = "no uncertainty known"


class Drop(Struct, frozen=True):
    """How much worse the candidate is, as recorded, and how much it may be; and what the examples say of it.

    `worst` is the greatest drop that the interval admits, `p` the adjusted p-value of harm and `raw` the unadjusted,
    `error` the standard error of the difference, on so many `examples`.
    """

    amount: Decimal
    limit: Decimal
    worst: float
    p: float
    raw: float
    error: float
    examples: int

    def outcome(self, mode: Mode) -> Outcome:
        """What comes of it by a mode that asks for certainty."""
        if self.amount > self.limit:
            return "fail" if self.p < ALPHA else "inconclusive"
        if mode == "non_inferior" and not self.worst < float(self.limit):
            return "inconclusive"
        return "pass"

    def deciding(self, mode: Mode) -> int | None:
        """About how many examples would decide; None where none would, or more than there can be.

        The variance of a difference falls with the number of examples n, so a distance d is z standard errors with
        n (z error / d)^2 of them. Tolerant: every drop beyond the limit would be significant, d the limit (or, where
        that is 0, the drop). Non-inferior: with this drop the interval would end at the limit, or begin at 0. What an
        interval reaches for examples that nobody has seen falls with n itself.
        """
        from statistics import NormalDist

        level = ALPHA
        if self.amount > self.limit and self.p > self.raw > 0:
            level = ALPHA * self.raw / self.p  # what its own p-value has to be below, among the others
        distance, reach = float(self.limit or self.amount), 0.0
        if mode == "non_inferior" and self.amount > self.limit:
            distance = float(self.amount)
        elif mode == "non_inferior":
            distance, reach = float(self.limit - self.amount), self.worst - float(self.amount)
        if distance <= 0 or not (self.error > 0 or 0 < reach < inf):
            return None
        times = max((NormalDist().inv_cdf(1 - level) * self.error / distance) ** 2, reach / distance)
        needed = self.examples * times
        return max(ceil(needed), self.examples + 1) if needed < _MOST_EXAMPLES else None


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values of several tests at once: S. Holm, "A simple sequentially rejective multiple test procedure",
    Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    adjusted, least = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = least
    return adjusted


def together(evidence: Sequence[Evidence], compared: Sequence[Compared]) -> list[Evidence]:
    """The evidence on several slices of one metric, each held against that there are several."""
    pairs = zip(evidence, compared, strict=True)
    raw = {at: _harm(each, other.greater_is_better) for at, (each, other) in enumerate(pairs)}
    harm = {at: p for at, p in raw.items() if p is not None}
    adjusted = dict(zip(harm, holm(list(harm.values())), strict=True))
    return [replace(each, p=adjusted.get(at, each.p)) for at, each in enumerate(evidence)]


def alone(evidence: Evidence, compared: Compared) -> Evidence:
    """The evidence on one metric that is judged by itself."""
    return together([evidence], [compared])[0]


def _harm(evidence: Evidence, greater_is_better: bool | None) -> float | None:
    """The p-value of a test of harm; None where there was none."""
    found = evidence.difference
    below, above = (found.below, found.above) if found else evidence.exchanged or (None, None)
    return below if greater_is_better else above


def drop_of(values: tuple[float, float], limit: Limit, evidence: Evidence, *, greater_is_better: bool) -> Drop:
    """The drop of two recorded values, the candidate's and the deployed model's, as written."""
    candidate, deployed = values
    amount = worsening(deployed, candidate, greater_is_better=greater_is_better)
    allowed, found, raw = absolute_limit(limit, deployed), evidence.difference, _harm(evidence, greater_is_better)
    if found is None or raw is None:
        return Drop(amount, allowed, inf, evidence.p, 1.0, 0.0, 0)
    worst = -found.lower if greater_is_better else found.upper
    return Drop(amount, allowed, worst, evidence.p, raw, found.error, found.examples)


def outcome_of(drop: Drop, mode: Mode, evidence: Evidence) -> Outcome:
    """What comes of a drop: exactly at the limit passes."""
    if mode == "recorded" or evidence.kind in ("none", "awaited"):
        if drop.amount > drop.limit:
            return "fail"
        return "inconclusive" if mode == "non_inferior" and evidence.kind == "none" else "pass"
    return drop.outcome(mode)


class Judging(Struct, frozen=True):
    """How the drops of a rule are judged: the worsening allowed, the mode, and the help of a finding."""

    limit: float | str
    mode: Mode
    mend: str


def judge_drop(compared: Compared, judging: Judging, evidence: Evidence) -> Iterator[Comparison | Finding | Note]:
    """Judges one metric: the recorded values as written, equality passing; what the examples say decides the rest.

    Raises:
        Broken: a value is none, or nobody says which direction is better though the benchmark asks for the metric.
    """
    values, better = compared.values, compared.greater_is_better
    if better is None:
        help_text = declare_direction(compared.type, compared.pair.candidate)
        yield compared.comparison(None, "inconclusive")
        message = f"{compared.name} cannot be compared: nobody says whether a greater {compared.type} is better"
        yield compared.finding(message, help=help_text, outcome="inconclusive")
        return
    drop = drop_of(values, judging.limit, evidence, greater_is_better=better)
    outcome = outcome_of(drop, judging.mode, evidence)
    if outcome == "fail" and evidence.kind == "awaited" and compared.slices and judging.mode == "tolerant":
        outcome = "inconclusive"  # the gate may let it pass, so nothing before it stops it
    interval = evidence.difference and (evidence.difference.lower, evidence.difference.upper)
    yield compared.comparison(drop.limit, outcome, interval)
    if outcome == "pass":
        return
    if outcome == "inconclusive" and compared.slices and judging.mode == "tolerant":
        yield Note(_told_of_slice(compared, judging, evidence, drop))
        return
    yield compared.finding(
        _message(compared, judging, drop, outcome, evidence),
        certainty=_certainty(evidence),
        notes=_deciding(drop, judging.mode) if outcome == "inconclusive" else (),
        help=judging.mend,
        measured=Measured(float(drop.amount), True, abs(values[1])),
        **({"outcome": "inconclusive"} if outcome == "inconclusive" else {}),
    )


def _message(compared: Compared, judging: Judging, drop: Drop, outcome: Outcome, evidence: Evidence) -> str:
    if drop.amount > drop.limit:
        fell = _fell(compared, judging, drop)
        return fell if outcome == "fail" else f"{fell}, but that may be chance"
    _, bound = _bound(judging, drop)
    if evidence.difference is None:
        return f"{compared.name} is not shown to keep within {bound} of the deployed model: {evidence.reason}"
    moved = "fallen" if compared.greater_is_better else "risen"
    ends = written_interval(evidence.difference.lower, evidence.difference.upper)
    worst = ends[0 if compared.greater_is_better else 1].strip("+-")
    return f"{compared.name} may have {moved} by {worst}; the limit is {bound}"


def _bound(judging: Judging, drop: Drop) -> tuple[str, str]:
    """The drop and the limit as people write them."""
    amount, bound = told_apart(drop.amount, drop.limit)
    return amount, f"{judging.limit} ({bound})" if isinstance(judging.limit, str) else bound


def _fell(compared: Compared, judging: Judging, drop: Drop) -> str:
    amount, bound = _bound(judging, drop)
    moved = f"fell {amount} below" if compared.greater_is_better else f"rose {amount} above"
    return f"{compared.name} {moved} the deployed model; the limit is {bound}"


def _certainty(evidence: Evidence) -> str:
    found = evidence.difference
    if found is None and evidence.exchanged is not None:
        return f"{evidence.reason}; were the two alike, it would be so in {evidence.p:.2g} of the cases"
    if found is None:
        return evidence.reason
    lower, upper = written_interval(found.lower, found.upper)
    return f"95 % interval of the difference {lower} to {upper}".replace("-", "\N{MINUS SIGN}")


def _deciding(drop: Drop, mode: Mode) -> tuple[str, ...]:
    needed = drop.deciding(mode)
    return () if needed is None else (f"about {_rounded(needed):,} examples would decide",)


def _rounded(number: int) -> int:
    """Up to two digits: it is an estimate."""
    step: int = 10 ** max(floor(log10(number)) - 1, 0)
    return -(-number // step) * step


def _told_of_slice(compared: Compared, judging: Judging, evidence: Evidence, drop: Drop) -> str:
    """A slice whose drop is not certain stops nothing."""
    fell = _fell(compared, judging, drop)
    if evidence.kind == "awaited":
        return f"{fell}: the gate tests whether that may be chance"
    rows = "" if compared.rows is None else f"n = {compared.rows}; "
    deciding = "".join(f"; {each}" for each in _deciding(drop, judging.mode))
    return f"{fell}, but that may be chance: {rows}{_certainty(evidence)}{deciding}"
