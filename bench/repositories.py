"""Model repositories of any size, made by `git fast-import`: every model whole, with pointers for weights."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

_DATE = "1793880000 +0000"
_BENCHMARKS = 20

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


def build(folder: Path, models: int) -> None:
    """A repository on branch `main` with so many models, and the same as `origin/main`."""
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    stream = b"".join(_fast_import(models))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)
    _git(folder, "update-ref", "refs/remotes/origin/main", "refs/heads/main")
    _git(folder, "reset", "-q", "--hard")


def change_some(folder: Path, models: int) -> None:
    """A branch `change` on which so many models have another description and a raised version."""
    _git(folder, "checkout", "-q", "-b", "change")
    for number in range(models):
        path = folder / f"models/model-{number:05}/model.yaml"
        path.write_text(path.read_text().replace("30 days", "31 days"))
    _git(folder, "commit", "-qam", "Change some models")


def _git(folder: Path, *args: str) -> None:
    names = {f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **names, "GIT_LFS_SKIP_SMUDGE": "1"}
    subprocess.run(["git", *args], cwd=folder, check=True, env=environment, stdout=subprocess.DEVNULL)


def _fast_import(models: int) -> Iterator[bytes]:
    yield f"commit refs/heads/main\ncommitter bench <bench> {_DATE}\ndata 5\nModel\n".encode()
    files = {**_shared(models)}
    for number in range(models):
        files.update(_model(number))
    for path, content in files.items():
        data = content.encode()
        yield f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def _shared(models: int) -> dict[str, str]:
    files = {
        ".gitattributes": "*.skops filter=lfs diff=lfs merge=lfs -text\n*.parquet filter=lfs diff=lfs merge=lfs -text\n",
        "snitch.yaml": "extends: recommended\n",
    }
    for benchmark in range(min(_BENCHMARKS, models)):
        named = [_name(number) for number in range(benchmark, models, _BENCHMARKS)]
        files[f"benchmarks/holdout-{benchmark}/benchmark.yaml"] = _benchmark(benchmark, named)
        files[f"benchmarks/holdout-{benchmark}/data.parquet"] = _pointer(_digest(f"data {benchmark}"))
    return files


def _model(number: int) -> dict[str, str]:
    folder, benchmark = f"models/{_name(number)}", number % _BENCHMARKS
    return {
        f"{folder}/model.yaml": _manifest(number),
        f"{folder}/README.md": _card(number),
        f"{folder}/CHANGELOG.md": f"# Changelog of {_name(number)}\n\n## [1.4.0] - 2026-11-02\n### Changed\n- Retrained.\n",
        f"{folder}/params.yaml": f"max_iter: 200\nlearning_rate: 0.1\nmax_leaf_nodes: {31 + number}\n",
        f"{folder}/train.py": _TRAIN.replace("{name}", _name(number)),
        f"{folder}/requirements.txt": f"# For {_name(number)}.\nnumpy==2.1.0\nscikit-learn==1.9.0\n",
        f"{folder}/model.skops": _pointer(_digest(f"weights {number}")),
        f"{folder}/evaluations/holdout-{benchmark}.json": _evaluation(number, benchmark),
    }


def _name(number: int) -> str:
    return f"model-{number:05}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _pointer(digest: str) -> str:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 1000\n"


def _manifest(number: int) -> str:
    return f"""name: {_name(number)}
version: 1.4.0
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
    return f"# {_name(number)}\n\n" + "\n".join(
        f"## {section}\n\nSome sentences about it, as people write.\n" for section in sections
    )


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


def definition() -> str:
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


def _evaluation(number: int, benchmark: int) -> str:
    def metrics(offset: float) -> list[dict[str, object]]:
        return [
            {"type": "roc_auc", "value": round(0.9 + offset, 4)},
            {"type": "average_precision", "value": round(0.7 + offset, 4)},
            {"type": "recall", "args": {"threshold": 0.42}, "value": round(0.74 + offset, 4)},
        ]

    record = {
        "schema_version": 1,
        "model": {
            "name": _name(number),
            "version": "1.4.0",
            "weights": {"model.skops": f"sha256:{_digest(f'weights {number}')}"},
        },
        "dataset": {
            "name": f"holdout-{benchmark}",
            "version": "2026.10",
            "revision": f"sha256:{_digest(f'data {benchmark}')}",
            "definition": definition(),
            "rows": 4120,
        },
        "date": "2026-11-02T10:00:00Z",
        "metrics": metrics(0.01),
        "slices": [
            {"slice": {"plan": plan}, "rows": rows, "metrics": metrics(offset)}
            for plan, rows, offset in (("basic", 3608, 0.011), ("pro", 512, -0.012))
        ],
    }
    return json.dumps(record, indent=2) + "\n"
