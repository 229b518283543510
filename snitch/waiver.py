"""A waiver: a reviewed, expiring exception to one rule for one version of one model."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from snitch.finding import Finding, Measured
from snitch.formats.scalars import Name, SemVer, Text
from snitch.numbers import Limit, absolute_limit, decimal

#: Prefixes of the codes that nobody may waive: what Snitch could not judge, the gate itself, code that runs on load.
UNWAIVABLE = ("SNT", "POL", "SAF001")


class Waiver(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry of the policy's `waivers`. `expires` is the last day (UTC) on which it holds."""

    rule: Text
    model: Name
    version: SemVer
    owner: Text
    reason: Text
    expires: date
    limit: Limit | None = None
    fingerprint: Text | None = None

    @property
    def told(self) -> str:
        """What a finding that it excuses says of it."""
        return f"{self.reason} ({self.owner}, until {self.expires})"

    def covers(self, finding: Finding, version: str, today: date) -> bool:
        """Whether it excuses a finding about a model at a version, on a day."""
        named = self.rule in (finding.rule, finding.name) and self.model == finding.model and self.version == version
        if not named or today > self.expires or finding.rule.startswith(UNWAIVABLE):
            return False
        if self.fingerprint is not None and self.fingerprint != finding.fingerprint:
            return False
        return self.limit is None or _is_within(self.limit, finding.measured)


def _is_within(limit: Limit, measured: Measured | None) -> bool:
    """What measured nothing is within no limit, and what has no scale within no percentage."""
    if measured is None or (isinstance(limit, str) and measured.scale is None):
        return False
    value, bound = decimal(measured.value), absolute_limit(limit, measured.scale or 0.0)
    return value <= bound if measured.greater_is_worse else value >= bound
