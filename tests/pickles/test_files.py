"""Weights files as they lie on a disk: containers, compressions, and names that say something else."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer

from snitch.pickles.files import PICKLED, PLAIN, judge_file, judge_stream
from snitch.pickles.scan import scan_pickle
from snitch.pickles.source import Limits
from tests.pickles.crafting import Runs, joblib_bytes

SYSTEM = f"it imports {os.system.__module__}.system, which no honest model needs"
EVIL = pickle.dumps(Runs(os.system, "true"))
LINES = pickle.dumps(Runs(os.system, "true"), 0)


@pytest.fixture(scope="module")
def model() -> Any:
    rng = np.random.default_rng(0)
    return RandomForestClassifier(5, random_state=0).fit(rng.random((50, 4)), np.arange(50) % 2)


def judge(tmp_path: Path, called: str, content: bytes, **options: Any) -> list[str]:
    path = tmp_path / called
    path.write_bytes(content)
    return judge_file(str(path), **options)


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return stream.getvalue()


def npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


OBJECTS = np.array([{"a": 1}, None], dtype=object)
SAFETENSORS = (2).to_bytes(8, "little") + b"{}"

# Pickles


@pytest.mark.parametrize("extension", [".pkl", ".pickle", ".joblib", ".pt", ".bin", ".PKL"])
@pytest.mark.parametrize("content", [EVIL, LINES])
def test_a_pickle_that_runs_a_command_is_told(tmp_path: Path, extension: str, content: bytes) -> None:
    assert judge(tmp_path, "model" + extension, content) == [SYSTEM]


@pytest.mark.parametrize("compress", [0, 3, "zlib", "gzip", "bz2", "lzma", "xz"])
def test_a_model_that_joblib_dumped_is_harmless(tmp_path: Path, model: Any, compress: Any) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump(model, path, compress=compress)
    assert judge_file(str(path)) == []


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "lzma", "xz"])
def test_a_payload_behind_the_arrays_of_a_compressed_model_is_told(tmp_path: Path, model: Any, compress: Any) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump([model, Runs(os.system, "true")], path, compress=compress)
    assert judge_file(str(path)) == [SYSTEM]


PACKERS = [gzip.compress, zlib.compress, bz2.compress, lzma.compress, lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE)]


@pytest.mark.parametrize("pack", PACKERS)
def test_compressed_payloads_are_told(tmp_path: Path, pack: Any) -> None:
    assert judge(tmp_path, "model.pkl", pack(EVIL)) == [SYSTEM]


@pytest.mark.parametrize("pack", PACKERS)
def test_compressed_files_end_where_their_stream_ends(tmp_path: Path, pack: Any) -> None:
    harmless = pack(pickle.dumps([1, 2]))
    assert judge(tmp_path, "model.pkl", harmless) == []
    assert judge(tmp_path, "model.pkl", harmless + EVIL) == ["more bytes follow the compressed ones"]
    assert judge(tmp_path, "model.pkl", harmless + harmless) == ["more bytes follow the compressed ones"]
    assert judge(tmp_path, "model.pkl", harmless[: len(harmless) // 2])
    assert judge(tmp_path, "model.pkl", pack(pack(pickle.dumps([1, 2]))))


@pytest.mark.parametrize("pack", PACKERS)
def test_a_bomb_is_refused_within_two_seconds(tmp_path: Path, pack: Any) -> None:
    bomb = pack(b"\x8e" + (1 << 30).to_bytes(8, "little") + bytes(300 << 20))
    start = time.perf_counter()
    assert judge(tmp_path, "model.pkl", bomb) == ["it inflates to more than 200 times its size"]
    assert time.perf_counter() - start < 2


def test_formats_that_cannot_be_inflated_are_told(tmp_path: Path) -> None:
    for head in (b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd", b"ZF0x12", b"\x89HDF\r\n"):
        assert judge(tmp_path, "model.joblib", head + bytes(100))


# Archives and arrays


def test_an_archive_of_a_payload_is_told(tmp_path: Path) -> None:
    content = archive({"archive/data.pkl": EVIL, "archive/version": b"3"})
    assert judge(tmp_path, "model.pt", content) == [f"archive/data.pkl: {SYSTEM}"]


@pytest.mark.parametrize("name", ["model.skops", "model.npz", "model.pt"])
def test_a_payload_is_found_under_any_name_in_an_archive(tmp_path: Path, name: str) -> None:
    assert judge(tmp_path, name, archive({"schema.json": b"{}", "notes.txt": EVIL})) == [f"notes.txt: {SYSTEM}"]
    assert judge(tmp_path, name, archive({"schema.json": b"{}", "a/x.PKL": LINES})) == [f"a/x.PKL: {SYSTEM}"]


def test_arrays_are_harmless_and_arrays_of_objects_are_the_pickles_that_they_are(tmp_path: Path) -> None:
    structured = np.zeros(2, dtype=[("left", "i4"), ("right", [("x", "f8", (2,))])])
    assert judge(tmp_path, "a.npy", npy(np.arange(3.0))) == []
    assert judge(tmp_path, "a.npy", npy(structured)) == []
    assert judge(tmp_path, "a.npz", npz(a=np.array(["x"]), b=np.array([], "M8[ns]"))) == []
    assert judge(tmp_path, "a.npy", npy(OBJECTS)) == []
    assert judge(tmp_path, "a.npy", npy(np.zeros(2, dtype=[("a", "i4"), ("b", "O")])))  # objects in a structure
    evil = np.array(["a", Runs(os.system, "true")], dtype=object)
    assert judge(tmp_path, "a.npy", npy(evil)) == [SYSTEM]
    assert judge(tmp_path, "a.npz", npz(a=np.arange(3), b=evil)) == [f"b.npy: {SYSTEM}"]
    [told] = judge(tmp_path, "a.npy", npy(OBJECTS) + EVIL)
    assert "more bytes follow its end" in told


@pytest.mark.parametrize(
    "header",
    [b"", b"{", b"[]", b"{'descr': 'f8'}", b"(" * 5000, b"{'descr': 3, 'fortran_order': False, 'shape': ()}", b"\xff"],
)
def test_a_mangled_header_of_an_array_is_told(tmp_path: Path, header: bytes) -> None:
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    assert judge(tmp_path, "a.npy", content)
    assert judge(tmp_path, "a.npy", b"\x93NUMPY\x07\x00" + content[8:])
    assert judge(tmp_path, "a.npz", archive({"a.npy": content}))
    assert judge(tmp_path, "a.npz", archive({"a.npy": header}))


def test_a_pickle_that_is_called_an_array_is_told(tmp_path: Path) -> None:
    assert judge(tmp_path, "a.npy", EVIL) == [SYSTEM]


def tensors(payload: bytes = b"", storage: bytes = b"") -> bytes:
    """The pickle of a dict with a tensor, opcode by opcode as `torch.save` writes it."""
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\nq\x02"
    storage = (
        storage or b"X\x07\0\0\0storageq\x03ctorch\nFloatStorage\nq\x04X\x01\0\0\x000q\x05X\x03\0\0\0cpuq\x06K\x06"
    )
    state = (
        b"((" + storage + b"tq\x07QK\0K\x02K\x03\x86q\x08K\x03K\x01\x86q\x09\x89ccollections\nOrderedDict\nq\x0a)Rq\x0b"
    )
    return b"\x80\x02}q\0X\x01\0\0\0wq\x01" + rebuild + state + b"tq\x0cRq\x0ds" + payload + b"."


def saved(pickled: bytes, **more: bytes) -> bytes:
    """An archive as `torch.save` writes it. The tensor's bytes begin as a pickle does."""
    members = {
        "data.pkl": pickled,
        "byteorder": b"little",
        "data/0": b"\x80\x02" + bytes(22),
        "version": b"3\n",
        **more,
    }
    return archive({f"model/{name}": content for name, content in members.items()}, zipfile.ZIP_STORED)


def test_tensors_that_pytorch_saved_are_harmless(tmp_path: Path) -> None:
    assert judge(tmp_path, "model.pt", saved(tensors())) == []
    run = b"cposix\nsystem\nX\x04\0\0\0true\x85R0"
    assert judge(tmp_path, "model.pt", saved(tensors(run))) == [
        "model/data.pkl: it imports posix.system, which no honest model needs"
    ]


@pytest.mark.parametrize(
    "storage", [b"X\x07\0\0\0storage", b"X\x06\0\0\0modulectorch\nFloatStorage\nX\x01\0\0\x000h\x01K\x06", b"K\x01" * 5]
)
def test_what_lies_beside_a_pickle_and_is_no_storage_is_told(tmp_path: Path, storage: bytes) -> None:
    [told] = judge(tmp_path, "model.pt", saved(tensors(storage=storage)))
    assert "no storage of a tensor" in told


def test_storages_belong_to_archives_of_pytorch(tmp_path: Path) -> None:
    for content in (tensors(), archive({"data.pkl": tensors()}), saved(tensors(), **{"constants.pkl": b"\x80\x02)."})):
        [told] = judge(tmp_path, "model.pt", content)
        assert "persistent ids" in told


def test_a_file_of_an_old_pytorch_is_told_as_such(tmp_path: Path) -> None:
    magic = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    [told] = judge(tmp_path, "model.pt", magic + pickle.dumps(1001, 2) + EVIL)
    assert "PyTorch before 1.6" in told


def test_a_model_that_skops_dumped_is_harmless(tmp_path: Path, model: Any) -> None:
    path = tmp_path / "model.skops"
    skops.io.dump(model, path)
    assert judge_file(str(path)) == []
    skops.io.dump(TfidfVectorizer().fit(["one two", "two three"]), path)
    assert judge_file(str(path)) == []
    skops.io.dump(sparse.csr_matrix(np.eye(3)), path)
    assert judge_file(str(path)) == []


def test_archives_in_archives_are_opened_once(tmp_path: Path) -> None:
    inner = archive({"x.npy": npy(np.arange(3))})
    assert judge(tmp_path, "model.skops", archive({"schema.json": b"{}", "x.npz": inner})) == []
    evil = archive({"x": EVIL})
    assert judge(tmp_path, "model.skops", archive({"x.npz": evil})) == [f"x.npz: x: {SYSTEM}"]
    assert "too deep" in judge(tmp_path, "model.skops", archive({"x.npz": archive({"y.npz": evil})}))[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_oddities_of_archives_are_told(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr("schema.json", "{}")
        opened.writestr("schema.json", EVIL)
    assert judge(tmp_path, "a.skops", stream.getvalue()) == ["two members of the archive have one name"]
    content = archive({"schema.json": b"{}"})
    assert judge(tmp_path, "a.skops", content + content) == ["something else stands before the archive"]
    assert judge(tmp_path, "a.skops", content[:-30])
    assert judge(tmp_path, "a.skops", content.replace(b"PK\x01\x02", b"PK\x01\x03"))
    encrypted = bytearray(archive({"data.pkl": EVIL}, zipfile.ZIP_STORED))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert judge(tmp_path, "a.pt", bytes(encrypted)) == ["the archive is encrypted"]


def test_an_archive_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    [told] = judge(tmp_path, "a.npz", archive({"a.npy": bytes(100 << 20)}))
    assert "inflates to" in told
    [told] = judge(tmp_path, "a.npz", archive({f"member-{index:0100}": b"" for index in range(40_000)}))
    assert told == "the archive has too many members"


# Names that say something else


@pytest.mark.parametrize("extension", sorted(PLAIN | {".skops"}))
@pytest.mark.parametrize("content", [EVIL, LINES], ids=["binary", "lines"])
def test_a_pickle_under_a_harmless_name_is_told(tmp_path: Path, extension: str, content: bytes) -> None:
    told = judge(tmp_path, "model" + extension, content)
    assert SYSTEM in told
    assert len(told) == 2


@pytest.mark.parametrize("extension", sorted(PLAIN))
def test_a_container_under_a_harmless_name_is_told(tmp_path: Path, extension: str) -> None:
    assert judge(tmp_path, "model" + extension, archive({"a": EVIL}))
    assert judge(tmp_path, "model" + extension, gzip.compress(EVIL))


def test_a_model_file_that_a_pickle_hides_in_is_told(tmp_path: Path) -> None:
    # Read as a pickle, the magic is a string of 66 bytes.
    content = b"CBM1" + b"x" * 64 + b"0cos\nsystem\n(Vtrue\ntR."
    assert "it imports os.system, which no honest model needs" in judge(tmp_path, "model.cbm", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", SAFETENSORS),
        ("model.onnx", b"\x08\x07\x12\x07skl2onnx"),
        ("model.ubj", b"{L\0\0\0\0\0\0\0\x07learner{"),
        ("model.cbm", b"CBM1" + bytes(100)),
        ("model.json", b' {"learner": {}}'),
        ("model.txt", b"tree\nversion=v4\nnum_class=1\n"),
        ("model.gguf", b"GGUF\x03\0\0\0"),
    ],
)
def test_harmless_formats_are_harmless_and_look_like_themselves(tmp_path: Path, name: str, content: bytes) -> None:
    assert judge(tmp_path, name, content) == []
    assert judge(tmp_path, name, b"")
    if not name.endswith(".onnx"):
        assert judge(tmp_path, name, b"\x00" * 50)


@pytest.mark.parametrize("name", ["model", "model.h5", "model.keras", "model.exe", "model.mar"])
def test_an_unknown_format_is_told(tmp_path: Path, name: str) -> None:
    [told] = judge(tmp_path, name, archive({"a": b"b"}))
    assert "no format that Snitch knows" in told


def test_the_name_may_be_given_beside_the_path(tmp_path: Path) -> None:
    assert judge(tmp_path, "0a1b2c", pickle.dumps([1]), name="models/churn/model.pkl") == []


# Files that are none


def test_what_is_no_regular_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps([1]))
    (tmp_path / "link.pkl").symlink_to(tmp_path / "model.pkl")
    os.mkfifo(tmp_path / "pipe.pkl")
    (tmp_path / "folder.pkl").mkdir()
    for name in ("link.pkl", "pipe.pkl", "folder.pkl", "absent.pkl"):
        [told] = judge_file(str(tmp_path / name))
        assert told.startswith("it cannot be read"), name


def test_limits_are_taken(tmp_path: Path) -> None:
    [told] = judge(tmp_path, "model.pkl", pickle.dumps(list(range(100))), limits=Limits(opcodes=10))
    assert "more than 10 opcodes" in told


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mangled_files_raise_nothing(tmp_path: Path, data: st.DataObject) -> None:
    harmless = [archive({"data.pkl": pickle.dumps([1]), "a.npy": npy(np.arange(2))}), npy(np.arange(2)), SAFETENSORS]
    harmless += [gzip.compress(joblib_bytes(np.arange(9))), lzma.compress(EVIL), npz(a=np.arange(2))]
    content = bytearray(data.draw(st.sampled_from(harmless)))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    judge(tmp_path, "model" + data.draw(st.sampled_from(sorted(PICKLED | PLAIN | {".skops"}))), bytes(content[:cut]))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), extension=st.sampled_from(sorted(PICKLED | {".skops"})))
def test_200_000_random_bytes_are_never_harmless(tmp_path: Path, seed: int, extension: str) -> None:
    assert judge(tmp_path, "model" + extension, np.random.default_rng(seed).bytes(200_000))


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, snitch.pickles.files; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", "import json;" + code], capture_output=True, text=True, check=True)
    heavy = {"pickle", "pickletools", "zipfile", "lzma", "bz2", "ast", "numpy", "joblib", "snitch.pickles.scan"}
    assert not heavy & set(json.loads(done.stdout))


_PAYLOAD = b"cposix\nsystem\n(S'true'\ntR."
#: Pickles that their walk refuses before it comes to an import, and that `pickle.load` runs all the same.
REFUSED_EARLY = {
    "an opcode that crosses its frame": b"\x95" + (1).to_bytes(8, "little") + _PAYLOAD,
    "a memo beyond the limit": b"Np16000001\n0" + _PAYLOAD,
    "an opcode of Python 2": b"(S'true'\niposix\nsystem\n.",
}


@pytest.mark.parametrize("extension", [".onnx", ".safetensors", ".cbm", ".gguf"])
@pytest.mark.parametrize("content", REFUSED_EARLY.values(), ids=REFUSED_EARLY)
def test_a_pickle_under_a_harmless_name_that_is_refused_early_is_no_harmless_file(
    content: bytes, extension: str
) -> None:
    assert judge_stream(io.BytesIO(content), f"model{extension}")[0] == f"it is a pickle, and no {extension} file"


def safetensors(length: int, size: int, name: str = "w") -> bytes:
    """The length and the header, of this length, of a file of one tensor of this size."""
    tensor = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({name: tensor, "__metadata__": {"format": "pt"}}, separators=(",", ":")).encode().ljust(length)
    return len(header).to_bytes(8, "little") + header


def told_of(content: bytes, name: str = "model.safetensors") -> list[str]:
    return judge_stream(io.BytesIO(content), name)


@pytest.mark.parametrize("low", range(256))
def test_no_length_of_a_header_makes_a_pickle_of_safetensors(low: int) -> None:
    """It begins with a length, whose lowest byte may be any pickle opcode, and with the next any magic."""
    noise = np.random.default_rng(low).bytes(2000)
    assert [told_of(safetensors(256 * high + low, 2000) + noise) for high in (1, 2, 3, 4, 5, 11, 40)] == [[]] * 7


def test_a_pickle_that_is_safetensors_too_is_told(tmp_path: Path) -> None:
    # Read as a pickle: a text of 5 bytes up to the name `T    `, then one of 0x20202020 bytes, then the payload.
    at = 15 + 0x20202020
    head = safetensors(0x558, at - 8 - 0x558 + len(LINES), "T    ")
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write(head)
        file.seek(at)
        file.write(LINES)
    assert judge_file(str(path)) == ["it is a pickle, and no .safetensors file", SYSTEM]
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\0" * len(LINES))
    assert judge_file(str(path)) == []


def test_a_file_that_is_not_wholly_safetensors_is_no_exception() -> None:
    content = safetensors(0x280, 4) + bytes(4)
    assert told_of(content) == []
    changes = [
        (b"[0,4]", b"[1,4]"),
        (b"[0,4]", b"[0,3]"),
        (b'"w"', b'"w '),
        (b'"pt"', b"null"),
        (b'"dtype":"U8",', b""),
    ]
    for broken in [content[:-1], content + b"x", *(content.replace(old, new) for old, new in changes)]:
        assert told_of(broken)[0] == "it is a pickle, and no .safetensors file"
    packed = zlib.compress(EVIL, 1)
    assert told_of(packed) == ["it is an archive or compressed, and no .safetensors file"]


def test_a_stop_among_other_bytes_is_the_end_and_no_import(tmp_path: Path) -> None:
    for content, name in ((b"CBM1" + b"x" * 64 + b".x", "a.cbm"), (b"GGUF" + b"x" * 5 + b".x", "a.gguf")):
        assert told_of(content, name) == []
        assert told_of(content[:-2] + LINES, name)[1] == SYSTEM
    assert told_of(b"N." + EVIL, "model.onnx")[0] == "it is a pickle, and no .onnx file"


@pytest.mark.parametrize("content", [b"o.", b"Nios\nsystem\n.", b"c\xff\nsystem\n.", b"c" + b"a\0" * 300 + b"\nb\n."])
def test_what_every_unpickler_stops_at_is_no_pickle(content: bytes) -> None:
    scan = scan_pickle(io.BytesIO(content))
    assert scan.problems and scan.is_none == (b"system" not in content or b"\xff" in content)
