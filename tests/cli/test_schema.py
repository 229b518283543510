"""`snitch schema`: lists the JSON Schemas, and prints one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snitch.schemas import SCHEMAS, schema_of
from tests.cli.conftest import Command, Ran


def test_the_names(snitch: Command, tmp_path: Path) -> None:
    assert snitch("schema", at=tmp_path) == Ran(
        0, "advisories\nbenchmark\ncase\nevaluation\nevidence\nmodel\npolicy\nprofile\nreport\nshadow\n", ""
    )


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_stands_for_itself(snitch: Command, tmp_path: Path, name: str) -> None:
    ran = snitch("schema", name, at=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.isascii()
    assert json.loads(ran.out) == json.loads(json.dumps(schema_of(name)))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("modle", "there is no schema `modle`; did you mean `model`?"),
        ("x", f"there is no schema `x`; known: {', '.join(sorted(SCHEMAS))}"),
    ],
)
def test_an_unknown_name(snitch: Command, tmp_path: Path, name: str, told: str) -> None:
    assert snitch("schema", name, at=tmp_path) == Ran(2, "", f"snitch: {told}\n")
