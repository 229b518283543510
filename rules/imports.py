"""The rule about what the model's code imports."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from snitch.rules.requirements import declared, refuse_gaps

from snitch.change import Change
from snitch.documents import Problem, Span, Unreadable
from snitch.finding import Broken, Finding, Skip
from snitch.model import Model
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.snapshot import UnreadableFile
from snitch.source import File, resolve, unreadable

if TYPE_CHECKING:
    from snitch.dependencies import Dependencies
    from snitch.dependencies.imports import Import


class UndeclaredImport(Rule, code="DEP005", severity=("warning", "warning")):
    """The training or prediction code imports something that no requirement declares.

    It works on the machine where somebody once installed it by hand, or because another package happens to bring it
    along. In the serving image, or after that package's next release, it fails.

    It reads `training.code` and the Python files that `predict` names; nothing is run. Python's own modules, the
    repository's own, and imports that the code can do without (`try: … except ImportError:`) need no requirement.

    Mend it: add the distribution that provides the module to the dependency file, pinned. Its name may be another one:
    `sklearn` is in scikit-learn, `PIL` in pillow.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a module and file, at its first import."""
        model, later = change.candidate, Postponed()
        dependencies, paths = declared(change), _code(model)
        if not paths:
            raise Skip("the manifest names no Python code")
        broken: list[Unreadable] = []
        for path in paths:
            with later:
                try:
                    yield from _undeclared(model, path, dependencies)
                except Unreadable as error:
                    broken.append(error)
        if broken:
            raise broken[0]
        later.tell()
        refuse_gaps(dependencies)


def _code(model: Model) -> list[str]:
    """The paths of the Python files that train and predict; of a command's words, those that are files."""
    training = model.manifest.training
    named = [model.resolve(training.code)] if training and training.code else []
    words = (resolve(model.folder, word) for word in model.manifest.predict or ())
    named += [path for path in words if path is not None and path in model.repository.snapshot]
    return [path for path in dict.fromkeys(named) if path.endswith(".py")]


def _undeclared(model: Model, path: str, dependencies: Dependencies) -> Iterator[Finding]:
    from snitch.dependencies.distributions import distributions_of

    names = {requirement.name for requirement in dependencies.requirements}
    told: set[str] = set()
    for found in _imports(model, path):
        providers = distributions_of(found.name)
        if found.module in told or providers & names or _is_local(found.module, path, model):
            continue
        if any(_may_mean(problem.text, providers) for problem in dependencies.problems):
            continue
        told.add(found.module)
        likely = min(providers, key=lambda name: (len(name), name), default=found.module)
        yield File(model.repository, path).finding(
            "",
            f"`{found.name}` is imported, and no requirement declares it",
            span=Span(found.line, found.column, max(1, found.length)),
            help=f"add `{likely}`, pinned, to {model.manifest.dependencies}",
            role="code",
            about=f"{posixpath.basename(path)} {found.module}",
        )


def _imports(model: Model, path: str) -> Iterator[Import]:
    """The imports that the code cannot do without, and that are not Python's own.

    Raises:
        Broken: the file is not there, or a link.
        Undecidable: it is not in this clone.
        Unreadable: it is not Python.
    """
    from snitch.dependencies.imports import UnreadableCode, imported_modules, is_standard_library

    snapshot = model.repository.snapshot
    if path not in snapshot:
        raise Broken(f"{path} is not in the tree", reported_by="MET007", path=path)
    try:
        imports = imported_modules(snapshot[path], path)
    except UnreadableFile as error:
        raise unreadable(error) from None
    except UnreadableCode as error:
        problem = Problem("", error.message, "correct the code: it cannot run as it is", Span(error.line, 1))
        raise Unreadable(path, (problem,)) from None
    return (each for each in imports if not each.optional and not is_standard_library(each.module))


def _is_local(module: str, path: str, model: Model) -> bool:
    """Whether the module may be the repository's own: beside the code, in the model's folder, or above them."""
    folder = posixpath.dirname(path)
    beside = (posixpath.join(folder, module, ""), posixpath.join(model.folder, module, ""))
    if any(each.startswith(beside) and each.endswith(".py") for each in model.files):
        return True
    return any(_holds(above, module, model) for above in dict.fromkeys([*_upwards(folder), *_upwards(model.folder)]))


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _holds(folder: str, module: str, model: Model) -> bool:
    names = (f"{module}.py", f"{module}/__init__.py", f"src/{module}.py", f"src/{module}/__init__.py")
    return any(posixpath.join(folder, name) in model.repository.snapshot for name in names)


def _may_mean(text: str, providers: frozenset[str]) -> bool:
    """Whether a requirement that was not understood, such as an address, may be one of these distributions."""
    from snitch.dependencies import normalised

    words = normalised(text)
    return any(name in words for name in providers)
