"""requirements.txt: what is read out of it, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snitch.dependencies import Dependencies, Problem, Requirement, read_dependencies
from snitch.dependencies.reading import MAX_ENTRIES, MAX_FILES, MAX_LINES, MAX_PROBLEMS
from snitch.snapshot import MemorySnapshot, Mode


def read(text: str | bytes, **others: str) -> Dependencies:
    """The reading of `models/a/requirements.txt` beside other files, whose names have `__` for `/` and `_` for `.`."""
    files = {name.replace("__", "/").replace("_", "."): content.encode() for name, content in others.items()}
    files["models/a/requirements.txt"] = text.encode() if isinstance(text, str) else text
    return read_dependencies(files, "models/a/requirements.txt")


def only_requirement(text: str) -> Requirement:
    dependencies = read(text)
    assert dependencies.problems == ()
    (requirement,) = dependencies.requirements
    return requirement


def only_problem(text: str | bytes) -> Problem:
    (problem,) = read(text).problems
    return problem


@pytest.mark.parametrize(
    ("line", "name", "specifier"),
    [
        ("numpy==1.26.4", "numpy", "==1.26.4"),
        ("Scikit_Learn == 1.5.0", "scikit-learn", "==1.5.0"),
        ("torch==2.3.0+cpu", "torch", "==2.3.0+cpu"),
        ("pandas >= 2.1, < 3", "pandas", ">=2.1,<3"),
        ("pandas~=2.1", "pandas", "~=2.1"),
        ("pandas==2.*", "pandas", "==2.*"),
        ("pandas", "pandas", ""),
        ("pandas (>=2)", "pandas", ">=2"),
        ("ruamel.yaml==0.18", "ruamel-yaml", "==0.18"),
        ("zope.interface===5.0-odd", "zope-interface", "===5.0-odd"),
    ],
)
def test_reads_name_and_specifier(line: str, name: str, specifier: str) -> None:
    requirement = only_requirement(line)
    assert (requirement.name, requirement.specifier) == (name, specifier)


@pytest.mark.parametrize(
    ("line", "pinned"),
    [
        ("a==1.2.3", True),
        ("a===1.2.3", True),
        ("a>=1,==1.2.3", True),
        ("a==1.2.*", False),
        ("a>=1.2.3", False),
        ("a~=1.2", False),
        ("a!=1.2", False),
        ("a", False),
        ('a==1.2.3; python_version < "3.9"', True),
    ],
)
def test_only_one_exact_version_is_pinned(line: str, pinned: bool) -> None:
    assert only_requirement(line).pinned is pinned


def test_reads_extras_marker_and_hashes() -> None:
    requirement = only_requirement(
        "Uvicorn[Standard,extra_two]==0.30 ; python_version > '3.8' --hash=sha256:ab --hash sha512:cd  # why\n"
    )
    assert requirement.extras == ("extra-two", "standard")
    assert requirement.marker == 'python_version > "3.8"'
    assert requirement.hashes
    assert requirement.text == "Uvicorn[Standard,extra_two]==0.30 ; python_version > '3.8'"


def test_places_count_from_one_and_cover_the_requirement_alone() -> None:
    first, second = read("# head\n\n  numpy==1  # why\r\npandas==2 \\\n    --hash=sha256:ab\n").requirements
    assert (first.line, first.column, first.length) == (3, 3, len("numpy==1"))
    assert (second.line, second.column, second.length) == (4, 1, len("pandas==2"))


def test_comments_blank_lines_and_a_byte_order_mark_say_nothing() -> None:
    dependencies = read(b"\xef\xbb\xbf# numpy==1\r\n\r\n   \n#\n")
    assert (dependencies.requirements, dependencies.problems) == ((), ())


@pytest.mark.parametrize(
    "line", ["--pre", "--no-binary :all:", "--only-binary=:all:", "--require-hashes", "--prefer-binary"]
)
def test_harmless_options_pass(line: str) -> None:
    assert read(line).problems == ()


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "--index-url=https://example.org/simple",
        "--ind https://example.org/simple",
        "-i https://example.org/simple",
        "-ihttps://example.org/simple",
        "--pypi-url https://example.org/simple",
        "--extra-index-url https://example.org/simple",
        "--extra https://example.org/simple",
        '--pre "--extra-index-url" https://example.org/simple',
        "--find-links wheels",
        "-f wheels",
        "--trusted-host example.org",
        "--no-index",
        "-e .",
        "--editable ../other",
        "--edit=git+https://example.org/x.git",
        "numpy==1 --global-option=--x",
        "numpy==1 --config-settings a=b",
        "numpy==1 -C a=b",
        "numpy==1 --install-option=--x",
        "git+https://example.org/x.git",
        "https://example.org/x-1.0-py3-none-any.whl",
        "file:///etc/x.whl",
        "x @ https://example.org/x.zip",
        "x@https://example.org/x.zip",
        "x[y] @ git+ssh://git@example.org/x",
        "./x",
        "../x",
        "/x",
        "folder/x",
        "folder\\x",
        "x-1.0.tar.gz",
        "x.whl[extra]",
        "x.zip ; python_version > '3'",
        "x==${VERSION}",
        "${EVERYTHING}",
        "--no-binary ${EVERYTHING}",
        "-r /etc/requirements.txt",
        "-r ../../../outside.txt",
        "-r https://example.org/r.txt",
        "-r file:other.txt",
        "-r ~/r.txt",
        "-r folder/../other.txt",
        "-r ${OTHER}",
        "-r '..\\other.txt'",
        "-c ../../../outside.txt",
        "--constraint=https://example.org/c.txt",
    ],
)
def test_code_from_elsewhere_is_unsafe(line: str) -> None:
    problem = only_problem(line)
    assert (problem.kind, problem.line) == ("unsafe", 1)
    assert problem.help


@pytest.mark.parametrize(
    "line",
    [
        "numpy 1.26",
        "numpy=1.26",
        "numpy==",
        "numpy==one",
        "numpy>=1.*",
        "numpy~=1",
        "numpy==1; nonsense",
        "==1.0",
        "numpy==1 --hash=md5:ab",
        "numpy==1 --hash=sha256:",
        "numpy==1 --hash",
        "numpy==1 -r other.txt",
        "--hash=sha256:ab",
        "--unknown",
        "--re x",
        "-x y",
        "--pre=yes",
        "--pre evil==1.0",
        '--no-binary "x',
        "-r",
        "нумпай==1",
        "numpy==1 \\ ",
        "<html>",
        "numpy==" + "1" * 5000,
        "a; " + "(" * 3000,
        "a; " + "(" * 39 + "os_name" + ")" * 39,
    ],
)
def test_a_line_that_cannot_be_understood_is_never_ignored(line: str) -> None:
    problem = only_problem(line)
    assert (problem.kind, problem.line) == ("unreadable", 1)


def test_a_bad_line_hides_none_of_its_neighbours() -> None:
    dependencies = read("numpy==1\n?\npandas==2\n")
    assert [requirement.name for requirement in dependencies.requirements] == ["numpy", "pandas"]
    assert [problem.line for problem in dependencies.problems] == [2]


def test_a_utf_7_declaration_that_hides_a_second_requirement_is_unsafe() -> None:
    (problem, _) = read(b"# -*- coding: utf-7 -*-\nnumpy==1 +AAo-evil==6.6.6\n").problems
    assert (problem.kind, problem.line) == ("unsafe", 1)
    assert "utf-7" in problem.message


@pytest.mark.parametrize("coding", ["utf-8", "UTF8", "utf_8", "ascii", "US-ASCII"])
def test_a_declaration_of_what_the_file_is_passes(coding: str) -> None:
    assert read(f"# vim: set fileencoding={coding} :\nnumpy==1\n").problems == ()


def test_a_declaration_on_the_second_line_counts_and_on_the_third_does_not() -> None:
    assert only_problem("\n# coding=latin-1\n").line == 2
    assert read("\n\n# coding=latin-1\n").problems == ()


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_wide_encoding_is_unsafe(coding: str) -> None:
    assert only_problem("numpy==1\n".encode(coding)).kind == "unsafe"


def test_what_is_not_utf_8_is_unreadable_with_its_line() -> None:
    problem = only_problem(b"numpy==1\n# caf\xe9\n")
    assert (problem.kind, problem.line) == ("unreadable", 2)


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\r"])
def test_a_line_break_that_an_editor_does_not_show_is_unsafe_and_still_read(separator: str) -> None:
    dependencies = read(f"# a comment{separator}evil==6.6.6\n")
    assert [requirement.name for requirement in dependencies.requirements] == ["evil"]
    assert [(problem.kind, problem.line) for problem in dependencies.problems] == [("unsafe", 1)]


def test_characters_that_reorder_what_is_shown_are_unsafe() -> None:
    assert only_problem("numpy==1\n# \u202eevil\u202c\n").line == 2


@pytest.mark.parametrize(
    "text",
    ["ev\\\nil==6.6.6\n", "numpy==1 # c \\\nevil==6.6.6\n", "numpy==1 \\\\\n\nevil==6.6.6\n", "numpy==1 \\\n\\\n\n"],
)
def test_a_continuation_that_misleads_is_unsafe(text: str) -> None:
    problem = only_problem(text)
    assert (problem.kind, problem.line) == ("unsafe", 1)


def test_a_comment_that_ends_in_a_backslash_hides_nothing() -> None:
    assert only_requirement("# comment \\\nevil==6.6.6\n").name == "evil"


def test_a_continued_line_may_be_the_last() -> None:
    assert only_requirement("numpy==1 \\").name == "numpy"


def test_included_files_are_read_relative_to_the_file_that_names_them() -> None:
    dependencies = read("-r ../base.txt\n", models__base_txt="-r b/c.txt\nnumpy==1\n", models__b__c_txt="pandas==2\n")
    assert [(requirement.name, requirement.path) for requirement in dependencies.requirements] == [
        ("pandas", "models/b/c.txt"),
        ("numpy", "models/base.txt"),
    ]
    assert dependencies.files == ("models/a/requirements.txt", "models/base.txt", "models/b/c.txt")


def test_constraints_are_kept_apart() -> None:
    dependencies = read("-c c.txt\nnumpy\n", models__a__c_txt="numpy<3\n")
    assert [requirement.specifier for requirement in dependencies.constraints] == ["<3"]
    assert [requirement.specifier for requirement in dependencies.requirements] == [""]


@pytest.mark.parametrize("line", ["-r gone.txt", "--requirement=gone.txt", "-c gone.txt"])
def test_an_included_file_that_is_not_there_is_missing_and_was_asked_for(line: str) -> None:
    dependencies = read(line)
    (problem,) = dependencies.problems
    assert (problem.kind, problem.path, problem.line) == ("missing", "models/a/requirements.txt", 1)
    assert dependencies.files == ("models/a/requirements.txt", "models/a/gone.txt")


def test_a_circle_of_includes_is_unreadable() -> None:
    dependencies = read("-r b.txt\n", models__a__b_txt="numpy==1\n-r requirements.txt\n")
    (problem,) = dependencies.problems
    assert (problem.kind, problem.path, problem.line) == ("unreadable", "models/a/b.txt", 2)


def test_a_file_included_twice_is_read_once() -> None:
    dependencies = read("-r b.txt\n-r b.txt\n", models__a__b_txt="numpy==1\n")
    assert (len(dependencies.requirements), dependencies.problems) == (1, ())


def test_two_files_on_one_line_are_both_read_and_told() -> None:
    dependencies = read("-r b.txt -r c.txt\n", models__a__b_txt="numpy==1\n", models__a__c_txt="pandas==1\n")
    assert len(dependencies.requirements) == 2
    assert [problem.kind for problem in dependencies.problems] == ["unreadable"]


def test_a_link_is_not_followed() -> None:
    files = MemorySnapshot({"requirements.txt": "-r b.txt\n", "b.txt": "/etc/x"}, modes={"b.txt": Mode.SYMLINK})
    (problem,) = read_dependencies(files, "requirements.txt").problems
    assert (problem.kind, problem.path, problem.line) == ("unreadable", "requirements.txt", 1)


def test_a_pointer_is_no_requirements_file() -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 3\n"
    assert "pointer" in only_problem(pointer).message


def test_the_file_itself_may_be_missing_or_of_no_known_format() -> None:
    assert [problem.kind for problem in read_dependencies({}, "requirements.txt").problems] == ["missing"]
    assert [problem.kind for problem in read_dependencies({"Pipfile": b""}, "Pipfile").problems] == ["unreadable"]


def test_bounds_hold_for_files_lines_and_problems() -> None:
    chain = {f"{number}.txt": f"-r {number + 1}.txt\n".encode() for number in range(MAX_FILES + 5)}
    assert "files" in read_dependencies(chain, "0.txt").problems[-1].message
    assert len(read("?\n" * 5000).problems) == MAX_PROBLEMS + 1
    assert "requirements" in read("a==1\n" * (MAX_ENTRIES + 1)).problems[-1].message
    assert "lines" in only_problem("\n" * (MAX_LINES + 1)).message
    assert only_problem(b"a" * (5 * 1024 * 1024)).kind == "unreadable"
    assert only_problem("a==1" + " --hash=sha256:ab" * 5000).kind == "unreadable"


def test_plain_lines_import_no_packaging() -> None:
    program = (
        "import sys; from snitch.dependencies import read_dependencies as read;"
        "read({'r.txt': b'numpy[x] == 1.2.3  # c\\npandas>=1,<2 --hash=sha256:ab\\n'}, 'r.txt');"
        "print([name for name in ('packaging', 'yaml', 'shlex', 'tomllib') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


WORDS = ["numpy", "==1.0", "#", "-r", "-c", "a.txt", "../", "--hash=sha256:aa", "-", "--", "=", ";", "'", '"']
MORE = ["${X}", "[x]", "@", "https://", "(", ")", ",", "python_version", "<", "'3'"]
BLANKS = [" ", "\t", "\\\n", "\n", "\r", "\u2028", "\ufeff", "\0"]
LINES = st.lists(st.sampled_from(WORDS + MORE + BLANKS), max_size=25).map("".join)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), LINES.map(str.encode)))
@example(b"# coding: utf-7\n+AAo-")
@example(b"a; os_name == '" + b"(" * 100)
def test_no_bytes_make_it_raise_or_pass_over_a_line(content: bytes) -> None:
    dependencies = read_dependencies({"r.txt": content, "a.txt": b"-r r.txt\n"}, "r.txt")
    text = content.decode("utf-8-sig", "replace").replace("\\", "")
    if any(not line.strip().startswith(("#", "-")) for line in text.splitlines() if line.strip()):
        assert dependencies.requirements or dependencies.problems


@given(st.lists(st.sampled_from(["numpy==1.2.3", " b>=2 # why", "#c", "# c", "", "\t", "-e .", "a#b", "a --hash=x"])))
@example(["# c", " numpy==1.2.3  # pinned", ""])
def test_a_text_of_plain_lines_reads_as_one_whose_line_breaks_are_looked_at(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert read(text) == read(f"{text}\n\r")
