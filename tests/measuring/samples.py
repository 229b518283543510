"""Samples of each kind, drawn once."""

from __future__ import annotations

import numpy as np

from snitch.measuring.sample import Sample

N = 300
RANDOM = np.random.default_rng(3)
LABELS = RANDOM.random(N) < 0.3
SCORES = 1 / (1 + np.exp(-(RANDOM.normal(size=N) + 1.6 * LABELS - 0.8))).round(2)
BINARY = Sample(LABELS, SCORES >= 0.5, SCORES, names=("stays", "leaves"))

POSITIONS = RANDOM.integers(0, 3, N)
_LOGITS = RANDOM.normal(size=(N, 3)) + 1.2 * np.eye(3)[POSITIONS]
PROBABILITIES = np.exp(_LOGITS) / np.exp(_LOGITS).sum(axis=1, keepdims=True)
MULTICLASS = Sample(POSITIONS, PROBABILITIES.argmax(axis=1), PROBABILITIES, ("ant", "bee", "cat"))

NUMBERS = RANDOM.gamma(3, 2, N)
FORECAST = Sample(NUMBERS, np.abs(NUMBERS + RANDOM.normal(size=N)) + 0.1, None)
TWO = Sample(RANDOM.normal(size=(N, 2)), RANDOM.normal(size=(N, 2)), None)

QUERIES = np.sort(RANDOM.integers(0, 30, N))
RANKED = Sample(RANDOM.integers(0, 4, N).astype(float), None, RANDOM.normal(size=N), group=QUERIES)
