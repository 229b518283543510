"""Which models a change touches: one too few is judged by nobody."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from snitch.change import Catalogue
from snitch.checking.mentions import Mentions
from snitch.checking.scope import Scope
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.source import Source
from tests.judging import BENCHMARK, SPOTLESS

MODELS = {"models/a/model.yaml": "name: a\n", "models/ab/model.yaml": "name: ab\n", "models/c/model.yaml": "name: c\n"}
CATALOGUE = Catalogue(folders={"a": ("models/a",), "ab": ("models/ab",), "c": ("models/c", "models/d")})
ALL = {"models/a", "models/ab", "models/c"}


def scope(after: Mapping[str, str], before: Mapping[str, str] | None = None) -> Scope:
    """The scope of a change from some files to others, beside three models that stay as they are."""
    candidate = Repository(MemorySnapshot({**MODELS, **after}))
    if before is None:
        return Scope(candidate, None, frozenset({**MODELS, **after}))
    base = Repository(MemorySnapshot({**MODELS, **before}))
    entries, old = candidate.snapshot.entries, base.snapshot.entries
    return Scope(candidate, base, frozenset(path for path in {**entries, **old} if entries.get(path) != old.get(path)))


def benchmark(models: str) -> dict[str, str]:
    return {BENCHMARK: str(SPOTLESS[BENCHMARK]).replace("models: [churn]", models)}


def policy(text: str) -> Policy:
    return read_policy(Source(MemorySnapshot({"snitch.yaml": text})))


class TestManifests:
    def test_a_model_is_new_where_its_manifest_is(self) -> None:
        found = scope({"models/new/model.yaml": "name: new\n", "models/a/train.py": ""}, {})
        assert [found.is_added(folder) for folder in ("models/new", "models/a")] == [True, False]

    def test_a_manifest_that_is_edited_is_neither_new_nor_deleted(self) -> None:
        found = scope({"models/d/model.yaml": "name: e\n"}, {"models/d/model.yaml": "name: d\n"})
        assert not found.is_added("models/d")
        assert found.replaced == ["models/d"]

    def test_every_model_is_new_where_nothing_was_before(self) -> None:
        assert Scope(Repository(MemorySnapshot(MODELS)), None, frozenset()).is_added("models/a")

    def test_a_model_is_replaced_with_its_manifest(self) -> None:
        before = {"models/d/model.yaml": "name: d\n", "models/d/train.py": "", "models/a/train.py": ""}
        assert scope({"models/d/train.py": ""}, before).replaced == ["models/d"]

    @pytest.mark.parametrize("folder", ["benchmarks/b", ".github/example"])
    def test_what_was_no_model_is_not_replaced(self, folder: str) -> None:
        assert scope({}, {f"{folder}/model.yaml": "name: d\n"}).replaced == []


class TestOwners:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("models/a/train.py", {"models/a"}),
            ("models/a/deep/er/.gitattributes", {"models/a"}),
            ("models/a/.gitattributes", {"models/a"}),
            ("models/.gitattributes", ALL),
            (".gitattributes", ALL),
            ("mod/.gitattributes", set()),
            ("models/gitattributes", set()),
            ("README.md", set()),
        ],
    )
    def test_whose_file_it_is(self, path: str, expected: set[str]) -> None:
        found = scope({path: "x"}, {})
        found.add_owners()
        assert found.folders == expected

    def test_who_loses_files_to_a_manifest_further_down(self) -> None:
        found = scope({"models/a/deep/model.yaml": "name: deep\n"}, {})
        found.add_owners()
        assert found.folders == {"models/a", "models/a/deep"}

    def test_who_is_gone_is_not_to_be_judged(self) -> None:
        found = scope({"models/d/train.py": ""}, {"models/d/model.yaml": "name: d\n"})
        found.add_owners()
        assert found.folders == set()

    def test_where_nothing_was_before_all_are_owners(self) -> None:
        found = scope({})
        found.add_owners()
        assert found.folders == ALL


class TestBenchmarks:
    def touched(self, after: Mapping[str, str], before: Mapping[str, str] | None) -> set[str]:
        found = scope(after, before)
        found.add_benchmarks(CATALOGUE)
        return found.folders

    def test_one_that_is_new(self) -> None:
        assert self.touched(benchmark("models: [a]"), {}) == {"models/a"}

    def test_one_that_is_gone(self) -> None:
        assert self.touched({}, benchmark("models: [a]")) == {"models/a"}

    def test_one_that_names_others_than_before(self) -> None:
        assert self.touched(benchmark("models: [ab]"), benchmark("models: [a]")) == {"models/a", "models/ab"}

    def test_one_of_a_model_with_a_copy(self) -> None:
        assert self.touched(benchmark("models: [c, unknown]"), {}) == {"models/c", "models/d"}

    def test_one_for_all(self) -> None:
        assert self.touched(benchmark("all: true"), {}) == ALL

    def test_one_that_is_broken_touches_those_that_it_named_before(self) -> None:
        assert self.touched({BENCHMARK: "name: [\n"}, benchmark("models: [a]")) == {"models/a"}
        assert self.touched({BENCHMARK: "models: [a]\n"}, {}) == set()

    def test_its_data(self) -> None:
        stays = benchmark("models: [a]")
        data = BENCHMARK.replace("benchmark.yaml", "deep/data.csv")
        assert self.touched({**stays, data: "1"}, {**stays, data: "2"}) == {"models/a"}

    def test_a_file_beside_the_benchmarks(self) -> None:
        stays = benchmark("models: [a]")
        assert self.touched({**stays, "benchmarks/README": "1", "docs/churn-holdout/x": ""}, stays) == set()

    @pytest.mark.parametrize("path", ["../../data/d.parquet", '"\\x2e./\\x2e./data/d.parquet"'])
    def test_its_data_elsewhere(self, path: str) -> None:
        stays = {BENCHMARK: benchmark("models: [a]")[BENCHMARK].replace("data.parquet", path)}
        data = "data/d.parquet"
        assert self.touched({**stays, data: "1"}, {**stays, data: "2"}) == {"models/a"}
        assert self.touched({**stays, data: "1", "data/e.parquet": "1"}, {**stays, data: "1"}) == set()

    def test_one_that_stays_broken_touches_none(self) -> None:
        stays = {BENCHMARK: "data: {path: ../../data/d.parquet\n"}
        assert self.touched({**stays, "data/d.parquet": "1"}, stays) == set()

    def test_where_nothing_was_before(self) -> None:
        assert self.touched(benchmark("models: [a]"), None) == {"models/a"}


class TestMentioned:
    def touched(self, path: str, files: Mapping[str, str]) -> set[str]:
        """Of an edit of one file, where every line of the others is searched."""
        found = scope({**files, path: "new"}, {**files, path: "old"})
        lines = [(name, line) for name, text in files.items() for line in text.split("\n")]
        found.add_mentioned(lambda _: Mentions(found.candidate, lines))
        return found.folders

    def test_by_a_model(self) -> None:
        assert self.touched("train.py", {"models/d/model.yaml": "code: ../../train.py"}) == {"models/d"}

    def test_by_requirements_of_requirements(self) -> None:
        files = {
            "models/a/requirements.txt": "-r ../../one/base.txt",
            "one/base.txt": "-r ../two/base.txt\n-r ../one/base.txt",
            "two/base.txt": "-r ../three/x.txt",
        }
        assert self.touched("three/x.txt", files) == {"models/a"}

    def test_a_manifest_names_no_further(self) -> None:
        files = {"models/a/model.yaml": "code: ../../train.py", "models/ab/model.yaml": "code: ../a/model.yaml"}
        assert self.touched("train.py", files) == {"models/a"}

    def test_a_document(self) -> None:
        assert self.touched("docs/why.md", {"models/a/model.yaml": "cases: ../../docs/why.md"}) == {"models/a"}

    def test_by_requirements_of_another_model_that_include_some_of_its_own(self) -> None:
        files = {"models/a/requirements.txt": "-r ../c/a.txt", "models/c/a.txt": "-r deps/b.txt"}
        assert self.touched("models/c/deps/b.txt", files) == {"models/a"}

    def test_an_edit_of_a_models_code_is_none_of_its_requirements(self) -> None:
        files = {"models/a/requirements.txt": "-r ../c/a.txt", "models/c/a.txt": ""}
        assert self.touched("models/c/train.py", files) == set()

    def test_an_edit_of_a_models_requirements_is_none_of_its_code(self) -> None:
        files = {"models/a/model.yaml": "code: ../c/train.py", "models/c/train.py": ""}
        assert self.touched("models/c/requirements.txt", files) == set()


class TestPolicy:
    def touched(self, after: str, before: str, environment: str = "development") -> set[str]:
        found, new = scope({}, {}), policy(after)
        found.add_policy(new, policy(before), new.environment(environment), CATALOGUE)
        return found.folders

    def test_the_same_meaning(self) -> None:
        assert self.touched("# why\nrules: {DAT001: warning}", "rules: {DAT001: warning}") == set()

    def test_what_is_excluded(self) -> None:
        assert self.touched("exclude: [old/]", "exclude: [models/c/, old/]") == ALL

    def test_a_rule(self) -> None:
        assert self.touched("rules: {DAT001: off}", "rules: {DAT001: warning}") == ALL

    def test_a_rule_of_one_model(self) -> None:
        assert self.touched("overrides: [{models: [models/a], rules: {DAT001: off}}]", "remote: x") == {"models/a"}

    def test_a_rule_of_another_environment(self) -> None:
        override = "overrides: [{environments: [production], rules: {DAT001: off}}]"
        assert self.touched(override, "remote: x") == set()
        assert self.touched(override, "remote: x", "production") == ALL

    def test_an_environment_that_is_new(self) -> None:
        environments = "environments: {trial: {branches: ['*']}, production: {branches: [main]}}"
        assert self.touched(environments, "remote: x", "trial") == ALL

    def test_a_waiver_that_comes_or_goes(self) -> None:
        def waivers(*models: str) -> str:
            fields = "rule: DAT001, version: 1.0.0, reason: r, owner: o, expires: 2026-12-15"
            return f"waivers: [{', '.join(f'{{model: {model}, {fields}}}' for model in models)}]"

        assert self.touched(waivers("ab", "a"), waivers("ab")) == {"models/a"}
        assert self.touched(waivers("ab", "unknown"), waivers("c", "ab")) == {"models/c", "models/d"}


class TestPolicyFiles:
    def touched(self, text: str, path: str = "serving.txt", stays: Mapping[str, str] = {}) -> set[str]:
        """By a policy, of an edit of one file."""
        found, stated = scope({**stays, path: "new"}, {**stays, path: "old"}), policy(text)
        found.add_policy_files(stated, stated.environment("production"))
        return found.folders

    @pytest.mark.parametrize("path", ["serving.txt", "./x/../serving.txt"])
    def test_a_file_that_an_option_names(self, path: str) -> None:
        assert self.touched(f"rules: {{serving-conflict: {{constraints: {path}}}}}") == ALL

    def test_a_file_that_an_option_for_one_model_names(self) -> None:
        rules = "rules: {serving-conflict: {constraints: serving.txt}}"
        assert self.touched(f"overrides: [{{models: [models/ab], {rules}}}]") == {"models/ab"}

    def test_a_file_in_a_list_of_an_option(self) -> None:
        assert self.touched("rules: {incomplete-card: {sections: [Use, serving.txt]}}") == ALL

    def test_a_file_that_is_gone(self) -> None:
        found, stated = scope({}, {"serving.txt": ""}), policy("rules: {serving-conflict: {constraints: serving.txt}}")
        found.add_policy_files(stated, stated.environment("production"))
        assert found.folders == ALL

    def test_a_file_that_is_no_requirements_file(self) -> None:
        rules = "rules: {incomplete-card: {sections: [notes.md]}}"
        assert self.touched(rules, "notes.md") == ALL
        assert self.touched(rules, "serving.txt", {"notes.md": "-r serving.txt"}) == set()

    def test_a_requirements_file_that_constraints_include(self) -> None:
        rules = "rules: {serving-conflict: {constraints: Serving.TXT}}"
        assert self.touched(rules, "deps/b.txt", {"Serving.TXT": "-c deps/a.txt", "deps/a.txt": "-r b.txt"}) == ALL
        assert self.touched(rules, "deps/b.txt", {"Serving.TXT": "-c deps/a.txt", "deps/a.txt": ""}) == set()

    def test_another_file(self) -> None:
        assert self.touched("rules: {serving-conflict: {constraints: other.txt}}") == set()
