"""The report as SARIF 2.1.0, for code scanning and for editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ says what each key means, and what GitHub makes of them is told at
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from snitch.report.look import Look
from snitch.report.sarif_rules import descriptor
from snitch.report.strict_json import written
from snitch.report.wording import ahead, counted, fact, in_order, is_whole, state_name, states
from snitch.verdict import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snitch.finding import Finding, Side
    from snitch.verdict import Report

#: GitHub refuses a file with more results in a run, and one that is larger when compressed with gzip, in bytes.
MAX_RESULTS, MAX_SIZE = 25_000, 10_000_000

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT, _DEPLOYED = "%SRCROOT%", "DEPLOYED"
#: The rule that tells of a crash. A run in which one crashed has not done what it should have.
_CRASHED = "SNT002"
_SHOWN = Look()
#: No file system has longer ones.
_LONGEST_PATH = 4096

Json = dict[str, Any]


def render(report: Report, look: Look) -> str:
    """One run of SARIF, of the most important findings as many as GitHub takes.

    What is waived is told with `look.verbose`, as suppressed: GitHub would open an alert for it all the same.
    """
    told = [each for each in in_order(report.findings) if each.waiver is None or look.verbose]
    kept = min(len(told), MAX_RESULTS)
    text = _document(report, told, kept)
    while _is_too_large(text):
        kept //= 2
        text = _document(report, told, kept)
    return text


def _is_too_large(text: str) -> bool:
    if len(text) <= MAX_SIZE:
        return False
    from gzip import compress

    return len(compress(text.encode("ascii"))) > MAX_SIZE


def _document(report: Report, told: list[Finding], kept: int) -> str:
    return written({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, told[:kept], len(told) - kept)]})


def _run(report: Report, told: list[Finding], left_out: int) -> Json:
    named = {_SHOWN.show(each.rule): each for each in reversed(told)}
    rules = sorted(named)
    index = {rule: at for at, rule in enumerate(rules)}
    driver = {
        "name": "Snitch",
        "version": _SHOWN.show(report.snitch),
        "rules": [descriptor(rule, _SHOWN.show(named[rule].name)) for rule in rules],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"snitch/{_SHOWN.show(report.environment)}/"},
        "invocations": [_invocation(report, left_out)],
        "originalUriBaseIds": _bases(report),
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, index, report) for each in told],
        "properties": {
            "verdict": report.verdict,
            "environment": _SHOWN.show(report.environment),
            "now": f"{report.now}",
            **{name: _SHOWN.show(state.commit or state.ref) for name, state in states(report)},
            "summary": report.counts,
        },
    }


def _invocation(report: Report, left_out: int) -> Json:
    """Whether all rules ran to their end: if not, GitHub refuses the file, and closes no alert that they would tell."""
    crashed = [each for each in in_order(report.findings) if each.rule == _CRASHED]
    notifications = [_notification("error", each.message) for each in crashed[:100]]
    if left_out:
        more = f"{counted(left_out, 'finding')} more: a file with all of them would be refused"
        notifications.append(_notification("warning", more))
    return {
        "executionSuccessful": not crashed,
        "exitCode": EXIT_CODES[report.verdict],
        "exitCodeDescription": report.verdict,
        **({"toolExecutionNotifications": notifications} if notifications else {}),
    }


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": _message(text)}


def _bases(report: Report) -> Json:
    """What the paths are relative to: they name files of Git trees, wherever those are checked out."""
    deployed = f", {state_name(report.deployed)}" if report.deployed else ""
    return {
        _ROOT: {"description": _message(f"the candidate, {state_name(report.candidate)}")},
        _DEPLOYED: {"description": _message(f"what is deployed{deployed}")},
    }


def _result(finding: Finding, index: dict[str, int], report: Report) -> Json:
    rule = _SHOWN.show(finding.rule)
    result = {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "level": finding.severity,
        "message": _message(*_told(finding, report)),
        "locations": [_location(finding.path, _ROOT, _region(finding))],
    }
    if finding.deployed is not None:
        result["relatedLocations"] = [_deployed(finding.deployed)]
    if finding.fingerprint:
        result["partialFingerprints"] = {"snitchFingerprint/v1": _SHOWN.show(finding.fingerprint)}
    if finding.waiver is not None:
        accepted = {"kind": "external", "status": "accepted", "justification": _SHOWN.show(finding.waiver)}
        result["suppressions"] = [accepted]
    result["properties"] = {
        "outcome": finding.outcome,
        **({"model": _SHOWN.show(finding.model)} if finding.model else {}),
        **({"pointer": _SHOWN.show(finding.pointer)} if finding.pointer else {}),
    }
    return result


def _told(finding: Finding, report: Report) -> Iterable[str]:
    """What is wrong, in a first line that can stand alone; then what to know and to do."""
    yield fact(finding)
    yield from (f"note: {note}" for note in finding.notes)
    if finding.blocks_next and finding.waiver is None:
        yield f"note: {ahead(report)}"
    if finding.help:
        yield f"help: {finding.help}"


def _message(*lines: str) -> Json:
    return {"text": "\n".join(re.sub(_MARKS, _harmless, _SHOWN.show(line)) for line in lines) or "-"}


#: In a message `{0}` would be filled in and `[here](https://…)` be a link.
_MARKS = r"\{[0-9]+\}|\]\("


def _harmless(match: re.Match[str]) -> str:
    return "] (" if match[0] == "](" else f"{{{match[0]}}}"


def _location(path: str, base: str, region: Json) -> Json:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(path), "uriBaseId": base}, "region": region}}


def _region(place: Finding | Side) -> Json:
    """From 1 on, the end being the column after the last character; a line alone where it is about the whole file."""
    line, column = max(1, place.line), max(1, place.column)
    if is_whole(place):
        return {"startLine": line}
    return {"startLine": line, "startColumn": column, "endLine": line, "endColumn": column + max(1, place.length)}


def _deployed(side: Side) -> Json:
    """The other side, with its source: what it is compared with is in no checkout of the candidate."""
    location = _location(side.path, _DEPLOYED, _region(side))
    if side.excerpt:
        snippet = {"text": _SHOWN.show(side.excerpt)}
        around = {"startLine": max(1, side.line), "startColumn": max(1, side.excerpt_column), "snippet": snippet}
        location["physicalLocation"]["contextRegion"] = around
    label = f" ({side.label})" if side.label else ""
    return {**location, "message": _message(f"{state_name(side)}{label}")}


def _uri(path: str) -> str:
    """The path as a relative reference. Bytes that are not UTF-8 stay what they are."""
    from urllib.parse import quote

    path = path[:_LONGEST_PATH]
    try:
        name = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair, which no file of Git bears
        name = path.encode("utf-8", "backslashreplace")
    uri = quote(name, safe="/")
    return f"%2F{uri[1:]}" if uri.startswith("/") else uri or "."
