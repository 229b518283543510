"""What a policy must mean: rules that exist, options they know, environments that can be, waivers that may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from snitch import __version__
from snitch.documents import Problem
from snitch.documents.problems import join_pointer
from snitch.policy.configuration import EVERY_RULE, Override
from snitch.policy.layers import Layer
from snitch.policy.policy import Policy, is_pattern
from snitch.policy.settings import OFF
from snitch.repository import Repository, matches
from snitch.rule import SEVERITIES, AnyRule
from snitch.waiver import UNWAIVABLE

#: Codes of what Snitch could not judge; a policy cannot silence them.
ALWAYS_ON = ("SNT001", "SNT002", "SNT003")

Problems = Iterator[tuple[str, Problem]]


def check_policy(policy: Policy, repository: Repository | None = None) -> Problems:
    """Everything wrong with a policy whose files have the right shape, and with what it names in a repository."""
    for layer in policy.layers:
        yield from _check_version(layer)
        yield from _check_rules(policy, layer, "/rules", layer.content.rules, repository)
        for index, override in enumerate(layer.content.overrides):
            yield from _check_override(policy, layer, f"/overrides/{index}", override, repository)
        yield from _check_waivers(policy, layer)
    yield from _check_environments(policy)


def _check_version(layer: Layer) -> Problems:
    required = layer.content.required_version
    if required is None:
        return
    try:
        satisfied = _satisfies(__version__, required)
    except ValueError:
        yield layer.problem("/required_version", f"`{required}` is not a version specifier", 'such as ">=0.1"')
        return
    if not satisfied:
        help_text = f'install one: `pip install "model-snitch{required}"`'
        yield layer.problem("/required_version", f"Snitch {required} is required; this is {__version__}", help_text)


def _satisfies(version: str, required: str) -> bool:
    """Whether a version satisfies a PEP 440 specifier; a plain `>=` is decided without importing packaging."""
    plain = re.fullmatch(r">=\s*(\d{1,9}(?:\.\d{1,9}){0,2})", required.strip())
    if plain and re.fullmatch(r"\d+(\.\d+)*", version):
        wanted, have = ([*map(int, text.split(".")), 0, 0][:3] for text in (plain[1], version))
        return have >= wanted
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(required).contains(version, prereleases=True)


def _check_rules(
    policy: Policy, layer: Layer, pointer: str, rules: dict[str, Any], repository: Repository | None
) -> Problems:
    from snitch.documents.decoding import suggest

    seen: dict[str, str] = {}
    for name, value in rules.items():
        place = pointer + join_pointer(name)
        if name == EVERY_RULE:
            if not isinstance(value, dict) or set(value) != {"severity"} or value["severity"] not in SEVERITIES:
                yield layer.problem(place, '"*" takes a severity and nothing else', "write {severity: error}")
            continue
        rule = policy.book.find(name)
        if rule is None:
            yield layer.problem(place, f"there is no rule `{name}`", suggest(name, policy.book.words), key=True)
            continue
        if rule.code in seen:
            message = f"{rule.code} is set twice here, as `{seen[rule.code]}` and as `{name}`"
            yield layer.problem(place, message, "keep one of them", key=True)
        seen[rule.code] = name
        yield from _check_setting(layer, place, rule, value, repository)


def _check_setting(
    layer: Layer, place: str, rule: type[AnyRule], value: Any, repository: Repository | None
) -> Problems:
    severity = value.get("severity") if isinstance(value, dict) else value
    if not isinstance(value, dict) and value not in (OFF, *SEVERITIES):
        yield layer.problem(place, f"{rule.name} takes `off`, a severity ({', '.join(SEVERITIES)}), or its options")
        return
    if severity is not None and severity not in (OFF, *SEVERITIES):
        yield layer.problem(f"{place}/severity", f"a severity is {', '.join(SEVERITIES)} or off, not `{severity}`")
    if rule.code in ALWAYS_ON and severity is not None and severity != "error":
        yield layer.problem(place, f"{rule.code} {rule.name} can't be turned off: it tells what could not be judged")
    if isinstance(value, dict):
        options = {key: option for key, option in value.items() if key != "severity"}
        yield from _check_options(layer, place, rule, options, repository)


def _check_options(
    layer: Layer, place: str, rule: type[AnyRule], options: dict[str, Any], repository: Repository | None
) -> Problems:
    from snitch.documents.decoding import json_schema, validate

    try:
        asked = msgspec.convert(options, rule)
    except msgspec.ValidationError as error:
        problems = validate(layer.document, options, json_schema(rule), pointer=place)
        yield from ((layer.document.path, problem) for problem in problems)
        if not problems:
            yield layer.problem(place, f"{rule.name}: {error}")
        return
    for each in asked.misnamed(repository) if repository is not None else ():
        yield layer.problem(place + each.pointer, each.message, each.help, key=each.is_key)


def _check_override(
    policy: Policy, layer: Layer, pointer: str, override: Override, repository: Repository | None
) -> Problems:
    from snitch.documents.decoding import suggest

    yield from _check_rules(policy, layer, f"{pointer}/rules", override.rules, repository)
    names = [environment.name for environment in policy.environments]
    for index, name in enumerate(override.environments or ()):
        if name not in names:
            place = f"{pointer}/environments/{index}"
            yield layer.problem(place, f"there is no environment `{name}`", suggest(name, names))
    folders = () if repository is None else repository.model_folders
    for index, pattern in enumerate(override.models or ()):
        if repository is not None and not any(matches(folder, [pattern]) for folder in folders):
            place = f"{pointer}/models/{index}"
            yield layer.problem(place, f"no model's folder matches `{pattern}`", suggest(pattern, folders))


def _check_waivers(policy: Policy, layer: Layer) -> Problems:
    from snitch.documents.decoding import suggest

    for index, waiver in enumerate(layer.content.waivers or ()):
        place = f"/waivers/{index}/rule"
        rule = policy.book.find(waiver.rule)
        if rule is None:
            yield layer.problem(place, f"there is no rule `{waiver.rule}`", suggest(waiver.rule, policy.book.words))
        elif rule.code.startswith(UNWAIVABLE):
            yield layer.problem(place, f"{rule.code} {rule.name} can't be waived", "mend what it tells instead")


def _check_environments(policy: Policy) -> Problems:
    layer = next((each for each in reversed(policy.layers) if each.content.environments is not None), policy.layers[-1])
    names = [environment.name for environment in policy.environments]
    if policy.deployed not in names:
        stated = next(each for each in reversed(policy.layers) if each.content.deployed is not None)
        yield stated.problem("/deployed", f"there is no environment `{policy.deployed}`", f"known: {', '.join(names)}")
    else:
        branches = policy.environment(policy.deployed).branches
        if len(branches) != 1 or is_pattern(branches[0]):
            place = f"/environments/{policy.deployed}/branches"
            message = f"the deployed environment `{policy.deployed}` needs one literal branch"
            yield layer.problem(place, message, "such as [main]")
    for index, environment in enumerate(policy.environments):
        below = environment.promotes_from
        if below is not None and below not in names[:index]:
            place = f"/environments/{environment.name}/promotes_from"
            yield layer.problem(place, f"`{below}` is no environment below `{environment.name}`", "lowest come first")
