"""The rule about evaluations that somebody else has to be able to repeat."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from snitch.asking import is_left_over, unnamed
from snitch.attestation import KEEP_FROM_FILES, attested, could_have_read
from snitch.change import Change
from snitch.comparison import told_apart
from snitch.evaluation import Evaluation
from snitch.examples import examples_of, has_predictions, predicted
from snitch.finding import Broken, Finding, Note, Skip
from snitch.made_anew import changed_beside_weights, is_deployed_record, measured_with_others
from snitch.numbers import decimal
from snitch.postponed import Postponed
from snitch.recomputation import Departure, recompute
from snitch.rule import Rule

if TYPE_CHECKING:
    from snitch.attestation import Attestation
    from snitch.measuring.examples import Examples
    from snitch.measuring.sample import Sample
    from snitch.recomputation import Recomputation

#: So many numbers of one record that are others than it says are told; the rest is counted.
_MOST = 20


class UnreproducibleEvaluation(Rule, code="BEN007", severity=(None, "error"), stage="gate"):
    """The evaluation says what its own predictions, or the model when it is run again, do not give.

    A recorded metric is a claim: whoever writes the file writes the number. Where the record names the predictions it
    was computed from, every metric is computed again from those and the benchmark's labels, which takes no code of the
    model's. That catches a number that was edited; it does not catch predictions that were made up as well. Of a binary
    classification each prediction has to be what its score gives: the positive label where the score reaches the
    manifest's `decision_threshold`, or, without one, any one threshold. A model that has `predict` decides as it likes.
    Scores need not be probabilities, and where they are none a note says so; a threshold between 0 and 1 decides by
    such scores only where the signature's `outputs` have one that is a real number, with no range but theirs.

    So where an environment says `verify: true`, the model has to have been run again, too. A job of the gate's own
    pipeline does that, in which there is no token: `snitch evaluate MODEL --verify --evidence FILE`; its file is handed
    to the gate with `--evidence FILE`. It counts only for the very weights, data, definition and predictions that are
    to be merged, and only where the merge brings no other code, threshold or requirements to the model than the head
    has. Where it is missing, or says that it could not decide, nothing passes. Numbers may differ by one millionth,
    which is rounding.

    The same weights may answer otherwise once the code that predicts, a threshold, the inputs or the versions of the
    libraries have changed. Then a record that is still the deployed model's decides nothing, and one that was made anew
    is noted to be the author's word where no job has measured it again. One whose `environment` names a version that
    the requirements do not admit decides nothing either, unless the deployed model stands there with it.

    `snitch evaluate` measures where a benchmark names the model. Where it has stopped doing that, the deployed model's
    own record may stay as it is, or go; any other has to be measured, which takes a benchmark that names the model.

    Mend it: run `snitch evaluate MODEL` and commit the evaluation with its predictions. A model that draws lots when it
    predicts cannot be reproduced: give it a seed. Where the target has changed the model's files meanwhile, merge it
    into the branch and measure again.
    """

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding a metric, overall or of a slice, that is another; or one an evaluation that nobody can tell."""
        later, known = Postponed(), _Known()
        for evaluation in change.candidate.evaluations:
            with later:
                _require_own(change, evaluation)
                if has_predictions(evaluation):
                    yield from self.recomputed(change, evaluation, known)
                yield from self.reproduced(change, evaluation, known)
        yield from known.notes(change)
        later.tell()
        if not change.candidate.evaluation_paths:
            raise Skip("there is no evaluation")

    def recomputed(self, change: Change, evaluation: Evaluation, known: _Known) -> Iterator[Finding | Note]:
        """What the committed predictions give.

        Raises:
            Broken, Undecidable: they are not to be had.
        """
        from snitch.measuring.tables import Unusable

        benchmark = evaluation.own_benchmark
        if benchmark is None or not evaluation.measures(benchmark):
            raise Broken(f"{evaluation.path} is of another benchmark", reported_by="BEN002", path=evaluation.path)
        try:
            examples = examples_of(benchmark, change)
        except Unusable as error:
            message = f"nothing can be computed on {benchmark.name}: {error.reason}"
            place = error.pointer or "/data/path"
            yield benchmark.finding(place, message, role=benchmark.name, about="data", help="mend the benchmark")
            return
        try:
            sample = predicted(evaluation, change).sample
        except Unusable as error:
            message = f"the predictions do not answer {benchmark.name}: {error.reason}"
            yield _finding(evaluation, "/predictions/path", message, "predictions")
            return
        found = recompute(evaluation, examples, sample)
        yield from _departing(evaluation, found.departures, "its predictions give")
        if sample.score is not None or not found.departures:  # else that there are none is told already
            yield from _contrary(change, evaluation, examples, sample)
        yield from _of_range(change, evaluation, examples, sample)
        known.recomputed(evaluation, found)

    def reproduced(self, change: Change, evaluation: Evaluation, known: _Known) -> Iterator[Finding]:
        """What evidence says.

        Raises:
            Broken: the weights cannot be told, or a recorded value is none.
        """
        files = change.gate.evidence
        faulty = next((file for file in files if file.fault), None)
        told = attested(evaluation, change.candidate, change.repository.commit, files)
        if told is not None and told.outcome == "departs":
            yield from _departing(evaluation, told.departures, "measured again it is", told)
            if told.differing:
                yield _of_differing(evaluation, told)
        elif faulty is not None and change.environment.verify:
            reason = f"{faulty.file.path} cannot be used: {faulty.fault}"
            yield _open(change, evaluation, reason)
        elif told is not None and told.outcome == "reproduced":
            known.reproduced(evaluation, told)
            if change.environment.verify:
                yield from _left_open(change, evaluation, told)
        elif change.environment.verify and not is_left_over(change, evaluation):
            asks = f"{change.environment.name} asks for it to be measured again"
            yield _open(change, evaluation, told.reason if told else f"{asks}, and no evidence says that it was")
        else:
            yield from self.remade(change, evaluation, known)

    def remade(self, change: Change, evaluation: Evaluation, known: _Known) -> Iterator[Finding]:
        """Whether a record of weights that stay was at least made anew, where they may answer otherwise by now."""
        gone, command = unnamed(change.candidate, evaluation), f"snitch evaluate {change.candidate.name}"
        if foreign := measured_with_others(change, evaluation):
            mend = gone or f"measure by an interpreter that has that: `{command} --python PATH`"
            yield _open(change, evaluation, f"it was measured with {foreign}", mend, about="libraries")
            return
        changed = changed_beside_weights(change, evaluation)
        if changed and not is_deployed_record(change, evaluation):
            known.changed[changed] = None
        elif changed:
            reason = f"{changed} changed, and the record is still the deployed model's"
            mend = gone or f"raise the version, `{command}`, and commit all that it writes"
            yield _open(change, evaluation, reason, mend, about="unmeasured")


def _contrary(change: Change, evaluation: Evaluation, examples: Examples, sample: Sample) -> Iterator[Finding]:
    """The predictions of a binary task that are not what their scores give; a model's own code may decide by more."""
    from snitch.measuring.decisions import contrary
    from snitch.measuring.ids import shown

    manifest = change.candidate.manifest
    threshold = manifest.decision_threshold
    if examples.definition.task != "binary-classification" or manifest.predict or sample.prediction is None:
        return
    if sample.score is None:
        if threshold is not None:
            reason = f"its predictions have no scores that the `decision_threshold` {threshold} could be held against"
            help_text = "record the scores, too, or remove a threshold that turns none into a label"
            yield _open(change, evaluation, reason, help_text, about="threshold")
        return
    rows = contrary(sample, threshold)
    if rows.any():
        by = "one threshold of the scores" if threshold is None else f"the `decision_threshold` {threshold}"
        count = "1 prediction is" if rows.sum() == 1 else f"{rows.sum():,} of {sample.size:,} predictions are"
        message = f"{count} not what {by} gives: {shown(examples.ids[rows])}"
        yield _finding(evaluation, "/predictions/sha256", message, "threshold")


def _of_range(change: Change, evaluation: Evaluation, examples: Examples, sample: Sample) -> Iterator[Finding | Note]:
    """That scores are no probabilities; where a threshold takes them for some, nobody knows what it decides."""
    from snitch.measuring.probabilities import MEND, doubt, thresholds_of, told_range

    manifest, definition = change.candidate.manifest, examples.definition
    reach = told_range(sample.score) if definition.task.endswith("classification") else ""
    if not reach:
        return
    yield Note(f"the scores on {definition.name} are no probabilities: they reach {reach}")
    own = None if manifest.predict else manifest.decision_threshold
    outputs = manifest.signature.outputs if manifest.signature else ()
    reason = doubt(sample.score, [own, *thresholds_of(definition.requested)], outputs)
    if reason:
        yield _open(change, evaluation, reason, MEND, about="probabilities")


def _left_open(change: Change, evaluation: Evaluation, told: Attestation) -> Iterator[Finding]:
    """What somebody who asks for certainty is not told by evidence that agrees."""
    reason = could_have_read(told.path, told.unkept, "the labels are some")
    if reason:
        yield _open(change, evaluation, reason, KEEP_FROM_FILES)
    if told.unknown:
        reason = f"nobody here can compute {', '.join(told.unknown)}"
        help_text = f"leave it out of {evaluation.dataset.name}, or have it accepted: `snitch waive BEN007 …`"
        yield _open(change, evaluation, reason, help_text, about="unknown metrics")


class _Known:
    """What is known of the numbers of each evaluation, for a note."""

    def __init__(self) -> None:
        self._recomputed: set[str] = set()
        self._reproduced: set[str] = set()
        self._unknown: dict[str, tuple[str, ...]] = {}
        self._unkept: dict[str, None] = {}
        #: What changed beside weights that stay, without a job that has measured it again.
        self.changed: dict[str, None] = {}

    def recomputed(self, evaluation: Evaluation, found: Recomputation) -> None:
        self._recomputed.add(evaluation.path)
        self._unknown[evaluation.dataset.name] = found.unknown

    def reproduced(self, evaluation: Evaluation, told: Attestation) -> None:
        self._reproduced.add(evaluation.path)
        self._unknown.setdefault(evaluation.dataset.name, told.unknown)
        if told.unkept:
            could = f"could not keep the model from {' and '.join(told.unkept)}"
            self._unkept[f"the job of {told.path} {could}: it may have seen the labels"] = None

    def notes(self, change: Change) -> Iterator[Note]:
        paths = set(change.candidate.evaluation_paths)
        if not paths:
            return
        for known, said in (
            (self._reproduced, "reproduced from the weights"),
            (self._recomputed - self._reproduced, "recomputed from their predictions, not from the weights"),
            (paths - self._recomputed - self._reproduced, "recorded, not reproduced"),
        ):
            if known == paths:
                yield Note(f"the evaluations are {said}")
            elif known:
                names = ", ".join(sorted(path.rpartition("/")[2].removesuffix(".json") for path in known))
                yield Note(f"the evaluations on {names} are {said}")
        yield from map(Note, self._unkept)
        for what in self.changed:
            yield Note(f"{what} changed, the weights did not: no job has measured that again, the author has")
        for benchmark, unknown in sorted(self._unknown.items()):
            if unknown:
                yield Note(f"nobody here can compute {', '.join(unknown)}, recorded on {benchmark}")


def _require_own(change: Change, evaluation: Evaluation) -> None:
    """One cause, one finding: another model's whole record is not also one that cannot be reproduced.

    Raises:
        Broken: the record is another model's, which `invalid-evaluation` tells.
    """
    if evaluation.record.model.name != change.candidate.manifest.name:
        raise Broken(f"{evaluation.path} is of another model", reported_by="BEN011", path=evaluation.path)


def _departing(
    evaluation: Evaluation, departures: tuple[Departure, ...], given: str, told: Attestation | None = None
) -> Iterator[Finding]:
    notes = (f"measured again in {told.path}",) if told else ()
    for each in departures[:_MOST]:
        if each.recomputed is None:
            message = f"{each.about} is recorded, and cannot be computed: {each.reason}"
        else:
            recorded, recomputed = told_apart(_decimal(each.recorded), _decimal(each.recomputed))
            message = f"{each.about} is recorded as {recorded}; {given} {recomputed}"
        yield _finding(evaluation, each.pointer, message, each.about, notes=notes)
    rest = len(departures) - _MOST
    if rest > 0:
        yield _finding(evaluation, "/metrics", f"{rest:,} more numbers are others than recorded", "more", notes=notes)


def _decimal(value: float) -> Decimal:
    return decimal(float(value))


def _of_differing(evaluation: Evaluation, told: Attestation) -> Finding:
    many = "1 of the recorded predictions is" if told.differing == 1 else f"{told.differing:,} predictions are"
    message = f"{many} not what the model gives"
    return _finding(evaluation, "/predictions/sha256", message, "predictions", notes=(f"so says {told.path}",))


def _open(
    change: Change, evaluation: Evaluation, reason: str, help_text: str = "", *, about: str = "evidence"
) -> Finding:
    command = f"snitch evaluate {change.candidate.name} --verify --evidence evidence.json"
    by_job = f"`{command}` in a job without a token; hand the file to the gate with `--evidence`"
    return evaluation.finding(
        "/metrics",
        f"nobody knows whether it can be reproduced: {reason}",
        key=True,
        outcome="inconclusive",
        role=evaluation.dataset.name,
        about=about,
        help=help_text or unnamed(change.candidate, evaluation) or by_job,
    )


def _finding(evaluation: Evaluation, pointer: str, message: str, about: str, *, notes: tuple[str, ...] = ()) -> Finding:
    mend = f"`snitch evaluate {evaluation.record.model.name}`, and commit the record with its predictions"
    role = evaluation.dataset.name
    return evaluation.finding(pointer, message, about=about, role=role, help=mend, notes=notes)
