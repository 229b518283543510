"""The bytes a file stands for: those in Git, or those its pointer names; anything else says why there are none."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from snitch.contents import content_at
from snitch.finding import Broken, Undecidable
from snitch.gate import Gate
from snitch.pointer import write_pointer
from snitch.snapshot import MemorySnapshot, Mode
from snitch.source import Source
from tests.gating.witnesses import gate_of
from tests.lfs.held import Held

CONTENT = b"an evaluation's predictions"
DIGEST = "sha256:" + sha256(CONTENT).hexdigest()
POINTER = write_pointer(DIGEST, len(CONTENT))


def source(content: bytes, local: Path | None = None) -> Source:
    return Source(MemorySnapshot({"a.parquet": content}, local={"a.parquet": str(local)} if local else None))


def test_bytes_in_git_are_themselves() -> None:
    assert content_at(source(CONTENT), "a.parquet") == CONTENT


def test_what_a_pointer_names_is_a_file_on_this_disk(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(CONTENT)
    assert content_at(source(POINTER, tmp_path / "here"), "a.parquet") == str(tmp_path / "here")


def test_other_bytes_than_the_pointers_are_none(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(CONTENT[::-1])
    with pytest.raises(Undecidable, match=r"the bytes of a\.parquet are not here"):
        content_at(source(POINTER, tmp_path / "here"), "a.parquet")


def test_a_malformed_pointer_is_told_by_another_rule() -> None:
    with pytest.raises(Broken) as broken:
        content_at(source(POINTER.replace(b"oid sha256:", b"oid md5:")), "a.parquet")
    assert broken.value.reported_by == "LFS002"


def test_nothing_there_is_told_by_another_rule() -> None:
    with pytest.raises(Broken) as broken:
        content_at(source(CONTENT), "b.parquet")
    assert broken.value.reported_by == "MET007"


def test_a_link_is_not_followed() -> None:
    linked = Source(MemorySnapshot({"a.parquet": b"/etc/passwd"}, modes={"a.parquet": Mode.SYMLINK}))
    with pytest.raises(Broken, match="symbolic link"):
        content_at(linked, "a.parquet")


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (gate_of(weights_server=Held()), "the Git LFS server does not have a.parquet"),
        (gate_of(weights_server=Held(CONTENT)), "the bytes of a.parquet are not here"),
        (gate_of(weights_server=Held(down=True)), "the server is asleep"),
        (gate_of(unfetched={DIGEST: Undecidable("the download broke off")}), "the download broke off"),
    ],
)
def test_in_the_gate_it_says_why_they_are_not_here(gate: Gate, said: str) -> None:
    with pytest.raises((Broken, Undecidable)) as reason:
        content_at(source(POINTER), "a.parquet", gate)
    assert str(reason.value) == said
