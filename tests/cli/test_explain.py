"""`snitch explain`: every rule has a page, found by code and by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.rulebook import rulebook
from tests.cli.conftest import Command
from tests.golden import held_against

GOLDEN = Path(__file__).parent / "golden"
CODES = list(rulebook().rules)


def test_golden(snitch: Command, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    ran = snitch("explain", "REG001", at=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    held_against(GOLDEN / "explain.txt", ran.out, request)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_a_page(snitch: Command, tmp_path: Path, code: str) -> None:
    rule = rulebook().rules[code]
    ran = snitch("explain", code, at=tmp_path)
    assert ran.code == 0
    assert ran.out.startswith(f"{code} {rule.name}\n===")
    assert "\nMend it: " in ran.out
    assert snitch("explain", rule.name, at=tmp_path) == ran
    assert snitch("explain", code.lower(), at=tmp_path) == ran
    assert snitch("explain", rule.name.upper(), at=tmp_path) == ran


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("REG01", "there is no rule `REG01`; did you mean `REG010`?"),
        ("reg10", "there is no rule `reg10`; did you mean `REG010`?"),
        ("metric-regresed", "did you mean `metric-regressed`?"),
        ("", "there is no rule ``; `snitch rules` lists them\n"),
        ("zzz", "there is no rule `zzz`; `snitch rules` lists them\n"),
        ("\x1b[2J", "there is no rule `"),
    ],
)
def test_a_rule_that_does_not_exist(snitch: Command, tmp_path: Path, word: str, told: str) -> None:
    ran = snitch("explain", word, at=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "\x1b" not in ran.err
