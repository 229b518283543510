"""What every snapshot can be asked."""

from __future__ import annotations

from snitch.snapshot import MemorySnapshot


def test_endings_are_those_of_names_in_letters_of_any_case() -> None:
    files = ("Z.skops", "a.skops/plain", "a/MODEL.YAML", "a/b.SKOPS", "a/é.pkl", "a/model.yaml", "xmodel.yaml", "none")
    snapshot = MemorySnapshot(dict.fromkeys(files, ""))
    assert snapshot.ending(".skops") == ["Z.skops", "a/b.SKOPS"]
    assert snapshot.ending("model.yaml") == ["a/MODEL.YAML", "a/model.yaml", "xmodel.yaml"]
    assert snapshot.ending("model.yaml", ".pkl", ".skops") == [
        "Z.skops", "a/MODEL.YAML", "a/b.SKOPS", "a/model.yaml", "a/é.pkl", "xmodel.yaml",
    ]  # fmt: skip
    assert snapshot.ending(".onnx") == []
