"""The attributes that a pickle gives its objects: none that Python or a library would call of itself."""

from __future__ import annotations

import pickle

import pytest
from sklearn.utils.validation import check_array

from snitch.pickles.verdict import reasons
from tests.pickles.crafting import PROTO4, STOP, scan, stack_global, text

#: An object of an allowed class, made by its `__new__`.
MODEL = stack_global("sklearn.linear_model._logistic", "LogisticRegression") + b")\x81"


def with_state(*pairs: tuple[bytes, bytes]) -> bytes:
    return PROTO4 + MODEL + b"}(" + b"".join(key + value for key, value in pairs) + b"ub" + STOP


@pytest.mark.parametrize("name", ["__narwhals_dataframe__", "__sklearn_tags__", "__array__", "__class__", "__call__"])
@pytest.mark.parametrize("shape", [b"%s", b"N%s\x86"], ids=["a dict", "slots"])
def test_an_attribute_of_such_a_name_is_refused(name: str, shape: bytes) -> None:
    state = b"}(" + text(name) + text("value") + b"u"
    content = PROTO4 + MODEL + shape % state + b"b" + STOP
    assert reasons(scan(content)) == [f"it sets `{name}`, which Python or a library calls of itself"]


@pytest.mark.parametrize("one", [b"}%s%ss", b"(%s%sd"], ids=["SETITEM", "DICT"])
def test_however_it_is_set(one: bytes) -> None:
    content = PROTO4 + MODEL + one % (text("__array__"), text("value")) + b"b" + STOP
    assert reasons(scan(content)) == ["it sets `__array__`, which Python or a library calls of itself"]


def test_a_name_that_is_made_up_on_loading_is_refused() -> None:
    made = stack_global("builtins", "str") + text("__array__") + b"\x85R"
    assert reasons(scan(with_state((made, text("value"))))) == ["it sets attributes whose names cannot be determined"]


@pytest.mark.parametrize("name", ["coef_", "C"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
def test_attributes_of_ones_own_pass(name: str) -> None:
    content = with_state((text(name), text("value")))
    assert not reasons(scan(content))
    assert getattr(pickle.loads(content), name) == "value"


def test_a_function_that_calls_what_it_is_given_is_not_listed() -> None:
    content = pickle.dumps(check_array)
    assert reasons(scan(content)) == ["it imports sklearn.utils.validation.check_array, which no honest model needs"]
