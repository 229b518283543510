"""Whom the gate asks about a request, by the token that it is given."""

from __future__ import annotations

import os

import pytest

from snitch.cli import requested
from tests.forge.ci import gitlab


def test_the_token_of_a_gitlab_job_opens_the_repository_and_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**gitlab(), "CI_JOB_TOKEN": "glcbt-s3cret"})
    asking = requested._find()
    assert asking.forge is None and asking.login is not None
    assert asking.request.number == 7
