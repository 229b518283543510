"""The attributes of a path, held against git's own opinion of the same files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snitch.gitattributes import MAX_BYTES, MAX_LINE_BYTES, Line, TooLarge, Value, attributes_at, deciding_line
from tests.repository import Repo

PATH = "models/churn/model.skops"
LFS = "filter=lfs diff=lfs merge=lfs -text\n"


def attributes(files: dict[str, str], path: str = PATH) -> dict[str, Value]:
    return attributes_at(path, {name: text.encode() for name, text in files.items()}.get)


def filter_of(root: str, path: str = PATH) -> Value:
    return attributes({".gitattributes": root}, path).get("filter")


@pytest.mark.parametrize(
    "pattern",
    [
        "*.skops",
        "model.skops",
        "*",
        "model.*",
        "models/churn/model.skops",
        "/models/churn/*.skops",
        "models/**",
        "**/model.skops",
        "models/**/model.skops",
        "**/churn/**",
        "m?d[e-f]l.skops",
        "*.[[:alpha:]]kops",
        r"model\.skops",
        '"*.\\163kops"',
        "  *.skops",
    ],
)
def test_patterns_that_match(pattern: str) -> None:
    assert filter_of(f"{pattern} {LFS}") == "lfs"


@pytest.mark.parametrize(
    "pattern",
    [
        "*.joblib",
        "*.SKOPS",
        "models/*.skops",
        "churn/model.skops",
        "/model.skops",
        "models/",
        "models",
        "models/churn/",
        "*.skops/",
        "#*.skops",
        "!*.skops",
        "model.skop[!s]",
        "model.skops[",
        "model.skops\\",
        '"*.skops',
        "\ufeff*.skops",
        "",
    ],
)
def test_patterns_that_do_not_match(pattern: str) -> None:
    assert filter_of(f"{pattern} {LFS}") is None


def test_the_later_line_wins() -> None:
    assert filter_of("*.skops filter=lfs\n*.skops filter=other\n") == "other"


@pytest.mark.parametrize(("undo", "value"), [("-filter", False), ("!filter", None), ("filter", True), ("filter=", "")])
def test_a_later_line_takes_it_back(undo: str, value: Value) -> None:
    assert filter_of(f"*.skops {LFS}model.skops {undo}\n") == value


def test_the_deeper_file_wins() -> None:
    files = {".gitattributes": f"*.skops {LFS}", "models/.gitattributes": "churn/*.skops -filter\n"}
    assert attributes(files)["filter"] is False


def test_a_pattern_is_relative_to_its_file() -> None:
    assert attributes({"models/.gitattributes": f"models/churn/*.skops {LFS}"}) == {}


def test_a_macro_stands_for_what_it_sets() -> None:
    assert filter_of("[attr]weights filter=lfs -text\n*.skops weights\n") == "lfs"


def test_a_macro_that_is_unset_sets_nothing() -> None:
    assert filter_of("[attr]weights filter=lfs -text\n*.skops -weights\n") is None


def test_a_macro_below_the_root_is_none() -> None:
    assert "filter" not in attributes({"models/.gitattributes": "[attr]weights filter=lfs\n*.skops weights\n"})


def test_binary_is_a_macro_of_gits_own() -> None:
    assert attributes({".gitattributes": "*.skops binary\n"}) == {
        "binary": True,
        "diff": False,
        "merge": False,
        "text": False,
    }


def test_an_invalid_name_drops_the_line() -> None:
    assert filter_of("*.skops filter=lfs what?\n") is None


def test_an_overlong_line_is_passed_over() -> None:
    assert filter_of("*.skops filter=lfs " + "a" * MAX_LINE_BYTES + "\n") is None


def test_a_file_beyond_the_bound_is_refused() -> None:
    with pytest.raises(TooLarge):
        filter_of("#" * (MAX_BYTES + 1))


def test_macros_in_a_circle_come_to_an_end() -> None:
    text = "[attr]a b\n[attr]b a filter=lfs\n*.skops a\n"
    assert filter_of(text) == "lfs"


def test_hostile_patterns_take_no_time() -> None:
    stars = "*a" * 900 + "b"
    folders = "**/" * 600 + "b"
    classes = "[a-z]*" * 300 + "b"
    lines = [f"{pattern} filter=lfs" for pattern in (stars, folders, classes, "x/" + stars) for _ in range(12)]
    started = process_time()
    filter_of("\n".join(lines), "a/" * 100 + "a" * 1000)
    assert process_time() - started < 1.5


_SEGMENTS = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "a.b",
        "*",
        "**",
        "*b",
        "a*",
        "?",
        "[ab]",
        "[!a]",
        "[^a-b]*",
        "a**",
        "[[:alpha:]]",
        "[a",
        "\\a",
        "!a",
    ]
)
_PATTERNS = st.one_of(
    st.tuples(st.booleans(), st.lists(_SEGMENTS, min_size=1, max_size=4), st.booleans()).map(
        lambda parts: "/" * parts[0] + "/".join(parts[1]) + "/" * parts[2]
    ),
    st.text(alphabet='ab./*?[]!^-\\":# \t\r', max_size=10),
    st.sampled_from(["[attr]m", "[attr]binary", '"a"', '"\\141"', '"a b"', '"[attr]m"']),
)
_STATES = st.lists(
    st.sampled_from(["filter=lfs", "-filter", "!filter", "filter", "m", "-m", "binary", "!m", "a=", "-a=b", "?"]),
    max_size=3,
)
_LINES = st.tuples(_PATTERNS, _STATES).map(lambda parts: " ".join([parts[0], *parts[1]]))
_FILES = st.lists(_LINES, max_size=6).map("\n".join)
_PATHS = st.sampled_from(["a", "b", "ab", "a/b", "a/ab", "a/b/ab", "a/b/a.b", "b/a/a/b", "a b", "a/!a", "a/a*"])


@given(root=_FILES, below=_FILES, paths=st.lists(_PATHS, min_size=1, max_size=4, unique=True))
@settings(max_examples=100, deadline=None)
@example(root="a**/b filter", below="", paths=["a/b", "a/b/ab"])
@example(root="**/**/a* m\n[attr]m filter=lfs", below="[attr]m x", paths=["a/ab"])
def test_git_says_the_same(root: str, below: str, paths: list[str]) -> None:
    files = {".gitattributes": root.encode(), "a/.gitattributes": below.encode()}
    repo = _repository()
    for name, content in files.items():
        oid = repo.git("hash-object", "-w", "--stdin", input=content)
        repo.git("update-index", "--add", "--cacheinfo", f"100644,{oid},{name}")
    for path in paths:
        assert _shown(attributes_at(path, files.get)) == _git_says(repo, path), path


_kept: list[tuple[tempfile.TemporaryDirectory[str], Repo]] = []


def _repository() -> Repo:
    if not _kept:
        folder = tempfile.TemporaryDirectory()
        _kept.append((folder, Repo(Path(folder.name))))
    return _kept[0][1]


def _git_says(repo: Repo, path: str) -> dict[str, str]:
    told = repo.git("-c", "core.attributesFile=", "check-attr", "--cached", "-z", "--all", "--", path).split("\0")[:-1]
    return {told[at + 1]: told[at + 2] for at in range(0, len(told), 3)}


def _shown(found: dict[str, Value]) -> dict[str, str]:
    words = {True: "set", False: "unset"}
    return {name: words[value] if isinstance(value, bool) else str(value) for name, value in found.items()}


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({".gitattributes": f"# all\n*.txt {LFS}"}, Line(".gitattributes", 2, "*.txt")),
        ({".gitattributes": f"*.txt {LFS}\n*.md {LFS}model* text\n"}, Line(".gitattributes", 1, "*.txt")),
        ({".gitattributes": f"*.txt {LFS}* {LFS}"}, Line(".gitattributes", 2, "*")),
        ({".gitattributes": f"*.txt {LFS}*.txt -filter\n"}, Line(".gitattributes", 2, "*.txt")),
        (
            {".gitattributes": f"*.txt {LFS}", "models/.gitattributes": f"\n\n*/m*.txt {LFS}"},
            Line("models/.gitattributes", 3, "*/m*.txt"),
        ),
        ({".gitattributes": f"[attr]big {LFS}*.txt big\n"}, Line(".gitattributes", 2, "*.txt")),
        ({".gitattributes": f"*.bin {LFS}"}, None),
        ({}, None),
    ],
)
def test_the_line_that_decides(files: dict[str, str], line: Line | None) -> None:
    read = {name: text.encode() for name, text in files.items()}.get
    assert deciding_line("models/churn/model.txt", "filter", read) == line
