"""Rules about what is depended on: what the policy disallows or phases out, and what the serving image holds."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from snitch.rules.requirements import brief, declared, finding_at, once, refuse_gaps

from snitch.change import Change
from snitch.finding import Due, Finding, Skip, Undecidable
from snitch.formats.scalars import Text
from snitch.references import Misnamed, missing_file
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.source import Source, resolve

if TYPE_CHECKING:
    from snitch.dependencies import Dependencies, Requirement


class Package(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A package on a list of the policy's: some of its versions, or all."""

    name: Text
    versions: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        from snitch.dependencies.versions import is_specifier

        if not self.name.replace("-", "").replace("_", "").replace(".", "").isalnum() or not self.name.isascii():
            raise ValueError(f"`{self.name}` is no package's name; versions go into `versions`")
        if not is_specifier(self.versions):
            raise ValueError(f"`{self.versions}` is no range of versions: write one such as `<2.16` or `==1.4.*`")

    @property
    def spelled(self) -> str:
        return f"{self.name} {self.versions}".rstrip()


class DeprecatedPackage(Package, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A package that is phased out: until when it is still served, and what to use instead."""

    use_instead: str = ""
    until: date | None = None


def constrained(requirement: Requirement, dependencies: Dependencies) -> str:
    """The versions that a requirement admits once the constraints beside it hold: PEP 440 clauses."""
    from snitch.dependencies.versions import contradicts

    limits = [each.specifier for each in dependencies.constraints if each.name == requirement.name and not each.marker]
    limit = ",".join(clause for clause in limits if clause)
    if not limit or contradicts(requirement.specifier, limit):
        return requirement.specifier
    return _both(requirement.specifier, limit)


def _on_the_list(package: Package, dependencies: Dependencies) -> Iterator[Requirement]:
    """The requirements that admit nothing but listed versions of a package.

    Raises:
        Undecidable: a range of versions is not understood.
    """
    from snitch.dependencies import normalised
    from snitch.dependencies.versions import admits_only, is_specifier

    name = normalised(package.name)
    for requirement in dependencies.requirements:
        if requirement.name != name:
            continue
        admitted = constrained(requirement, dependencies)
        if package.versions and not is_specifier(admitted):
            raise Undecidable(
                f"`{brief(requirement.text)}` is no range of versions that Snitch understands",
                path=requirement.path,
                help=f"pin it, as in `{requirement.name}==1.2.3`",
            )
        if not package.versions or admits_only(admitted, package.versions):
            yield requirement


class DisallowedDependency(Rule, code="DEP001", severity=("error", "error")):
    """Every version that a requirement admits is on the policy's list of packages that may not be used.

    Such a package can't be served, is unsafe, or has a license that forbids it; the policy says why. A range that also
    admits other versions is an unpinned-dependency: pinned, it may turn out to be allowed.

    Mend it: use a version that is not on the list, or another package.

    Options:
        packages: what may not be used: `name`, and optionally `versions` (all, without it) and a `reason`.

    Example:
        disallowed-dependency: {packages: [{name: tensorflow, versions: "<2.16", reason: "not served any more"}]}
    """

    loosened_by = {"packages": "less"}
    packages: tuple[Package, ...] = ()

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a listed package."""
        if not self.packages:
            raise Skip("the policy lists no packages")
        dependencies = declared(change)
        for package in self.packages:
            for requirement in once(_on_the_list(package, dependencies)):
                reason = f": {package.reason}" if package.reason else ""
                message = f"`{brief(requirement.text)}` is disallowed, as is all of {package.spelled}{reason}"
                other = f"use a version outside `{package.versions}`, or" if package.versions else "use"
                mend = f"{other} another package"
                yield finding_at(change.candidate, requirement, message, mend, package.spelled)
        refuse_gaps(dependencies)


class DeprecatedDependency(Rule, code="DEP002", severity=("warning", "warning")):
    """A requirement admits only versions that the policy phases out.

    It is still served today. From the day that the policy gives it may not be any more, and a model that was
    left on it has to be retrained in a hurry.

    Mend it: move to what the policy names, and evaluate the model again.

    Options:
        packages: what is phased out: `name`, and optionally `versions` (all, without it), `use_instead`, `until` (the
            last day on which it is served, YYYY-MM-DD) and a `reason`.

    Example:
        deprecated-dependency: {packages: [{name: xgboost, versions: "<2", use_instead: xgboost 2, until: 2027-06-30}]}
    """

    loosened_by = {"packages": "less"}
    packages: tuple[DeprecatedPackage, ...] = ()

    def check(self, change: Change) -> Iterator[Finding | Due]:
        """One finding a listed package, and the day on which its time is over."""
        if not self.packages:
            raise Skip("the policy lists no packages")
        dependencies = declared(change)
        for package in self.packages:
            for requirement in once(_on_the_list(package, dependencies)):
                message = f"`{brief(requirement.text)}` is deprecated, as is all of {package.spelled}{_why(package)}"
                mend = f"use {package.use_instead or 'a version or a package that is not deprecated'}"
                yield finding_at(change.candidate, requirement, message, mend, package.spelled)
                yield from _due(package, change.today)
        refuse_gaps(dependencies)


def _why(package: DeprecatedPackage) -> str:
    until = f"; its last day is {package.until}" if package.until else ""
    return f"{until}: {package.reason}" if package.reason else until


def _due(package: DeprecatedPackage, today: date) -> Iterator[Due]:
    if package.until is not None and today <= package.until < date.max:
        yield Due(on=package.until + timedelta(days=1), message=f"its dependency {package.spelled} is served no more")


class ServingConflict(Rule, code="DEP004"):
    """A requirement admits no version that the serving image has.

    The image is built from a constraints file. A model that needs something else passes every test on the machine it
    was trained on, and fails, or answers otherwise, once it is served.

    Mend it: retrain with the versions of the constraints file: `pip install -c constraints.txt -r requirements.txt`.

    Options:
        constraints: the path of the constraints file in the repository, from its root. Without it nothing is compared.

    Example:
        serving-conflict: {constraints: serving/constraints.txt}
    """

    loosened_by = {"constraints": "less"}
    constraints: str = ""

    def __post_init__(self) -> None:
        if self.constraints and resolve("", self.constraints) is None:
            raise ValueError(f"`{self.constraints}` is no path inside the repository")

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The file that is not there."""
        return missing_file(repository, "/constraints", self.constraints)

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a name."""
        if not self.constraints:
            raise Skip("the policy names no constraints file")
        from snitch.dependencies.versions import contradicts

        served = _served(change.policy_files, resolve("", self.constraints) or "")
        dependencies = declared(change)
        conflicting = (
            requirement
            for requirement in dependencies.requirements
            if requirement.name in served
            and all(contradicts(requirement.specifier, versions) for versions in served[requirement.name])
        )
        for requirement in once(conflicting):
            image = f"{requirement.name} {' or '.join(served[requirement.name])}"
            message = f"`{brief(requirement.text)}` conflicts with the serving image's {brief(image)}"
            mend = f"retrain with a version that {self.constraints} admits"
            yield finding_at(change.candidate, requirement, message, mend, requirement.name)
        _understood(dependencies.requirements, served)
        refuse_gaps(dependencies)


@lru_cache(maxsize=8)
def _served(files: Source, path: str) -> dict[str, tuple[str, ...]]:
    """What the constraints file admits, by name: PEP 440 clauses, more than one where they depend on the machine.

    Raises:
        Undecidable: it is not there, or cannot be read in full.
    """
    from snitch.dependencies import read_dependencies

    if path not in files.snapshot:
        missing = f"the constraints file {path} is not there"
        raise Undecidable(missing, path=path, help="commit it, or correct the policy")
    read = read_dependencies(files.snapshot, path)
    for problem in read.problems:
        reason = f"the constraints file {path} cannot be read: line {problem.line}: {problem.message}"
        raise Undecidable(reason, path=path, help=problem.help)
    everywhere: dict[str, str] = {}
    somewhere: dict[str, list[str]] = {}
    for each in (*read.requirements, *read.constraints):
        if each.marker:
            somewhere.setdefault(each.name, []).append(each.specifier)
        else:
            everywhere[each.name] = _both(everywhere.get(each.name, ""), each.specifier)
    served: dict[str, tuple[str, ...]] = {name: (versions,) for name, versions in everywhere.items()}
    for name, alternatives in somewhere.items():
        served[name] = tuple(_both(everywhere.get(name, ""), versions) for versions in alternatives)
    _understood((*read.requirements, *read.constraints), served)
    return served


def _both(one: str, other: str) -> str:
    return f"{one},{other}".strip(",")


def _understood(requirements: Iterable[Requirement], served: Container[str]) -> None:
    """Refuses ranges of which nobody knows whether they conflict."""
    from snitch.dependencies.versions import is_specifier

    for requirement in requirements:
        if requirement.name in served and not is_specifier(requirement.specifier):
            reason = f"`{brief(requirement.text)}` is no range of versions that Snitch understands"
            raise Undecidable(reason, path=requirement.path, help=f"pin it, as in `{requirement.name}==1.2.3`")
