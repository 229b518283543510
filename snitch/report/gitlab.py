"""The report as GitLab's Code Quality: what merge requests show beside the lines that a finding is about."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from snitch.report.look import Look
from snitch.report.strict_json import written
from snitch.report.wording import ahead, fact, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.finding import Finding
    from snitch.verdict import Report

#: What others wrote is shown as everywhere; the document is ASCII in any case.
_SHOWN = Look()


def render(report: Report, look: Look) -> str:
    """A JSON list of the findings that no waiver excuses, most important first."""
    live = [finding for finding in in_order(report.findings) if finding.waiver is None]
    fingerprints = _fingerprints(live)
    return written([_degradation(each, own, report) for each, own in zip(live, fingerprints, strict=True)])


def _degradation(finding: Finding, fingerprint: str, report: Report) -> dict[str, Any]:
    more = f"; {ahead(report)}" if finding.blocks_next else ""
    return {
        "description": _SHOWN.show(f"{fact(finding)}{more}"),
        "check_name": _SHOWN.show(f"{finding.rule} {finding.name}"),
        "fingerprint": fingerprint,
        "severity": _severity(finding),
        "location": {"path": _SHOWN.show(finding.path) or ".", "lines": {"begin": max(1, finding.line)}},
    }


def _severity(finding: Finding) -> str:
    """What keeps the request from merging is a blocker; what could not be decided is critical, since nobody knows."""
    if finding.severity == "error":
        return "blocker" if finding.outcome == "fail" else "critical"
    return "major" if finding.blocks_next else "minor"


def _fingerprints(findings: list[Finding]) -> Iterator[str]:
    """The finding's own, or where one before it has the same, another: of equal ones GitLab shows only the first."""
    told: set[str] = set()
    times: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        place = (finding.fingerprint, finding.rule, finding.model or "", finding.path, finding.pointer, finding.message)
        own = finding.fingerprint if _is_digest(finding.fingerprint) else _digest(*place)
        yield own if own not in told else _digest(*place, str(times[place]))
        told.add(own)
        times[place] += 1


def _is_digest(text: str) -> bool:
    return len(text) == 16 and set(text) <= set("0123456789abcdef")


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
