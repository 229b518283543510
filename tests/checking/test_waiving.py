"""Two people who write waivers at once: nobody's is lost."""

from __future__ import annotations

from datetime import date

import pytest

from snitch.checking.commits import Misuse
from snitch.checking.waiving import Terms, Waiving
from snitch.git.command import Git
from snitch.waiver import Waiver
from tests.judging import TODAY
from tests.repository import Repo

OURS = "waivers:\n  - {rule: MET006, model: churn, version: 1.4.0, owner: a, reason: later, expires: 2999-12-01}\n"


@pytest.fixture
def waiving(repo: Repo) -> Waiving:
    return Waiving(Git(str(repo.path)), TODAY)


@pytest.fixture
def waiver(waiving: Waiving) -> Waiver:
    terms = Terms("withdrawn", "growth-ml@example.com", date(2999, 12, 31))
    return waiving.one("REG001", "churn", terms, version=None, limit=None, fingerprint=None)


def test_another_s_waiver_after_the_policy_was_read(repo: Repo, waiving: Waiving, waiver: Waiver) -> None:
    repo.write({"snitch.yaml": OURS})
    with pytest.raises(Misuse, match=r"^snitch\.yaml changed meanwhile; run it again$"):
        waiving.edit([waiver])


def test_another_s_edit_before_this_one_is_written(repo: Repo, waiving: Waiving, waiver: Waiver) -> None:
    edit = waiving.edit([waiver])
    repo.write({"snitch.yaml": OURS})
    with pytest.raises(Misuse, match=r"^snitch\.yaml changed meanwhile; run it again$"):
        waiving.write(edit)
    assert (repo.path / "snitch.yaml").read_text() == OURS


def test_another_s_policy_where_there_was_none(repo: Repo) -> None:
    repo.remove("snitch.yaml")
    waiving = Waiving(Git(str(repo.path)), TODAY)
    terms = Terms("withdrawn", "growth-ml@example.com", date(2999, 12, 31))
    edit = waiving.edit([waiving.one("REG001", "churn", terms, version=None, limit=None, fingerprint=None)])
    repo.write({"snitch.yaml": OURS})
    with pytest.raises(Misuse, match=r"^snitch\.yaml changed meanwhile"):
        waiving.write(edit)
    assert (repo.path / "snitch.yaml").read_text() == OURS


def test_where_nobody_wrote_it_is_written(repo: Repo, waiving: Waiving, waiver: Waiver) -> None:
    waiving.write(waiving.edit([waiver]))
    assert "metric-regressed" in (repo.path / "snitch.yaml").read_text()
