"""A line of `cases.jsonl`: a golden case, what a model has to answer to one input."""

from __future__ import annotations

from math import isfinite
from typing import Annotated

from msgspec import Meta, Struct

from snitch.formats.scalars import Text

Scalar = bool | Annotated[int, Meta(ge=-(2**62), le=2**62)] | float | str | None


class Expectation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which numbers are right: those from `minimum` to `maximum`, or those within `tolerance` of `value`."""

    minimum: float | None = None
    maximum: float | None = None
    value: float | None = None
    tolerance: Annotated[float, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        given = [each for each in (self.minimum, self.maximum, self.value, self.tolerance) if each is not None]
        if not all(isfinite(each) for each in given):
            raise ValueError("what is expected is a finite number")
        is_range = self.minimum is not None or self.maximum is not None
        is_near = self.value is not None and self.tolerance is not None
        if is_range == is_near or (self.value is None) != (self.tolerance is None):
            raise ValueError("what is expected is a `minimum`, a `maximum` or both, or a `value` and a `tolerance`")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("nothing lies from `minimum` to `maximum`")


class GoldenCase(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An input by feature, and by output what the model has to answer: a value, or an expectation.

    The outputs are the columns of predictions: `prediction` and `score`, or `prediction_<target>` and `score_<class>`
    where there are several.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    input: Annotated[dict[Text, Scalar], Meta(min_length=1, max_length=10_000)]
    expected: Annotated[dict[Text, Scalar | Expectation], Meta(min_length=1, max_length=1000)]

    def __post_init__(self) -> None:
        for name, value in (*self.input.items(), *self.expected.items()):
            if isinstance(value, float) and not isfinite(value):
                raise ValueError(f"`{name}` is no finite number; a missing value is null")
        for name, value in self.expected.items():
            if value is None:
                raise ValueError(f"nothing is expected of `{name}`: write a value, or leave it out")
