"""The rule about a benchmark that has been asked too often."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist
from typing import Annotated

import msgspec
from msgspec import Meta

from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.evaluation import Evaluation
from snitch.finding import Finding, Measured, Skip, Undecidable
from snitch.formats.evaluation import EvaluatedModel, outcome_of
from snitch.gate import Recorded
from snitch.model import Model
from snitch.rule import Rule

#: The significance level of one comparison, and how surely a true difference is to be seen.
_ALPHA, _POWER = 0.025, 0.8
#: The share of examples that a candidate and the deployed model are taken to answer otherwise.
_DISAGREEMENT = 0.1
#: More records than these of one revision are not read.
_MOST = 20_000


class OverusedBenchmark(Rule, code="BEN008", severity=(None, "warning"), stage="gate"):
    """The benchmark has judged so many candidates that its verdict wears out.

    Whoever asks the same examples again and again hears what they want: of many candidates that are alike, the luckiest
    passes. Counted are the candidates that any commit holds an evaluation of, on the present revision and definition,
    from which the target, the deployed branch or the change itself come: on whichever side of a merge, and every try on
    the way to the head. Other weights are another candidate, and so are the same weights that came to other predictions
    or metrics, as by another threshold; measured again with nothing changed they are one. They are those of this model,
    under its name or in its folder; of all models where the benchmark judges all. What was squashed away, or never
    committed, nobody can see.

    Of k candidates each may be judged only at a k-th of the significance level (Bonferroni's correction; O. Dunn,
    1961), so that a difference takes more examples to be seen; the derived limit, 27, is where it takes twice as many.
    That holds where candidates were chosen without regard to earlier results. Where they were not, a benchmark that
    tells its numbers in full wears out sooner, and one that tells only of improvements later (A. Blum and M. Hardt, The
    Ladder: A Reliable Leaderboard for Machine Learning Competitions, 2015).

    Mend it: collect a new revision of the benchmark, in a pull request of its own.

    Options:
        max_candidates: how many candidates one revision may judge; by default the derived limit.

    Example:
        overused-benchmark: {max_candidates: 50}
    """

    loosened_by = {"max_candidates": "more"}
    max_candidates: Annotated[int, Meta(ge=1)] | None = None

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a benchmark."""
        evaluations = change.candidate.evaluations
        if not evaluations:
            raise Skip("there is no evaluation")
        limit = self.max_candidates or derived_limit()
        for evaluation in evaluations:
            benchmark = change.repository.benchmark(evaluation.dataset.name)
            if benchmark is None or not evaluation.measures(benchmark):
                continue  # other rules tell
            judged = _judged(change, evaluation, benchmark, limit)
            if len(judged) > limit:
                yield _finding(benchmark, change.candidate, evaluation, len(judged), limit)


def derived_limit() -> int:
    """The most candidates after which a difference takes at most twice the examples of the first to be seen."""
    count = 1
    while effort(count + 1) <= 2:
        count += 1
    return count


def effort(candidates: int) -> float:
    """How many times the examples it takes to see a difference when so many candidates are judged by one benchmark.

    That is `((z(1 - a/k) + z(0.8)) / (z(1 - a) + z(0.8)))**2` of k candidates at the level a = 2.5 % and 80 % power, as
    the standard error of a difference falls with the root of the number of examples.
    """
    return (_reach(candidates) / _reach(1)) ** 2


def _reach(candidates: int) -> float:
    """The standard errors by which two models must differ."""
    normal = NormalDist()
    return normal.inv_cdf(1 - _ALPHA / candidates) + normal.inv_cdf(_POWER)


_Candidate = tuple[tuple[str, ...], str]


def _judged(change: Change, evaluation: Evaluation, benchmark: Benchmark, limit: int) -> set[_Candidate]:
    """The candidates that were measured on a benchmark as it is now, by the digests of weights and of what came out: of
    this model, or of all where the benchmark judges all. Of very many records the newest, where these are more than the
    limit.

    Raises:
        Undecidable: a record is not here, or there are too many to read.
    """
    candidate, dataset = change.candidate, evaluation.dataset
    plain = msgspec.to_builtins(evaluation.record)
    found = {_candidate(evaluation.record.model, outcome_of(plain["predictions"], plain["metrics"]))}
    for number, past in enumerate(change.gate.recorded(dataset.name, dataset.revision)):
        if number == _MOST:
            if len(found) > limit:
                break
            reason = f"{dataset.name} has been recorded more than {_MOST:,} times on one revision"
            raise Undecidable(reason, path=benchmark.path, help="collect a new revision of the benchmark")
        if _is_asked(past, candidate, benchmark) and _is_alike(past, evaluation):
            found.add(_candidate(past.model, past.outcome))
    return found


def _candidate(model: EvaluatedModel, outcome: str) -> _Candidate:
    return tuple(sorted(set(model.weights.values()))), outcome


def _is_asked(past: Recorded, candidate: Model, benchmark: Benchmark) -> bool:
    """Whether a record is of this model, under its name or in its folder, or the benchmark judges all models."""
    is_own = past.model.name == candidate.name or past.folder == candidate.folder
    return benchmark.definition.all or is_own


def _is_alike(past: Recorded, present: Evaluation) -> bool:
    """Whether both are of one definition; one that was not recorded counts as the same."""
    return None in (past.dataset.definition, present.definition) or past.dataset.definition == present.definition


def _finding(benchmark: Benchmark, model: Model, evaluation: Evaluation, count: int, limit: int) -> Finding:
    rows = benchmark.definition.data.rows or evaluation.dataset.rows
    whose = ", of whatever model" if benchmark.definition.all else f" of {model.name}"
    left = f"at {count} looks {_ALPHA / count:.3%} is left of the significance level of {_ALPHA:.1%} for each"
    notes = [
        "counted in all of the history that leads here: what was squashed away or never committed is not seen",
        f"{left}, and a difference takes {effort(count):.1f} times as many examples to be seen",
    ]
    if rows:
        first, now = (_reach(each) * sqrt(_DISAGREEMENT / rows) for each in (1, count))
        notes.append(
            f"on {rows:,} examples of which {_DISAGREEMENT:.0%} are answered otherwise, a difference in accuracy of "
            f"{now:.4f} can be told; for the first candidate it was {first:.4f}"
        )
    return evaluation.finding(
        "/dataset/revision",
        f"{benchmark.name} {benchmark.version} has judged {count} candidates{whose}; the limit is {limit}",
        about="candidates",
        role=benchmark.name,
        notes=tuple(notes),
        measured=Measured(count),
        help="collect a new revision of the benchmark, in a pull request of its own",
    )
