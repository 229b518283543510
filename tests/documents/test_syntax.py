"""Two versions of another program's file: what only lays it out differently, and what says something else."""

from __future__ import annotations

import pytest

from snitch.documents.syntax import same_content

YAML = "a: 200\nb: {c: [1, yes]}\nd: |\n  text\n"
JSON = '{"a": 200, "b": [1, true]}'


@pytest.mark.parametrize(
    "other",
    [
        YAML.replace("\n", "\r\n"),
        f"# why\n{YAML}# because\n",
        YAML.replace("200", "200  # trees"),
        YAML.replace("{c: [1, yes]}", "\n  c:\n    - 1\n    - yes"),
        f"\ufeff{YAML}",
    ],
)
def test_yaml_that_says_the_same(other: str) -> None:
    assert same_content("params.yaml", YAML.encode(), other.encode())


@pytest.mark.parametrize(
    "other",
    [
        YAML.replace("200", "201"),
        YAML.replace("200", "200.0"),
        YAML.replace("200", '"200"'),
        YAML.replace("yes", '"yes"'),
        YAML.replace("yes", "true"),
        YAML.replace("  text", "  # text"),
        YAML.replace("a: 200", "#a: 200"),
        YAML + "a: 200\n",
        YAML + "---\n",
        YAML + "[",
        YAML.replace("200", "!!str 200"),
    ],
)
def test_yaml_that_says_something_else(other: str) -> None:
    assert not same_content("params.yml", YAML.encode(), other.encode())


def test_json() -> None:
    def same(other: str) -> bool:
        return same_content("params.json", JSON.encode(), other.encode())

    assert same('{\r\n  "a": 200,\n  "b": [1, true]\n}\n')
    others = ["201", "200.0", '"200"', '200, "a": 200', "["]
    assert not any(same(JSON.replace("200", other)) for other in others)
    assert not same(JSON.replace("true", "1"))


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("params.toml", b"a = 1\n", b"a = 1\r\n"),
        ("params.yaml", b"[\n", b"[ # broken alike\n"),
        ("params.yaml", b"a: \xff\n", b"a: \xff\r\n"),
        ("params.json", b"[" * 50_000, b"[" * 50_001),
        ("params.yaml", b"a: 1\n" + b"#" * 100_000, b"a: 1\n"),
    ],
)
def test_where_the_bytes_decide(path: str, one: bytes, other: bytes) -> None:
    assert not same_content(path, one, other)
    assert same_content(path, one, one)
