"""Interpreters made of what requirements pin: of wheels alone, and of nothing but names and versions."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from snitch.evaluating.installing import Installed
from snitch.finding import Undecidable
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import FOLDER, SPOTLESS

SETUP = "open({ran!r}, 'w').close()\nfrom setuptools import setup\nsetup(name='made', version='1.0')\n"


def wheel(folder: Path, name: str, version: str) -> None:
    """A wheel of one empty module."""
    info = f"{name}-{version}.dist-info"
    held = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        path: base64.urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()
        for path, text in held.items()
    }
    record = "".join(f"{path},sha256={digest},{len(held[path])}\n" for path, digest in digests.items())
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**held, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)


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


def model_with(requirements: str) -> Model:
    files = {**SPOTLESS, f"{FOLDER}/requirements.txt": requirements}
    return Model(Repository(MemorySnapshot(files)), FOLDER)


def test_what_is_pinned_is_installed_once(index: Path, tmp_path: Path) -> None:
    interpreters = Installed(str(tmp_path))
    environment = interpreters.of(model_with("pinned==1.2.3\nother==2 ; sys_platform == 'win32'\n"))
    assert {name: environment.packages[name] for name in ("pinned", "pandas", "pyarrow")} == {
        "pinned": "1.2.3",
        "pandas": "3.0",
        "pyarrow": "26.0",
    }
    assert interpreters.of(model_with("pinned==1.2.3  # the same\nother==2 ; sys_platform == 'win32'\n")) is environment


def test_what_is_no_wheel_is_not_built(index: Path, tmp_path: Path) -> None:
    """To install a source distribution is to run it."""
    import tarfile

    ran, source = tmp_path / "ran", tmp_path / "made-1.0"
    source.mkdir()
    (source / "setup.py").write_text(SETUP.format(ran=str(ran)))
    (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: made\nVersion: 1.0\n")
    with tarfile.open(index / "made-1.0.tar.gz", "w:gz") as archive:
        archive.add(source, "made-1.0")
    with pytest.raises(Undecidable, match="what its requirements pin cannot be installed from wheels"):
        Installed(str(tmp_path)).of(model_with("made==1.0\n"))
    assert not ran.exists()


def test_an_option_that_would_have_it_built_is_not_handed_on(index: Path, tmp_path: Path) -> None:
    environment = Installed(str(tmp_path)).of(model_with("--no-binary :all:\npinned==1.2.3\n"))
    assert environment.packages["pinned"] == "1.2.3"


@pytest.mark.parametrize("line", ["--extra-index-url https://example.com/simple", "-e .", "./made", "git+https://x/y"])
def test_no_option_or_address_reaches_pip(index: Path, tmp_path: Path, line: str) -> None:
    with pytest.raises(Undecidable, match=r"requirements\.txt:1: "):
        Installed(str(tmp_path / "interpreters")).of(model_with(f"{line}\npinned==1.2.3\n"))
    assert not (tmp_path / "interpreters").exists()
