"""What a change of the policy comes to, in words: what would become weaker first, then what would become otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from snitch.change import Environment
from snitch.formats.scalars import duration, written_duration
from snitch.metrics import metric
from snitch.policy.policy import Policy
from snitch.policy.settings import RuleSetting, Settings
from snitch.rule import AnyRule
from snitch.sizes import parse_size

#: A policy may be long; nobody reads more than this of what became of it.
MAX_CHANGES = 100
_STRENGTH = {None: 0, "warning": 1, "error": 2}


class Edit(Struct, frozen=True):
    """One thing that becomes otherwise; `weaker` where it is certain that less is asked for."""

    text: str
    weaker: bool


def weaker(before: Policy, after: Policy) -> list[str]:
    """What would change, one thing a line, what is weaker first."""
    return _told([*_whole(before, after), *_environments(before, after), *_rules(before, after)])


def weakened(before: Settings, after: Settings, environment: str) -> list[str]:
    """The same of how the rules stand for one model."""
    return _told(_settings(before, after, environment))


def _told(found: Iterable[Edit]) -> list[str]:
    edits = list(dict.fromkeys(found))
    told = [f"weaker: {each.text}" for each in edits if each.weaker]
    told += [f"changed: {each.text}" for each in edits if not each.weaker]
    left_out = len(told) - MAX_CHANGES
    return told if left_out <= 0 else [*told[:MAX_CHANGES], f"and {left_out} changes more"]


def _whole(before: Policy, after: Policy) -> Iterator[Edit]:
    """What is about no rule."""
    yield from _added("excluded folder", before.exclude, after.exclude)
    yield from _added("waiver", map(_waiver, before.waivers), map(_waiver, after.waivers))
    yield from _added("retired model", (each.model for each in before.retired), (each.model for each in after.retired))
    yield from _added("approver of the gate", before.gate.approvers or (), after.gate.approvers or ())
    paths, paths_after = before.gate.paths, after.gate.paths
    yield from (Edit(f"no longer guarded: {each}", True) for each in paths if each not in paths_after)
    yield from (Edit(f"guarded, too: {each}", False) for each in paths_after if each not in paths)
    if before.deployed != after.deployed:
        yield Edit(f"deployed {before.deployed} -> {after.deployed}", True)
    if before.remote != after.remote:
        yield Edit(f"remote {before.remote} -> {after.remote}", False)


def _waiver(waiver: Any) -> str:
    limit = "" if waiver.limit is None else f" up to {waiver.limit}"
    return f"{waiver.rule} of {waiver.model} {waiver.version}{limit} until {waiver.expires}"


def _added(what: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Edit]:
    """Entries of which more means less is judged."""
    old, new = tuple(before), tuple(after)
    yield from (Edit(f"a new {what}: {each}", True) for each in new if each not in old)
    yield from (Edit(f"{what} removed: {each}", False) for each in old if each not in new)


def _environments(before: Policy, after: Policy) -> Iterator[Edit]:
    now = {each.name: each for each in after.environments}
    for old in before.environments:
        new = now.get(old.name)
        if new is None:
            yield Edit(f"the environment {old.name} is gone", True)
        else:
            yield from _environment(old, new)
    known = {each.name for each in before.environments}
    yield from (Edit(f"a new environment: {name}", False) for name in now if name not in known)


def _environment(old: Environment, new: Environment) -> Iterator[Edit]:
    name = old.name
    for branch in old.branches:
        if branch not in new.branches:
            yield Edit(f"{name} is no longer the environment of {branch}", True)
    if old.promotes_from != new.promotes_from:
        yield Edit(f"{name} promotes_from {old.promotes_from or '-'} -> {new.promotes_from or '-'}", True)
    if old.soak != new.soak:
        is_weaker = old.soak is not None and (new.soak is None or new.soak < old.soak)
        was, will = (written_duration(soak) if soak else "none" for soak in (old.soak, new.soak))
        yield Edit(f"{name} soak {was} -> {will}", is_weaker)
    if old.approvals != new.approvals:
        yield Edit(f"{name} approvals {old.approvals} -> {new.approvals}", new.approvals < old.approvals)
    if old.verify != new.verify:
        yield Edit(f"{name} verify {_text(old.verify)} -> {_text(new.verify)}", old.verify)
    if old.lowest != new.lowest:
        yield Edit(f"{name} is {'now' if new.lowest else 'no longer'} the lowest environment", new.lowest)


def _rules(before: Policy, after: Policy) -> Iterator[Edit]:
    """Rules as they stand in each environment: in general, and for the models that overrides name."""
    for old in before.environments:
        new = next((each for each in after.environments if each.name == old.name), None)
        if new is not None:
            yield from _settings(before.settings(old, None), after.settings(new, None), old.name)
    old_overrides, new_overrides = _overrides(before), _overrides(after)
    yield from (Edit(f"override removed: {each}", True) for each in old_overrides if each not in new_overrides)
    yield from (Edit(f"a new override: {each}", True) for each in new_overrides if each not in old_overrides)


def _overrides(policy: Policy) -> list[str]:
    """Those for some models; those for environments show in what the rules come to there."""
    every = [override for layer in policy.layers for override in layer.content.overrides]
    return [
        f"{_text(override.rules)} for {', '.join(override.models)}"
        f"{' in ' + ', '.join(override.environments) if override.environments else ''}"
        for override in every
        if override.models is not None
    ]


def _settings(before: Settings, after: Settings, environment: str) -> Iterator[Edit]:
    for code, old in before.by_code.items():
        new = after.by_code[code]
        name = f"{code} {old.rule.name} in {environment}"
        if old.severity != new.severity:
            is_weaker = _STRENGTH[new.severity] < _STRENGTH[old.severity]
            yield Edit(f"{name}: {old.severity or 'off'} -> {new.severity or 'off'}", is_weaker)
        yield from (Edit(f"{code} {old.rule.name}: {each.text}", each.weaker) for each in _options(old, new))


def _options(old: RuleSetting, new: RuleSetting) -> Iterator[Edit]:
    before, after = dict(_leaves(old.options)), dict(_leaves(new.options))
    defaults = dict(zip(old.rule.__struct_fields__, old.rule.__struct_defaults__, strict=False))
    for path in dict.fromkeys([*before, *after]):
        # An option of one metric that is not given is the rule's own of that name.
        was, will = (each.get(path, each.get(path[-1:], defaults.get(path[-1]))) for each in (before, after))
        if was != will:
            text = f"{' '.join(path)} {_text(was)} -> {_text(will)}"
            yield Edit(text, _loosens(_direction(old.rule, path), was, will))


def _direction(rule: type[AnyRule], path: tuple[str, ...]) -> str | tuple[str, ...] | None:
    """Whether more or less of an option asks for less, or its words in order; None where nobody can tell."""
    told = rule.loosened_by.get(path[-1]) or rule.loosened_by.get(path[0])
    if told != "worse":
        return told
    known = metric(path[-1])
    return None if known is None else "less" if known.greater_is_better else "more"


def _leaves(options: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every option by its path, mappings taken apart."""
    for key, value in options.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _loosens(direction: str | tuple[str, ...] | None, was: Any, will: Any) -> bool:
    """Whether an option asks for less than it did. What cannot be compared is not called weaker."""
    if direction is None:
        return False
    if isinstance(direction, tuple):
        return was in direction and will in direction and direction.index(will) > direction.index(was)
    old, new = _size_of(was), _size_of(will)
    if old is None or new is None or str(was).endswith("%") != str(will).endswith("%"):
        return will is None
    return new > old if direction == "more" else new < old


def _size_of(value: Any) -> float | None:
    """A number, a share, a duration (seconds), a size (bytes) or a list's length; None for what is none of them."""
    if isinstance(value, (list, tuple)):
        return len(value)
    if isinstance(value, (int, float)):
        return float(value)
    if not isinstance(value, str):
        return None
    for reading in (_share, lambda text: duration(text).total_seconds(), parse_size):
        try:
            return float(reading(value))
        except (ValueError, KeyError, IndexError, OverflowError):
            continue
    return float(bool(value))


def _share(text: str) -> float:
    if not text.endswith("%"):
        raise ValueError(text)
    return float(text[:-1])


def _text(value: Any) -> str:
    return "none" if value is None or isinstance(value, type) or callable(value) else json.dumps(value, default=str)
