"""The functions and classes that a pickle may call (REDUCE), each with the arguments that its own library pickles.

Each was read: with such arguments it makes a value and runs nothing that the pickle could choose. Arguments matter as
much as names: what takes any object asks it for `__array__`, `dtype` or `copy`, and runs what the pickle put there.
"""

from __future__ import annotations

from collections.abc import Callable

from snitch.pickles.arrays import Array, Dtype, Numbers
from snitch.pickles.containers import MEMBERS, NO_KINDS, PLAIN, Items, Sealed
from snitch.pickles.forms import (
    Form,
    Pair,
    atom,
    column,
    dict_of,
    either,
    flag,
    index,
    items_of,
    labels,
    mapping,
    named,
    nothing,
    numbers,
    numpy_type,
    object_of,
    raw,
    text,
    whole,
    word,
)
from snitch.pickles.names import pairs
from snitch.pickles.values import Block, Buffer, Column, Index, Made, MultiIndex, made

Arguments = tuple[object, ...]
#: What calling it with these arguments makes; None where they are not such as its library pickles.
Call = Callable[[Arguments], object]


def plainly(args: Arguments) -> object:
    """An immutable value, of nothing but such."""
    return PLAIN if type(args) is tuple or all(map(atom, args)) else None


def takes(*forms: Form, makes: Callable[[], object], more: tuple[Form, ...] = ()) -> Call:
    """A call with arguments of these forms, and perhaps of `more`."""

    every, fewest, most = (*forms, *more), len(forms), len(forms) + len(more)

    def call(args: Arguments) -> object:
        if not fewest <= len(args) <= most:
            return None
        for form, arg in zip(every, args, strict=False):
            if not form(arg):
                return None
        return makes()

    return call


def _object(pair: Pair, kind: type[Made] = Made) -> Callable[[], object]:
    one = kind(pair)
    return lambda: one


def _set_of(args: Arguments) -> object:
    is_plain = len(args) == 1 and type(args[0]) is Items and args[0].kinds == NO_KINDS
    return MEMBERS if is_plain or not args else None


def _frozen(args: Arguments) -> object:
    return PLAIN if _set_of(args) is not None else None


def _scalar(args: Arguments) -> object:
    """numpy gives a scalar of dtype object back as it is: any object, under a second name."""
    dtype = args[0] if args else None
    return PLAIN if len(args) == 2 and isinstance(dtype, Dtype) and not dtype.has_objects and atom(args[1]) else None


_LOSSES = (
    "CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss CyHalfPoissonLoss "
    "CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss"
)
# What nothing but immutable values are made of. The worst that they do is ask for too much memory, or be slow.
_PLAIN = {
    "builtins": "bytearray bytes complex range slice",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "pandas": "Interval Period PeriodDtype",
    "pandas._libs.interval": "Interval",
    "pandas._libs.tslibs.nattype": "__nat_unpickle _nat_unpickle",
    "pandas._libs.tslibs.offsets": "MonthEnd",
    "pandas._libs.tslibs.period": "Period",
    "pandas._libs.tslibs.timedeltas": "_timedelta_unpickle",
    "pandas._libs.tslibs.timestamps": "Timestamp _unpickle_timestamp",
    "pandas.core.dtypes.dtypes": "PeriodDtype",
    "pyarrow.lib": "type_for_alias",
    # Compiles a pattern, and does nothing else.
    "re": "_compile",
    # In scikit-learn 1.5 to 1.7 these say that they are of a module `_loss`.
    **dict.fromkeys(("_loss", "sklearn._loss._loss"), _LOSSES),
    "sklearn.linear_model._sgd_fast": (
        "Classification EpsilonInsensitive Hinge ModifiedHuber Regression SquaredEpsilonInsensitive SquaredHinge"
    ),
    "torch": "Size device",
}
_METRICS = (
    "BrayCurtis Canberra Chebyshev Dice Euclidean Hamming Haversine Jaccard Kulsinski Mahalanobis "
    "Manhattan Matching Minkowski RogersTanimoto RussellRao SEuclidean SokalMichener SokalSneath"
)
#: Never `PyFuncDistance`, which calls a function that it is given.
DISTANCES = pairs(
    {
        "sklearn.metrics._dist_metrics": " ".join(
            f"{each}Distance{bits}" for each in _METRICS.split() for bits in (32, 64)
        )
    }
)
TREES = pairs(
    {
        "sklearn.neighbors._ball_tree": "BallTree BallTree32 BallTree64",
        "sklearn.neighbors._kd_tree": "KDTree KDTree32 KDTree64",
    }
)
BIT_GENERATORS = pairs(
    {
        "numpy.random._mt19937": "MT19937",
        "numpy.random._pcg64": "PCG64 PCG64DXSM",
        "numpy.random._philox": "Philox",
        "numpy.random._sfc64": "SFC64",
    }
)
INDEXES = pairs(
    {
        "pandas": "CategoricalIndex DatetimeIndex Index IntervalIndex RangeIndex",
        "pandas.core.indexes.base": "Index",
        "pandas.core.indexes.category": "CategoricalIndex",
        "pandas.core.indexes.datetimes": "DatetimeIndex",
        "pandas.core.indexes.interval": "IntervalIndex",
        "pandas.core.indexes.range": "RangeIndex",
    }
)
MULTI_INDEXES = pairs({"pandas": "MultiIndex", "pandas.core.indexes.multi": "MultiIndex"})
BACKED = pairs(
    {
        "pandas": "Categorical",
        "pandas.arrays": "DatetimeArray StringArray",
        "pandas.core.arrays.categorical": "Categorical",
        "pandas.core.arrays.datetimes": "DatetimeArray",
        "pandas.core.arrays.string_": "StringArray",
    }
)
NDARRAY, MATRIX = ("numpy", "ndarray"), ("numpy", "matrix")
MASKED = pairs({"numpy.ma": "MaskedArray", "numpy.ma.core": "MaskedArray"})
ORDERED = ("collections", "OrderedDict")
STORAGE, TENSOR = ("torch", "Storage"), ("torch", "Tensor")
CHECK_ARRAY = ("sklearn.utils.validation", "check_array")
INFORMATION = pairs({"sklearn.feature_selection._mutual_info": "mutual_info_classif mutual_info_regression"})
GENERATOR, BIT_GENERATOR = ("numpy.random", "Generator"), ("numpy.random", "BitGenerator")
RANDOM_STATE, SEEDS = ("numpy.random", "RandomState"), ("numpy.random.bit_generator", "SeedSequence")
FRAME_PARTS = ("pandas", "BlockManager")
ARROW_ARRAY = ("pyarrow.lib", "Array")
LOSSES = pairs(dict.fromkeys(("_loss", "sklearn._loss._loss"), _LOSSES))
_UNPICKLED_LOSSES = " ".join(f"__pyx_unpickle_{name}" for name in _LOSSES.split())
TREE = ("sklearn.tree._tree", "Tree")
BACKED_ARRAY = ("pandas.arrays", "NDArrayBacked")
PARTIAL = ("functools", "partial")
DISTANCE, BINARY_TREE = ("sklearn.metrics._dist_metrics", "DistanceMetric"), ("sklearn.neighbors", "BinaryTree")
_BIT_GENERATOR_CTOR = ("numpy.random._pickle", "__bit_generator_ctor")

_EMPTY = takes(either(named(NDARRAY), named(MATRIX), named(*MASKED)), atom, atom, makes=Array)
_FROM_BUFFER = takes(raw, numpy_type, atom, atom, makes=Numbers)
_INDEX = dict_of(
    data=labels,
    name=atom,
    start=atom,
    stop=atom,
    step=atom,
    tz=atom,
    freq=atom,
    closed=atom,
    left=index,
    right=index,
)
_LEVELS = dict_of(names=items_of(), levels=items_of(Index), codes=items_of(Numbers), sortorder=atom)
_INDEXED = takes(named(*INDEXES), _INDEX, makes=_object(("pandas", "Index"), Index))
_LEVELLED = takes(named(*MULTI_INDEXES), _LEVELS, makes=_object(("pandas", "MultiIndex"), MultiIndex))


def _new_index(args: Arguments) -> object:
    return _INDEXED(args) or _LEVELLED(args)


def _block_manager(args: Arguments) -> object:
    """It keeps the list of its axes, which pandas trusts to be indexes."""
    blocks, axes = args if len(args) == 2 else (None, None)
    if not isinstance(blocks, tuple) or not all(type(block) is Block for block in blocks):
        return None
    if not isinstance(axes, Items) or not axes.kinds <= {Index, MultiIndex}:
        return None
    axes.__class__ = Sealed
    return made(FRAME_PARTS)


_TENSOR = (object_of(STORAGE), whole, atom, atom, flag, object_of(ORDERED))

#: What may be called, and what that makes.
CALLS: dict[Pair, Call] = {
    **dict.fromkeys(pairs(_PLAIN), plainly),
    # Bytes, as protocols 0 to 2 write them.
    ("_codecs", "encode"): takes(text, word("latin1"), makes=lambda: PLAIN),
    ("builtins", "frozenset"): _frozen,
    ("builtins", "set"): _set_of,
    ("collections", "Counter"): takes(makes=_object(("collections", "Counter")), more=(mapping,)),
    ORDERED: takes(makes=_object(ORDERED)),
    ("collections", "defaultdict"): takes(
        makes=_object(("collections", "defaultdict")),
        more=(either(nothing, named(ORDERED, *pairs({"builtins": "bool dict float int list set str"}))),),
    ),
    ("collections", "deque"): takes(makes=_object(("collections", "deque")), more=(atom, atom)),
    # `base.__new__(cls, state)` is judged by the machine, as what NEWOBJ makes.
    # Calls later what it is given: only what checks an array, as histogram boosters keep it.
    PARTIAL: takes(named(CHECK_ARRAY, *INFORMATION), makes=_object(PARTIAL)),
    **dict.fromkeys(pairs({"numpy._core.multiarray": "_reconstruct", "numpy.core.multiarray": "_reconstruct"}), _EMPTY),
    **dict.fromkeys(pairs({"numpy._core.multiarray": "scalar", "numpy.core.multiarray": "scalar"}), _scalar),
    **dict.fromkeys(pairs({"numpy._core.numeric": "_frombuffer", "numpy.core.numeric": "_frombuffer"}), _FROM_BUFFER),
    ("numpy.ma.core", "_mareconstruct"): takes(named(*MASKED), named(NDARRAY), atom, atom, makes=Array),
    _BIT_GENERATOR_CTOR: takes(either(text, named(*BIT_GENERATORS)), makes=_object(BIT_GENERATOR)),
    ("numpy.random._pickle", "__generator_ctor"): takes(
        either(text, object_of(BIT_GENERATOR)), makes=_object(GENERATOR), more=(named(_BIT_GENERATOR_CTOR),)
    ),
    ("numpy.random._pickle", "__randomstate_ctor"): takes(
        either(text, object_of(BIT_GENERATOR)), makes=_object(RANDOM_STATE), more=(named(_BIT_GENERATOR_CTOR),)
    ),
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"): takes(
        named(SEEDS), whole, nothing, makes=_object(SEEDS)
    ),
    **dict.fromkeys(
        pairs({"pandas": "StringDtype", "pandas.core.arrays.string_": "StringDtype"}),
        takes(makes=lambda: PLAIN, more=(atom, either(atom, named(("pandas", "NA"))))),
    ),
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"): takes(
        named(*BACKED), whole, nothing, makes=_object(BACKED_ARRAY, Column)
    ),
    ("pandas._libs.internals", "_unpickle_block"): takes(
        column, either(atom, numbers), whole, makes=_object(("pandas", "Block"), Block)
    ),
    ("pandas.core.indexes.base", "_new_Index"): _new_index,
    ("pandas.core.indexes.datetimes", "_new_DatetimeIndex"): _INDEXED,
    ("pandas.core.indexes.interval", "_new_IntervalIndex"): _INDEXED,
    ("pandas.core.internals.managers", "BlockManager"): _block_manager,
    ("pyarrow.lib", "py_buffer"): takes(raw, makes=_object(("pyarrow.lib", "Buffer"), Buffer)),
    ("pyarrow.lib", "_restore_array"): takes(
        lambda value: isinstance(value, tuple) and all(map(_is_arrow, value)), makes=_object(ARROW_ARRAY)
    ),
    **dict.fromkeys(
        pairs(dict.fromkeys(("_loss", "sklearn._loss._loss"), _UNPICKLED_LOSSES)),
        takes(named(*LOSSES), whole, atom, makes=lambda: PLAIN),
    ),
    ("sklearn.metrics._dist_metrics", "newObj"): takes(named(*DISTANCES), makes=_object(DISTANCE)),
    **dict.fromkeys(
        pairs({"sklearn.neighbors._ball_tree": "newObj", "sklearn.neighbors._kd_tree": "newObj"}),
        takes(named(*TREES), makes=_object(BINARY_TREE)),
    ),
    TREE: takes(whole, numbers, whole, makes=_object(TREE)),
    # Never `_rebuild_from_type_v2` and its like, which call what they are given.
    ("torch._utils", "_rebuild_tensor_v2"): takes(*_TENSOR, makes=_object(TENSOR), more=(either(nothing, mapping),)),
    ("torch._utils", "_rebuild_parameter"): takes(object_of(TENSOR), flag, object_of(ORDERED), makes=_object(TENSOR)),
}


def _is_arrow(value: object) -> bool:
    """A part of an array of Arrow's: its type, numbers, a list of buffers and one of arrays within it."""
    return atom(value) or items_of(Buffer)(value)
