"""Records of weights that stay, where something else may make them answer otherwise: whether they were made anew."""

from __future__ import annotations

from snitch.change import Change
from snitch.documents import Unreadable
from snitch.evaluation import Evaluation
from snitch.libraries import foreign_library
from snitch.snapshot import UnreadableFile


def changed_beside_weights(change: Change, evaluation: Evaluation) -> str:
    """What may make the weights of a record answer otherwise than they did; empty where nothing may, or where the
    weights are others, of which their own record tells.
    """
    otherwise = change.otherwise if change.has_deployed else ()
    parts = {each.part for each in otherwise}
    if "weights" in parts or (parts == {"threshold"} and _is_checked(change, evaluation)):
        return ""
    return " and ".join(each.what for each in otherwise)


def _is_checked(change: Change, evaluation: Evaluation) -> bool:
    """Whether the predictions tell of another threshold, as they were held against it. Where a model declares none any
    one will do, the old one too; and of the step from none to one nobody knows what it left behind.
    """
    manifest = change.candidate.manifest
    declared = (manifest.decision_threshold, change.deployed.manifest.decision_threshold)
    return None not in declared and evaluation.record.predictions is not None and not manifest.predict


def measured_with_others(change: Change, evaluation: Evaluation) -> str:
    """The library that a record was measured with though the requirements do not admit it; empty where there is none,
    or where nothing of that is new.
    """
    if change.has_deployed and change.same_answers:
        return ""
    return foreign_library(change.candidate, evaluation)


def is_deployed_record(change: Change, evaluation: Evaluation) -> bool:
    """Whether a record says just what the deployed model's says; one of this version would name that."""
    deployed = change.deployed
    path = f"{deployed.prefix}{change.candidate.name_of(evaluation.path)}"
    try:
        return path in deployed.evaluation_paths and deployed.evaluation(path).record == evaluation.record
    except (Unreadable, UnreadableFile):
        return False
