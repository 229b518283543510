"""Rules about a release: a way back, and somebody who has looked at it."""

from __future__ import annotations

from collections.abc import Iterator

from snitch.change import Change
from snitch.finding import Finding, Skip
from snitch.repository_change import RepositoryChange
from snitch.rule import RepositoryRule, Rule


class MissingRollback(Rule, code="PRO004", severity=(None, "warning"), stage="gate"):
    """The version that the manifest names to go back to was never on the target branch.

    In the night in which it is needed is no time to find out that there is no such version, or that it is another
    model's. A version counts that the branch's own history has held, be it long ago.

    Mend it: have `release.rollback_to` name a version that was deployed, or leave it out.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """At most one finding."""
        candidate, gate = change.candidate, change.gate
        release = candidate.manifest.release
        if release is None or release.rollback_to is None:
            raise Skip("the manifest names no version to go back to")
        history = gate.history(gate.target)
        stretches = history.stretches(candidate.name, candidate.folder)
        held = (each.model.version for each in stretches if each.holds(candidate.name))
        if release.rollback_to not in held:
            yield candidate.finding(
                "/release/rollback_to",
                f"there is no {candidate.name} {release.rollback_to} to go back to: it was never on {gate.target}",
                help=f"name a version that was on {gate.target}",
            )


class MissingApproval(RepositoryRule, code="PRO006", severity=(None, "error"), stage="gate"):
    """Fewer people than the environment asks for have approved the very commit that is to be merged.

    An approval is of what somebody saw: one of an earlier commit does not count, nor does the author's own. The number
    is `approvals` of the environment in the policy. A change that touches no model needs none by this rule.

    Mend it: ask for a review of the latest commit.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding]:
        """At most one finding."""
        asked, name = change.environment.approvals, change.environment.name
        if not asked:
            raise Skip(f"{name} asks for no approval")
        if not _touches_a_model(change):
            raise Skip("no model changed")
        users = change.gate.approved_by
        # One of them may be the author, where nobody knows that name.
        certain = len(users) - (change.gate.is_author_unknown and bool(users))
        if certain >= asked:
            return
        undecided = len(users) >= asked
        who = f": {', '.join(sorted(users))}" if users else ""
        unknown = ", and nobody knows whether the author is one of them" if undecided else ""
        yield Finding(
            message=f"{name} asks for {_approvals(asked)} of this commit; it has {len(users)}{who}{unknown}",
            path=change.models[0].path if change.models else ".",
            key="approvals",
            outcome="inconclusive" if undecided else "fail",
            help="name the author with `--author`" if undecided else "ask somebody else to review the latest commit",
        )


def _touches_a_model(change: RepositoryChange) -> bool:
    """Whether a model is added, changed or deleted: with `--all`, models are judged that the change leaves alone."""
    if change.models and not change.judges_all:
        return True
    states = [state for state in (change.candidate, change.base) if state is not None]
    return any(state.owner(path) is not None for path in change.changed for state in states)


def _approvals(number: int) -> str:
    return "an approval" if number == 1 else f"{number} approvals"
