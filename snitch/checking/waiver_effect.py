"""What a waiver would excuse of the work tree, told before it is reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from snitch.checking.commits import Asked
from snitch.checking.run import Options, check
from snitch.finding import Finding
from snitch.git.command import Git
from snitch.policy.policy import Policy
from snitch.rulebook import rulebook
from snitch.verdict import Report
from snitch.waiver import Waiver


def waiting(report: Report, rule: str, model: str | None) -> int:
    """How many rules were skipped because this one tells why: once it is waived, nobody can judge what they would."""
    told = f", which {rule} tells"
    return len({each.rule for each in report.skipped if each.model == model and each.reason.endswith(told)})


def left_undecided(git: Git, policy: Policy, waiver: Waiver, folders: Sequence[str], today: date) -> int:
    """How many rules nobody could judge any more in the deployed environment, were the waiver heeded today."""
    report = check(git, Asked(environment=policy.deployed), Options(paths=tuple(folders), today=today))
    found = (finding for finding in report.findings if waiver.covers(finding, waiver.version, today))
    return max((waiting(report, finding.rule, finding.model) for finding in found), default=0)


def why_idle(git: Git, policy: Policy, waiver: Waiver, folders: Sequence[str], today: date) -> str:
    """Why the waiver excuses nothing that is found today in the work tree's models of these folders.

    Empty where it excuses something, in whichever environment, and where only the gate could tell.
    """
    rule = rulebook().find(waiver.rule)
    if rule is None or rule.stage != "check":
        return ""
    found = False
    for finding, version in _findings(git, policy, waiver, folders, today):
        if waiver.covers(finding, version, today):
            return ""
        found = found or (finding.rule == rule.code and finding.model == waiver.model and version == waiver.version)
    subject = f"{waiver.model} {waiver.version}"
    if found:
        terms = " and ".join(name for name in ("limit", "fingerprint") if getattr(waiver, name) is not None)
        return f"what {rule.name} finds in {subject} today is not within its {terms}"
    return f"{rule.name} finds nothing in {subject} as it is here today"


def _findings(
    git: Git, policy: Policy, waiver: Waiver, folders: Sequence[str], today: date
) -> Iterator[tuple[Finding, str]]:
    """What the rule finds in each environment, the highest first, with the version that it is about."""
    options = Options(paths=tuple(folders), select=(waiver.rule,), today=today)
    for environment in reversed(policy.environments):
        report = check(git, Asked(environment=environment.name), options)
        versions = {judged.name: judged.version for judged in report.models}
        for finding in report.findings:
            yield finding, finding.version or versions.get(finding.model or "", "")
