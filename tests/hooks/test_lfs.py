"""The hooks beside Git LFS, which filters what is staged and has a push hook of its own."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.hooks.hooked import AHEAD, BROKEN, THEN, TOLD, UNEVALUATED, Models
from tests.judging import DATA, EVALUATION, FOLDER, MANIFEST, SPOTLESS, WEIGHTS

CHANGELOG, OLD, NEW = f"{FOLDER}/CHANGELOG.md", f"{FOLDER}/model.skops", f"{FOLDER}/model.onnx"
ATTRIBUTES = "*.onnx filter=lfs diff=lfs merge=lfs -text\n*.parquet filter=lfs diff=lfs merge=lfs -text\n"
ENTRY = "## [2.0.0] - 2026-11-03\n### Changed\n- Exported to ONNX.\n\n## [1.4.0]"
#: Weights in a format that runs nothing on load.
ONNX = b"\x08\x08" + b"weights of another kind" * 40


def exported() -> dict[str, bytes | str]:
    """The model's next version, whose weights are real bytes in another format."""
    manifest, evaluation = str(SPOTLESS[MANIFEST]), str(SPOTLESS[EVALUATION])
    return {
        ".gitattributes": ATTRIBUTES,
        MANIFEST: manifest.replace("model.skops", "model.onnx").replace("version: 1.4.0", "version: 2.0.0"),
        CHANGELOG: str(SPOTLESS[CHANGELOG]).replace("## [1.4.0]", ENTRY),
        EVALUATION: evaluation.replace("model.skops", "model.onnx")
        .replace(WEIGHTS, "sha256:" + sha256(ONNX).hexdigest())
        .replace('"version": "1.4.0"', '"version": "2.0.0"'),
        NEW: ONNX,
    }


@pytest.fixture
def with_lfs(models: Models) -> Models:
    """Git LFS was here first: its hook stands behind pre-commit's, as `pre-commit install` leaves it."""
    hook = models.path / ".git" / "hooks" / "pre-push"
    aside = hook.read_bytes()
    hook.unlink()
    models.lfs()
    hook.rename(hook.with_name("pre-push.legacy"))
    hook.write_bytes(aside)
    hook.chmod(0o755)
    models.git("config", "lfs.allowincompletepush", "true")
    return models


def test_weights_through_lfs_are_judged_by_their_pointer(with_lfs: Models, tmp_path: Path) -> None:
    remote = with_lfs.remote(tmp_path / "remote.git")
    with_lfs.git("push", "--quiet", "--no-verify", "origin", "main")
    attempt = with_lfs.remove(OLD).write(exported()).stage().try_commit()
    assert attempt.done
    assert attempt.told == []
    assert with_lfs.git("show", f"HEAD:{NEW}").startswith("version https://git-lfs.github.com/spec/v1\noid sha256:")
    attempt = with_lfs.try_push("work")
    assert attempt.done
    assert attempt.told == []
    oid = sha256(ONNX).hexdigest()
    assert (remote.path / "lfs" / "objects" / oid[:2] / oid[2:4] / oid).read_bytes() == ONNX


def test_weights_without_lfs_are_stopped(models: Models) -> None:
    """Where Git LFS is not installed git knows no such filter, and takes the bytes as they are."""
    attempt = models.remove(OLD).write(exported()).stage().try_commit()
    assert not attempt.done
    assert attempt.told == ["error[LFS001]"]


def test_a_broken_model_is_stopped_at_either_moment(with_lfs: Models, tmp_path: Path) -> None:
    with_lfs.remote(tmp_path / "remote.git", "main")
    attempt = with_lfs.write(BROKEN).stage().try_commit()
    assert not attempt.done
    assert attempt.told == TOLD
    with_lfs.unhooked(BROKEN)
    attempt = with_lfs.try_push("work")
    assert not attempt.done
    assert attempt.told == TOLD


def test_what_is_told_at_the_commit_stops_the_push(with_lfs: Models, tmp_path: Path) -> None:
    with_lfs.remote(tmp_path / "remote.git", "main")
    attempt = with_lfs.remove(UNEVALUATED).stage().try_commit()
    assert attempt.done
    assert attempt.told == AHEAD
    attempt = with_lfs.try_push("work")
    assert not attempt.done
    assert attempt.told == THEN


def test_the_data_of_a_benchmark_behind_the_filter(with_lfs: Models) -> None:
    """In the work tree there are bytes, in the index their pointer: the digest that the benchmark states is of both."""
    with_lfs.write({"benchmarks/churn-holdout/data.parquet": b"data"}).stage()
    assert with_lfs.git("status", "--porcelain") == ""
    assert "sha256:" + sha256(b"data").hexdigest() == DATA
    attempt = with_lfs.write({"docs/guide.md": "Read the cards.\n"}).stage().try_commit()
    assert attempt.done
    assert attempt.said == ""
