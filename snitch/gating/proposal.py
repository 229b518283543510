"""What is asked of the gate, as commits: which of them is judged, by whose policy, and compared with what."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from snitch.git.command import Git
from snitch.git.refs import Revision
from snitch.git.snapshots import tree_snapshot
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.source import Source


class Proposal(Struct, frozen=True, kw_only=True):
    """What is asked of the gate: to let `head` into the branch `target`.

    `base` is what the change is measured from, and `tip` what holds the policy: the target's tip, both of them, but for
    a merge queue, whose entries begin where the one before them ends. `deployed` is the tip of the deployed
    environment's branch; None where that is not here. `lands_as_it_is`: the head is the very commit that the target
    becomes, as a queue's entry does and a push has done.
    """

    target: str
    base: Revision
    tip: Revision
    head: Revision
    deployed: Revision | None = None
    moment: datetime
    judge_all: bool = False
    lands_as_it_is: bool = False


def policy_on(git: Git, tip: Revision) -> Policy:
    """The policy that judges what is merged into a branch: the one at its tip.

    Raises:
        InvalidPolicy: it cannot be used.
    """
    return read_policy(Source(tree_snapshot(git, tip.commit, ref=tip.ref, commit=tip.commit)))
