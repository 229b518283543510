"""The card, the changelog, and what a template left behind."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.card import PLACEHOLDERS, IncompleteCard, MissingChangelogEntry, PlaceholderValue

from snitch.engine import ActiveRule, judge
from snitch.finding import Finding
from snitch.rule import AnyRule
from snitch.snapshot import Mode
from tests.judging import FOLDER, MANIFEST, SPOTLESS, Files, change_of, edit, findings, without

CARD = f"{FOLDER}/README.md"
CHANGELOG = f"{FOLDER}/CHANGELOG.md"
DESCRIPTION = "Predicts which subscribers cancel within 30 days."


def place(finding: Finding) -> tuple[str, int, int]:
    return finding.path, finding.line, finding.column


def test_codes_names_and_severities() -> None:
    rules: list[type[AnyRule]] = [PlaceholderValue, MissingChangelogEntry, IncompleteCard]
    assert [(rule.code, rule.name, rule.severity) for rule in rules] == [
        ("MET003", "placeholder-value", ("warning", "error")),
        ("MET005", "missing-changelog-entry", ("warning", "error")),
        ("MET006", "incomplete-card", ("warning", "error")),
    ]


class TestPlaceholderValue:
    def in_description(self, text: str) -> list[Finding]:
        return findings(PlaceholderValue(), edit(SPOTLESS, MANIFEST, DESCRIPTION, text))

    def in_card(self, text: str) -> list[Finding]:
        return findings(PlaceholderValue(), edit(SPOTLESS, CARD, "On the churn holdout.", text))

    def test_spotless(self) -> None:
        assert findings(PlaceholderValue(), SPOTLESS) == []

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("TODO", "TODO"),
            ("todo", "todo"),
            ("Tbd.", "Tbd."),
            ("'???fixme!'", "???fixme!"),
            ("xxx", "xxx"),
            ("placeholder", "placeholder"),
            ("change-me", "change-me"),
            ("CHANGEME", "CHANGEME"),
            ('"TODO: describe the model"', "TODO"),
            ("Predicts churn (TBD)", "TBD"),
            ("Lorem ipsum dolor", "Lorem ipsum"),
            ("Replace  this text by a sentence", "Replace  this text"),
            ("Predicts <your target> by day", "<your target>"),
            ("Set to ChangeMe now", "ChangeMe"),
            ('"\\x54ODO"', "TODO"),
            ('"say TODO\\n"', "TODO"),
            ("TODO write this", "TODO"),
            ('"Description. TODO: describe"', "TODO"),
            ("Description. TODO describe", "TODO"),
            ('"Description TODO: describe"', "TODO"),
            ("Predicts churn (TODO say how)", "TODO"),
            ("The target is TBD.", "TBD"),
            ("The threshold is TBD for now", "TBD"),
            ("Accuracy of XXX on the test set", "XXX"),
            ("Contact TODO for details", "TODO"),
            ("Churn of TBD customers", "TBD"),
            ("Churn TODO(ada) say how", "TODO"),
            ("Churn TODO Say how", "TODO"),
            ("Churn TODO <how>", "TODO"),
            ("Churn - TODO say how", "TODO"),
            ("Counts TODO items. FIXME", "FIXME"),
            ("Churn, TODO", "TODO"),
            ('"Counts TODO items\\nTODO say how"', "TODO"),
            ("see 'TODO", "TODO"),
            ("\"'TODO' say how\"", "TODO"),
            ('"<description>"', "<description>"),
            ('"< what it predicts >"', "< what it predicts >"),
        ],
    )
    def test_a_value_of_the_manifest(self, text: str, told: str) -> None:
        (finding,) = self.in_description(text)
        assert (finding.pointer, *place(finding)) == ("/description", MANIFEST, 3, 14)
        assert finding.message == f"the placeholder `{told}` still stands here"

    @pytest.mark.parametrize(
        "text",
        [
            "Predice todo lo que cambia",
            "Sabe todo.",
            "Method TODOS",
            "XXXL shirts",
            "a_TODO_b",
            "A placeholder in a sentence",
            "Please change me not",
            "Ask yourself, <yours> or theirs",
            "Lorem of ipsum",
            "Counts TODO items in tickets",
            "A TODO item is counted",
            "Tells when a TODO item is done",
            "A 'TODO' is counted",
            "Takes each TODO 2 times",
            "Counts TODO iOS items",
            "Counts TODO-items in tickets",
            "Counts TODO/FIXME comments",
            "Counts TODO, FIXME and XXX comments in code",
            "Sorts the non-TODO tickets, and 12 TODO items, too",
            "Knows the states 'TODO' and 'DONE'",
            "Finds whatever is marked `TODO`.",
            "Finds what is marked “TODO”.",
            "Predicts a < b and c > d",
            '"<ml@example.com>"',
            "Replaces this text",
        ],
    )
    def test_a_value_that_is_meant(self, text: str) -> None:
        assert self.in_description(text) == []

    def test_a_token_of_the_organisations_metadata_is_meant(self) -> None:
        tokens = edit(SPOTLESS, MANIFEST, "license:", 'metadata: {tokens: {pad: "<pad>"}, note: TODO}\nlicense:')
        assert [found.pointer for found in findings(PlaceholderValue(), tokens)] == ["/metadata/note"]

    @pytest.mark.parametrize("text", PLACEHOLDERS)
    def test_each_text_that_templates_write(self, text: str) -> None:
        assert len(self.in_description(f"Hm, {text.title()}!")) == 1
        assert len(self.in_card(f"Hm, {text.title()}!")) == 1

    @pytest.mark.parametrize("name", ["todo", "Todo", "xxx", "placeholder", "TODO count", "n_TODO"])
    def test_a_column_has_the_name_that_it_has(self, name: str) -> None:
        assert findings(PlaceholderValue(), edit(SPOTLESS, MANIFEST, "name: plan, type", f"name: {name}, type")) == []

    @pytest.mark.parametrize("name", ["TODO", "TBD", "FIXME", "XXX", "changeme", "CHANGE_ME", "<column>"])
    def test_a_column_without_a_name(self, name: str) -> None:
        (finding,) = findings(PlaceholderValue(), edit(SPOTLESS, MANIFEST, "name: plan, type", f"name: {name}, type"))
        assert finding.pointer == "/signature/inputs/1/name"

    @pytest.mark.parametrize(
        ("old", "new", "pointer"),
        [
            ("contact: growth-ml@example.com", "contact: TODO", "/owners/0/contact"),
            ("architecture: HistGradientBoostingClassifier", "architecture: tbd", "/architecture"),
            ("{name: plan, type", "{name: changeme, type", "/signature/inputs/1/name"),
            ("training:\n", "metadata: {cost: {centre: todo}}\ntraining:\n", "/metadata/cost/centre"),
            ("training:\n", "predict: [python, TODO.py]\ntraining:\n", "/predict/1"),
        ],
    )
    def test_any_string_of_the_manifest(self, old: str, new: str, pointer: str) -> None:
        (finding,) = findings(PlaceholderValue(), edit(SPOTLESS, MANIFEST, old, new))
        assert (finding.path, finding.pointer) == (MANIFEST, pointer)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("license: apache-2.0", "license: TODO"),
            ("dependencies: requirements.txt", "dependencies: TODO"),
            ("weights: [model.skops]", "weights: [TODO]"),
            ("code: train.py", "code: TODO"),
            ("params: params.yaml", "params: TODO"),
            ("rows: 18000", "rows: 1, profile: TODO"),
            ("training:\n", "cases: TODO\ntraining:\n"),
        ],
    )
    def test_what_another_rule_tells_is_not_told_twice(self, old: str, new: str) -> None:
        assert findings(PlaceholderValue(), edit(SPOTLESS, MANIFEST, old, new)) == []

    def test_the_values_of_an_enum_are_data(self) -> None:
        assert findings(PlaceholderValue(), edit(SPOTLESS, MANIFEST, "[basic, pro]", "[todo, TODO]")) == []

    @pytest.mark.parametrize("path", [CARD, CHANGELOG])
    def test_prose(self, path: str) -> None:
        text = str(SPOTLESS[path])
        (finding,) = findings(PlaceholderValue(), {**SPOTLESS, path: f"{text}\nThis is a TODO, too.\n"})
        assert place(finding) == (path, text.count("\n") + 2, 11)
        assert finding.message == "the placeholder `TODO` still stands here"

    @pytest.mark.parametrize(
        "text", ["todo", "Está todo bien.", "It counts TODO items.", "Set `TODO` there.", "```\n# TODO\n```", "tbd."]
    )
    def test_prose_that_is_meant(self, text: str) -> None:
        assert self.in_card(text) == []

    @pytest.mark.parametrize(
        "text",
        [
            "<!-- TODO -->",
            "- [ ] TODO",
            "- TODO write it",
            "| a | TODO later |",
            "Then: TODO add it",
            "**FIXME**",
            "See <your team's page>.",
            "XXX",
        ],
    )
    def test_prose_left_over(self, text: str) -> None:
        assert len(self.in_card(text)) == 1

    def test_a_text_with_everything_that_a_template_may_leave(self) -> None:
        text = (
            "TODO, TBD, FIXME, XXX, changeme, lorem ipsum, replace this text, <your name>, a placeholder to change \\\\"
        )
        assert len(self.in_card(text)) == 1
        assert len(self.in_description(f'"{text}"')) == 1

    def test_each_line_is_told(self) -> None:
        found = self.in_card("TODO one TODO\nTODO two")
        assert [finding.line for finding in found] == [12, 13]
        assert len({finding.fingerprint for finding in found}) == 2

    def test_the_fingerprint_survives_another_line(self) -> None:
        (one,) = self.in_card("TODO")
        (two,) = self.in_card("\n\nTODO")
        assert (one.line, two.line) == (12, 14)
        assert one.fingerprint == two.fingerprint
        assert one.role == "README.md"

    def test_a_thousand_are_told_a_hundred(self) -> None:
        assert len(self.in_card("TODO\n" * 1_000)) == 100

    def test_without_a_card_or_a_changelog_it_reads_the_manifest(self) -> None:
        files = without(edit(SPOTLESS, MANIFEST, DESCRIPTION, "TODO"), CARD, CHANGELOG)
        assert [(each.rule, each.path) for each in findings(PlaceholderValue(), files)] == [("MET003", MANIFEST)]

    def test_an_invalid_manifest_is_another_rules_but_the_card_is_read(self) -> None:
        files = edit(edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: TODO"), CARD, "# Churn\n", "# TODO\n")
        assert [finding.rule for finding in findings(PlaceholderValue(), files)] == ["MET003", "SNT003"]


class TestMissingChangelogEntry:
    def with_changelog(self, text: str) -> list[Finding]:
        return findings(MissingChangelogEntry(), {**SPOTLESS, CHANGELOG: text})

    def test_spotless(self) -> None:
        assert findings(MissingChangelogEntry(), SPOTLESS) == []

    @pytest.mark.parametrize(
        "heading",
        [
            "## [1.4.0] - 2026-11-02",
            "## [1.4.0]",
            "## 1.4.0",
            "## 1.4.0 - 2026-11-02",
            "### v1.4.0",
            "# 1.4.0 (2026)",
            "## [1.4.0](https://example.com)",
            "## 1.4.0: the summer",
            "## [v1.4.0] [YANKED]",
            "## 1.4.0, at last ##",
        ],
    )
    def test_an_entry(self, heading: str) -> None:
        assert self.with_changelog(f"# Changelog\n{heading}\n- Retrained.\n") == []

    def test_an_underlined_entry(self) -> None:
        assert self.with_changelog("1.4.0 - 2026-11-02\n---\n- Retrained.\n") == []

    @pytest.mark.parametrize(
        ("text", "message", "line"),
        [
            ("", "there is no entry for 1.4.0", 1),
            ("# Changelog\n\n## [Unreleased]\n- x\n", "there is no entry for 1.4.0", 1),
            (
                "# C\n## [Unreleased]\n- x\n## [1.3.2]\n- x\n## 1.3.1\n- x\n",
                "there is no entry for 1.4.0; the newest is 1.3.2",
                4,
            ),
            ("## [11.4.0]\n- x\n", "there is no entry for 1.4.0; the newest is 11.4.0", 1),
            ("## 1.4.01\n- x\n", "there is no entry for 1.4.0; the newest is 1.4.01", 1),
            ("## 1.4.0-rc.1\n- x\n", "there is no entry for 1.4.0; the newest is 1.4.0-rc.1", 1),
            ("## 1.4.0+build\n- x\n", "there is no entry for 1.4.0; the newest is 1.4.0+build", 1),
            ("1.4.0\n\nwas good\n", "there is no entry for 1.4.0", 1),
            ("```\n## 1.4.0\n- x\n```\n", "there is no entry for 1.4.0", 1),
            ("# C\n## 1.4.0\n## 1.3.2\n- x\n", "the entry of 1.4.0 is empty", 2),
            ("# C\n## 1.4.0\n## 1.4.0\n", "the entry of 1.4.0 is empty", 2),
            ("# C\n\n## [1.4.0]\n### Changed\n-\n## 1.3.2\n- x\n", "the entry of 1.4.0 is empty", 3),
            ("## [1.4.0]\n<!-- - x -->\n", "the entry of 1.4.0 is empty", 1),
            ("## [1.4.0]\n\n[1.4.0]: https://example.com\n", "the entry of 1.4.0 is empty", 1),
        ],
    )
    def test_no_entry_or_an_empty_one(self, text: str, message: str, line: int) -> None:
        (finding,) = self.with_changelog(text)
        assert (finding.message, *place(finding)) == (message, CHANGELOG, line, 1)
        assert "## [1.4.0] - YYYY-MM-DD" in finding.help

    def test_of_two_entries_one_must_say_something(self) -> None:
        assert self.with_changelog("## 1.4.0\n## 1.4.0\n- x\n") == []

    def test_there_is_no_changelog(self) -> None:
        (finding,) = findings(MissingChangelogEntry(), without(SPOTLESS, CHANGELOG))
        assert (finding.pointer, *place(finding)) == ("/version", MANIFEST, 2, 10)
        assert finding.message == "there is no CHANGELOG.md to say what 1.4.0 changes"

    def test_a_version_with_everything(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.4.0-rc.1+b.2")
        assert len(findings(MissingChangelogEntry(), files)) == 1
        files = edit(files, CHANGELOG, "[1.4.0]", "[1.4.0-rc.1+b.2]")
        assert findings(MissingChangelogEntry(), files) == []

    def test_a_changelog_beyond_all_measure_decides_nothing(self) -> None:
        (finding,) = self.with_changelog("## 1.4.0\n" + "x" * (1024 * 1024 - 8))
        assert (finding.rule, finding.path, finding.outcome) == ("SNT003", CHANGELOG, "inconclusive")
        assert self.with_changelog("## 1.4.0\n" + "x" * (1024 * 1024 - 9)) == []

    def test_a_linked_changelog_is_unreadable(self) -> None:
        (finding,) = findings(MissingChangelogEntry(), SPOTLESS, modes={CHANGELOG: Mode.SYMLINK})
        assert (finding.rule, finding.path) == ("SNT001", CHANGELOG)

    def test_an_invalid_manifest_has_no_version_to_look_for(self) -> None:
        (finding,) = findings(MissingChangelogEntry(), edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1"))
        assert finding.rule == "SNT003"


class TestIncompleteCard:
    def with_card(self, old: str, new: str, rule: IncompleteCard | None = None) -> list[Finding]:
        return findings(rule or IncompleteCard(), edit(SPOTLESS, CARD, old, new))

    def test_spotless(self) -> None:
        assert findings(IncompleteCard(), SPOTLESS) == []

    def test_the_default_sections(self) -> None:
        found = findings(IncompleteCard(), {**SPOTLESS, CARD: "# Churn\n"})
        assert [finding.message for finding in found] == [
            "the section Description is missing",
            "the section Intended use is missing",
            "the section Limitations is missing",
            "the section Training data is missing",
            "the section Evaluation is missing",
            "the section Ethical considerations is missing",
        ]
        assert {place(finding) for finding in found} == {(CARD, 1, 1)}
        assert len({finding.fingerprint for finding in found}) == 6

    @pytest.mark.parametrize(
        "heading",
        [
            "# LIMITATIONS",
            "###### limitations",
            "## Limitations ##",
            "## **Limitations**",
            "## Limitations:",
            "## 3. Limitations",
            "## 3.1 _Limitations_",
            "\nLimitations\n---",
            "\nLimitations\n===",
            "##   Limitations",
        ],
    )
    def test_headings_of_any_look(self, heading: str) -> None:
        assert self.with_card("## Limitations", heading) == []

    @pytest.mark.parametrize(
        "heading", ["## Limitation", "## Known limitations", "##Limitations", "**Limitations**", "> ## Limitations"]
    )
    def test_other_headings(self, heading: str) -> None:
        (finding,) = self.with_card("## Limitations", heading)
        assert finding.message == "the section Limitations is missing"

    @pytest.mark.parametrize("body", ["", "<!-- to be written -->", "### Known\n### Unknown"])
    def test_an_empty_section(self, body: str) -> None:
        (finding,) = self.with_card("Knows nothing of business customers.", body)
        assert (finding.message, *place(finding)) == ("the section Limitations is empty", CARD, 7, 1)

    def test_the_last_section_may_be_the_empty_one(self) -> None:
        (finding,) = self.with_card("Nobody is refused a service by this score.\n", "")
        assert finding.message == "the section Ethical considerations is empty"

    def test_of_two_empty_sections_the_first_is_told(self) -> None:
        text = "## Limitations\n## Limitations"
        (finding,) = self.with_card("## Limitations\nKnows nothing of business customers.", text)
        assert (finding.message, finding.line) == ("the section Limitations is empty", 7)

    def test_text_in_a_section_below_counts(self) -> None:
        assert self.with_card("Knows nothing", "### Known\nKnows nothing") == []

    def test_missing_and_empty_are_one_cause(self) -> None:
        (missing,) = self.with_card("## Limitations\n", "")
        (empty,) = self.with_card("Knows nothing of business customers.\n", "")
        assert missing.fingerprint == empty.fingerprint

    def test_of_two_sections_one_must_say_something(self) -> None:
        assert self.with_card("## Limitations\n", "## Limitations\n## Limitations\n") == []

    def test_sections_by_option(self) -> None:
        rule = IncompleteCard(sections=("Evaluation", "Costs", "costs"))
        (finding,) = findings(rule, SPOTLESS)
        assert finding.message == "the section Costs is missing"

    def test_no_sections_still_ask_for_a_card(self) -> None:
        rule = IncompleteCard(sections=())
        assert findings(rule, {**SPOTLESS, CARD: ""}) == []
        (finding,) = findings(rule, without(SPOTLESS, CARD))
        assert (finding.rule, finding.help) == ("MET006", "write it that says what the model is")

    @pytest.mark.parametrize("title", ["", " ", "**", ":"])
    def test_a_title_without_a_word(self, title: str) -> None:
        with pytest.raises(ValueError, match="without a word"):
            IncompleteCard(sections=("Evaluation", title))

    def test_there_is_no_card(self) -> None:
        (finding,) = findings(IncompleteCard(), without(SPOTLESS, CARD))
        assert place(finding) == (MANIFEST, 1, 1)
        assert finding.message == f"the model has no card: {CARD} is not there"
        assert "Description, Intended use" in finding.help

    def test_front_matter_is_no_section(self) -> None:
        text = "---\nlicense: mit\n---\n" + str(SPOTLESS[CARD])
        assert findings(IncompleteCard(), {**SPOTLESS, CARD: text}) == []

    def test_a_linked_card_is_unreadable(self) -> None:
        (finding,) = findings(IncompleteCard(), SPOTLESS, modes={CARD: Mode.SYMLINK})
        assert (finding.rule, finding.path) == ("SNT001", CARD)


PROSE = st.lists(
    st.sampled_from(
        [
            "# ",
            "## ",
            "1.4.0",
            "[1.4.0]",
            "Limitations",
            "TODO",
            "\n",
            "---\n",
            "```",
            "<!--",
            "-->",
            "`",
            "- ",
            "<your ",
            ">",
            "\r",
            "\0",
            " ",
            "x",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=100), PROSE), st.one_of(st.binary(max_size=100), PROSE))
def test_no_card_or_changelog_crashes_a_rule(card: bytes | str, changelog: bytes | str) -> None:
    active = [ActiveRule(rule, "error") for rule in (PlaceholderValue(), MissingChangelogEntry(), IncompleteCard())]
    files: Files = {**SPOTLESS, CARD: card, CHANGELOG: changelog}
    found = judge(active, change_of(files)).findings
    assert not [finding.message for finding in found if finding.rule == "SNT002"]
