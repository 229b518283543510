"""The model repository that `snitch init` makes: the files that ship, and their rendering.

Two things can't ship as they will stand. A file or folder whose name starts with a dot would act on the repository
that stores the template (`.gitattributes`) or get lost in packaging, so it is stored as `dot-<name>`. And a date
would age, so it is stored as `{{today}}`, `{{today-30d}}` or `{{today+30d}}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BINARY = (".skops", ".parquet")
# Whatever is in double braces, so that a misspelt token is found and refused.
_TOKEN = re.compile(rb"\{\{(.*?)\}\}", re.DOTALL)
_DAY = re.compile(rb"today(?:([+-]\d{1,4})d)?")


class UnknownToken(ValueError):
    """A template holds something in double braces that is not a day."""


def template_files() -> dict[str, bytes]:
    """The template as it is stored: '/'-separated paths relative to its root, and their bytes.

    Raises FileNotFoundError where the installation lacks it.
    """
    root = _root()
    found = (path for path in root.rglob("*") if path.is_file())
    # pip compiles every .py file that it installs, these too.
    shipped = (path for path in found if "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(shipped)}


def render(files: Mapping[str, bytes], today: date) -> dict[str, bytes]:
    """The files of a model repository born on this day: dot files under their own names, each date stamped.

    Raises UnknownToken for anything else in double braces in a text file.
    """
    return {rendered_path(path): _stamp(path, content, today) for path, content in files.items()}


def rendered_path(path: str) -> str:
    """Where a stored file of the template will stand: `dot-github/CODEOWNERS` as `.github/CODEOWNERS`."""
    return "/".join("." + part.removeprefix("dot-") if part.startswith("dot-") else part for part in path.split("/"))


def _stamp(path: str, content: bytes, today: date) -> bytes:
    if path.endswith(_BINARY):
        return content

    def day(token: re.Match[bytes]) -> bytes:
        parsed = _DAY.fullmatch(token[1])
        if parsed is None:
            raise UnknownToken(f"{path}: {token[0].decode(errors='replace')} is not a day such as {{{{today-30d}}}}")
        return (today + timedelta(days=int(parsed[1] or 0))).isoformat().encode()

    return _TOKEN.sub(day, content)


def _root() -> Path:
    """In a wheel the template lies in the package; in the source tree, which an editable install uses, beside it."""
    places = (_PACKAGE / "model_repo_template", _PACKAGE.parent / "model-repo-template")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the model repository's template is in neither {places[0]} nor {places[1]}")
