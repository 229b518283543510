"""What `snitch drift` does: finds the model, its profile and its limits, and holds data against them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from snitch import __version__
from snitch.checking.commits import Misuse
from snitch.checking.picking import folder_named
from snitch.cli.places import from_top
from snitch.cli.progress import LONG, progress
from snitch.cli.tables import profile_at, require_table
from snitch.drift import Drift, DriftLimit, drift_between
from snitch.finding import Undecidable
from snitch.formats.profile import Profile
from snitch.git.command import Git
from snitch.git.worktree import work_tree_snapshot
from snitch.model import Model
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.report.drift import DriftReport
from snitch.repository import Repository
from snitch.training_profile import named_profiles

_RULE = "DAT004"


def drift_report(git: Git, word: str, current: str, profile: str | None) -> DriftReport:
    """How far data has moved from the training data of the model that a person names.

    Raises:
        Misuse: there is no such model, profile or file.
        InvalidPolicy, Unreadable, Broken: the policy, the manifest or the profile is not valid.
        Undecidable: the data cannot be used.
    """
    repository = Repository(work_tree_snapshot(git))
    policy = read_policy(repository, repository)
    repository = repository.without(policy.exclude)
    model = Model(repository, folder_named(word, from_top(git, word), repository))
    manifest = model.read_manifest()
    training, path, name = _training(model, profile)
    rule: Any = _rule(policy, model.folder)
    signature = manifest.signature
    inputs = tuple(each.name for each in signature.inputs) if signature is not None else ()
    unknown = tuple(name for name in inputs if name not in rule.ignore and training.feature(name) is None)
    features = (each for each in training.features if not inputs or each.name in inputs)
    training = replace(training, features=tuple(each for each in features if each.name not in rule.ignore))
    limit, limits = rule.limits
    return DriftReport(
        snitch=__version__,
        model=manifest.name,
        version=manifest.version,
        profile=path,
        data=name,
        current=current,
        drift=replace(_drift(training, current, limit, limits), unknown=unknown),
    )


def _training(model: Model, path: str | None) -> tuple[Profile, str, str]:
    """The training profile, where it lies, and of which data it is."""
    if path is not None:
        return profile_at(path), path, ""
    named = list(named_profiles(model))
    if not named:
        how = "write one with `snitch profile DATA --out FILE` and name it in `training.data[].profile`"
        raise Misuse(f"{model.path} names no profile of its training data; {how}, or give --profile")
    if len(named) > 1:
        paths = ", ".join(each.file.path for each in named)
        raise Misuse(f"{model.path} names several profiles; choose with --profile: {paths}")
    return named[0].profile, named[0].file.path, named[0].data.name


def _rule(policy: Policy, folder: str) -> Any:
    """The rule with the options that it has in the deployed environment, be it on or off."""
    setting = policy.settings(policy.environment(policy.deployed), folder).by_code[_RULE]
    return msgspec.convert(setting.options, setting.rule)


def _drift(training: Profile, current: str, limit: DriftLimit, limits: dict[str, DriftLimit]) -> Drift:
    from snitch.measuring.drifting import drift_in
    from snitch.measuring.tables import Unusable

    if current.endswith(".json"):
        found = profile_at(current)
        columns = [each.name for each in found.features]
        return drift_between(training, found.features, found.data.rows, columns=columns, limit=limit, limits=limits)
    require_table(current)
    with progress("comparing", after=LONG) as tick:
        try:
            return drift_in(current, current, training, limit=limit, limits=limits, progress=tick)
        except Unusable as error:
            raise Undecidable(error.reason, help=error.help) from None
