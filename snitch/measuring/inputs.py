"""What of a benchmark's examples a model may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.formats.manifest import Column
from snitch.measuring.examples import Examples
from snitch.measuring.labels import targets_of
from snitch.measuring.tables import Unusable

if TYPE_CHECKING:
    import pandas as pd


def inputs_of(examples: Examples, inputs: tuple[Column, ...]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The id and the features, one row an example in the order of the ids; and the features' names.

    The features are the signature's inputs; where there are none, every column but the id and the labels.

    Raises:
        Unusable: the signature names a label, or a column that the data has not.
    """
    definition, frame = examples.definition, examples.frame
    targets = targets_of(definition)
    if not inputs:
        names = [name for name in frame.columns if name != definition.id and name not in targets]
        return frame[[definition.id, *names]], tuple(names)
    for column in inputs:
        if column.name in targets:
            raise Unusable(f"the signature has `{column.name}` for an input, which is the benchmark's label")
        if column.required and column.name not in frame.columns:
            raise Unusable(f"the data has no column `{column.name}`, which the signature has for an input")
    names = [column.name for column in inputs if column.name in frame.columns]
    return frame[list(dict.fromkeys((definition.id, *names)))], tuple(names)
