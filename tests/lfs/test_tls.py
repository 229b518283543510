"""A server behind TLS: only certificates that git trusts for it count, and nothing leads from https to http."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.lfs.patience import Patience
from snitch.lfs.server import Server, weights_server
from snitch.pointer import Pointer
from tests.lfs.certificates import certificate
from tests.lfs.faulty import Faulty, Said, objects
from tests.repository import Repo

CONTENT = b"weights"
OID = sha256(CONTENT).hexdigest()
POINTER = Pointer(f"sha256:{OID}", len(CONTENT))


@pytest.fixture
def authorities(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def secured(authorities: Path) -> Iterator[Faulty]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authorities)
    with Faulty(context) as server:
        yield server


@pytest.fixture
def server(repo: Repo, secured: Faulty) -> Callable[[], Server]:
    patience = Patience(connect=2, silence=2, retrying=0)
    return lambda: weights_server(Git(str(repo.path)), url=secured.git_url, patience=patience)


def standing(href: str) -> Said:
    return objects({"oid": OID, "size": len(CONTENT), "actions": {"download": {"href": href}}})


def test_a_certificate_that_nobody_trusts(server: Callable[[], Server], secured: Faulty) -> None:
    secured.answer(standing("https://store.example/x"))
    with pytest.raises(Undecidable, match="its certificate is not trusted here"):
        server().missing([POINTER])
    assert secured.asked == []


@pytest.mark.parametrize("by", ["configuration", "environment"])
def test_one_that_git_trusts(
    by: str,
    server: Callable[[], Server],
    secured: Faulty,
    repo: Repo,
    authorities: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if by == "environment":
        monkeypatch.setenv("GIT_SSL_CAINFO", str(authorities))
    else:
        repo.git("config", f"http.{secured.base}.sslCAInfo", str(authorities))
    secured.answer(standing("https://store.example/x"))
    assert server().missing([POINTER]) == frozenset()


def test_that_git_does_not_look_is_no_reason_not_to(server: Callable[[], Server], secured: Faulty, repo: Repo) -> None:
    repo.git("config", "http.sslVerify", "false")
    secured.answer(standing("https://store.example/x"))
    with pytest.raises(Undecidable, match="its certificate is not trusted here"):
        server().missing([POINTER])


def test_nothing_leads_from_https_to_http(
    server: Callable[[], Server], secured: Faulty, faulty: Faulty, repo: Repo, authorities: Path, tmp_path: Path
) -> None:
    repo.git("config", "http.sslCAInfo", str(authorities))
    faulty.answer(Said(body=CONTENT))
    secured.answer(standing(f"{faulty.base}/bytes"))
    with pytest.raises(Undecidable, match="without https"):
        server().download(POINTER, str(tmp_path / "in"))
    secured.answer(standing(f"{secured.base}/bytes"), Said(302, headers={"Location": f"{faulty.base}/bytes"}))
    with pytest.raises(Undecidable, match="redirects from https to http"):
        server().download(POINTER, str(tmp_path / "in"))
    assert faulty.asked == []
