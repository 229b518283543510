"""What the manifest says: valid in shape and sense, somebody who answers for it, a signature."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.metadata import InvalidManifest, MissingOwner, MissingSignature

from snitch.engine import ActiveRule, judge
from snitch.finding import Finding
from snitch.rule import AnyRule
from snitch.snapshot import Mode
from tests.judging import BENCHMARK, FOLDER, MANIFEST, SPOTLESS, Files, change_of, edit, findings, judgement, without

SCHEMA = "schemas/ours.json"
OUTPUTS = "outputs: [{name: probability, type: double, minimum: 0, maximum: 1}]"
PLAN = "{name: plan, type: string, enum: [basic, pro]}"
TENURE = "{name: tenure_months, type: long, minimum: 0}"


def manifest(old: str, new: str) -> Files:
    return edit(SPOTLESS, MANIFEST, old, new)


def one(files: Files) -> Finding:
    (finding,) = findings(InvalidManifest(), files)
    assert (finding.rule, finding.path, finding.outcome) == ("MET002", MANIFEST, "fail")
    return finding


def place(finding: Finding) -> tuple[str, int, int]:
    return finding.pointer, finding.line, finding.column


def test_codes_names_and_severities() -> None:
    rules: list[type[AnyRule]] = [InvalidManifest, MissingOwner, MissingSignature]
    assert [(rule.code, rule.name, rule.severity) for rule in rules] == [
        ("MET002", "invalid-manifest", ("error", "error")),
        ("MET004", "missing-owner", ("warning", "error")),
        ("MET008", "missing-signature", ("warning", "error")),
    ]


class TestShape:
    def test_spotless(self) -> None:
        assert judgement(InvalidManifest(), SPOTLESS).findings == ()

    @pytest.mark.parametrize(
        ("old", "new", "expected", "message"),
        [
            ("name: churn\n", "name: Churn\n", ("/name", 1, 7), "`name` is `Churn`; it must be a name of lower-case"),
            ("version: 1.4.0", "version: 1.4", ("/version", 2, 10), "a semantic version"),
            ("license:", "licence:", ("/licence", 5, 1), "unknown key `licence`"),
            ("task: binary-classification", "task: classification", ("/task", 6, 7), "`task` must be one of"),
            ("[model.skops]", "[]", ("/weights", 9, 10), "`weights` must not be empty"),
            ("threshold: 0.42", "threshold: .nan", ("", 11, 21), "not a finite number"),
            ("seed: 7", "seed: seven", ("/training/seed", 15, 9), "must be a whole number, not a string"),
            ("start: 2026-06-01", "start: June", ("/training/data/0/start", 17, 0), "not a date"),
        ],
    )
    def test_one_thing_wrong(self, old: str, new: str, expected: tuple[str, int, int], message: str) -> None:
        found = findings(InvalidManifest(), manifest(old, new))
        finding = next(each for each in found if message in each.message)
        line = expected[1]
        assert (finding.pointer, finding.line) == (expected[0], line)
        assert expected[2] in (0, finding.column)

    def test_two_causes_are_two_findings(self) -> None:
        files = edit(manifest("version: 1.4.0", "version: one"), MANIFEST, "task: binary", "task: binary-")
        assert sorted(finding.pointer for finding in findings(InvalidManifest(), files)) == ["/task", "/version"]

    def test_a_misspelt_key_names_the_nearest(self) -> None:
        found = findings(InvalidManifest(), manifest("decision_threshold", "decision_treshold"))
        assert [finding.help for finding in found] == ["did you mean `decision_threshold`?"]

    def test_a_misspelt_value_names_the_nearest(self) -> None:
        finding = one(manifest("task: binary-classification", "task: binary-clasification"))
        assert (finding.pointer, finding.help) == ("/task", "did you mean `binary-classification`?")

    def test_a_value_like_none_that_is_known_is_given_no_nearest(self) -> None:
        finding = one(manifest("task: binary-classification", "task: [clustering]"))
        assert (finding.pointer, finding.help) == ("/task", "")

    @pytest.mark.parametrize(
        ("line", "help_text"),
        [
            ("version: 1.4.0\n", "add `version`, a semantic version (SemVer 2), such as `1.4.0`"),
            ("license: apache-2.0\n", "add `license`, a string"),
            ("weights: [model.skops]\n", "add `weights`, a list"),
        ],
    )
    def test_a_missing_key_is_told_with_what_it_holds(self, line: str, help_text: str) -> None:
        assert one(manifest(line, "")).help == help_text

    def test_a_missing_choice_is_told_with_what_may_be_chosen(self) -> None:
        finding = one(manifest("task: binary-classification\n", ""))
        assert finding.help.startswith("add `task`, one of binary-classification, multiclass-classification, ")

    @pytest.mark.parametrize(
        "content", ["", "[]", "a", "{", "a: 1\na: 2\n", "a: !!python/object:os.system {}\n", b"\xff"]
    )
    def test_what_is_no_manifest_at_all(self, content: str | bytes) -> None:
        found = findings(InvalidManifest(), {**SPOTLESS, MANIFEST: content})
        assert found
        assert {finding.rule for finding in found} == {"MET002"}

    def test_a_link_is_the_other_rules(self) -> None:
        active = [ActiveRule(InvalidManifest(), "error"), ActiveRule(MissingOwner(), "error")]
        judged = judge(active, change_of(SPOTLESS, modes={MANIFEST: Mode.SYMLINK}))
        (finding,) = judged.findings
        assert (finding.rule, finding.path, finding.outcome) == ("SNT001", MANIFEST, "fail")
        assert [skipped.rule for skipped in judged.skipped] == ["MET004"]

    def test_a_fingerprint_calls_items_by_their_name(self) -> None:
        before = manifest(TENURE, "{name: tenure_months, type: longish}")
        after = edit(before, MANIFEST, "inputs: [", "inputs: [{name: region, type: string}, ")
        (one,) = findings(InvalidManifest(), before)
        (two,) = findings(InvalidManifest(), after)
        assert (one.pointer, two.pointer) == ("/signature/inputs/0/type", "/signature/inputs/1/type")
        assert one.fingerprint == two.fingerprint

    def test_two_items_wrong_in_one_way_have_two_fingerprints(self) -> None:
        files = edit(manifest("type: long", "type: longish"), MANIFEST, "plan, type: string", "plan, type: longish")
        found = findings(InvalidManifest(), files)
        assert [finding.pointer for finding in found] == ["/signature/inputs/0/type", "/signature/inputs/1/type"]
        assert len({finding.fingerprint for finding in found}) == 2

    def test_inputs_and_outputs_of_one_name_have_two_fingerprints(self) -> None:
        text = str(SPOTLESS[MANIFEST]).split("signature:")[0]
        column = "[{name: a, type: longish}]"
        found = findings(
            InvalidManifest(), {**SPOTLESS, MANIFEST: f"{text}signature: {{inputs: {column}, outputs: {column}}}"}
        )
        assert [finding.pointer for finding in found] == ["/signature/inputs/0/type", "/signature/outputs/0/type"]
        assert len({finding.fingerprint for finding in found}) == 2

    def test_an_item_that_should_be_a_text(self) -> None:
        assert one(manifest("[model.skops]", "[model.skops, [a]]")).pointer == "/weights/1"

    def test_a_name_that_is_none_calls_no_item(self) -> None:
        found = findings(InvalidManifest(), manifest("name: plan, type: string", "name: [plan], type: longish"))
        assert {finding.rule for finding in found} == {"MET002"}
        assert sorted(finding.pointer for finding in found) == ["/signature/inputs/1/name", "/signature/inputs/1/type"]

    def test_a_thousand_causes_are_told_a_hundred(self) -> None:
        keys = "".join(f"key{index}: 1\n" for index in range(1_000))
        assert len(findings(InvalidManifest(), {**SPOTLESS, MANIFEST: str(SPOTLESS[MANIFEST]) + keys})) == 100


class TestTask:
    def test_a_benchmark_of_another_task(self) -> None:
        files = edit(SPOTLESS, BENCHMARK, "task: binary-classification", "task: multiclass-classification")
        finding = one(files)
        assert place(finding) == ("/task", 6, 7)
        assert finding.message == (
            "the model is for binary-classification, and churn-holdout, which names it, is of multiclass-classification"
        )
        assert finding.help == f"mend the task here or in {BENCHMARK}, or take the model out of its `models`"

    @pytest.mark.parametrize(
        ("path", "old", "new"),
        [
            (BENCHMARK, "task: binary-classification", "task: other"),
            (MANIFEST, "task: binary-classification", "task: other"),
        ],
    )
    def test_other_may_be_any(self, path: str, old: str, new: str) -> None:
        files = edit(edit(SPOTLESS, path, old, new), MANIFEST, "decision_threshold: 0.42\n", "")
        assert findings(InvalidManifest(), files) == []

    def test_a_benchmark_of_all_models_means_those_of_its_task(self) -> None:
        files = edit(SPOTLESS, BENCHMARK, "models: [churn]", "all: true")
        assert findings(InvalidManifest(), files) == []
        files = edit(files, BENCHMARK, "task: binary-classification", "task: regression")
        assert findings(InvalidManifest(), files) == []

    def test_a_benchmark_that_is_not_valid_is_told_elsewhere(self) -> None:
        files = edit(SPOTLESS, BENCHMARK, "id: customer_id\n", "")
        [finding] = findings(InvalidManifest(), files)
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")  # BEN009, which would tell, is not run


class TestSense:
    @pytest.mark.parametrize(
        ("old", "new", "expected", "message"),
        [
            ("apache-2.0", "apache", ("/license", 5, 10), "`apache` is neither an SPDX license id nor `proprietary`"),
            ("apache-2.0", "none", ("/license", 5, 10), "`none` is neither"),
            ("[model.skops]", "[/m.skops]", ("/weights/0", 9, 11), "`/m.skops` is not a path in the repository"),
            ("[model.skops]", "[../../../m.skops]", ("/weights/0", 9, 11), "`../../../m.skops` is not a path"),
            ("requirements.txt", "/etc/passwd", ("/dependencies", 10, 15), "`/etc/passwd` is not a path"),
            ("train.py", "https://example.com/t.py", ("/training/code", 13, 9), "not a path"),
            ("params.yaml", "..\\params.yaml", ("/training/params", 14, 11), "not a path"),
            ("rows: 18000", "rows: 1, profile: ../../../p.json", ("/training/data/0/profile", 17, 0), "not a path"),
            ("training:\n", "cases: ../../..\ntraining:\n", ("/cases", 12, 8), "not a path"),
            (
                "[model.skops]",
                "[model.skops, ./model.skops]",
                ("/weights/1", 9, 24),
                f"`{FOLDER}/model.skops` is the second file in `weights` of that name",
            ),
            (
                TENURE,
                "{name: plan, type: long}",
                ("/signature/inputs/1/name", 19, 0),
                "`plan` is the second name in inputs",
            ),
            (
                TENURE,
                "{name: a, type: long, minimum: 2, maximum: 1}",
                ("/signature/inputs/0/minimum", 19, 0),
                "minimum 2 is above the maximum 1",
            ),
            (
                TENURE,
                "{name: a, type: string, minimum: 2}",
                ("/signature/inputs/0/minimum", 19, 0),
                "type string has no minimum",
            ),
            (
                TENURE,
                "{name: a, type: boolean, maximum: 2}",
                ("/signature/inputs/0/maximum", 19, 0),
                "boolean has no maximum",
            ),
            ("enum: [basic, pro]", "enum: []", ("/signature/inputs/1/enum", 19, 0), "allows no value"),
            ("enum: [basic, pro]", "enum: [basic, 2]", ("/signature/inputs/1/enum/1", 19, 0), "`2` is no string"),
            (
                "threshold: 0.42",
                "threshold: 1.0001",
                ("/decision_threshold", 11, 21),
                "no output can reach the `decision_threshold` 1.0001: probability from 0 to 1",
            ),
            ("threshold: 0.42", "threshold: -0.1", ("/decision_threshold", 11, 21), "no output can reach"),
            (
                "task: binary-classification",
                "task: regression",
                ("/decision_threshold", 11, 21),
                "the task regression has none",
            ),
            ("Predicts which subscribers cancel within 30 days.", '" "', ("/description", 3, 14), "must not be empty"),
            ("library_name: scikit-learn", 'library_name: "\\t"', ("/library_name", 7, 15), "must not be empty"),
        ],
    )
    def test_what_cannot_be(self, old: str, new: str, expected: tuple[str, int, int], message: str) -> None:
        finding = one(without(manifest(old, new), BENCHMARK))
        assert message in finding.message
        assert (finding.pointer, finding.line) == expected[:2]
        assert expected[2] in (0, finding.column)
        assert finding.help

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("apache-2.0", "Proprietary"),
            ("apache-2.0", "CC-BY-NC-4.0"),
            ("[model.skops]", "[../../models/churn/model.skops]"),
            ("[model.skops]", "[model.skops, tokenizer/model.skops]"),
            ("threshold: 0.42", "threshold: 0"),
            ("threshold: 0.42", "threshold: 1"),
            (OUTPUTS, "outputs: [{name: score, type: double}]"),
            (OUTPUTS, "outputs: [{name: label, type: string}]"),
            (OUTPUTS, "outputs: [{name: share, type: long, maximum: 0}, {name: score, type: float, minimum: 0.42}]"),
            (TENURE, "{name: a, type: long, minimum: 2, maximum: 2}"),
            (TENURE, "{name: a, type: double, enum: [1, 2.5]}"),
            (TENURE, "{name: a, type: boolean, enum: [true]}"),
            (TENURE, "{name: a, type: integer, enum: [1]}"),
            (TENURE, "{name: a, type: datetime, enum: [2026-01-01]}"),
            (TENURE, "{name: probability, type: double}"),
        ],
    )
    def test_what_can_be(self, old: str, new: str) -> None:
        assert findings(InvalidManifest(), manifest(old, new)) == []

    @pytest.mark.parametrize(
        ("kind", "value"),
        [("boolean", "1"), ("long", "true"), ("long", "1.5"), ("double", "true"), ("double", "a"), ("string", "true")],
    )
    def test_an_enum_of_another_type(self, kind: str, value: str) -> None:
        finding = one(manifest(TENURE, f"{{name: a, type: {kind}, enum: [{value}]}}"))
        assert finding.pointer == "/signature/inputs/0/enum/0"

    def test_a_number_among_strings_is_to_be_quoted(self) -> None:
        assert one(manifest("[basic, pro]", "[basic, 2]")).help.startswith("quote it")
        assert one(manifest(TENURE, "{name: a, type: long, enum: [a]}")).help.startswith("correct the value")

    def test_without_a_signature_a_threshold_may_be_anything(self) -> None:
        text = str(SPOTLESS[MANIFEST]).split("signature:")[0].replace("threshold: 0.42", "threshold: -7")
        assert findings(InvalidManifest(), {**SPOTLESS, MANIFEST: text}) == []

    def test_a_model_at_the_root_may_not_leave_it(self) -> None:
        files = {path.removeprefix(f"{FOLDER}/"): content for path, content in SPOTLESS.items()}
        files = edit(files, "model.yaml", "[model.skops]", "[../model.skops]")
        (finding,) = findings(InvalidManifest(), files, folder="")
        assert finding.pointer == "/weights/0"

    def test_ten_thousand_oddities_are_told_a_hundred(self) -> None:
        values = ", ".join(map(str, range(10_000)))
        assert len(findings(InvalidManifest(), manifest("[basic, pro]", f"[{values}]"))) == 100

    def test_fingerprints_survive_another_order(self) -> None:
        (first,) = findings(InvalidManifest(), manifest("[model.skops]", "[/a, model.skops]"))
        (second,) = findings(InvalidManifest(), manifest("[model.skops]", "[model.skops, /a]"))
        assert first.pointer != second.pointer
        assert first.fingerprint == second.fingerprint


class TestOrganisationsSchema:
    RULE = InvalidManifest(schema=SCHEMA)
    COST: ClassVar[dict[str, Any]] = {
        "type": "object",
        "required": ["cost"],
        "properties": {"cost": {"type": "integer"}},
    }

    def files(self, schema: object, metadata: str | None) -> Files:
        text = str(SPOTLESS[MANIFEST]) + (f"metadata: {metadata}\n" if metadata else "")
        content = schema if isinstance(schema, (str, bytes)) else json.dumps(schema)
        return {**SPOTLESS, MANIFEST: text, SCHEMA: content}

    def test_metadata_that_fits(self) -> None:
        assert findings(self.RULE, self.files(self.COST, "{cost: 3}")) == []

    def test_without_the_option_metadata_is_anything(self) -> None:
        assert findings(InvalidManifest(), self.files(self.COST, "{cost: a}")) == []

    def test_metadata_that_does_not(self) -> None:
        (finding,) = findings(self.RULE, self.files(self.COST, "{cost: a}"))
        assert (finding.rule, *place(finding)) == ("MET002", "/metadata/cost", 21, 18)
        assert finding.message == "`cost` must be a whole number, not a string (a)"
        assert SCHEMA in finding.help

    def test_a_path_may_be_written_in_another_way(self) -> None:
        (finding,) = findings(InvalidManifest(schema=f"./{SCHEMA}"), self.files(self.COST, "{cost: a}"))
        assert (finding.rule, finding.pointer) == ("MET002", "/metadata/cost")

    def test_a_key_that_reads_as_a_number_is_no_place_in_a_list(self) -> None:
        schema = {"type": "object", "properties": {"0": self.COST}}
        (finding,) = findings(self.RULE, self.files(schema, '{"0": {cost: a}}'))
        assert (finding.rule, finding.pointer) == ("MET002", "/metadata/0/cost")

    def test_a_misspelt_key_names_the_nearest(self) -> None:
        (finding,) = findings(
            self.RULE, self.files({**self.COST, "required": [], "additionalProperties": False}, "{csot: 3}")
        )
        assert finding.help == "did you mean `cost`?"

    @pytest.mark.parametrize("metadata", [None, "{}"])
    def test_absent_metadata_lacks_what_is_required(self, metadata: str | None) -> None:
        (finding,) = findings(self.RULE, self.files(self.COST, metadata))
        assert (finding.rule, finding.message) == ("MET002", "required key `cost` is missing")

    @pytest.mark.parametrize(
        ("schema", "why"),
        [
            ("{", "not valid JSON"),
            ([], "a schema is a mapping"),
            ({"type": "strin"}, "not a JSON Schema"),
            ({"$ref": "http://127.0.0.1:9/x.json"}, "not in the file itself"),
            ({"properties": {"cost": {"pattern": "^(a+)+$"}}}, "may take for ever"),
        ],
    )
    def test_a_schema_that_cannot_be_used_decides_nothing(self, schema: object, why: str) -> None:
        (finding,) = findings(self.RULE, self.files(schema, "{cost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}"))
        assert (finding.rule, finding.outcome, finding.path) == ("SNT003", "inconclusive", SCHEMA)
        assert why in finding.message
        assert finding.severity == "error"

    def test_a_schema_that_is_missing_decides_nothing(self) -> None:
        (finding,) = findings(self.RULE, SPOTLESS)
        assert (finding.rule, finding.outcome, finding.path) == ("SNT003", "inconclusive", SCHEMA)
        assert "is not in the tree" in finding.message

    def test_a_schema_that_is_a_link_decides_nothing(self) -> None:
        (finding,) = findings(self.RULE, self.files(self.COST, "{cost: 3}"), modes={SCHEMA: Mode.SYMLINK})
        assert (finding.rule, finding.path) == ("SNT003", SCHEMA)

    def test_what_is_wrong_besides_is_told_all_the_same(self) -> None:
        found = findings(self.RULE, manifest("apache-2.0", "apache"))
        assert [finding.rule for finding in found] == ["MET002", "SNT003"]

    def test_the_schema_is_the_policys_not_the_candidates(self) -> None:
        change = change_of(self.files({}, "{cost: a}"))
        change.policy_files = change_of(self.files(self.COST, None)).repository
        (finding,) = judge([ActiveRule(self.RULE, "error")], change).findings
        assert finding.pointer == "/metadata/cost"

    @pytest.mark.parametrize("path", ["../ours.json", "/etc/ours.json", "https://example.com/ours.json", "a\\b.json"])
    def test_the_option_names_a_path_in_the_repository(self, path: str) -> None:
        with pytest.raises(ValueError, match="path in the repository"):
            InvalidManifest(schema=path)


class TestMissingOwner:
    OWNERS = "owners: [{name: Growth ML, contact: growth-ml@example.com}]"

    def test_spotless(self) -> None:
        assert findings(MissingOwner(), SPOTLESS) == []

    @pytest.mark.parametrize(
        ("owners", "message", "line"),
        [
            ("", "the model has no owner", 1),
            ("owners: []", "the model has no owner", 4),
            ("owners: [{name: Growth ML}]", "no owner has a contact", 4),
            ('owners: [{name: Growth ML, contact: ""}]', "no owner has a contact", 4),
            ('owners: [{name: Growth ML, contact: " "}, {}]', "no owner has a contact", 4),
        ],
    )
    def test_nobody_to_reach(self, owners: str, message: str, line: int) -> None:
        (finding,) = findings(MissingOwner(), manifest(self.OWNERS, owners))
        assert (finding.pointer, finding.message, finding.line, finding.column) == ("/owners", message, line, 1)

    @pytest.mark.parametrize("owners", ["[{contact: a@example.com}]", "[{name: A}, {contact: '#growth'}]"])
    def test_one_contact_is_enough(self, owners: str) -> None:
        assert findings(MissingOwner(), manifest(self.OWNERS, f"owners: {owners}")) == []

    def test_an_invalid_manifest_is_not_also_a_missing_owner(self) -> None:
        files = edit(manifest(self.OWNERS, ""), MANIFEST, "version: 1.4.0", "version: one")
        active = [ActiveRule(InvalidManifest(), "error"), ActiveRule(MissingOwner(), "error")]
        assert [finding.rule for finding in judge(active, change_of(files)).findings] == ["MET002"]


class TestMissingSignature:
    def test_spotless(self) -> None:
        assert findings(MissingSignature(), SPOTLESS) == []

    @pytest.mark.parametrize(
        ("signature", "message", "line"),
        [
            ("", "the model has no signature", 1),
            ("signature: {}", "the signature names no inputs and no outputs", 18),
            ("signature: {inputs: [{name: a, type: long}]}", "the signature names no outputs", 18),
            ("signature: {inputs: [], outputs: [{name: a, type: long}]}", "the signature names no inputs", 18),
        ],
    )
    def test_inputs_or_outputs_are_missing(self, signature: str, message: str, line: int) -> None:
        text = str(SPOTLESS[MANIFEST]).split("signature:")[0] + signature
        (finding,) = findings(MissingSignature(), {**SPOTLESS, MANIFEST: text})
        assert (finding.pointer, finding.message, finding.line, finding.column) == ("/signature", message, line, 1)


LINES = st.sampled_from(str(SPOTLESS[MANIFEST]).splitlines(keepends=True))
PIECES = st.sampled_from(
    ["a", "[", "]", "{", "}", ": ", "\n", "  - ", "'", '"', "#", "&a ", "*a ", "!!x ", "1e999", "0x", "9" * 399, ".inf"]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(st.one_of(LINES, PIECES), max_size=30).map("".join)))
def test_no_manifest_crashes_a_rule(content: bytes | str) -> None:
    active = [
        ActiveRule(rule, "error") for rule in (InvalidManifest(schema=SCHEMA), MissingOwner(), MissingSignature())
    ]
    files = {**SPOTLESS, MANIFEST: content, SCHEMA: "{}"}
    found = judge(active, change_of(files)).findings
    assert not [finding.message for finding in found if finding.rule == "SNT002"]
