"""Records of weights that stay, where something else may make them answer otherwise: whether they were made anew."""

from __future__ import annotations

from snitch.change import Change
from snitch.documents import Unreadable
from snitch.evaluation import Evaluation
from snitch.snapshot import UnreadableFile


def changed_beside_weights(change: Change, evaluation: Evaluation) -> str:
    """What may make the weights of a record answer otherwise than they did; empty where nothing may, or where the
    weights are others, of which their own record tells.
    """
    otherwise = change.otherwise if change.has_deployed else ()
    parts = {each.part for each in otherwise}
    is_checked = evaluation.record.predictions is not None and not change.candidate.manifest.predict
    if "weights" in parts or (parts == {"threshold"} and is_checked):
        return ""  # of a threshold alone the predictions tell, which it was held against
    return " and ".join(each.what for each in otherwise)


def is_deployed_record(change: Change, evaluation: Evaluation) -> bool:
    """Whether a record says just what the deployed model's says; one of this version would name that."""
    deployed = change.deployed
    path = f"{deployed.prefix}{change.candidate.name_of(evaluation.path)}"
    try:
        return path in deployed.evaluation_paths and deployed.evaluation(path).record == evaluation.record
    except (Unreadable, UnreadableFile):
        return False
