"""The libraries that a model is run with: what its requirements ask for, beside what its records were measured with."""

from __future__ import annotations

from typing import NamedTuple

from snitch.dependencies import normalised
from snitch.documents import Unreadable
from snitch.evaluation import Evaluation
from snitch.finding import Broken, Undecidable
from snitch.model import Model
from snitch.snapshot import UnreadableFile
from snitch.source import resolve


class _Line(NamedTuple):
    """What one line asks of a library, and what constraints ask beside it."""

    specifier: str
    marker: str


def changed_libraries(candidate: Model, deployed: Model) -> tuple[str, ...]:
    """The libraries of which a candidate's requirements admit other versions than the deployed model's do.

    Only those count that a record names, as it was measured with them: what else a lock file holds runs no model. Where
    no record of the deployed model names any, all do. A version that both admit is none that changed.
    """
    if _are_same_files(candidate, deployed):
        return ()
    new, old, measured = _asked(candidate), _asked(deployed), _measured(deployed)
    names = measured.keys() | _measured(candidate).keys() if measured else new.keys()
    return tuple(
        name
        for name in sorted(names & new.keys())
        if _differ(new[name], old.get(name, []))
        or any(_admit(old.get(name, []), v) and not _admit(new[name], v) for v in measured.get(name, ()))
    )


def foreign_library(model: Model, evaluation: Evaluation) -> str:
    """A library that a record was measured with and whose version the requirements do not admit; empty where none."""
    asked, environment = _asked(model), evaluation.record.environment
    for name, version in sorted(environment.packages.items()) if environment else ():
        lines = asked.get(normalised(name), [])
        if not _admit(lines, version):
            return f"{name} {version}, and the requirements ask for {name} {lines[0].specifier}"
    return ""


def _are_same_files(candidate: Model, deployed: Model) -> bool:
    """Whether the requirements and all that they include are the same files, which is quickly told."""
    if candidate.manifest.dependencies != deployed.manifest.dependencies:
        return False
    new, old = candidate.repository.snapshot.entries, deployed.repository.snapshot.entries
    for path in _files(candidate):
        other = resolve(deployed.folder, candidate.name_of(path))
        if other is None or new.get(path) != old.get(other):
            return False
    return True


def _files(model: Model) -> tuple[str, ...]:
    try:
        dependencies = model.dependencies
    except (Broken, Undecidable):
        return ()
    return dependencies.files if dependencies else ()


def _asked(model: Model) -> dict[str, list[_Line]]:
    """What is asked for by the names of the libraries; nothing where the requirements cannot be had, which other rules
    tell.
    """
    try:
        dependencies = model.dependencies
    except (Broken, Undecidable):
        return {}
    if dependencies is None:
        return {}
    limits: dict[str, list[str]] = {}
    for each in dependencies.constraints:
        limits.setdefault(each.name, []).append(each.specifier)
    found: dict[str, list[_Line]] = {}
    for each in dependencies.requirements:
        specifier = ",".join(filter(None, (each.specifier, *limits.get(each.name, ()))))
        found.setdefault(each.name, []).append(_Line(specifier, each.marker))
    only_limited = limits.keys() - found.keys()
    return {**found, **{name: [_Line(",".join(filter(None, limits[name])), "")] for name in only_limited}}


def _measured(model: Model) -> dict[str, set[str]]:
    """The versions that a model's records name, by the names of the libraries."""
    found: dict[str, set[str]] = {}
    for path in model.evaluation_paths:
        try:
            environment = model.evaluation(path).record.environment
        except (Unreadable, UnreadableFile):
            continue  # another rule tells
        for name, version in (environment.packages if environment else {}).items():
            found.setdefault(normalised(name), set()).add(version)
    return found


def _differ(new: list[_Line], old: list[_Line]) -> bool:
    """Whether one side has a line that nothing on the other agrees with; what is asked for anew, or no more, differs
    from nothing.
    """
    if not new or not old:
        return False
    return not (all(_agrees(each, old) for each in new) and all(_agrees(each, new) for each in old))


def _agrees(line: _Line, others: list[_Line]) -> bool:
    """Of several lines each is for other machines, by their markers."""
    from snitch.dependencies.versions import contradicts

    alike = [each for each in others if each.marker == line.marker] or others
    return line in alike or any(not contradicts(line.specifier, each.specifier) for each in alike)


def _admit(lines: list[_Line], version: str) -> bool:
    """Whether a line admits a version; where nothing is asked for any will do."""
    from snitch.dependencies.versions import contradicts

    return not lines or any(not contradicts(each.specifier, f"=={version}") for each in lines)
