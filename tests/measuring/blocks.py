"""Tasks for engines, in a module that the workers of a cluster can import."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from snitch.measuring.sample import Sample
from snitch.measuring.scoring import score
from snitch.measuring.tables import Unusable


class Block(NamedTuple):
    """Some resamples of a sample, by seed; the one that is `fatal` names a folder: see `auc_of`."""

    sample: Sample
    seed: int
    fatal: str = ""


def auc_of(block: Block) -> float:
    """The ROC AUC of one resample.

    The fatal block tells its process in the folder and waits to be killed; once `killed` lies there, it goes on.
    """
    import numpy as np

    if block.fatal and not Path(block.fatal, "killed").exists():
        Path(block.fatal, "pid").write_text(str(os.getpid()), encoding="utf-8")
        time.sleep(120)
    rows = np.random.default_rng(block.seed).integers(0, block.sample.size, block.sample.size)
    return score("roc_auc", {}, block.sample.take(rows))


@lru_cache(maxsize=1)
def answered() -> Sample:
    """A real model's answers to patients that it was not trained on."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    data, target = load_breast_cancer(return_X_y=True)
    x, held_out, y, labels = train_test_split(data[:, :3], target, random_state=0)
    scores = LogisticRegression(max_iter=5000).fit(x, y).predict_proba(held_out)[:, 1]
    return Sample(labels == 1, scores >= 0.5, scores)


def blocks() -> list[Block]:
    """A dozen resamples of them."""
    return [Block(answered(), seed) for seed in range(12)]


@lru_cache(maxsize=1)
def alone() -> tuple[float, ...]:
    """What comes out without any engine."""
    return tuple(map(auc_of, blocks()))


def refused(reason: str) -> None:
    """A task that is none."""
    raise Unusable(reason)
