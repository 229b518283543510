"""What the gate says where a job has measured a model again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from snitch.gating.evidence import read_evidence
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.rules.reproduced import VERIFY, Files, judged


def attested(tmp_path: Path, files: Files, *entries: dict[str, Any], head: str | None = None, **more: Any) -> Judgement:
    isolation = more.pop("isolation", ["files", "memory", "network", "processes", "time"])
    evidence = {
        "schema_version": 1,
        "snitch": "0.1.0",
        "head": head,
        "isolation": isolation,
        "evaluations": list(entries),
    }
    path = tmp_path / f"evidence-{len(list(tmp_path.iterdir()))}.json"
    path.write_text(json.dumps(evidence))
    gate = gate_of(evidence=(read_evidence(str(path)),))
    return judged(files, **{"environment": VERIFY, "gate": gate, **more})
