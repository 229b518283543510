"""pylock.toml: what is locked is pinned."""

from __future__ import annotations

import pytest

from snitch.dependencies import Dependencies, read_dependencies

HEAD = 'lock-version = "1.0"\ncreated-by = "a tool"\n'
WHEEL = '{url = "https://files.example.org/numpy.whl", hashes = {sha256 = "ab"}}'


def read(text: str, name: str = "pylock.toml") -> Dependencies:
    return read_dependencies({name: text.encode()}, name)


@pytest.mark.parametrize("name", ["pylock.toml", "models/a/pylock.gpu.toml"])
def test_packages_are_pinned_and_their_addresses_are_normal(name: str) -> None:
    text = HEAD + f'[[packages]]\nname = "Num_Py"\nversion = "1.26.4"\nmarker = "x"\nwheels = [{WHEEL}]\n'
    dependencies = read(text, name)
    assert dependencies.problems == ()
    (requirement,) = dependencies.requirements
    assert (requirement.name, requirement.specifier, requirement.marker) == ("num-py", "==1.26.4", "x")
    assert (requirement.line, requirement.pinned, requirement.hashes) == (4, True, True)


def test_a_package_without_hashes_says_so() -> None:
    (requirement,) = read(HEAD + '[[packages]]\nname = "a"\nversion = "1"\nsdist = {url = "https://x"}\n').requirements
    assert not requirement.hashes


@pytest.mark.parametrize(
    "source",
    [
        'vcs = {type = "git", url = "https://example.org/x", commit-id = "ab"}',
        'directory = {path = "../x"}',
        'archive = {url = "https://example.org/x.zip"}',
        'version = "1"\nwheels = [{path = "x.whl"}]',
        'version = "1"\nsdist = {url = "file:///x.tar.gz"}',
    ],
)
def test_a_package_from_elsewhere_is_unsafe(source: str) -> None:
    (problem,) = read(HEAD + f'[[packages]]\nname = "x"\n{source}\n').problems
    assert (problem.kind, problem.line) == ("unsafe", 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "packages = []",
        'lock-version = "2.0"\npackages = []',
        "lock-version = 1.0\npackages = []",
        HEAD,
        HEAD + "packages = 3",
        HEAD + "packages = [3]",
        HEAD + "[[packages]]\nversion = '1'",
        HEAD + "[[packages]]\nname = 'a b'\nversion = '1'",
        HEAD + "[[packages]]\nname = 'a'",
        HEAD + "[[packages]]\nname = 'a'\nversion = '1.*'",
        HEAD + "[[packages]]\nname = 'a'\nversion = 1",
        HEAD + "[[packages]]\nname = 'a'\nname = 'b'",
    ],
)
def test_what_is_not_understood_is_unreadable(text: str) -> None:
    (problem,) = read(text).problems
    assert problem.kind == "unreadable"
