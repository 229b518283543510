"""What `pickle.load` would make of a file that joblib reads otherwise: judged as strictly, up to where it must stop."""

from __future__ import annotations

import numpy as np
import pytest

from snitch.pickles.verdict import reasons
from tests.pickles.crafting import (
    PROTO4,
    STOP,
    call,
    dtype_opcodes,
    joblib_bytes,
    new,
    scan,
    stack_global,
    text,
    wrapper,
)

OBJECTS = wrapper(dtype=dtype_opcodes("O"))
#: An array of one None, as numpy pickles it.
NONE = (
    call("numpy._core.multiarray._reconstruct", stack_global("numpy", "ndarray"), b"K\x00\x85", b"C\x01b")
    + b"(K\x01K\x01\x85"
    + dtype_opcodes("O")
    + b"\x89]Natb"
)


def told(outer: bytes, inner: bytes) -> list[str]:
    """Of a file in which joblib reads `inner` with an empty memo, and pickle.load with that of `outer`."""
    return reasons(scan(PROTO4 + outer + OBJECTS + PROTO4 + inner + NONE + STOP + STOP))


def test_an_honest_array_of_objects_passes() -> None:
    assert told(b"", b"") == []
    for first in ("copy", "numpy._core.multiarray", "joblib.numpy_pickle", "1.2", "sklearn.pipeline", "a b.c"):
        content = joblib_bytes({"a": first, "names": np.array(["x", None], dtype=object)}, protocol=4)
        assert reasons(scan(content)) == []
        assert reasons(scan(joblib_bytes([0, "x", "y", first, np.array(["x", None], dtype=object)], protocol=4))) == []


@pytest.mark.parametrize("module", ["math", "cmath", "typing", "os.path", "uu", "sympy"])
def test_no_other_name_is_looked_up_elsewhere(module: str) -> None:
    # Number 0 is "numpy" to joblib, and what the outer pickle put there to pickle.load.
    inner = text("numpy") + b"\x940h\x00" + text("exp") + b"\x930"
    assert told(text(module) + b"\x940", inner) == [
        f"joblib.load imports numpy.exp where pickle.load imports {module}.exp"
    ]


@pytest.mark.parametrize("module", ["torch", "cupy", "torch.storage", "jax.numpy", "acme.types", "antigravity"])
def test_nor_is_dtype_in_a_module_that_may_have_one(module: str) -> None:
    inner = text("numpy") + b"\x940h\x00" + text("dtype") + b"\x930"
    assert "joblib.load imports numpy.dtype" in told(text(module) + b"\x940", inner)[0]


def test_what_one_reader_calls_is_not_excused_by_what_the_other_does() -> None:
    # joblib gives an OrderedDict no arguments; pickle.load makes a partial of what it recalls instead.
    outer = stack_global("functools", "partial") + b"\x940"
    inner = stack_global("collections", "OrderedDict") + b"\x940h\x00)R0"
    assert told(outer, inner)
    assert told(b"", inner) == []


def test_what_the_other_reader_made_is_not_changed() -> None:
    for outer, change in ((b"]", b"Na"), (b"}", b"NNs"), (new("sklearn.model_selection._split.KFold"), b"}b")):
        inner = outer + b"\x940h\x00" + change + b"0"
        assert told(b"", inner) == []
        assert told(outer + b"\x940", inner)
