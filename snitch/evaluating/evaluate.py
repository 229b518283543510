"""Measures a model on a benchmark, and writes the evaluation with the predictions it was computed from."""

from __future__ import annotations

import os
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from snitch.ambiguity import where
from snitch.documents import Unreadable
from snitch.evaluating.answering import Answered, Means, answers_of
from snitch.evaluating.record import Made, record_of, redated, written
from snitch.evaluating.subjects import Subject
from snitch.evaluating.versions import Versions, versions_of
from snitch.evaluating.writing import place_all
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Undecidable
from snitch.formats.evaluation import RecordedMetric
from snitch.git.disk import inside
from snitch.measurement import slice_key
from snitch.metrics import identity
from snitch.model import Model
from snitch.snapshot import UnreadableFile
from snitch.source import content_digest

#: Metrics without a value on a slice: more are counted, not told one by one.
_MAX_LISTED = 10

if TYPE_CHECKING:
    from snitch.evaluating.isolation import Isolation
    from snitch.measuring.measures import Gap, Measures


class Evaluated(Struct, frozen=True, kw_only=True):
    """A model that was measured: what came out, and what there is to tell of it."""

    subject: Subject
    #: Of the record, from the top of the repository.
    path: str
    #: By identity, overall.
    values: dict[str, float]
    is_written: bool
    #: Metrics that nobody here can compute and that no record of the same weights has either.
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    isolation: Isolation


def evaluate(subject: Subject, means: Means, top: str, moment: datetime) -> Evaluated:
    """Measures, and writes both files below the folder `top`.

    Raises:
        Broken, Undecidable, Unreadable, UnreadableFile: it cannot be measured; nothing was written.
        OSError: it cannot be written; nothing was.
    """
    from snitch.measuring.measures import measure
    from snitch.measuring.tables import Unusable

    model, benchmark = subject
    versions = versions_of(model, means.environment)
    answered = answers_of(subject, means)
    try:
        measures = measure(answered.examples, answered.sample, _seed(subject))
    except Unusable as error:
        place = benchmark.place(error.pointer or "/metrics")
        raise Undecidable(f"{place}: {error.reason}", path=benchmark.path, help=error.help) from None
    _refuse_undefined(subject, measures)
    path = record_path(subject)
    kept = _kept(subject, path, measures)
    measures, missing = _with_kept(measures, kept)
    is_written = _write(subject, answered, measures, versions, means, top, moment)
    return Evaluated(
        subject=subject,
        path=path,
        values={identity(each.type, each.args): float(each.value) for each in measures.metrics},
        is_written=is_written,
        missing=missing,
        notes=(
            *_range_notes(answered),
            *_strangers(answered),
            *_notes(measures.gaps, kept),
            *map(_unverifiable, versions.differences),
        ),
        isolation=answered.isolation,
    )


def _seed(subject: Subject) -> str:
    """Of the digests: whoever measures the same draws the same."""
    model, benchmark = subject
    definition = benchmark.definition
    return "\n".join([*sorted(model.weights_digests.values()), definition.data.revision, definition.definition])


def record_path(subject: Subject) -> str:
    """Where the record of a model on a benchmark lies."""
    return f"{subject.model.prefix}evaluations/{subject.benchmark.name}.json"


def record_here(subject: Subject) -> Evaluation | None:
    """The record that is there; None where there is none that can be read."""
    path = record_path(subject)
    try:
        return subject.model.evaluation(path) if path in subject.model.repository.snapshot else None
    except (Unreadable, UnreadableFile):
        return None


def _refuse_undefined(subject: Subject, measures: Measures) -> None:
    """A metric that has no value on all examples leaves a hole that nobody asked for."""
    for gap in measures.gaps:
        if not gap.slice and not gap.is_unknown:
            name = identity(gap.metric.type, gap.metric.args)
            benchmark = subject.benchmark
            place = benchmark.place(f"/metrics/{benchmark.definition.requested.index(gap.metric)}")
            reason = f"{place}: {name} has no value: {gap.reason}"
            raise Undecidable(reason, path=benchmark.path, help=_cure(subject.model, gap))


def _cure(model: Model, gap: Gap) -> str:
    if not gap.is_undecided:
        return "the benchmark asks for it: mend its data or its metrics, or what the model gives"
    if model.manifest.predict or model.manifest.task != "binary-classification":
        return f"let what {model.path} names give a column `prediction`"
    return f"say in {model.path} from which score on the answer is the positive label: `decision_threshold: 0.5`"


def _kept(subject: Subject, path: str, measures: Measures) -> dict[str, RecordedMetric]:
    """What a script of the team's own recorded of the same weights on the same benchmark, and nobody here computes."""
    unknown = {identity(gap.metric.type, gap.metric.args) for gap in measures.gaps if gap.is_unknown and not gap.slice}
    record = record_here(subject) if unknown else None
    if record is None or record.record.model.weights != subject.model.weights_digests:
        return {}
    if not record.measures(subject.benchmark):
        return {}
    return {key: each.recorded for key, each in record.measurements.items() if key in unknown and each.is_possible}


def _with_kept(measures: Measures, kept: dict[str, RecordedMetric]) -> tuple[Measures, tuple[str, ...]]:
    unknown = [gap for gap in measures.gaps if gap.is_unknown and not gap.slice]
    names = [identity(gap.metric.type, gap.metric.args) for gap in unknown]
    metrics = (*measures.metrics, *(kept[name] for name in names if name in kept))
    return replace(measures, metrics=metrics), tuple(name for name in names if name not in kept)


def _notes(gaps: tuple[Gap, ...], kept: dict[str, RecordedMetric]) -> list[str]:
    notes = [f"{name} is kept as it was recorded: nobody here can compute it" for name in kept]
    undefined = [gap for gap in gaps if gap.slice and not gap.is_unknown]
    for gap in undefined[:_MAX_LISTED]:
        name = where(identity(gap.metric.type, gap.metric.args), slice_key(gap.slice))
        notes.append(f"{name} is left out: {gap.reason}")
    if len(undefined) > _MAX_LISTED:
        columns = sorted({column for gap in undefined for column in gap.slice})
        notes.append(f"{len(undefined) - _MAX_LISTED:,} more metrics of slices by {', '.join(columns)} are left out")
    return notes


def _strangers(answered: Answered) -> list[str]:
    """A model may know a class that no example has; or it counts its classes from another number."""
    from snitch.measuring.labels import strangers

    examples = answered.examples
    told = strangers(examples.definition, examples.labels[1], answered.predictions)
    return [told] if told else []


def _range_notes(answered: Answered) -> list[str]:
    from snitch.measuring.probabilities import told_range

    reach = told_range(answered.sample.score) if answered.examples.definition.task.endswith("classification") else ""
    return [f"the scores are no probabilities: they reach {reach}"] if reach else []


def _unverifiable(difference: str) -> str:
    return f"{difference}: a job that measures it again by its requirements will not be able to decide"


def _write(
    subject: Subject,
    answered: Answered,
    measures: Measures,
    versions: Versions,
    means: Means,
    top: str,
    moment: datetime,
) -> bool:
    """Writes what is not there already; whether anything was."""
    from snitch.measuring.predictions import written as table

    path = record_path(subject)
    beside = path.removesuffix(".json") + ".parquet"
    kept = _kept_predictions(subject, answered, means, beside)
    predictions = b"" if kept else table(answered.predictions)
    made = Made(
        rows=answered.examples.size,
        measures=measures,
        predictions={
            "path": beside.rpartition("/")[2],
            "sha256": kept or f"sha256:{sha256(predictions).hexdigest()}",
        },
        python=means.environment.python,
        packages=versions.packages,
    )
    content = redated(record_of(subject, made, moment), _data(subject, path))
    wanted = {path: written(content)} if kept else {beside: predictions, path: written(content)}
    return place_all({os.fsdecode(inside(top, name)): held for name, held in wanted.items()})


def _kept_predictions(subject: Subject, answered: Answered, means: Means, path: str) -> str:
    """The digest of predictions that are there and are these very ones, whatever wrote them; empty where none are."""
    from snitch.measuring.predictions import is_same

    repository = subject.model.repository
    if path not in repository.snapshot:
        return ""
    try:
        content = means.bringing.content(repository, path)
        return content_digest(repository, path) if is_same(answered.predictions, content, path) else ""
    except (Broken, Undecidable, UnreadableFile):
        return ""


def _data(subject: Subject, path: str) -> dict[str, Any] | None:
    """What the record that is there says."""
    repository = subject.model.repository
    try:
        data = repository.document(path).data if path in repository.snapshot else None
    except (Unreadable, UnreadableFile):
        return None
    return data if isinstance(data, dict) else None
