"""Everything that can happen in a rule becomes a finding or a reason; nothing becomes a silent pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from snitch.change import Change
from snitch.documents import Problem, Span, Unreadable
from snitch.engine import MAX_FINDINGS, ActiveRule, judge, judge_repository
from snitch.finding import Broken, Comparison, Due, Finding, Note, Observation, Skip, Undecidable
from snitch.measuring.tables import Unusable
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.rule import RepositoryRule, Rule
from snitch.snapshot import MemorySnapshot, UnreadableFile
from snitch.verdict import Judgement, verdict_of
from snitch.waiver import Waiver
from tests.judging import FOLDER, MANIFEST, PRODUCTION, SPOTLESS, change_of


class Tells(Rule, code="TST001"):
    """Tells."""

    def check(self, change: Change) -> Iterator[Observation]:
        yield change.candidate.finding("/version", "is odd")


class Raises(Rule, code="TST002"):
    """Raises what it is given."""

    def check(self, change: Change) -> Iterator[Observation]:
        yield Note("before")
        raise RAISED[-1]


class TellsAfter(Rule, code="TST003"):
    """Tells though another rule has crashed."""

    def check(self, change: Change) -> Iterator[Observation]:
        yield Due(on=date(2027, 1, 1), message="something")


class Blocks(Rule, code="BEN007"):
    """Tells in the place of the rule of that code."""

    def check(self, change: Change) -> Iterator[Observation]:
        yield change.candidate.finding("/version", "cannot be computed again")


RAISED: list[BaseException] = []


def run(*rules: Rule, severity: str = "error", waivers: tuple[Waiver, ...] = ()) -> Judgement:
    return judge([ActiveRule(rule, severity) for rule in rules], change_of(SPOTLESS), waivers)  # type: ignore[arg-type]


def raising(error: BaseException, **more: object) -> Judgement:
    RAISED.append(error)
    return run(Raises(), **more)  # type: ignore[arg-type]


def test_a_finding_is_stamped_with_rule_severity_model_and_fingerprint() -> None:
    (finding,) = run(Tells(), severity="warning").findings
    assert (finding.rule, finding.name, finding.severity, finding.model) == ("TST001", "tells", "warning", "churn")
    assert (finding.path, finding.line, finding.column) == (MANIFEST, 2, 10)
    assert len(finding.fingerprint) == 16


def test_a_skip_passes_with_its_reason() -> None:
    judgement = raising(Skip("first release"))
    assert verdict_of(judgement.findings) == "passed"
    assert [(s.rule, s.reason) for s in judgement.skipped] == [("TST002", "first release")]


@pytest.mark.parametrize("error", [ValueError("no"), KeyError("x"), RecursionError(), MemoryError(), AssertionError()])
def test_a_crash_is_inconclusive_names_the_rule_and_stops_no_other(error: Exception) -> None:
    RAISED.append(error)
    judgement = run(Raises(), TellsAfter())
    (finding,) = judgement.findings
    assert (finding.rule, finding.outcome, finding.severity) == ("SNT002", "inconclusive", "error")
    assert "TST002 raises" in finding.message
    assert verdict_of(judgement.findings) == "inconclusive"
    assert judgement.due


def test_ctrl_c_is_no_crash() -> None:
    with pytest.raises(KeyboardInterrupt):
        raising(KeyboardInterrupt())


def test_something_undecidable_is_one_finding_for_all_the_rules_it_stops() -> None:
    class Also(Raises, code="TST004"):
        """Raises too."""

    RAISED.append(Undecidable("the branch is absent", help="git fetch"))
    judgement = run(Raises(), Also())
    (finding,) = judgement.findings
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
    assert "TST002, TST004" in finding.message
    assert finding.help == "git fetch"


def test_a_library_that_is_not_installed_decides_nothing_and_says_how_to_have_it() -> None:
    (finding,) = raising(ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow.parquet")).findings
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
    assert "pyarrow is not installed here" in finding.message
    assert finding.help == "install it: `pip install 'model-snitch[evaluate]'`"
    (other,) = raising(ModuleNotFoundError("No module named 'acme'", name="acme")).findings
    assert other.rule == "SNT002"


def test_what_nothing_can_be_computed_from_is_held_open_unless_its_rule_blocks() -> None:
    (finding,) = raising(Unusable("the predictions lack the id `5`")).findings
    assert finding.outcome == "inconclusive"
    assert "the predictions lack the id `5`" in finding.message
    judged = judge([ActiveRule(Blocks(), "error"), ActiveRule(Raises(), "error")], change_of(SPOTLESS))
    assert [each.rule for each in judged.findings] == ["BEN007"]


def test_something_undecidable_is_told_at_its_file_or_at_the_manifest() -> None:
    (there,) = raising(Undecidable("the data are absent", path="data.csv")).findings
    (here,) = raising(Undecidable("the branch is absent")).findings
    assert (there.path, here.path) == ("data.csv", MANIFEST)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (UnreadableFile("x.json", "is a symbolic link"), "unreadable-file"),
        (ValueError("no"), "crashed-rule"),
        (Undecidable("the branch is absent"), "undecidable"),
    ],
)
def test_what_could_not_be_judged_is_told_by_name(error: Exception, name: str) -> None:
    assert [finding.name for finding in raising(error).findings] == [name]


def test_a_note_is_kept_though_the_rule_stops_after_it() -> None:
    assert raising(Skip("first release")).notes == ("before",)


def test_an_unreadable_file_fails() -> None:
    judgement = raising(UnreadableFile("x.json", "is a symbolic link"))
    assert [(f.rule, f.outcome, f.path) for f in judgement.findings] == [("SNT001", "fail", "x.json")]
    assert verdict_of(judgement.findings) == "blocked"


def test_an_absent_object_is_inconclusive() -> None:
    judgement = raising(UnreadableFile("x.json", "is not in this clone", absent=True))
    assert [(f.rule, f.outcome) for f in judgement.findings] == [("SNT003", "inconclusive")]


def test_a_document_that_cannot_be_read_fails_at_its_place() -> None:
    judgement = raising(Unreadable("x.json", (Problem("", "is odd", span=Span(3, 4)),)))
    assert [(f.rule, f.path, f.line, f.column) for f in judgement.findings] == [("SNT001", "x.json", 3, 4)]


def test_a_document_that_cannot_be_read_at_all_fails_at_its_beginning() -> None:
    judgement = raising(Unreadable("x.json", (Problem("", "is too large"),)))
    assert [(f.rule, f.message, f.line, f.column) for f in judgement.findings] == [("SNT001", "is too large", 1, 1)]


class TestBroken:
    """A rule that met something broken is silent only while the rule that tells of it blocks."""

    BROKEN = Broken("the version is odd", reported_by="TST001", path=MANIFEST)

    def both(self, told: str, stopped: str, waivers: tuple[Waiver, ...] = ()) -> Judgement:
        RAISED.append(self.BROKEN)
        rules = [ActiveRule(Tells(), told), ActiveRule(Raises(), stopped)]  # type: ignore[arg-type]
        return judge(rules, change_of(SPOTLESS), waivers)

    def test_skipped_while_the_other_blocks(self) -> None:
        judgement = self.both("error", "error")
        assert [f.rule for f in judgement.findings] == ["TST001"]
        assert [s.rule for s in judgement.skipped] == ["TST002"]

    def test_inconclusive_when_the_other_is_off(self) -> None:
        judgement = raising(self.BROKEN)
        assert [(f.rule, f.outcome) for f in judgement.findings] == [("SNT003", "inconclusive")]

    def test_inconclusive_when_the_other_is_off_though_it_only_warns(self) -> None:
        judgement = raising(self.BROKEN, severity="warning")
        assert [(f.rule, f.outcome, f.path) for f in judgement.findings] == [("SNT003", "inconclusive", MANIFEST)]

    def test_inconclusive_when_the_other_only_warns(self) -> None:
        judgement = self.both("warning", "error")
        assert [f.rule for f in judgement.findings] == ["TST001", "SNT003"]
        assert verdict_of(judgement.findings) == "inconclusive"

    def test_skipped_when_both_only_warn(self) -> None:
        judgement = self.both("warning", "warning")
        assert [f.rule for f in judgement.findings] == ["TST001"]

    def test_inconclusive_when_the_other_is_waived(self) -> None:
        judgement = self.both("error", "error", (waiver(),))
        assert [(f.rule, f.waiver is not None) for f in judgement.findings] == [("TST001", True), ("SNT003", False)]


def waiver(**changes: object) -> Waiver:
    fields: dict[str, object] = {
        "rule": "TST001",
        "model": "churn",
        "version": "1.4.0",
        "owner": "growth-ml@example.com",
        "reason": "agreed",
        "expires": date(2026, 11, 20),
    }
    return Waiver(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_waiver_excuses_on_its_last_day() -> None:
    judgement = run(Tells(), waivers=(waiver(),))
    assert judgement.findings[0].waiver is not None
    assert verdict_of(judgement.findings) == "passed"
    assert judgement.used_waivers == (waiver(),)


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": date(2026, 11, 19)},
        {"version": "1.4.1"},
        {"model": "fraud"},
        {"rule": "TST009"},
        {"fingerprint": "0" * 16},
        {"limit": 0.5},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_waiver_of_something_else_excuses_nothing(changes: dict[str, object]) -> None:
    judgement = run(Tells(), waivers=(waiver(**changes),))
    assert judgement.findings[0].waiver is None
    assert verdict_of(judgement.findings) == "blocked"


def test_what_could_not_be_judged_is_never_waived() -> None:
    RAISED.append(ValueError("no"))
    judgement = run(Raises(), waivers=(waiver(rule="SNT002"), waiver(rule="crashed-rule")))
    assert verdict_of(judgement.findings) == "inconclusive"


def test_an_advisory_finding_warns_whatever_the_severity() -> None:
    class Advises(Rule, code="TST005"):
        """Advises."""

        def check(self, change: Change) -> Iterator[Observation]:
            yield Finding(message="think of it", path=FOLDER, advisory=True)

    (finding,) = run(Advises()).findings
    assert finding.severity == "warning"


def test_what_is_no_observation_is_a_crash() -> None:
    class Babbles(Rule, code="TST006"):
        """Babbles."""

        def check(self, change: Change) -> Iterator[Observation]:
            yield "a string"  # type: ignore[misc]

    assert [f.rule for f in run(Babbles()).findings] == ["SNT002"]


def test_a_fingerprint_survives_another_line_and_another_folder() -> None:
    (one,) = run(Tells()).findings
    moved = {path.replace(FOLDER, "elsewhere/churn"): content for path, content in SPOTLESS.items()}
    moved["elsewhere/churn/model.yaml"] = "# a comment\n" + str(moved["elsewhere/churn/model.yaml"])
    (other,) = judge([ActiveRule(Tells(), "error")], change_of(moved, folder="elsewhere/churn")).findings
    assert other.line == one.line + 1
    assert other.fingerprint == one.fingerprint


def fingerprint(judgement: Judgement) -> str:
    (finding,) = judgement.findings
    return finding.fingerprint


class TestFingerprints:
    """Of what a finding is about, and of nothing that changes while it stays the same."""

    class Says(Rule, code="TST011"):
        """Says what it is told to."""

        message: str = "is odd"
        pointer: str = ""
        about: str = ""
        role: str = ""

        def check(self, change: Change) -> Iterator[Observation]:
            yield Finding(message=self.message, path="x", pointer=self.pointer, key=self.about, role=self.role)

    def test_the_same_place_with_another_message(self) -> None:
        one, other = (run(self.Says(message=text, pointer="/version")) for text in ("is odd", "is even"))
        assert fingerprint(one) == fingerprint(other)

    def test_the_same_key_at_another_place(self) -> None:
        one, other = (run(self.Says(pointer=pointer, about="roc_auc")) for pointer in ("/metrics/0", "/metrics/1"))
        assert fingerprint(one) == fingerprint(other)

    @pytest.mark.parametrize("field", ["message", "pointer", "about", "role"])
    def test_something_else(self, field: str) -> None:
        one, other = (run(self.Says(**{field: text})) for text in ("a", "b"))
        assert fingerprint(one) != fingerprint(other)

    def test_another_model(self) -> None:
        other = change_of({**SPOTLESS, MANIFEST: str(SPOTLESS[MANIFEST]).replace("name: churn", "name: fraud", 1)})
        assert fingerprint(run(self.Says())) != fingerprint(judge([ActiveRule(self.Says(), "error")], other))

    def test_another_crash_of_the_same_rule(self) -> None:
        assert fingerprint(raising(ValueError("one"))) == fingerprint(raising(ValueError("two")))

    def test_an_unreadable_file_in_another_folder(self) -> None:
        one, other = (raising(UnreadableFile(path, "is a symbolic link")) for path in ("a/x.json", "b/x.json"))
        assert fingerprint(one) == fingerprint(other)
        assert fingerprint(one) != fingerprint(raising(UnreadableFile("a/y.json", "is a symbolic link")))

    def test_something_undecidable_that_stops_more_rules(self) -> None:
        class AlsoRaises(Raises, code="TST012"):
            """Raises too."""

        one = raising(Undecidable("the branch is absent"))
        assert fingerprint(one) == fingerprint(run(Raises(), AlsoRaises()))


def test_a_crash_is_told_in_one_short_line() -> None:
    (finding,) = raising(ValueError("x" * 400 + "\nsecond line")).findings
    assert finding.message == "the rule TST002 raises crashed: ValueError: " + "x" * 288


def test_something_undecidable_is_an_error_whatever_the_rules_it_stops_are() -> None:
    class RaisesHard(Raises, code="TST013"):
        """Raises too."""

    def severities(*of: str) -> list[str]:
        RAISED.append(Undecidable("the branch is absent"))
        rules = [ActiveRule(rule, each) for rule, each in zip((Raises(), RaisesHard()), of, strict=True)]  # type: ignore[arg-type]
        return [finding.severity for finding in judge(rules, change_of(SPOTLESS)).findings]

    assert severities("warning", "warning") == severities("warning", "error") == ["error"]


class Floods(Rule, code="TST015"):
    """Finds the same in many places."""

    places: int

    def check(self, change: Change) -> Iterator[Observation]:
        for index in range(self.places):
            yield Finding(message="is odd", path="x", key=str(index))


def test_errors_beyond_the_bound_are_undecided() -> None:
    *told, last = run(Floods(places=MAX_FINDINGS + 500)).findings
    assert [finding.rule for finding in told] == ["TST015"] * MAX_FINDINGS
    assert (last.rule, last.severity, last.outcome) == ("SNT003", "error", "inconclusive")
    assert len(run(Floods(places=MAX_FINDINGS - 1)).findings) == MAX_FINDINGS - 1


def test_warnings_beyond_the_bound_are_counted() -> None:
    judgement = run(Floods(places=MAX_FINDINGS + 500), severity="warning")
    assert [finding.rule for finding in judgement.findings] == ["TST015"] * MAX_FINDINGS
    assert judgement.notes == ("TST015 floods: 500 warnings more are not told",)
    assert run(Floods(places=MAX_FINDINGS), severity="warning").notes == ()


class FloodsAndGoesOn(Rule, code="TST016"):
    """Advises in many places, then says what counts."""

    def check(self, change: Change) -> Iterator[Observation]:
        for index in range(MAX_FINDINGS + 1):
            yield Finding(message="think of it", path="x", key=str(index), advisory=True)
        yield Due(on=date(2027, 1, 1), message="something")
        yield Finding(message="is odd", path="y")


def test_an_error_behind_many_warnings_is_told() -> None:
    judgement = run(FloodsAndGoesOn())
    assert [(f.path, f.severity) for f in judgement.findings[MAX_FINDINGS:]] == [("y", "error")]
    assert verdict_of(judgement.findings) == "blocked"


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_what_is_no_finding_is_kept_behind_many_warnings(severity: str) -> None:
    assert [due.message for due in run(FloodsAndGoesOn(), severity=severity).due] == ["something"]


class NamesAnother(Rule, code="TST017"):
    """Speaks of a model that it names."""

    about: str = ""

    def check(self, change: Change) -> Iterator[Observation]:
        yield Comparison(
            benchmark="b",
            type="roc_auc",
            deployed=0.5,
            candidate=0.5,
            delta=0.0,
            limit=None,
            outcome="pass",
            model=self.about,
        )
        yield Due(on=date(2027, 1, 1), message="something", model=self.about)


def test_what_a_rule_says_of_another_model_stays_that_model_s() -> None:
    judgement = run(NamesAnother(about="fraud"))
    assert [each.model for each in judgement.comparisons] == ["fraud"]
    assert [each.model for each in judgement.due] == ["fraud"]


def test_what_is_compared_and_falls_due_is_stamped_with_the_model() -> None:
    class Compares(Rule, code="TST014"):
        """Compares."""

        def check(self, change: Change) -> Iterator[Observation]:
            yield Comparison(
                benchmark="b", type="roc_auc", deployed=0.5, candidate=0.5, delta=0.0, limit=None, outcome="pass"
            )
            yield Due(on=date(2027, 1, 1), message="something")

    judgement = run(Compares())
    assert not judgement.findings
    assert [(each.type, each.model) for each in judgement.comparisons] == [("roc_auc", "churn")]
    assert [(each.rule, each.model) for each in judgement.due] == [("TST014", "churn")]
    assert (judgement.model, judgement.version) == ("churn", "1.4.0")


class TestToldElsewhere:
    """What a rule about the repository has told is not told again of each model."""

    BROKEN = Broken(
        "benchmarks/b/benchmark.yaml is not valid", reported_by="TST009", path="benchmarks/b/benchmark.yaml"
    )

    def judged(self, **told: object) -> Judgement:
        RAISED.append(self.BROKEN)
        fields: dict[str, object] = {"message": "is odd", "path": self.BROKEN.path, "rule": "TST009", **told}
        finding = Finding(**fields)  # type: ignore[arg-type]
        return judge([ActiveRule(Raises(), "error")], change_of(SPOTLESS), told=(finding,))

    def test_told(self) -> None:
        found = self.judged()
        assert not found.findings
        assert [s.rule for s in found.skipped] == ["TST002"]

    @pytest.mark.parametrize(
        "told",
        [{"path": "benchmarks/c/benchmark.yaml"}, {"rule": "TST008"}, {"severity": "warning"}, {"waiver": "agreed"}],
        ids=lambda told: next(iter(told)),
    )
    def test_something_else_told(self, told: dict[str, object]) -> None:
        assert [f.rule for f in self.judged(**told).findings] == ["SNT003"]


class Vanishes(RepositoryRule, code="TST010"):
    """Tells of a model that is no longer there."""

    def check(self, change: RepositoryChange) -> Iterator[Observation]:
        yield Finding(message="is gone", path="x", model="churn", version="1.4.0")


def test_a_finding_about_the_repository_is_waived_for_the_version_it_names() -> None:
    repository = Repository(MemorySnapshot(SPOTLESS))
    change = RepositoryChange(repository, Skip("none"), environment=PRODUCTION, today=date(2026, 11, 20))
    rules = [ActiveRule(Vanishes(), "error")]
    assert judge_repository(rules, change, (waiver(rule="vanishes"),)).findings[0].waiver
    assert not judge_repository(rules, change, (waiver(rule="vanishes", version="1.3.0"),)).findings[0].waiver


def test_what_is_about_the_repository_alone_has_no_model() -> None:
    class SaysMore(RepositoryRule, code="TST018"):
        """Speaks of the repository alone."""

        def check(self, change: RepositoryChange) -> Iterator[Observation]:
            yield Finding(message="is odd", path="x")
            yield Comparison(
                benchmark="b", type="roc_auc", deployed=0.5, candidate=0.5, delta=0.0, limit=None, outcome="pass"
            )

    repository = Repository(MemorySnapshot(SPOTLESS))
    change = RepositoryChange(repository, Skip("none"), environment=PRODUCTION, today=date(2026, 11, 20))
    judgement = judge_repository([ActiveRule(SaysMore(), "error")], change)
    assert [(f.rule, f.model, len(f.fingerprint)) for f in judgement.findings] == [("TST018", None, 16)]
    assert [each.model for each in judgement.comparisons] == [""]


def test_rules_about_models_and_about_the_repository_run_apart() -> None:
    repository = Repository(MemorySnapshot(SPOTLESS))
    change = RepositoryChange(repository, Skip("none"), environment=PRODUCTION, today=date(2026, 11, 20))
    rules = [ActiveRule(Tells(), "error"), ActiveRule(Vanishes(), "error")]
    assert [f.rule for f in judge(rules, change_of(SPOTLESS)).findings] == ["TST001"]
    judgement = judge_repository(rules, change)
    assert [f.rule for f in judgement.findings] == ["TST010"]
    assert (judgement.model, judgement.version) == ("", "")
