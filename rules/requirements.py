"""Rules about how dependencies are declared: at all, pinned, and from nowhere else than the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from snitch.change import Change
from snitch.documents import Span
from snitch.finding import Broken, Finding, Skip
from snitch.model import Model
from snitch.rule import Rule
from snitch.source import File

if TYPE_CHECKING:
    from snitch.dependencies import Dependencies, Problem, Requirement

_BRIEF = 80


def declared(change: Change) -> Dependencies:
    """What the candidate's dependency file declares.

    Raises:
        Skip: the manifest names none, where work begins.
        Broken: it names none where `missing-dependencies` must tell so; the file is not in the tree, or the manifest is
            not valid.
    """
    model = change.candidate
    found = model.dependencies
    if found is not None:
        return found
    reason = "the manifest names no dependency file"
    if change.environment.lowest:
        raise Skip(reason)
    raise Broken(reason, reported_by="DEP008", path=model.path)


def refuse_gaps(dependencies: Dependencies) -> None:
    """To be called when all that could be read is judged.

    Raises:
        Broken: something could not be read, which `unreadable-file` tells.
    """
    gap = next((problem for problem in dependencies.problems if problem.kind != "unsafe"), None)
    if gap is not None:
        raise Broken("the dependencies cannot be read in full", reported_by="SNT001", path=gap.path)


def finding_at(model: Model, place: Requirement | Problem, message: str, help_text: str, about: str) -> Finding:
    """A finding at a line of a dependency file."""
    span = Span(place.line, place.column, max(1, place.length))
    file = File(model.repository, place.path)
    return file.finding("", message, span=span, help=help_text, role="dependencies", about=about)


def once(requirements: Iterable[Requirement]) -> Iterator[Requirement]:
    """The first requirement of each name: one cause, one finding."""
    seen: set[str] = set()
    for requirement in requirements:
        if requirement.name not in seen:
            seen.add(requirement.name)
            yield requirement


def brief(text: str) -> str:
    """A text out of a file, short enough for a message."""
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}…"


class UnpinnedDependency(Rule, code="DEP003", severity=("warning", "warning")):
    """A requirement is not pinned to one version.

    What is installed next month is then not what the model was evaluated with. A newer library may compute something
    else, or may not load the weights at all.

    Mend it: pin it (`scikit-learn==1.9.0`), or name a lock file as the model's `dependencies`: a requirements.txt
    written by a resolver, or a pylock.toml. A pin in a constraints file (`-c`) counts.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a name."""
        dependencies = declared(change)
        pinned_elsewhere = {each.name for each in dependencies.constraints if each.pinned and not each.marker}
        loose = (each for each in dependencies.requirements if not each.pinned and each.name not in pinned_elsewhere)
        for requirement in once(loose):
            admitted = (
                f"it admits `{brief(requirement.specifier)}`" if requirement.specifier else "it admits every version"
            )
            message = f"{requirement.name} is not pinned to one version: {admitted}"
            mend = f"pin the version that the model was evaluated with, as in `{requirement.name}==1.2.3`"
            yield finding_at(change.candidate, requirement, message, mend, requirement.name)
        refuse_gaps(dependencies)


class UnsafeRequirement(Rule, code="DEP007", severity=("error", "error")):
    """A requirement takes code from elsewhere than a release on the index, or does not say what it seems to.

    A URL, a repository, an editable folder, another index, or a file outside this repository can hold other code
    tomorrow, and nobody who audits the names sees it. A declared encoding can hide a line from people, though not from
    the installer.

    Mend it: name a released version (`name==1.2.3`), with hashes if you like. Choose the index in the installer's own
    configuration, not in the model. Keep included files inside the repository.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a place."""
        dependencies = declared(change)
        for problem in dependencies.problems:
            if problem.kind == "unsafe":
                yield finding_at(change.candidate, problem, problem.message, problem.help, problem.text)
        refuse_gaps(dependencies)


class MissingDependencies(Rule, code="DEP008"):
    """The manifest names no dependency file.

    Without one, nobody can install what the model needs in order to run, nor tell whether it may be served.

    Mend it: write a requirements.txt (or pyproject.toml, pylock.toml, environment.yml) beside `model.yaml`, and name it
    there: `dependencies: requirements.txt`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding, at the manifest."""
        model = change.candidate
        if model.manifest.dependencies is not None:
            return
        lying = next((path for path in model.files if _is_usual(path, model.folder)), None)
        name = lying.rpartition("/")[2] if lying else "requirements.txt"
        mend = (
            f"add `dependencies: {name}`"
            if lying
            else "write a requirements.txt and add `dependencies: requirements.txt`"
        )
        yield model.finding("/dependencies", "the manifest names no dependency file", help=mend)


_USUAL = ("requirements.txt", "pylock.toml", "pyproject.toml", "environment.yml", "environment.yaml")


def _is_usual(path: str, folder: str) -> bool:
    return path.rpartition("/")[0] == folder and path.rpartition("/")[2] in _USUAL
