"""Which forge a remote's URL is of, where its API is, and where a person asks for a merge."""

from __future__ import annotations

import pytest

from snitch.forge.hosting import Hosting, hosting_of, names_host
from snitch.forge.request import ForgeKind, InvalidEvent

GITHUB = Hosting("github", "https://github.com", "https://api.github.com", "acme/models")
GITLAB = Hosting("gitlab", "https://gitlab.com", "https://gitlab.com/api/v4", "acme/ml/models")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/models.git",
        "https://github.com/acme/models",
        "https://github.com/acme/models/",
        "https://ada:s3cret@github.com/acme/models.git",
        "https://GitHub.com/acme/models.git",
        "git@github.com:acme/models.git",
        "github.com:acme/models",
        "ssh://git@github.com/acme/models.git",
        "ssh://git@ssh.github.com:443/acme/models.git",
        "git+ssh://git@github.com/acme/models.git",
    ],
)
def test_github(url: str) -> None:
    assert hosting_of(url, {}) == GITHUB


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.com/acme/ml/models.git",
        "git@gitlab.com:acme/ml/models.git",
        "ssh://git@gitlab.com:2222/acme/ml/models",
    ],
)
def test_gitlab(url: str) -> None:
    assert hosting_of(url, {}) == GITLAB


@pytest.mark.parametrize(
    ("url", "server", "api"),
    [
        ("https://gitlab.acme.example:8443/a/b.git", "https://gitlab.acme.example:8443", "/api/v4"),
        ("git@ml.gitlab.acme.example:a/b.git", "https://ml.gitlab.acme.example", "/api/v4"),
        ("http://gitlab.acme.example/a/b.git", "http://gitlab.acme.example", "/api/v4"),
    ],
)
def test_a_gitlab_of_one_s_own_is_known_by_its_name(url: str, server: str, api: str) -> None:
    assert hosting_of(url, {}) == Hosting("gitlab", server, server + api, "a/b")


def test_a_github_of_one_s_own_is_known_by_what_the_ci_or_the_person_says() -> None:
    url, server = "git@git.acme.example:a/b.git", "https://git.acme.example"
    expected = Hosting("github", server, f"{server}/api/v3", "a/b")
    assert hosting_of(url, {}) is None
    assert hosting_of(url, {"GH_HOST": "git.acme.example"}) == expected
    told = {"GITHUB_SERVER_URL": server, "GITHUB_API_URL": f"{server}/api/v3"}
    assert hosting_of(url, told) == expected
    assert hosting_of(url, {}, "github") == expected
    assert hosting_of("git@acme.ghe.com:a/b.git", {}) == Hosting(
        "github", "https://acme.ghe.com", "https://api.acme.ghe.com", "a/b"
    )


def test_a_gitlab_is_known_by_what_the_ci_says() -> None:
    url, server = "https://git.acme.example/a/b.git", "https://git.acme.example"
    told = {"CI_SERVER_URL": server, "CI_API_V4_URL": f"{server}/api/v4"}
    expected = Hosting("gitlab", server, f"{server}/api/v4", "a/b")
    assert hosting_of(url, told) == expected
    assert hosting_of(url, {}, "gitlab") == expected
    assert hosting_of("https://github.com/acme/models", told) == GITHUB


def test_what_the_ci_says_of_another_host_counts_for_nothing() -> None:
    told = {"GITHUB_SERVER_URL": "https://evil.example", "GITHUB_API_URL": "https://evil.example/api"}
    assert hosting_of("https://github.com/acme/models", told) == GITHUB
    with pytest.raises(InvalidEvent, match="GITHUB_API_URL"):
        hosting_of("https://evil.example/a/b", {**told, "GITHUB_API_URL": "evil"})


@pytest.mark.parametrize("kind", [None, "github"])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/models.git",
        "../models",
        "file:///srv/a/b.git",
        "ext::sh -c x",
        "C:\\models",
        "https://",
        "https://github.com",
        "https://github.com/models",
        "https://github.com/a/../b",
        "https://github.com/a/b?x",
        "https://git hub.com/a/b",
        "https://github.com:x/a/b",
        "https://[::1/a/b",
        "https://github.com/a/b\n",
        "ftp://github.com/a/b",
    ],
)
def test_what_is_no_repository_on_a_forge(url: str, kind: ForgeKind | None) -> None:
    assert hosting_of(url, {}, kind) is None


@pytest.mark.parametrize(
    "url", ["https://github.com.evil.example/a/b", "https://mygitlab.example/a/b", "git@bitbucket.org:a/b"]
)
def test_a_host_that_is_only_like_one_is_none(url: str) -> None:
    assert hosting_of(url, {}) is None


def test_where_a_person_asks() -> None:
    assert GITHUB.new_request("promote/churn+1", "main") == (
        "https://github.com/acme/models/compare/main...promote/churn%2B1?expand=1"
    )
    assert GITLAB.new_request("promote/churn", "main") == (
        "https://gitlab.com/acme/ml/models/-/merge_requests/new?"
        "merge_request%5Bsource_branch%5D=promote%2Fchurn&merge_request%5Btarget_branch%5D=main"
    )


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("https://git.example.com/a/b.git", True),
        ("git@git.example.com:a/b.git", True),
        ("file:///srv/a/b.git", False),
        ("/srv/a/b.git", False),
        ("../b.git", False),
    ],
)
def test_whether_a_url_names_a_host(url: str, is_so: bool) -> None:
    assert names_host(url) is is_so
