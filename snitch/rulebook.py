"""The rulebook: every installed rule, found through the entry-point group `snitch.rules`, ours like anybody's."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.rule import AnyRule, RepositoryRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

GROUP = "snitch.rules"


class BrokenRulebook(Exception):
    """An installed package of rules cannot be used: nothing can be judged until it is mended or removed."""


class Rulebook(Struct, frozen=True):
    """The installed rules by code, in the order of their codes; `packages` are their packages' entry points."""

    rules: dict[str, type[AnyRule]]
    packages: tuple[str, ...]

    def find(self, name_or_code: str) -> type[AnyRule] | None:
        """The rule of a code or a name."""
        if name_or_code in self.rules:
            return self.rules[name_or_code]
        return next((rule for rule in self.rules.values() if rule.name == name_or_code), None)

    def find_in_any_case(self, name_or_code: str) -> type[AnyRule] | None:
        """The same as a person types it: `reg001` is REG001."""
        return self.find(name_or_code) or self.find(name_or_code.upper()) or self.find(name_or_code.lower())

    def unknown(self, word: str) -> str:
        """What to tell somebody who named a rule that there is not."""
        from snitch.documents.decoding import suggest

        near = suggest(word, self.words) or suggest(word.upper(), self.words) or suggest(word.lower(), self.words)
        return f"there is no rule `{word}`; {near or '`snitch rules` lists them'}"

    def family(self, word: str) -> list[str]:
        """The codes that a word stands for, in any case: a rule's own, a family's (`SAF`), or every one's (`ALL`)."""
        if word.upper() == "ALL":
            return list(self.rules)
        rule = self.find_in_any_case(word)
        if rule is not None:
            return [rule.code]
        return [code for code in self.rules if word.isalpha() and code.rstrip("0123456789") == word.upper()]

    @property
    def words(self) -> list[str]:
        """All names and codes, for suggestions."""
        return [word for rule in self.rules.values() for word in (rule.name, rule.code)]


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """All installed rules.

    Raises:
        BrokenRulebook: a package of rules does not import, two rules share a code or a name, or there are none.
    """
    rules: dict[str, type[AnyRule]] = {}
    names: dict[str, str] = {}
    packages = tuple(sorted(set(_entry_points())))
    for module_name in packages:
        for rule in _rules_of(module_name):
            if rules.get(rule.code, rule) is not rule or names.get(rule.name, rule.code) != rule.code:
                clash = f"two installed rules are called {rule.code} {rule.name}"
                raise BrokenRulebook(f"{clash}; uninstall one of the packages")
            rules[rule.code] = rule
            names[rule.name] = rule.code
    if not rules:
        raise BrokenRulebook("no rules are installed; reinstall model-snitch")
    return Rulebook(dict(sorted(rules.items())), packages)


def _rules_of(module_name: str) -> Iterator[type[AnyRule]]:
    try:
        for module in _modules(module_name):
            for value in list(vars(module).values()):
                if _is_rule(value) and value.__module__ == module.__name__:
                    yield value
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise BrokenRulebook(f"the rules of `{module_name}` cannot be imported: {cause}") from error


def _is_rule(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, (Rule, RepositoryRule)) and bool(value.code)


def _modules(name: str) -> Iterator[ModuleType]:
    """A module, or a package and the modules directly in it."""
    from importlib import import_module

    root = import_module(name)
    yield root
    for folder in getattr(root, "__path__", ()):
        for file in sorted(os.listdir(folder)):
            stem, extension = os.path.splitext(file)
            if extension == ".py" and stem.isidentifier() and stem != "__init__":
                yield import_module(f"{name}.{stem}")


def _entry_points() -> Iterator[str]:
    """The modules that installed distributions offer as `snitch.rules`.

    Reads the files that `importlib.metadata` reads; importing that costs a hook four times what the reading does.
    """
    for folder in sys.path:
        try:
            entries = os.listdir(folder or ".")
        except OSError:
            continue
        for entry in entries:
            if entry.endswith((".dist-info", ".egg-info")):
                yield from _offered(os.path.join(folder, entry, "entry_points.txt"))


def _offered(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return
    section = ""
    for line in text.splitlines() if f"[{GROUP}]" in text.replace(" ", "") else ():
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped.strip("[] ")
        elif section == GROUP and "=" in stripped:
            yield stripped.split("=", 1)[1].strip().split("[")[0].strip()
