"""The rule about what the business asks of a model's answers as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct, field

from snitch.change import Change
from snitch.documents.problems import join_pointer
from snitch.evaluation import Evaluation
from snitch.examples import answers_of
from snitch.finding import Broken, Finding, Note, Skip, Undecidable
from snitch.formats.scalars import Name
from snitch.postponed import Postponed
from snitch.references import Misnamed, unknown_benchmarks
from snitch.repository import Repository
from snitch.rule import Rule

if TYPE_CHECKING:
    from snitch.measuring.business import Joined
    from snitch.measuring.expression import Outcome

Expression = Annotated[str, Meta(min_length=1, max_length=4000)]
_DEPLOYED = re.compile(r"deployed_(prediction|score)", re.IGNORECASE)


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """An expression, and the benchmarks on which it has to be true; none named: all."""

    expression: Expression
    benchmarks: tuple[Name, ...] = ()


class BusinessRuleBroken(Rule, code="REG010", severity=(None, "error"), stage="gate"):
    """What the policy asks of a model's answers as a whole is not so.

    Whoever uses the answers has terms of their own: no more cases than the team can look into, a score for every
    premium customer, a forecast that does not halve the budget overnight. The policy names each and writes it down as
    an SQL expression over one table, `examples`: the columns of the benchmark, the model's `prediction` and `score` (or
    `prediction_<target>`, `score_<class>`) of each example and, where the deployed model was measured on the same
    benchmark, its `deployed_prediction` and `deployed_score`. An expression is one truth about all of them, so it
    counts, sums or compares aggregates; DuckDB evaluates it, and what is neither true nor false decides nothing.

    It can read nothing but that table: no file, no setting, no network, no clock and no lot. It may hold subqueries,
    but no join, no `WITH` and no window, and of DuckDB's functions those for arithmetic, conditions, text, dates and
    statistics that [docs/business-rules.md](../business-rules.md) lists. Where an answer is missing that it names, it
    has to say what of that: `score IS NULL`. Where it compares what is no finite number, as after a division by zero,
    it holds only if it would hold whatever that number was: ask of the others, `FILTER (WHERE customers > 0)`.

    Mend it: look at what the finding says both sides came to. Train a model that keeps the terms, or agree on others in
    the policy, which its approvers review.

    Options:
        expressions: by a name of your own an expression, or an `expression` with the `benchmarks` on which it has to be
            true. None by default, and then the rule does not apply.
        max_time: how many seconds an expression may take, 30 by default.

    Example:
        business-rule-broken:
          expressions:
            few-flagged: "avg(prediction) <= 0.05"
            premium-scored: "count(*) FILTER (WHERE plan = 'premium' AND score IS NULL) = 0"
            steady-total: "abs(sum(prediction) FILTER (WHERE month = (SELECT max(month) FROM examples))
              / sum(prediction) FILTER (WHERE month = (SELECT min(month) FROM examples)) - 1) <= 0.1"
    """

    loosened_by = {"expressions": "less"}
    expressions: Annotated[dict[Name, Expression | Expected], Meta(max_length=100)] = field(default_factory=dict)
    max_time: Annotated[int, Meta(ge=1, le=600)] = 30

    def __post_init__(self) -> None:
        for name, given in self.expressions.items():
            text = given.expression if isinstance(given, Expected) else given
            if not text.strip() or "\0" in text:
                raise ValueError(f"{name} is no expression")

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The benchmarks that there are not."""
        for name, given in self.expressions.items():
            if isinstance(given, Expected):
                pointer = f"/expressions{join_pointer(name)}/benchmarks"
                yield from unknown_benchmarks(repository, pointer, given.benchmarks)

    def faults(self) -> Iterator[tuple[str, str]]:
        """The expressions that are none on any table.

        Raises:
            Undecidable: nobody can tell.
        """
        from snitch.measuring.business import faults
        from snitch.measuring.tables import Unusable

        named = {
            name: given if isinstance(given, str) else given.expression for name, given in self.expressions.items()
        }
        try:
            found = faults(list(named.values()))
        except Unusable as error:
            raise Undecidable(error.reason) from None
        for (name, text), reason in zip(named.items(), found, strict=True):
            if reason:
                yield f"/expressions{join_pointer(name)}", f"{name}, `{text}`: {reason}"

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a benchmark and expression."""
        if not self.expressions:
            raise Skip("the policy names no business rule")
        later, applies = Postponed(), False
        for evaluation in change.candidate.evaluations:
            asked = self.asked_of(evaluation.dataset.name)
            applies = applies or bool(asked)
            with later:
                if asked:
                    yield from self.judge(change, evaluation, asked)
        with later:
            applies = self.require_all(change) or applies
        later.tell()
        if not applies:
            raise Skip("no business rule is about a benchmark of the model")

    def asked_of(self, benchmark: str) -> dict[str, str]:
        """The expressions that have to be true on a benchmark, by name."""
        named = {
            name: given if isinstance(given, Expected) else Expected(given) for name, given in self.expressions.items()
        }
        return {
            name: each.expression for name, each in named.items() if not each.benchmarks or benchmark in each.benchmarks
        }

    def require_all(self, change: Change) -> bool:
        """Whether a benchmark that asks for an evaluation of the model has business rules.

        Raises:
            Broken: it has, and there is no evaluation on it, which another rule tells.
        """
        measured = {each.dataset.name for each in change.candidate.evaluations}
        asking = [each for each in change.benchmarks if self.asked_of(each.name)]
        for benchmark in asking:
            if benchmark.name not in measured:
                reason = f"there is no evaluation on {benchmark.name}"
                raise Broken(reason, reported_by="BEN001", path=change.candidate.path)
        return bool(asking)

    def judge(self, change: Change, evaluation: Evaluation, asked: dict[str, str]) -> Iterator[Finding | Note]:
        """Evaluates what has to be true on one benchmark.

        Raises:
            Broken, Undecidable: there is nothing to evaluate it on.
        """
        from snitch.measuring.business import evaluate
        from snitch.measuring.tables import Unusable

        if change.is_first_release:
            left_out = [name for name, text in asked.items() if _DEPLOYED.search(text)]
            asked = {name: text for name, text in asked.items() if name not in left_out}
            if left_out:
                yield Note(f"not judged, for no model is deployed yet: {', '.join(left_out)}")
        try:
            table = _table(change, evaluation, needs_deployed=any(_DEPLOYED.search(text) for text in asked.values()))
            outcomes = evaluate(table, list(asked.values()), seconds=float(self.max_time))
        except Unusable as error:
            raise Broken(f"{evaluation.path}: {error.reason}", reported_by="BEN007", path=evaluation.path) from None
        yield from _findings(evaluation, asked, outcomes)


def _findings(evaluation: Evaluation, asked: dict[str, str], outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    dataset = evaluation.dataset
    size = "" if dataset.rows is None else f", n = {dataset.rows:,}"
    place = f"on {dataset.name} {dataset.version or ''}".rstrip() + size
    for (name, text), outcome in zip(asked.items(), outcomes, strict=True):
        if outcome.holds:
            continue
        notes = (*(f"{each.text} is {each.value}" for each in outcome.sides), place)
        told: dict[str, Any] = {
            "message": f"{name} is not so: `{text}`",
            "help": "train a model that keeps to it, or ask for another rule in the policy",
        }
        if outcome.holds is None:
            told = {
                "message": f"nobody knows whether {name} is so, `{text}`: {outcome.reason}",
                "help": "mend the expression in the policy, or what it is about",
                "outcome": "inconclusive",
            }
        yield evaluation.finding("/predictions", key=True, about=name, role=dataset.name, notes=notes, **told)


def _table(change: Change, evaluation: Evaluation, *, needs_deployed: bool) -> Joined:
    """The examples with the answers of both models: of the deployed one only where they are asked for.

    Raises:
        Broken, Undecidable: they are not to be had.
        Unusable: the candidate's are no answers to the examples.
    """
    from snitch.measuring.business import joined
    from snitch.measuring.tables import Unusable

    examples, answers = answers_of(evaluation, change)
    pair = None
    if needs_deployed:
        pair = next((each for each in change.comparable_pairs if each.candidate is evaluation), None)
    if pair is None:
        return joined(examples, answers)
    joined(examples, answers)  # what is wrong with the candidate's own is told as such
    try:
        return joined(examples, answers, answers_of(pair.deployed, change)[1])
    except Unusable as error:
        reason = f"the deployed model's predictions: {error.reason}"
        raise Undecidable(reason, path=pair.deployed.path) from None
