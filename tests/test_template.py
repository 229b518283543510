"""The template's data, weights and records, and its rendering."""

from __future__ import annotations

import ast
import json
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
import skops.io
import yaml
from sklearn import metrics as sk
from snitch.rules.drift import DriftedFeature
from snitch.rules.leak import BenchmarkLeak
from snitch.rules.signature import SchemaMismatch

from snitch import __version__
from snitch.cli.tables import profile_of
from snitch.formats.benchmark import BenchmarkDefinition
from snitch.formats.evaluation import EvaluationRecord
from snitch.formats.manifest import Manifest
from snitch.formats.profile import profile_text
from snitch.metrics import metric as known_metric
from snitch.template import UnknownToken, render, rendered_path, template_files
from tests.gating.witnesses import gate_of
from tests.judging import judgement

MODELS = {"breast-cancer": "breast-cancer-holdout", "diabetes": "diabetes-holdout"}
BORN = date(2031, 3, 1)
BINARY = {".skops", ".parquet"}

# A second opinion on `snitch evaluate`: each metric by its definition, from labels, predictions and scores.
BY_HAND: dict[str, Callable[[Any, Any, Any], float]] = {
    "roc_auc": lambda y, _, s: sk.auc(*sk.roc_curve(y, s)[:2]),
    "average_precision": lambda y, _, s: _step_area(y, s),
    "recall": lambda y, p, _: (y * p).sum() / y.sum(),
    "brier_score_loss": lambda y, _, s: ((s - y) ** 2).mean(),
    "mean_absolute_error": lambda y, p, _: np.abs(y - p).mean(),
    "root_mean_squared_error": lambda y, p, _: ((y - p) ** 2).mean() ** 0.5,
    "r2": lambda y, p, _: 1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum(),
}


def _step_area(labels: Any, scores: Any) -> float:
    precision, recall, _ = sk.precision_recall_curve(labels, scores)
    return float(-(np.diff(recall) * precision[:-1]).sum())


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The model repository as it is born."""
    return render(template_files(), BORN)


@pytest.fixture
def repository(files: dict[str, bytes], tmp_path: Path) -> Path:
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def digest(content: bytes) -> str:
    return "sha256:" + sha256(content).hexdigest()


def manifest_of(files: dict[str, bytes], model: str) -> dict[str, Any]:
    return yaml.safe_load(files[f"models/{model}/model.yaml"])  # type: ignore[no-any-return]


def benchmark_of(files: dict[str, bytes], model: str) -> dict[str, Any]:
    return yaml.safe_load(files[f"benchmarks/{MODELS[model]}/benchmark.yaml"])  # type: ignore[no-any-return]


def record_of(files: dict[str, bytes], model: str) -> dict[str, Any]:
    return json.loads(files[f"models/{model}/evaluations/{MODELS[model]}.json"])  # type: ignore[no-any-return]


def predictions_of(files: dict[str, bytes], model: str) -> pd.DataFrame:
    return pd.read_parquet(BytesIO(files[f"models/{model}/evaluations/{MODELS[model]}.parquet"]))


def data_of(files: dict[str, bytes], model: str) -> pd.DataFrame:
    return pd.read_parquet(BytesIO(files[f"benchmarks/{MODELS[model]}/data.parquet"]))


def train(repository: Path, model: str) -> str:
    script = repository / "models" / model / "train.py"
    return subprocess.run([sys.executable, script], check=True, capture_output=True, text=True).stdout


class TestRendering:
    @pytest.mark.parametrize(
        ("token", "day"),
        [("{{today}}", "2031-03-01"), ("{{today-1d}}", "2031-02-28"), ("{{today+31d}}", "2031-04-01")],
    )
    def test_a_token_becomes_a_day(self, token: str, day: str) -> None:
        assert render({"a.md": f"on {token}.".encode()}, BORN) == {"a.md": f"on {day}.".encode()}

    def test_the_version_is_that_of_the_snitch_that_makes_it(self) -> None:
        assert render({"a.md": b"=={{version}}"}, BORN) == {"a.md": f"=={__version__}".encode()}

    def test_what_a_ci_will_fill_in_stays(self) -> None:
        assert render({"a.yml": b"${{ github.token }}"}, BORN) == {"a.yml": b"${{ github.token }}"}

    @pytest.mark.parametrize("token", ["{{tomorrow}}", "{{today-30}}", "{{ today }}", "{{today-99999d}}", "{{}}"])
    def test_any_other_token_is_refused(self, token: str) -> None:
        with pytest.raises(UnknownToken, match=r"^a\.md: "):
            render({"a.md": token.encode()}, BORN)

    @pytest.mark.parametrize("name", ["model.skops", "data.parquet"])
    def test_bytes_that_are_no_text_stay_as_they_are(self, name: str) -> None:
        assert render({name: b"\x00{{x}}{{today}}\xff"}, BORN) == {name: b"\x00{{x}}{{today}}\xff"}

    @pytest.mark.parametrize(
        ("stored", "rendered"),
        [
            ("dot-gitattributes", ".gitattributes"),
            ("dot-github/CODEOWNERS", ".github/CODEOWNERS"),
            ("models/a/dot-env", "models/a/.env"),
            ("polka-dot-a/b", "polka-dot-a/b"),
        ],
    )
    def test_a_stored_name_gets_its_dot_back(self, stored: str, rendered: str) -> None:
        assert rendered_path(stored) == rendered


class TestStoredTemplate:
    def test_no_stored_name_starts_with_a_dot(self) -> None:
        assert [path for path in template_files() if "/." in "/" + path] == []

    def test_what_python_compiled_is_no_part_of_it(self) -> None:
        assert [path for path in template_files() if "__pycache__" in path] == []

    def test_no_date_is_written_out(self) -> None:
        dated = re.compile(rb"\b(19|20)\d\d-\d\d-\d\d\b")
        text = {path: content for path, content in template_files().items() if Path(path).suffix not in BINARY}
        assert {path: found[0] for path, content in text.items() if (found := dated.search(content))} == {}

    def test_a_year_later_only_text_differs(self, files: dict[str, bytes]) -> None:
        later = render(template_files(), BORN.replace(year=2032))
        changed = {path for path in files if files[path] != later[path]}
        assert changed
        assert {Path(path).suffix for path in changed} <= {".yaml", ".json", ".md"}

    def test_it_brings_the_dot_files(self, files: dict[str, bytes]) -> None:
        assert {".gitattributes", ".gitignore", ".pre-commit-config.yaml", ".github/CODEOWNERS"} <= files.keys()

    def test_nothing_is_large(self, files: dict[str, bytes]) -> None:
        assert max(map(len, files.values())) < 200_000


@pytest.mark.parametrize("model", MODELS)
class TestModel:
    def test_its_documents_have_the_shape_that_snitch_reads(self, files: dict[str, bytes], model: str) -> None:
        msgspec.convert(manifest_of(files, model), Manifest)
        msgspec.convert(benchmark_of(files, model), BenchmarkDefinition)
        msgspec.convert(record_of(files, model), EvaluationRecord)

    def test_the_record_binds_weights_benchmark_and_predictions(self, files: dict[str, bytes], model: str) -> None:
        record, folder = record_of(files, model), f"models/{model}"
        definition = msgspec.convert(benchmark_of(files, model), BenchmarkDefinition).definition
        data = files[f"benchmarks/{MODELS[model]}/data.parquet"]
        predictions = files[f"{folder}/evaluations/{record['predictions']['path']}"]
        assert record["model"]["weights"] == {"model.skops": digest(files[f"{folder}/model.skops"])}
        assert record["dataset"]["revision"] == benchmark_of(files, model)["data"]["revision"] == digest(data)
        assert record["dataset"]["definition"] == definition
        assert record["predictions"]["sha256"] == digest(predictions)
        assert record["dataset"]["rows"] == benchmark_of(files, model)["data"]["rows"] == len(data_of(files, model))

    def test_the_predictions_hold_neither_labels_nor_features(self, files: dict[str, bytes], model: str) -> None:
        scores = ["score"] if manifest_of(files, model)["task"] == "binary-classification" else []
        assert list(predictions_of(files, model)) == ["patient_id", "prediction", *scores]

    def test_every_recorded_number_follows_from_the_predictions(self, files: dict[str, bytes], model: str) -> None:
        record, benchmark = record_of(files, model), benchmark_of(files, model)
        joined = data_of(files, model).merge(predictions_of(files, model), on="patient_id", validate="1:1")
        assert len(joined) == record["dataset"]["rows"]
        for part in [{"slice": {}, "rows": len(joined), "metrics": record["metrics"]}, *record["slices"]]:
            rows = joined
            for column, value in part["slice"].items():
                rows = rows[rows[column] == value]
            assert len(rows) == part["rows"]
            columns = rows[benchmark["target"]], rows["prediction"], rows.get("score")
            for metric in part["metrics"]:
                assert metric["value"] == pytest.approx(BY_HAND[metric["type"]](*columns), rel=1e-9)

    def test_labels_follow_from_scores_and_the_threshold(self, files: dict[str, bytes], model: str) -> None:
        threshold, predictions = manifest_of(files, model).get("decision_threshold"), predictions_of(files, model)
        if threshold is not None:
            assert ((predictions["score"] >= threshold) == predictions["prediction"].astype(bool)).all()
            assert {"threshold": threshold} in [metric.get("args") for metric in record_of(files, model)["metrics"]]

    def test_the_record_covers_all_that_the_benchmark_asks_for(self, files: dict[str, bytes], model: str) -> None:
        record, benchmark, data = record_of(files, model), benchmark_of(files, model), data_of(files, model)
        asked = [each if isinstance(each, str) else each["type"] for each in benchmark["metrics"]]
        slices = [{column: value} for column in benchmark["slices"] for value in sorted(data[column].unique().tolist())]
        assert [part["slice"] for part in record["slices"]] == slices
        for part in (record, *record["slices"]):
            assert [metric["type"] for metric in part["metrics"]] == asked

    def test_each_interval_holds_its_value(self, files: dict[str, bytes], model: str) -> None:
        for metric in record_of(files, model)["metrics"]:
            interval = metric["confidence_interval"]
            assert interval["lower_bound"] < metric["value"] < interval["upper_bound"]

    def test_no_number_is_too_good_to_be_true(self, files: dict[str, bytes], model: str) -> None:
        record = record_of(files, model)
        for metric in [metric for part in (record, *record["slices"]) for metric in part["metrics"]]:
            known = known_metric(metric["type"], metric.get("args"))
            assert known is not None
            assert metric["value"] != known.best

    def test_the_card_states_the_recorded_numbers(self, files: dict[str, bytes], model: str) -> None:
        card = files[f"models/{model}/README.md"].decode()
        for metric in record_of(files, model)["metrics"]:
            places = 1 if metric["value"] > 1 else 3
            value, interval = f"{metric['value']:.{places}f}", metric["confidence_interval"]
            lower, upper = (f"{interval[bound]:.{places}f}" for bound in ("lower_bound", "upper_bound"))
            assert f"| {value} | {lower} to {upper} |" in card

    def test_the_weights_load_without_trusting_any_type(self, files: dict[str, bytes], model: str) -> None:
        assert skops.io.get_untrusted_types(data=files[f"models/{model}/model.skops"]) == []

    def test_the_shipped_weights_make_the_shipped_predictions(self, files: dict[str, bytes], model: str) -> None:
        assert predict(files, model, files[f"models/{model}/model.skops"]) == pytest.approx(shipped(files, model))

    def test_retraining_gives_the_same_weights_to_the_bit(
        self, files: dict[str, bytes], repository: Path, model: str
    ) -> None:
        first = train(repository, model)
        weights = (repository / "models" / model / "model.skops").read_bytes()
        assert train(repository, model) == first
        assert (repository / "models" / model / "model.skops").read_bytes() == weights
        # The shipped ones may be of another machine, whose sums round otherwise.
        assert predict(files, model, weights) == pytest.approx(shipped(files, model), rel=1e-9)
        data = manifest_of(files, model)["training"]["data"][0]
        assert f"revision {data['revision']}, rows {data['rows']}\n" in first

    def test_nobody_is_both_trained_on_and_judged_by(
        self, files: dict[str, bytes], repository: Path, model: str
    ) -> None:
        script = runpy.run_path(str(repository / "models" / model / "train.py"))
        everyone = set(script["load_patients"]().index)
        trained = {patient for patient in everyone if not script["is_held_out"](patient)}
        judged = set(data_of(files, model)["patient_id"])
        assert trained.isdisjoint(judged)
        assert trained | judged == everyone
        assert len(trained) == manifest_of(files, model)["training"]["data"][0]["rows"]

    def test_the_profile_is_of_the_training_data(self, files: dict[str, bytes], repository: Path, model: str) -> None:
        train(repository, model)
        data = str(repository / "build" / f"{model}-training.csv")
        inputs = [column["name"] for column in manifest_of(files, model)["signature"]["inputs"]]
        profile = profile_of(data, id="patient_id", columns=inputs, like=None)
        assert profile_text(profile).encode() == files[f"models/{model}/training-profile.json"]
        assert profile.data.digest == manifest_of(files, model)["training"]["data"][0]["revision"]

    def test_the_rules_about_data_apply_and_pass(self, files: dict[str, bytes], model: str) -> None:
        for rule in (DriftedFeature(), SchemaMismatch(), BenchmarkLeak()):
            told = judgement(rule, files, folder=f"models/{model}", gate=gate_of())
            assert (told.findings, told.skipped) == ((), ())

    def test_the_benchmark_is_what_its_script_prepares(
        self, files: dict[str, bytes], repository: Path, model: str
    ) -> None:
        folder = repository / "benchmarks" / MODELS[model]
        subprocess.run([sys.executable, folder / "prepare.py"], check=True, capture_output=True)
        pd.testing.assert_frame_equal(pd.read_parquet(folder / "data.parquet"), data_of(files, model))

    def test_the_signature_admits_the_benchmark(self, files: dict[str, bytes], model: str) -> None:
        data = data_of(files, model)
        for column in manifest_of(files, model)["signature"]["inputs"]:
            values = data[column["name"]]
            assert str(values.dtype) == {"long": "int64", "double": "float64"}[column["type"]]
            assert values.between(column.get("minimum", -np.inf), column.get("maximum", np.inf)).all()
            assert set(values) <= set(column.get("enum", values))

    def test_each_import_is_declared_and_pinned_to_one_version(self, files: dict[str, bytes], model: str) -> None:
        distributions = {"sklearn": "scikit-learn", "yaml": "PyYAML"}
        tree = ast.parse(files[f"models/{model}/train.py"])
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        third_party = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
        lines = files[f"models/{model}/requirements.txt"].decode().splitlines()
        pins = [re.fullmatch(r"([\w-]+)==[\d.]+", line) for line in lines if not line.startswith("#")]
        assert all(pins)
        assert {distributions.get(name, name) for name in third_party} <= {pin[1] for pin in pins if pin}


def shipped(files: dict[str, bytes], model: str) -> Any:
    predictions = predictions_of(files, model).sort_values("patient_id")
    return predictions.get("score", predictions["prediction"]).to_numpy()


def predict(files: dict[str, bytes], model: str, weights: bytes) -> Any:
    """The score, or without one the prediction, of each benchmark example in the order of its id."""
    columns = [column["name"] for column in manifest_of(files, model)["signature"]["inputs"]]
    features = data_of(files, model).sort_values("patient_id")[columns]
    loaded = skops.io.loads(weights)
    return loaded.predict_proba(features)[:, 1] if hasattr(loaded, "predict_proba") else loaded.predict(features)
