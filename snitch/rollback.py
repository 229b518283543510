"""A rollback: the way back to a version that was deployed, which must not take the road of a new one."""

from __future__ import annotations

from msgspec import Struct

from snitch.change import Change
from snitch.documents import Unreadable
from snitch.finding import Broken, Undecidable
from snitch.gate import Gate, Stretch, same_user
from snitch.model import Model, same_files
from snitch.model_files import named_beside
from snitch.snapshot import Entry, UnreadableFile

_CHANGELOG = "CHANGELOG.md"
_FAMILY = "REG"
_RULES = frozenset(
    {"BEN001", "BEN002", "BEN006", "DAT001", "VER002", "VER003", "PRO001", "PRO002", "PRO003"}
)  # never SAF, LFS, DEP: what is dangerous to serve is so the second time, too


class Rollback(Struct, frozen=True):
    """The version that is gone back to, the commit that had brought it to the target, and who approves."""

    version: str
    commit: str
    approver: str

    @property
    def reason(self) -> str:
        """Why rules are skipped."""
        return f"a rollback to {self.version}, approved by {self.approver}"

    def exempts(self, code: str) -> bool:
        """Whether a rule does not judge it: those that hold a release against what is newer than it."""
        return code.rstrip("0123456789") == _FAMILY or code in _RULES


def rollback_of(change: Change) -> Rollback | None:
    """The rollback that a change is; None where it is none, where none of the approvers has approved it, or where
    nobody can tell.

    It puts weights back that stood on the target's own history before, and are not the ones that stand there now; but
    for the version in the manifest and the changelog, the model's files are the ones that stood beside them.
    """
    if not change.is_gated:
        return None
    try:
        approver = _approver(change.gate)
        found = _predecessor(change) if approver is not None else None
    except (Broken, Undecidable, Unreadable, UnreadableFile):
        return None
    if approver is None or found is None:
        return None
    return Rollback(found.model.version, found.commit, approver)


def _approver(gate: Gate) -> str | None:
    """Who, of those who may, has approved the change; nobody while it may be the author's own approval."""
    if gate.is_author_unknown:
        return None
    approved = sorted(gate.approved_by)
    return next((each for each in approved if any(same_user(each, other) for other in gate.approvers)), None)


def _predecessor(change: Change) -> Stretch | None:
    """The newest stretch of the target's history whose model the candidate is, if its weights are not the tip's."""
    candidate, is_tip = change.candidate, True
    wanted, files = candidate.weights_digests, _files(candidate, candidate)
    history = change.gate.history(change.gate.target)
    for each in history.stretches(candidate.name, candidate.folder, named_beside(candidate)):
        if is_tip and each.holds(candidate.name) and same_files(wanted, _weights(each.model)):
            return None
        if not is_tip and each.holds(candidate.name) and _is(candidate, files, each.model):
            return each
        is_tip = False
    return None


def _weights(model: Model) -> dict[str, str]:
    """What is deployed; weights that cannot be told are none that a rollback could put back."""
    try:
        return model.weights_digests
    except Broken:
        return {}


def _is(candidate: Model, files: dict[str, Entry], then: Model) -> bool:
    """Whether the candidate is a model of the past, but for version and changelog."""
    then = Model(then.repository.without(candidate.repository.exclude), then.folder)
    return _files(then, candidate) == files and _but_version(then) == _but_version(candidate)


def _files(model: Model, candidate: Model) -> dict[str, Entry]:
    """A model's files but for manifest and changelog, by their names seen from its folder; and those that the
    candidate's manifest names elsewhere.
    """
    entries = model.repository.snapshot.entries
    own = {model.name_of(path): entries[path] for path in model.files}
    named = {name: model.resolve(name) for name in named_beside(candidate)}
    own |= {name: entries[path] for name, path in named.items() if path in entries}
    return {name: entry for name, entry in own.items() if name not in (model.name_of(model.path), _CHANGELOG)}


def _but_version(model: Model) -> object:
    """What a manifest says beside the version."""
    data = model.document.data
    return {key: value for key, value in data.items() if key != "version"} if isinstance(data, dict) else data
