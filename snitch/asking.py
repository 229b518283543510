"""Whether a benchmark still asks for a model: a change that makes it stop has to be approved, or would free itself."""

from __future__ import annotations

from snitch.approval import Approval, approval_of
from snitch.benchmark import Benchmark
from snitch.change import Change
from snitch.evaluation import Evaluation
from snitch.finding import Broken
from snitch.made_anew import is_deployed_record
from snitch.model import Model


def is_let_go(change: Change, benchmark: Benchmark) -> bool:
    """Whether a benchmark of the candidate's tree no longer asks for the model, by a word that is not the head's alone:
    the base's does not either, or somebody who may has approved the change.

    Raises:
        Broken: the candidate's manifest is not valid.
    """
    manifest = change.candidate.manifest
    if benchmark.names(manifest.name, manifest.task):
        return False
    return not _asked_before(change, benchmark.name) or bool(approval_to_let_go(change).users)


def approval_to_let_go(change: Change) -> Approval:
    """The approval that it takes for a benchmark to stop asking; outside the gate there is none."""
    gate = change.gate_or_none
    return approval_of(gate.approvers if gate else (), gate)


def is_left_over(change: Change, evaluation: Evaluation) -> bool:
    """Whether a record is the deployed model's own, on a benchmark that has let the model go.

    Raises:
        Broken: the candidate's manifest is not valid.
    """
    benchmark = evaluation.own_benchmark
    if benchmark is None or not change.has_deployed:
        return False
    return is_deployed_record(change, evaluation) and is_let_go(change, benchmark)


def unnamed(model: Model, evaluation: Evaluation) -> str:
    """How to mend a record that `snitch evaluate` does not make, as its benchmark does not name the model; else empty.

    Raises:
        Broken: the manifest is not valid.
    """
    benchmark, manifest = evaluation.own_benchmark, model.manifest
    if benchmark is None or benchmark.names(manifest.name, manifest.task):
        return ""
    return f"{benchmark.name} does not name {manifest.name}: remove the record, or have it name the model"


def _asked_before(change: Change, name: str) -> bool:
    """Whether the base's benchmark asks for the model, as it is or as it is deployed: where a benchmark asks for all of
    a task, the manifest says which. What cannot be read may ask.
    """
    models = [change.candidate, *([change.deployed] if change.has_deployed else [])]
    base = change.base or models[-1].repository
    try:
        before = base.benchmark(name)
        return before is not None and any(before.names(m.manifest.name, m.manifest.task) for m in models)
    except Broken:
        return True
