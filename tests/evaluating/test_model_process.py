"""A model's answers from a process of its own, format by format; and what is said where there are none."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numpy.testing import assert_allclose

from snitch.evaluating.model_process import Answers, Environment, Failed, Limits, Request, answer, environment_of
from snitch.evaluating.variables import bare_environment
from tests.evaluating.models import BINARY, MULTICLASS, data, direct, estimator, save, xgboost

pytestmark = pytest.mark.skipif(os.name != "posix", reason="models are run on Linux and macOS")

_ENOUGH = Limits(seconds=120, memory=2 << 30, disk=64 << 20)


def asked(path: Path, task: str = BINARY, **more: Any) -> Request:
    features = data(task)[0]
    features.insert(0, "id", [f"c{row}" for row in range(len(features))])
    positive = "1" if task == BINARY else None
    known: dict[str, Any] = {"features": features, "id": "id", "task": task, "positive": positive, "targets": ("y",)}
    return Request(**{**known, "weights": {path.name: str(path)}, **more})


@pytest.fixture
def ask(scratches: Path, environment: Environment) -> Callable[..., Answers]:
    def ask(request: Request, **options: Any) -> Answers:
        return answer(request, python=sys.executable, environment=environment, **{"limits": _ENOUGH, **options})

    return ask


Ask = Callable[..., Answers]


def frame(answers: Answers) -> Any:
    import pandas as pd

    return pd.read_parquet(io.BytesIO(answers.content))


def test_joblib(ask: Ask, tmp_path: Path) -> None:
    model, features = estimator(BINARY), data(BINARY)[0]
    save(model, tmp_path / "model.joblib")
    told: list[int] = []
    answers = ask(asked(tmp_path / "model.joblib", hidden=(str(tmp_path),)), progress=told.append)
    for name, values in direct(BINARY, model, features).items():
        assert_allclose(frame(answers)[name], values, rtol=1e-12)
    assert not answers.has_ids
    assert told[-1] == 150
    assert set(told) <= {0, 150}  # a slow machine is told once more that the model is at work
    if sys.platform == "linux":
        assert set(answers.isolation.held) == {"network", "files", "memory", "time", "processes"}


def test_onnx_without_namespaces(ask: Ask, tmp_path: Path) -> None:
    model, features = estimator(MULTICLASS), data(MULTICLASS)[0]
    save(model, tmp_path / "model.onnx")
    answers = frame(ask(asked(tmp_path / "model.onnx", MULTICLASS), without=["namespaces"]))
    assert answers["prediction"].tolist() == model.predict(features).tolist()
    for at, name in enumerate(model.classes_):
        assert_allclose(answers[f"score_{name}"], model.predict_proba(features)[:, at], atol=1e-6)


def test_xgboost(ask: Ask, tmp_path: Path) -> None:
    booster, expected = xgboost(BINARY)
    booster.save_model(tmp_path / "model.ubj")
    answers = frame(ask(asked(tmp_path / "model.ubj"), without=["landlock"]))
    assert_allclose(answers["score"], expected["score"], rtol=1e-6)


def test_a_pickle_that_runs_code_gets_nowhere(ask: Ask, tmp_path: Path) -> None:
    target = tmp_path / "forged"
    (tmp_path / "model.pkl").write_bytes(f"cbuiltins\nopen\n(S'{target}'\nS'w'\ntR.".encode())
    with pytest.raises(Failed, match=r"^model\.pkl cannot be loaded: PermissionError: \[Errno 13\] Permission denied"):
        ask(asked(tmp_path / "model.pkl"))
    assert not target.exists()


def test_a_pickle_that_tells_of_another_failure_is_shown_harmless(ask: Ask, tmp_path: Path) -> None:
    code = r"import os; os.write(3, b'failed \x1b[2J ::error::forged\n'); os._exit(1)"
    (tmp_path / "model.pkl").write_bytes(b"cbuiltins\nexec\n(V%s\ntR." % code.encode())
    with pytest.raises(Failed) as caught:
        ask(asked(tmp_path / "model.pkl"))
    assert caught.value.reason == r"\x1b[2J \x3a:error::forged"


def test_weights_that_are_not_one_file(ask: Ask, tmp_path: Path) -> None:
    for weights in ({}, {"a.skops": "a", "b.skops": "b"}):
        with pytest.raises(
            Failed, match=rf"^the model has {len(weights)} weights files: have the manifest's `predict`"
        ):
            ask(asked(tmp_path / "model.skops", weights=weights))


@pytest.mark.parametrize(
    "predict, said",
    [
        (("python", "p.py"), "the manifest's `predict` does not say where the answers go: write `{out}`"),
        (("no-such-program", "{out}"), "the manifest's `predict` runs `no-such-program`, which is not here"),
        (("python", "p.py", "{out}"), "the model's process ended with 2: "),
        (("\x1b[2J", "{out}"), r"the manifest's `predict` runs `\x1b[2J`, which is not here"),
    ],
)
def test_a_command_that_cannot_be_run(predict: tuple[str, ...], said: str, ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(Failed) as caught:
        ask(asked(tmp_path / "model.skops", predict=predict, folder=str(tmp_path)))
    assert caught.value.reason.startswith(said)


def test_a_command_of_another_language_gets_parquet(ask: Ask, tmp_path: Path) -> None:
    answers = ask(asked(tmp_path / "m.bin", predict=("cp", "--", "{data}", "{out}"), folder=str(tmp_path)))
    assert answers.name == "answers.parquet"
    assert answers.has_ids
    assert list(frame(answers).columns) == ["id", "a", "b", "c", "d"]


def test_labels_are_never_handed_over(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^the features hold the label `a`$"):
        ask(asked(tmp_path / "model.skops", targets=("a",)))


def test_an_interpreter_tells_what_is_installed(environment: Environment) -> None:
    from importlib.metadata import version

    assert environment.python == ".".join(map(str, sys.version_info[:3]))
    for name in ("scikit-learn", "pandas", "skops"):
        assert environment.packages[name] == version(name)
    assert all(name == name.lower() and "_" not in name for name in environment.packages)


@pytest.mark.parametrize(
    "python, said",
    [
        ("no-such-python", "the interpreter no-such-python cannot be run: No such file or directory"),
        ("true", "true cannot run a model: it said nothing"),
        ("false", "false cannot run a model: it said nothing"),
    ],
)
def test_what_is_no_interpreter(python: str, said: str) -> None:
    with pytest.raises(Failed) as caught:
        environment_of(python)
    assert caught.value.reason == said


def test_a_child_is_told_nothing_of_this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "PYTHONPATH", "LD_PRELOAD", "https_proxy", "HOME", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret")
    assert set(bare_environment()) <= {"LD_LIBRARY_PATH", "SYSTEMROOT", "PATH", "LANG", "LC_ALL", "TZ"}
