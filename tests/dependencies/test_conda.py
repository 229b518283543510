"""environment.yml: conda's specifications and the pip list."""

from __future__ import annotations

import pytest

from snitch.dependencies import Dependencies, Problem, read_dependencies


def read(text: str, **others: str) -> Dependencies:
    files = {name.replace("__", "."): content.encode() for name, content in others.items()}
    return read_dependencies(files | {"environment.yml": text.encode()}, "environment.yml")


def only_problem(text: str) -> Problem:
    (problem,) = read(text).problems
    return problem


@pytest.mark.parametrize(
    ("specification", "specifier", "pinned"),
    [
        ("numpy", "", False),
        ("numpy=1.26", "==1.26.*", False),
        ("numpy=1.26.*", "==1.26.*", False),
        ("numpy 1.26.*", "==1.26.*", False),
        ("numpy =1.26", "==1.26.*", False),
        ("numpy==1.26.4", "==1.26.4", True),
        ("numpy 1.26.4", "==1.26.4", True),
        ("numpy=1.26.4=py311_0", "==1.26.4", True),
        ("numpy 1.26.4 py311_0", "==1.26.4", True),
        ("numpy==1.26.4=py311_0", "==1.26.4", True),
        ("numpy>=1.26,<2", ">=1.26,<2", False),
        ("numpy >=1.26.*", ">=1.26", False),
        ("numpy!=1.26.*", "!=1.26.*", False),
        ("numpy~=1.26", "~=1.26", False),
        ("conda-forge::numpy==1.26.4", "==1.26.4", True),
        ("conda-forge/linux-64::numpy==1.26.4", "==1.26.4", True),
        ("numpy[version='>=1.26,<2']", ">=1.26,<2", False),
        ("numpy[version=1.26.4, build=x]", "==1.26.4", True),
        ("numpy==1.1.1w", "===1.1.1w", True),
        ("numpy=1.1.1w", "=1.1.1w", False),
        ("numpy 1.24|1.26", "1.24|1.26", False),
    ],
)
def test_specifications_are_said_in_pep_440(specification: str, specifier: str, pinned: bool) -> None:
    dependencies = read(f'dependencies:\n  - "{specification}"\n')
    assert dependencies.problems == ()
    (requirement,) = dependencies.requirements
    assert (requirement.name, requirement.specifier, requirement.pinned) == ("numpy", specifier, pinned)


def test_places_are_the_items_own() -> None:
    text = (
        "channels: [conda-forge]\ndependencies:\n- python=3.11  # why\n-   'numpy==1'\n- pip:\n  - pandas==2  # why\n"
    )
    places = [(r.name, r.line, r.column) for r in read(text).requirements]
    assert places == [("python", 3, 3), ("numpy", 4, 5), ("pandas", 6, 5)]


def test_the_pip_list_is_read_as_requirement_lines() -> None:
    text = "dependencies:\n  - pip:\n    - numpy==1 --hash=sha256:ab\n    - -r r.txt\n    - -e .\n    - what is this\n"
    dependencies = read(text, r__txt="pandas==2\n")
    assert [(r.name, r.path, r.pinned) for r in dependencies.requirements] == [
        ("numpy", "environment.yml", True),
        ("pandas", "r.txt", True),
    ]
    assert [(problem.kind, problem.line) for problem in dependencies.problems] == [("unsafe", 5), ("unreadable", 6)]
    assert dependencies.files == ("environment.yml", "r.txt")


@pytest.mark.parametrize("channel", ["conda-forge", "defaults", "nodefaults", "pytorch/label/nightly"])
def test_channels_by_name_pass(channel: str) -> None:
    assert read(f"channels: [{channel}]\ndependencies: [numpy==1]\n").problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "channels:\n  - https://conda.example.org/x",
        "channels:\n  - file:///srv/x",
        "channels:\n  - /srv/x",
        "channels:\n  - ../x",
        "dependencies:\n  - https://conda.example.org/x::numpy",
        "dependencies:\n  - https://conda.example.org/numpy-1.tar.bz2",
        "dependencies:\n  - numpy-1.conda",
        "dependencies:\n  - ./numpy",
        "dependencies:\n  - numpy[channel='https://conda.example.org/x']",
        "dependencies:\n  - numpy[url=x]",
    ],
)
def test_packages_from_elsewhere_are_unsafe(text: str) -> None:
    problem = only_problem(text)
    assert (problem.kind, problem.line) == ("unsafe", 2)


@pytest.mark.parametrize(
    "text",
    [
        "dependencies: [",
        "dependencies: 3",
        "dependencies: numpy",
        "dependencies: [3]",
        "dependencies: [[numpy]]",
        "dependencies: [{conda: [numpy]}]",
        "dependencies: [{pip: numpy}]",
        "dependencies: [{pip: [3]}]",
        "dependencies: ['numpy==1 a b c']",
        "dependencies: ['nu mpy == 1 [']",
        "dependencies: ['numpy[version]']",
        "dependencies: ['num py[version=1]']",
        "dependencies: ['']",
        "dependencies: []\ndependencies: []",
        "channels: [3]",
        "just text",
        "dependencies:\n" + "- numpy=1\n" * 60_000,
        "a: &a [*a, *a]",
        "dependencies: ['" + "a=" * 100_000 + "']",
    ],
)
def test_what_is_not_understood_is_unreadable(text: str) -> None:
    assert {problem.kind for problem in read(text).problems} == {"unreadable"}
