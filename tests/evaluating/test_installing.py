"""Interpreters made of what requirements pin: of wheels alone, and of nothing but names and versions."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from snitch.evaluating import landlock
from snitch.evaluating.downloading import Downloader
from snitch.evaluating.installing import Installed
from snitch.finding import Undecidable
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.evaluating.apart import runner
from tests.evaluating.built_wheels import wheel
from tests.judging import FOLDER, SPOTLESS

SETUP = "open({ran!r}, 'w').close()\nfrom setuptools import setup\nsetup(name='made', version='1.0')\n"


@pytest.fixture(scope="module")
def downloader(tmp_path_factory: pytest.TempPathFactory) -> Downloader:
    """A pip for all tests: to make one takes seconds."""
    return Downloader(str(tmp_path_factory.mktemp("pip") / "pip"))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip finds packages in, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, version in (("pandas", "3.0"), ("pyarrow", "26.0"), ("pinned", "1.2.3"), ("pinned", "1.3.0")):
        wheel(folder, name, version)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def model_with(requirements: str, constraints: str = "") -> Model:
    named = {f"{FOLDER}/constraints.txt": constraints} if constraints else {}
    files = {**SPOTLESS, **named, f"{FOLDER}/requirements.txt": requirements}
    return Model(Repository(MemorySnapshot(files)), FOLDER)


@pytest.fixture
def installed(index: Path, tmp_path: Path, downloader: Downloader) -> Installed:
    return Installed(str(tmp_path), downloader)


def source_distribution(folder: Path, ran: Path) -> Path:
    """One that leaves a file when it is built."""
    import tarfile

    source = folder / "made-1.0"
    source.mkdir()
    (source / "setup.py").write_text(SETUP.format(ran=str(ran)))
    (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: made\nVersion: 1.0\n")
    with tarfile.open(folder / "made-1.0.tar.gz", "w:gz") as archive:
        archive.add(source, "made-1.0")
    return folder / "made-1.0.tar.gz"


def test_what_is_pinned_is_installed_once(installed: Installed) -> None:
    environment = installed.of(model_with("pinned==1.2.3\nother==2 ; sys_platform == 'win32'\n"))
    assert environment.packages == {"pinned": "1.2.3", "pandas": "3.0", "pyarrow": "26.0"}
    assert installed.of(model_with("pinned==1.2.3  # the same\nother==2 ; sys_platform == 'win32'\n")) is environment


def test_a_constraint_binds_and_asks_for_nothing(installed: Installed) -> None:
    constraints = "pinned==1.2.3\nnowhere[extra]==2.4.0\n"
    environment = installed.of(model_with("pinned\n-c constraints.txt\n", constraints))
    assert environment.packages == {"pinned": "1.2.3", "pandas": "3.0", "pyarrow": "26.0"}


def test_what_is_no_wheel_is_not_built(index: Path, tmp_path: Path, installed: Installed) -> None:
    """To install a source distribution is to run it."""
    source_distribution(index, tmp_path / "ran")
    with pytest.raises(Undecidable, match="what its requirements pin cannot be installed from wheels"):
        installed.of(model_with("made==1.0\n"))
    assert not (tmp_path / "ran").exists()


def test_what_a_wheel_asks_for_by_an_address_is_not_built(index: Path, tmp_path: Path, installed: Installed) -> None:
    """pip keeps to wheels only where it looks for a release."""
    (tmp_path / "elsewhere").mkdir()
    address = source_distribution(tmp_path / "elsewhere", tmp_path / "ran").as_uri()
    wheel(index, "asking", "1.0", metadata=f"Requires-Dist: made @ {address}\n")
    with pytest.raises(Undecidable, match="it takes another program, and wheels take none"):
        installed.of(model_with("asking==1.0\n"))
    assert not (tmp_path / "ran").exists()


def test_an_option_that_would_have_it_built_is_not_handed_on(installed: Installed) -> None:
    environment = installed.of(model_with("--no-binary :all:\npinned==1.2.3\n"))
    assert environment.packages["pinned"] == "1.2.3"


@pytest.mark.parametrize("line", ["--extra-index-url https://example.com/simple", "-e .", "./made", "git+https://x/y"])
def test_no_option_or_address_reaches_pip(index: Path, tmp_path: Path, line: str) -> None:
    with pytest.raises(Undecidable, match=r"requirements\.txt:1: "):
        Installed(str(tmp_path / "interpreters")).of(model_with(f"{line}\npinned==1.2.3\n"))
    assert not (tmp_path / "interpreters").exists()


def test_nor_does_a_file_of_the_folder_that_it_is_run_in(
    tmp_path: Path, installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source_distribution(tmp_path, tmp_path / "ran")
    for name in ("pinned", "pip", "pinned.zip"):
        (tmp_path / name).mkdir()
    assert installed.of(model_with("pinned==1.2.3\n")).packages["pinned"] == "1.2.3"
    with pytest.raises(Undecidable):
        installed.of(model_with("made-1.0.tar.gz\n"))
    assert not (tmp_path / "ran").exists()


#: Leaves a file, takes the labels into another, and stays.
_SLY = """
import os, subprocess, sys
def run(line):
    try:
        exec(line)
    except OSError:
        pass
run("open({ran!r}, 'w').close()")
run("open({stolen!r}, 'w').write(open({labels!r}).read())")
run("sys.argv[0] != '-c' and subprocess.Popen([sys.executable, '-S', '-c', {stays!r}], start_new_session=True)")
"""
_STAYS = "import time; time.sleep(600)"
#: Of the modules that start with the interpreter, which did; and whether the labels can be read.
_ASKED = """
import os, sys
started = sorted({{"sly_start", "sitecustomize", "usercustomize"}} & set(sys.modules))
try:
    seen = open({labels!r}).read()
except OSError:
    seen = ""
with open(sys.argv[2], "w") as out:
    out.write("id,prediction\\n" + "".join(f"{{row}},{{len(started)}}{{seen}}\\n" for row in range(5)))
"""


@pytest.fixture
def sly(index: Path, tmp_path: Path) -> dict[str, str]:
    """A wheel whose code would run whenever an interpreter starts; where its files and the labels lie."""
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "labels").write_text("7")
    places = {name: str(tmp_path / name) for name in ("ran", "stolen", "repository/labels")}
    places["labels"] = places.pop("repository/labels")
    code = _SLY.format(**places, stays=f"{_STAYS} # {tmp_path}")
    held = {
        "sly_start.py": code,
        "sly.pth": "import sly_start\n",
        "sitecustomize.py": code,
        "usercustomize.py": code,
        "sly-1.0.data/platlib/sly_again.pth": "import sly_start\n",
        "sly-1.0.dist-info/entry_points.txt": "[console_scripts]\n../../pip/bin/python = sly_start:run\n",
    }
    programs = ("python", "python3", "pip", "pybuilddir.txt")
    scripts = {f"sly-1.0.data/scripts/{name}": f"#!/bin/sh\n: > {places['ran']}\n" for name in programs}
    wheel(index, "sly", "1.0", {**held, **scripts})
    return places


def test_nothing_of_a_wheel_runs_but_apart(
    sly: dict[str, str], tmp_path: Path, scratches: Path, installed: Installed
) -> None:
    environment = installed.of(model_with("sly==1.0\n"))
    assert environment.packages["sly"] == "1.0"
    assert os.path.realpath(environment.executable) == os.path.realpath(sys.executable)
    assert not any(os.path.exists(sly[name]) for name in ("ran", "stolen"))
    answers = runner(tmp_path, environment)(_ASKED.format(**sly))
    # No `usercustomize` of anybody is looked for.
    started = "2" if landlock.version() else "27"
    assert answers.content.decode().splitlines()[1:] == [f"{row},{started}" for row in range(5)]
    assert not (landlock.version() and any(os.path.exists(sly[name]) for name in ("ran", "stolen")))


@pytest.mark.parametrize("path", ["pyvenv.cfg", "bin/python", "bin/python3"])
def test_a_wheel_that_replaces_the_interpreter(index: Path, installed: Installed, path: str) -> None:
    wheel(index, "sly", "1.0", {f"sly-1.0.data/data/{path}": "#!/bin/sh\n"})
    with pytest.raises(Undecidable, match=r"the wheel sly-1\.0-py3-none-any\.whl is refused: its sly-1\.0\.data/data/"):
        installed.of(model_with("sly==1.0\n"))


def test_a_wheel_that_says_to_be_another_library(index: Path, installed: Installed) -> None:
    metadata = "Metadata-Version: 2.1\nName: pinned\nVersion: 9.0\n"
    wheel(index, "sly", "1.0", {"sly-1.0.data/purelib/pinned-9.0.dist-info/METADATA": metadata})
    with pytest.raises(Undecidable, match=r"it holds pinned-9\.0\.dist-info, which is not of it"):
        installed.of(model_with("sly==1.0\npinned==1.2.3\n"))
