"""How the runners of GitHub and of Azure read what a step prints: which lines they take for commands."""

from __future__ import annotations

from typing import NamedTuple

#: What GitHub's runner knows; any other name is no command to it.
KNOWN = {
    *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path"),
    *("notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"),
}


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def commands(text: str) -> list[Command]:
    """The commands in what is printed, line by line; every way to end a line counts."""
    found = [github_command(line) or old_command(line) or azure_command(line) for line in text.splitlines()]
    return [command for command in found if command is not None]


def github_command(line: str) -> Command | None:
    """`::name key=value,key=value::data`, at a line's start once blanks are taken off."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, written = line[2:end].partition(" ")
    if name.lower() not in KNOWN:
        return None
    pairs = [each.split("=", 1) for each in written.strip().split(",") if each]
    properties = {pair[0]: _unescaped(pair[1], "%0D\r %0A\n %3A: %2C,") for pair in pairs if len(pair) == 2 and pair[1]}
    return Command(name, properties, _unescaped(line[end + 2 :], "%0D\r %0A\n"))


def old_command(line: str) -> Command | None:
    """`##[name key=value;key=value]data`, anywhere in a line."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, _ = line[start + 3 : end].partition(" ")
    return Command(name, {}, line[end + 1 :]) if name.lower() in KNOWN else None


def azure_command(line: str) -> Command | None:
    """`##vso[area.event key=value;]data`, anywhere in a line."""
    start = line.lower().find("##vso[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, _ = line[start + 6 : end].partition(" ")
    return Command(name, {}, line[end + 1 :]) if "." in name else None


def _unescaped(text: str, escapes: str) -> str:
    for escape in escapes.split(" "):
        text = text.replace(escape[:3], escape[3:])
    return text.replace("%25", "%")
