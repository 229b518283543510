"""pyproject.toml: the standard's dependency tables, and what uv and PDM add to them."""

from __future__ import annotations

from typing import Any

from snitch.dependencies.declared import Place
from snitch.dependencies.poetry import read_poetry
from snitch.dependencies.reading import Reading
from snitch.dependencies.requirement_text import Refused, parse_requirement, shown
from snitch.dependencies.toml_source import NotToml, Source, read_toml

_INDEXES = ("index", "index-url", "extra-index-url", "find-links", "no-index", "allow-insecure-host", "pip")
_USE_THE_INDEX = "delete it; choose the index in the installer's own configuration"
_PIN = "pin a release instead, as in `name==1.2.3`"


def read_pyproject(reading: Reading, path: str, text: str) -> None:
    """Reads every dependency table of a pyproject.toml, whichever tool it belongs to."""
    try:
        data = read_toml(text)
    except NotToml as error:
        return reading.refuse("unreadable", Place(path, error.line, error.column), str(error), "correct the file")
    tables = _Tables(reading, path, Source(path, text))
    tables.build_system(tables.table(data, "build-system"))
    tables.project(tables.table(data, "project"), tables.table(data, "tool"))
    tables.groups(tables.table(data, "dependency-groups"))
    tool = tables.table(data, "tool")
    tables.uv(tables.table(tool, "uv"))
    tables.pdm(tables.table(tool, "pdm"))
    return read_poetry(reading, tables.source, tables.table(tool, "poetry"))


class _Tables:
    """The tables of one file, and where what they hold is put."""

    def __init__(self, reading: Reading, path: str, source: Source) -> None:
        self.reading = reading
        self.path = path
        self.source = source

    def build_system(self, table: dict[str, Any]) -> None:
        """Build requirements are run, not depended on: only where they come from matters."""
        requires = table.get("requires", [])
        for text in requires if isinstance(requires, list) else [requires]:
            if not isinstance(text, str):
                self.requirements("requires", text)
            elif isinstance(parsed := parse_requirement(text), Refused):
                self.reading.refuse(parsed.kind, self.source.string(text), parsed.message, parsed.help)

    def project(self, project: dict[str, Any], tool: dict[str, Any]) -> None:
        self.requirements("dependencies", project.get("dependencies", []))
        for name, group in self.table(project, "optional-dependencies").items():
            self.requirements(name, group)
        dynamic = project.get("dynamic", [])
        declared = self.table(self.table(tool, "setuptools"), "dynamic")
        for name in ("dependencies", "optional-dependencies"):
            if isinstance(dynamic, list) and name in dynamic:
                self.dynamic(name, declared.get(name))

    def dynamic(self, name: str, declared: object) -> None:
        """Requirements that setuptools takes from files; another build backend's can't be known without running it."""
        found = _named_files(declared)
        if not found:
            mend = f"list them under `{name}`, or name their file under `tool.setuptools.dynamic`"
            self.reading.refuse("unreadable", self.source.string(name), f"`{name}` are computed when built", mend)
        for file in found:
            self.reading.include(file, self.source.string(file), constraint=False)

    def groups(self, groups: dict[str, Any]) -> None:
        for name, group in groups.items():
            for entry in group if isinstance(group, list) else [group]:
                if isinstance(entry, dict) and set(entry) == {"include-group"} and _is_group(entry, groups):
                    continue
                self.requirements(name, [entry])

    def uv(self, uv: dict[str, Any]) -> None:
        self.elsewhere(uv)
        self.requirements("dev-dependencies", uv.get("dev-dependencies", []))
        self.requirements("override-dependencies", uv.get("override-dependencies", []))
        self.requirements("constraint-dependencies", uv.get("constraint-dependencies", []), constraint=True)
        for name in self.table(uv, "sources"):
            message = f"`{shown(name)}` is taken from elsewhere than the index"
            self.reading.refuse("unsafe", self.source.key(name), message, _PIN)

    def pdm(self, pdm: dict[str, Any]) -> None:
        self.elsewhere({"source": pdm["source"]} if "source" in pdm else {}, ("source",))
        for name, group in self.table(pdm, "dev-dependencies").items():
            self.requirements(name, group)

    def elsewhere(self, table: dict[str, Any], keys: tuple[str, ...] = _INDEXES) -> None:
        for key in keys:
            if table.get(key):
                message = f"`{key}` takes packages from elsewhere than the index"
                self.reading.refuse("unsafe", self.source.key(key), message, _USE_THE_INDEX)

    def requirements(self, name: str, entries: object, *, constraint: bool = False) -> None:
        """Reads a list of PEP 508 texts; whatever else stands there is told."""
        for entry in entries if isinstance(entries, list) else [entries]:
            if isinstance(entry, str) and isinstance(entries, list):
                self.reading.require(entry, self.source.string(entry), constraint=constraint)
            else:
                message = f"`{shown(name)}` holds {shown(repr(entry))}, which is not a requirement"
                self.reading.refuse("unreadable", self.source.key(name), message, "list requirements as strings")

    def table(self, data: dict[str, Any], name: str) -> dict[str, Any]:
        """A table by its name; empty where there is none."""
        value = data.get(name, {})
        if isinstance(value, dict):
            return value
        self.reading.refuse("unreadable", self.source.key(name), f"`{name}` is not a table", f"write `[{name}]`")
        return {}


def _is_group(entry: dict[str, object], groups: dict[str, Any]) -> bool:
    from snitch.dependencies.declared import normalised

    return normalised(str(entry["include-group"])) in {normalised(name) for name in groups}


def _named_files(declared: object) -> list[str]:
    """The files that a `{file = …}` names, or a table of such; none where anything else stands there."""
    if not isinstance(declared, dict):
        return []
    if "file" not in declared:
        found = [_named_files(group) for group in declared.values()]
        return [file for files in found for file in files] if all(found) else []
    files = declared["file"] if isinstance(declared["file"], list) else [declared["file"]]
    return files if all(isinstance(file, str) for file in files) else []
