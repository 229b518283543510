"""A model on its way from staging into production."""

from __future__ import annotations

from datetime import timedelta

from snitch.gating.local import Named, propose
from snitch.gating.run import Witnesses, judge
from snitch.git.command import Git
from snitch.git.fetching import Upstream
from snitch.git.history import MergedAt
from snitch.verdict import Report
from tests.gating.judged import retrained
from tests.gating.witnesses import NOON, FullServer
from tests.judging import SPOTLESS, Files
from tests.repository import Repo

#: Behind the pointers of these tests there are no weights to look into.
POLICY = """\
extends: recommended
environments:
  development: {branches: ["*"]}
  staging: {branches: [staging], promotes_from: development}
  production: {branches: [main], promotes_from: staging, soak: 24h}
gate: {approvers: [ben]}
rules: {unsafe-pickle: off, schema-mismatch: off}
"""
DEPLOYED: Files = {**SPOTLESS, "snitch.yaml": POLICY}
NEW = retrained(DEPLOYED, roc_auc=0.92)


def at(**before: float) -> dict[str, str]:
    """An environment in which a committer's clock says so long before the gate was asked."""
    return {"GIT_COMMITTER_DATE": f"{NOON - timedelta(**before):%Y-%m-%dT%H:%M:%SZ}"}


def promoted(
    repo: Repo,
    head: str = "staging",
    *,
    target: str = "main",
    approved_by: tuple[str, ...] = (),
    merged_at: MergedAt | None = None,
) -> Report:
    """What the gate says of merging into production."""
    named = Named(target=target, head=head, author="ada", approved_by=approved_by)
    upstream = Upstream(Git(str(repo.path)))
    witnesses = Witnesses(approvals=named.approvals, weights_server=FullServer(), merged_at=merged_at)
    return judge(upstream, propose(named, upstream, NOON), witnesses)
