"""What a pickle may call: each listed name with such arguments as its own library pickles, and with no others."""

from __future__ import annotations

import pickle

import pytest

from snitch.pickles.verdict import reasons
from tests.pickles.crafting import PROTO4, STOP, attributes, call, dtype_opcodes, new, scan, stack_global, text, wrapper

#: An object with an attribute that somebody might call.
KEYED = new("sklearn.linear_model._base.LinearRegression") + attributes(keys=stack_global("numpy", "mean")) + b"b"
INDEX = stack_global("pandas.core.indexes.base", "Index")


def told(content: bytes) -> list[str]:
    return reasons(scan(PROTO4 + content + STOP))


def array_of(*items: bytes) -> bytes:
    """An array of objects, as numpy pickles it."""
    made = call("numpy._core.multiarray._reconstruct", stack_global("numpy", "ndarray"), b"K\x00\x85", b"C\x01b")
    count = b"K" + bytes([len(items)]) + b"\x85"
    return made + b"(K\x01" + count + dtype_opcodes("O") + b"\x89](" + b"".join(items) + b"etb"


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("builtins.slice", [KEYED]),
        ("builtins.slice", [stack_global("functools", "partial")]),
        ("builtins.set", [KEYED]),
        ("builtins.set", [b"](" + KEYED + b"e"]),
        ("builtins.frozenset", [b"]" + KEYED + b"a"]),
        ("collections.Counter", [KEYED]),
        ("collections.OrderedDict", [KEYED]),
        ("collections.defaultdict", [stack_global("numpy", "mean")]),
        ("collections.deque", [KEYED]),
        ("decimal.Decimal", [KEYED]),
        ("functools.partial", [stack_global("numpy", "mean")]),
        ("functools.partial", [stack_global("sklearn.utils._bunch", "Bunch")]),
        ("functools.partial", [new("sklearn.metrics._scorer._Scorer")]),
        ("functools.partial", [stack_global("sklearn.utils.validation", "check_array"), KEYED]),
        ("re._compile", [KEYED, b"K\x00"]),
        ("_codecs.encode", [text("a"), text("zlib")]),
        ("numpy._core.multiarray._reconstruct", [stack_global("numpy", "mean"), b"K\x00\x85", b"C\x01b"]),
        ("numpy._core.multiarray._reconstruct", [stack_global("numpy", "ndarray"), KEYED, b"C\x01b"]),
        ("numpy._core.multiarray.scalar", [dtype_opcodes("O"), KEYED]),
        ("numpy._core.numeric._frombuffer", [KEYED, dtype_opcodes("f8"), b"K\x01\x85", text("C")]),
        ("numpy.random._pickle.__generator_ctor", [stack_global("numpy", "mean")]),
        ("pandas.core.indexes.base._new_Index", [INDEX, KEYED]),
        ("pandas.core.indexes.base._new_Index", [stack_global("pandas", "NA"), attributes(start=b"K\x00")]),
        ("pandas.core.indexes.base._new_Index", [INDEX, attributes(data=KEYED)]),
        ("pandas.core.indexes.base._new_Index", [INDEX, attributes(data=array_of(KEYED))]),
        ("pandas.core.indexes.base._new_Index", [INDEX, attributes(data=array_of(text("a")), copy=KEYED)]),
        ("pandas.core.internals.managers.BlockManager", [KEYED, b"]"]),
        ("pandas.core.internals.managers.BlockManager", [KEYED + b"\x85", b"]"]),
        ("pandas.core.internals.managers.BlockManager", [b")", b"]" + KEYED + b"a"]),
        ("pandas._libs.internals._unpickle_block", [KEYED, b"K\x00", b"K\x02"]),
        ("sklearn.tree._tree.Tree", [b"K\x01", array_of(), b"K\x01"]),
        ("sklearn.neighbors._kd_tree.newObj", [stack_global("numpy", "ndarray")]),
        ("sklearn.metrics._dist_metrics.newObj", [KEYED]),
        ("torch._utils._rebuild_parameter", [KEYED, b"\x88", call("collections.OrderedDict")]),
    ],
)
def test_with_other_arguments_it_is_refused(name: str, args: list[bytes]) -> None:
    (reason,) = told(call(name, *args))
    assert reason.startswith(f"it calls {name} ")
    assert reason.endswith(("with other arguments than its library's pickles", "as its library's pickles do not"))


def dtype(*args: bytes, state: bytes = b"NJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00") -> bytes:
    """A dtype of floats, called with these arguments beside its code, and given this last part of its state."""
    made = stack_global("numpy", "dtype") + b"(" + text("f8") + b"".join(args) + b"tR"
    return made + b"(K\x03" + text("<") + b"NN" + state + b"tb"


def test_a_dtype_asks_no_object_what_it_is() -> None:
    assert told(dtype(b"\x89", b"\x88")) == []
    for args in ([KEYED], [b"\x89", KEYED], [b"\x89", b"\x88", b"N"], [b"]"]):
        assert "numpy dtype in a way" in told(dtype(*args))[0]
    about = b"NJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00"
    assert told(dtype(state=about + b"N")) == []
    assert "contradicts" in told(dtype(state=about + KEYED))[0]
    assert "contradicts" in told(dtype(state=about + b"}" + text("a") + KEYED + b"s"))[0]


@pytest.mark.parametrize(
    "state",
    [
        KEYED + b"K\x01\x85%s\x89](Ne",
        b"K\x01" + KEYED + b"\x85%s\x89](Ne",
        b"K\x01K\x01\x85%s" + KEYED + b"](Ne",
    ],
)
def test_an_array_asks_no_object_what_it_is(state: bytes) -> None:
    made = call("numpy._core.multiarray._reconstruct", stack_global("numpy", "ndarray"), b"K\x00\x85", b"C\x01b")
    assert told(made + b"(" + state % dtype_opcodes("O") + b"tb")
    array = made + b"(K\x01K\x01\x85" + dtype_opcodes("O") + b"\x89](Netb" + STOP
    assert told(wrapper(dtype=dtype_opcodes("O"), shape=b"K\x01\x85") + PROTO4 + array) == []
    assert told(wrapper(dtype=dtype_opcodes("O"), shape=KEYED + b"\x85") + PROTO4 + array)
    assert told(wrapper(dtype=dtype_opcodes("O"), numpy_array_alignment_bytes=KEYED) + PROTO4 + array)


@pytest.mark.parametrize("args", [b"]", b"}", KEYED, text("a"), b"(" + b"N" * 100 + b"t"])
def test_arguments_are_a_tuple_that_is_known(args: bytes) -> None:
    # Python's own unpickler, as joblib uses it, takes any iterable.
    assert told(stack_global("builtins", "slice") + args + b"R")


@pytest.mark.parametrize("name", ["builtins.dict", "builtins.list", "builtins.str", "numpy.matrix", "numpy.mean"])
def test_a_value_is_not_called(name: str) -> None:
    assert told(call(name, KEYED)) == [f"it calls {name} as its library's pickles do not"]


@pytest.mark.parametrize(
    "name",
    ["sklearn.utils.validation.check_array", "sklearn.utils._bunch.Bunch", "pandas.core.frame.DataFrame"],
)
def test_a_class_is_not_called_nor_what_is_only_an_argument(name: str) -> None:
    assert told(call(name, KEYED)) == [f"it calls {name} as its library's pickles do not"]


@pytest.mark.parametrize(
    "name",
    ["sklearn.utils.validation.check_array", "functools.partial", "sklearn.linear_model._base.LinearRegression"],
)
def test_what_makes_something_is_no_value(name: str) -> None:
    expected = [f"it keeps {name} as a value, which a library only makes something of"]
    listed = stack_global(*name.rsplit(".", 1))
    contents = [
        listed,
        b"]" + listed + b"a",
        b"](" + listed + b"e",
        b"}" + text("a") + listed + b"s",
        b"(" + listed + b"l",
    ]
    assert [told(content) for content in contents] == [expected] * len(contents)


def reconstructed(cls: str, base: str, state: bytes) -> bytes:
    return call("copyreg._reconstructor", stack_global(*cls.rsplit(".", 1)), stack_global("builtins", base), state)


@pytest.mark.parametrize(
    "content",
    [
        reconstructed("collections.OrderedDict", "dict", KEYED),
        reconstructed("sklearn.utils._bunch.Bunch", "dict", KEYED),
        reconstructed("sklearn.utils._bunch.Bunch", "dict", attributes(__array__=b"N")),
        reconstructed("sklearn.utils._bunch.Bunch", "list", b"}"),
        reconstructed("sklearn.utils._bunch.Bunch", "tuple", b")"),
        reconstructed("sklearn.gaussian_process.kernels.Hyperparameter", "tuple", KEYED),
        reconstructed("sklearn.impute._iterative._ImputerTriplet", "tuple", KEYED),
        stack_global("sklearn.gaussian_process.kernels", "Hyperparameter")
        + b"("
        + text("a")
        + text("numeric")
        + KEYED
        + b"t\x81",
        stack_global("numpy", "ndarray") + b")\x81",
        stack_global("builtins", "object") + b")\x81",
        stack_global("pandas.core.frame", "DataFrame") + KEYED + b"\x85\x81",
        stack_global("sklearn.svm._classes", "SVC") + b")}" + text("a") + b"Ns\x92",
    ],
)
def test_an_object_is_made_as_its_library_makes_it(content: bytes) -> None:
    assert told(content)[0].startswith(("it makes a", "it gives a"))


@pytest.mark.parametrize("many", [b"}" + KEYED + b"Ns", b"\x8f(" + KEYED + b"\x90", b"(" + KEYED + b"\x91"])
def test_nothing_is_hashed_but_plain_values(many: bytes) -> None:
    assert told(many) == ["it hashes an object whose library might run what the pickle put there"]


@pytest.mark.parametrize("adding", [b"Na", b"(Ne", b"(N\x90", text("a") + b"Ns", b"(" + text("a") + b"Nu"])
def test_nothing_is_added_to_what_is_no_container(adding: bytes) -> None:
    for target in (new("sklearn.model_selection._split.KFold"), KEYED, new("pandas.core.frame.DataFrame")):
        assert "it adds to a" in told(target + adding)[0]


def test_a_bunch_takes_no_name_that_is_called() -> None:
    bunch = new("sklearn.utils._bunch.Bunch")
    assert told(bunch + text("a") + b"Ns") == []
    assert "called on its own" in told(bunch + text("__array__") + b"Ns")[0]
    assert "called on its own" in told(bunch + stack_global("pandas", "NA") + b"Ns")[0]


def test_the_axes_of_a_frame_stay_what_they_were() -> None:
    manager = stack_global("pandas.core.internals.managers", "BlockManager")
    axes = b"(" + call("pandas.core.indexes.base._new_Index", INDEX, attributes(data=array_of(text("a")))) + b"l"
    content = manager + b")" + axes + b"q\x07\x86R0"
    assert not told(content + b"N")
    assert told(content + b"h\x07" + KEYED + b"a") == ["it adds to something that takes no items"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
def test_the_crafted_objects_are_real() -> None:
    labels = call("pandas.core.indexes.base._new_Index", INDEX, attributes(data=array_of(text("a"))))
    assert not told(labels)
    assert list(pickle.loads(PROTO4 + labels + STOP)) == ["a"]
    assert not told(KEYED)
    assert pickle.loads(PROTO4 + KEYED + STOP).keys([1, 3]) == 2
