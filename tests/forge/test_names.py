"""What is let through to git and to the forge."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snitch.forge import names
from snitch.forge.request import InvalidEvent

TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ODD = "-./@{}\\~^:?*[ \t\x7fab"


def is_taken_by_git(name: str) -> bool:
    told = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False)
    return told.returncode == 0 and not name.startswith("-") and name != "HEAD"


@settings(max_examples=400, deadline=None)
@given(
    st.text(ODD, min_size=1, max_size=6)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
)
@example("a.lock")
@example("a.lock/b")
@example("a.lockb")
@example("@")
@example("a@{b")
@example("feature/größe")
@example("a\n")
@example("HEAD")
@example("-x")
def test_a_branch_is_what_git_takes_for_one(name: str) -> None:
    try:
        taken = names.branch("BRANCH", name) == name
    except InvalidEvent:
        taken = False
    assert taken == is_taken_by_git(name)


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidEvent, match=r"^BRANCH: .* is not UTF-8 text"):
        names.branch("BRANCH", "a\udcff")


def test_a_name_without_end_is_refused_and_not_repeated_whole() -> None:
    with pytest.raises(InvalidEvent) as raised:
        names.branch("BRANCH", "a" * 5000)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("text", ["a" * 40, "0123456789abcdef" * 4])
def test_full_commits(text: str) -> None:
    assert names.commit("SHA", text) == text


@pytest.mark.parametrize("text", ["", "a" * 39, "a" * 41, "A" * 40, "g" * 40, "a" * 40 + "\n", "0" * 40, "0" * 64])
def test_what_is_no_commit(text: str) -> None:
    with pytest.raises(InvalidEvent, match=r"^SHA: .* is not a full commit id"):
        names.commit("SHA", text)


@pytest.mark.parametrize("text", ["0" * 40, "0" * 64])
def test_zeros_stand_for_no_commit(text: str) -> None:
    assert names.commit_or_none("SHA", text) is None


@pytest.mark.parametrize("text", ["acme/models", "Acme-1/my.models_2", "a/..b"])
def test_repositories(text: str) -> None:
    assert names.repository("REPOSITORY", text) == text


@pytest.mark.parametrize(
    "text", ["", "acme", "/models", "acme/", "a/b/c", "acme/..", "./x", "a/b?c", "a/b\n", "a/" + "b" * 1000]
)
def test_what_is_no_repository(text: str) -> None:
    with pytest.raises(InvalidEvent, match=r"^REPOSITORY: .* is not `owner/name`"):
        names.repository("REPOSITORY", text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://github.com", "https://github.com"),
        ("https://github.com/", "https://github.com"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/api/v3"),
        ("https://[::1]:8080/api/v4/", "https://[::1]:8080/api/v4"),
        ("https://gitlab.example.com/a%20b", "https://gitlab.example.com/a%20b"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert names.address("URL", text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "github.com",
        "//github.com",
        "file:///etc/passwd",
        "https://",
        "https://a:b@github.com",
        "https://github.com@evil.example",
        "https://[::1]@evil.example/",
        "https://[::1]evil.example/",
        "https://github.com?x",
        "https://github.com#x",
        "https://github.com/a b",
        "https://github.com/a\nb",
        "https://github.com\\@evil.example",
        "https://github.com:port/",
        "https://" + "a" * 1000,
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidEvent, match=r"^URL: .* is not a plain http or https URL"):
        names.address("URL", text)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "1_0", " 1", "1\n", "²", "١", "9" * 19])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(InvalidEvent, match=r"^NUMBER: .* is not a number above zero"):
        names.number("NUMBER", text)
