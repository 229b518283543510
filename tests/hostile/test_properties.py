"""However a file is mangled: no rule crashes, every report can be written, and nothing passes unearned."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile import oracles
from tests.hostile.mangling import mangled
from tests.hostile.oracles import Oracle, holds
from tests.hostile.whole import outcome
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, edit
from tests.rules.measured import DEPLOYED, record, scoring

POLICY = """\
required_version: ">=0.1"
extends: strict
remote: origin
exclude: [sandbox/]
environments:
  development: {branches: ["*"]}
  staging: {branches: [staging], promotes_from: development}
  production: {branches: [main], promotes_from: staging, soak: 24h, approvals: 1, verify: true}
deployed: production
gate: {approvers: [platform-lead]}
rules:
  stale-training-data: {max_age: 180d}
  metric-regressed: {metrics: {roc_auc: {max_drop: 0.005}, recall: {max_drop: "2%"}}}
  slice-regressed: {max_drop: 0.02, min_rows: 200}
  metric-below-floor: {metrics: {roc_auc: 0.85}}
  disallowed-dependency: {packages: [{name: tensorflow, versions: "<2.16", reason: "not served any more"}]}
  invalid-manifest: {schema: schemas/metadata.schema.json}
  serving-conflict: {constraints: serving/constraints.txt}
overrides:
  - {environments: [production], rules: {stale-training-data: {max_age: 90d}}}
  - {models: ["models/churn*"], rules: {metric-below-floor: {metrics: {recall: 0.5}}}}
retired: [{model: old-churn, reason: "replaced by churn", owner: growth-ml@example.com}]
waivers:
  - {rule: BEN006, model: churn, version: 1.4.0, reason: rare data, owner: me@example.com, expires: 2026-12-15}
"""
REQUIREMENTS, CARD, CHANGELOG = (f"{FOLDER}/{name}" for name in ("requirements.txt", "README.md", "CHANGELOG.md"))
PARAMS, CODE, WEIGHTS = (f"{FOLDER}/{name}" for name in ("params.yaml", "train.py", "model.skops"))
SCHEMA, CONSTRAINTS = "schemas/metadata.schema.json", "serving/constraints.txt"
#: A repository that uses nearly everything, and passes in production.
GOOD: Files = {
    **SPOTLESS,
    "snitch.yaml": POLICY,
    MANIFEST: f"{SPOTLESS[MANIFEST]!s}metadata: {{tier: a, team: growth}}\n",
    SCHEMA: '{"properties": {"tier": {"enum": ["a", "b"]}, "team": {"pattern": "^[a-z]+$"}}, "required": ["tier"]}\n',
    CONSTRAINTS: "numpy==2.1.0\nscikit-learn<2\n",
}
ORACLES: dict[str, Oracle] = {
    MANIFEST: oracles.manifest,
    EVALUATION: oracles.evaluation,
    BENCHMARK: oracles.benchmark,
    REQUIREMENTS: oracles.requirements,
    WEIGHTS: oracles.pointer,
    CARD: oracles.card,
    CHANGELOG: oracles.changelog,
    "snitch.yaml": oracles.policy,
}
OTHER = "sha256:" + "0" * 64
#: What is wrong with a model, and the file that would have to change for it to be right.
WRONG: dict[str, tuple[Files, str]] = {
    "regressed": (scoring(GOOD, 0.9), EVALUATION),
    "of other weights": (record(GOOD, lambda data: data["model"].update(weights={"model.skops": OTHER})), EVALUATION),
    "stale": (edit(edit(GOOD, MANIFEST, "2026-08-31", "2026-06-30"), MANIFEST, "2026-06-01", "2026-05-01"), MANIFEST),
    "ownerless": (edit(GOOD, MANIFEST, "owners: [{name: Growth ML, contact: growth-ml@example.com}]\n", ""), MANIFEST),
    "disallowed": ({**GOOD, REQUIREMENTS: f"{SPOTLESS[REQUIREMENTS]!s}tensorflow==2.15.0\n"}, REQUIREMENTS),
}  # fmt: skip

quick = settings(
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def text(files: Files, path: str) -> str:
    content = files[path]
    return content.decode() if isinstance(content, bytes) else content


def test_what_is_good_passes() -> None:
    assert outcome(GOOD, DEPLOYED) == "passed"
    for path, oracle in ORACLES.items():
        assert holds(oracle, text(GOOD, path).encode())


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_does_not(wrong: str) -> None:
    assert outcome(WRONG[wrong][0], DEPLOYED) == "blocked"


@pytest.mark.parametrize("path", ORACLES)
@quick
@given(st.data())
def test_a_mangled_file_passes_only_if_it_still_says_what_it_must(path: str, data: st.DataObject) -> None:
    content = data.draw(mangled(text(GOOD, path)))
    if outcome({**GOOD, path: content}, DEPLOYED) == "passed":
        assert holds(ORACLES[path], content)


@pytest.mark.parametrize("path", [".gitattributes", PARAMS, CODE, SCHEMA, CONSTRAINTS])
@quick
@given(st.data())
def test_any_other_mangled_file(path: str, data: st.DataObject) -> None:
    outcome({**GOOD, path: data.draw(mangled(text(GOOD, path)))}, DEPLOYED)


@pytest.mark.parametrize("wrong", WRONG)
@quick
@given(st.data())
def test_nothing_mangled_elsewhere_excuses_what_is_wrong(wrong: str, data: st.DataObject) -> None:
    files, culprit = WRONG[wrong]
    innocent = sorted(files.keys() - {culprit, "snitch.yaml", CONSTRAINTS, SCHEMA})
    path = data.draw(st.sampled_from(innocent))
    assert outcome({**files, path: data.draw(mangled(text(files, path)))}, DEPLOYED) != "passed"


@pytest.mark.parametrize("wrong", ["regressed", "of other weights", "stale", "ownerless"])
@quick
@given(st.data())
def test_mangling_what_is_wrong_does_not_cure_it(wrong: str, data: st.DataObject) -> None:
    files, culprit = WRONG[wrong]
    content = data.draw(mangled(text(files, culprit)))
    if outcome({**files, culprit: content}, DEPLOYED) == "passed":
        assert holds(ORACLES[culprit], content)


@quick
@given(st.data())
def test_a_disallowed_line_is_found_in_whatever_stands_around_it(data: st.DataObject) -> None:
    around = data.draw(mangled(text(GOOD, REQUIREMENTS)))
    content = around + b"\ntensorflow==2.15.0\n" if not around.endswith(b"\\") else around + b"x\ntensorflow==2.15.0\n"
    assert outcome({**GOOD, REQUIREMENTS: content}, DEPLOYED) != "passed"


@quick
@given(st.data())
def test_a_mangled_deployed_file_excuses_no_other_loss(data: st.DataObject) -> None:
    """What is deployed may itself be mangled; but for its own scores, nothing in it makes a worse model better."""
    path = data.draw(st.sampled_from(sorted(DEPLOYED.keys() - {EVALUATION})))
    deployed = {**DEPLOYED, path: data.draw(mangled(text(DEPLOYED, path)))}
    assert outcome(scoring(GOOD, 0.2), deployed) != "passed"


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("pyproject.toml", '[project]\nname = "churn"\ndependencies = ["numpy==2.1.0", "scikit-learn==1.9.0"]\n'),
        ("environment.yml", "dependencies:\n  - numpy=2.1.0=h0\n  - pip:\n    - scikit-learn==1.9.0\n"),
        ("pylock.toml", 'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "numpy"\nversion = "2.1.0"\n'),
    ],
)  # fmt: skip
@quick
@given(st.data())
def test_other_kinds_of_requirements(name: str, good: str, data: st.DataObject) -> None:
    files = edit(GOOD, MANIFEST, "dependencies: requirements.txt", f"dependencies: {name}")
    content = data.draw(mangled(good))
    outcome({**files, f"{FOLDER}/{name}": content}, DEPLOYED)
