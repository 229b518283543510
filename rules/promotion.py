"""Rules about what is deployed after the change."""

from __future__ import annotations

from collections.abc import Iterator

from snitch.finding import Finding
from snitch.layout import MANIFEST
from snitch.model import Model
from snitch.repository_change import RepositoryChange
from snitch.rule import RepositoryRule


class VanishedModel(RepositoryRule, code="PRO005"):
    """A deployed model's name is gone, and the policy does not list it as retired.

    Whoever serves the model would find nothing at its next start. A name is a model's identity: one that is renamed is
    gone, too, and what comes in its place would be compared with nothing. A model that came to the deployed branch
    since this one left it has not vanished: a merge keeps it.

    Mend it: restore the model, or its name. If it is meant to go, have it listed under `retired` in the policy first
    (name, reason and owner), in a pull request of its own.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding]:
        """One finding a name."""
        deployed = change.deployed
        missing = {
            name: folders
            for name, folders in sorted(change.deployed_catalogue.folders.items())
            if name not in change.retired and not _is_held(name, folders, change)
        }
        touched = _touched_names(change) if missing else None
        for name, folders in missing.items():
            if touched is not None and name not in touched:
                continue
            models = [Model(deployed, folder) for folder in folders]
            if not any(_is_still_there(model, change) for model in models):
                yield _vanished(name, models[0], change)


def _touched_names(change: RepositoryChange) -> set[str] | None:
    """The names that the change may have taken away; None where it may be any of them.

    What came to the deployed branch since the change left it is no more the change's to keep than to take away.
    """
    base = change.base
    if base is None or base.exclude != change.candidate.exclude:
        return None
    paths = (path for path in change.changed if path.rpartition("/")[2] == MANIFEST and path in base.snapshot)
    names = {Model(base, path.rpartition("/")[0]).declared("name") for path in paths}
    return None if "" in names else names


def _is_held(name: str, folders: tuple[str, ...], change: RepositoryChange) -> bool:
    """Whether a model of the candidate bears the name."""
    held = change.catalogue.folders.get(name, ())
    # A catalogue may know a name by a line of a manifest that cannot be read; one that went elsewhere has to be.
    return (
        folders == held
        or set(folders) <= set(held)
        or any(Model(change.candidate, folder).name == name for folder in held)
    )


def _is_still_there(deployed: Model, change: RepositoryChange) -> bool:
    """Whether the folder holds a model whose name is not to be had, then or now: `invalid-manifest` tells of that."""
    if deployed.folder not in change.candidate.model_folders:
        return False
    return not deployed.declared("name") or not Model(change.candidate, deployed.folder).declared("name")


def _vanished(name: str, deployed: Model, change: RepositoryChange) -> Finding:
    side = deployed.side("/name", value=name, label=f"deployed {deployed.version}".rstrip())
    there = deployed.folder in change.candidate.model_folders
    successor = Model(change.candidate, deployed.folder).name if there else ""
    went = f"its folder now holds {successor}" if there else f"{deployed.path} is gone"
    return Finding(
        message=f"{name} is deployed and has vanished: {went}",
        path=deployed.path,
        model=name,
        version=deployed.version,
        key=name,
        deployed=side,
        help="restore it; to retire it, list it under `retired` in the policy first, in a pull request of its own: "
        f"{{model: {name}, reason: …, owner: …}}",
    )
