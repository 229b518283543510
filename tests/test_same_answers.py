"""What may make two models answer otherwise, told from digests and blob ids."""

from __future__ import annotations

import pytest

from snitch.finding import Broken
from snitch.model import Model
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.same_answers import answering_otherwise
from snitch.snapshot import MemorySnapshot
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, digest, edit, without

PREDICT, SHARED = f"{FOLDER}/predict.py", "requirements/churn.txt"
#: A model with code of its own, some of what it needs beside its folder, and golden cases.
CODED = {
    **edit(
        edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt", "dependencies: ../../requirements/churn.txt"),
        MANIFEST,
        "decision_threshold: 0.42",
        "decision_threshold: 0.42\npredict: [python, predict.py]\ncases: cases.jsonl\n"
        "metadata: {cutoff: 0.4, labels: {old: yes, new: no}}",
    ),
    PREDICT: "print(1)\n",
    SHARED: "scikit-learn==1.9.0\n",
    f"{FOLDER}/cases.jsonl": "{}\n",
}
METADATA = "the prediction code (`metadata` of model.yaml)"


def model(files: Files, folder: str = FOLDER, modes: dict[str, int] | None = None) -> Model:
    return Model(Repository(MemorySnapshot(files, modes=modes)), folder)


def told(candidate: Files, deployed: Files) -> list[str]:
    return [each.what for each in answering_otherwise(model(candidate), model(deployed))]


@pytest.mark.parametrize("files", [SPOTLESS, CODED], ids=["loaded", "own code"])
def test_what_is_said_and_measured_makes_no_other_answers(files: Files) -> None:
    other = edit(edit(files, MANIFEST, "version: 1.4.0", "version: 1.5.0"), MANIFEST, "30 days", "31 days")
    other |= {f"{FOLDER}/README.md": "x", f"{FOLDER}/CHANGELOG.md": "x", EVALUATION: "{}", "models/two/x.py": "x"}
    assert told(other, files) == []


def test_the_code_of_a_model_that_needs_none_is_no_matter() -> None:
    assert told({**SPOTLESS, PREDICT: "1", f"{FOLDER}/train.py": "2"}, SPOTLESS) == []


@pytest.mark.parametrize(
    ("candidate", "deployed", "what"),
    [
        ({**SPOTLESS, f"{FOLDER}/model.skops": write_pointer(digest("x"), 1)}, SPOTLESS, "the weights"),
        (edit(SPOTLESS, MANIFEST, "threshold: 0.42", "threshold: 0.420001"), SPOTLESS, "the decision threshold"),
        (edit(SPOTLESS, MANIFEST, "decision_threshold: 0.42\n", ""), SPOTLESS, "the decision threshold"),
        (edit(SPOTLESS, MANIFEST, "name: tenure_months", "name: tenure"), SPOTLESS, "the inputs"),
        (edit(CODED, MANIFEST, "predict.py]", "predict.py, -v]"), CODED, "the prediction code (`predict`)"),
        (edit(CODED, MANIFEST, "predict: [python, predict.py]\n", ""), CODED, "the prediction code (`predict`)"),
        ({**CODED, PREDICT: "print(0)\n"}, CODED, "the prediction code (predict.py)"),
        ({**CODED, f"{FOLDER}/features.py": ""}, CODED, "the prediction code (features.py)"),
        (without(CODED, f"{FOLDER}/train.py"), CODED, "the prediction code (train.py)"),
        ({**CODED, SHARED: "scikit-learn==1.8.0\n"}, CODED, "the prediction code (../../requirements/churn.txt)"),
        (
            {**SPOTLESS, f"{FOLDER}/requirements.txt": "numpy==2.2.0\nscikit-learn==1.8.0\n"},
            SPOTLESS,
            "the libraries (numpy and 1 more)",
        ),
        (edit(CODED, MANIFEST, "cutoff: 0.4", "cutoff: 0.95"), CODED, "the prediction code (`metadata` of model.yaml)"),
        (
            edit(CODED, MANIFEST, "cutoff: 0.4", 'cutoff: "0.4"'),
            CODED,
            "the prediction code (`metadata` of model.yaml)",
        ),
        (edit(CODED, MANIFEST, "old: yes", 'old: "yes"'), CODED, "the prediction code (`metadata` of model.yaml)"),
        (edit(CODED, MANIFEST, "maximum: 1}", "maximum: 2}"), CODED, "the prediction code (`signature` of model.yaml)"),
        ({**CODED, PREDICT: "", f"{FOLDER}/a.py": ""}, CODED, "the prediction code (a.py and 1 more)"),
    ],
)
def test_what_decides_how_a_model_answers(candidate: Files, deployed: Files, what: str) -> None:
    assert told(candidate, deployed) == [what]


def test_a_manifest_is_what_it_says_to_its_reader() -> None:
    """Neither its layout nor what it tells people; no owner makes another answer, and no release note."""
    other = edit(CODED, MANIFEST, "metadata: {cutoff: 0.4, labels: {old: yes, new: no}}\n", "")
    added = '# why\n"metadata":\n  labels: {"new": no, old: yes}\n  cutoff: 0.4 # by the board\n'
    other = {**other, MANIFEST: f"{added}{other[MANIFEST]!s}\nrelease: {{decision: ship}}\n"}
    other = edit(edit(other, MANIFEST, "name: Growth ML", "name: Growth"), MANIFEST, "apache-2.0", "mit")
    assert told(edit(other, MANIFEST, "version: 1.4.0", "version: 1.4.1"), CODED) == []


def test_of_a_model_that_snitch_loads_the_manifest_is_read_by_nobody_else() -> None:
    other = {**SPOTLESS, MANIFEST: f"{SPOTLESS[MANIFEST]!s}\nmetadata: {{cutoff: 1}}\n"}
    assert told(other, SPOTLESS) == []


def test_the_order_of_the_inputs_is_the_order_of_the_columns() -> None:
    turned = edit(
        SPOTLESS,
        MANIFEST,
        "{name: tenure_months, type: long, minimum: 0}, {name: plan, type: string, enum: [basic, pro]}",
        "{name: plan, type: string, enum: [basic, pro]}, {name: tenure_months, type: long, minimum: 0}",
    )
    assert told(turned, SPOTLESS) == ["the inputs"]


def test_a_file_that_is_run_otherwise_is_another() -> None:
    assert [each.part for each in answering_otherwise(model(CODED, modes={PREDICT: 0o100755}), model(CODED))] == [
        "code"
    ]


def test_golden_cases_are_nothing_that_the_model_sees() -> None:
    assert told({**CODED, f"{FOLDER}/cases.jsonl": "{...}\n"}, CODED) == []


@pytest.mark.parametrize("path", ["./cases.jsonl", "../churn/cases.jsonl", "../cases.jsonl"])
def test_golden_cases_are_told_by_where_they_lie(path: str) -> None:
    """However the manifest writes the path."""
    named = {**edit(CODED, MANIFEST, "cases: cases.jsonl", f"cases: {path}"), "models/cases.jsonl": "{}\n"}
    assert told({**named, f"{FOLDER}/cases.jsonl": "{...}\n", "models/cases.jsonl": "{...}\n"}, named) == (
        ["the prediction code (cases.jsonl)"] if path == "../cases.jsonl" else []
    )


def test_what_is_called_cases_is_not_hidden_by_that() -> None:
    """The manifest's word is the author's: it is held against what the deployed model's says."""
    hidden = {**edit(CODED, MANIFEST, "cases: cases.jsonl", "cases: predict.py"), PREDICT: "print(0)\n"}
    assert told(hidden, CODED) == ["the prediction code (cases.jsonl and 1 more)"]


def test_where_a_folder_lies_is_no_matter() -> None:
    moved = {path.replace(FOLDER, "models/moved"): content for path, content in CODED.items()}
    assert answering_otherwise(model(moved, "models/moved"), model(CODED)) == ()


def test_no_file_is_read_but_manifests_requirements_and_pointers() -> None:
    read = set()

    class Watched(MemorySnapshot):
        def __getitem__(self, path: str) -> bytes:
            read.add(path)
            return super().__getitem__(path)

    sides = [Model(Repository(Watched(files)), FOLDER) for files in (CODED, {**CODED, PREDICT: "print(0)\n"})]
    assert answering_otherwise(*sides)
    assert read == {MANIFEST, f"{FOLDER}/model.skops", SHARED}


def test_deployed_weights_that_cannot_be_told_are_others() -> None:
    assert told(SPOTLESS, without(SPOTLESS, f"{FOLDER}/model.skops")) == ["the weights"]
    with pytest.raises(Broken):
        told(without(SPOTLESS, f"{FOLDER}/model.skops"), SPOTLESS)
