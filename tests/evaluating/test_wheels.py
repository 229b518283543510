"""Wheels are unpacked to where they may be, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from snitch.evaluating.interpreter import Failed
from snitch.evaluating.wheels import Place, unpack
from tests.evaluating.built_wheels import wheel

CONFIGURATION = "home = /usr/bin\n"
MODULES = "lib/python3.11/site-packages"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An interpreter's folder, as `venv` makes it on Linux; the interpreter itself lies elsewhere."""
    prefix = tmp_path / "python"
    for folder in (prefix / "bin", prefix / MODULES):
        folder.mkdir(parents=True)
    (prefix / "lib64").symlink_to("lib")
    (tmp_path / "real").write_text("the interpreter")
    (prefix / "bin" / "python").symlink_to(tmp_path / "real")
    (prefix / "pyvenv.cfg").write_text(CONFIGURATION)
    return Place(str(prefix), str(prefix / MODULES))


def below(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".whl" and ".dist-info" not in str(path)
    }


def unpacked(tmp_path: Path, place: Place, more: Mapping[str, str]) -> dict[str, str]:
    return unpack([str(wheel(tmp_path, "sly_helper", "1.0", more))], place)


def test_modules_and_data_go_to_their_places(tmp_path: Path, place: Place) -> None:
    before = below(tmp_path)
    more = {
        "sly/deep/code.py": "1",
        "sly_helper-1.0.data/purelib/pure.py": "2",
        "sly_helper-1.0.data/platlib/compiled.so": "3",
        "sly_helper-1.0.data/data/lib/libneeded.so.2": "4",
        "sly_helper-1.0.data/data/share/doc": "5",
    }
    assert unpacked(tmp_path, place, more) == {"sly-helper": "1.0"}
    made = {path: text for path, text in below(tmp_path).items() if path not in before}
    assert made == {
        f"python/{MODULES}/sly_helper.py": "",
        f"python/{MODULES}/sly/deep/code.py": "1",
        f"python/{MODULES}/pure.py": "2",
        f"python/{MODULES}/compiled.so": "3",
        "python/lib/libneeded.so.2": "4",
        "python/share/doc": "5",
    }
    assert os.access(f"{place.modules}/compiled.so", os.X_OK)


def test_no_program_is_put_beside_the_interpreter(tmp_path: Path, place: Place) -> None:
    before = below(tmp_path)
    more = {
        "sly_helper-1.0.data/scripts/python": "#!/bin/sh\n",
        "sly_helper-1.0.data/scripts/git": "#!/bin/sh\n",
        "sly_helper-1.0.data/headers/Python.h": "",
        "sly_helper-1.0.dist-info/entry_points.txt": "[console_scripts]\n../../../real = sly_helper:run\n",
    }
    unpacked(tmp_path, place, more)
    made = below(tmp_path)
    assert {path: made[path] for path in before} == before
    assert sorted(made.keys() - before.keys()) == [f"python/{MODULES}/sly_helper.py"]
    assert sorted(os.listdir(f"{place.prefix}/bin")) == ["python"]


@pytest.mark.parametrize(
    "path",
    [
        "sly_helper-1.0.data/data/pyvenv.cfg",
        "sly_helper-1.0.data/data/bin/python",
        f"sly_helper-1.0.data/data/{MODULES}/other.py",
        f"sly_helper-1.0.data/data/{MODULES.replace('lib', 'lib64')}/numpy-2.1.0.dist-info/METADATA",
        "sly_helper-1.0.data/data/../real",
        "sly_helper-1.0.data/purelib/../../../real",
        "sly_helper-1.0.data/platlib//real",
        "sly_helper-1.0.data/elsewhere/real",
        "sly_helper-1.0.data/real",
        "../real",
        "/real",
        "a/../../real",
        "..\\real",
    ],
)
def test_what_goes_elsewhere_is_refused(tmp_path: Path, place: Place, path: str) -> None:
    before = below(tmp_path)
    with pytest.raises(Failed, match=r"^the wheel sly_helper-1\.0-py3-none-any\.whl is refused: "):
        unpacked(tmp_path, place, {path: "theirs"})
    made = below(tmp_path)
    assert {each: made[each] for each in before} == before
    assert "theirs" not in made.values()


@pytest.mark.parametrize(
    "path",
    [
        "numpy-2.1.0.dist-info/METADATA",
        "NumPy-2.1.0.DIST-INFO/METADATA",
        "sly_helper-1.0.data/purelib/numpy-2.1.0.dist-info/METADATA",
        "numpy-2.1.0-py3.11.egg-info/PKG-INFO",
        "sly_helper-2.0.dist-info/METADATA",
        "Sly.Helper-1.0.dist-info/METADATA",
        "sly_helper-1.0-x.dist-info/METADATA",
    ],
)
def test_a_wheel_speaks_for_itself_alone(tmp_path: Path, place: Place, path: str) -> None:
    """And once: which of two would count is for nobody to guess."""
    with pytest.raises(Failed, match="it holds"):
        unpacked(tmp_path, place, {path: "Metadata-Version: 2.1\nName: numpy\nVersion: 2.1.0\n"})
    assert not os.listdir(place.modules)


def test_what_a_library_brings_along_is_its_own(tmp_path: Path, place: Place) -> None:
    """setuptools has the metadata of libraries in it."""
    unpacked(tmp_path, place, {"sly/_vendor/numpy-2.1.0.dist-info/METADATA": "Name: numpy\n"})


def test_modules_of_one_name(tmp_path: Path, place: Place) -> None:
    """Many packages hold a `tests`. None is written through a link."""
    first = wheel(tmp_path, "first", "1.0", {"tests/__init__.py": "first"})
    second = wheel(tmp_path, "second", "1.0", {"tests/__init__.py": "second"})
    assert unpack([str(second), str(first)], place) == {"first": "1.0", "second": "1.0"}
    assert Path(place.modules, "tests/__init__.py").read_text() == "second"


def test_what_is_no_wheel(tmp_path: Path, place: Place) -> None:
    for name in ("sly-1.0-py3-none-any.whl", "sly.whl"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 and so on")
        with pytest.raises(Failed, match="it cannot be unpacked"):
            unpack([str(tmp_path / name)], place)


def test_more_than_a_model_may_take(tmp_path: Path, place: Place) -> None:
    one, other = (str(wheel(tmp_path, name, "1.0", {"big.txt": "x" * 1000})) for name in ("one", "other"))
    unpack([one], place, most=2000)
    with pytest.raises(Failed, match=r"other-1\.0.* hold more than"):
        unpack([one, other], place, most=2000)
