"""The attributes that a pickle gives its objects: none that is called, nor one in place of a method."""

from __future__ import annotations

import importlib
import pickle
from typing import Any

import pytest
from sklearn.base import BaseEstimator

from snitch.pickles.estimators import ESTIMATORS
from snitch.pickles.methods import METHODS
from snitch.pickles.verdict import reasons
from tests.pickles.crafting import PROTO4, STOP, attributes, new, scan, stack_global, text

#: An object of an allowed class, made by its `__new__`.
CLASS = "sklearn.linear_model._logistic.LogisticRegression"
MODEL = new(CLASS)


def told(content: bytes) -> list[str]:
    return reasons(scan(PROTO4 + content + STOP))


@pytest.mark.parametrize("name", ["__narwhals_dataframe__", "__sklearn_tags__", "__array__", "__class__", "__call__"])
@pytest.mark.parametrize("one", [b"}(%s%su", b"}%s%ss", b"(%s%sd"], ids=["SETITEMS", "SETITEM", "DICT"])
def test_an_attribute_of_such_a_name_is_refused(name: str, one: bytes) -> None:
    wrong = [f"it gives a {CLASS} the attribute {name}, which is called on its own"]
    assert told(MODEL + one % (text(name), text("value")) + b"b") == wrong


def test_attributes_are_set_as_a_dict_only() -> None:
    # Of two states the second is set by `setattr`, which runs properties.
    slots = b"N" + attributes(coef_=b"N") + b"\x86b"
    assert told(MODEL + slots) == [f"it gives a {CLASS} something else than a dict of attributes"]


@pytest.mark.parametrize("name", [stack_global("pandas", "NA"), b"C\x02ab", b"X\x58\x02\0\0" + b"a" * 600])
def test_a_name_that_is_not_known_is_refused(name: bytes) -> None:
    assert told(MODEL + b"}(" + name + text("value") + b"ub")


def test_a_name_that_is_set_twice_is_refused() -> None:
    twice = b"}(" + text("C") + b"N" + text("C") + b"Nub"
    assert told(MODEL + twice) == [f"it gives a {CLASS} attributes that cannot be determined"]


@pytest.mark.parametrize("name", ["predict", "fit", "_get_tags", "get_params", "decision_function", "_build_f"])
def test_nothing_stands_in_for_a_method(name: str) -> None:
    expected = [f"it gives a {CLASS} the attribute {name}, in place of its own method"]
    assert told(MODEL + attributes(**{name: stack_global("numpy", "mean")}) + b"b") == expected


@pytest.mark.parametrize("name", ["coef_", "C"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
def test_attributes_of_ones_own_pass(name: str) -> None:
    content = MODEL + attributes(**{name: text("value")}) + b"b"
    assert not told(content)
    assert getattr(pickle.loads(PROTO4 + content + STOP), name) == "value"


def classes() -> list[type[Any]]:
    return [getattr(importlib.import_module(module), name) for module, name in sorted(ESTIMATORS)]


@pytest.mark.filterwarnings("ignore")
def test_the_methods_of_every_estimator_are_known() -> None:
    found = set()
    for base in {base for cls in classes() for base in cls.__mro__[:-1]}:
        for name, value in vars(base).items():
            is_attribute = isinstance(value, property) and name.endswith("_")
            if hasattr(value, "__get__") and not name.startswith("__") and not is_attribute:
                found.add(name)
    assert found - METHODS == {"_n_features_out", "perplexity"}


@pytest.mark.filterwarnings("ignore")
def test_an_estimator_has_no_other_way_to_take_its_attributes() -> None:
    own = {cls.__name__ for cls in classes() if cls.__setstate__ is not BaseEstimator.__setstate__}
    assert own == {"IsotonicRegression"}
    assert not [cls for cls in classes() if hasattr(cls, "__del__")]
