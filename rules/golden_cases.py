"""The rule about cases that a model has to answer as agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from snitch.approval import approval_of
from snitch.attestation import KEEP_FROM_FILES, could_have_read, other_than, unkept_from
from snitch.cases import Failure, GoldenCases, asks_no_less, failures, golden_cases
from snitch.change import Change
from snitch.documents import Unreadable
from snitch.finding import Broken, Finding, Note, Skip, Undecidable
from snitch.rule import Rule
from snitch.snapshot import UnreadableFile
from snitch.source import content_digest

if TYPE_CHECKING:
    from snitch.formats.cases import GoldenCase
    from snitch.formats.evidence import AnsweredCases, Evidence
    from snitch.gate import EvidenceFile
    from snitch.model import Model
    from snitch.snapshot import Entry

#: So many are told one by one; the rest is counted.
_MOST = 100
_NAMED = 5


class GoldenCaseFailed(Rule, code="REG008", severity=(None, "error"), stage="gate"):
    """The model answers a golden case otherwise than agreed.

    A model can gain on the whole and get the one case wrong that everybody knows. The manifest's `cases` names a file
    of such cases, one JSON object a line: a `name`, the `input` by feature, and what is `expected` of the outputs,
    which are the columns of predictions. An output is expected to be a value, such as `{"prediction": 1}`; to lie in a
    range, `{"score": {"minimum": 0.2, "maximum": 0.4}}`, of which one bound may be left out; or to lie near a value,
    `{"prediction": {"value": 12.3, "tolerance": 0.1}}`. Bounds belong to their range. A line is `{"name":
    "long-standing customer", "input": {"tenure_months": 90}, "expected": {"prediction": 0}}`; `snitch schema case`
    prints what it may hold.

    The gate runs no model: a job without a token does, with `snitch evaluate MODEL --verify --evidence FILE`, and the
    gate takes its file with `--evidence FILE`. The answers count only for the very files of the model that are to be
    merged, and only where the job could keep it from files, for the cases are one. Without them nothing is decided.

    A case of the deployed model that is gone, or that admits what it did not admit, is told as well: who may change the
    question needs no right answer. One of `gate.approvers`, other than the author, lifts that by approving the very
    commit that is to be merged.

    Mend it: run `snitch evaluate MODEL`, which tells the same, and train a model that answers as agreed. Where it is
    the case that is wrong, change it, and ask one of `gate.approvers` to approve that.
    """

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding an output of a case."""
        cases = golden_cases(change.candidate, change.gate)
        eased = list(_eased(change, cases))
        yield from eased
        if cases is None:
            if any(isinstance(each, Finding) for each in eased):
                return
            raise Skip("the manifest names no golden cases")
        fitting = _fitting(change, cases)
        told = 0
        for failure in _failures(cases, fitting):
            told += 1
            if told <= _MOST:
                message, output = failure.message, failure.output
                help_text = "train a model that answers as agreed, or agree on another answer in the cases"
                yield cases.finding_at(failure.case, message, output=output, help=help_text)
        if told > _MOST:
            message = f"{told - _MOST:,} more answers to golden cases are not as expected"
            yield cases.finding("", message, about="more", role="cases")
        if not told:
            _require_kept(change, cases, fitting)


class _Fitting(NamedTuple):
    """Answers of the model to its cases; why they prove nothing where they are right, empty where they do."""

    entry: AnsweredCases
    doubt: str


def _fitting(change: Change, cases: GoldenCases) -> list[_Fitting]:
    """The evidence that counts.

    Raises:
        Undecidable: there is none.
    """
    model, fitting = change.candidate, list[_Fitting]()
    reasons, faults = list[str](), list[str]()
    for file in change.gate.evidence:
        if file.evidence is None:
            faults.append(f"{file.file.path}: {file.fault}")
            continue
        for entry in file.evidence.cases:
            if entry.model != model.name:
                continue
            reason = _unfit(change, cases, file, file.evidence, entry)
            if reason:
                reasons.append(reason)
            else:
                doubt = could_have_read(file.file.path, unkept_from(file.evidence), "the cases are one")
                fitting.append(_Fitting(entry, doubt))
    if not fitting:
        raise _undecided(change, cases, next(iter(reasons + faults), ""))
    return fitting


def _unfit(change: Change, cases: GoldenCases, file: EvidenceFile, evidence: Evidence, entry: AnsweredCases) -> str:
    """Why evidence does not count: what else it is of, or what kept the model from answering."""
    model = change.candidate
    manifest = content_digest(model.repository, model.path)
    held = (("another manifest", entry.manifest, manifest), ("other cases", entry.cases, cases.digest))
    other = other_than(model, change.repository.commit, evidence, entry, *held)
    return f"{file.file.path} is of {other}" if other else entry.reason


def _failures(cases: GoldenCases, fitting: Sequence[_Fitting]) -> Iterator[Failure]:
    """What the answers come to, each but once."""
    seen = set()
    for entry, _ in fitting:
        for failure in failures(tuple(cases.cases.values()), entry.answers):
            if (failure.output, failure.message) not in seen:
                seen.add((failure.output, failure.message))
                yield failure


def _require_kept(change: Change, cases: GoldenCases, fitting: Sequence[_Fitting]) -> None:
    """A model that can read the cases can answer them by heart.

    Raises:
        Undecidable: no job could keep it from them.
    """
    if all(each.doubt for each in fitting):
        raise _undecided(change, cases, fitting[0].doubt, KEEP_FROM_FILES)


def _undecided(change: Change, cases: GoldenCases, reason: str, help_text: str = "") -> Undecidable:
    name = change.candidate.name
    command = f"snitch evaluate {name} --verify --evidence evidence.json"
    return Undecidable(
        f"no evidence says how {name} {change.candidate.version} answers its golden cases{reason and f': {reason}'}",
        path=cases.path,
        help=help_text or f"`{command}` in a job without a token; hand the file to the gate with `--evidence`",
    )


def _eased(change: Change, cases: GoldenCases | None) -> Iterator[Finding | Note]:
    """Who takes a case away, or agrees on another answer, gets past it: that is for somebody else to allow.

    Raises:
        Undecidable: nobody knows what the deployed model's cases are, and they are not these.
    """
    eased = _gone_and_others(_deployed_cases(change, cases), cases)
    approval = approval_of(change.gate.approvers, change.gate)
    for what, names in eased:
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        said = f"golden cases of the deployed model {what}: {', '.join(names[:_NAMED])}{more}"
        if approval.users:
            yield Note(f"{said}, which {approval.given}")
            continue
        file, pointer = (change.candidate, "/name") if cases is None else (cases, "")
        yield file.finding(
            pointer,
            f"{said}; that needs {approval.missing}",
            about=said,
            role="cases",
            outcome=approval.outcome,
            help=f"restore them, or {approval.help}",
        )


def _gone_and_others(before: Mapping[str, GoldenCase], cases: GoldenCases | None) -> Iterator[tuple[str, list[str]]]:
    """The cases that are no longer there, and those that admit what they did not admit."""
    now = {each.name: each for each in cases.cases.values()} if cases else {}
    gone = [name for name in before if name not in now]
    others = [name for name, case in before.items() if name in now and not asks_no_less(now[name], case)]
    yield from ((what, names) for what, names in (("are gone", gone), ("are others now", others)) if names)


def _deployed_cases(change: Change, cases: GoldenCases | None) -> Mapping[str, GoldenCase]:
    """The deployed model's, by name; none where there are none that can be read.

    Raises:
        Undecidable: their bytes are not here, and they are not the candidate's own.
    """
    try:
        deployed = change.deployed
        named = deployed.manifest.cases
        if named is None or (cases and _entry(deployed, named) == cases.source.snapshot.entries.get(cases.path)):
            return {}
        held = golden_cases(deployed, change.gate)
    except (Skip, Broken, Unreadable, UnreadableFile):
        return {}
    return {each.name: each for each in held.cases.values()} if held else {}


def _entry(model: Model, relative: str) -> Entry | None:
    return model.repository.snapshot.entries.get(model.resolve(relative))
