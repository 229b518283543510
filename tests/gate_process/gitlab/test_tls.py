"""A GitLab whose certificate only its runners trust: they are told of the authority, and tell their jobs."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge.gitlab_server import GitLab
from tests.gate_process.gitlab.site import GitLabHost, GitLabSite
from tests.gate_process.models import WORSE
from tests.lfs.certificates import certificate
from tests.repository import isolate


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def secured(tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLabSite]:
    """As `lab`; its API, its repositories and its weights are behind TLS."""
    isolate(monkeypatch)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    host, gitlab = GitLabHost(tmp_path / "storage", context), GitLab(context)
    with host, gitlab:
        yield GitLabSite(tmp_path, host, gitlab)


def test_the_authority_of_the_runner_is_trusted(secured: GitLabSite, authority: Path) -> None:
    secured.repo.commit(WORSE)
    secured.propose()
    ran = secured.gate(env={"CI_SERVER_TLS_CA_FILE": str(authority)})
    assert (ran.code, len(secured.notes)) == (1, 1), ran
    assert ran.out.count("error[") == 1 and "inconclusive[" not in ran.out  # the weights were there to be looked into


def test_without_it_nothing_is(secured: GitLabSite) -> None:
    secured.repo.commit(WORSE)
    secured.propose()
    ran = secured.gate()
    assert (ran.code, ran.out, secured.gitlab.requests) == (3, "", [])
    assert ran.err.startswith("snitch: GitLab's certificate is not trusted here: GET ") and ran.err.count("\n") == 1
    ran = secured.gate(env={"GITLAB_TOKEN": "", "CI_JOB_TOKEN": ""})
    assert (ran.code, ran.out) == (3, "")
    assert "certificate" in ran.err


def test_another_authority_is_none(secured: GitLabSite, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    secured.propose()
    ran = secured.gate(env={"CI_SERVER_TLS_CA_FILE": str(certificate(tmp_path / "other"))})
    assert (ran.code, ran.out, secured.gitlab.requests) == (3, "", [])


def test_one_that_is_not_there(secured: GitLabSite) -> None:
    secured.propose()
    ran = secured.gate(env={"CI_SERVER_TLS_CA_FILE": "/nowhere/ca.pem"})
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == ("snitch: there is no file of certificates at /nowhere/ca.pem. CI_SERVER_TLS_CA_FILE names it\n")
