"""Plans a rollback: a version that an environment had before, put back as a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from msgspec import Struct

from snitch.checking.commits import Misuse
from snitch.documents import Unreadable
from snitch.documents.changelog import CHANGELOG, entries, with_entry
from snitch.escape import for_terminal
from snitch.finding import Broken
from snitch.formats.scalars import Version
from snitch.git.building import blob_id
from snitch.git.history import BranchHistory
from snitch.model import Model, same_files
from snitch.moving.branches import Branches, Standing, literal_branch, new_branch, unknown_model
from snitch.moving.description import describe
from snitch.moving.files import Files, edits_for, files_beside, own_files, refuse_collisions
from snitch.moving.manifest_edit import CannotEdit, with_version
from snitch.moving.past import Past
from snitch.moving.plan import NewFile, NothingToMove, Plan, named_in_ref
from snitch.repository import MANIFEST
from snitch.snapshot import Entry, Mode
from snitch.source import resolve

#: The day on which a branch of a name was made; None where there is none.
MadeOn = Callable[[str], "date | None"]


class Back(Struct, frozen=True, kw_only=True):
    """What is asked for: `to` a version, in an `environment`, and why. None and empty: what is usual."""

    to: str | None = None
    environment: str | None = None
    reason: str = ""
    branch: str | None = None


def plan_rollback(branches: Branches, word: str, place: str, asked: Back, today: date, made_on: MadeOn) -> Plan:
    """How the model that is called `word`, or lies at `place`, is put back: as it was, under a new number.

    Its files become that version's, byte for byte, in the folder where the model lies now; but for the version in its
    manifest and the changelog, which is today's with an entry more. `made_on` is asked so that a rollback that was
    prepared on another day is the same one.

    Raises:
        NothingToMove: what is there is that version already.
        Misuse: there is no such model or version, or no way to write it down.
        Undecidable, AbsentObject: the history, or a file of it, is not in this clone.
    """
    named = branches.environment(asked.environment or branches.policy.deployed)
    there = branches.standing(literal_branch(named))
    present = there.meant(word, place)
    if present is None:
        raise unknown_model(word, [there])
    _require_valid(present)
    return _Rollback(branches, there, named.name, present).plan(asked, today, made_on)


def _require_valid(model: Model) -> None:
    try:
        model.manifest  # noqa: B018 - asked for to see whether it can be
    except Broken as error:
        ref = model.repository.ref
        raise Misuse(f"{error.reason} on {ref}; `snitch check --ref {ref}` tells why") from None


class _Rollback:
    """A model as it stands on a target, and what it was there before."""

    def __init__(self, branches: Branches, there: Standing, environment: str, present: Model) -> None:
        self._branches = branches
        self._git = branches.git
        self._there = there
        self._environment = environment
        self._present = present
        history = BranchHistory(self._git, there.tip.commit, there.branch, remote=branches.policy.remote)
        self._past = Past(history, present)

    def plan(self, asked: Back, today: date, made_on: MadeOn) -> Plan:
        stretch = self._past.state(asked.to or self._past.back())
        then = stretch.model
        old = Model(then.repository.without(self._present.repository.exclude), then.folder)
        version = self._next_version()
        branch = f"rollback/{old.name}-{version}-in-{named_in_ref(self._environment)}"
        branch = new_branch(asked.branch or branch, self._branches.policy)
        own, beside = self._at_home(old, own_files(old)), self._at_home(old, files_beside(old))
        self._refuse_nothing(old, {**own, **beside})
        made = (self._manifest(old, version), self._changelog(old, version, made_on(branch) or today, asked.reason))
        own = {**own, **{each.path: each.entry for each in made}}
        edits = edits_for(own, beside, self._present.folder, self._there.repository, self._present)
        refuse_collisions(self._git, edits, self._there.repository, self._present.folder, own)
        notes = tuple(self._notes(old, [path for path in beside if path in edits]))
        origin = self._origin(old, version, stretch.commit, asked.reason)
        return Plan(
            model=old.name,
            version=version,
            present=self._present.version,
            environment=self._environment,
            target=self._there.branch,
            tip=self._there.tip.commit,
            remote=self._branches.remote,
            branch=branch,
            edits=edits,
            made=made,
            title=for_terminal(f"Roll {old.name} back to {old.version} in {self._environment}"),
            origin=origin,
            body=describe(
                old, self._present, [origin, *self._who_approves()], self._environment, edits, notes, version=version
            ),
            notes=notes,
        )

    def _next_version(self) -> str:
        """The version above the deployed one by PATCH that nothing has had yet, in the history or in the changelog."""
        deployed = Version(self._present.manifest.version)
        told = {each.version for each in entries(_text(self._present, CHANGELOG)[1])}
        taken = {*self._past.versions, *told}
        patch = deployed.patch + 1
        while f"{deployed.major}.{deployed.minor}.{patch}" in taken:
            patch += 1
        return f"{deployed.major}.{deployed.minor}.{patch}"

    def _at_home(self, old: Model, files: Files) -> dict[str, Entry]:
        """Files of the past by the paths that their names have, seen from where the model lies now."""
        found = {}
        for path, entry in files.items():
            name = old.name_of(path)
            # What lies in the model's folder goes there by its name, whatever that is; a manifest could not write all.
            is_inside = path.startswith(old.prefix)
            place = self._present.prefix + name if is_inside else resolve(self._present.folder, name)
            if place is None:
                raise Misuse(f"{old.name} was moved since {old.version}, from where {path} would be out of reach")
            found[place] = entry
        return found

    def _refuse_nothing(self, old: Model, files: Files) -> None:
        present = {**own_files(self._present), **files_beside(self._present)}
        written = {self._present.path, self._present.prefix + CHANGELOG}
        ours, theirs = ({p: e for p, e in each.items() if p not in written} for each in (present, files))
        if ours == theirs and _but_version(old) == _but_version(self._present):
            is_it = self._present.version == old.version
            what = "has it" if is_it else f"has it already, as {self._present.version}"
            raise NothingToMove(f"nothing to roll back to {old.name} {old.version}: {self._environment} {what}")

    def _manifest(self, old: Model, version: str) -> NewFile:
        entry = old.repository.snapshot.entries[old.path]
        before = old.repository.snapshot[old.path]
        try:
            content = with_version(old.path, before.decode("utf-8"), version).encode()
        except (CannotEdit, Unreadable, UnicodeDecodeError):
            raise Misuse(
                f"the manifest of {old.name} {old.version} has a shape in which the version cannot be replaced safely; "
                "roll back by hand"
            ) from None
        path = self._present.prefix + MANIFEST
        return NewFile(path, Entry(entry.mode, blob_id(self._git, content)), content, entry.oid, before)

    def _changelog(self, old: Model, version: str, day: date, reason: str) -> NewFile:
        """What is deployed keeps its own; the past's changelog knows nothing of what came after it."""
        source = self._present if _has(self._present, CHANGELOG) else old
        entry, before = _text(source, CHANGELOG)
        point = f"Back to {old.version}" + (f": {reason}" if reason else ".")
        content = with_entry(before, version, day, [point]).encode("utf-8", "surrogateescape")
        mode = entry.mode if entry is not None else int(Mode.FILE)
        made = Entry(mode, blob_id(self._git, content))
        base = entry.oid if entry is not None else None
        return NewFile(self._present.prefix + CHANGELOG, made, content, base, before.encode("utf-8", "surrogateescape"))

    def _origin(self, old: Model, version: str, commit: str, reason: str) -> str:
        branch, why = self._there.branch, f" Why: {reason}" if reason else ""
        told = f"{version} is what {old.version} was, which came to {branch} with {commit}"
        return for_terminal(f"{told}; {branch} had {self._present.version}.{why}")

    def _who_approves(self) -> Iterator[str]:
        approvers = self._branches.policy.gate.approvers
        if approvers:
            who = approvers[0] if len(approvers) == 1 else f"one of {', '.join(approvers)}"
            yield f"Approved by {who}, it is a rollback to the gate; else a release like any other."

    def _notes(self, old: Model, beside: list[str]) -> Iterator[str]:
        for path in beside:
            yield f"{path} changes too, which lies outside of the model's folder: other models may use it"
        try:
            are_same = same_files(old.weights_digests, self._present.weights_digests)
        except Broken:
            are_same = False
        if are_same:
            yield (
                f"{old.version} has the weights of {self._present.version}: to the gate this is no rollback, but a "
                "release like any other"
            )
        elif not self._branches.policy.gate.approvers:
            yield "the policy names nobody under `gate.approvers`, whose approval a rollback takes"


def _but_version(model: Model) -> object:
    data = model.document.data
    return {key: value for key, value in data.items() if key != "version"} if isinstance(data, dict) else data


def _has(model: Model, name: str) -> bool:
    return model.prefix + name in model.repository.snapshot


def _text(model: Model, name: str) -> tuple[Entry | None, str]:
    """A file of a model's and what is in it, undecodable bytes kept; nothing, where it is not there."""
    path, snapshot = model.prefix + name, model.repository.snapshot
    if path not in snapshot:
        return None, ""
    return snapshot.entries[path], snapshot[path].decode("utf-8", "surrogateescape")
