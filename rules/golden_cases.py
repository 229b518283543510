"""The rule about cases that a model has to answer as agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from snitch.cases import Failure, GoldenCases, failures, golden_cases
from snitch.change import Change
from snitch.documents import Unreadable
from snitch.finding import Broken, Finding, Note, Skip, Undecidable
from snitch.model_files import answering_digest
from snitch.rule import Rule
from snitch.snapshot import UnreadableFile
from snitch.source import content_digest

if TYPE_CHECKING:
    from snitch.formats.cases import GoldenCase
    from snitch.formats.evidence import AnsweredCases
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
    merged. Without them nothing is decided.

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
        told = 0
        for failure in _failures(change, cases):
            told += 1
            if told <= _MOST:
                message, output = failure.message, failure.output
                help_text = "train a model that answers as agreed, or agree on another answer in the cases"
                yield cases.finding_at(failure.case, message, output=output, help=help_text)
        if told > _MOST:
            message = f"{told - _MOST:,} more answers to golden cases are not as expected"
            yield cases.finding("", message, about="more", role="cases")


def _failures(change: Change, cases: GoldenCases) -> Iterator[Failure]:
    """What the answers of each fitting piece of evidence come to.

    Raises:
        Undecidable: there is none.
    """
    fitting = _fitting(change, cases)
    answered = [entry for entry, reason in fitting if not reason]
    if not answered:
        reason = next((f": {reason}" for _, reason in fitting), "")
        faults = next((f": {file.file.path}: {file.fault}" for file in change.gate.evidence if file.fault), "")
        name = change.candidate.name
        raise Undecidable(
            f"no evidence says how {name} {change.candidate.version} answers its golden cases{reason or faults}",
            path=cases.path,
            help=f"`snitch evaluate {name} --verify --evidence evidence.json` in a job without a token; hand the file "
            "to the gate with `--evidence`",
        )
    seen = set()
    for entry in answered:
        for failure in failures(tuple(cases.cases.values()), entry.answers):
            if (failure.output, failure.message) not in seen:
                seen.add((failure.output, failure.message))
                yield failure


def _fitting(change: Change, cases: GoldenCases) -> list[tuple[AnsweredCases, str]]:
    """The evidence about the model, each with why it does not count, empty where it does."""
    model, held = change.candidate, change.gate.evidence
    named = [(file, entry) for file in held if file.evidence for entry in file.evidence.cases]
    return [(entry, _other(change, cases, file, entry)) for file, entry in named if entry.model == model.name]


def _other(change: Change, cases: GoldenCases, file: EvidenceFile, entry: AnsweredCases) -> str:
    """Why evidence does not count: what else it is of, or what kept the model from answering."""
    model, head = change.candidate, change.repository.commit
    measured = file.evidence.head if file.evidence else None
    held = (
        ("other weights", entry.weights, model.weights_digests),
        ("another manifest", entry.manifest, content_digest(model.repository, model.path)),
        ("other cases", entry.cases, cases.digest),
        # Code that turns an input into an answer, and versions of packages: a merge may bring them from elsewhere.
        ("other files of the model", entry.files, answering_digest(model)),
        ("another commit", measured or head, head or measured),
    )
    other = next((what for what, theirs, ours in held if theirs != ours), "")
    return f"{file.file.path} is of {other}" if other else entry.reason


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
