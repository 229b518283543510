"""pyproject.toml: every table that declares dependencies is read, whichever tool it belongs to."""

from __future__ import annotations

import pytest

from snitch.dependencies import Dependencies, Problem, read_dependencies


def read(text: str, **others: str) -> Dependencies:
    files = {name.replace("__", "."): content.encode() for name, content in others.items()}
    return read_dependencies(files | {"pyproject.toml": text.encode()}, "pyproject.toml")


def only_problem(text: str) -> Problem:
    (problem,) = read(text).problems
    return problem


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ndependencies = ["numpy==1"]',
        '[project.optional-dependencies]\nx = ["numpy==1"]',
        '[dependency-groups]\nx = ["numpy==1"]',
        '[tool.uv]\ndev-dependencies = ["numpy==1"]',
        '[tool.uv]\noverride-dependencies = ["numpy==1"]',
        '[tool.pdm.dev-dependencies]\nx = ["numpy==1"]',
        '[tool.poetry.dependencies]\nnumpy = "1"',
        '[tool.poetry.dependencies]\npython = "^3.10"\nnumpy = {version = "==1", optional = true}',
        '[tool.poetry.dev-dependencies]\nnumpy = "1"',
        '[tool.poetry.group.x.dependencies]\nnumpy = "=1"',
    ],
)
def test_every_table_counts(text: str) -> None:
    dependencies = read(text)
    assert dependencies.problems == ()
    (requirement,) = dependencies.requirements
    assert (requirement.name, requirement.specifier, requirement.pinned) == ("numpy", "==1", True)


def test_a_requirement_stands_where_its_string_stands() -> None:
    text = '[project]\nname = "x"  # don\'t\ndependencies = [\n  "numpy==1",\n  "numpy==1", \'pandas\',\n]\n'
    places = [(r.name, r.line, r.column, r.length) for r in read(text).requirements]
    assert places == [("numpy", 4, 3, 10), ("numpy", 5, 3, 10), ("pandas", 5, 15, 8)]


def test_a_poetry_requirement_stands_where_its_key_stands() -> None:
    (requirement,) = read('[tool.poetry.dependencies]\npython = "^3"\n  numpy = "1"\n').requirements
    assert (requirement.line, requirement.column, requirement.length) == (3, 3, 5)


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("1.2.*", "==1.2.*"),
        ("*", ""),
        (">=1, <2", ">=1,<2"),
        (">=1 <2", ">=1,<2"),
        ("!=1.5", "!=1.5"),
        ("^1 || ^2", "^1 || ^2"),
    ],
)
def test_poetry_ranges_are_said_in_pep_440_and_pin_nothing(constraint: str, specifier: str) -> None:
    (requirement,) = read(f'[tool.poetry.dependencies]\nnumpy = "{constraint}"\n').requirements
    assert (requirement.specifier, requirement.pinned) == (specifier, False)


def test_constraints_of_uv_are_constraints() -> None:
    dependencies = read('[tool.uv]\nconstraint-dependencies = ["numpy<3"]\n')
    assert [requirement.specifier for requirement in dependencies.constraints] == ["<3"]
    assert dependencies.requirements == ()


def test_a_group_may_include_another() -> None:
    dependencies = read('[dependency-groups]\na = ["numpy==1"]\nb = [{include-group = "A"}]\n')
    assert (len(dependencies.requirements), dependencies.problems) == (1, ())


def test_dynamic_dependencies_are_read_from_the_files_that_setuptools_reads() -> None:
    text = (
        '[project]\ndynamic = ["dependencies", "optional-dependencies"]\n[tool.setuptools.dynamic]\n'
        'dependencies = {file = ["r.txt"]}\noptional-dependencies.x = {file = "x.txt"}\n'
    )
    dependencies = read(text, r__txt="numpy==1\n", x__txt="pandas==2\n")
    assert [requirement.path for requirement in dependencies.requirements] == ["r.txt", "x.txt"]
    assert dependencies.problems == ()
    assert dependencies.files == ("pyproject.toml", "r.txt", "x.txt")


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ndependencies = ["x @ https://example.org/x.whl"]',
        '[build-system]\nrequires = ["x @ git+https://example.org/x"]',
        '[tool.poetry.dependencies]\nx = {git = "https://example.org/x"}',
        '[tool.poetry.dependencies]\nx = {path = "../x", develop = true}',
        '[tool.poetry.dependencies]\nx = {version = "1", source = "other"}',
        '[[tool.poetry.source]]\nname = "other"\nurl = "https://example.org/simple"',
        '[tool.uv.sources]\nx = {git = "https://example.org/x"}',
        "[tool.uv.sources]\nx.workspace = true",
        '[[tool.uv.index]]\nurl = "https://example.org/simple"',
        '[tool.uv]\nextra-index-url = ["https://example.org/simple"]',
        '[tool.uv]\nfind-links = ["wheels"]',
        '[[tool.pdm.source]]\nurl = "https://example.org/simple"',
    ],
)
def test_code_from_elsewhere_is_unsafe_and_told_at_its_line(text: str) -> None:
    problem = only_problem(text)
    assert problem.kind == "unsafe"
    assert problem.line >= (1 if "[[" in text else 2)


@pytest.mark.parametrize(
    "text",
    [
        "dependencies = [",
        "a = 1\na = 2",
        "[project]\ndependencies = 'numpy'",
        "[project]\ndependencies = [1]",
        "[project]\ndependencies = ['numpy 1']",
        "project = 3",
        "tool = []",
        "[project]\ndynamic = ['dependencies']",
        "[project]\ndynamic = ['dependencies']\n[tool.setuptools.dynamic]\ndependencies = {attr = 'x.y'}",
        "[dependency-groups]\na = [{include-group = 'gone'}]",
        "[dependency-groups]\na = 3",
        "[tool.poetry.dependencies]\nnumpy = 1",
        "[tool.poetry.dependencies]\nnumpy = {optional = true}",
        "[tool.poetry.dependencies]\n'num py' = '1'",
        "[tool.poetry]\ndependencies = 3",
        "[tool.poetry]\ngroup = 3",
        "[tool.poetry.group]\ngroup = 3",
        "[build-system]\nrequires = 3",
        "a = " + "[" * 50_000,
        ".".join("a" * 100_000) + " = 1",
        "a = " + "9" * 10_000,
    ],
)
def test_what_is_not_understood_is_unreadable(text: str) -> None:
    assert {problem.kind for problem in read(text).problems} == {"unreadable"}


def test_bad_syntax_is_told_with_its_line() -> None:
    assert only_problem("[project]\nname = \n").line == 2


def test_a_pyproject_that_declares_nothing_has_no_requirements_and_no_problem() -> None:
    dependencies = read("[tool.ruff]\nline-length = 100\n")
    assert (dependencies.requirements, dependencies.problems) == ((), ())


def test_a_file_that_is_not_named_as_a_requirements_file_is_not_read() -> None:
    dependencies = read(
        '[project]\nname = "a"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n'
        'dependencies = {file = ["r.md"]}\n',
        r__md="numpy==2.1.0\n",
    )
    (problem,) = dependencies.problems
    assert (problem.kind, problem.line) == ("unreadable", 5)
    assert problem.message == "`r.md` is not named as a requirements file"
    assert dependencies.requirements == ()
