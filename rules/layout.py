"""Rules about which files a repository holds: manifests, the files that they name, and the names themselves."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Iterator

from snitch.change import Change
from snitch.documents.decoding import MAX_PROBLEMS
from snitch.finding import Finding
from snitch.model import Model
from snitch.repository import MANIFEST
from snitch.repository_change import RepositoryChange
from snitch.rule import RepositoryRule, Rule

_FEW = 3
_MAX_COMPARED = 500


class MissingManifest(RepositoryRule, code="MET001", severity=("error", "error")):
    """Weights or evaluations lie in a folder that no manifest is above of.

    Without a `model.yaml` nothing says what the weights are, and no other rule looks at them: a model without a
    manifest would pass every check there is. The nearest manifest above a file owns it; `benchmarks/`, folders that
    start with a dot, and the folders under the policy's `exclude` are owned by none and need none.

    Mend it: write the model's `model.yaml` (`snitch new` makes one), move the files into the model's folder, or list
    a folder that holds no model under `exclude` in `snitch.yaml`: whatever lies below it is judged no more.

    Example: `models/churn/model.skops` is committed, and neither `models/churn/model.yaml` nor `models/model.yaml` is.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding]:
        repository = change.candidate
        orphans: dict[str, list[str]] = {}
        evidence = [*repository.weights_paths, *filter(_is_evaluation, repository.snapshot.ending(".json"))]
        for path in sorted(path for path in evidence if not _lies_in(path, repository.model_folders)):
            if repository.owner(path) is not None or repository.is_unowned(path):
                continue
            folder = posixpath.dirname(path)
            if path.endswith(".json"):
                folder = posixpath.dirname(folder)
            orphans.setdefault(folder, []).append(path)
        above = _folders_above(repository.model_folders) if orphans else frozenset()
        for folder, paths in orphans.items():
            belong = _verb(paths, "belongs", "belong")
            yield Finding(
                message=f"{_listed(paths)} {belong} to no model: no `{MANIFEST}` lies beside or above",
                path=paths[0],
                help=_how_to_rehouse(paths) if folder in above else _how_to_own(change, folder),
                key=folder or ".",
            )


class MissingFile(Rule, code="MET007", severity=("error", "error")):
    """A file that the manifest names is not in the tree.

    A model whose weights, training code, parameters or requirements are not committed can't be served, retrained or
    audited. Most often the file was forgotten (`git add`), is ignored by `.gitignore`, or was renamed on one side only.

    Mend it: commit the file, or correct its path in `model.yaml`. Paths are relative to the manifest.

    Example: `weights: [model.skops]`, and the commit holds `Model.skops`.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        model = change.candidate
        entries, told = model.repository.snapshot.entries, set[str]()
        for pointer, relative, path in model.named_files:
            if path is None or path in entries or path in told:
                continue
            if len(told) == MAX_PROBLEMS:
                return
            told.add(path)
            yield model.finding(pointer, f"{path} is not in the tree", help=_how_to_find(model, path), about=relative)


class DuplicateName(RepositoryRule, code="MET009", severity=("error", "error")):
    """Two models bear one name.

    The name is a model's identity: with two of one name nobody can tell which one is deployed, which one a benchmark
    asks for, and which one a waiver excuses.

    Mend it: give one of them another `name` in its `model.yaml`, or delete it. Where a folder was copied to start a new
    model, the copy needs a new name.

    Example: `models/churn/model.yaml` and `models/churn-v2/model.yaml` both say `name: churn`.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding]:
        judged = {model.folder for model in change.models}
        for name, found in change.catalogue.folders.items():
            if len(found) < 2:
                continue
            # A catalogue may know a name by a line of a manifest that says otherwise when it is read as a whole.
            folders = [folder for folder in found if Model(change.candidate, folder).name == name]
            if len(folders) < 2:
                continue
            kept = next((folder for folder in folders if folder not in judged), folders[0])
            others = [folder for folder in folders if folder != kept]
            for folder in [each for each in others if each in judged] or others:
                elsewhere = [posixpath.join(each, MANIFEST) for each in folders if each != folder]
                yield Model(change.candidate, folder).finding(
                    "/name",
                    f"{_listed(elsewhere)} {_verb(elsewhere, 'is', 'are')} also called `{name}`",
                    help="a name is a model's identity: give one of them another",
                    about=folder,
                    model=name,
                    version=Model(change.candidate, folder).version,
                )


def _is_evaluation(path: str) -> bool:
    """Whether a JSON file is an evaluation by where it lies."""
    return f"/{path}".rpartition("/")[0].endswith("/evaluations")


def _lies_in(path: str, folders: Container[str]) -> bool:
    """Whether one of the folders is the file's own, or the one above that: so most lie, and to ask for the owners of
    thousands takes longer.
    """
    folder = path.rpartition("/")[0]
    return folder in folders or folder.rpartition("/")[0] in folders


def _folders_above(folders: Iterable[str]) -> frozenset[str]:
    """Every folder below which one of these lies; the root is the empty string."""
    above: set[str] = set()
    for folder in folders:
        while folder and (folder := folder.rpartition("/")[0]) not in above:
            above.add(folder)
    return frozenset(above)


def _how_to_rehouse(paths: list[str]) -> str:
    """For a folder above models: a manifest there, or an exclusion of it, would take hold of more than these files."""
    them = _verb(paths, "it", "them")
    return f"move {them} into {_verb(paths, 'its', 'their')} model's folder, or delete {them}"


def _how_to_own(change: RepositoryChange, folder: str) -> str:
    manifest = posixpath.join(folder, MANIFEST)
    for near in (posixpath.join(folder, "model.yml"), posixpath.join(folder, "model.json")):
        if near in change.candidate.snapshot:
            return f"rename {near} to {manifest}"
    exclude = f", or add `{folder}/` to `exclude` in snitch.yaml" if folder else ""
    return f"write {manifest}{exclude}"


def _how_to_find(model: Model, path: str) -> str:
    """Where the file may be instead: a folder of that name, or the nearest file of the model, the manifest apart."""
    if any(other.startswith(f"{path}/") for other in model.files):
        return "it is a folder: name the file in it"
    from difflib import get_close_matches

    # Relative to the manifest: a long folder that all have in common would make any two of them alike.
    start = model.folder or "."
    others = [posixpath.relpath(file, start) for file in model.files[:_MAX_COMPARED] if file != model.path]
    wanted = posixpath.relpath(path, start)
    near = get_close_matches(wanted, others, n=1, cutoff=0.7) if len(path) < _MAX_COMPARED else []
    if near:
        return f"did you mean {near[0]}?"
    return "commit it (`git add`; see `git check-ignore -v` if that does nothing), or correct the path"


def _listed(paths: list[str]) -> str:
    if len(paths) <= _FEW:
        return " and ".join(filter(None, [", ".join(paths[:-1]), paths[-1]]))
    return f"{', '.join(paths[:_FEW])} and {len(paths) - _FEW} more"


def _verb(things: list[str], singular: str, plural: str) -> str:
    return singular if len(things) == 1 else plural
