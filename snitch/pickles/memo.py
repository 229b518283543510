"""What a pickle has numbered for later use."""

from __future__ import annotations

from snitch.pickles.source import Broken, Refused


class Memo:
    """Objects by number. Picklers count from 0 on, so almost all lie in a list; `sparse` has those far beyond its end.

    `limit`: how many there may be; `furthest`: no number may be as large, for unpicklers make room up to the largest.
    """

    __slots__ = ("dense", "furthest", "limit", "sparse")

    def __init__(self, limit: int, furthest: int, earlier: Memo | None = None) -> None:
        self.limit = limit
        self.furthest = furthest
        self.dense: list[object] = list(earlier.dense) if earlier else []
        self.sparse: dict[int, object] = dict(earlier.sparse) if earlier else {}

    def __len__(self) -> int:
        return len(self.dense) + len(self.sparse)

    def add(self, value: object) -> None:
        """Under the number that MEMOIZE takes: how many there are."""
        if self.sparse or len(self.dense) >= self.limit:
            self.put(len(self), value)
        else:
            self.dense.append(value)

    def put(self, index: int, value: object) -> None:
        """Under this number, in place of what was there."""
        dense = self.dense
        if index < len(dense):
            dense[index] = value
            return
        if index >= self.furthest or (len(self) >= self.limit and index not in self.sparse):
            raise Refused(f"it memoizes more than {self.limit} objects, or under larger numbers")
        if index == len(dense):
            dense.append(value)
            self.sparse.pop(index, None)
        else:
            self.sparse[index] = value

    def get(self, index: int) -> object:
        dense = self.dense
        if 0 <= index < len(dense):
            return dense[index]
        if index not in self.sparse:
            raise Broken("it recalls what it never memoized")
        return self.sparse[index]
