"""Snitch tells on models that do not follow the rules.

This is the vocabulary of a rule's author; each name is imported when it is asked for, so that the hook starts at once.
"""

from __future__ import annotations

__version__ = "0.1.0"

_HOMES = {
    "Rule": "snitch.rule",
    "RepositoryRule": "snitch.rule",
    "Finding": "snitch.finding",
    "Comparison": "snitch.finding",
    "Due": "snitch.finding",
    "Note": "snitch.finding",
    "Observation": "snitch.finding",
    "Skip": "snitch.finding",
    "Undecidable": "snitch.finding",
    "Change": "snitch.change",
    "RepositoryChange": "snitch.repository_change",
    "Model": "snitch.model",
}

TYPE_CHECKING = False  # as typing has it, whose import would cost the hook more than everything before it
if TYPE_CHECKING:
    from snitch.change import Change
    from snitch.finding import Comparison, Due, Finding, Note, Observation, Skip, Undecidable
    from snitch.model import Model
    from snitch.repository_change import RepositoryChange
    from snitch.rule import RepositoryRule, Rule

__all__ = [
    "Change",
    "Comparison",
    "Due",
    "Finding",
    "Model",
    "Note",
    "Observation",
    "RepositoryChange",
    "RepositoryRule",
    "Rule",
    "Skip",
    "Undecidable",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'snitch' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
