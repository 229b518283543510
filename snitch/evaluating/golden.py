"""A model's answers to its golden cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from snitch.cases import Failure, GoldenCases, failures, golden_cases
from snitch.documents import Unreadable
from snitch.evaluating.answering import Means, ask, class_names, examples_of, unanswered
from snitch.evaluating.model_process import Failed, Request
from snitch.evaluating.subjects import Subject, require_task
from snitch.evaluating.versions import require_versions
from snitch.finding import Broken, Undecidable
from snitch.formats.evidence import AnsweredCases
from snitch.model import Model
from snitch.model_files import answering_digest
from snitch.snapshot import UnreadableFile
from snitch.source import content_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snitch.cases import Answer
    from snitch.evaluating.isolation import Isolation
    from snitch.formats.benchmark import BenchmarkDefinition
    from snitch.formats.cases import GoldenCase
    from snitch.formats.manifest import Manifest


class Golden(Struct, frozen=True, kw_only=True):
    """What a model answers to its golden cases: those that it fails, and what the gate is told.

    `reason` says why nobody knows; `evidence` is None where not even the digests are known.
    """

    cases: GoldenCases | None = None
    failures: tuple[Failure, ...] = ()
    reason: str = ""
    help: str = ""
    evidence: AnsweredCases | None = None
    isolation: Isolation | None = None


def golden(model: Model, subjects: Sequence[Subject], means: Callable[[], Means], *, as_pinned: bool) -> Golden | None:
    """Has a model answer its golden cases; None where it has none.

    With `as_pinned` other versions than the requirements ask for leave it undecided. The `subjects`, which are its
    benchmarks, say what the labels are called.
    """
    cases: GoldenCases | None = None
    try:
        cases = golden_cases(model)
        if cases is None:
            return None
        given = means()
        if as_pinned:
            require_versions(model, given.environment)
        answers, isolation = _answers(model, subjects, cases, given)
    except Unreadable as error:
        problem = error.problems[0]
        line = f":{problem.span.line}" if problem.span else ""
        return Golden(reason=f"{error.path}{line}: {problem.message}", help=problem.help)
    except (Broken, Undecidable, UnreadableFile) as error:
        evidence = _evidence(model, cases, {}, str(error)) if cases else None
        return Golden(cases=cases, reason=str(error), help=getattr(error, "help", ""), evidence=evidence)
    failed = tuple(failures(tuple(cases.cases.values()), answers))
    evidence = _evidence(model, cases, answers, "")
    return Golden(cases=cases, failures=failed, evidence=evidence, isolation=isolation)


def _answers(
    model: Model, subjects: Sequence[Subject], cases: GoldenCases, means: Means
) -> tuple[Mapping[str, Answer], Isolation]:
    """Raises:
    Broken, Undecidable: there are none.
    """
    from snitch.measuring.case_answers import answers_to
    from snitch.measuring.labels import names_of
    from snitch.measuring.predictions import Answered
    from snitch.measuring.tables import Unusable

    manifest, asked = model.manifest, tuple(cases.cases.values())
    for subject in subjects[:1]:
        require_task(subject)
    definition, labels = subjects[0].benchmark.definition if subjects else None, ("0", "1")
    is_binary, names = manifest.task == "binary-classification", tuple[str, ...]()
    try:
        if definition and manifest.task.endswith("classification"):
            examples = examples_of(subjects[0].benchmark, means.bringing)
            labels = names_of(definition, examples.frame) if is_binary else labels
            names = class_names(examples)
        request = _request(manifest, asked, definition, labels[1] if is_binary else None, names)
    except Unusable as error:
        help_text = error.help or "give each case the inputs that the signature names, and no label"
        raise Undecidable(f"{cases.path}: {error.reason}", path=cases.path, help=help_text) from None
    try:
        given = ask(model, request, means, len(asked))
        table = Answered(given.content, given.name, given.has_ids)
        threshold = None if manifest.predict else manifest.decision_threshold
        outputs = manifest.signature.outputs if manifest.signature else ()
        held_to: dict[str, Any] = {"labels": labels, "outputs": outputs, "task": manifest.task}
        answers = answers_to(asked, request.id, table, threshold=threshold, **held_to)
    except (Failed, Unusable) as error:
        raise unanswered(model, error) from None
    return answers, given.isolation


def _request(
    manifest: Manifest,
    cases: Sequence[GoldenCase],
    definition: BenchmarkDefinition | None,
    positive: str | None,
    labels: tuple[str, ...],
) -> Request:
    """Raises:
    Unusable: the cases are not what the signature asks for, or hold the label.
    """
    from snitch.measuring.case_answers import features_of
    from snitch.measuring.labels import targets_of
    from snitch.measuring.tables import Unusable

    id, targets = (definition.id, targets_of(definition)) if definition else ("id", ())
    features, columns = features_of(cases, id, manifest.signature.inputs if manifest.signature else ())
    for name in columns:
        if name in targets:
            raise Unusable(f"the golden cases give `{name}`, which is the label, to the model")
    return Request(
        features=features,
        id=id,
        task=manifest.task,
        columns=columns,
        positive=positive,
        labels=labels,
        targets=targets,
    )


def _evidence(model: Model, cases: GoldenCases, answers: Mapping[str, Answer], reason: str) -> AnsweredCases | None:
    try:
        return AnsweredCases(
            model=model.manifest.name,
            weights=model.weights_digests,
            files=answering_digest(model),
            manifest=content_digest(model.repository, model.path),
            cases=cases.digest,
            answers={name: dict(each) for name, each in answers.items()},
            reason=reason,
        )
    except (Broken, Undecidable):
        return None
