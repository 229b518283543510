"""Writes the held-out patients to data.parquet and prints the revision and rows for benchmark.yaml.

Run it only to make a new version of the benchmark: what it writes is what every model is judged on.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_diabetes

HERE = Path(__file__).resolve().parent
NAMES = {"s1": "tc", "s2": "ldl", "s3": "hdl", "s4": "tch", "s5": "ltg", "s6": "glu", "target": "progression"}


def load_patients() -> pd.DataFrame:
    """All 442 patients, as models/diabetes/train.py reads them."""
    frame = load_diabetes(as_frame=True, scaled=False).frame
    frame = frame.rename(columns=NAMES).astype({"age": "int64", "sex": "int64"})
    pseudonyms = [hashlib.sha256(f"diabetes/{row}".encode()).hexdigest()[:16] for row in range(len(frame))]
    frame.insert(0, "patient_id", pseudonyms)
    return frame.sort_values("patient_id", ignore_index=True)


def is_held_out(patient_id: str) -> bool:
    """The same two fifths that train.py leaves out."""
    return int(hashlib.sha256(f"benchmark/{patient_id}".encode()).hexdigest(), 16) % 100 < 40


def age_band(age: int) -> str:
    if age < 40:
        return "under 40"
    return "40 to 54" if age < 55 else "55 and over"


def main() -> None:
    patients = load_patients()
    held_out = patients[patients["patient_id"].map(is_held_out)]
    path = HERE / "data.parquet"
    held_out.assign(age_band=held_out["age"].map(age_band)).to_parquet(path, index=False)
    print(f"revision sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}, rows {len(held_out)}")


if __name__ == "__main__":
    main()
