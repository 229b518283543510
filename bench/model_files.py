"""What stands in the files of the benchmarks' repositories: whole models and benchmarks, at two releases each."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import NamedTuple

BENCHMARKS = 20

_TRAIN = '''"""Trains {name}."""

import json

import numpy
import sklearn.ensemble


def features(rows):
    """The columns the model reads, as a matrix."""
    return numpy.array([[row["tenure_months"], row["plan"] == "pro"] for row in rows])


def train(path, parameters):
    """Fits the model to the rows of a file and returns it."""
    with open(path) as file:
        rows = json.load(file)
    model = sklearn.ensemble.HistGradientBoostingClassifier(**parameters)
    return model.fit(features(rows), [row["churned"] for row in rows])
'''


class Release(NamedTuple):
    """A model's version, and how much better than the first it scores."""

    version: str
    date: str
    gain: float


FIRST = Release("1.4.0", "2026-11-02", 0.0)
RETRAINED = Release("1.5.0", "2026-11-16", 0.004)


def shared_files(models: int) -> dict[str, str]:
    """The files of no model: policy, attributes, benchmarks."""
    files = {
        ".gitattributes": "".join(f"*.{kind} filter=lfs diff=lfs merge=lfs -text\n" for kind in ("skops", "parquet")),
        "snitch.yaml": "extends: recommended\n",
    }
    for benchmark in range(min(BENCHMARKS, models)):
        named = [_name(number) for number in range(benchmark, models, BENCHMARKS)]
        files[f"benchmarks/holdout-{benchmark}/benchmark.yaml"] = _benchmark(benchmark, named)
        files[f"benchmarks/holdout-{benchmark}/data.parquet"] = _pointer(_digest(f"data {benchmark}"))
    return files


def model_files(number: int, release: Release = FIRST) -> dict[str, str]:
    """A model's files. No two models share one, as no two teams would."""
    folder, benchmark = f"models/{_name(number)}", number % BENCHMARKS
    weights = _digest(f"weights {number} {release.version}")
    return {
        f"{folder}/model.yaml": _manifest(number, release),
        f"{folder}/README.md": _card(number),
        f"{folder}/CHANGELOG.md": _changelog(number, release),
        f"{folder}/params.yaml": f"max_iter: 200\nlearning_rate: 0.1\nmax_leaf_nodes: {31 + number}\n",
        f"{folder}/train.py": _TRAIN.replace("{name}", _name(number)),
        f"{folder}/requirements.txt": f"# For {_name(number)}.\nnumpy==2.1.0\nscikit-learn==1.9.0\n",
        f"{folder}/model.skops": _pointer(weights),
        f"{folder}/evaluations/holdout-{benchmark}.json": _evaluation(number, release, weights),
    }


def _name(number: int) -> str:
    return f"model-{number:05}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _pointer(digest: str) -> str:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 1000\n"


def _manifest(number: int, release: Release) -> str:
    return f"""name: {_name(number)}
version: {release.version}
description: Predicts which subscribers cancel within 30 days.
owners: [{{name: Growth ML, contact: growth-ml@example.com}}]
license: apache-2.0
task: binary-classification
library_name: scikit-learn
architecture: HistGradientBoostingClassifier
weights: [model.skops]
dependencies: requirements.txt
decision_threshold: 0.42
training:
  code: train.py
  params: params.yaml
  seed: 7
  duration: 14m
  data:
    - {{name: subscribers, revision: "sha256:{_digest("training")}", start: 2026-06-01, end: 2026-08-31, rows: 18000}}
signature:
  inputs: [{{name: tenure_months, type: long, minimum: 0}}, {{name: plan, type: string, enum: [basic, pro]}}]
  outputs: [{{name: probability, type: double, minimum: 0, maximum: 1}}]
"""


def _card(number: int) -> str:
    sections = ("Description", "Intended use", "Limitations", "Training data", "Evaluation", "Ethical considerations")
    text = "".join(f"\n## {section}\n\nSome sentences about it, as people write.\n" for section in sections)
    return f"# {_name(number)}\n{text}"


def _changelog(number: int, release: Release) -> str:
    releases = [each for each in (RETRAINED, FIRST) if each.version <= release.version]
    text = "".join(f"\n## [{each.version}] - {each.date}\n### Changed\n- Retrained.\n" for each in releases)
    return f"# Changelog of {_name(number)}\n{text}"


def _benchmark(number: int, models: list[str]) -> str:
    return f"""name: holdout-{number}
version: "2026.10"
task: binary-classification
models: [{", ".join(models)}]
data: {{path: data.parquet, revision: "sha256:{_digest(f"data {number}")}", rows: 4120}}
collected: {{start: 2026-09-01, end: 2026-09-30}}
split: temporal
id: customer_id
target: churned
positive_label: 1
metrics: [roc_auc, average_precision, {{type: recall, args: {{threshold: 0.42}}}}]
slices: [plan]
"""


def _definition() -> str:
    """The digest of the benchmarks' common definition."""
    content = {
        "task": "binary-classification",
        "target": "churned",
        "positive_label": 1,
        "id": "customer_id",
        "metrics": [
            {"type": "roc_auc", "args": {}},
            {"type": "average_precision", "args": {}},
            {"type": "recall", "args": {"threshold": 0.42}},
        ],
    }
    return "sha256:" + _digest(json.dumps(content, sort_keys=True, separators=(",", ":")))


def _evaluation(number: int, release: Release, weights: str) -> str:
    benchmark = number % BENCHMARKS

    def metrics(offset: float) -> list[dict[str, object]]:
        return [
            {"type": "roc_auc", "value": round(0.9 + offset + release.gain, 4)},
            {"type": "average_precision", "value": round(0.7 + offset + release.gain, 4)},
            {"type": "recall", "args": {"threshold": 0.42}, "value": round(0.74 + offset + release.gain, 4)},
        ]

    record = {
        "schema_version": 1,
        "model": {
            "name": _name(number),
            "version": release.version,
            "weights": {"model.skops": f"sha256:{weights}"},
        },
        "dataset": {
            "name": f"holdout-{benchmark}",
            "version": "2026.10",
            "revision": f"sha256:{_digest(f'data {benchmark}')}",
            "definition": _definition(),
            "rows": 4120,
        },
        "date": f"{release.date}T10:00:00Z",
        "metrics": metrics(0.01),
        "slices": [
            {"slice": {"plan": plan}, "rows": rows, "metrics": metrics(offset)}
            for plan, rows, offset in (("basic", 3608, 0.011), ("pro", 512, -0.012))
        ],
    }
    return json.dumps(record, indent=2) + "\n"
