"""How the judged models' metrics came to be, added to the report of a gate that has judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from snitch.finding import Undecidable
from snitch.git.errors import GitError
from snitch.metric_history import metric_histories
from snitch.model import Model

if TYPE_CHECKING:
    from snitch.gate import Gate
    from snitch.repository import Repository
    from snitch.verdict import Report

#: Nobody looks at the charts of more models than these.
MAX_MODELS = 20


def with_past(report: Report, candidate: Repository, gate: Gate) -> Report:
    """The report with the histories of its changed models' metrics on the deployed branch.

    They are for people to look at: where they cannot be had the report goes without, and its verdict stands.
    """
    changed = [each.path for each in report.models if each.change in ("added", "modified")]
    folders = ["" if path == "." else path for path in changed[:MAX_MODELS]]
    try:
        history = gate.history(gate.deployed or gate.target)
        found = tuple(each for folder in folders for each in metric_histories(Model(candidate, folder), history))
    except (Undecidable, GitError):
        return report
    return replace(report, history=found)
