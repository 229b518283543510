"""What of a model is promoted, and how it stands on the branches that it is promoted from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.change import Change
from snitch.finding import Skip
from snitch.model import Model
from snitch.snapshot import Entry
from snitch.source import resolve

if TYPE_CHECKING:
    from snitch.gate import History, Stretch


class Standing(Struct, frozen=True):
    """How a model's content stands on a branch.

    `newest` is the latest stretch that held it, None where none did; `differing` names what is otherwise at the tip,
    and `tip` is what stands there, None where the model was never there.
    """

    branch: str
    tip: Stretch | None
    differing: tuple[str, ...]
    newest: Stretch | None

    @property
    def is_current(self) -> bool:
        """Whether the branch's tip holds it."""
        return self.tip is not None and not self.differing


def content_of(model: Model) -> dict[str, Entry]:
    """What is promoted of a model: manifest, evaluations and weights, by their names seen from its folder.

    Raises:
        Broken: the manifest is not valid, or a weights file is not in the tree.
        Undecidable: something of it is not in this clone.
    """
    entries = model.repository.snapshot.entries
    own = (model.path, *model.evaluation_paths)
    weights = {each.name: entries[each.path] for each in model.weights}
    return {model.name_of(path): entries[path] for path in own} | weights


def files_beside(model: Model) -> tuple[str, ...]:
    """The weights of a model that do not lie in its folder, as its manifest names them.

    Raises:
        Broken, Undecidable: as `content_of`.
    """
    return tuple(each.name for each in model.weights if not each.path.startswith(model.prefix))


def standings(change: Change) -> Iterator[Standing]:
    """How the candidate's content stands on each branch that it may be promoted from.

    Raises:
        Skip: nothing is promoted, or from nowhere in particular.
        Broken: the candidate's manifest or weights cannot be read.
        Undecidable: a history cannot be read as far as it takes.
    """
    sources = _sources(change)
    content = content_of(change.candidate)
    base = _on_target(change)
    if base is not None and not _differing(content, base):
        raise Skip("nothing is promoted: weights, evaluations and manifest are the target's own")
    for branch in sources:
        yield _standing(change.gate.history(branch), change.candidate, content)


def standing(change: Change) -> Standing:
    """Of the `standings` the one that speaks most for the candidate.

    Raises:
        Skip, Broken, Undecidable: as `standings`.
    """
    return max(standings(change), key=lambda each: (each.is_current, each.newest is not None))


def unbroken_run(change: Change, branch: str) -> Iterator[Stretch]:
    """The stretches at a branch's tip that hold the candidate's content, newest first, up to the first that does not.

    Raises:
        Undecidable: the history cannot be read as far as it takes.
    """
    candidate, content = change.candidate, content_of(change.candidate)
    for each in _stretches(change.gate.history(branch), candidate):
        if _differing(content, each.model):
            return
        yield each


def _sources(change: Change) -> tuple[str, ...]:
    """The branches to promote from."""
    sources, environment = change.gate.sources, change.environment
    if environment.promotes_from is None:
        raise Skip(f"nothing has to come to {environment.name} from another environment")
    if not sources:
        raise Skip(f"`promotes_from` of {environment.name} names {environment.promotes_from}, which has no one branch")
    return sources


def _on_target(change: Change) -> Model | None:
    """The model as it stands on the target, which is the base; None where it is not there, or nowhere it is known."""
    candidate, base = change.candidate, change.base
    if base is None:
        return None
    there = Model(base, candidate.folder)
    if there.bears(candidate.name):
        return there
    return change.deployed if change.has_deployed and change.deployed.repository.commit == base.commit else None


def _standing(history: History, candidate: Model, content: dict[str, Entry]) -> Standing:
    tip: Stretch | None = None
    differing: tuple[str, ...] = ()
    for each in _stretches(history, candidate):
        found = _differing(content, each.model)
        if tip is None:
            tip, differing = each, found
        if not found:
            return Standing(history.branch, tip, differing, each)
    return Standing(history.branch, tip, differing, None)


def _stretches(history: History, candidate: Model) -> Iterator[Stretch]:
    return history.stretches(candidate.name, candidate.folder, files_beside(candidate))


def _differing(content: dict[str, Entry], model: Model) -> tuple[str, ...]:
    """What of some content a model of a repository does not hold as it is; what it holds beside counts too.

    The manifest is compared byte by byte, so that neither has to be read: both name the same weights.
    """
    entries = model.repository.snapshot.entries
    ours = {name: entries.get(resolve(model.folder, name) or "") for name in content}
    differing = [name for name, entry in content.items() if ours[name] != entry]
    prefix = f"{model.prefix}evaluations/"
    more = (path for path in entries if path.startswith(prefix) and path.endswith(".json"))
    names = (model.name_of(path) for path in more if "/" not in path[len(prefix) :])
    return (*differing, *(name for name in names if name not in content))
