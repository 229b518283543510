"""Rules about waivers: exceptions that outlived their reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from snitch.finding import Due, Finding, Note, Skip, Undecidable
from snitch.formats.scalars import Version
from snitch.model import Model
from snitch.repository_change import PlacedWaiver, RepositoryChange
from snitch.rule import ClosingRule
from snitch.waiver import Waiver


class ExpiredWaiver(ClosingRule, code="POL002"):
    """A waiver's last day is over, and it excuses nothing any more.

    An exception that nobody ends becomes the rule. `expires` is the last day, in UTC, on which a waiver holds.

    Mend it: remove it, and repair what it excused. If the finding is still to be accepted, add a new one as well
    (`snitch waive`), which is reviewed like the first; that alone leaves the expired one standing.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding | Due]:
        """One finding an expired waiver; for the others, when they expire."""
        for placed in change.waivers:
            waiver = placed.waiver
            if change.today > waiver.expires:
                yield placed.file.finding(
                    f"{placed.pointer}/expires",
                    f"the waiver of {waiver.rule} for {waiver.model} {waiver.version} expired on {waiver.expires}",
                    help=f"remove it; to accept the finding still, add a new one as well: {_anew(waiver)}",
                    role="waivers",
                    about=_identity(waiver),
                )
            elif waiver in change.used_waivers:
                ends = waiver.expires + timedelta(days=1) if waiver.expires.year < 9999 else waiver.expires
                yield Due(on=ends, message=f"its waiver of {waiver.rule} expires", model=waiver.model)


class UnusedWaiver(ClosingRule, code="POL003", severity=("warning", "warning")):
    """A waiver excuses nothing, though the version it names is deployed; or it names a model that is nowhere.

    A waiver that nothing needs is an open door that nobody watches: the next regression walks through it.

    Mend it: remove it from the policy, or correct the model's name. Judged with `--all` only, when every finding has
    been looked for; what only another environment looks for is judged as in that one (`--env`). A waiver whose model is
    neither here nor deployed is noted at every run: its name may be a slip.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding | Note]:
        """One finding an unused waiver; a note for one whose model is not there, where it is no finding."""
        known = change.catalogue.folders.keys() | change.deployed_catalogue.folders.keys()
        is_told = change.judges_all and _knows_what_is_deployed(change)
        for placed in change.waivers:
            if placed.waiver.model not in known:
                yield from _stranger(placed, known, is_told=is_told and change.today <= placed.waiver.expires)
        if not change.judges_all:
            raise Skip("not every model was judged: use --all")
        for placed in change.waivers:
            expired = change.today > placed.waiver.expires
            is_open = placed.waiver in change.used_waivers or placed.waiver in change.open_waivers
            if not expired and not is_open and _is_deployed(placed, change):
                waiver = placed.waiver
                message = f"the waiver of {waiver.rule} for {waiver.model} {waiver.version} excuses nothing"
                yield _unused(placed, placed.pointer, message, "remove it")


def _stranger(placed: PlacedWaiver, known: Iterable[str], *, is_told: bool) -> Iterator[Finding | Note]:
    """That a waiver names a model that is not there: a finding if it is to be told as one, else a note."""
    from snitch.documents.decoding import suggest

    waiver, near = placed.waiver, suggest(placed.waiver.model, sorted(known))
    message = f"the waiver of {waiver.rule} names the model `{waiver.model}`, which is not here"
    if is_told:
        help_text = "remove it, or correct the name" + (f"; {near}" if near else "")
        yield _unused(placed, f"{placed.pointer}/model", f"{message}, nor deployed", help_text)
    else:
        yield Note(f"{message}; {near}" if near else message)


def _knows_what_is_deployed(change: RepositoryChange) -> bool:
    """Whether what is deployed could be read, be it nothing."""
    try:
        return change.deployed is not None
    except Skip:
        return True
    except Undecidable:
        return False


def _unused(placed: PlacedWaiver, pointer: str, message: str, help_text: str) -> Finding:
    return placed.file.finding(pointer, message, help=help_text, role="waivers", about=_identity(placed.waiver))


def _anew(waiver: Waiver) -> str:
    """The command for another waiver of the same finding."""
    return f"`snitch waive {waiver.rule} --model {waiver.model} --until DATE --reason …`"


def _identity(waiver: Waiver) -> str:
    """What tells a waiver from the others, wherever it stands in the list."""
    return " ".join((waiver.rule, waiver.model, waiver.version, waiver.fingerprint or ""))


def _is_deployed(placed: PlacedWaiver, change: RepositoryChange) -> bool:
    """Whether the waiver's version, or a later one, is deployed."""
    for folder in change.deployed_catalogue.folders.get(placed.waiver.model, ()):
        version = Model(change.deployed, folder).manifest.version
        if Version(version).key >= Version(placed.waiver.version).key:
            return True
    return False
