"""Who sees which secret: the server's own host, by scheme and port, and nobody else."""

from __future__ import annotations

from pathlib import Path
from time import time

import pytest

from snitch.git.command import Git
from snitch.lfs import credentials as module
from snitch.lfs.credentials import Credentials
from snitch.lfs.login import Login, forge_login, origin_of
from tests.repository import Repo

URL = "https://git.example/acme/models.git/info/lfs"
LOGIN = Login("https://git.example", "ada", "hunter2secret")
ELSEWHERE = [
    "http://git.example/acme",
    "https://git.example:8443/acme",
    "https://git.example.evil.example/acme",
    "https://evil.example/git.example",
    "https://sub.git.example/acme",
    "https://evil.example@other.example/",
    "",
    "file:///etc",
]


def of(repo: Repo, *logins: Login | None, url: str = URL) -> Credentials:
    return Credentials(Git(str(repo.path)), url, *logins)


def test_a_login_is_shown_to_its_own_host(repo: Repo) -> None:
    assert of(repo, LOGIN).headers(f"{URL}/objects/batch") == {"Authorization": LOGIN.authorization}
    assert of(repo, LOGIN).headers("https://GIT.example:443/other") == {"Authorization": LOGIN.authorization}


@pytest.mark.parametrize("url", ELSEWHERE)
def test_and_to_no_other(repo: Repo, url: str) -> None:
    repo.git("config", "http.extraheader", "X-Of-All: yes")
    assert of(repo, LOGIN).headers(url) == {}


@pytest.mark.parametrize("url", ["http://git.example", "https://other.example", "https://git.example:8443"])
def test_a_login_for_another_host_is_none(repo: Repo, url: str) -> None:
    assert of(repo, Login(url, "ada", "hunter2secret"), None).headers(URL) == {}


def test_the_first_login_that_fits_is_used(repo: Repo) -> None:
    other = Login("https://other.example", "bob", "x")
    assert of(repo, other, LOGIN, Login(URL, "eve", "y")).headers(URL) == {"Authorization": LOGIN.authorization}


def test_a_checkouts_header_goes_before(repo: Repo) -> None:
    repo.git("config", "http.https://git.example/.extraheader", "AUTHORIZATION: basic abcdef")
    assert of(repo, LOGIN).headers(URL) == {"AUTHORIZATION": "basic abcdef"}


def test_a_header_of_another_kind_goes_along(repo: Repo) -> None:
    repo.git("config", "http.https://git.example/.extraheader", "X-Team: growth")
    assert of(repo, LOGIN).headers(URL) == {"X-Team": "growth", "Authorization": LOGIN.authorization}


@pytest.mark.parametrize("value", ["", "no header", "X-Two: a\nHost: evil", "X Y: z", ": x", "X-É: y"])
def test_what_is_no_header_is_not_sent(repo: Repo, value: str) -> None:
    repo.git("config", "http.https://git.example/.extraheader", value)
    assert of(repo).headers(URL) == {}


def test_a_header_for_another_host_is_none(repo: Repo) -> None:
    repo.git("config", "http.https://other.example/.extraheader", "AUTHORIZATION: basic abcdef")
    assert of(repo).headers(URL) == {}


def test_git_is_asked_once_and_takes_the_place_of_what_was_refused(repo: Repo, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    repo.git("config", "credential.helper", f"!f() {{ cat >> {asked}; echo username=bob; echo password=pw; }}; f")
    repo.git("config", "http.https://git.example/.extraheader", "AUTHORIZATION: basic abcdef")
    credentials = of(repo, LOGIN)
    assert credentials.headers(URL) == {"AUTHORIZATION": "basic abcdef"}
    assert credentials.ask_helpers()
    assert credentials.headers(URL) == {"Authorization": Login("", "bob", "pw").authorization}
    assert not credentials.ask_helpers()
    assert asked.read_text().splitlines()[:2] == ["protocol=https", "host=git.example"]


def test_git_may_know_nothing_and_asks_nobody(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "askpass"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\necho pw\n")
    program.chmod(0o755)
    monkeypatch.setenv("SSH_ASKPASS", str(program))
    monkeypatch.setenv("GIT_ASKPASS", str(program))
    repo.git("config", "core.askPass", str(program))
    assert not of(repo).ask_helpers()
    assert not (tmp_path / "asked").exists()


def test_a_helper_that_hangs_is_not_waited_for(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HELPER_SECONDS", 0.3)
    repo.git("config", "credential.helper", "!exec sleep 5")
    started = time()
    assert not of(repo).ask_helpers()
    assert time() - started < 4


def test_secrets_are_known_in_every_guise(repo: Repo) -> None:
    credentials = of(repo, LOGIN)
    assert credentials.is_secret("the password is hunter2secret!")
    assert credentials.is_secret(f"got {LOGIN.authorization}")
    assert not credentials.is_secret("ada may not read it")
    repo.git("config", "http.https://git.example/.extraheader", "AUTHORIZATION: basic abcdef")
    assert of(repo).is_secret("got basic abcdef")


def test_a_token_as_the_user_is_a_secret_too(repo: Repo) -> None:
    assert of(repo, Login(URL, "ghs_token", "")).is_secret("no ghs_token here")


def test_a_login_does_not_show_its_secret() -> None:
    assert "hunter2secret" not in repr(LOGIN) + str(LOGIN)


def test_what_a_forges_token_is_to_its_git_server() -> None:
    assert forge_login("github", "https://github.com", "t").user == "x-access-token"
    assert forge_login("gitlab", "https://gitlab.com", "t").user == "oauth2"
    assert forge_login("gitlab", "https://gitlab.com", "t", is_job_token=True).user == "gitlab-ci-token"


def test_origins() -> None:
    assert origin_of("https://Git.Example/x") == origin_of("HTTPS://git.example:443")
    assert origin_of("http://[::1]:80/") == origin_of("http://[::1]")
    assert origin_of("https://git.example:99999") is None
    assert origin_of("https://ada@evil.example#@git.example") == origin_of("https://evil.example")
