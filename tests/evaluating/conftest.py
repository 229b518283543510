"""A scene for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluating.measured import Scene


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)
