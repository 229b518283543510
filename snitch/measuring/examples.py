"""A benchmark's examples, and a model's answers to them: joined on the id, in the order of the ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from snitch.formats.benchmark import BenchmarkDefinition
from snitch.measuring.ids import canonical, canonical_ids, refuse_duplicates, shown
from snitch.measuring.labels import answers_of, labels_of, names_of, targets_of
from snitch.measuring.sample import Sample
from snitch.measuring.tables import Bounds, Content, Unusable, column_names, read_table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: A wider table is not searched to its end for a column of nearly the name.
_COMPARED = 500


class Examples:
    """The data of a benchmark: one example an id, in the order of the ids as text."""

    def __init__(self, definition: BenchmarkDefinition, frame: pd.DataFrame) -> None:
        """Orders the examples.

        Raises:
            Unusable: there are none, a column is missing that the definition names, or an id is missing or there twice.
        """
        for pointer, name in _named(definition):
            if name not in frame.columns:
                near = get_close_matches(name, [str(each) for each in frame.columns[:_COMPARED]], n=1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                said = f"the data has no column `{name}`, which the benchmark names in `{pointer.split('/')[1]}`{hint}"
                raise Unusable(said, pointer=pointer)
        if not len(frame):
            raise Unusable("the data holds no example")
        ids = canonical_ids(frame[definition.id])
        refuse_duplicates(ids, "the data")
        order = ids.argsort(kind="stable")
        self.definition = definition
        #: The ids as text, ascending.
        self.ids: NDArray[np.str_] = ids[order]
        #: All columns, in the order of the ids.
        self.frame = frame.iloc[order].reset_index(drop=True)
        self._texts: dict[str, NDArray[np.object_]] = {}

    @property
    def size(self) -> int:
        return len(self.ids)

    @cached_property
    def labels(self) -> tuple[NDArray[Any], tuple[str, ...]]:
        """The labels as `Sample` holds them, and the classes of a multiclass task.

        Raises:
            Unusable: one is missing, or they are not of the benchmark's task.
        """
        return labels_of(self.definition, self.frame)

    @cached_property
    def group(self) -> NDArray[np.intp] | None:
        """What is resampled together, numbered; None where every example stands for itself.

        Raises:
            Unusable: an example belongs to none.
        """
        import pandas as pd

        if self.definition.group is None:
            return None
        codes: NDArray[np.intp] = pd.factorize(
            canonical_ids(self.frame[self.definition.group], self.frame[self.definition.id]), sort=True
        )[0]
        return codes

    def rows_where(self, columns: dict[str, Any]) -> NDArray[np.bool_]:
        """The examples of a slice: a mask of one row an example. A missing value is the slice `null`.

        Raises:
            Unusable: the data has no such column.
        """
        import numpy as np

        mask = np.ones(self.size, dtype=bool)
        for name, value in columns.items():
            if name not in self.frame.columns:
                raise Unusable(f"the data has no column `{name}`")
            mask &= self.values_as_text(name) == canonical(value)
        return mask

    def values_as_text(self, column: str) -> NDArray[np.object_]:
        """A column's values as text, by which slices are told apart whatever wrote them: 1, 1.0 and "1" are one."""
        import numpy as np

        if column not in self._texts:
            self._texts[column] = np.array([canonical(value) for value in self.frame[column].tolist()], dtype=object)
        return self._texts[column]

    def answered(self, predictions: pd.DataFrame) -> Sample:
        """The labels joined with a model's predictions on the id.

        Raises:
            Unusable: an id is missing, there twice or of no example; a prediction is missing; a score is no finite
                number; or the labels are none.
        """
        if self.definition.id not in predictions.columns:
            raise Unusable(f"the predictions have no column `{self.definition.id}`, the benchmark's id")
        ids = canonical_ids(predictions[self.definition.id])
        refuse_duplicates(ids, "the predictions")
        order = ids.argsort(kind="stable")
        self._refuse_others(ids[order])
        labels, classes = self.labels
        prediction, score = answers_of(
            self.definition, classes, predictions.iloc[order].reset_index(drop=True), self._names
        )
        return Sample(labels, prediction, score, classes, self.group, self._names)

    @cached_property
    def _names(self) -> tuple[str, str]:
        is_binary = self.definition.task == "binary-classification"
        return names_of(self.definition, self.frame) if is_binary else ("0", "1")

    def _refuse_others(self, ids: NDArray[np.str_]) -> None:
        import numpy as np

        if len(ids) == len(self.ids) and bool((ids == self.ids).all()):
            return
        missing, extra = np.setdiff1d(self.ids, ids), np.setdiff1d(ids, self.ids)
        told = [f"lack {shown(missing)} of the benchmark"] if len(missing) else []
        told += [f"hold {shown(extra)}, which the benchmark has not"] if len(extra) else []
        raise Unusable(f"the predictions {' and '.join(told)}")


def _named(definition: BenchmarkDefinition) -> Iterator[tuple[str, str]]:
    """The columns that a definition names, each with its place there."""
    yield "/id", definition.id
    if isinstance(definition.target, str):
        yield "/target", definition.target
    else:
        yield from ((f"/target/{index}", name) for index, name in enumerate(definition.target))
    if definition.group:
        yield "/group", definition.group
    for key, names in (("slices", definition.slices), ("protected", definition.protected)):
        yield from ((f"/{key}/{index}", name) for index, name in enumerate(names))


class Answers(NamedTuple):
    """Examples, and predictions as they are written, whether they answer the examples or not."""

    examples: Examples
    predictions: pd.DataFrame


def read_examples(
    definition: BenchmarkDefinition,
    content: Content,
    columns: Sequence[str] | None = None,
    bounds: Bounds | None = None,
    *,
    path: str = "",
) -> Examples:
    """A benchmark's data; of its features only `columns` where they are given. It is called by its `path`.

    Raises:
        Unusable: as `read_table` and `Examples`.
    """
    name = path or definition.data.path
    named = (definition.id, *targets_of(definition), *((definition.group,) if definition.group else ()))
    chosen = (
        None if columns is None else list(dict.fromkeys((*named, *definition.slices, *definition.protected, *columns)))
    )
    texts = (definition.id, definition.group) if definition.group else (definition.id,)
    frame = read_table(content, name, chosen, texts=_had(content, name, texts), bounds=bounds or Bounds())
    if definition.data.rows is not None and len(frame) != definition.data.rows:
        said = f"the data has {len(frame):,} rows; the benchmark says {definition.data.rows:,}"
        raise Unusable(said, pointer="/data/rows")
    return Examples(definition, frame)


def read_predictions(
    definition: BenchmarkDefinition, content: Content, name: str, rows: int, bounds: Bounds | None = None
) -> pd.DataFrame:
    """A model's predictions as written, at most a few more than there are examples.

    Raises:
        Unusable: as `read_table`.
    """
    # A few rows too many are told by their ids; millions are not read.
    at_most = Bounds(rows=rows + 1000, size=(bounds or Bounds()).size)
    return read_table(content, name, texts=_had(content, name, (definition.id,)), bounds=at_most)


def _had(content: Content, name: str, columns: Sequence[str]) -> list[str]:
    present = column_names(content, name)
    return [column for column in columns if column in present]
