"""The libraries that a model was made with, as its requirements pin them, beside those that it is run with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snitch.evaluating.model_process import Environment
from snitch.finding import Undecidable
from snitch.model import Model

if TYPE_CHECKING:
    from snitch.dependencies import Requirement

#: What the metrics are computed with.
_SCORERS = ("numpy", "scikit-learn")


class Versions(NamedTuple):
    """The versions of the packages that matter, by name; and how those here are not the ones that are asked for."""

    packages: dict[str, str]
    differences: tuple[str, ...]


def versions_of(model: Model, environment: Environment) -> Versions:
    """The versions that a model runs with here.

    Raises:
        Broken: the file of its requirements is not there.
    """
    declared = model.dependencies
    packages = dict(_of_scorers())
    differences = []
    for requirement in declared.requirements if declared is not None else ():
        if not _applies(requirement, environment):
            continue
        here = environment.packages.get(requirement.name)
        if here is not None:
            packages[requirement.name] = here
        if not _admits(requirement, here):
            differences.append(f"{_asked(requirement)}, here {here or 'none'}")
    return Versions(dict(sorted(packages.items())), tuple(differences))


def require_versions(model: Model, environment: Environment) -> None:
    """Refuses to measure by other versions than those that are asked for.

    Raises:
        Broken: the file of the requirements is not there.
        Undecidable: a library has another version.
    """
    differences = versions_of(model, environment).differences
    if differences:
        help_text = "run it by an interpreter that has them: `--python PATH`"
        raise Undecidable("; ".join(differences), path=model.path, help=help_text)


def _asked(requirement: Requirement) -> str:
    asked = requirement.specifier
    is_one = requirement.pinned and asked.startswith("==") and "," not in asked
    return (
        f"pinned {requirement.name} {asked.lstrip('=')}" if is_one else f"asked for {requirement.name} {asked}".strip()
    )


def _of_scorers() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in _SCORERS}


def _admits(requirement: Requirement, here: str | None) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    if here is None:
        return False
    try:
        return SpecifierSet(requirement.specifier).contains(here, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return False


def _applies(requirement: Requirement, environment: Environment) -> bool:
    """Whether it is asked for on this machine by that Python; where nobody can tell, it is."""
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    if not requirement.marker:
        return True
    version = ".".join(environment.python.split(".")[:2])
    try:
        return Marker(requirement.marker).evaluate(
            {"python_version": version, "python_full_version": environment.python, "extra": ""}
        )
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return True
