"""`snitch.yaml`: the policy as it is written. Rules' options stay raw here; each rule validates its own."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from snitch.formats.scalars import Count, Duration, Name, Text
from snitch.waiver import Waiver

EVERY_RULE = "*"


class EnvironmentSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """An environment: the branches that stand for it, and what a promotion into it takes."""

    branches: Annotated[tuple[Text, ...], Meta(min_length=1)]
    promotes_from: str | None = None
    soak: Duration | None = None
    approvals: Count = 0
    verify: bool = False


class GateSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may approve a change of the gate itself, and what else is part of it: files, and folders ending in `/`."""

    approvers: tuple[Text, ...] | None = None
    paths: tuple[Text, ...] = ()


class Override(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules for some environments or models; every selector that is given must match."""

    rules: dict[str, Any]
    environments: Annotated[tuple[Text, ...], Meta(min_length=1)] | None = None
    models: Annotated[tuple[Text, ...], Meta(min_length=1)] | None = None


class Retirement(Struct, frozen=True, forbid_unknown_fields=True):
    """A deployed model that may vanish."""

    model: Name
    reason: Text
    owner: Text


class PolicyFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`snitch.yaml`, or a file that it extends."""

    required_version: Text | None = None
    extends: Text | tuple[Text, ...] | None = None
    remote: Text | None = None
    exclude: tuple[Text, ...] | None = None
    environments: Annotated[dict[str, EnvironmentSettings], Meta(min_length=1)] | None = None
    deployed: Text | None = None
    gate: GateSettings | None = None
    rules: dict[str, Any] = {}
    overrides: tuple[Override, ...] = ()
    retired: tuple[Retirement, ...] | None = None
    waivers: tuple[Waiver, ...] | None = None
