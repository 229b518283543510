"""Which files may name one of another folder: whoever could must be found, however it is written."""

from __future__ import annotations

import re
from time import monotonic

import pytest

from snitch.checking.mentions import CLIMBS, Mentions, climbing_lines
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot, Mode

MANIFEST = "models/a/model.yaml"
REQUIREMENTS = "models/a/requirements.txt"


def _naming(path: str, files: dict[str, str]) -> set[str]:
    """What a search of all manifests and requirements files makes of them."""
    files = {MANIFEST: "name: a\n", "models/b/model.yaml": "name: b\n", path: "", **files}
    candidate = Repository(MemorySnapshot(files))
    read = [name for name in files if not name.endswith(("model.yaml", ".md"))]
    searched = [re.compile(pattern.replace("[[:space:]]", r"\s")) for pattern in CLIMBS]
    lines = [(name, line) for name in read for line in files[name].split("\n") if any(p.search(line) for p in searched)]
    return Mentions(candidate, [*climbing_lines(candidate, (), files), *lines]).files_naming({path})


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shared/train.py", "code: ../../shared/train.py"),
        ("shared/train.py", "training: {code: ../../shared/train.py, seed: 1}"),
        ("shared/train.py", 'code: "..\\u002f../shared/train.py"'),
        ("shared/train.py", 'code: "../../shared/\\\n  train.py"'),
        ("shared/my train.py", "code: ../../shared/my\n  train.py"),
        ("shared/it's.py", "code: '../../shared/it''s.py'"),
        ("shared/größe.py", "code: ../../shared/größe.py"),
        ("shared/a\nb.py", "code: ../../shared/a\n\n  b.py"),
        ('shared/6".py', 'code: "../../shared/6\\".py"'),
        ("shared/train.py", 'code: "\\x2e\\x2e/\\x2e\\x2e/shared/train.py"'),
        ("shared/日本", "code: ../../shared/日本"),
        ("models/b/train.py", "code: ../b/train.py"),
        ("train.py", "code: x/../../../train.py"),
        ("train.py", "code: ../../x y/../train.py"),
        ("train.py", "code: ../../x\n  y/../train.py"),
        ("shared files/train.py", "code: ../../shared\n  files/train.py"),
        ("shared files/train.py", "code: >-\n  ../../shared\n  files/train.py"),
    ],
)
def test_a_manifest_that_names_it(path: str, line: str) -> None:
    assert _naming(path, {MANIFEST: f"name: a\n{line}\n"}) == {MANIFEST}


@pytest.mark.parametrize(
    "line", ["code: ../../shared/other.py", "code: train.py", "description: train.py, or ../train"]
)
def test_a_manifest_that_does_not(line: str) -> None:
    assert _naming("shared/train.py", {MANIFEST: f"name: a\n{line}\n"}) == set()


def test_a_manifest_that_names_another_than_the_odd_one() -> None:
    assert _naming("shared/größe.py", {MANIFEST: "code: ../../shared/other.py\n"}) == set()


@pytest.mark.parametrize(
    "line",
    [
        "-r ../../shared/base.txt",
        "-r../../shared/base.txt",
        "-r ../../sha\\\nred/base.txt",
        "-r .\\\n./../shared/base.txt",
        "-r .\\\r\n./../shared/base.txt",
        "-r .\\\n./.\\\n./shared/base.txt",
        "-r ../../sha\\\r\nred/base.txt",
        '-r ../../shared/ba"se".txt',
        '-r ../../shared/"base.txt"',
        '-r"."."/.\'.\'/shared/base.txt',
        "-r .\\./../shared/base.txt",
        "-r .\\\x0b./../shared/base.txt",
    ],
)
def test_a_requirements_file_that_names_it(line: str) -> None:
    assert _naming("shared/base.txt", {REQUIREMENTS: f"{line}\n"}) == {REQUIREMENTS}


@pytest.mark.parametrize("line", ["-r shared/base.txt", "-r shared/ba\\\nse.txt", "-r shared/ba\\ \r\nse.txt"])
def test_a_file_above_it(line: str) -> None:
    assert _naming("shared/base.txt", {"all.txt": f"{line}\n"}) == {"all.txt"}
    other = "# Don't pin it.\nnumpy==2.1.0 \\\n    --hash=sha256:00\n"
    assert _naming("shared/base.txt", {"all.txt": other}) == set()


def test_a_file_beside_it() -> None:
    assert _naming("base.txt", {"all.txt": "-rbase.txt\n"}) == {"all.txt"}


@pytest.mark.parametrize("name", ["'.deps/it''s.txt'", '".deps/it\'s.txt"', ".deps/it's.txt"])
def test_a_manifest_above_it(name: str) -> None:
    assert _naming("models/a/.deps/it's.txt", {MANIFEST: f"name: a\ndependencies: {name}\n"}) == {MANIFEST}


def test_a_manifest_above_it_that_names_another() -> None:
    assert _naming("models/a/.deps/it's.txt", {MANIFEST: "name: a\ndependencies: '.deps/it''s.in'\n"}) == set()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("models/a/evaluations/b.json", '{"path": "\\u002e\\u002e/\\u002E\\u002E/\\u002e\\u002e/shared/base.csv"}'),
        ("models/a/environment.yml", 'dependencies: [{pip: ["-r .\\"\\"./.\\"\\"./shared/base.txt"]}]'),
        ("models/a/environment.yml", "dependencies: [{pip: ['-r ../../shared/base.txt']}]"),
    ],
)
def test_a_file_that_hides_that_it_climbs(file: str, text: str) -> None:
    name = "shared/base.csv" if file.endswith(".json") else "shared/base.txt"
    assert _naming(name, {file: f"{text}\n"}) == {file}


def test_a_file_of_a_model_within_it_behind_one_of_its_own() -> None:
    files = {MANIFEST: "", "models/a/inner/model.yaml": "", REQUIREMENTS: "-r inner/more.txt\n"}
    assert _above({"models/a/deeper/more.txt", "models/a/inner/more.txt"}, files) == {REQUIREMENTS}
    assert _above({"models/a/deeper/more.txt", "models/a/zone/more.txt", "models/a/inner/x.py"}, files) == set()


def test_an_evaluation_above_a_model() -> None:
    files = {"models/a/evaluations/b.json": '{"path": "c/p.csv"}', "models/a/evaluations/c/model.yaml": ""}
    assert _naming("models/a/evaluations/c/p.csv", files) == {"models/a/evaluations/b.json"}


def test_a_file_above_it_that_is_no_list_of_files() -> None:
    assert _naming("shared/base.txt", {"all.md": "shared/base.txt\n"}) == set()


def _above(paths: set[str], files: dict[str, str], modes: dict[str, int] | None = None) -> set[str]:
    """What is found without any line that climbs."""
    snapshot = MemorySnapshot({**dict.fromkeys(paths, ""), **files}, modes=modes)
    return Mentions(Repository(snapshot), ()).files_naming(paths)


@pytest.mark.parametrize(
    ("path", "file", "content"),
    [
        ("shared/base.txt", "all.yaml", 'x: "shared/b\\x61se.txt"\n'),
        ("shared/base.txt", "all.txt", "-r shared/ba\\se.txt\n"),
        ("shared/base.txt", "all.txt", '-r shared/ba"se".txt\n'),
        ('models/a/inner/6".py', MANIFEST, 'code: "inner/6\\".py"\n'),
    ],
)
def test_a_file_above_it_that_may_hide_its_name(path: str, file: str, content: str) -> None:
    assert _above({path}, {"models/a/inner/model.yaml": "", file: content}) == {file}


def test_a_file_above_it_that_cannot_be_read() -> None:
    modes: dict[str, int] = {"all.txt": Mode.SYMLINK}
    assert _above({"shared/base.txt"}, {"all.txt": "elsewhere"}, modes) == {"all.txt"}


def test_a_manifest_above_it_that_hides_nothing() -> None:
    files = {MANIFEST: "code: train.py\n", "models/a/inner/model.yaml": ""}
    assert _above({"models/a/inner/other.py"}, files) == set()


def test_what_is_beside_a_file_must_climb_to_be_named() -> None:
    assert _above({"shared/base.txt", "other/deep.txt"}, {"shared/list.txt": "deep.txt\n"}) == set()


def test_its_own_models_files_need_no_naming_beside_those_of_a_model_within_it() -> None:
    files = {MANIFEST: "", "models/a/inner/model.yaml": "", REQUIREMENTS: "-r sub/more.txt\n"}
    assert _above({"models/a/sub/more.txt", "models/a/inner/train.py"}, files) == set()


def test_more_than_is_worth_a_search_is_taken_to_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"all.txt": "numpy==2.1\n", "shared/list.txt": "numpy==2.1\n"}
    assert _above({"shared/base.txt"}, files) == set()
    monkeypatch.setattr("snitch.checking.mentions._MANY", 5)
    assert _above({"shared/base.txt"}, files) == {"shared/base.txt", "shared/list.txt"}


def test_a_model_that_names_a_file_of_a_model_within_it() -> None:
    assert _naming(
        "model/inner/train.py", {"model/model.yaml": "code: inner/train.py\n", "model/inner/model.yaml": ""}
    ) == {"model/model.yaml"}


def test_its_own_models_files_need_no_naming() -> None:
    assert _naming("models/a/train.py", {MANIFEST: "code: ../a/train.py\n"}) == set()


def test_lines_of_a_search_that_are_out_of_date_are_read_anew() -> None:
    candidate = Repository(MemorySnapshot({MANIFEST: "code: ../new.py\n", "models/b/model.yaml": "code: ../b.py\n"}))
    found = [(MANIFEST, "code: ../old.py"), ("models/b/model.yaml", "code: ../b.py"), ("gone/model.yaml", "..")]
    expected = [("models/b/model.yaml", "code: ../b.py"), (MANIFEST, "code: ../new.py")]
    assert climbing_lines(candidate, found, {MANIFEST, "gone/model.yaml"}) == expected


def test_only_manifests_are_read_anew() -> None:
    files = {MANIFEST: "code: ../new.py\n", REQUIREMENTS: "-r ../new.txt\n"}
    assert climbing_lines(Repository(MemorySnapshot(files)), (), files) == [(MANIFEST, "code: ../new.py")]


def test_thousands_of_new_files_are_looked_for_at_once() -> None:
    many = {f"d{number % 100}/{number}.txt": "" for number in range(20_000)}
    odd = {f"q/it's {number}.txt": "" for number in range(5_000)}
    same = {f"models/a/{number}/notes.txt": "" for number in range(5_000)}
    files = {f"models/{number}/model.yaml": "# ../x\ncode: ../../shared/train.py\n" * 20 for number in range(100)}
    names = "".join(f"../../d{number}/{number}.txt\n" for number in range(0, 20_000, 2))
    files |= {REQUIREMENTS: names, MANIFEST: "", "models/a/inner/model.yaml": "", "all.txt": "notes.txt\n"}
    snapshot = MemorySnapshot({**many, **odd, **same, **files})
    lines = [(path, line) for path, text in files.items() for line in text.split("\n") if ".." in line]
    began = monotonic()
    found = Mentions(Repository(snapshot), lines).files_naming({*many, *odd, *same})
    assert found == {REQUIREMENTS, "all.txt"}
    assert monotonic() - began < 10


def test_a_manifest_that_cannot_be_read_names_nothing() -> None:
    modes: dict[str, int] = {MANIFEST: Mode.SYMLINK}
    candidate = Repository(MemorySnapshot({MANIFEST: "../elsewhere"}, modes=modes))
    assert climbing_lines(candidate, (), [MANIFEST]) == []
