"""What a model was on a branch before: its versions, and the one that a way back leads to."""

from __future__ import annotations

from functools import cached_property

from snitch.checking.commits import Misuse
from snitch.documents.decoding import suggest
from snitch.finding import Broken
from snitch.gate import Stretch
from snitch.git.history import BranchHistory
from snitch.model import Model, same_files


class Past:
    """The first-parent history of a branch, as far as a model that stands at its tip is concerned.

    Everything here raises Undecidable where the history is not in this clone as far as it takes.
    """

    def __init__(self, history: BranchHistory, present: Model) -> None:
        self._history = history
        self._present = present
        self._branch = history.branch

    @cached_property
    def _states(self) -> list[Stretch]:
        """Newest first; the times in which the model was not there are left out."""
        name, folder = self._present.name, self._present.folder
        return [each for each in self._history.stretches(name, folder) if each.holds(name)]

    @cached_property
    def versions(self) -> list[str]:
        """Every version that the branch has held, newest first, each once."""
        return list(dict.fromkeys(each.model.version for each in self._states))

    def back(self) -> str:
        """The version that a way back leads to: the one that the manifest names; else the newest from before the
        deployed weights first came. What was left by a rollback is not gone back to.

        Raises:
            Misuse: there is none.
        """
        release = self._present.manifest.release
        if release is not None and release.rollback_to is not None:
            return release.rollback_to
        weights = _weights(self._present)
        last = max(at for at, each in enumerate(self._states) if at == 0 or _same(weights, _weights(each.model)))
        before = (each.model.version for each in self._states[last + 1 :] if _weights(each.model) is not None)
        found = next(before, None)
        if found is None:
            others = ", ".join(each for each in self.versions if each != self._present.version)
            raise Misuse(
                f"{self._branch} has held nothing of {self._present.name} from before the weights that are there"
                + (f"; name one of its other versions with --to: {others}" if others else "")
            )
        return found

    def state(self, version: str) -> Stretch:
        """What the version was last, with the files beside its folder that its manifest named.

        Raises:
            Misuse: the branch has never held it, or not as a valid model.
        """
        found = next((each for each in self._states if each.model.version == version), None)
        if found is None:
            near = suggest(version, self.versions)
            raise Misuse(f"there was no {self._present.name} {version} on {self._branch}; {near}")
        name, folder = self._present.name, self._present.folder
        stretches = self._history.stretches(name, folder, self._named_outside(found.model))
        return next(each for each in stretches if each.holds(name) and each.model.version == version)

    def _named_outside(self, model: Model) -> tuple[str, ...]:
        try:
            return tuple(
                relative
                for _, relative, path in model.named_files
                if path is not None and not path.startswith(model.prefix)
            )
        except Broken:
            raise Misuse(f"{model.name} {model.version} was not valid on {self._branch}; name another") from None


def _weights(model: Model) -> dict[str, str] | None:
    """The weights by their digests; None where nobody can tell."""
    try:
        return model.weights_digests
    except Broken:
        return None


def _same(one: dict[str, str] | None, other: dict[str, str] | None) -> bool:
    return one is not None and other is not None and same_files(one, other)
