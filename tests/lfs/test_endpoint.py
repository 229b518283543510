"""Where the server is: by git's own configuration, as git-lfs would have it, and never by the judged tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from snitch.finding import Undecidable
from snitch.git.command import Git
from snitch.lfs.endpoint import FolderEndpoint, HttpEndpoint, endpoint_of
from tests.repository import Repo

HOST = "https://git.example/acme/models.git/info/lfs"


def url_of(repo: Repo, remote: str = "origin") -> str:
    endpoint = endpoint_of(Git(str(repo.path)), remote)
    assert isinstance(endpoint, HttpEndpoint)
    return endpoint.url


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example/acme/models.git",
        "https://git.example/acme/models",
        "https://git.example/acme/models/",
        "HTTPS://git.example/acme/models.git/",
        "https://ada:secret@git.example/acme/models",
        "git@git.example:acme/models.git",
        "git.example:acme/models",
        "git.example:/acme/models",
        "ssh://git@git.example/acme/models.git",
        "ssh://git@git.example:2222/acme/models",
        "git+ssh://git.example/acme/models.git",
        "git://git.example/acme/models.git",
    ],
)
def test_the_remotes_url_names_the_server(repo: Repo, url: str) -> None:
    repo.git("remote", "add", "origin", url)
    assert url_of(repo) == HOST
    at = endpoint_of(Git(str(repo.path)), "nowhere", url)
    assert isinstance(at, HttpEndpoint)
    assert at.url == HOST


def test_plain_http_and_a_port_stay(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "http://git.example:8080/acme/models")
    assert url_of(repo) == "http://git.example:8080/acme/models.git/info/lfs"


def test_what_is_configured_goes_before(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://git.example/acme/models.git")
    repo.git("config", "remote.origin.lfsurl", "https://lfs.example/of-the-remote/")
    assert url_of(repo) == "https://lfs.example/of-the-remote"
    repo.git("config", "lfs.url", "https://lfs.example/of-all")
    assert url_of(repo) == "https://lfs.example/of-all"


def test_also_before_a_url_that_is_given(repo: Repo) -> None:
    repo.git("config", "lfs.url", "https://lfs.example/of-all")
    endpoint = endpoint_of(Git(str(repo.path)), "origin", "https://git.example/acme/models.git")
    assert endpoint == HttpEndpoint("https://lfs.example/of-all")


def test_a_url_that_is_given_needs_no_repository(tmp_path: Path) -> None:
    endpoint = endpoint_of(Git(str(tmp_path)), "origin", "https://git.example/acme/models.git")
    assert endpoint == HttpEndpoint(HOST)


def test_each_remote_has_its_own(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://git.example/acme/other.git")
    repo.git("remote", "add", "upstream", "https://git.example/acme/models.git")
    assert url_of(repo, "upstream") == HOST


def test_insteadof_is_heeded(repo: Repo) -> None:
    repo.git("config", "url.https://git.example/.insteadOf", "https://short/")
    repo.git("remote", "add", "origin", "https://short/acme/models.git")
    assert url_of(repo) == HOST
    repo.git("config", "lfs.url", "https://short/lfs")
    assert url_of(repo) == "https://git.example/lfs"


def test_the_judged_trees_lfsconfig_is_not(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://git.example/acme/models.git")
    repo.commit(
        {".lfsconfig": '[lfs]\n\turl = https://evil.example\n[remote "origin"]\n\tlfsurl = https://evil.example\n'}
    )
    assert url_of(repo) == HOST


def test_credentials_are_taken_out_of_the_url(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://ada:s%2Fcret@git.example/acme/models")
    endpoint = endpoint_of(Git(str(repo.path)), "origin")
    assert isinstance(endpoint, HttpEndpoint)
    assert endpoint.login is not None
    assert (endpoint.login.user, endpoint.login.secret) == ("ada", "s/cret")
    assert "cret" not in endpoint.url + repr(endpoint)
    assert endpoint.login.is_for(HOST)


@pytest.mark.parametrize("prefix", ["", "file://", "file://localhost"])
def test_a_repository_on_this_disk(repo: Repo, tmp_path: Path, prefix: str) -> None:
    repo.git("remote", "add", "origin", f"{prefix}{tmp_path}/remote.git")
    assert endpoint_of(Git(str(repo.path)), "origin") == FolderEndpoint(f"{tmp_path}/remote.git")


def test_a_relative_path_begins_at_the_top_of_the_work_tree(repo: Repo, tmp_path: Path) -> None:
    repo.git("remote", "add", "origin", "../remote.git")
    repo.write({"models/x": "y"})
    assert endpoint_of(Git(str(repo.path / "models")), "origin") == FolderEndpoint(f"{tmp_path}/remote.git")


@pytest.mark.parametrize("name", ["origin", "--upload-pack=touch x", "-v"])
def test_a_remote_that_git_does_not_know(repo: Repo, name: str) -> None:
    with pytest.raises(Undecidable, match="git knows no remote") as told:
        endpoint_of(Git(str(repo.path)), name)
    assert "git config lfs.url" in told.value.help


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://git.example/acme/models",
        "ext::sh -c touch% x",
        "codecommit::eu://models",
        "s3://bucket/models",
        "https://",
        "https:///acme/models",
        "https://git.example:port/acme",
        "https://[::1/acme",
        "https://ada:secret@",
        "https://git.example/acme?token=secret",
        "https://git.example/acme#secret",
        "https://git.example/ac me",
        "https://git.example/\x1b[31m",
        "https://git.example\\@evil.example/acme",
        "ssh://",
        "ssh://[",
    ],
)
def test_a_url_that_names_no_server_is_not_shown(repo: Repo, url: str) -> None:
    with pytest.raises(Undecidable) as told:
        endpoint_of(Git(str(repo.path)), "origin", url)
    assert "secret" not in told.value.reason + told.value.help
    assert "git config lfs.url" in told.value.help
