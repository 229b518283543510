"""What a model that was measured again is known by."""

from __future__ import annotations

import pytest

from snitch.model import Model
from snitch.model_files import answering_digest, answering_files, named_beside
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, edit

PREDICT, SHARED = f"{FOLDER}/predict.py", "requirements/base.txt"
BESIDE = {
    **edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt", "dependencies: ../../requirements/churn.txt"),
    "requirements/churn.txt": "-r base.txt\n",
    SHARED: "scikit-learn==1.9.0\n",
    PREDICT: "print(1)\n",
}


def model(files: Files, folder: str = FOLDER, **more: dict[str, int]) -> Model:
    return Model(Repository(MemorySnapshot(files, modes=more.get("modes"))), folder)


def test_card_changelog_and_evaluations_decide_no_answer() -> None:
    names = [path.removeprefix(f"{FOLDER}/") for path in answering_files(model(BESIDE))]
    assert "predict.py" in names
    assert not {"README.md", "CHANGELOG.md"} & set(names)
    assert not [name for name in names if name.startswith("evaluations/")]
    for path in (f"{FOLDER}/README.md", f"{FOLDER}/CHANGELOG.md", EVALUATION):
        assert answering_digest(model({**BESIDE, path: "other"})) == answering_digest(model(BESIDE))


@pytest.mark.parametrize("path", [PREDICT, MANIFEST, SHARED, "requirements/churn.txt", f"{FOLDER}/more.py"])
def test_every_other_file_is_part_of_the_model(path: str) -> None:
    other = {**BESIDE, path: str(BESIDE.get(path, "")) + "\n"}
    assert answering_digest(model(other)) != answering_digest(model(BESIDE))


def test_so_is_whether_a_file_runs() -> None:
    assert answering_digest(model(BESIDE, modes={PREDICT: 0o100755})) != answering_digest(model(BESIDE))


def test_what_others_do_is_no_matter() -> None:
    assert named_beside(model(BESIDE)) == ("../../requirements/churn.txt", "../../requirements/base.txt")
    assert answering_digest(model({**BESIDE, "models/other/predict.py": "x"})) == answering_digest(model(BESIDE))


def test_nor_is_where_the_folder_lies() -> None:
    moved = {path.replace(FOLDER, "models/moved"): content for path, content in SPOTLESS.items()}
    assert answering_digest(model(moved, "models/moved")) == answering_digest(model(SPOTLESS))
