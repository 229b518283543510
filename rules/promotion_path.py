"""Rules about the way into an environment: through the one below, for long enough, and unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from snitch.change import Change
from snitch.finding import Broken, Finding, Skip
from snitch.promotion import Standing, standing, unbroken_run
from snitch.rule import Rule

#: Of what differs; the rest is counted.
_SHOWN = 5


class SkippedEnvironment(Rule, code="PRO001", severity=(None, "error"), stage="gate"):
    """The model never was in the environment that it has to come from.

    An environment below is where trouble shows while nobody depends on it. What is compared is the content: the
    manifest, the evaluations and the weights, file by file, so that it does not matter how they came there: by a merge
    commit, a squash merge or a rebase. What counts as having been there is the branch's own history, its first parents:
    a commit that was merged together with a later one never stood on it.

    Mend it: merge it into the environment's branch first, which the finding names.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """At most one finding."""
        found = standing(change)
        if found.newest is not None:
            return
        candidate = change.candidate
        holds = found.tip is not None and found.tip.holds(candidate.name)
        there = f"holds {found.tip.model.version or 'another version'}" if holds and found.tip else "does not have it"
        yield candidate.finding(
            "/version",
            f"this {candidate.name} {candidate.version} was never on {found.branch}, which {there}",
            about="promotion",
            help=f"merge it into {found.branch} first; {change.environment.name} takes what has been there",
        )


class SoakedTooBriefly(Rule, code="PRO002", severity=(None, "error"), stage="gate"):
    """The model has not been in the environment below for as long as the policy asks.

    What goes wrong with time, such as a slow leak or the traffic of a Monday, shows in time alone. What counts is how
    long the branch's tip has held this manifest, these evaluations and these weights without a break: from the
    committer's date of the commit that brought them to it, or of an earlier commit where that is later, or from the
    merge by the forge's own clock where that is known and later. A model that was never there, or that differs there
    now, is told of by other rules; where those are waived or off, nobody knows how long it has soaked.

    Mend it: wait until the time that the finding names, and run the gate again.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """At most one finding; inconclusive where the date of the commit is none, or is yet to come."""
        soak = change.environment.soak
        if soak is None:
            raise Skip(f"{change.environment.name} asks for no soak")
        found = standing(change)
        if not found.is_current:
            reason, told = f"{found.branch} does not hold it now", "PRO001" if found.newest is None else "PRO003"
            raise Broken(reason, reported_by=told, path=change.candidate.path)
        yield from self.judge(change, found.branch, soak)

    def judge(self, change: Change, branch: str, soak: timedelta) -> Iterator[Finding]:
        """Holds the time that the tip of a branch has had the model against the time asked for."""
        now, since, commit = change.gate.moment, None, ""
        for stretch in unbroken_run(change, branch):
            since, commit = stretch.since, stretch.commit
            if since is not None and now - since >= soak:
                return
        where = f"on {branch} since {commit[:12]}"
        if since is None or since > now:
            told = "has no date that a calendar knows" if since is None else f"is dated {_time(since)}, still to come"
            message, outcome = f"nobody knows how long it has been {where}: that commit {told}", "inconclusive"
            help_text = f"commit it to {branch} anew, by a right clock"
        else:
            name, outcome = change.environment.name, "fail"
            message = f"has been {where}, for {_long(now - since)}; {name} asks for {_long(soak)}"
            help_text = f"run the gate again at {_time(_enough(since, soak))}"
        yield change.candidate.finding("/version", message, about="soak", outcome=outcome, help=help_text)


class ChangedSinceStaging(Rule, code="PRO003", severity=(None, "error"), stage="gate"):
    """The model was in the environment below, and something else is there now.

    What is there now is what people have been looking at since. That an older state is to go past it means that
    somebody has mended the model there, or has taken it back, and this state is the one with the fault.

    Mend it: promote what is there now, or put this state back there first.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """At most one finding, which names what differs."""
        found = standing(change)
        if found.is_current:
            return
        if found.newest is None or found.tip is None:
            raise Skip(f"it was never on {found.branch}, which PRO001 tells")
        holds = found.tip.holds(change.candidate.name)
        yield change.candidate.finding(
            "/version",
            f"was on {found.branch} since {found.newest.commit[:12]}, {_now(found, holds)}",
            about="promotion",
            deployed=found.tip.model.side("/version", found.tip.model.version, f"on {found.branch}") if holds else None,
            help=f"promote what {found.branch} holds now, or put this back there first",
        )


def _now(found: Standing, holds: bool) -> str:
    """What the tip holds instead."""
    if not holds:
        return "which does not have it any more"
    names, more = found.differing[:_SHOWN], len(found.differing) - _SHOWN
    return f"whose tip now differs in {', '.join(names)}{f' and {more} more' if more > 0 else ''}"


def _enough(since: datetime, soak: timedelta) -> datetime:
    """The first whole minute at which it will have been long enough; the last day where no calendar reaches so far."""
    try:
        return (since + soak + timedelta(seconds=59, microseconds=999999)).replace(second=0, microsecond=0)
    except OverflowError:
        return datetime(9999, 12, 31, tzinfo=timezone.utc)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _long(time: timedelta) -> str:
    """A time in its two largest units: `2 d 3 h`."""
    minutes = time // _MINUTE
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "min")) if number]
    return " ".join(parts[:2]) or "less than a minute"


_MINUTE = timedelta(minutes=1)
