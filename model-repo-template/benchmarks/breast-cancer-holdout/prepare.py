"""Writes the held-out patients to data.parquet and prints the revision and rows for benchmark.yaml.

Run it only to make a new version of the benchmark: what it writes is what every model is judged on.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer

HERE = Path(__file__).resolve().parent


def load_patients() -> pd.DataFrame:
    """All 569 patients, as models/breast-cancer/train.py reads them."""
    frame = load_breast_cancer(as_frame=True).frame
    frame.columns = [name.replace(" ", "_") for name in frame.columns]
    frame["malignant"] = 1 - frame.pop("target")
    pseudonyms = [hashlib.sha256(f"breast-cancer/{row}".encode()).hexdigest()[:16] for row in range(len(frame))]
    frame.insert(0, "patient_id", pseudonyms)
    return frame.sort_values("patient_id", ignore_index=True)


def is_held_out(patient_id: str) -> bool:
    """The same two fifths that train.py leaves out."""
    return int(hashlib.sha256(f"benchmark/{patient_id}".encode()).hexdigest(), 16) % 100 < 40


def main() -> None:
    patients = load_patients()
    held_out = patients[patients["patient_id"].map(is_held_out)]
    sizes = np.where(held_out["mean_radius"] < 14, "small", "large")
    path = HERE / "data.parquet"
    held_out.assign(tumour_size=sizes).to_parquet(path, index=False)
    print(f"revision sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}, rows {len(held_out)}")


if __name__ == "__main__":
    main()
