"""Trains the diabetes model and writes its weights: `python models/diabetes/train.py`.

Prints the digest and the number of the training rows, for `training.data` in model.yaml. The rows themselves go to
build/, which Git ignores, for `snitch profile`.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import skops.io
import yaml
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
TARGET = "progression"
BLOOD = {"s1": "tc", "s2": "ldl", "s3": "hdl", "s4": "tch", "s5": "ltg", "s6": "glu"}


def load_patients() -> pd.DataFrame:
    """All 442 patients: 10 measurements in their own units and the target, indexed by pseudonymous id."""
    frame = load_diabetes(as_frame=True, scaled=False).frame
    # The source numbers the six blood measurements; its documentation says which is which.
    frame = frame.rename(columns={**BLOOD, "target": TARGET}).astype({"age": "int64", "sex": "int64"})
    frame.index = pd.Index([pseudonym(row) for row in range(len(frame))], name="patient_id")
    return frame.sort_index()


def pseudonym(row: int) -> str:
    return hashlib.sha256(f"diabetes/{row}".encode()).hexdigest()[:16]


def is_held_out(patient_id: str) -> bool:
    """Whether the benchmark owns this patient. By id, so a patient never changes sides when others come or go."""
    return int(hashlib.sha256(f"benchmark/{patient_id}".encode()).hexdigest(), 16) % 100 < 40


def train(patients: pd.DataFrame, features: list[str], params: dict[str, float]) -> Pipeline:
    """Fits the pipeline. The solution is in closed form: equal input gives equal coefficients, to the bit."""
    return make_pipeline(StandardScaler(), Ridge(alpha=params["alpha"])).fit(patients[features], patients[TARGET])


def save(model: Pipeline, path: Path) -> None:
    """Writes the weights so that equal models are equal bytes, which their digest then shows.

    skops stamps the clock on its archive and names objects by their memory address; both are evened out here.
    """
    numbers: dict[str, str] = {}

    def number(address: re.Match[str]) -> str:
        return numbers.setdefault(address[0], str(len(numbers) + 1))

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as dumped, zipfile.ZipFile(path, "w") as saved:
        schema = dumped.read("schema.json").decode()
        schema = re.sub(r'(?<="__id__": )\d+|\d+(?=\.npy")', number, schema)
        saved.writestr(zipfile.ZipInfo("schema.json"), schema)
        for name in dumped.namelist():
            if name != "schema.json":
                saved.writestr(zipfile.ZipInfo(re.sub(r"^\d+", number, name)), dumped.read(name))


def main() -> None:
    manifest = yaml.safe_load((HERE / "model.yaml").read_text(encoding="utf-8"))
    params = yaml.safe_load((HERE / "params.yaml").read_text(encoding="utf-8"))
    features = [column["name"] for column in manifest["signature"]["inputs"]]

    patients = load_patients()
    training = patients[[not is_held_out(patient_id) for patient_id in patients.index]]
    rows = training.to_csv(lineterminator="\n").encode()
    BUILD.mkdir(exist_ok=True)
    (BUILD / "diabetes-training.csv").write_bytes(rows)
    print(f"training data: revision sha256:{hashlib.sha256(rows).hexdigest()}, rows {len(training)}")

    save(train(training, features, params), HERE / "model.skops")
    print(f"weights: sha256:{hashlib.sha256((HERE / 'model.skops').read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
