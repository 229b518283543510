"""Rules about versions: raised when something changed, never lowered, and by enough; and weights that are one's own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from snitch.change import Change
from snitch.compatibility import Size, raised_by, required_by
from snitch.finding import Broken, Finding, Side, Skip, Undecidable
from snitch.formats.scalars import Version
from snitch.model import Model, same_files
from snitch.promotion import files_beside
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.source import pointer_at


class VersionNotRaised(Rule, code="VER001"):
    """Weights, signature, threshold, prediction code, parameters or training data changed, and the version did not.

    Two different models under one version cannot be told apart: not in a log, not in an incident, not in a rollback.
    The candidate is held against the deployed model. Comments and layout of parameters in YAML or JSON do not count.
    Prediction code is all that a model with `predict` is run with: its command, and the files of its folder but for
    card, changelog, evaluations and golden cases.

    Mend it: raise `version` in model.yaml and give it a section in CHANGELOG.md.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """At most one finding, which names all that changed."""
        candidate, deployed = change.candidate, change.deployed
        candidate.manifest  # noqa: B018 - its faults come before the deployed one's
        try:
            raised = _key(candidate) != _key(deployed)
        except Broken as error:
            message = f"cannot be compared with the deployed model, whose manifest is broken: {error.reason}"
            yield candidate.finding("/version", message, about="deployed", outcome="inconclusive")
            return
        if raised:
            return
        changed = [each.what for each in change.differences if each.counts]
        if changed:
            yield candidate.finding(
                "/version",
                f"{_listed(changed)} changed, but the version is still {_same(deployed.version, candidate.version)}",
                deployed=_version_of(deployed),
                about="version",
                help="raise the version, and say in CHANGELOG.md what changed",
            )


class VersionRolledBack(Rule, code="VER002"):
    """The version is lower than the deployed model's, or was that of other weights before.

    Whoever reads versions takes the higher for the newer, and one version for one model. A rollback raises the version
    too: it is a new release of old weights. What the deployed branch held before is the gate's to know: it looks
    through that branch's own history, its first parents, for the same version with other weights.

    Mend it: give the model a version above the deployed one, which nothing has had yet.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """At most one finding."""
        if change.is_gated and change.is_first_release:
            yield from _reused(change)  # the name may have been there before
            return
        candidate, deployed = change.candidate, _readable(change)
        if change.is_gated and _key(candidate) >= _key(deployed):
            yield from _reused(change)
        elif _key(candidate) < _key(deployed):
            yield candidate.finding(
                "/version",
                f"version {candidate.version} is lower than the deployed {deployed.version}",
                deployed=_version_of(deployed),
                about="version",
                help=f"give it a version above {deployed.version}",
            )


class UndersizedBump(Rule, code="VER003"):
    """The version was raised by less than the change is worth.

    Callers decide by the version whether they must adapt. MAJOR: an incompatible signature (an input is new and
    required, gone, of another type or of a narrower range; an output is gone or of another type), another library or
    another architecture. MINOR: new weights or new training data. PATCH: the rest. While MAJOR is 0, an incompatible
    change may raise MINOR. A prerelease announces the bump of its release: 2.0.0-rc.1 may become anything.

    Mend it: raise the part of the version that the finding names.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """At most one finding, which names what asks for the larger bump."""
        candidate, deployed = change.candidate, _readable(change)
        old, new = _version(deployed.manifest.version), _version(candidate.manifest.version)
        found = change.differences
        if new.key < old.key or (new.key == old.key and (not found or any(each.counts for each in found))):
            raise Skip("the version was not raised")
        required = required_by(found, major_is_zero=old.major == 0)
        if raised_by(old, new) < required:
            reasons = [each.what for each in found if each.size >= required]
            yield candidate.finding(
                "/version",
                f"{_listed(reasons)} changed: that is {_name(required)}, "
                f"but {deployed.version} -> {candidate.version} is {_name(raised_by(old, new))}",
                deployed=_version_of(deployed),
                about="version",
                help=f"raise {_name(required)}",
            )


class BorrowedWeights(Rule, code="VER004"):
    """The weights are, to the byte, another model's, or lie where no model owns them.

    An evaluation says how good weights are, not whose they are: a copied file passes every comparison and serves the
    wrong task. Two models that share weights on purpose are one model. What lies in a dot-folder, in `benchmarks/` or
    in a folder under the policy's `exclude` is nobody's: any model may name it, and none is judged when it changes
    hands.

    Mend it: commit this model's own weights in its folder, or remove one of the two models.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a weights file."""
        candidate = change.candidate
        for index, weights in enumerate(candidate.weights):
            digest = candidate.weights_digests[weights.name]
            holders = change.catalogue.weights.get(digest, ())
            others = [path for model, path in holders if model != candidate.name]
            is_own = candidate.repository.owner(weights.path) == candidate.folder
            other = next((path for path in others if not is_own or _lends(path, digest, change)), None)
            if other is None and not candidate.repository.is_unowned(weights.path):
                continue
            where = f"is the very file {other}, which is another model's" if other else "lies where no model owns it"
            yield candidate.finding(
                f"/weights/{index}",
                f"{weights.name} {where}",
                about=weights.name,
                help="commit this model's own weights" if other else "move it into this model's folder",
            )


def _reused(change: Change) -> Iterator[Finding]:
    """That the version was used for other weights by a commit older than the deployed tip."""
    candidate, gate = change.candidate, change.gate
    version, weights = candidate.manifest.version, candidate.weights_digests
    if change.has_deployed and _key(change.deployed) == _key(candidate):
        return  # either nothing is released, or `version-not-raised` tells
    history = gate.history(gate.deployed or gate.target)
    for stretch in history.stretches(candidate.name, candidate.folder, files_beside(candidate)):
        then = stretch.model
        if stretch.holds(candidate.name) and _is_of(then, _key(candidate)) and not _may_be(then, weights):
            yield candidate.finding(
                "/version",
                f"version {_same(then.version, version)} was that of other weights on {history.branch}, "
                f"since {stretch.commit[:12]}",
                deployed=then.side("/version", then.version, "then"),
                about="version",
                help="give it a version that nothing has had yet",
            )
            return


def _is_of(then: Model, key: tuple[object, ...]) -> bool:
    """Whether a model of the past is of a version, build metadata aside."""
    try:
        return _key(then) == key
    except Broken:
        return False


def _may_be(then: Model, weights: dict[str, str]) -> bool:
    """Whether these may have been a model's weights in the past: where there were none, nobody could use them."""
    try:
        return same_files(weights, then.weights_digests)
    except Broken:
        return True


def _lends(path: str, digest: str, change: Change) -> bool:
    """Whether another model's weights are these; not where that one has come to weights that are deployed as this
    model's, for then it borrows.
    """
    if not _is_pointer_to(digest, path, change.repository):
        return False  # a catalogue may know no more than a line of it
    try:
        were_ours = change.has_deployed and digest in change.deployed.weights_digests.values()
    except (Broken, Undecidable):
        return True
    return not were_ours or _is_pointer_to(digest, path, change.deployed.repository)


def _is_pointer_to(digest: str, path: str, repository: Repository) -> bool:
    pointer = pointer_at(repository, path)
    return pointer is not None and pointer.digest == digest


#: Thousands of models are of few versions.
_version = lru_cache(maxsize=64)(Version)


def _readable(change: Change) -> Model:
    """The deployed model.

    Raises:
        Broken: its manifest cannot be read, of which `version-not-raised` tells.
    """
    change.candidate.manifest  # noqa: B018 - its faults come first
    try:
        change.deployed.manifest  # noqa: B018 - asked for to see whether it can be
    except Broken as error:
        reason = f"the deployed manifest is broken: {error.reason}"
        raise Broken(reason, reported_by="VER001", path=change.candidate.path) from None
    return change.deployed


def _key(model: Model) -> tuple[object, ...]:
    return _version(model.manifest.version).key


def _same(deployed: str, candidate: str) -> str:
    """Two versions that are one by precedence: build metadata does not count."""
    return candidate if deployed == candidate else f"{deployed} ({candidate} differs in build metadata only)"


def _version_of(deployed: Model) -> Side:
    return deployed.side("/version", deployed.version, "deployed")


def _name(size: Size) -> str:
    return "no bump at all" if size == Size.NONE else size.name


def _listed(words: list[str]) -> str:
    unique = list(dict.fromkeys(words))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"
