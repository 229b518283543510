"""Which files a repository holds: manifests, the files that they name, and names that are one's own."""

from __future__ import annotations

import pytest
from snitch.rules.layout import DuplicateName, MissingFile, MissingManifest

from snitch.change import Catalogue
from snitch.engine import ActiveRule, judge_repository
from snitch.finding import Finding, Skip
from snitch.model import Model
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.rule import AnyRule
from snitch.snapshot import MemorySnapshot, Mode
from tests.judging import (
    FOLDER,
    MANIFEST,
    PRODUCTION,
    SPOTLESS,
    TODAY,
    WEIGHTS,
    Files,
    edit,
    findings,
    repository_findings,
    without,
)  # fmt: skip

POINTER = write_pointer(WEIGHTS, 7)


def test_codes_names_and_severities() -> None:
    rules: list[type[AnyRule]] = [MissingManifest, MissingFile, DuplicateName]
    assert [(rule.code, rule.name, rule.severity) for rule in rules] == [
        ("MET001", "missing-manifest", ("error", "error")),
        ("MET007", "missing-file", ("error", "error")),
        ("MET009", "duplicate-name", ("error", "error")),
    ]


class TestMissingManifest:
    def orphans(self, files: Files, exclude: tuple[str, ...] = ()) -> list[Finding]:
        repository = Repository(MemorySnapshot(files), exclude)
        change = RepositoryChange(
            repository, Skip("first release"), environment=PRODUCTION, today=TODAY, changed=frozenset()
        )
        return list(judge_repository([ActiveRule(MissingManifest(), "error")], change).findings)

    def test_spotless(self) -> None:
        assert self.orphans(SPOTLESS) == []

    def test_a_folder_without_a_manifest_is_told_once_even_where_nothing_changed(self) -> None:
        (finding,) = self.orphans(without(SPOTLESS, MANIFEST))
        assert finding.path == f"{FOLDER}/evaluations/churn-holdout.json"
        assert finding.message == (
            f"{FOLDER}/evaluations/churn-holdout.json and {FOLDER}/model.skops belong to no model: "
            "no `model.yaml` lies beside or above"
        )
        assert finding.help == f"write {FOLDER}/model.yaml, or add `{FOLDER}/` to `exclude` in snitch.yaml"

    @pytest.mark.parametrize(
        "path",
        ["a/m.pkl", "a/M.PKL", "a/b/c/m.safetensors", "m.onnx", "a/evaluations/x.json", "evaluations/x.json",
         "benchmarks2/m.pt", "models/fraud/sub/m.ubj"],
    )  # fmt: skip
    def test_what_needs_a_manifest(self, path: str) -> None:
        (finding,) = self.orphans({**SPOTLESS, path: POINTER})
        assert finding.path == path

    @pytest.mark.parametrize(
        "path",
        ["benchmarks/x/m.pkl", ".cache/m.pkl", "a/.cache/m.pkl", "a/.m/evaluations/x.json", "sandbox/m.pkl",
         "sandbox/deep/m.pkl", f"{FOLDER}/deep/m.pkl", "a/evaluations/x.parquet", "a/evaluations/deep/x.json",
         "a/x.json", "a/myevaluations/x.json", "a/pkl", "a/m.pkl.txt"],
    )  # fmt: skip
    def test_what_needs_none(self, path: str) -> None:
        assert self.orphans({**SPOTLESS, path: POINTER}, ("sandbox/",)) == []

    def test_a_manifest_at_the_root_owns_all(self) -> None:
        assert self.orphans({"model.yaml": "", "a/b/m.pkl": POINTER}) == []

    def test_one_finding_a_folder_and_a_stable_fingerprint_each(self) -> None:
        found = self.orphans({f"a/m{i}.pkl": POINTER for i in range(5)} | {"b/m.pkl": POINTER})
        assert [finding.path for finding in found] == ["a/m0.pkl", "b/m.pkl"]
        assert "a/m0.pkl, a/m1.pkl, a/m2.pkl and 2 more" in found[0].message
        (again,) = self.orphans({"a/other.pkl": POINTER})
        assert again.fingerprint == found[0].fingerprint != found[1].fingerprint

    def test_three_files_are_all_named(self) -> None:
        (finding,) = self.orphans({f"a/m{i}.pkl": POINTER for i in range(3)})
        assert finding.message.startswith("a/m0.pkl, a/m1.pkl and a/m2.pkl belong")

    def test_a_manifest_of_another_ending_is_named(self) -> None:
        (finding,) = self.orphans({"a/m.pkl": POINTER, "a/model.yml": "name: a\n"})
        assert finding.help == "rename a/model.yml to a/model.yaml"

    @pytest.mark.parametrize(
        ("path", "help_text"),
        [
            ("models/stray.pkl", "move it into its model's folder, or delete it"),
            ("stray.pkl", "move it into its model's folder, or delete it"),
            ("models/evaluations/x.json", "move it into its model's folder, or delete it"),
            ("models/churn2/stray.pkl", "write models/churn2/model.yaml, or add `models/churn2/` to `exclude`"),
            ("models/fraud/deep/stray.pkl", "write models/fraud/deep/model.yaml, or add `models/fraud/deep/`"),
        ],
    )
    def test_no_folder_above_a_model_is_to_be_excluded_or_given_a_manifest(self, path: str, help_text: str) -> None:
        (finding,) = self.orphans({**SPOTLESS, path: POINTER})
        assert finding.help.startswith(help_text)

    def test_several_strays_above_a_model(self) -> None:
        (finding,) = self.orphans({**SPOTLESS, "models/a.pkl": POINTER, "models/b.pkl": POINTER})
        assert finding.help == "move them into their model's folder, or delete them"

    def test_at_the_root_nothing_can_be_excluded(self) -> None:
        (finding,) = self.orphans({"m.pkl": POINTER})
        assert finding.message == "m.pkl belongs to no model: no `model.yaml` lies beside or above"
        assert (finding.help, finding.key) == ("write model.yaml", ".")


class TestMissingFile:
    def test_spotless(self) -> None:
        assert findings(MissingFile(), SPOTLESS) == []

    @pytest.mark.parametrize(
        ("name", "pointer", "column"),
        [
            ("model.skops", "/weights/0", 11),
            ("requirements.txt", "/dependencies", 15),
            ("train.py", "/training/code", 9),
            ("params.yaml", "/training/params", 11),
        ],
    )
    def test_a_named_file_that_is_not_there(self, name: str, pointer: str, column: int) -> None:
        (finding,) = findings(MissingFile(), without(SPOTLESS, f"{FOLDER}/{name}"))
        assert (finding.path, finding.pointer, finding.column) == (MANIFEST, pointer, column)
        assert finding.message == f"{FOLDER}/{name} is not in the tree"

    @pytest.mark.parametrize(
        ("old", "new", "pointer"),
        [
            ("training:\n", "cases: cases.jsonl\ntraining:\n", "/cases"),
            ("rows: 18000", "rows: 18000, profile: profile.json", "/training/data/0/profile"),
            ("[model.skops]", "[model.skops, tokenizer.json]", "/weights/1"),
        ],
    )
    def test_an_optional_file_that_is_named(self, old: str, new: str, pointer: str) -> None:
        (finding,) = findings(MissingFile(), edit(SPOTLESS, MANIFEST, old, new))
        assert finding.pointer == pointer

    def test_arguments_of_predict_are_no_files(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "training:\n", 'predict: [python, predict.py, "{data}", "{out}"]\ntraining:\n')
        assert findings(MissingFile(), files) == []

    def test_one_file_named_twice_is_one_cause(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "code: train.py", "code: model.skops")
        (finding,) = findings(MissingFile(), without(files, f"{FOLDER}/model.skops"))
        assert finding.pointer == "/weights/0"

    def test_a_path_that_leads_out_is_another_rules(self) -> None:
        assert findings(MissingFile(), edit(SPOTLESS, MANIFEST, "code: train.py", "code: ../../../train.py")) == []

    def test_a_file_of_another_folder(self) -> None:
        files = edit(SPOTLESS, MANIFEST, "code: train.py", "code: ../shared/train.py")
        (finding,) = findings(MissingFile(), files)
        assert finding.message == "models/shared/train.py is not in the tree"
        assert findings(MissingFile(), {**files, "models/shared/train.py": ""}) == []

    @pytest.mark.parametrize(
        ("named", "help_text"),
        [
            ("Model.skops", "did you mean model.skops?"),
            ("weights/model.skops", "did you mean model.skops?"),
            ("model.yml", "commit it"),
            ("evaluations", "it is a folder: name the file in it"),
            ("weights.bin", "commit it"),
        ],
    )
    def test_help(self, named: str, help_text: str) -> None:
        (finding,) = findings(MissingFile(), edit(SPOTLESS, MANIFEST, "[model.skops]", f"[{named}]"))
        assert help_text in finding.help

    def test_a_name_of_hundreds_of_letters_is_held_against_none(self) -> None:
        long = "m" * 600
        files = edit(SPOTLESS, MANIFEST, "[model.skops]", f"[{long}.skops]")
        (finding,) = findings(MissingFile(), {**files, f"{FOLDER}/{long}.onnx": POINTER})
        assert finding.help.startswith("commit it")

    def test_help_for_a_model_at_the_root(self) -> None:
        files = {path.removeprefix(f"{FOLDER}/"): content for path, content in SPOTLESS.items()}
        (finding,) = findings(MissingFile(), edit(files, "model.yaml", "[model.skops]", "[Model.skops]"), folder="")
        assert (finding.rule, finding.path, finding.help) == ("MET007", "model.yaml", "did you mean model.skops?")

    def test_the_fingerprint_survives_another_order(self) -> None:
        (one,) = findings(MissingFile(), edit(SPOTLESS, MANIFEST, "[model.skops]", "[model.skops, b.bin]"))
        (two,) = findings(MissingFile(), edit(SPOTLESS, MANIFEST, "[model.skops]", "[b.bin, model.skops]"))
        assert one.pointer != two.pointer
        assert one.fingerprint == two.fingerprint

    def test_a_link_is_in_the_tree(self) -> None:
        assert findings(MissingFile(), SPOTLESS, modes={f"{FOLDER}/train.py": Mode.SYMLINK}) == []

    def test_thousands_of_names_are_told_a_hundred(self) -> None:
        names = ", ".join(f"w{index}.bin" for index in range(5_000))
        assert len(findings(MissingFile(), edit(SPOTLESS, MANIFEST, "[model.skops]", f"[{names}]"))) == 100

    def test_an_invalid_manifest_is_another_rules(self) -> None:
        (finding,) = findings(MissingFile(), edit(SPOTLESS, MANIFEST, "weights: [model.skops]\n", ""))
        assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


class TestDuplicateName:
    COPY = "models/churn-v2"

    def judged(self, folders: tuple[str, ...], *judged: str) -> list[Finding]:
        text = SPOTLESS[MANIFEST]
        repository = Repository(MemorySnapshot({f"{folder}/model.yaml".lstrip("/"): text for folder in folders}))
        change = RepositoryChange(
            repository,
            Skip("first release"),
            environment=PRODUCTION,
            today=TODAY,
            models=tuple(Model(repository, folder) for folder in judged),
            catalogue=Catalogue({"churn": folders, "fraud": ("models/fraud",)}),
        )
        return list(judge_repository([ActiveRule(DuplicateName(), "error")], change).findings)

    def test_spotless(self) -> None:
        assert repository_findings(DuplicateName(), SPOTLESS) == []

    def test_two_models_of_one_name(self) -> None:
        copy = {path.replace(FOLDER, self.COPY): content for path, content in SPOTLESS.items()}
        (finding,) = repository_findings(DuplicateName(), {**SPOTLESS, **copy})
        assert (finding.path, finding.pointer, finding.line, finding.column) == (
            f"{self.COPY}/model.yaml",
            "/name",
            1,
            7,
        )
        assert finding.message == f"{MANIFEST} is also called `churn`"
        assert finding.model == "churn"

    @pytest.mark.parametrize(
        ("folders", "judged", "told"),
        [
            (("a", "b"), (), ["b"]),
            (("a", "b"), ("a", "b"), ["b"]),
            (("a", "b"), ("a",), ["a"]),
            (("a", "b"), ("b",), ["b"]),
            (("a", "b"), ("c",), ["b"]),
            (("a", "b", "c"), ("a", "c"), ["a", "c"]),
            (("a", "b", "c"), (), ["b", "c"]),
            (("a", "b", "c"), ("a", "b", "c"), ["b", "c"]),
            (("a",), ("a",), []),
        ],
    )
    def test_it_is_told_where_it_was_made(
        self, folders: tuple[str, ...], judged: tuple[str, ...], told: list[str]
    ) -> None:
        found = self.judged(folders, *judged)
        assert [finding.path for finding in found] == [f"{folder}/model.yaml" for folder in told]

    @pytest.mark.parametrize(("readable", "told"), [((), []), (("a",), []), (("a", "c"), ["c"])])
    def test_only_those_of_the_name_whose_manifests_bear_it_when_read(
        self, readable: tuple[str, ...], told: list[str]
    ) -> None:
        text = str(SPOTLESS[MANIFEST])
        manifests = {f"{each}/model.yaml": text if each in readable else f"{text}\tbroken" for each in "abc"}
        found = repository_findings(DuplicateName(), manifests, catalogue=Catalogue({"churn": ("a", "b", "c")}))
        assert [finding.path for finding in found] == [f"{each}/model.yaml" for each in told]

    def test_the_others_are_named(self) -> None:
        (finding,) = self.judged(("a", "", "c"), "c")
        assert finding.message == "a/model.yaml and model.yaml are also called `churn`"
        assert (finding.path, finding.pointer, finding.line, finding.column) == ("c/model.yaml", "/name", 1, 7)

    def test_no_manifest_is_read_where_names_differ(self) -> None:
        class Unread(MemorySnapshot):
            def __getitem__(self, path: str) -> bytes:
                raise AssertionError(f"{path} was read")

        repository = Repository(Unread({"a/model.yaml": "", "b/model.yaml": ""}))
        catalogue = Catalogue({"one": ("a",), "two": ("b",)})
        change = RepositoryChange(
            repository, Skip("first release"), environment=PRODUCTION, today=TODAY, catalogue=catalogue
        )
        assert list(DuplicateName().check(change)) == []
