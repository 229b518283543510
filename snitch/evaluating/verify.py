"""Measures a model again, and holds what comes out against the evaluation that is recorded."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from snitch.documents import Unreadable
from snitch.evaluating.answering import Answered, Means, answers_of
from snitch.evaluating.evaluate import record_path
from snitch.evaluating.subjects import Subject
from snitch.evaluating.versions import require_versions, versions_of
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Undecidable
from snitch.formats.evidence import Recomputed
from snitch.model_files import answering_digest
from snitch.recomputation import Departure, recompute
from snitch.snapshot import UnreadableFile
from snitch.soundness import foreign_weights, require_sound
from snitch.source import content_digest, resolve

if TYPE_CHECKING:
    from snitch.evaluating.isolation import Isolation
    from snitch.recomputation import Recomputation


class Verified(Struct, frozen=True, kw_only=True):
    """What came of measuring again: `reproduced`, `differs` by the departures, or `inconclusive` with the reason."""

    subject: Subject
    outcome: Literal["reproduced", "differs", "inconclusive"]
    #: The record; None where there is none.
    evaluation: Evaluation | None = None
    departures: tuple[Departure, ...] = ()
    reason: str = ""
    help: str = ""
    #: What the gate is told; None where not even the digests are known.
    evidence: Recomputed | None = None
    isolation: Isolation | None = None


def verify(subject: Subject, means: Callable[[], Means]) -> Verified:
    """Measures again. What keeps it from being decided is told, and nothing is raised for it."""
    evaluation: Evaluation | None = None
    try:
        evaluation = _record(subject)
        found = _stale(subject, evaluation)
        if found is not None:
            return Verified(subject=subject, outcome="differs", evaluation=evaluation, departures=(found,))
        given = means()
        require_versions(subject.model, given.environment)
        return _measured_again(subject, evaluation, given)
    except (Broken, Undecidable, UnreadableFile) as error:
        reason, help_text = str(error), getattr(error, "help", "")
        evidence = _evidence(subject, evaluation, reason) if evaluation is not None else None
        return Verified(
            subject=subject,
            outcome="inconclusive",
            evaluation=evaluation,
            reason=reason,
            help=help_text,
            evidence=evidence,
        )


def _record(subject: Subject) -> Evaluation:
    """Raises:
    Undecidable, UnreadableFile: there is no record, or none that can be read.
    """
    path = record_path(subject)
    if path not in subject.model.repository.snapshot:
        help_text = f"`snitch evaluate {subject.model.manifest.name}` makes one"
        raise Undecidable(f"{path} is not there: there is nothing to verify", path=path, help=help_text)
    try:
        evaluation = subject.model.evaluation(path)
    except Unreadable as error:
        problem = error.problems[0]
        line = f":{problem.span.line}" if problem.span else ""
        raise Undecidable(f"{path}{line}: {problem.message}", path=path, help=problem.help) from None
    require_sound(evaluation, reported_by="BEN011")
    return evaluation


def _stale(subject: Subject, evaluation: Evaluation) -> Departure | None:
    """How the record is of something else than what would be measured.

    Raises:
        Broken: the weights or the predictions cannot be told.
    """
    model, benchmark = subject
    record = evaluation.record
    if record.model.name != model.manifest.name:
        return Departure("/model/name", "", 0, reason=f"the record is of the model {record.model.name}")
    fault = foreign_weights(evaluation, model.weights_digests)
    if fault is not None:
        return Departure(fault.pointer, "", 0, reason=fault.message)
    if not evaluation.measures(benchmark):
        reason = f"the record is of {evaluation.dataset.version or 'another'}; the benchmark is {benchmark.version}"
        return Departure("/dataset/revision", "", 0, reason=reason)
    if record.predictions is None:
        return None
    path = _predictions_path(evaluation)
    digest = content_digest(evaluation.repository, path)
    if digest == record.predictions.sha256:
        return None
    reason = f"the record is computed from {record.predictions.sha256}, and {path} is {digest}"
    return Departure("/predictions/sha256", "", 0, reason=reason)


def _predictions_path(evaluation: Evaluation) -> str:
    """Raises:
    Broken: there are none.
    """
    assert evaluation.record.predictions is not None
    path = resolve(posixpath.dirname(evaluation.path), evaluation.record.predictions.path)
    if path is None or path not in evaluation.repository.snapshot:
        reason = f"{evaluation.path}: the predictions that it names are not in the tree"
        raise Broken(reason, reported_by="BEN011", path=evaluation.path)
    return path


def _measured_again(subject: Subject, evaluation: Evaluation, means: Means) -> Verified:
    """Raises:
    Broken, Undecidable, UnreadableFile: it cannot be.
    """
    packages = versions_of(subject.model, means.environment).packages
    answered = answers_of(subject, means)
    found = recompute(evaluation, answered.examples, answered.sample)
    if not (found.metrics or found.departures or evaluation.record.predictions):
        reason = f"{evaluation.place('/metrics')}: nobody here can compute anything that it records"
        help_text = "have the benchmark ask for a metric of scikit-learn's, too"
        raise Undecidable(reason, path=evaluation.path, help=help_text)
    departures, differing = list(found.departures), None
    if evaluation.record.predictions is not None:
        differing, reason = _differing(evaluation, answered, means)
        if reason:
            departures.append(Departure("/predictions/sha256", "", 0, reason=reason))
    return Verified(
        subject=subject,
        outcome="differs" if departures else "reproduced",
        evaluation=evaluation,
        departures=tuple(departures),
        evidence=_evidence(subject, evaluation, "", found, differing, packages),
        isolation=answered.isolation,
    )


def _differing(evaluation: Evaluation, answered: Answered, means: Means) -> tuple[int, str]:
    """How many of the recorded predictions the model did not give again, and how that is said; empty where none.

    Raises:
        Broken, Undecidable, UnreadableFile: they cannot be had.
    """
    from snitch.measuring.examples import read_predictions
    from snitch.measuring.predictions import differing
    from snitch.measuring.tables import Unusable

    path = _predictions_path(evaluation)
    content = means.bringing.content(evaluation.repository, path)
    examples = answered.examples
    try:
        recorded = examples.answered(read_predictions(examples.definition, content, path, examples.size))
    except Unusable as error:
        return examples.size, f"the recorded predictions do not answer the benchmark: {error.reason}"
    count = differing(recorded, answered.sample)
    share = f"{count:,} of {recorded.size:,} recorded predictions"
    return count, f"{share} are not what the model gives" if count else ""


def _evidence(
    subject: Subject,
    evaluation: Evaluation,
    reason: str,
    found: Recomputation | None = None,
    differing: int | None = None,
    packages: dict[str, str] | None = None,
) -> Recomputed | None:
    """What the gate is told; None where what it would be of is not known."""
    model, benchmark = subject
    record = evaluation.record
    try:
        weights, files = model.weights_digests, answering_digest(model)
    except (Broken, Undecidable, UnreadableFile):
        return None
    return Recomputed(
        model=model.manifest.name,
        benchmark=benchmark.name,
        weights=weights,
        files=files,
        data=benchmark.definition.data.revision,
        definition=benchmark.definition.definition,
        predictions=None if record.predictions is None else record.predictions.sha256,
        rows=benchmark.definition.data.rows,
        metrics=found.metrics if found else (),
        slices=found.slices if found else (),
        differing=differing,
        packages=packages or {},
        reason=reason,
    )
