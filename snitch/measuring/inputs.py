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
        Unusable: the signature names a label, or a column that the data has not; its pointer is the manifest's.
    """
    definition, frame = examples.definition, examples.frame
    targets = targets_of(definition)
    if not inputs:
        names = [name for name in frame.columns if name != definition.id and name not in targets]
        return frame[[definition.id, *names]], tuple(names)
    for at, column in enumerate(inputs):
        pointer = f"/signature/inputs/{at}"
        if column.name in targets:
            said = f"the signature has `{column.name}` for an input, which is the benchmark's label"
            raise Unusable(said, help="take it out of the signature: a model sees no label", pointer=pointer)
        if column.required and column.name not in frame.columns:
            said = f"the data has no column `{column.name}`, which the signature has for an input"
            help_text = "give the benchmark's data that column, or call the input `required: false`"
            raise Unusable(said, help=help_text, pointer=pointer)
    names = [column.name for column in inputs if column.name in frame.columns]
    return frame[list(dict.fromkeys((definition.id, *names)))], tuple(names)
