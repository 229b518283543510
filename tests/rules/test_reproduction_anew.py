"""Records of weights that stay, beside what makes other answers of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.pointer import write_pointer
from tests.judging import EVALUATION, FOLDER, MANIFEST, PRODUCTION, edit, edit_json
from tests.measuring.tables import digest
from tests.rules.attested import attested
from tests.rules.reproduced import Files, entry, judged, repository


@pytest.fixture(scope="module")
def files() -> Files:
    return repository()


def coded(files: Files, code: str = "print(1)\n", version: str = "1.4.0") -> Files:
    """A model with code of its own, of some version."""
    files = edit(files, MANIFEST, "version: 1.4.0\n", f"version: {version}\npredict: [python, predict.py]\n")
    return {**files, f"{FOLDER}/predict.py": code}


def remade(files: Files, version: str) -> Files:
    return edit_json(files, EVALUATION, lambda record: record["model"].update(version=version))


def rethresholded(files: Files, threshold: float) -> Files:
    return edit(files, MANIFEST, "decision_threshold: 0.42", f"decision_threshold: {threshold}")


def test_a_record_from_before_the_code_changed_decides_nothing(files: Files) -> None:
    [found] = judged(coded(files, "print(0)\n", "1.4.1"), deployed=coded(files)).findings
    assert (found.rule, found.outcome, found.path) == ("BEN007", "inconclusive", EVALUATION)
    assert found.message == (
        "nobody knows whether it can be reproduced: the prediction code (predict.py) changed, and the record is still "
        "the deployed model's"
    )
    assert found.help.startswith("raise the version, `snitch evaluate churn`, and commit all that it writes")


def test_one_that_was_made_anew_is_the_authors_word(files: Files) -> None:
    """Code that was only tidied gives the same numbers, which a record of the new version says."""
    judgement = judged(remade(coded(files, "print(0)\n", "1.4.1"), "1.4.1"), deployed=coded(files))
    assert not judgement.findings
    assert judgement.notes == (
        "the evaluations are recomputed from their predictions, not from the weights",
        "the prediction code (predict.py) changed, the weights did not: no job has measured that again, the author has",
    )


def test_where_the_model_answers_as_before_the_record_may_stay(files: Files) -> None:
    other = edit(coded(files, version="1.4.1"), MANIFEST, "30 days", "31 days")
    judgement = judged(other, deployed=coded(files))
    assert not judgement.findings and len(judgement.notes) == 1


def test_a_job_that_measured_it_again_is_believed(files: Files, tmp_path: Path) -> None:
    tidied = coded(files, "print(0)\n", "1.4.1")
    judgement = attested(tmp_path, tidied, entry(tidied), deployed=coded(files), environment=PRODUCTION)
    assert not judgement.findings
    assert judgement.notes == ("the evaluations are reproduced from the weights",)


def test_predictions_have_to_follow_a_new_threshold(files: Files) -> None:
    [found] = judged(rethresholded(files, 0.99), deployed=files).findings
    assert (found.outcome, found.pointer) == ("fail", "/predictions/sha256")
    assert "not what the `decision_threshold` 0.99 gives" in found.message


def test_a_threshold_that_decides_alike_needs_no_other_record(files: Files) -> None:
    assert not judged(rethresholded(files, 0.4200001), deployed=files).findings


@pytest.mark.parametrize("is_dropped", [True, False], ids=["dropped", "declared"])
def test_a_threshold_that_only_one_declares_is_measured_anew(files: Files, is_dropped: bool) -> None:
    """The predictions of the old threshold follow any one, too, as every model has one."""
    without = edit(files, MANIFEST, "decision_threshold: 0.42\n", "")
    candidate, deployed = (without, files) if is_dropped else (files, without)
    [found] = judged(candidate, deployed=deployed).findings
    assert (found.outcome, found.key) == ("inconclusive", "unmeasured")
    assert "the decision threshold changed, and the record is still the deployed model's" in found.message
    assert not judged(remade(candidate, "1.4.1"), deployed=deployed).findings


def test_without_predictions_nobody_knows_what_a_new_threshold_does(files: Files) -> None:
    claimed = edit_json(files, EVALUATION, lambda record: record.pop("predictions"))
    [found] = judged(rethresholded(claimed, 0.99), deployed=claimed).findings
    assert found.outcome == "inconclusive"
    assert "the decision threshold changed, and the record is still the deployed model's" in found.message


def test_of_new_weights_their_own_record_tells(files: Files) -> None:
    older = write_pointer(digest(b"older"), 5)
    deployed = {**coded(files, "print(0)\n"), f"{FOLDER}/model.skops": older}
    judgement = judged(coded(files), deployed=deployed)
    assert not judgement.findings and len(judgement.notes) == 1


REQUIREMENTS = f"{FOLDER}/requirements.txt"


def bumped(files: Files) -> Files:
    """The scene in which the deployed model was measured with what it pins: other pins, the same record."""
    return {**files, REQUIREMENTS: "numpy==2.1.0\nscikit-learn==1.3.0\n"}


def measured_with(files: Files, version: str) -> Files:
    named = {"python": "3.11.7", "packages": {"numpy": "2.1.0", "scikit-learn": version}}
    return edit_json(files, EVALUATION, lambda record: record.update(environment=named))


def test_a_record_from_before_a_library_changed_decides_nothing(files: Files) -> None:
    deployed = measured_with(files, "1.9.0")
    [found] = judged(bumped(deployed), deployed=deployed).findings
    assert (found.outcome, found.key) == ("inconclusive", "libraries")
    assert found.message.endswith("measured with scikit-learn 1.9.0, and the requirements ask for scikit-learn ==1.3.0")
    assert not judged(measured_with(bumped(deployed), "1.3.0"), deployed=deployed).findings


def test_without_an_environment_it_is_still_the_deployed_models(files: Files) -> None:
    [found] = judged(bumped(files), deployed=files).findings
    assert (found.outcome, found.key) == ("inconclusive", "unmeasured")
    assert "the libraries (scikit-learn) changed, and the record is still the deployed model's" in found.message


def test_a_new_record_of_another_library_is_not_of_this_model(files: Files) -> None:
    """A version alone makes none anew, nor do other weights, nor that nothing is deployed yet."""
    other = bumped(measured_with(remade(files, "1.4.1"), "1.9.0"))
    older = {**files, f"{FOLDER}/model.skops": write_pointer(digest(b"older"), 5)}
    for deployed in (measured_with(files, "1.9.0"), older, None):
        [found] = judged(other, deployed=deployed).findings
        assert (found.outcome, found.key) == ("inconclusive", "libraries")


def test_what_is_deployed_with_such_a_record_may_be_described_anew(files: Files) -> None:
    deployed = bumped(measured_with(files, "1.9.0"))
    assert not judged(edit(deployed, MANIFEST, "30 days", "31 days"), deployed=deployed).findings
