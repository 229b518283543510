"""Tasks for engines, in a module that the workers of a cluster can import."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

from snitch.measuring.sample import Sample
from snitch.measuring.scoring import score


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
