"""The rule about the gate itself: who edits what judges them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from snitch.approval import approval_of
from snitch.documents import Unreadable
from snitch.documents.differences import differences
from snitch.finding import Finding, Note, Skip
from snitch.layout import BENCHMARK, BENCHMARKS, POLICY
from snitch.repository_change import PlacedOptions, RepositoryChange, Reruled
from snitch.rule import RepositoryRule
from snitch.snapshot import UnreadableFile

_CODEOWNERS = frozenset({"CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"})
#: What the usual CI services run, and what their workflows call from beside them.
_WORKFLOWS = (
    *(
        ".github/workflows/",
        ".github/actions/",
        ".gitea/workflows/",
        ".forgejo/workflows/",
        ".gitlab-ci",
        ".gitlab/ci/",
    ),
    *(".azure-pipelines/", "azure-pipelines", "bitbucket-pipelines", ".circleci/", ".buildkite/"),
)
#: It may lie in any folder.
_JENKINS = "Jenkinsfile"
#: Of what becomes otherwise in one file; the rest is counted.
_SHOWN = 20


class GateEdited(RepositoryRule, code="POL001"):
    """The change edits what judges it: the policy, a waiver, a benchmark, the code owners, or the gate's workflow.

    To move a model out of an override of the policy, or into one, is such an edit too: other rules would hold for it.

    Whoever may loosen a limit in the same change that breaks it needs no limit. So an edit of the gate is judged by the
    policy that stands on the target branch, and takes effect only once somebody else, whom that policy names under
    `gate.approvers`, has approved the very commit that is to be merged. On your machine this only warns: the pull
    request will need that approval. A policy that the change deletes or breaks is refused, whoever approves; so is
    a business rule that is no expression.

    Mend it: put the edit into a pull request of its own and ask one of `gate.approvers` to review it. Where the policy
    on the target branch names none, name them first.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding | Note]:
        """One finding a file; a note where it is approved."""
        if change.is_all_new:
            raise Skip("there is nothing yet that it could edit")
        broken = change.policy_edit.fault if change.policy_edit else ""
        if broken:
            message = f"the merge would leave a policy that cannot be used: {broken}"
            yield Finding(message=message, path=POLICY, key="fault", help="correct it; no approval lifts this")
        for placed in change.policy_edit.options if change.policy_edit else ():
            yield from _faults(placed)
        edited = {path: what for path in sorted(change.changed) if (what := _part_of_the_gate(path, change))}
        if POLICY in edited and POLICY not in change.candidate.snapshot:
            del edited[POLICY]
            message = "the change deletes the policy: its rules and limits would hold no more"
            yield Finding(message=message, path=POLICY, key=POLICY, help="restore it; no approval lifts this")
        edits = [_edit_of(path, what, change) for path, what in edited.items()]
        edits += map(_move, change.reruled)
        if edits:
            yield from _approved_or_told(edits, change)


def _faults(placed: PlacedOptions) -> Iterator[Finding]:
    """What a rule could not judge by: nothing that it is about could be merged again."""
    for pointer, reason in placed.faults():
        yield placed.file.finding(
            placed.pointer + pointer,
            f"the merge would leave options that {placed.rule} cannot judge by: {reason}",
            help="correct it; no approval lifts this",
            about=placed.pointer + pointer,
        )


class _Edit(NamedTuple):
    """What a change does to the gate, where, and what that comes to."""

    said: str
    path: str
    key: str
    notes: tuple[str, ...]


def _edit_of(path: str, what: str, change: RepositoryChange) -> _Edit:
    verb = "edits" if path in change.candidate.snapshot else "deletes"
    return _Edit(f"{verb} {what}", path, path, _what_becomes_of(path, change))


def _move(moved: Reruled) -> _Edit:
    said = f"moves {moved.model} out of {moved.before}, to where the policy has other rules for it"
    return _Edit(said, moved.path, f"moved {moved.model}", _cut(list(moved.changes)))


def _approved_or_told(edits: list[_Edit], change: RepositoryChange) -> Iterator[Finding | Note]:
    """The edits, where nobody who may has approved them; else that somebody has."""
    approval = approval_of(change.approvers, change.gate if change.is_gated else None)
    for edit in edits:
        if approval.users:
            where = f" ({edit.path})" if edit.path == edit.key else ""
            yield Note(f"the change {edit.said}{where}, which {approval.given}{_listed(edit.notes)}")
            continue
        yield Finding(
            message=f"the change {edit.said}: it {'needs' if change.is_gated else 'will need'} {approval.missing}",
            path=edit.path,
            key=edit.key,
            notes=edit.notes,
            outcome=approval.outcome,
            advisory=not change.is_gated or not _has_policy(change),
            help=approval.help,
        )


def _has_policy(change: RepositoryChange) -> bool:
    """Whether the target has a policy of its own; by the one that is built in, an edit only warns."""
    return change.base is not None and POLICY in change.base.snapshot


def _part_of_the_gate(path: str, change: RepositoryChange) -> str | None:
    if path == POLICY or path in change.policy_paths:
        return "the policy"
    if path.startswith(f"{BENCHMARKS}/"):
        return "a benchmark"
    if path in _CODEOWNERS:
        return "the code owners"
    if any(path == each.rstrip("/") or path.startswith(each) for each in change.guarded):
        return "a file that the policy guards"
    # A link in the place of a folder is in the place of all that was in it.
    folders = {part for each in _WORKFLOWS for part in (each.rstrip("/"), each.split("/")[0])}
    is_workflow = path in folders or path.startswith(_WORKFLOWS) or posixpath.basename(path).startswith(_JENKINS)
    return "a workflow" if is_workflow else None


def _what_becomes_of(path: str, change: RepositoryChange) -> tuple[str, ...]:
    """What an edit comes to, as far as that can be told; nothing outside the gate, which has a diff to look at."""
    if not change.is_gated:
        return ()
    if path in change.policy_paths or path == POLICY:
        told = list(change.policy_edit.weaker) if change.policy_edit else []
    elif path.startswith(f"{BENCHMARKS}/") and path.endswith(f"/{BENCHMARK}"):
        told = _definition_changes(path, change)
    else:
        told = []
    return _cut(told)


def _cut(told: list[str]) -> tuple[str, ...]:
    return (*told[:_SHOWN], *([f"and {len(told) - _SHOWN} changes more"] if len(told) > _SHOWN else []))


def _definition_changes(path: str, change: RepositoryChange) -> list[str]:
    """What a benchmark's definition was and would be; nothing where it cannot be read, which other rules tell."""
    before = change.base
    if before is None or path not in before.snapshot or path not in change.candidate.snapshot:
        return []
    try:
        return differences(before.document(path).data, change.candidate.document(path).data)
    except (Unreadable, UnreadableFile):
        return []


def _listed(notes: tuple[str, ...]) -> str:
    return f": {'; '.join(notes)}" if notes else ""
