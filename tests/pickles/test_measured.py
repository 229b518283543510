"""The files that `bench.pickle_scanners` makes: every trick is told, and nothing that is broken is called clean."""

from __future__ import annotations

from io import BytesIO

from bench.pickle_models import broken_files, models
from bench.pickle_payloads import joblib_bytes, payloads
from snitch.pickles.files import judge_stream


def test_every_trick_is_told() -> None:
    assert [name for name, content in payloads() if not judge_stream(BytesIO(content), name)] == []


def test_what_is_broken_is_told_and_what_is_whole_is_harmless() -> None:
    fitted = models("forest", "xgboost", "lightgbm", "words")
    assert [name for name, content in broken_files() if not judge_stream(BytesIO(content), name)] == []
    for model in fitted.values():
        assert judge_stream(BytesIO(joblib_bytes(model, compress=("zlib", 3))), "model.joblib") == []
