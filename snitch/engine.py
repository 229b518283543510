"""The engine: runs rules over a change and makes of everything that can happen a finding, never a silent pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from snitch.change import Change
from snitch.documents import Unreadable
from snitch.extras import how_to_have
from snitch.finding import Broken, Comparison, Due, Finding, Note, Severity, Skip, Undecidable
from snitch.measuring.tables import Unusable
from snitch.pointer import Pointer
from snitch.repository_change import RepositoryChange
from snitch.rule import AnyRule, RepositoryRule, Rule
from snitch.snapshot import UnreadableFile
from snitch.verdict import Judgement, Skipped
from snitch.waiver import Waiver

if TYPE_CHECKING:
    from snitch.rollback import Rollback

#: More findings of one rule than anybody reads. A hostile file may give cause for a million.
MAX_FINDINGS = 1000

UNREADABLE, CRASHED, UNDECIDABLE = "SNT001", "SNT002", "SNT003"
#: The rule that tells of examples and predictions which nothing can be computed from.
UNREPRODUCIBLE = "BEN007"
_NAMES = {UNREADABLE: "unreadable-file", CRASHED: "crashed-rule", UNDECIDABLE: "undecidable"}


class ActiveRule(Struct, frozen=True):
    """A rule with its options, at the severity it has in an environment."""

    rule: AnyRule
    severity: Severity


class Subject(Struct, frozen=True):
    """What a run of rules is about: a model at a version, or the repository (None)."""

    model: str | None
    version: str
    path: str


def judge(
    rules: Iterable[ActiveRule], change: Change, waivers: tuple[Waiver, ...] = (), told: tuple[Finding, ...] = ()
) -> Judgement:
    """Runs the rules about models over one model's change. `told` are the findings about the repository."""
    return judge_each(rules, [change], waivers, told)[0]


def judge_each(
    rules: Iterable[ActiveRule],
    changes: Sequence[Change],
    waivers: tuple[Waiver, ...] = (),
    told: tuple[Finding, ...] = (),
) -> list[Judgement]:
    """The same over the changes of several models.

    Rule by rule, not model by model: what a rule runs through stays in the processor's caches for the next model.
    """
    runs = [
        _Run(Subject(c.candidate.name, c.candidate.version, c.candidate.path), c.today, waivers, told) for c in changes
    ]
    for run, change in zip(runs, changes, strict=True):
        run.rollback = _rollback(change)
    for active in rules:
        if isinstance(active.rule, Rule):
            for run, change in zip(runs, changes, strict=True):
                run.run(active, change)
    return [run.judgement() for run in runs]


def _rollback(change: Change) -> Rollback | None:
    """The rollback that a change is: only the gate can tell."""
    if not change.is_gated:
        return None
    from snitch.rollback import rollback_of

    return rollback_of(change)


def judge_repository(
    rules: Iterable[ActiveRule], change: RepositoryChange, waivers: tuple[Waiver, ...] = ()
) -> Judgement:
    """Runs the rules about the repository as a whole. A finding's model, where it has one, is the rule's to name."""
    run = _Run(Subject(None, "", "."), change.today, waivers)
    for active in rules:
        if isinstance(active.rule, RepositoryRule):
            run.run(active, change)
    return run.judgement()


class _Run:
    """One run over one subject: collects what rules yield, and why they could not."""

    def __init__(
        self, subject: Subject, today: date, waivers: tuple[Waiver, ...], told: tuple[Finding, ...] = ()
    ) -> None:
        self.subject = subject
        self.today = today
        self.waivers = waivers
        self.told = told
        self.findings: list[Finding] = []
        self.comparisons: list[Comparison] = []
        self.skipped: list[Skipped] = []
        self.due: list[Due] = []
        self.notes: list[str] = []
        self.used_waivers: list[Waiver] = []
        self.awaited: list[tuple[str, Pointer]] = []
        self.broken: dict[tuple[str, str, str], list[ActiveRule]] = {}
        self.undecided: dict[tuple[str, str, str], list[ActiveRule]] = {}
        #: What some rules do not judge.
        self.rollback: Rollback | None = None

    def judgement(self) -> Judgement:
        """What has been collected, once all rules have run."""
        self.hold_broken_open()
        self.tell_undecided()
        return Judgement(
            tuple(self.findings),
            tuple(self.comparisons),
            tuple(self.skipped),
            tuple(self.due),
            tuple(self.notes),
            tuple(self.used_waivers),
            self.subject.model or "",
            self.subject.version,
            tuple(self.awaited),
        )

    def run(self, active: ActiveRule, change: Change | RepositoryChange) -> None:
        rule = active.rule
        if self.rollback is not None and self.rollback.exempts(rule.code):
            self.skipped.append(Skipped(rule.code, self.subject.model, self.rollback.reason))
            return
        try:
            observations = iter(rule.check(change))  # type: ignore[attr-defined]
            # Most rules have nothing to say of most models.
            for first in observations:
                self.take_all(active, chain((first,), observations))
                break
        except (Skip, Undecidable, Broken, Unusable) as reason:
            self.take_reason(active, reason)
        except ModuleNotFoundError as error:
            self.take_missing(active, error)
        except Unreadable as error:
            for problem in error.problems:
                place = {"line": problem.span.line, "column": problem.span.column} if problem.span else {}
                self.add(UNREADABLE, Finding(message=problem.message, path=error.path, help=problem.help, **place))  # type: ignore[arg-type]
        except UnreadableFile as error:
            self.take_unreadable(active, error)
        except (Exception, RecursionError) as error:
            self.take_crash(rule, error)

    def take_reason(self, active: ActiveRule, reason: Skip | Undecidable | Broken | Unusable) -> None:
        """Takes why a rule does not judge."""
        if isinstance(reason, Skip):
            self.skipped.append(Skipped(active.rule.code, self.subject.model, str(reason)))
            self.awaited.extend(reason.awaited)
        elif isinstance(reason, Undecidable):
            self.undecided.setdefault((reason.reason, reason.path, reason.help), []).append(active)
        elif isinstance(reason, Broken):
            self.broken.setdefault((reason.reason, reason.reported_by, reason.path), []).append(active)
        else:
            self.broken.setdefault((reason.reason, UNREPRODUCIBLE, self.subject.path), []).append(active)

    def take_all(self, active: ActiveRule, observations: Iterable[object]) -> None:
        """Takes what a rule observes, up to a bound: warnings beyond it are counted, at errors beyond it it ends."""
        live: dict[Severity, int] = {"error": 0, "warning": 0}
        untold = 0
        for observation in observations:
            if isinstance(observation, Finding) and live["warning"] >= MAX_FINDINGS and _warns(active, observation):
                untold += 1
                continue
            before = len(self.findings)
            self.take(active, observation)
            for finding in self.findings[before:]:
                live[finding.severity] += finding.waiver is None
            if live["error"] >= MAX_FINDINGS:
                key = (f"it found {MAX_FINDINGS:,} places and looked no further", "", "mend those first")
                self.undecided.setdefault(key, []).append(active)
                return
        if untold:
            self.notes.append(f"{active.rule.code} {active.rule.name}: {untold:,} warnings more are not told")

    def take(self, active: ActiveRule, observation: object) -> None:
        rule = active.rule
        if isinstance(observation, Finding):
            severity: Severity = "warning" if _warns(active, observation) else "error"
            self.add(rule.code, observation, name=rule.name, severity=severity)
        elif isinstance(observation, Comparison):
            self.comparisons.append(replace(observation, model=observation.model or self.subject.model or ""))
        elif isinstance(observation, Due):
            self.due.append(replace(observation, rule=rule.code, model=observation.model or self.subject.model))
        elif isinstance(observation, Note):
            self.notes.append(observation.message)
        else:
            raise TypeError(f"a rule yielded {type(observation).__name__}, which is no observation")

    def take_unreadable(self, active: ActiveRule, error: UnreadableFile) -> None:
        if error.absent:
            key = (f"{error.path}: {error.reason}", error.path, "")
            self.undecided.setdefault(key, []).append(active)
            return
        self.add(UNREADABLE, Finding(message=error.reason, path=error.path, key=error.path.rpartition("/")[2]))

    def take_missing(self, active: ActiveRule, error: ModuleNotFoundError) -> None:
        told = how_to_have(error)
        if told is None:
            self.take_crash(active.rule, error)
        else:
            self.undecided.setdefault((told[0], "", told[1]), []).append(active)

    def take_crash(self, rule: AnyRule, error: BaseException) -> None:
        cause = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        finding = Finding(
            message=f"the rule {rule.code} {rule.name} crashed: {cause}",
            path=self.subject.path,
            outcome="inconclusive",
            key=rule.code,
            help="report it with the file that causes it; until then the change cannot be judged",
        )
        self.add(CRASHED, finding)

    def add(self, code: str, finding: Finding, *, name: str = "", severity: Severity = "error") -> None:
        model = finding.model or self.subject.model
        stamped = replace(
            finding,
            rule=code,
            name=name or _NAMES[code],
            severity=severity,
            model=model,
            fingerprint=_fingerprint(code, model, finding),
        )
        version = finding.version or self.subject.version
        waiver = next((w for w in self.waivers if w.covers(stamped, version, self.today)), None)
        if waiver is not None:
            self.used_waivers.append(waiver)
            stamped = replace(stamped, waiver=waiver.told)
        if stamped not in self.findings:
            self.findings.append(stamped)

    def hold_broken_open(self) -> None:
        """A rule that met something broken passes only if the rule that tells of it blocks at least as hard."""
        for (reason, reported_by, path), stopped in self.broken.items():
            elsewhere = [finding for finding in self.told if finding.path == path]
            telling = (f for f in (*self.findings, *elsewhere) if f.rule in (reported_by, UNREADABLE))
            told = [finding for finding in telling if finding.waiver is None]
            told_hard = any(finding.severity == "error" for finding in told)
            for active in stopped:
                if told_hard or (told and active.severity == "warning"):
                    why = f"{reason}, which {reported_by} tells"
                    self.skipped.append(Skipped(active.rule.code, self.subject.model, why))
                else:
                    self.undecided.setdefault((reason, path, ""), []).append(active)

    def tell_undecided(self) -> None:
        for (reason, path, help_text), stopped in self.undecided.items():
            codes = ", ".join(active.rule.code for active in stopped)
            finding = Finding(
                message=f"cannot judge {codes}: {reason}",
                path=path or self.subject.path,
                outcome="inconclusive",
                key=reason,
                help=help_text,
            )
            self.add(UNDECIDABLE, finding)


def _warns(active: ActiveRule, finding: Finding) -> bool:
    return finding.advisory or active.severity == "warning"


def _fingerprint(code: str, model: str | None, finding: Finding) -> str:
    """Of rule, model, the file's role and a natural key, so that it survives edits, moves and renumbering."""
    text = "\0".join([code, model or "", finding.role, finding.key or finding.pointer or finding.message])
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
