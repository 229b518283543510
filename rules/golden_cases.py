"""The rule about cases that a model has to answer as agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from snitch.attestation import KEEP_FROM_FILES, could_have_read, other_than, unkept_from
from snitch.cases import Failure, GoldenCases, failures, golden_cases
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

    Mend it: run `snitch evaluate MODEL`, which tells the same, and train a model that answers as agreed. Where it is
    the case that is wrong, change it: reviewers see that.
    """

    def check(self, change: Change) -> Iterator[Finding | Note]:
        """One finding an output of a case."""
        cases = golden_cases(change.candidate, change.gate)
        if cases is None:
            yield from _eased(change, {})
            raise Skip("the manifest names no golden cases")
        yield from _eased(change, {each.name: each for each in cases.cases.values()})
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


def _eased(change: Change, cases: Mapping[str, GoldenCase]) -> Iterator[Note]:
    """Who takes a case away, or agrees on another answer, gets past it: whoever reviews the change should know."""
    try:
        deployed = golden_cases(change.deployed, change.gate)
    except (Skip, Broken, Undecidable, Unreadable, UnreadableFile):
        return
    before = deployed.cases.values() if deployed else ()
    gone = [each.name for each in before if each.name not in cases]
    changed = [each.name for each in before if each != cases.get(each.name, each)]
    for names, what in ((gone, "are gone"), (changed, "are others now")):
        if names:
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            yield Note(f"golden cases of the deployed model that {what}: {', '.join(names[:_NAMED])}{more}")
