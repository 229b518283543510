"""Makes waivers: checked against the rules, the models and the policy before a byte is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from msgspec import Struct

from snitch.change import Catalogue
from snitch.checking.catalogue import begin_search, catalogue_of
from snitch.checking.commits import WORK_TREE_POLICY, Asked, Misuse
from snitch.checking.naming import folders_named
from snitch.checking.run import Options, check
from snitch.checking.waiver_effect import left_undecided, waiting, why_idle
from snitch.finding import Finding
from snitch.formats.scalars import SemVer
from snitch.git.absence import how_to_have, surroundings
from snitch.git.command import Git
from snitch.git.disk import inside, read_inside
from snitch.git.refs import branch_tip
from snitch.git.worktree import WorkTreeSnapshot, work_tree_snapshot
from snitch.model import Model
from snitch.numbers import Limit
from snitch.placing import place
from snitch.policy.editing import CannotEdit, add_waivers
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.repository import POLICY, Repository
from snitch.rule import AnyRule, RepositoryRule
from snitch.rulebook import rulebook
from snitch.snapshot import MemorySnapshot
from snitch.source import Source
from snitch.verdict import Report
from snitch.waiver import UNWAIVABLE, Waiver

_MAX_BYTES = 4 * 1024 * 1024
_NEW_POLICY = "extends: recommended\n"


class Terms(Struct, frozen=True):
    """What every waiver says of its own: why, who answers for it, and the last day (UTC) on which it holds."""

    reason: str
    owner: str
    expires: date


class Existing(Struct, frozen=True):
    """The findings of what is deployed: to be waived, waived already, and those that are not to be.

    `awaited` come with how many rules cannot be judged until they are mended; `unwaivable` nobody may waive.
    """

    waivers: tuple[Waiver, ...]
    already: tuple[Finding, ...]
    awaited: tuple[tuple[Finding, int], ...]
    unwaivable: tuple[Finding, ...]


class Edit(Struct, frozen=True):
    """A policy file before (None: there was none) and after."""

    path: str
    before: bytes | None
    after: bytes


class Waiving:
    """The work tree's policy and models, for which waivers are made."""

    def __init__(self, git: Git, today: date) -> None:
        self.git = git
        self.today = today
        self.snapshot = work_tree_snapshot(git)
        source = Repository(self.snapshot)
        self.policy = read_policy(source, source)
        self.repository = Repository(self.snapshot, self.policy.exclude)

    def one(
        self, rule: str, model: str, terms: Terms, *, version: str | None, limit: Limit | None, fingerprint: str | None
    ) -> Waiver:
        """A waiver of one rule for one version (None: the current one) of one model, named as `name_of` names it.

        Raises:
            Misuse: there is no such rule, nobody may waive it, or the model states no version.
        """
        found = waivable(rule)
        versions = {Model(self.repository, folder).version for folder in self.catalogue.folders[model]}
        if version is None and len(versions) != 1:
            raise Misuse(f"{model} is the name of several models, at {', '.join(sorted(versions))}; give --version")
        stated = version or versions.pop()
        if not _is_version(stated):
            raise Misuse(f"`{stated}` is no semantic version of {model}; give one, such as --version 1.4.0")
        return _waiver(found.name, model, stated, terms, limit, fingerprint)

    def name_of(self, word: str, place: str) -> str:
        """The name of the model that is called or lies so; `place` is the word as a path from the top.

        Raises:
            Misuse: there is none.
        """
        named = folders_named(word, place, self.catalogue, self.repository.model_folders)
        if not named:
            from snitch.documents.decoding import suggest

            near = suggest(word, sorted(self.catalogue.folders))
            raise Misuse(f"there is no model `{word}`; {near or 'there is none here at all'}")
        return word if word in self.catalogue.folders else Model(self.repository, named[0]).name

    @cached_property
    def catalogue(self) -> Catalogue:
        return models_here(self.repository)

    def existing(self, terms: Terms) -> Existing:
        """One waiver for each finding of what is deployed today, as the work tree's policy judges it.

        Raises:
            Misuse: the deployed branch is not in this clone.
        """
        report = self._judge_deployed()
        versions = {judged.name: judged.version for judged in report.models}
        waivers: dict[str, Waiver] = {}
        already, awaited, unwaivable = [], [], []
        for finding in sorted(report.findings, key=lambda each: (each.model or "", each.rule, each.path, each.line)):
            version = versions.get(finding.model or "", "")
            if finding.rule.startswith("POL"):
                continue  # of the policy that is being written, not of what is deployed
            if finding.waiver is not None:
                already.append(finding)
            elif others := waiting(report, finding.rule, finding.model):
                awaited.append((finding, others))
            elif not _is_version(version) or _is_unwaivable(finding):
                unwaivable.append(finding)
            elif finding.fingerprint not in waivers:
                made = _waiver(finding.name, finding.model or "", version, terms, None, finding.fingerprint)
                waivers[finding.fingerprint] = made
        return Existing(tuple(waivers.values()), tuple(already), tuple(awaited), tuple(unwaivable))

    def _judge_deployed(self) -> Report:
        branch, remote = self.policy.deployed_branch, self.policy.remote
        deployed = branch_tip(self.git, branch, remote=remote)
        if deployed is None:
            how = how_to_have(branch, remote, surroundings(self.git))
            raise Misuse(f"the deployed branch `{branch}` is not in this clone; {how}")
        asked = Asked(
            candidate=deployed.ref,
            deployed=deployed.ref,
            policy=WORK_TREE_POLICY,
            environment=self.policy.deployed,
        )
        return check(self.git, asked, Options(judge_all=True, today=self.today))

    def waived_already(self, waiver: Waiver) -> Waiver | None:
        """A waiver of the policy that excuses at least as much, for at least as long."""
        book = rulebook()
        for each in self.policy.waivers:
            named = book.find(each.rule) is book.find(waiver.rule) and each.model == waiver.model
            holds = each.version == waiver.version and each.expires >= waiver.expires
            as_much = each.limit in (None, waiver.limit) and each.fingerprint in (None, waiver.fingerprint)
            if named and holds and as_much:
                return each
        return None

    def why_idle(self, waiver: Waiver) -> str:
        """Why the waiver excuses nothing of the work tree today; empty where it does, or nobody can tell here."""
        return why_idle(self.git, self.policy, waiver, self.catalogue.folders[waiver.model], self.today)

    def left_undecided(self, waiver: Waiver) -> int:
        """How many rules cannot be judged today while the waiver silences the one that tells why."""
        return left_undecided(self.git, self.policy, waiver, self.catalogue.folders[waiver.model], self.today)

    def edit(self, waivers: Sequence[Waiver]) -> Edit:
        """The policy file with these waivers. Nothing is written yet.

        Raises:
            Misuse: it cannot be edited safely.
            InvalidPolicy: it would no longer be valid.
        """
        path = _holder(self.policy)
        before = self._content(path)
        if before is not None and path not in self.snapshot:
            raise Misuse(f"{path} is there, but git ignores it, so it is no policy; mend .gitignore")
        try:
            text = (before or _NEW_POLICY.encode()).decode("utf-8")
            if self._with(path, text).waivers != self.policy.waivers:
                raise Misuse(_changed(path))
            after = add_waivers(path, text, [entry(waiver) for waiver in waivers]).encode()
        except CannotEdit as error:
            raise Misuse(str(error)) from None
        if self._with(path, after.decode("utf-8")).waivers != (*self.policy.waivers, *waivers):
            raise Misuse(f"{path} would come to other waivers than were asked for; write them by hand")
        return Edit(path, before, after)

    def _with(self, path: str, text: str) -> Policy:
        """The policy, were this the text of one of its files."""
        files = {each: self.snapshot[each] for each in self.policy.paths} | {path: text.encode()}
        return read_policy(Source(MemorySnapshot(files)), self.repository)

    def _content(self, path: str) -> bytes | None:
        """The file as it is on disk, line endings included."""
        is_there = os.path.lexists(inside(self.git.top_level, path))
        return read_inside(self.git.top_level, path, _MAX_BYTES) if is_there else None

    def write(self, edit: Edit) -> None:
        """Puts the file in place whole, or leaves the one that is there."""
        if self._content(edit.path) != edit.before:
            raise Misuse(_changed(edit.path))
        try:
            place(os.fsdecode(inside(self.git.top_level, edit.path)), edit.after)
        except OSError as error:
            raise Misuse(f"{edit.path} cannot be written: {error.strerror}; nothing has changed") from None


def _changed(path: str) -> str:
    return f"{path} changed meanwhile; run it again"


def models_here(repository: Repository) -> Catalogue:
    """The names of a work tree's models, at the cost of one search where they are many."""
    snapshot = repository.snapshot
    if isinstance(snapshot, WorkTreeSnapshot) and (search := begin_search(snapshot)) is not None:
        return catalogue_of(repository, search.found(), snapshot.differences())
    return catalogue_of(repository)


def waivable(rule: str) -> type[AnyRule]:
    """The rule of a name or a code.

    Raises:
        Misuse: there is none, or nobody may waive it.
    """
    book = rulebook()
    found = book.find_in_any_case(rule)
    if found is None and not rule.startswith(UNWAIVABLE):
        raise Misuse(book.unknown(rule))
    if found is None or found.code.startswith(UNWAIVABLE):
        name = f"{found.code} {found.name}" if found else rule
        raise Misuse(f"{name} can't be waived; mend what it tells instead")
    return found


def entry(waiver: Waiver) -> dict[str, str | float]:
    """A waiver as the policy writes it, in the order in which people read it."""
    limit = int(waiver.limit) if isinstance(waiver.limit, float) and waiver.limit.is_integer() else waiver.limit
    pairs = (
        ("rule", waiver.rule),
        ("model", waiver.model),
        ("version", waiver.version),
        ("limit", limit),
        ("fingerprint", waiver.fingerprint),
        ("reason", waiver.reason),
        ("owner", waiver.owner),
        ("expires", waiver.expires.isoformat()),
    )
    return {key: value for key, value in pairs if value is not None}


def _waiver(rule: str, model: str, version: str, terms: Terms, limit: Limit | None, fingerprint: str | None) -> Waiver:
    return Waiver(
        rule=rule,
        model=model,
        version=version,
        owner=terms.owner,
        reason=terms.reason,
        expires=terms.expires,
        limit=limit,
        fingerprint=fingerprint,
    )


def _is_version(text: str) -> bool:
    import msgspec

    try:
        msgspec.convert(text, SemVer)
    except msgspec.ValidationError:
        return False
    return True


def _is_unwaivable(finding: Finding) -> bool:
    """A rule about the whole repository judges no version, which is what a waiver is for."""
    rule = rulebook().find(finding.rule)
    return finding.rule.startswith(UNWAIVABLE) or rule is None or issubclass(rule, RepositoryRule)


def _holder(policy: Policy) -> str:
    """The file whose waivers count: the highest layer that has any, else the policy itself.

    A list replaces that of the layer below: a first waiver in the wrong file would undo those of the other.
    """
    for layer in reversed(policy.layers):
        if layer.content.waivers is not None and layer.document.path in policy.paths:
            return layer.document.path
    return POLICY
