"""How a script of a CI loses the exit code of `snitch gate`, so that a blocked merge looks green."""

from __future__ import annotations

import re

_GATE = re.compile(r"(?:^|(?<=[\s;&|(/\"'`]))snitch[\"']?(?:\s+-\S+)*\s+gate\b(?![-/.])")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_REDIRECTION = re.compile(r"\d*>&\d*|&>>?|<<<|\d*>>?\s*\S+")
_OPERATOR = re.compile(r"\|\||&&|\|&?|;|&")
_OPENS, _CLOSES = re.compile(r"^\s*(?:if|while|until|case)\b"), re.compile(r"\b(?:fi|done|esac)\b")
_LONGEST = 65_536


def runs_gate(script: str) -> bool:
    """Whether a script runs `snitch gate`."""
    return any(_gate(line) for line in _lines(script))


def _gate(line: str) -> re.Match[str] | None:
    """Where a line runs the gate: not where it only speaks of it, within quotes that no shell is handed."""
    for found in _GATE.finditer(line):
        before = re.sub(r"\\.", "", line[: found.start()])
        speech = _QUOTED.sub("", before)
        quote = re.search(r"[\"'][^\"']*$", speech)
        is_word = quote is not None and quote[0] == speech[-1:] and re.match(r"snitch[\"']\s", found[0])
        if quote is None or is_word or "$(" in quote[0] or re.search(r"\s-\w*c\s+$", speech[: quote.start()]):
            return found
        if re.fullmatch(r"[\"'][^\s\"']*/", quote[0]) and re.match(r"snitch[\"']", found[0]):
            return found
    return None


def loses_exit_code(script: str, *, errexit: bool, pipefail: bool) -> str | None:
    """Why the script may succeed where the gate did not, in words; None where it does not.

    `errexit` and `pipefail` say how the CI starts its shell. This reads a script as people write them; it is no shell.
    """
    lines = _lines(script)
    depth = 0
    for number, line in enumerate(lines):
        if re.match(r"\s*set\s+\+\w*e", line):
            errexit = False
        elif re.match(r"\s*set\s+-\w*e", line):
            errexit = True
        pipefail = pipefail or bool(re.match(r"\s*set\s.*\bpipefail\b", line))
        found = _gate(line)
        if found is not None:
            reason = _before(line[: found.start()], depth) or _after(
                line[found.end() :], lines[number + 1 :], errexit=errexit, pipefail=pipefail
            )
            if reason is not None:
                return reason
        depth += len(_OPENS.findall(line)) - len(_CLOSES.findall(line))
    return None


def _lines(script: str) -> list[str]:
    """The commands of a script: continued lines joined, comments and empty lines left out."""
    joined = re.sub(r"\\\n\s*", " ", script[:_LONGEST])
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _before(text: str, depth: int) -> str | None:
    """What stands before the gate on its line."""
    bare = _QUOTED.sub("", text)
    if depth > 0 or re.match(r"\s*(?:if|while|until)\b", bare):
        return "it runs under a condition"
    if re.search(r"(?:^|[\s;(])!\s", bare):
        return "`!` turns its exit code round"
    if "||" in bare or "&&" in bare:
        return "it runs only if another command ends the right way"
    assigned = re.match(r"\s*\w+=\"?\$\(\s*$", text)
    if ("$(" in text or "`" in text) and not assigned:
        return "within another command its exit code counts for nothing"
    return None


def _after(text: str, later: list[str], *, errexit: bool, pipefail: bool) -> str | None:
    """What stands after the gate's own words: on its line, and on those that follow."""
    bare = _REDIRECTION.sub(" ", _QUOTED.sub("", text))
    found = _OPERATOR.search(bare)
    operator, rest = (found[0], bare[found.end() :]) if found else ("", "")
    if operator == "||":
        return _alternative(rest, later)
    if operator in ("|", "|&") and not pipefail:
        return "of a pipe only the last command's exit code counts (`set -o pipefail` mends that)"
    if operator == "&":
        return "`&` leaves it behind in the background"
    if operator == "&&" and (later or ";" in rest):
        return "where it fails, `&&` only skips what follows on its line"
    if not errexit and (later or (operator == ";" and rest.strip())):
        return "the script goes on after it fails (`set -e` mends that)"
    return None


def _alternative(rest: str, later: list[str]) -> str | None:
    """What `||` leads to: an exit, or a variable that is exited with further down, keeps the code."""
    if re.search(r"\b(?:exit|return)\s+(?:[1-9]|\$)|\bfalse\b", rest):
        return None
    kept = re.match(r"\s*(\w+)=\$\?", rest)
    if kept and any(re.search(rf"\bexit\s+\"?\${{?{kept[1]}\b", line) for line in later):
        return None
    return "`||` makes its failure a success"
