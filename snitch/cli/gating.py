"""What the gate does wherever it is asked: it judges a proposal, and delivers the report."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.cli.guard import say
from snitch.cli.output import deliver
from snitch.cli.progress import MANY, progress
from snitch.escape import for_terminal
from snitch.gating.evidence import read_evidence
from snitch.gating.local import Named, propose
from snitch.gating.proposal import Proposal
from snitch.gating.run import Witnesses, judge
from snitch.gating.shadows import read_shadow
from snitch.git.command import Git
from snitch.git.fetching import Upstream
from snitch.lfs.fetching import MAX_BYTES
from snitch.lfs.server import weights_server
from snitch.report.wording import summary
from snitch.verdict import Report

if TYPE_CHECKING:
    from snitch.finding import Undecidable
    from snitch.gate import Approvals
    from snitch.git.history import MergedAt
    from snitch.lfs.server import Server


class Judging(Struct, frozen=True, kw_only=True):
    """How to judge, and how to report: what the caller asked for."""

    moment: datetime
    judge_all: bool = False
    shadows: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    #: Bytes of weights that may be fetched.
    max_download: int = MAX_BYTES
    formats: tuple[str, ...] = ()
    verbose: bool = False

    def judge(
        self,
        upstream: Upstream,
        proposal: Proposal,
        approvals: Approvals | Undecidable,
        server: Server,
        merged_at: MergedAt | None = None,
    ) -> Report:
        """What the gate says of a proposal."""
        witnesses = Witnesses(
            approvals=approvals,
            weights_server=server,
            max_download=self.max_download,
            shadows=tuple(read_shadow(path) for path in self.shadows),
            evidence=tuple(read_evidence(path) for path in self.evidence),
            merged_at=merged_at,
        )
        with progress("judging", least=MANY) as tick:
            return judge(upstream, proposal, witnesses, tick)

    def deliver(self, report: Report) -> None:
        """Writes the report to where it was asked for."""
        deliver([report], self.formats, verbose=self.verbose)
        if self.formats and all("=" in each for each in self.formats):
            say(for_terminal(summary(report)), 0)  # or whoever reads the log would see no verdict in it


def judge_named(judging: Judging, named: Named) -> Report:
    """What the gate says of what somebody names by branches and commits; delivered."""
    with closing(Git()) as git:
        upstream = Upstream(git)
        proposal = propose(named, upstream, judging.moment, judge_all=judging.judge_all)
        report = judging.judge(upstream, proposal, named.approvals, weights_server(git, upstream.name))
    judging.deliver(report)
    return report
