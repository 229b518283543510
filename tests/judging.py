"""Rules tested as code and data: a repository is a dict of files, and a test changes one thing in it.

`SPOTLESS` is a repository in which every rule is content. `edit` returns a copy with one file's text changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from snitch.change import Catalogue, Change, Environment
from snitch.engine import ActiveRule, judge, judge_repository
from snitch.finding import Finding, Skip, Undecidable
from snitch.gate import Gate
from snitch.model import Model
from snitch.pointer import write_pointer
from snitch.repository import Repository
from snitch.repository_change import RepositoryChange
from snitch.rule import AnyRule, Rule
from snitch.snapshot import MemorySnapshot
from snitch.source import Documents
from snitch.verdict import Judgement

TODAY = date(2026, 11, 20)
DEVELOPMENT = Environment(name="development", branches=("*",), lowest=True)
PRODUCTION = Environment(name="production", branches=("main",), lowest=False, promotes_from="development")

Files = Mapping[str, bytes | str]
Deployed = Files | Skip | Undecidable | None


def digest(text: str) -> str:
    return "sha256:" + sha256(text.encode()).hexdigest()


WEIGHTS, DATA = digest("weights"), digest("data")
FOLDER = "models/churn"
MANIFEST = f"{FOLDER}/model.yaml"
EVALUATION = f"{FOLDER}/evaluations/churn-holdout.json"
BENCHMARK = "benchmarks/churn-holdout/benchmark.yaml"

_MANIFEST = f"""\
name: churn
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
  data:
    - {{name: subscribers, revision: "{digest("training")}", start: 2026-06-01, end: 2026-08-31, rows: 18000}}
signature:
  inputs: [{{name: tenure_months, type: long, minimum: 0}}, {{name: plan, type: string, enum: [basic, pro]}}]
  outputs: [{{name: probability, type: double, minimum: 0, maximum: 1}}]
"""

_CARD = """\
# Churn

## Description
Predicts which subscribers cancel within 30 days.
## Intended use
Ranking subscribers for a call.
## Limitations
Knows nothing of business customers.
## Training data
Subscribers of the summer of 2026.
## Evaluation
On the churn holdout.
## Ethical considerations
Nobody is refused a service by this score.
"""

_CHANGELOG = """\
# Changelog

## [1.4.0] - 2026-11-02
### Changed
- Retrained on the data of the summer.

## [1.3.2] - 2026-05-04
### Fixed
- A typo in the card.
"""

_BENCHMARK = f"""\
name: churn-holdout
version: "2026.10"
task: binary-classification
models: [churn]
data: {{path: data.parquet, revision: "{DATA}", rows: 4120}}
collected: {{start: 2026-09-01, end: 2026-09-30}}
expires: 2027-03-31
split: temporal
id: customer_id
target: churned
positive_label: 1
metrics: [roc_auc, average_precision, {{type: recall, args: {{threshold: 0.42}}}}]
slices: [plan]
"""


def _evaluation() -> str:
    definition = Repository(MemorySnapshot({BENCHMARK: _BENCHMARK})).benchmarks[0].definition.definition
    record = {
        "schema_version": 1,
        "model": {"name": "churn", "version": "1.4.0", "weights": {"model.skops": WEIGHTS}},
        "dataset": {
            "name": "churn-holdout",
            "version": "2026.10",
            "revision": DATA,
            "definition": definition,
            "rows": 4120,
        },
        "date": "2026-11-02T10:00:00Z",
        "metrics": [
            {"type": "roc_auc", "value": 0.913},
            {"type": "average_precision", "value": 0.71},
            {"type": "recall", "args": {"threshold": 0.42}, "value": 0.74},
        ],
        "slices": [
            {
                "slice": {"plan": plan},
                "rows": rows,
                "metrics": [
                    {"type": "roc_auc", "value": value},
                    {"type": "average_precision", "value": 0.7},
                    {"type": "recall", "args": {"threshold": 0.42}, "value": 0.72},
                ],
            }
            for plan, rows, value in (("basic", 3608, 0.915), ("pro", 512, 0.897))
        ],
    }
    return json.dumps(record, indent=2) + "\n"


SPOTLESS: dict[str, bytes | str] = {
    ".gitattributes": "*.skops filter=lfs diff=lfs merge=lfs -text\n*.parquet filter=lfs diff=lfs merge=lfs -text\n",
    "snitch.yaml": "extends: recommended\n",
    BENCHMARK: _BENCHMARK,
    "benchmarks/churn-holdout/data.parquet": write_pointer(DATA, 4),
    MANIFEST: _MANIFEST,
    f"{FOLDER}/README.md": _CARD,
    f"{FOLDER}/CHANGELOG.md": _CHANGELOG,
    f"{FOLDER}/params.yaml": "max_iter: 200\n",
    f"{FOLDER}/train.py": "import numpy\nimport sklearn\n",
    f"{FOLDER}/requirements.txt": "numpy==2.1.0\nscikit-learn==1.9.0\n",
    EVALUATION: _evaluation(),
    f"{FOLDER}/model.skops": write_pointer(WEIGHTS, 7),
}


def edit(files: Files, path: str, old: str, new: str) -> dict[str, bytes | str]:
    """The files with one text replaced in one of them; the old text must stand there exactly once."""
    text = files[path]
    assert isinstance(text, str)
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    return {**files, path: text.replace(old, new)}


def edit_json(files: Files, path: str, change: Any) -> dict[str, bytes | str]:
    """The files with a JSON file passed through `change(data)`, which edits it in place."""
    data = json.loads(files[path])
    change(data)
    return {**files, path: json.dumps(data, indent=2) + "\n"}


def without(files: Files, *paths: str) -> dict[str, bytes | str]:
    """The files without some of them, each of which must be there."""
    assert set(paths) <= set(files)
    return {path: content for path, content in files.items() if path not in paths}


def change_of(
    files: Files,
    deployed: Deployed = None,
    *,
    folder: str = FOLDER,
    environment: Environment = PRODUCTION,
    today: date = TODAY,
    catalogue: Catalogue | None = None,
    modes: Mapping[str, int] | None = None,
    local: Mapping[str, str] | None = None,
    base: Files | None = None,
    gate: Gate | None = None,
    commit: str | None = None,
) -> Change:
    """The change of the model at `folder`. `deployed` None is a first release."""
    documents = Documents()
    candidate = Repository(
        MemorySnapshot(files, modes=modes, local=local, ref="index", commit=commit), documents=documents
    )
    other: Model | Skip | Undecidable
    if deployed is None:
        other = Skip("first release")
    elif isinstance(deployed, (Skip, Undecidable)):
        other = deployed
    else:
        held = MemorySnapshot(deployed, ref="refs/remotes/origin/main", commit="3f2c1ab" + "0" * 33)
        tip = Repository(held, documents=documents)
        other = Model(tip, folder)
    before = None if base is None else Repository(MemorySnapshot(base), documents=documents)
    return Change(
        Model(candidate, folder),
        other,
        environment=environment,
        today=today,
        catalogue=catalogue,
        base=before,
        gate=gate,
    )


def judgement(rule: AnyRule, files: Files, deployed: Deployed = None, **more: Any) -> Judgement:
    """What the engine makes of one rule about models (at its severity above the lowest environment)."""
    assert isinstance(rule, Rule)
    return judge([ActiveRule(rule, rule.severity[1] or "error")], change_of(files, deployed, **more))


def findings(rule: AnyRule, files: Files, deployed: Deployed = None, **more: Any) -> list[Finding]:
    """The findings of one rule about models."""
    return list(judgement(rule, files, deployed, **more).findings)


def repository_findings(rule: AnyRule, files: Files, deployed: Files | None = None, **more: Any) -> list[Finding]:
    """The findings of one rule about the repository."""
    return list(repository_judgement(rule, files, deployed, **more).findings)


def repository_judgement(rule: AnyRule, files: Files, deployed: Files | None = None, **more: Any) -> Judgement:
    """What the engine makes of one rule about the repository."""
    candidate = Repository(MemorySnapshot(files, ref="index"))
    tip: Repository | Skip = Repository(MemorySnapshot(deployed)) if deployed is not None else Skip("first release")
    models = more.pop("models", tuple(Model(candidate, folder) for folder in sorted(candidate.model_folders)))
    environment = more.pop("environment", PRODUCTION)
    if "catalogue" not in more:
        more["catalogue"] = catalogue_of(candidate)
    if isinstance(tip, Repository) and "deployed_catalogue" not in more:
        more["deployed_catalogue"] = catalogue_of(tip)
    change = RepositoryChange(candidate, tip, environment=environment, today=TODAY, models=models, **more)
    return judge_repository([ActiveRule(rule, rule.severity[1] or "error")], change)


def catalogue_of(repository: Repository) -> Catalogue:
    """The names and weights of all models, read from each."""
    folders: dict[str, tuple[str, ...]] = {}
    weights: dict[str, tuple[tuple[str, str], ...]] = {}
    for folder in sorted(repository.model_folders):
        model = Model(repository, folder)
        folders[model.name] = (*folders.get(model.name, ()), folder)
        for file in model.weights:
            if file.pointer:
                held = weights.get(file.pointer.digest, ())
                weights[file.pointer.digest] = (*held, (model.name, file.path))
    return Catalogue(folders, weights)
