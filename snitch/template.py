"""The model repository that `snitch init` makes: the files that ship, and their rendering.

Three things can't ship as they will stand. A file or folder whose name starts with a dot would act on the repository
that stores the template (`.gitattributes`) or get lost in packaging, so it is stored as `dot-<name>`. A date would
age, so it is stored as `{{today}}`, `{{today-30d}}` or `{{today+30d}}`. And the version of Snitch that a CI is to
install is the one that makes the repository: `{{version}}`. What a CI's own language writes as `${{ … }}` stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from snitch import __version__

_PACKAGE = Path(__file__).resolve().parent
_BINARY = (".skops", ".parquet")
# Whatever is in double braces, so that a misspelt token is found and refused.
_TOKEN = re.compile(rb"(?<!\$)\{\{(.*?)\}\}", re.DOTALL)
_DAY = re.compile(rb"today(?:([+-]\d{1,4})d)?")


#: The CI systems that there are files for; `github-advisory` is for where `pull_request_target` is not allowed.
CI_SYSTEMS = ("github", "github-advisory", "gitlab", "azure", "none")

_WORKFLOWS, _ADVISORY = "dot-github/workflows/", "dot-github/workflows-advisory/"
#: What each reads, by how its stored path starts, and how that starts once it is chosen.
_OWN = {
    "github": {_WORKFLOWS: _WORKFLOWS},
    "github-advisory": {_WORKFLOWS: _WORKFLOWS, _ADVISORY: _WORKFLOWS},
    "gitlab": {"dot-gitlab-ci.yml": "dot-gitlab-ci.yml", "dot-github/CODEOWNERS": "dot-gitlab/CODEOWNERS"},
    "azure": {"azure-pipelines.yml": "azure-pipelines.yml"},
    "none": {},
}
_OF_A_CI = (_WORKFLOWS, _ADVISORY, "dot-gitlab-ci.yml", "azure-pipelines.yml")
#: What makes the gate look again after a review, where its own workflow may not listen to reviews.
_AFTER_REVIEW = (f"{_WORKFLOWS}reviewed.yml", f"{_WORKFLOWS}again.yml")
#: What judges, beside all that a model repository may also let its CI do.
_JUDGES = (*_AFTER_REVIEW, *(_WORKFLOWS + name for name in ("gate.yml", "publish.yml", "nightly.yml")))


class UnknownToken(ValueError):
    """A template holds something in double braces that is neither a day nor the version."""


def template_files() -> dict[str, bytes]:
    """The template as it is stored: '/'-separated paths relative to its root, and their bytes.

    Raises FileNotFoundError where the installation lacks it.
    """
    root = _root()
    found = (path for path in root.rglob("*") if path.is_file())
    # pip compiles every .py file that it installs, these too.
    shipped = (path for path in found if "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(shipped)}


def for_ci(files: Mapping[str, bytes], ci: str) -> dict[str, bytes]:
    """The stored files of a model repository for one of `CI_SYSTEMS`: those of the others are left out."""
    chosen: dict[str, bytes] = {}
    # An alternative comes after what it replaces.
    for path, content in sorted(files.items(), key=lambda item: (item[0].startswith(_ADVISORY), item[0])):
        start = next((start for start in _OWN[ci] if path.startswith(start)), None)
        if start is not None:
            chosen[_OWN[ci][start] + path[len(start) :]] = content
        elif not path.startswith(_OF_A_CI):
            chosen[path] = content
    if ci == "github-advisory":
        chosen = {path: content for path, content in chosen.items() if path not in _AFTER_REVIEW}
    return dict(sorted(chosen.items()))


def gate_files(files: Mapping[str, bytes], ci: str) -> dict[str, bytes]:
    """Of the stored files those that judge for one of `CI_SYSTEMS`: what a model repository that is there may lack."""
    judging = (*_JUDGES, "dot-gitlab-ci.yml", "azure-pipelines.yml")
    return {path: content for path, content in for_ci(files, ci).items() if path in judging}


def render(files: Mapping[str, bytes], today: date) -> dict[str, bytes]:
    """The files of a model repository born on this day: dot files under their own names, dates and version stamped.

    Raises UnknownToken for anything else in double braces in a text file.
    """
    return {rendered_path(path): _stamp(path, content, today) for path, content in files.items()}


def rendered_path(path: str) -> str:
    """Where a stored file of the template will stand: `dot-github/CODEOWNERS` as `.github/CODEOWNERS`."""
    return "/".join("." + part.removeprefix("dot-") if part.startswith("dot-") else part for part in path.split("/"))


def _stamp(path: str, content: bytes, today: date) -> bytes:
    if path.endswith(_BINARY):
        return content

    def stamp(token: re.Match[bytes]) -> bytes:
        if token[1] == b"version":
            return __version__.encode()
        parsed = _DAY.fullmatch(token[1])
        if parsed is None:
            known = "{{version}} or a day such as {{today-30d}}"
            raise UnknownToken(f"{path}: {token[0].decode(errors='replace')} is not {known}")
        return (today + timedelta(days=int(parsed[1] or 0))).isoformat().encode()

    return _TOKEN.sub(stamp, content)


def _root() -> Path:
    """In a wheel the template lies in the package; in the source tree, which an editable install uses, beside it."""
    places = (_PACKAGE / "model_repo_template", _PACKAGE.parent / "model-repo-template")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the model repository's template is in neither {places[0]} nor {places[1]}")
