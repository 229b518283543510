"""What a metric is computed from: arrays with one row an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.bool_] | NDArray[np.intp] | slice


class Sample(NamedTuple):
    """Labels and one model's answers, one row an example, in the order of the examples' ids.

    Of a binary task, `labels` and `prediction` are booleans: is it the positive label; `score` is that label's. Of a
    multiclass task they are positions in `classes`, and `score` has a column a class. Else they are numbers, with a
    column a target where there are several. `group` numbers what is resampled together.
    """

    labels: NDArray[Any]
    prediction: NDArray[Any] | None
    score: NDArray[np.float64] | None
    classes: tuple[str, ...] = ()
    group: NDArray[np.intp] | None = None
    #: Of a binary task, what the benchmark calls the negative label and the positive one.
    names: tuple[str, str] = ("0", "1")

    @property
    def size(self) -> int:
        """The number of examples."""
        return len(self.labels)

    def take(self, rows: Rows) -> Sample:
        """Some of the examples: by mask, by positions (with repetition), or by slice."""
        return self._replace(
            labels=self.labels[rows],
            prediction=None if self.prediction is None else self.prediction[rows],
            score=None if self.score is None else self.score[rows],
            group=None if self.group is None else self.group[rows],
        )
