"""The gate's run: the merge of a head into its target, judged by what stands on the target."""

from __future__ import annotations

from itertools import chain

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from snitch import __version__
from snitch.checking.catalogue import begin_search
from snitch.checking.commits import Asked, Commits, environment_of
from snitch.checking.judging import Progress
from snitch.checking.options import Options
from snitch.checking.run import Run
from snitch.engine import UNDECIDABLE
from snitch.finding import Finding, Undecidable
from snitch.gate import Approvals, EvidenceFile, Gate, Shadow
from snitch.gating.histories import Histories
from snitch.gating.past import with_past
from snitch.gating.proposal import Proposal, policy_on
from snitch.gating.records import Records
from snitch.git.command import Git
from snitch.git.errors import AbsentObject, GitError
from snitch.git.fetching import Upstream
from snitch.git.history import MergedAt
from snitch.git.merge import MergeConflict, Merged, merged
from snitch.git.refs import has_merges
from snitch.git.snapshots import tree_snapshot
from snitch.lfs.fetching import (
    MAX_BYTES,
    ask_ahead,
    fetch_files,
    tables_at,
    tables_to_compute_from,
    weights_to_judge,
)
from snitch.lfs.server import Server
from snitch.model import Model
from snitch.policy.policy import texts_in
from snitch.policy.reading import has_policy
from snitch.repository import POLICY
from snitch.verdict import Report, State

_REBASE = "a rebase of this branch could make another tree than was judged: merge or squash it"


class Witnesses(Struct, frozen=True, kw_only=True):
    """Who tells the gate what is in no tree: each is asked only when a rule wants to know.

    `merged_at` gives the time at which a commit came to its branch, where the forge knows.
    """

    approvals: Approvals | Undecidable
    weights_server: Server
    #: Bytes of weights that may be fetched from it in all.
    max_download: int = MAX_BYTES
    shadows: tuple[Shadow, ...] = ()
    evidence: tuple[EvidenceFile, ...] = ()
    merged_at: MergedAt | None = None


def judge(upstream: Upstream, proposal: Proposal, witnesses: Witnesses, progress: Progress | None = None) -> Report:
    """Judges a proposal in the clone of `upstream`, from which is fetched what a rule needs and the clone lacks.

    Raises:
        InvalidPolicy, BrokenRulebook, Misuse: it cannot be judged by this policy, or with these rules.
        GitError: the repository cannot be read.
    """
    git = upstream.git
    try:
        with merged(git, proposal.base.commit, proposal.head.commit) as merge:
            merge.git.objects.supplier = upstream.supply
            run = _Judging(upstream, merge, proposal, witnesses).run
            report = _with_note(run.judge(progress), upstream.git, proposal)
            return with_past(report, run.candidate, run.gate) if run.gate else report
    except AbsentObject as error:
        if upstream.unfetched is None:
            raise
        reason = f"{error.message}, and {upstream.unfetched.message}"
        raise AbsentObject(reason, upstream.unfetched.advice) from None
    except MergeConflict as conflict:
        return _unmergeable(git, proposal, conflict)


class _Judging:
    """A run, and what it is told beside the states of the repository."""

    def __init__(self, upstream: Upstream, merge: Merged, proposal: Proposal, witnesses: Witnesses) -> None:
        self.git = merge.git
        head = proposal.head
        candidate = tree_snapshot(merge.git, merge.tree, ref=head.ref, commit=head.commit)
        asked = Asked(base=proposal.base, deployed=proposal.deployed, policy=proposal.tip, target=proposal.target)
        commits = Commits(merge.git, asked, candidate, refs=upstream.git)
        self.history = Histories(self.git, upstream, proposal, commits.policy, witnesses.merged_at)
        self._unfetched: dict[str, Undecidable] = {}
        gate = Gate(
            target=proposal.target,
            deployed=commits.policy.deployed_branch,
            sources=commits.policy.sources(commits.environment),
            moment=proposal.moment,
            approvals=witnesses.approvals,
            approvers=commits.policy.gate.approvers or (),
            history=self.history,
            recorded=Records(self.git, self.history.tips, upstream.name, commits.policy.exclude),
            weights_server=witnesses.weights_server,
            unfetched=self._unfetched,
            shadows=witnesses.shadows,
            evidence=witnesses.evidence,
        )
        options = Options(judge_all=proposal.judge_all, today=proposal.moment.date())
        self.run = Run(commits, options, begin_search(candidate), gate)
        self.history.expect(self.run.folders)
        self._bring_files(witnesses.weights_server, witnesses.max_download)

    def _bring_files(self, server: Server, limit: int) -> None:
        """Has the weights and tables fetched that rules look into, and the server asked about all of them at once."""
        self.git.fetched_weights = f"{self.git.directory}/weights"
        folders, changes = self.run.folders, self.run.changes
        ask_ahead(server, map(changes.of_model, folders))
        weights = weights_to_judge(Model(self.run.candidate, folder) for folder in folders)
        tables = tables_to_compute_from(map(changes.of_model, folders))
        files = chain(weights, tables, tables_at(self.run.policy.source, self._named_by_rules()))
        self._unfetched.update(fetch_files(server, files, self.git.fetched_weights, limit=limit))

    def _named_by_rules(self) -> set[str]:
        """What the options of the rules that will run may name as files."""
        rules = {id(active): active.rule for folder in self.run.folders for active in self.run.rules_for(folder)}
        return {text for rule in rules.values() for text in texts_in(msgspec.to_builtins(rule))}


def _with_note(report: Report, git: Git, proposal: Proposal) -> Report:
    """The report, telling where a rebase could land what nobody has judged: it leaves merge commits out."""
    if proposal.lands_as_it_is:
        return report
    try:
        may_differ = has_merges(git, proposal.base.commit, proposal.head.commit)
    except GitError:
        return report  # What is only said beside the verdict does not take it away.
    return replace(report, notes=(*report.notes, _REBASE)) if may_differ else report


def _unmergeable(git: Git, proposal: Proposal, conflict: MergeConflict) -> Report:
    """Nothing can be judged of what cannot be merged: that is no pass."""
    policy = policy_on(git, proposal.tip)
    base, tip, head = proposal.base, proposal.tip, proposal.head
    files = f" in {_listed(conflict.paths)}" if conflict.paths else ""
    finding = Finding(
        rule=UNDECIDABLE,
        name="undecidable",
        message=f"cannot judge the merge into {proposal.target}: {conflict.reason}{files}",
        path=conflict.paths[0] if conflict.paths else ".",
        outcome="inconclusive",
        key="merge",
        fingerprint="merge-conflict",
        help=f"merge {proposal.target} into the branch, or rebase it, and push",
    )
    return Report(
        snitch=__version__,
        environment=environment_of(policy, proposal.target).name,
        now=proposal.moment.date(),
        candidate=State(head.ref, head.commit),
        base=State(base.ref, base.commit),
        deployed=None,
        policy=State(tip.ref, tip.commit, POLICY if has_policy(policy.source) else policy.path),
        findings=(finding,),
    )


def _listed(paths: tuple[str, ...], shown: int = 5) -> str:
    more = f" and {len(paths) - shown} more" if len(paths) > shown else ""
    return ", ".join(paths[:shown]) + more
