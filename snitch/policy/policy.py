"""The policy in force: its layers merged, its rules resolved for an environment and a model."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import msgspec

from snitch.change import Environment
from snitch.documents.problems import join_pointer
from snitch.engine import ActiveRule
from snitch.formats.scalars import duration
from snitch.policy.configuration import EnvironmentSettings, GateSettings, Retirement
from snitch.policy.layers import Layer
from snitch.policy.settings import RuleSetting, Settings
from snitch.repository import matches
from snitch.repository_change import PlacedOptions, PlacedWaiver
from snitch.rulebook import Rulebook
from snitch.source import File, Source
from snitch.waiver import Waiver

_DEFAULT_ENVIRONMENTS = {
    "development": EnvironmentSettings(branches=("*",)),
    "production": EnvironmentSettings(branches=("main",)),
}


class Policy:
    """A policy in force. Made by `read_policy`, which refuses one that means nothing."""

    def __init__(self, layers: tuple[Layer, ...], book: Rulebook, source: Source) -> None:
        self.layers = layers
        self.book = book
        #: The snapshot that the policy was read from, and in which the files it names are.
        self.source = source
        self._settings: dict[tuple[str, tuple[int, ...]], Settings] = {}

    @property
    def path(self) -> str:
        """Where people find it: `snitch.yaml`, or the preset that stands in for it."""
        return self.layers[-1].document.path

    def _last(self, field: str) -> Any:
        values = (getattr(layer.content, field) for layer in reversed(self.layers))
        return next((value for value in values if value is not None), None)

    @property
    def remote(self) -> str:
        return self._last("remote") or "origin"

    @property
    def exclude(self) -> tuple[str, ...]:
        return self._last("exclude") or ()

    @property
    def gate(self) -> GateSettings:
        return self._last("gate") or GateSettings()

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        return self._last("waivers") or ()

    @property
    def placed_waivers(self) -> tuple[PlacedWaiver, ...]:
        """The waivers, each with the place it is written at."""
        layer = next((each for each in reversed(self.layers) if each.content.waivers is not None), None)
        if layer is None:
            return ()
        file = File(self.source, layer.document.path)
        return tuple(PlacedWaiver(w, file, f"/waivers/{index}") for index, w in enumerate(layer.content.waivers or ()))

    @property
    def paths(self) -> frozenset[str]:
        """The files of the repository that the policy is made of."""
        return frozenset(path for layer in self.layers if ":" not in (path := layer.document.path))

    @cached_property
    def named_paths(self) -> frozenset[str]:
        """What the options of rules may name as files: a schema, constraints."""
        blocks = [layer.content.rules for layer in self.layers]
        blocks += [override.rules for _, override in self._overrides]
        return frozenset(posixpath.normpath(text) for text in texts_in(blocks))

    @property
    def placed_options(self) -> Iterator[PlacedOptions]:
        """The options that its files give to rules."""
        positions = _positions(self.layers)
        blocks = [(layer, "/rules", layer.content.rules) for layer in self.layers]
        for (layer, override), position in zip(self._overrides, positions, strict=True):
            blocks.append((layer, f"/overrides/{position}/rules", override.rules))
        for layer, pointer, rules in blocks:
            for name, value in rules.items():
                rule = self.book.find(name)
                if rule is not None and isinstance(value, dict) and layer.document.path in self.paths:
                    options = {key: option for key, option in value.items() if key != "severity"}
                    file = File(self.source, layer.document.path)
                    asked = msgspec.convert(options, rule)
                    place = pointer + join_pointer(name)
                    yield PlacedOptions(f"{rule.code} {rule.name}", asked.faults, file, place)

    @property
    def retired(self) -> tuple[Retirement, ...]:
        return self._last("retired") or ()

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """The environments, lowest first."""
        stated = self._last("environments") or _DEFAULT_ENVIRONMENTS
        return tuple(
            Environment(
                name=name,
                branches=settings.branches,
                lowest=index == 0,
                promotes_from=settings.promotes_from,
                soak=duration(settings.soak) if settings.soak else None,
                approvals=settings.approvals,
                verify=settings.verify,
            )
            for index, (name, settings) in enumerate(stated.items())
        )

    @property
    def deployed(self) -> str:
        """The environment that candidates are compared with: the highest, where none is named."""
        return self._last("deployed") or self.environments[-1].name

    @property
    def deployed_branch(self) -> str:
        """The one literal branch of the deployed environment."""
        return self.environment(self.deployed).branches[0]

    def environment(self, name: str) -> Environment:
        """The environment of a name.

        Raises:
            KeyError: there is none.
        """
        return {environment.name: environment for environment in self.environments}[name]

    def sources(self, environment: Environment) -> tuple[str, ...]:
        """The branches that a promotion into an environment comes from; patterns are none."""
        if environment.promotes_from is None:
            return ()
        branches = self.environment(environment.promotes_from).branches
        return tuple(branch for branch in branches if not is_pattern(branch))

    def above(self, environment: Environment) -> Environment:
        """The next higher environment; itself where there is none."""
        index = self.environments.index(environment)
        return self.environments[min(index + 1, len(self.environments) - 1)]

    def environment_of(self, branch: str) -> Environment | None:
        """The environment of a branch: a literal name beats a pattern, then the highest environment wins."""
        for environment in reversed(self.environments):
            if branch in environment.branches:
                return environment
        for environment in reversed(self.environments):
            if any(fnmatchcase(branch, pattern) for pattern in environment.branches):
                return environment
        return None

    def is_decisive(self, code: str, environment: Environment, folder: str) -> bool:
        """Whether what a rule finds of a folder's model in an environment is all that counts: in the deployed one, or
        where it finds the same in every other.
        """
        if environment.name == self.deployed:
            return True
        here = self.settings(environment, folder).by_code[code]
        others = (self.settings(other, folder).by_code[code] for other in self.environments)
        return all(
            other.severity is None or (here.severity is not None and here.options == other.options) for other in others
        )

    def settings(self, environment: Environment, folder: str | None) -> Settings:
        """How each rule stands in an environment for the model of a folder, or (None) for the repository."""
        matching = tuple(
            index
            for index, (_, override) in enumerate(self._overrides)
            if (override.environments is None or environment.name in override.environments)
            and (override.models is None or (folder is not None and matches(folder, override.models)))
        )
        key = (environment.name, matching)
        if key not in self._settings:
            self._settings[key] = self._resolve(environment, matching)
        return self._settings[key]

    def rules(self, environment: Environment, folder: str | None) -> tuple[ActiveRule, ...]:
        """The rules that are on, each with its options."""
        return self.settings(environment, folder).active

    @cached_property
    def _overrides(self) -> list[tuple[Layer, Any]]:
        return [(layer, override) for layer in self.layers for override in layer.content.overrides]

    def _resolve(self, environment: Environment, matching: tuple[int, ...]) -> Settings:
        settings = Settings(
            {code: RuleSetting.initial(rule, environment.lowest) for code, rule in self.book.rules.items()}
        )
        for layer in self.layers:
            settings.apply(layer, "/rules", layer.content.rules, self.book)
        positions = _positions(self.layers)
        for index in matching:
            layer, override = self._overrides[index]
            settings.apply(layer, f"/overrides/{positions[index]}/rules", override.rules, self.book)
        return settings


def is_pattern(branch: str) -> bool:
    """Whether a branch is a pattern rather than a literal name."""
    return any(sign in branch for sign in "*?[")


def texts_in(value: Any) -> Iterator[str]:
    """Every text in options, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from texts_in(each)


def _positions(layers: tuple[Layer, ...]) -> list[int]:
    return [position for layer in layers for position in range(len(layer.content.overrides))]
