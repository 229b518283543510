"""Files that are broken, huge or malicious: told of, quickly, and by the real command."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.hostile.process import check, production
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit
from tests.repository import Repo

MEGABYTE = 1024 * 1024
REQUIREMENTS, CARD, CODE = (f"{FOLDER}/{name}" for name in ("requirements.txt", "README.md", "train.py"))
Text = Callable[[], str]


def manifest(more: str) -> str:
    return f"{SPOTLESS[MANIFEST]!s}{more}"


def record(**more: object) -> str:
    return json.dumps({**json.loads(SPOTLESS[EVALUATION]), **more})


def keys(number: int, indent: str = "") -> str:
    return "".join(f"{indent}k{n}: {n}\n" for n in range(number))


def listed() -> str:
    """A list that stands for nine to the power of eight requirements."""
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    return "dependencies:\n- &a [x]\n" + "".join(f"- &{new} [{f'*{old},' * 9}]\n" for old, new in pairs)


def locked(number: int) -> str:
    packages = "".join(f'[[packages]]\nname = "p{n}"\nversion = "1"\n' for n in range(number))
    return f'lock-version = "1.0"\n{packages}'


def aliases() -> str:
    """Twenty lines that stand for nine to the power of twenty values."""
    lines = [f"  b{level}: &b{level} [{', '.join([f'*b{level - 1}'] * 9)}]" for level in range(1, 20)]
    return "\n".join(["metadata:", "  b0: &b0 [1, 2]", *lines, ""])


def merges() -> str:
    lines = [f"  b{level}: &b{level} {{<<: [{', '.join([f'*b{level - 1}'] * 4)}]}}" for level in range(1, 30)]
    return "\n".join(["metadata:", "  b0: &b0 {k: v}", *lines, ""])


HOSTILE: dict[str, tuple[str, Text, str]] = {
    "deep flow": (MANIFEST, lambda: manifest("metadata: " + "[" * 30_000), "MET002"),
    "deep flow, closed": (MANIFEST, lambda: manifest("metadata: " + "{a: " * 30_000 + "}" * 30_000), "MET002"),
    "deep blocks": (MANIFEST, lambda: "".join(" " * depth + "-\n" for depth in range(2_800)), "MET002"),
    "deep keys": (MANIFEST, lambda: "? " * 900 + "\n", "MET002"),
    "aliases": (MANIFEST, lambda: manifest(aliases()), "MET002"),
    "merges": (MANIFEST, lambda: manifest(merges()), "MET002"),
    "many values": (MANIFEST, lambda: manifest("metadata: {a: [" + "x," * 1_900_000 + "]}\n"), "MET002"),
    "many brackets": (MANIFEST, lambda: manifest("metadata: {a: [" + "[]," * 1_200_000 + "]}\n"), "MET002"),
    "many keys": (MANIFEST, lambda: manifest("metadata:\n" + keys(200_000, " ")), "MET002"),
    "many unknown keys": (MANIFEST, lambda: keys(20_000), "MET002"),
    "more than four megabytes": (MANIFEST, lambda: manifest("metadata: {a: " + "x" * 4 * MEGABYTE + "}\n"), "MET002"),
    "a tag": (MANIFEST, lambda: manifest("metadata: !!python/object/apply:os.system ['exit 7']\n"), "MET002"),
    "a key twice": (MANIFEST, lambda: manifest("version: 9.9.9\n"), "MET002"),
    "UTF-16": (MANIFEST, lambda: manifest("").encode("utf-16").decode("latin-1"), "MET002"),
    "deep JSON": (EVALUATION, lambda: "[" * 30_000, "BEN011"),
    "deep JSON objects": (EVALUATION, lambda: '{"a":' * 100_000, "BEN011"),
    "escapes": (EVALUATION, lambda: record(x="\n" * 1_900_000), "BEN011"),
    "many metrics": (EVALUATION, lambda: record(metrics=[{"type": "roc_auc", "value": 0.9}] * 20_000), "BEN011"),
    "many bad metrics": (
        EVALUATION,
        lambda: record(metrics=[{"type": f"m{n}", "value": float("nan")} for n in range(20_000)]),
        "BEN004",
    ),
    "many slices": (
        EVALUATION,
        lambda: record(
            slices=[
                {"slice": {"plan": str(n)}, "rows": 300, "metrics": [{"type": "roc_auc", "value": 2}]}
                for n in range(8_000)
            ]
        ),
        "BEN004",
    ),
    "a deep benchmark": (BENCHMARK, lambda: "[" * 30_000, "BEN009"),
    "100,000 requirements": (REQUIREMENTS, lambda: "".join(f"p{n}==1.0\n" for n in range(100_001)), "SNT001"),
    "a long requirement": (REQUIREMENTS, lambda: "numpy==1; " + "(" * 3_000_000, "SNT001"),
    "a requirement without end": (REQUIREMENTS, lambda: "numpy==1\\\n" * 200_000, "SNT001"),
    "requirements of themselves": (REQUIREMENTS, lambda: "-r requirements.txt\n" * 1_000, "SNT001"),
    "requirements elsewhere": (REQUIREMENTS, lambda: "-r ../../../../etc/passwd\nnumpy==2.1.0\n", "DEP007"),
    "hidden requirements": (REQUIREMENTS, lambda: "# coding: utf-7\nnumpy==2.1.0+AAo-evil==1\n", "DEP007"),
    "a huge card": (CARD, lambda: "# x\n" * 3_000_000, "SNT003"),
    "a card of markup": (CARD, lambda: "*_[`<!--" * 100_000, "MET006"),
    "deep code": (CODE, lambda: "x = " + "-" * 60_000 + "1\n", "SNT001"),
    "code of NULs": (CODE, lambda: "import numpy\0\n", "SNT001"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_told(repo: Repo, name: str) -> None:
    path, text, code = HOSTILE[name]
    ended = production(repo.write({path: text().encode("utf-8")}).path)
    assert ended.code == (3 if code == "SNT003" else 1)
    assert f"[{code}]" in ended.out


def test_fifty_megabytes_of_card(repo: Repo) -> None:
    assert production(repo.write({CARD: "# x\n" * (12 * MEGABYTE)}).path).code == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project]\ndependencies = " + "[" * 100_000),
        ("pyproject.toml", "[project]\n" + "a." * 100_000 + "b = 1"),
        ("pyproject.toml", "[project]\nx = " + "{a=" * 5_000 + "1" + "}" * 5_000),
        ("environment.yml", listed()),
        ("pylock.toml", locked(30_000)),
    ],
    ids=["deep", "dotted", "tables", "aliases", "packages"],
)
def test_hostile_requirements_of_other_kinds(repo: Repo, name: str, text: str) -> None:
    files = edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt", f"dependencies: {name}")
    ended = production(repo.write({**files, f"{FOLDER}/{name}": text}).path)
    assert ended.code == 1
    assert "[SNT001]" in ended.out


@pytest.mark.parametrize(
    "schema",
    [
        '{"$ref": "https://example.invalid/schema.json"}',
        '{"$ref": "file:///etc/passwd"}',
        '{"$ref": "#"}',
        '{"properties": {"a": {"pattern": "^(a+)+$"}}}',
        '{"patternProperties": {"^(a|a)*b$": {}}}',
        '{"allOf": [' + '{"anyOf": [true, {"not": {}}]},' * 30_000 + "true]}",
        '{"$schema": "https://example.invalid/dialect"}',
        "[" * 1_000,
        "not a schema",
    ],
    ids=["remote", "file", "itself", "exponential", "ambiguous", "huge", "dialect", "deep", "none"],
)
def test_an_hostile_schema_of_the_organisation(repo: Repo, schema: str) -> None:
    """Fails, or is told as unusable; nothing is fetched, nothing runs for long."""
    repo.write(
        {
            "snitch.yaml": "extends: recommended\nrules: {invalid-manifest: {schema: s.json}}\n",
            "s.json": schema,
            MANIFEST: manifest(f"metadata: {{a: {'a' * 5_000}!, {'a' * 200}: 1}}\n"),
        }
    )
    ended = production(repo.path)
    assert ended.code in (1, 3)
    assert "root:" not in ended.out


@pytest.mark.parametrize(
    "policy",
    [
        "rules: " + "[" * 30_000,
        "extends: snitch.yaml\n",
        "extends: ../snitch.yaml\n",
        "extends: /etc/passwd\n",
        "rules: {" + ", ".join(f"rule-{n}: off" for n in range(10_000)) + "}\n",
        "overrides: [" + "{models: ['" + "*a" * 2_000 + "'], rules: {}}," * 100 + "]\n",
        "environments: {production: {branches: [main], soak: 999999999999999h}}\n",
        "rules: {stale-training-data: {max_age: 999999w}, metric-regressed: {metrics: {roc_auc: {max_drop: .nan}}}}\n",
        "waivers: [{rule: SAF001, model: churn, version: 1.4.0, reason: x, owner: a@b.c, expires: 9999-12-31}]\n",
        "required_version: '>=99'\n",
        "",
    ],
)
def test_a_hostile_policy_is_refused(repo: Repo, policy: str) -> None:
    ended = production(repo.write({"snitch.yaml": policy}).path)
    assert ended.code == 2
    assert "snitch.yaml" in ended.err
    assert "root:" not in ended.err


def test_the_hook_is_as_quick(repo: Repo) -> None:
    repo.write({MANIFEST: manifest(aliases()), EVALUATION: "[" * 30_000}).stage()
    assert check(repo.path, "--staged", "--quiet").code == 1
