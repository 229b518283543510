"""Models asked elsewhere: what travels, what comes back, and that nothing is left where a worker was killed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from snitch.evaluating import errands
from snitch.evaluating.errands import Errand, asked_ahead, errand_of, run
from snitch.evaluating.model_process import Answers, Environment, Failed, Request
from tests.evaluating.measured import HERE, SHIPPED, Scene, answers, examples, subject_of, unmeasured, whole
from tests.measuring.tables import parquet as table


@pytest.fixture
def errand(scene: Scene) -> Errand:
    return errand_of(subject_of(unmeasured(whole())), scene.means)


def test_the_files_travel_and_no_label(errand: Errand) -> None:
    assert errand.weights == {"model.skops": SHIPPED.content}
    assert "churned" not in errand.request.features.columns
    assert errand.packages == {"numpy": "2.1.0", "scikit-learn": "1.9.0"}, "those that the interpreter has"


def test_a_worker_lays_the_files_out_and_answers(scene: Scene, errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: Request, **_: object) -> Answers:
        assert Path(request.weights["model.skops"]).read_bytes() == SHIPPED.content
        return scene._answer(request)

    monkeypatch.setattr(errands, "environment_of", lambda _: HERE)
    monkeypatch.setattr(errands, "answer", answer)
    found = run(errand)
    assert isinstance(found, Answers)
    assert found.content == table(answers(examples())[["score"]])


def test_a_worker_of_other_versions_does_not_answer(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "environment_of", lambda _: HERE)
    found = run(replace(errand, packages={"numpy": "1.0"}))
    assert isinstance(found, Failed)
    assert found.reason == "the worker has numpy 2.1.0; here it is 1.0"


def test_an_interpreter_that_was_made_of_wheels_is_not_asked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It travels as it is known; a machine that has not got it says so."""
    made = replace(HERE, is_made=True)
    errand = errand_of(subject_of(unmeasured(whole())), replace(scene.means, environment=made))
    used: list[Environment] = []

    def answer(request: Request, *, environment: Environment, **_: object) -> Answers:
        used.append(environment)
        return scene._answer(request)

    monkeypatch.delattr(errands, "environment_of")
    monkeypatch.setattr(errands, "answer", answer)
    assert isinstance(run(errand), Answers)
    assert used == [made]
    found = run(replace(errand, made=replace(made, executable=str(tmp_path / "python"))))
    assert isinstance(found, Failed)
    assert "is not on the worker's machine" in found.reason


def test_what_a_killed_worker_leaves_is_removed(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Path] = []

    def killed(_: object, tasks: Iterable[Errand]) -> None:
        for task in tasks:
            with errands._temporary_files_in(task.folder):
                left.append(Path(tempfile.mkdtemp()))
            raise KeyboardInterrupt

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(errands, "each", killed)
    with pytest.raises(KeyboardInterrupt):
        asked_ahead([(subject_of(unmeasured(whole())), scene.means)], is_here=True)
    assert len(left) == 1
    assert list((tmp_path / "temporary").iterdir()) == []
