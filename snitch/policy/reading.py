"""Reads the policy of a snapshot, and refuses one that means nothing."""

from __future__ import annotations

from itertools import islice

from snitch.documents.problems import MAX_PROBLEMS
from snitch.policy.layers import InvalidPolicy, read_layers
from snitch.policy.policy import Policy
from snitch.policy.validation import check_policy
from snitch.repository import POLICY, Repository
from snitch.rulebook import rulebook
from snitch.source import Source


def read_policy(source: Source, repository: Repository | None = None) -> Policy:
    """The policy at the root of a snapshot; the preset `recommended` where there is none.

    `repository`, where given, holds all that the policy may name: models, benchmarks, files.

    Raises:
        InvalidPolicy: with every cause, or a hundred of them.
        UnreadableFile: a file of it is not in this clone.
    """
    policy = Policy(read_layers(source), rulebook(), source)
    problems = tuple(islice(check_policy(policy, repository), MAX_PROBLEMS))
    if problems:
        raise InvalidPolicy(problems)
    return policy


#: What people call it who write `.yml` elsewhere.
_MISNAMED = "snitch.yml"


def misnamed_policy(source: Source) -> str | None:
    """A file that somebody took for the policy, where there is none of the right name."""
    return _MISNAMED if _MISNAMED in source.snapshot and not has_policy(source) else None


def has_policy(source: Source) -> bool:
    """Whether a snapshot has a policy of its own."""
    return POLICY in source.snapshot
