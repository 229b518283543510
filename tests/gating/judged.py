"""What the gate says of a merge, and a model that was trained again."""

from __future__ import annotations

from typing import Any

from snitch.forge.request import Request
from snitch.gate import Approvals
from snitch.gating.local import Named, propose
from snitch.gating.requested import propose as propose_request
from snitch.gating.run import Witnesses, judge
from snitch.git.command import Git
from snitch.git.fetching import Upstream
from snitch.pointer import write_pointer
from snitch.verdict import Report
from tests.gating.witnesses import NOON, FullServer
from tests.judging import EVALUATION, FOLDER, MANIFEST, digest, edit, edit_json
from tests.repository import Repo


def gated(repo: Repo, *, head: str = "feature", target: str = "main", approved_by: tuple[str, ...] = ()) -> Report:
    """What the gate says of merging Ada's `head` into `target`."""
    named = Named(target=target, head=head, author="ada", approved_by=approved_by)
    upstream = Upstream(Git(str(repo.path)))
    witnesses = Witnesses(approvals=named.approvals, weights_server=FullServer())
    return judge(upstream, propose(named, upstream, NOON), witnesses)


def codes(report: Report) -> list[str]:
    return sorted(each.rule for each in report.findings if each.blocks)


def retrained(files: Any, *, roc_auc: float, version: str = "1.5.0") -> dict[str, bytes | str]:
    """Other weights under a new version, with an evaluation of theirs."""
    weights = digest(f"weights {version}")

    def measure(record: Any) -> None:
        record["model"]["weights"]["model.skops"] = weights
        record["model"]["version"] = version
        record["metrics"][0]["value"] = roc_auc

    files = edit_json(files, EVALUATION, measure)
    files = edit(files, MANIFEST, "version: 1.4.0", f"version: {version}")
    changelog = f"{FOLDER}/CHANGELOG.md"
    files = edit(
        files, changelog, "## [1.4.0]", f"## [{version}] - 2026-11-19\n### Changed\n- Retrained.\n\n## [1.4.0]"
    )
    return {**files, f"{FOLDER}/model.skops": write_pointer(weights, 9)}


def judge_request(request: Request, upstream: Upstream) -> Report:
    """What the gate says of a request that a forge tells of."""
    proposal = propose_request(request, upstream, NOON)
    witnesses = Witnesses(approvals=Approvals("ada", frozenset()), weights_server=FullServer())
    return judge(upstream, proposal, witnesses)
