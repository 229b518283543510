"""Evidence held against what is judged: whether it is of the same files, whether it counts, and whether a job that
measured a model again came to what is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from snitch.ambiguity import where
from snitch.evaluation import Evaluation
from snitch.measurement import Measurement, measurements_of, slice_key
from snitch.model_files import answering_digest
from snitch.recomputation import Departure
from snitch.soundness import sound_value

if TYPE_CHECKING:
    from snitch.formats.evidence import AnsweredCases, Evidence, Recomputed
    from snitch.gate import EvidenceFile
    from snitch.model import Model


_KEPT_FROM = ("files", "network")
#: What to do where a job could not keep a model from files.
KEEP_FROM_FILES = "run the job where the kernel has Landlock: Linux 5.13 or newer with it enabled"


class Attestation(Struct, frozen=True, kw_only=True):
    """What evidence says of an evaluation.

    `departs`: something else came out, which is in `departures`, and `differing` of the recorded predictions are not
    what the model gives. `open`: nobody knows, and `reason` says why. `path` is the file that says so, if one does.
    """

    outcome: Literal["reproduced", "departs", "open"]
    departures: tuple[Departure, ...] = ()
    differing: int = 0
    reason: str = ""
    path: str = ""
    #: What the model could have reached though it should not: of `files` (the labels are some) and `network`.
    unkept: tuple[str, ...] = ()
    #: Recorded metrics that nobody there could compute.
    unknown: tuple[str, ...] = ()


def attested(
    evaluation: Evaluation, model: Model, head: str | None, files: Iterable[EvidenceFile]
) -> Attestation | None:
    """What the files say of an evaluation of this model, recorded at the commit `head`; None where they say nothing.

    Raises:
        Broken: the model's files cannot be told, or a recorded value is none, which another rule tells.
    """
    named = [
        (file, entry)
        for file in files
        if file.evidence is not None
        for entry in file.evidence.evaluations
        if (entry.model, entry.benchmark) == (evaluation.record.model.name, evaluation.dataset.name)
    ]
    told = [_told(evaluation, model, head, file, entry) for file, entry in named]
    outcomes = {each.outcome: each for each in reversed(told)}
    reproduced, departs = outcomes.get("reproduced"), outcomes.get("departs")
    if reproduced and departs:
        paths = " and ".join(sorted({reproduced.path, departs.path}))
        return Attestation(outcome="open", reason=f"the evidence in {paths} contradicts itself", path=departs.path)
    return departs or reproduced or outcomes.get("open")


def _told(evaluation: Evaluation, model: Model, head: str | None, file: EvidenceFile, entry: Recomputed) -> Attestation:
    """What one entry says."""
    path = file.file.path
    assert file.evidence is not None
    other = _other(evaluation, model, head, file.evidence, entry)
    if other or entry.reason:
        return Attestation(outcome="open", reason=f"{path} is of {other}" if other else entry.reason, path=path)
    if evaluation.record.predictions is not None and entry.differing is None:
        reason = f"{path} does not say whether the model gives the recorded predictions"
        return Attestation(outcome="open", reason=reason, path=path)
    values, twice = _values(entry)
    if twice:
        return Attestation(outcome="open", reason=f"{path} says two things of {twice}", path=path)
    departures, missing, unknown = _compared(evaluation, values)
    if departures or entry.differing:
        return Attestation(outcome="departs", departures=departures, differing=entry.differing or 0, path=path)
    if missing:
        return Attestation(outcome="open", reason=f"{path} has no {missing}", path=path)
    if not values and entry.differing is None:
        return Attestation(outcome="open", reason=f"nothing that it records could be computed for {path}", path=path)
    return Attestation(outcome="reproduced", path=path, unkept=unkept_from(file.evidence), unknown=unknown)


def unkept_from(evidence: Evidence) -> tuple[str, ...]:
    """What the model could have reached though it should not: of `files` and `network`."""
    return tuple(each for each in _KEPT_FROM if each not in evidence.isolation)


def could_have_read(path: str, unkept: tuple[str, ...], what: str) -> str:
    """Why evidence that agrees decides nothing: the model may have read `what` it had to answer; empty where it could
    not.
    """
    return f"the job of {path} could not keep the model from files, and {what}" if "files" in unkept else ""


def other_than(
    model: Model,
    head: str | None,
    evidence: Evidence,
    entry: Recomputed | AnsweredCases,
    *held: tuple[str, object, object],
) -> str:
    """What else an entry is of; empty where it is of the very files of the model that are judged at the commit `head`.

    `held` are more things that it has to be of: what another is called, which the entry names, which is judged.

    Raises:
        Broken, Undecidable: the model's files cannot be told.
    """
    held = (
        ("other weights", entry.weights, model.weights_digests),
        *held,
        # A threshold, code that turns scores into answers, versions of packages: a merge may bring them from elsewhere.
        ("other files of the model", entry.files, answering_digest(model)),
    )
    found = next((what for what, theirs, ours in held if theirs != ours), "")
    return found or _other_commit(evidence.head, head)


def _other(evaluation: Evaluation, model: Model, head: str | None, evidence: Evidence, entry: Recomputed) -> str:
    """What else the entry is of; empty where it is of what is judged."""
    predictions = evaluation.record.predictions
    return other_than(
        model,
        head,
        evidence,
        entry,
        ("another revision of the data", entry.data, evaluation.dataset.revision),
        ("another definition of the benchmark", entry.definition, evaluation.definition),
        ("other predictions", entry.predictions, None if predictions is None else predictions.sha256),
    )


def _other_commit(measured: str | None, head: str | None) -> str:
    """A job that says which commit it measured has measured the one that is judged."""
    if measured is None or head is None or measured == head:
        return ""
    return f"the commit {measured[:12]}, and {head[:12]} is judged"


def _values(entry: Recomputed) -> tuple[dict[str, float], str]:
    """The values by metric and slice, and one of which there are two."""
    values: dict[str, float] = {}
    lists = [("", measurements_of(entry.metrics, {}, ""))]
    lists += [(slice_key(each.slice), measurements_of(each.metrics, {}, "")) for each in entry.slices]
    for slice, measured in lists:
        for each in measured:
            name = where(each.key, slice)
            if each.value is None or values.setdefault(name, each.value) != each.value:
                return values, name
    return values, ""


def _compared(
    evaluation: Evaluation, values: Mapping[str, float]
) -> tuple[tuple[Departure, ...], str, tuple[str, ...]]:
    """How the record departs from the values; a recorded metric that they lack though it can be computed; and those
    that cannot.
    """
    from snitch.measuring.scoring import is_scorable
    from snitch.measuring.tolerance import agree

    departures, missing, unknown = [], "", dict[str, None]()
    for name, each in _recorded(evaluation):
        recorded = sound_value(evaluation, each, reported_by="BEN004")
        if name in values:
            if not agree(recorded, values[name]):
                departures.append(Departure(each.pointer, name, recorded, values[name]))
        elif is_scorable(each.type):
            missing = missing or name
        else:
            unknown[each.key] = None
    return tuple(departures), missing, tuple(unknown)


def _recorded(evaluation: Evaluation) -> Iterator[tuple[str, Measurement]]:
    for slice, measured in evaluation.measured:
        for each in measured:
            yield where(each.key, slice), each
