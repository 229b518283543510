"""The policy: what its layers come to, and what makes it mean nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.policy.layers import InvalidPolicy
from snitch.policy.policy import Policy
from snitch.policy.reading import has_policy, misnamed_policy, read_policy
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot, Mode, UnreadableFile
from snitch.source import Source

FOLDERS = ["models/churn", "models/fraud-cards", "models/fraud-loans"]
MODELS = Repository(MemorySnapshot({f"{folder}/model.yaml": "" for folder in FOLDERS}))


def policy(text: str | None = None, **files: str) -> Policy:
    named = {name.replace("__", "/").replace("_yaml", ".yaml"): content for name, content in files.items()}
    snapshot = {**named, **({} if text is None else {"snitch.yaml": text})}
    return read_policy(Source(MemorySnapshot(snapshot)), MODELS)


def problems(text: str, **files: str) -> list[tuple[str, int, str]]:
    with pytest.raises(InvalidPolicy) as caught:
        policy(text, **files)
    return [
        (path, problem.span.line if problem.span else 0, problem.message) for path, problem in caught.value.problems
    ]


def severity(found: Policy, rule: str, environment: str = "production", folder: str | None = None) -> str | None:
    code = found.book.find(rule)
    assert code is not None
    return found.settings(found.environment(environment), folder).by_code[code.code].severity


def options(found: Policy, rule: str, environment: str = "production", folder: str | None = None) -> dict[str, object]:
    code = found.book.find(rule)
    assert code is not None
    return found.settings(found.environment(environment), folder).by_code[code.code].options


class TestDefaults:
    def test_without_a_policy_the_preset_recommended_holds(self) -> None:
        found = policy()
        assert found.path == "preset:recommended"
        assert [e.name for e in found.environments] == ["development", "production"]
        assert (found.deployed_branch, found.remote) == ("main", "origin")
        assert (found.exclude, found.waivers, found.placed_waivers, found.retired) == ((), (), (), ())
        assert found.gate.approvers is None
        assert [(e.approvals, e.verify) for e in found.environments] == [(0, False), (0, False)]

    def test_a_policy_is_found_at_its_own_path(self) -> None:
        assert policy("remote: upstream").path == "snitch.yaml"

    def test_who_approves_is_read(self) -> None:
        assert policy("gate: {approvers: [ada]}").gate.approvers == ("ada",)

    def test_each_rule_has_the_severity_of_its_class(self) -> None:
        found = policy()
        for code, rule in found.book.rules.items():
            assert severity(found, code, "development") == rule.severity[0]
            assert severity(found, code, "production") == rule.severity[1]

    def test_strict_makes_every_warning_an_error_and_turns_nothing_on(self) -> None:
        found = policy("extends: strict")
        for code, rule in found.book.rules.items():
            assert severity(found, code) == (None if rule.severity[1] is None else "error")
            assert severity(found, code, "development") == (None if rule.severity[0] is None else "error")


class TestRules:
    def test_off_turns_a_rule_off_and_options_turn_it_on_again(self) -> None:
        found = policy(
            "rules: {gate-edited: off}\noverrides: [{models: [models/churn], rules: {POL001: {}}}]",
        )
        assert severity(found, "POL001") is None
        assert severity(found, "POL001", folder="models/churn") == "error"

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("warning", "warning"),
            ("error", "error"),
            ("off", None),
            ("{severity: warning}", "warning"),
            ("{severity: off}", None),
            ("{severity: off, max_age: 9d}", None),
            ("{max_age: 9d}", "error"),
        ],
    )
    def test_a_severity_alone_or_beside_options(self, value: str, expected: str | None) -> None:
        assert severity(policy(f"rules: {{stale-training-data: {value}}}"), "DAT001") == expected

    def test_options_leave_the_severity_of_a_rule_that_is_on(self) -> None:
        found = policy("rules: {DAT001: error}\noverrides: [{models: ['*'], rules: {DAT001: {max_age: 9d}}}]")
        assert severity(found, "DAT001", "development", "models/churn") == "error"

    def test_a_severity_is_no_option(self) -> None:
        found = policy("rules: {DAT001: {severity: warning, max_age: 9d}}")
        assert options(found, "DAT001") == {"max_age": "9d"}

    def test_the_rules_that_are_on_are_run(self) -> None:
        found = policy("rules: {DAT001: off, REG001: warning}")
        active = {each.rule.code: each.severity for each in found.rules(found.environment("production"), None)}
        assert active.keys() == found.book.rules.keys() - {"DAT001"}
        assert active["REG001"] == "warning"

    def test_options_turn_a_rule_on_at_the_severity_of_the_environment(self) -> None:
        found = policy("rules: {DAT001: off}\noverrides: [{environments: ['development'], rules: {DAT001: {}}}]")
        assert found.book.rules["DAT001"].severity == ("warning", "error")
        assert severity(found, "DAT001", "development") == "warning"

    def test_a_rule_set_by_name_and_by_code_at_once_is_an_error(self) -> None:
        assert problems("rules:\n  gate-edited: off\n  POL001: off") == [
            ("snitch.yaml", 3, "POL001 is set twice here, as `gate-edited` and as `POL001`")
        ]

    @pytest.mark.parametrize("rules", ["gate-edit: off", "{gate-edited: off,\n    POL001: off}"])
    def test_a_problem_with_a_name_is_told_at_the_name(self, rules: str) -> None:
        text = f"rules:\n    {rules}"
        with pytest.raises(InvalidPolicy) as caught:
            policy(text)
        ((_, problem),) = caught.value.problems
        assert problem.span is not None
        assert (problem.span.line, problem.span.column) == (text.count("\n") + 1, 5)

    def test_an_unknown_rule_of_an_override_is_an_error(self) -> None:
        text = "overrides:\n- models: [models/churn]\n  rules:\n    gate-edit: off"
        assert problems(text) == [("snitch.yaml", 4, "there is no rule `gate-edit`")]

    def test_an_option_that_only_the_rule_can_refuse_is_an_error(self) -> None:
        text = "rules:\n  serving-conflict: {constraints: ../serving.txt}"
        ((path, line, message),) = problems(text)
        assert (path, line) == ("snitch.yaml", 2)
        assert message.startswith("serving-conflict: `../serving.txt` is no path inside the repository")

    def test_an_unknown_rule_names_the_nearest(self) -> None:
        with pytest.raises(InvalidPolicy) as caught:
            policy("rules: {gate-edit: off}")
        assert caught.value.problems[0][1].help == "did you mean `gate-edited`?"

    @pytest.mark.parametrize("value", ["of", "true", "1", "[]", "null", "{severity: fatal}"])
    def test_a_setting_of_another_kind_is_an_error(self, value: str) -> None:
        assert len(problems(f"rules: {{gate-edited: {value}}}")) == 1

    def test_an_unknown_option_is_an_error_at_its_key(self) -> None:
        with pytest.raises(InvalidPolicy) as caught:
            policy("rules:\n  gate-edited:\n    maxdrop: 1")
        (path, problem), *rest = caught.value.problems
        assert not rest
        assert problem.span is not None
        assert (path, problem.span.line, problem.message) == ("snitch.yaml", 3, "unknown key `maxdrop`")

    @pytest.mark.parametrize("value", ["error", "{}", "{severity: error}"])
    def test_what_could_not_be_judged_may_be_named(self, value: str) -> None:
        assert severity(policy(f"rules: {{SNT001: {value}}}"), "SNT001") == "error"

    @pytest.mark.parametrize(
        "value", ["error", "{}", "[severity]", "{severity: off}", "{severity: error, max_age: 9d}"]
    )
    def test_every_rule_at_once_takes_a_severity_and_nothing_else(self, value: str) -> None:
        assert problems(f'rules: {{"*": {value}}}') == [("snitch.yaml", 1, '"*" takes a severity and nothing else')]

    @pytest.mark.parametrize("code", ["SNT001", "unreadable-file", "SNT002", "SNT003"])
    @pytest.mark.parametrize("value", ["off", "warning", "{severity: off}", "{severity: warning}"])
    def test_what_could_not_be_judged_cannot_be_silenced(self, code: str, value: str) -> None:
        if policy().book.find(code) is None:
            pytest.fail("the rules about judging are not installed")
        ((_, _, message),) = problems(f"rules: {{{code}: {value}}}")
        assert "can't be turned off" in message


class TestMerging:
    def test_options_merge_key_by_key_and_scalars_replace(self) -> None:
        found = policy(
            "extends: team.yaml\nrules: {metric-below-floor: {metrics: {recall: 0.7, roc_auc: 0.9}}}",
            team_yaml="rules: {metric-below-floor: {metrics: {roc_auc: 0.8, accuracy: 0.6}}}",
        )
        assert options(found, "metric-below-floor") == {"metrics": {"roc_auc": 0.9, "accuracy": 0.6, "recall": 0.7}}

    def test_lists_replace(self) -> None:
        found = policy(
            "extends: team.yaml\nrules: {incomplete-card: {sections: [Limitations]}}",
            team_yaml="rules: {incomplete-card: {sections: [Description, Evaluation]}}",
        )
        assert options(found, "incomplete-card") == {"sections": ["Limitations"]}

    def test_overrides_come_last_and_in_order_and_all_their_selectors_must_match(self) -> None:
        found = policy(
            "rules: {stale-training-data: {max_age: 180d}}\n"
            "overrides:\n"
            "  - {environments: [production], rules: {stale-training-data: {max_age: 90d}}}\n"
            "  - environments: [production]\n"
            "    models: ['models/fraud*']\n"
            "    rules: {stale-training-data: {max_age: 30d}}\n"
        )
        assert options(found, "DAT001", "development", "models/fraud-cards") == {"max_age": "180d"}
        assert options(found, "DAT001", "production", "models/churn") == {"max_age": "90d"}
        assert options(found, "DAT001", "production", "models/fraud-loans") == {"max_age": "30d"}

    def test_an_override_for_models_is_none_for_the_repository(self) -> None:
        found = policy("overrides: [{models: ['*'], rules: {POL001: off}}]")
        assert severity(found, "POL001", folder="models/churn") is None
        assert severity(found, "POL001", folder=None) == "error"

    def test_a_list_of_extended_files_is_merged_left_to_right(self) -> None:
        found = policy(
            "extends: [strict, one.yaml, two.yaml]",
            one_yaml="remote: upstream\nexclude: [a]",
            two_yaml="remote: fork",
        )
        assert (found.remote, found.exclude) == ("fork", ("a",))

    def test_the_place_of_each_option_is_known(self) -> None:
        found = policy("# why\nrules:\n  stale-training-data:\n    max_age: 90d\n")
        setting = found.settings(found.environment("production"), None).by_code["DAT001"]
        assert setting.origins["max_age"].place == "snitch.yaml:4"

    def test_the_place_of_a_severity_is_the_rule_s_own(self) -> None:
        found = policy("rules:\n  stale-training-data:\n    severity: warning\n")
        setting = found.settings(found.environment("production"), None).by_code["DAT001"]
        assert setting.origins["severity"].place == "snitch.yaml:2"

    def test_the_same_rules_written_elsewhere_mean_the_same(self) -> None:
        def meaning(found: Policy) -> object:
            return found.settings(found.environment("production"), None).meaning

        here = meaning(policy("rules: {DAT001: {max_age: 9d}}"))
        assert here == meaning(policy("extends: a.yaml", a_yaml="remote: x\nrules: {DAT001: {max_age: 9d}}"))
        for other in ("rules: {DAT001: {max_age: 8d}}", "rules: {DAT001: {max_age: 9d, severity: warning}}"):
            assert here != meaning(policy(other))


@pytest.mark.parametrize(("rule", "value"), [("DAT001", "180"), ("BEN006", "365")])
def test_a_duration_without_its_unit_is_told_how_to_write_one(rule: str, value: str) -> None:
    ((_, line, message),) = problems(f"rules:\n  {rule}: {{max_age: {value}}}\n")
    duration = "a duration: a whole number and m, h, d or w, such as `90d`"
    assert (line, message) == (2, f"`max_age` must be {duration}, not a number ({value})")


def test_a_merge_conflict_is_told_where_it_begins() -> None:
    text = "remote: x\n<<<<<<< HEAD\nextends: strict\n=======\nextends: recommended\n>>>>>>> topic\n"
    assert problems(text) == [("snitch.yaml", 2, "a merge conflict is left")]


class TestExtends:
    def test_a_file_that_is_not_there(self) -> None:
        assert problems("extends: team.yaml") == [("snitch.yaml", 1, "`team.yaml` is neither a preset nor a file")]

    def test_a_path_that_is_meant_from_the_top(self) -> None:
        told = "`team/b.yaml` is neither a preset nor a file: there is no team/team/b.yaml"
        found = problems("extends: team/a.yaml", team__a_yaml="extends: team/b.yaml", team__b_yaml="remote: x")
        assert found == [("team/a.yaml", 1, told)]

    @pytest.mark.parametrize("path", ["../team.yaml", "/etc/passwd", "a/../../b.yaml", "file://x"])
    def test_a_file_outside_the_repository(self, path: str) -> None:
        ((_, _, message),) = problems(f"extends: '{path}'")
        assert message.endswith("leaves the repository")

    def test_a_circle(self) -> None:
        ((path, _, message),) = problems("extends: a.yaml", a_yaml="extends: snitch.yaml")
        assert (path, message) == ("a.yaml", "`snitch.yaml` extends itself")

    def test_a_file_is_named_from_the_one_that_extends_it(self) -> None:
        found = policy("extends: team/a.yaml", team__a_yaml="extends: b.yaml", team__b_yaml="remote: x")
        assert found.paths == {"snitch.yaml", "team/a.yaml", "team/b.yaml"}

    def test_a_file_that_is_not_in_this_clone_is_no_mistake_of_the_policy(self) -> None:
        class Partial(MemorySnapshot):
            def __getitem__(self, path: str) -> bytes:
                raise UnreadableFile(path, "is not in this clone", absent=True)

        with pytest.raises(UnreadableFile, match="is not in this clone"):
            read_policy(Source(Partial({"snitch.yaml": "remote: x"})))

    def test_a_file_that_vanishes_while_it_is_read(self) -> None:
        class Vanishing(MemorySnapshot):
            def __getitem__(self, path: str) -> bytes:
                raise KeyError(path)

        with pytest.raises(InvalidPolicy, match=r"^snitch.yaml: is not there$"):
            read_policy(Source(Vanishing({"snitch.yaml": "remote: x"})))

    def test_a_preset_is_no_file(self) -> None:
        assert policy("extends: a.yaml", a_yaml="remote: x").paths == {"snitch.yaml", "a.yaml"}

    @pytest.mark.parametrize("shape", ["chain", "list"])
    def test_twenty_files_and_no_more(self, shape: str) -> None:
        def made_of(count: int) -> dict[str, str]:
            names = [f"p{index}" for index in range(count - 1)]
            if shape == "list":
                listed = ", ".join(f"{name}.yaml" for name in names)
                return {"text": f"extends: [{listed}]", **{f"{name}_yaml": "remote: x" for name in names}}
            links = {f"{name}_yaml": f"extends: {after}.yaml" for name, after in pairwise(names)}
            return {"text": "extends: p0.yaml", **links, f"{names[-1]}_yaml": "remote: x"}

        assert policy(**made_of(20)).remote == "x"
        for many in (21, 2000):
            ((_, _, message),) = problems(**made_of(many))
            assert message == "`p19.yaml` is one file too many: a policy has 20 at most"

    def test_a_preset_named_again_and_again(self) -> None:
        assert policy(f"extends: [{', '.join(['recommended'] * 100)}]").layers[-1].document.path == "snitch.yaml"
        for preset, last in (("recommended", 100), ("strict", 50)):
            for many in (last + 1, 5000):
                ((path, line, message),) = problems(f"extends: [{', '.join([preset] * many)}]")
                assert (path, line) == ("snitch.yaml", 1)
                assert message == f"`{preset}` is one layer too many: a policy has 100 at most"
            assert policy(f"extends: [{', '.join([preset] * last)}]")

    def test_an_error_in_an_extended_file_is_told_there(self) -> None:
        ((path, line, _),) = problems("extends: a.yaml", a_yaml="remote: x\nrule: {}")
        assert (path, line) == ("a.yaml", 2)


class TestEnvironments:
    THREE = (
        "environments:\n"
        "  development: {branches: ['*']}\n"
        "  staging: {branches: [staging, 'release/*'], promotes_from: development}\n"
        "  production: {branches: [main], promotes_from: staging, soak: 24h}\n"
    )

    @pytest.mark.parametrize(
        ("branch", "name"),
        [("main", "production"), ("staging", "staging"), ("release/a/b", "staging"), ("feature/x", "development")],
    )
    def test_the_environment_of_a_branch(self, branch: str, name: str) -> None:
        found = policy(self.THREE).environment_of(branch)
        assert found is not None
        assert found.name == name

    def test_a_literal_beats_a_pattern_of_a_higher_environment(self) -> None:
        found = policy(
            "environments: {low: {branches: [release/1]}, high: {branches: ['release/*']}, top: {branches: [main]}}"
        )
        assert found.environment_of("release/1") == found.environment("low")
        assert found.environment_of("release/2") == found.environment("high")
        assert found.environment_of("elsewhere") is None

    def test_the_environment_above(self) -> None:
        found = policy(self.THREE)
        names = [found.above(environment).name for environment in found.environments]
        assert names == ["staging", "production", "production"]

    def test_the_deployed_environment_needs_one_literal_branch(self) -> None:
        for branches in ("['*']", "[main, master]", "['release-?']"):
            text = f"environments: {{production: {{branches: {branches}}}}}"
            ((_, _, message),) = problems(text)
            assert message == "the deployed environment `production` needs one literal branch"

    def test_which_environment_is_deployed(self) -> None:
        assert policy().deployed == "production"
        assert policy(self.THREE.replace("production", "live")).deployed == "live"
        found = policy(f"deployed: staging\n{self.THREE}".replace("staging, 'release/*'", "staging"))
        assert (found.deployed, found.deployed_branch) == ("staging", "staging")

    def test_what_an_environment_asks_for(self) -> None:
        low, _, high = policy(self.THREE).environments
        assert (low.soak, low.promotes_from, low.lowest) == (None, None, True)
        assert (high.soak, high.promotes_from, high.lowest) == (timedelta(hours=24), "staging", False)

    def test_a_deployed_environment_that_is_not_there(self) -> None:
        assert problems("remote: x\ndeployed: prod") == [("snitch.yaml", 2, "there is no environment `prod`")]

    def test_a_deployed_environment_that_is_not_there_is_told_where_it_is_named(self) -> None:
        assert problems("extends: a.yaml", a_yaml="deployed: prod") == [("a.yaml", 1, "there is no environment `prod`")]

    def test_what_is_wrong_with_an_environment_is_told_where_it_is_stated(self) -> None:
        stated = "remote: x\nenvironments:\n  live: {branches: ['*']}"
        assert problems("extends: a.yaml", a_yaml=stated) == [
            ("a.yaml", 3, "the deployed environment `live` needs one literal branch")
        ]

    def test_a_deployed_environment_of_the_defaults_is_told_in_the_policy(self) -> None:
        ((path, _, message),) = problems("deployed: development")
        assert (path, message) == ("snitch.yaml", "the deployed environment `development` needs one literal branch")

    def test_promotion_comes_from_below(self) -> None:
        text = "environments: {a: {branches: ['*'], promotes_from: b}, b: {branches: [main]}}"
        assert problems(text) == [("snitch.yaml", 1, "`b` is no environment below `a`")]

    def test_an_override_of_an_environment_that_is_not_there(self) -> None:
        text = "overrides: [{environments: [prod], rules: {}}]"
        assert problems(text) == [("snitch.yaml", 1, "there is no environment `prod`")]

    def test_an_override_of_a_model_that_is_not_there(self) -> None:
        text = "overrides: [{models: ['models/fraud*', models/chrun], rules: {}}]"
        assert problems(text) == [("snitch.yaml", 1, "no model's folder matches `models/chrun`")]
        source = Source(MemorySnapshot({"snitch.yaml": text}))
        assert read_policy(source, None).layers, "nobody knows which models there are"


@pytest.mark.parametrize(
    ("paths", "misnamed"),
    [((), None), (("snitch.yaml",), None), (("snitch.yml",), "snitch.yml"), (("snitch.yaml", "snitch.yml"), None)],
)
def test_a_policy_by_another_name(paths: tuple[str, ...], misnamed: str | None) -> None:
    source = Source(MemorySnapshot(dict.fromkeys(paths, "remote: x")))
    assert misnamed_policy(source) == misnamed
    assert has_policy(source) is ("snitch.yaml" in paths)


class TestShape:
    """What no part of a policy can be."""

    @pytest.mark.parametrize(
        "text",
        [
            "x: 1",
            "environments: {production: {branches: [main], x: 1}}",
            "gate: {x: 1}",
            "overrides: [{rules: {}, x: 1}]",
            "retired: [{model: churn, reason: r, owner: o, x: 1}]",
            "waivers: [{rule: DAT001, model: churn, version: 1.0.0, reason: r, owner: o, expires: 2026-12-15, x: 1}]",
        ],
        ids=lambda text: text.partition(":")[0],
    )
    def test_an_unknown_key(self, text: str) -> None:
        assert [message for _, _, message in problems(text)] == ["unknown key `x`"]

    @pytest.mark.parametrize(
        "text",
        [
            "environments: {}",
            "environments: {production: {branches: []}}",
            "overrides: [{environments: [], rules: {}}]",
            "overrides: [{models: [], rules: {}}]",
        ],
    )
    def test_an_empty_list_where_one_is_needed(self, text: str) -> None:
        assert len(problems(text)) == 1

    def test_a_policy_that_cannot_be_read(self) -> None:
        snapshot = MemorySnapshot({"snitch.yaml": "rules: {}"}, modes={"snitch.yaml": Mode.SYMLINK})
        with pytest.raises(InvalidPolicy, match=r"^snitch.yaml: .*symbolic link"):
            read_policy(Source(snapshot), MODELS)


class TestVersion:
    @pytest.mark.parametrize("required", [">=0.1", ">=0.1.0", ">=0.0.9,<1", "~=0.1"])
    def test_satisfied(self, required: str) -> None:
        policy(f'required_version: "{required}"')

    @pytest.mark.parametrize("required", [">=0.2", ">=1", "==9.9", "<0.1"])
    def test_not_satisfied(self, required: str) -> None:
        ((_, _, message),) = problems(f'required_version: "{required}"')
        assert message == f"Snitch {required} is required; this is 0.1.0"

    @pytest.mark.parametrize(
        ("version", "required", "satisfied"),
        [
            ("0.1.0", ">=0.1.1", False),
            ("1", ">=1.0.0", True),
            ("1.0", ">=1", True),
            ("1.0.0", ">=1.0", True),
            ("1", ">=1.0.1", False),
            ("1.0.0", ">=1.1", False),
            ("2.0rc1", ">=2", False),
            ("2.0rc1", ">=1,<3", True),
        ],
    )
    def test_another_version_of_snitch(
        self, version: str, required: str, satisfied: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("snitch.policy.validation.__version__", version)
        if satisfied:
            assert policy(f'required_version: "{required}"')
        else:
            ((_, _, message),) = problems(f'required_version: "{required}"')
            assert message == f"Snitch {required} is required; this is {version}"

    def test_no_specifier(self) -> None:
        ((_, _, message),) = problems("required_version: newest")
        assert message == "`newest` is not a version specifier"

    def test_a_problem_with_a_value_is_told_at_the_value(self) -> None:
        with pytest.raises(InvalidPolicy) as caught:
            policy("required_version: newest")
        ((_, problem),) = caught.value.problems
        assert problem.span is not None
        assert (problem.span.line, problem.span.column) == (1, 19)


class TestWaivers:
    GOOD = (
        "waivers: [{rule: metric-regressed, model: churn, version: 1.0.0, reason: yes, owner: a, expires: 2026-12-15}]"
    )

    def test_a_waiver_is_read_with_its_place(self) -> None:
        (placed,) = policy(self.GOOD).placed_waivers
        assert (placed.waiver.limit, placed.pointer, placed.file.path) == (None, "/waivers/0", "snitch.yaml")
        assert policy(self.GOOD).waivers == (placed.waiver,)

    def test_waivers_of_an_extended_file_are_read_with_their_place(self) -> None:
        found = policy("extends: a.yaml", a_yaml=self.GOOD)
        (placed,) = found.placed_waivers
        assert placed.file.path == "a.yaml"
        assert found.waivers == (placed.waiver,)

    def test_a_retirement_is_read(self) -> None:
        found = policy("retired: [{model: churn, reason: replaced, owner: growth-ml@example.com}]")
        assert [(each.model, each.reason) for each in found.retired] == [("churn", "replaced")]
        assert not policy().retired

    def test_no_waivers(self) -> None:
        assert not policy().waivers
        assert not policy().placed_waivers

    def test_a_waiver_of_a_rule_that_is_not_there_is_an_error(self) -> None:
        assert problems(self.GOOD.replace("metric-regressed", "metric-regresed")) == [
            ("snitch.yaml", 1, "there is no rule `metric-regresed`")
        ]

    @pytest.mark.parametrize("code", ["SNT001", "crashed-rule", "POL001", "expired-waiver", "SAF001", "unsafe-pickle"])
    def test_some_rules_cannot_be_waived(self, code: str) -> None:
        ((_, _, message),) = problems(self.GOOD.replace("metric-regressed", code))
        assert message.endswith("can't be waived")

    @pytest.mark.parametrize("key", ["rule", "model", "version", "reason", "owner", "expires"])
    def test_a_waiver_without_one_of_its_parts_is_an_error(self, key: str) -> None:
        text = msgspec.yaml.decode(self.GOOD)["waivers"][0]
        del text[key]
        ((_, _, message),) = problems(f"waivers: [{msgspec.json.encode(text).decode()}]")
        assert message == f"required key `{key}` is missing"

    @pytest.mark.parametrize("expires", ["2026-13-01", "tomorrow", "20261215"])
    def test_a_waiver_until_no_day_is_an_error(self, expires: str) -> None:
        assert len(problems(self.GOOD.replace("2026-12-15", expires))) == 1


@given(st.binary(max_size=300))
def test_no_bytes_make_anything_but_a_policy_or_a_refusal(content: bytes) -> None:
    try:
        found = read_policy(Source(MemorySnapshot({"snitch.yaml": content})), MODELS)
    except InvalidPolicy as refusal:
        assert refusal.problems
    else:
        assert found.environments


_SCALARS = st.sampled_from(
    ["off", "warning", "main", "*", "1d", 1, 0.5, True, None, "churn", "1.0.0", "metric-regressed"]
)
_KEYS = st.sampled_from(
    [
        "extends",
        "rules",
        "overrides",
        "environments",
        "deployed",
        "waivers",
        "retired",
        "gate",
        "exclude",
        "branches",
        "models",
        "metric-regressed",
        "max_drop",
        "metrics",
        "severity",
        "rule",
        "model",
        "*",
        "production",
        "x",
    ]
)
_TREES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4))


@given(st.dictionaries(_KEYS, _TREES, max_size=5))
def test_no_tree_of_known_words_makes_anything_but_a_policy_or_a_refusal(tree: dict[str, object]) -> None:
    try:
        found = read_policy(Source(MemorySnapshot({"snitch.yaml": msgspec.json.encode(tree)})), MODELS)
    except InvalidPolicy as refusal:
        assert refusal.problems
    else:
        for environment in found.environments:
            assert found.rules(environment, "models/churn")
