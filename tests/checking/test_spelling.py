"""However a path is spelled, whoever names it is found: what is parsed decides."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from snitch.checking.mentions import CLIMBS, Mentions, climbing_lines
from snitch.checking.scope import Scope
from snitch.checking.spelling import components_in, is_plain, word_of, words_in
from snitch.dependencies import read_dependencies
from snitch.documents import Unreadable, read_document
from snitch.layout import NAMING_FILES
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from snitch.source import resolve

Draw = st.DrawFn

FOLDERS = (
    "models",
    "a",
    "shared",
    "shared files",
    "it's",
    "größe",
    ".deps",
    "deep",
    'six"',
    "x y z",
    "-r",
    "b#c",
    "d  e",
)
STEMS = (
    "base",
    "my base",
    "it's",
    "größe",
    "a'b c",
    "-r",
    "be:d",
    "x, y",
    'six"teen',
    "日本",
    "#one",
    "v1.0+x",
    "t\tb",
)
GLOBS = (*NAMING_FILES, "*evaluations/*.json")


def folders(most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(FOLDERS), max_size=most)


@st.composite
def relative_path(draw: Draw, folder: str, path: str, *, plainly: bool = False) -> str:
    """A path seen from a folder, by ways around."""
    parts = posixpath.relpath(path, folder or ".").split("/")
    noise = ["", "."] if plainly else ["", ".", "x/..", "x y/..", "it's/.."]
    for at in draw(st.lists(st.integers(1, len(parts)), max_size=2)):
        parts.insert(at, draw(st.sampled_from(noise)))
    return "/".join(parts)


@st.composite
def broken(draw: Draw, text: str, instead: Iterable[str]) -> str:
    """A text with something else in the place of some of its spaces."""
    choices = st.sampled_from([" ", " ", *instead])
    return "".join(draw(choices) if character == " " else character for character in text)


@st.composite
def escaped(draw: Draw, text: str) -> str:
    """A text between double quotes, some of it escaped."""
    said = []
    for character in text:
        point = ord(character)
        ways = [character if character not in '"\\' else f"\\{character}", f"\\u{point:04x}", f"{character}\\\n    "]
        ways += [f"\\x{point:02X}"] if point < 256 else []
        said.append(draw(st.sampled_from([ways[0]] * 6 + ways)))
    return f'"{"".join(said)}"'


@st.composite
def in_yaml(draw: Draw, text: str) -> tuple[str, str]:
    """Lines before, and the value itself, of a path in YAML."""
    folds = ("\n    ", "  \n  ", "\r\n    ", "\r  ", "\u2028   ", "\x85   ")
    style = draw(st.sampled_from(("plain", "single", "double", "folded", "literal")))
    event(style)
    if style == "single":
        said = "'" + draw(broken(text.replace("'", "''"), folds)) + "'"
    elif style == "double":
        said = draw(escaped(text))
    elif style == "plain":
        said = draw(broken(text, folds))
    else:
        said = f"{'>' if style == 'folded' else '|'}-\n    " + draw(broken(text, ["\n    "]))
    said = draw(st.sampled_from(("", "", "!!str "))) + said
    if style in ("folded", "literal"):
        return "", said
    said += draw(st.sampled_from(("", "", " # ../not/it.txt")))
    if draw(st.booleans()):
        return f"description: &there {said}\n", "*there"
    return "", said


@st.composite
def in_a_shell(draw: Draw, text: str) -> str:
    """A path as an option's value: with quotes, backslashes and continued lines."""
    said = []
    for character in text:
        ways = [f'"{character}"' if character not in "\"'\\ " else f"\\{character}"] * 12
        if character.isalnum() or character in "./+-_" or not character.isascii():
            ways += [character] * 60 + [f"'{character}'", f"\\{character}", f"{character}\\\n", f"\\\r\n{character}"]
        said.append(draw(st.sampled_from(ways)))
    option = draw(st.sampled_from(("-r ", "-r", "-c ", "--requirement=", "--req ", "numpy==2.1.0\n-r \\\n  ")))
    return option + "".join(said)


def in_scope(files: Mapping[str, str], changed: str) -> frozenset[str]:
    """The models that a change of one file touches, of all files' lines as git would search them."""
    assume(not any(other.startswith(f"{path}/") for path in files for other in files))  # no file is a folder too
    candidate = Repository(MemorySnapshot(files))
    patterns = [re.compile(pattern.replace("[[:space:]]", r"\s")) for pattern in CLIMBS]
    named = [path for path in files if any(fnmatchcase(path.lower(), glob) for glob in GLOBS)]
    found = [(path, line) for path in named for line in files[path].split("\n")]
    lines = [(path, line) for path, line in found if any(pattern.search(line) for pattern in patterns)]
    manifests = [posixpath.join(folder, "model.yaml") for folder in candidate.model_folders]
    scope = Scope(candidate, candidate, frozenset({changed}))
    scope.add_owners()
    scope.add_mentioned(lambda _: Mentions(candidate, [*climbing_lines(candidate, (), manifests), *lines]))
    return frozenset(scope.folders)


@st.composite
def places(draw: Draw, ending: str) -> tuple[str, str]:
    """A model's folder that may own files, and a path, perhaps within it."""
    folder = "/".join(name for name in draw(folders(3)) if not name.startswith("."))
    within = folder.split("/") if folder and draw(st.booleans()) else []
    return folder, "/".join([*within, *draw(folders(3)), draw(st.sampled_from(STEMS)) + ending])


def around(folder: str, path: str, *, nested: bool) -> dict[str, str]:
    """The file itself, other models, and with `nested` one in the file's own folder."""
    others = {"models/z/model.yaml": "name: z\n", path: "", posixpath.join(folder, "other.txt"): "it's\n"}
    own = posixpath.join(posixpath.dirname(path), "model.yaml")
    return {**others, own: "name: nested\n"} if nested and posixpath.dirname(path) else others


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_manifest(data: st.DataObject) -> None:
    folder, path = data.draw(places(data.draw(st.sampled_from((".py", ".txt", "")))))
    before, said = data.draw(in_yaml(data.draw(relative_path(folder, path))))
    manifest = posixpath.join(folder, "model.yaml")
    text = f"name: a\n{before}code: {said}\nversion: 1.0.0\n"
    try:
        code = read_document(manifest, text.encode()).data["code"]  # type: ignore[index]
    except Unreadable:
        assume(False)
    assume(isinstance(code, str) and resolve(folder, code) == path)
    files = {**around(folder, path, nested=data.draw(st.booleans())), manifest: text}
    assert folder in in_scope(files, path)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_requirements(data: st.DataObject) -> None:
    folder, path = data.draw(places(data.draw(st.sampled_from((".txt", ".in", ".TXT")))))
    kind = data.draw(st.sampled_from((".txt", ".yml")))
    first = "/".join([*data.draw(folders(2)), data.draw(st.sampled_from(("all", "it's", "my all"))) + kind])
    first = posixpath.join(folder, first) if data.draw(st.booleans()) else first
    manifest = posixpath.join(folder, "model.yaml")
    assume(path not in (first, posixpath.join(folder, "other.txt")))
    before, said = data.draw(in_yaml(data.draw(relative_path(folder, first))))
    option = data.draw(in_a_shell(data.draw(relative_path(posixpath.dirname(first), path, plainly=True))))
    if kind == ".yml":
        lines, item = data.draw(in_yaml(option))
        option = f"{lines}dependencies:\n- pip:\n  - {item}\n"
    text = f"name: a\n{before}dependencies: {said}\n"
    files = {**around(folder, path, nested=data.draw(st.booleans())), manifest: text, first: option}
    try:
        named = read_document(manifest, text.encode()).data["dependencies"]  # type: ignore[index]
    except Unreadable:
        assume(False)
    assume(isinstance(named, str) and resolve(folder, named) == first)
    assume(path in read_dependencies(MemorySnapshot(files), first).files)
    assert folder in in_scope(files, path)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_an_evaluation(data: st.DataObject) -> None:
    folder, path = data.draw(places(data.draw(st.sampled_from((".csv", ".parquet")))))
    evaluation = posixpath.join(folder, "evaluations", "b.json")
    relative = data.draw(relative_path(posixpath.dirname(evaluation), path))
    text = json.dumps({"predictions": {"path": relative}}, ensure_ascii=data.draw(st.booleans()))
    files = {posixpath.join(folder, "model.yaml"): "name: a\n", evaluation: text.replace("/", data.draw(slashes))}
    assume(resolve(posixpath.dirname(evaluation), relative) == path)
    assert folder in in_scope({**around(folder, path, nested=data.draw(st.booleans())), **files}, path)


slashes = st.sampled_from(("/", "\\/", "\\u002f"))


@pytest.mark.parametrize(
    ("path", "word", "plain"),
    [
        ("a/train.py", "train.py", True),
        ("a b/train.py", "train.py", False),
        ("a/it's.py", "s.py", False),
        ("a/größe", "gr", False),
        ("a/x train.py", "train.py", False),
        ("a/日本", "", False),
    ],
)
def test_the_word_of_a_path(path: str, word: str, plain: bool) -> None:
    assert (word_of(path), is_plain(path)) == (word, plain)


def test_the_components_of_a_line() -> None:
    assert components_in("x.txt", "-r ../a/b.txt  # as of ../c") == ["a", "b.txt", "c"]
    assert components_in("model.yaml", "code: '../it''s.py'") == ["it"]
    assert components_in("x.txt", "# Don't, see ../a") == ["a"]


@pytest.mark.parametrize(
    ("path", "line"), [("x.txt", "-r ../a\\"), ("model.yaml", '"../\\x61"'), ("x.txt", "-r ../a'b'")]
)
def test_a_line_that_may_hold_others(path: str, line: str) -> None:
    assert components_in(path, line) is None


def test_the_words_of_a_text() -> None:
    assert words_in("x.txt", "-ra.txt # it\n# don't\n") == {"-ra.txt", "a.txt", "it", "don", "t"}
    assert words_in("x.txt", "x\\\n ba\\\nse.txt") == {"x", "xbase.txt", "ba", "se.txt", "base.txt"}
    assert words_in("x.txt", "a \\\r\n  b") == {"a", "b"}
    assert words_in("x.toml", "a\\\n  b") == {"ab", "a", "b"}


@pytest.mark.parametrize(
    ("path", "text"), [("x.txt", "a\\b"), ("e/b.json", '"\\t"'), ("x.txt", "a''b"), ("x.yml", "a'b")]
)
def test_a_text_that_may_hold_others(path: str, text: str) -> None:
    assert words_in(path, text) is None
