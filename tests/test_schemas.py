"""The JSON Schemas that editors complete and check by: valid, and of one mind with what reads the files.

Where the two differ, on purpose:

- A plain YAML scalar where a string belongs keeps its source text (`version: 2026.10`); to a schema it is a number.
- Whether a day exists (`2026-02-30`) is a `format`, which a validator may leave unchecked; Snitch does not.
- To a schema 2.0 is a whole number; Snitch wants it written as one.
- A metric's value is read as it stands, so that a rule can tell what is wrong with it at its place.
- What a policy means beyond its shape (an environment that exists, a range of versions, a rule named twice) is
  told by `snitch check` alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from snitch.cli.main import run
from snitch.documents import Unreadable, read_document
from snitch.documents.decoding import decode
from snitch.formats.benchmark import BenchmarkDefinition
from snitch.formats.evaluation import EvaluationRecord
from snitch.formats.manifest import Manifest
from snitch.policy.layers import InvalidPolicy
from snitch.policy.reading import read_policy
from snitch.report import render
from snitch.repository import Repository
from snitch.rulebook import rulebook
from snitch.schemas import SCHEMAS, schema_of
from snitch.snapshot import MemorySnapshot
from snitch.source import Source
from snitch.template import render as stamped
from snitch.template import template_files
from tests.judging import BENCHMARK, EVALUATION, MANIFEST, SPOTLESS
from tests.report.reports import BLOCKED, CLEAN, EVERYTHING, NOTHING
from tests.repository import Repo, isolate

CHURN = Repository(MemorySnapshot({"models/churn/model.yaml": ""}))
TYPES: dict[str, type] = {"model": Manifest, "benchmark": BenchmarkDefinition, "evaluation": EvaluationRecord}
POLICY = """\
required_version: ">=0.1"
extends: [recommended]
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
  metric-regressed: {metrics: {roc_auc: {max_drop: 0.005}, mean_absolute_error: {max_drop: "2%"}}}
  slice-regressed: {max_drop: 0.02, min_rows: 200}
  metric-below-floor: {metrics: {roc_auc: 0.85}}
  disallowed-dependency: {packages: [{name: tensorflow, versions: "<2.16", reason: "not served any more"}]}
  unpinned-dependency: {severity: warning}
  SAF002: error
overrides:
  - {environments: [production], rules: {stale-training-data: {max_age: 90d}}}
  - {models: [models/churn], rules: {metric-below-floor: {metrics: {recall: 0.95}}}}
retired: [{model: old-churn, reason: replaced by churn, owner: ml@example.com}]
waivers:
  - {rule: metric-regressed, model: churn, version: 1.4.0, limit: 0.03, reason: without it, owner: a@b.example,
     expires: 2026-12-15}
"""


def kind_of(path: str) -> str | None:
    """The schema of a file of a model repository."""
    name = path.rpartition("/")[2]
    by_name = {"model.yaml": "model", "benchmark.yaml": "benchmark", "snitch.yaml": "policy"}
    return by_name.get(name, "evaluation" if "/evaluations/" in path and path.endswith(".json") else None)


def real_files() -> Iterator[tuple[str, str, bytes]]:
    """(schema, name, content) of files that Snitch is content with."""
    spotless = {path: content.encode() if isinstance(content, str) else content for path, content in SPOTLESS.items()}
    born = {f"template/{path}": content for path, content in stamped(template_files(), date(2026, 11, 20)).items()}
    for path, content in [*spotless.items(), *born.items(), ("policy/snitch.yaml", POLICY.encode())]:
        kind = kind_of(path)
        if kind is not None:
            yield kind, path, content


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(plain_schema(name), format_checker=FormatChecker(formats=["date"]))


def plain_schema(name: str) -> Any:
    """The schema as other programs read it."""
    return json.loads(json.dumps(schema_of(name)))


def plain(text: bytes | str) -> Any:
    """The data of a YAML or a JSON file."""
    return read_document("file.yaml", text if isinstance(text, bytes) else text.encode()).data


def decodes(name: str, data: Any) -> bool:
    """Whether Snitch reads the data as a file of this kind."""
    text = json.dumps(data).encode()
    try:
        if name == "policy":
            read_policy(Source(MemorySnapshot({"snitch.yaml": text})), CHURN)
        else:
            decode(read_document("file.json", text), TYPES[name])
    except (Unreadable, InvalidPolicy):
        return False
    return True


class TestRealValidator:
    """What an editor or a CI job would do with the schemas, without a network."""

    @pytest.fixture
    def schemas(self, tmp_path: Path) -> Path:
        folder = tmp_path / "schemas"
        folder.mkdir()
        for name in SCHEMAS:
            (folder / f"{name}.json").write_text(json.dumps(schema_of(name)))
        return folder

    @staticmethod
    def check_jsonschema(*arguments: str) -> tuple[int, str]:
        command = [os.path.join(os.path.dirname(sys.executable), "check-jsonschema"), "--no-cache", *arguments]
        offline = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **offline})
        return done.returncode, done.stdout + done.stderr

    def test_they_are_schemas(self, schemas: Path) -> None:
        files = [str(schemas / f"{name}.json") for name in SCHEMAS]
        assert self.check_jsonschema("--check-metaschema", *files) == (0, "ok -- validation done\n")

    @pytest.mark.parametrize("name", ["model", "benchmark", "evaluation", "policy"])
    def test_real_files(self, schemas: Path, tmp_path: Path, name: str) -> None:
        files = []
        for number, (kind, path, content) in enumerate(real_files()):
            if kind == name:
                file = tmp_path / f"{number}-{path.rpartition('/')[2]}"
                file.write_bytes(content)
                files.append(str(file))
        assert len(files) >= 2
        schema = str(schemas / f"{name}.json")
        assert self.check_jsonschema("--schemafile", schema, *files) == (0, "ok -- validation done\n")
        bad = tmp_path / "bad.json"
        bad.write_text('{"nonsense": true}')
        code, told = self.check_jsonschema("--schemafile", schema, str(bad))
        assert code == 1
        assert "nonsense" in told


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_is_a_schema_of_its_dialect(name: str) -> None:
    schema = plain_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == SCHEMAS[name]
    references = set(_values(schema, "$ref"))
    assert all(each.removeprefix("#/$defs/") in schema["$defs"] for each in references)


def _values(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (value[key],) if isinstance(value.get(key), str) else ()
        for each in value.values():
            yield from _values(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each, key)


def test_real_files_are_accepted_by_both() -> None:
    for kind, path, content in real_files():
        data = plain(content)
        assert [error.message for error in validator(kind).iter_errors(data)] == [], path
        if not path.startswith("template/snitch"):  # whose overrides name the template's own models
            assert decodes(kind, data), path


def test_every_rule_is_completed_by_code_and_by_name() -> None:
    properties = schema_of("policy")["$defs"]["Rules"]["properties"]
    for code, rule in rulebook().rules.items():
        assert properties[code] == properties[rule.name] == {"$ref": f"#/$defs/{code}"}
        assert schema_of("policy")["$defs"][code]["description"]


def _set(*keys: str | int, value: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


def _drop(*keys: str | int) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]

    return change


WRONG = [
    *(
        ("model", _drop(key))
        for key in ("name", "version", "description", "license", "task", "library_name", "weights")
    ),
    *(("benchmark", _drop(key)) for key in ("name", "version", "task", "data", "id", "target", "metrics")),
    *(("evaluation", _drop(key)) for key in ("schema_version", "model", "dataset", "date", "metrics")),
    ("benchmark", _drop("data", "path")),
    ("benchmark", _drop("data", "revision")),
    ("evaluation", _drop("model", "weights")),
    ("evaluation", _drop("dataset", "revision")),
    *((name, _set("unknown", value=1)) for name in ("model", "benchmark", "evaluation", "policy")),
    ("model", _set("name", value="Churn Model")),
    ("model", _set("name", value="churn\n")),
    ("model", _set("version", value="1.4")),
    ("model", _set("version", value="01.4.0")),
    ("model", _set("task", value="classification")),
    ("model", _set("weights", value=[])),
    ("model", _set("training", "seed", value="seven")),
    ("model", _set("training", "data", 0, "rows", value=-1)),
    ("model", _set("training", "data", 0, "end", value="2026-02-30")),
    ("model", _set("signature", "inputs", 0, "type", value="int")),
    ("model", _set("release", value={"rollout": [101]})),
    ("benchmark", _set("split", value="time")),
    ("benchmark", _set("models", value=[])),
    ("benchmark", _set("data", "revision", value="md5:0")),
    ("benchmark", _set("metrics", value=[])),
    ("benchmark", _set("metrics", value=[{"args": {}}])),
    ("evaluation", _set("schema_version", value=2)),
    ("evaluation", _set("model", "weights", value={})),
    ("evaluation", _set("model", "weights", "model.skops", value="sha256:0")),
    ("evaluation", _set("metrics", 0, "confidence_interval", value={"lower_bound": 0, "upper_bound": 1, "level": 95})),
    ("policy", _set("rules", "stale-benchmrk", value="off")),
    ("policy", _set("rules", "stale-benchmark", value="fatal")),
    ("policy", _set("rules", "stale-benchmark", value={"max_age": "1d"})),
    ("policy", _set("rules", "stale-training-data", value={"max_age": "1y"})),
    ("policy", _set("rules", "stale-training-data", value={"severity": "fatal"})),
    ("policy", _set("rules", "*", value="off")),
    ("policy", _set("rules", "*", value={"severity": "off"})),
    ("policy", _set("overrides", 0, "rules", "REG01", value="off")),
    ("policy", _set("overrides", 0, "branches", value=["main"])),
    ("policy", _set("environments", value={})),
    ("policy", _set("environments", "staging", "soak", value="soon")),
    ("policy", _set("environments", "staging", "approvals", value=-1)),
    ("policy", _drop("waivers", 0, "expires")),
    ("policy", _drop("waivers", 0, "owner")),
    ("policy", _set("waivers", 0, "limit", value="two per cent")),
]


@pytest.mark.parametrize(("name", "change"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_refused_by_both(name: str, change: Callable[[Any], None]) -> None:
    data = deepcopy(ORIGINALS[name])
    change(data)
    assert not validator(name).is_valid(data)
    assert not decodes(name, data)


def _text(path: str) -> str:
    content = SPOTLESS[path]
    assert isinstance(content, str)
    return content


ORIGINALS = {
    "model": plain(_text(MANIFEST)),
    "benchmark": plain(_text(BENCHMARK)),
    "evaluation": json.loads(_text(EVALUATION)),
    "policy": plain(POLICY),
}


def test_where_the_two_differ() -> None:
    """As the module's docstring has it."""
    yaml = _text(BENCHMARK).replace('"2026.10"', "2026.10")
    assert decode(read_document("benchmark.yaml", yaml.encode()), BenchmarkDefinition).version == "2026.10"
    assert not validator("benchmark").is_valid(plain(yaml))
    for name, change, by_schema in (
        ("benchmark", _set("data", "rows", value=4120.0), True),
        ("evaluation", _set("metrics", 0, "value", value="high"), False),
        ("policy", _set("deployed", value="nowhere"), True),
    ):
        data = deepcopy(ORIGINALS[name])
        change(data)
        assert (validator(name).is_valid(data), decodes(name, data)) == (by_schema, not by_schema)


#: Values that stand where they should not, or where they may.
VALUES = st.sampled_from(
    [None, True, False, 0, 1, -1, 7, 0.5, 2.5, 1e-300, 2**70, "", "x", "1.4.0", "churn", "90d", "2%", "off", "error",
     "2026-11-20", "2026-02-30", "2026-11-02T10:00:00Z", "regression", "sha256:" + "0" * 64, "a\n", [], {}, ["x"],
     [1], {"a": 1}, {"severity": "error"}, {"max_drop": 0.1}, [["main"]], {"type": "roc_auc"}]
)  # fmt: skip


KEYS = st.sampled_from(["nonsense", "severity", "name", "rows", "start", "args", "models"])


def places(data: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value below the root."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*above, key)
        yield from places(value, (*above, key))


@st.composite
def mutated(draw: st.DrawFn, name: str) -> Any:
    """A file with one or two of its values replaced, dropped, moved to another key, or doubled."""
    data = deepcopy(ORIGINALS[name])
    for _ in range(draw(st.integers(1, 2))):
        there = list(places(data))
        if not there:
            return data
        *above, key = draw(st.sampled_from(there))
        holder = data
        for each in above:
            holder = holder[each]
        action = draw(st.sampled_from(["replace", "replace", "drop", "add"]))
        if action == "replace":
            holder[key] = deepcopy(draw(VALUES))
        elif action == "drop":
            del holder[key]
        elif isinstance(holder, dict):
            holder[draw(KEYS)] = deepcopy(draw(VALUES))
        else:
            holder.append(deepcopy(draw(VALUES)))
    return data


@pytest.mark.parametrize("name", sorted(TYPES))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_a_mutated_file_is_judged_alike(name: str, draw: st.DataObject) -> None:
    data = draw.draw(mutated(name))
    errors = [error for error in validator(name).iter_errors(data) if not _is_value_of_a_metric(name, error)]
    if name == "evaluation" and not errors and isinstance(data.get("date"), str) and "T" not in data["date"]:
        return  # whether text is a time is a `format`
    assert (errors == []) == decodes(name, data), (data, errors)


def _is_value_of_a_metric(name: str, error: Any) -> bool:
    return name == "evaluation" and error.absolute_path and error.absolute_path[-1] == "value"


#: What a policy means beyond its shape.
MEANING = (
    "there is no environment", "needs one literal branch", "is no environment below", "is set twice here",
    "is not a version specifier", "is required; this is", "can't be waived", "can't be turned off", "there is no rule",
    "neither a preset nor a file", "leaves the repository", "no model's folder matches", "takes a severity",
    "is no range of versions", "is no package's name", "there is no benchmark", "there is no file", "nothing measures",
    "no model's manifest names",
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=mutated("policy"))
def test_a_mutated_policy_is_judged_alike(data: Any) -> None:
    errors = list(validator("policy").iter_errors(data))
    text = json.dumps(data).encode()
    try:
        read_policy(Source(MemorySnapshot({"snitch.yaml": text})), CHURN)
    except InvalidPolicy as refused:
        if not errors:
            assert all(any(words in each.message for words in MEANING) for _, each in refused.problems), refused
    else:
        assert all(_is_plain_scalar(error) for error in errors), errors


def _is_plain_scalar(error: Any) -> bool:
    """Whether a number stands where a string belongs, of which YAML keeps the source text."""
    if error.context:
        return any(_is_plain_scalar(each) for each in error.context)
    return error.validator == "type" and error.validator_value == "string" and isinstance(error.instance, int | float)


class TestReport:
    @pytest.mark.parametrize("report", [BLOCKED, CLEAN, EVERYTHING, NOTHING], ids=["blocked", "clean", "all", "none"])
    def test_a_rendered_report(self, report: Any) -> None:
        assert list(validator("report").iter_errors(json.loads(render(report, "json")))) == []

    def test_what_check_writes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        isolate(monkeypatch)
        monkeypatch.setenv("SNITCH_CACHE_DIR", str(tmp_path / "cache"))
        repo = Repo(tmp_path / "repo")
        repo.commit(SPOTLESS)
        repo.write({"snitch.yaml": "rules: {metric-below-floor: {metrics: {roc_auc: 0.99}}}\n"})
        monkeypatch.chdir(repo.path)
        assert run(["check", "--format=json", "--env=production", "--now=2026-11-20"]) == 1
        written = json.loads(capfd.readouterr().out)
        assert list(validator("report").iter_errors(written)) == []
        for key in written:
            assert not validator("report").is_valid({name: value for name, value in written.items() if name != key})
        assert not validator("report").is_valid({**written, "verdict": "fine"})

    def test_a_key_that_a_later_version_adds_is_no_error(self) -> None:
        later = {**json.loads(render(CLEAN, "json")), "added_later": 1}
        assert validator("report").is_valid(later)
