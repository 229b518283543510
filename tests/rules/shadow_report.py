"""What a model that ran beside the deployed one was seen to do."""

from __future__ import annotations

from typing import Any

from tests.judging import WEIGHTS, digest

OLD = digest("deployed")

REPORT: dict[str, Any] = {
    "schema_version": 1,
    "model": "churn",
    "window": {"start": "2026-11-18T12:00:00Z", "end": "2026-11-19T12:00:00Z"},
    "candidate": {
        "weights": {"model.skops": WEIGHTS},
        "requests": 10000,
        "error_rate": 0.01,
        "latency": {"p50": 20, "p95": 110.0, "p99": 200},
        "outputs": [5000, 4000],
    },
    "deployed": {
        "weights": {"model.skops": OLD},
        "requests": 10000,
        "error_rate": 0.01,
        "latency": {"p50": 20, "p95": 100.0, "p99": 190},
        "outputs": [5000, 4000],
    },
    "edges": [0, 0.5, 1],
}
