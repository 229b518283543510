"""Virtual environments to measure in, made as pre-commit makes them: Snitch from a wheel, the peers from their pins.

Never the project's own environment: what finds its editable installation costs every interpreter there 17 ms.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PINS = ROOT / "requirements" / "bench.txt"
_OWN_PINS = ROOT / "requirements" / "development.txt"
#: What virtualenv puts into every environment, which is no part of an installation.
_NOT_INSTALLED = ("pip", "setuptools", "wheel", "_virtualenv", "_distutils_hack", "distutils-precedence", "__pycache__")


class Environment:
    """A virtual environment in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> str:
        return str(self.bin / "python")

    def program(self, name: str) -> str:
        """The full path of an installed command."""
        return str(self.bin / name)

    @property
    def size(self) -> int:
        """What is installed takes so many bytes on disk, compiled modules included, pip and its like not."""
        (packages,) = self.folder.glob("**/site-packages")
        chosen = (path for path in packages.iterdir() if not path.name.startswith(_NOT_INSTALLED))
        return sum(_bytes_on_disk(path) for path in chosen)

    def make(self, key: str, *installs: list[str]) -> None:
        """Makes it anew with `pip install` of each of `installs`, unless it was made from the same `key`."""
        stamp = self.folder / "made-from"
        if stamp.is_file() and stamp.read_text() == key:
            return
        _quietly(sys.executable, "-m", "virtualenv", "--clear", str(self.folder))
        for arguments in installs:
            _quietly(self.python, "-m", "pip", "install", "--disable-pip-version-check", *arguments)
        stamp.write_text(key)


def snitch_environment(build: Path) -> Environment:
    """Snitch as users get it: the wheel of this source and its pinned dependencies, nothing else."""
    environment = Environment(build / "snitch")
    with tempfile.TemporaryDirectory() as temporary:
        wheel = _wheel(Path(temporary))
        constraints = Path(temporary, "constraints.txt")
        constraints.write_text(_without_hashes(_OWN_PINS.read_text()))
        key = _digest(wheel.read_bytes() + constraints.read_bytes())
        environment.make(key, ["--constraint", str(constraints), str(wheel)])
    return environment


def peers_environment(build: Path) -> Environment:
    """The tools to compare with, as pinned in `requirements/bench.txt`."""
    environment = Environment(build / "peers")
    environment.make(_digest(_PINS.read_bytes()), ["--require-hashes", "--requirement", str(_PINS)])
    return environment


def _wheel(folder: Path) -> Path:
    """A wheel built from a copy of what git knows: a build leaves things behind, and takes up what others left."""
    source = folder / "source"
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for path in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")[:-1]:
        if (ROOT / path).is_file():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes((ROOT / path).read_bytes())
    _quietly(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source))
    (wheel,) = folder.glob("*.whl")
    return wheel


def _without_hashes(pins: str) -> str:
    """Pins with hashes can't constrain a wheel that was made just now, and constraints can't have extras."""
    lines = (re.sub(r"\[.*?\]", "", line.rstrip(" \\")) for line in pins.splitlines() if re.match(r"[A-Za-z0-9]", line))
    return "\n".join(line for line in lines if "==" in line) + "\n"


def _digest(content: bytes) -> str:
    return sha256(sys.version.encode() + content).hexdigest()


def _bytes_on_disk(path: Path) -> int:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(file.stat().st_blocks * 512 for file in files)


def _quietly(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
