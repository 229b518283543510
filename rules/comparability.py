"""Whether candidate and deployed model can be compared at all."""

from __future__ import annotations

from collections.abc import Iterator

from snitch.ambiguity import Fault
from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Finding, Skip
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.soundness import foreign_weights, invalid_metrics


class IncomparableEvaluation(Rule, code="REG005"):
    """The candidate and the deployed model were not measured on the same benchmark, so nobody knows which is better.

    Scores on different data, or by different definitions, cannot be compared. It is inconclusive where the deployed
    model's record is missing, not valid, stale, of other weights, or holds values that are none. It fails where the
    benchmark and the model (its weights, its threshold or the code that predicts) change in one pull request: then
    nothing tells which of the two moved the scores.

    Mend it: split the pull request. First change the benchmark and evaluate the deployed model on it; then change
    the model. Where only the deployed record is at fault, mend that first: keep the weights, make the record again.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a benchmark."""
        change.require_other_answers()
        try:
            deployed = {each.dataset.name: each for each in change.deployed_evaluations}
        except Broken as error:
            yield _inconclusive_model(change, f"cannot be compared with the deployed model: {error.reason}")
            return
        candidates = {each.dataset.name: each for each in change.candidate.evaluations}
        names = dict.fromkeys([*(each.name for each in change.benchmarks), *(candidates.keys() & deployed.keys())])
        later = Postponed()
        for name in sorted(names):
            with later:
                yield from _judge(change, name, candidates.get(name), deployed.get(name))
        later.tell()
        if not names and not deployed:
            raise Skip("no benchmark names the model")
        if not names:
            yield _inconclusive_model(change, "was measured on nothing that the deployed model was measured on")


def _judge(change: Change, name: str, ours: Evaluation | None, theirs: Evaluation | None) -> Iterator[Finding]:
    """Whether two records on the benchmark of one name can be compared.

    Raises:
        Broken: the candidate's is missing or stale, which other rules tell.
        Undecidable: there is no such benchmark any more.
    """
    current = change.benchmark(name)
    if ours is None:
        raise Broken(f"there is no evaluation on {name}", reported_by="BEN001", path=change.candidate.path)
    if not ours.measures(current):
        raise Broken(f"{ours.path} is not of the current {name}", reported_by="BEN002", path=ours.path)
    if theirs is not None and ours.comparable(theirs):
        fault = _deployed_fault(change, theirs)
        if fault is not None:
            message = f"cannot be compared with the deployed model's evaluation: {fault.message}"
            yield _finding(change, ours, theirs, message, theirs_at=fault.pointer)
    elif _changed(change, current):
        others = " and ".join(each.what for each in change.otherwise)
        message = f"{name} and {others} changed in one pull request: split it"
        help_text = f"first change the benchmark and evaluate the deployed model on it, then change {others}"
        yield _finding(change, ours, theirs, message, outcome="fail", help=help_text)
    elif theirs is None:
        yield _finding(change, ours, theirs, f"the deployed model has no evaluation on {name} to be compared with")
    else:
        yield _finding(change, ours, theirs, f"the deployed model was measured on another {name}")


def _changed(change: Change, current: Benchmark) -> bool:
    """Whether the change itself brings another benchmark. One that cannot be read is not known to be the same."""
    before = change.base or change.deployed.repository
    try:
        other = before.benchmark(current.name)
    except Broken:
        return True
    if other is None:
        return True
    ours, theirs = current.definition, other.definition
    return ours.data.revision != theirs.data.revision or ours.definition != theirs.definition


def _deployed_fault(change: Change, evaluation: Evaluation) -> Fault | None:
    """Why the deployed model's record is itself no evidence."""
    own = evaluation.own_benchmark
    if own is None or not evaluation.measures(own):
        return Fault("/dataset/revision", "it is not of the benchmark beside it", "stale")
    try:
        foreign = foreign_weights(evaluation, change.deployed.weights_digests)
    except Broken as error:
        return Fault("/model/weights", f"its weights cannot be told: {error.reason}", "weights")
    if foreign is not None:
        return foreign
    return next(iter(evaluation.ambiguities), None) or next(invalid_metrics(evaluation), None)


_MEND = "make the deployed model's record good first: keep the weights, evaluate them, and merge that"


def _finding(
    change: Change,
    ours: Evaluation,
    theirs: Evaluation | None,
    message: str,
    *,
    theirs_at: str = "/dataset/revision",
    outcome: str = "inconclusive",
    help: str = _MEND,
) -> Finding:
    label = f"deployed {change.deployed.version}"
    return ours.finding(
        "/dataset/name" if theirs is None else "/dataset/revision",
        message,
        outcome=outcome,
        help=help,
        label=f"candidate {change.candidate.version}",
        deployed=theirs.side(theirs_at, label=label) if theirs is not None else None,
        role=ours.dataset.name,
        about="comparable",
    )


def _inconclusive_model(change: Change, message: str) -> Finding:
    candidate = change.candidate
    help_text = "see to it that both models are measured on one benchmark"
    return candidate.finding(
        "/version", f"{candidate.name} {message}", outcome="inconclusive", help=help_text, about="comparable"
    )
