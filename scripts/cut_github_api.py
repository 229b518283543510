"""Cuts from GitHub's official OpenAPI document what the tests' own GitHub needs: `tests/forge/github_api.json`.

The document is MIT-licensed and comes as the package `@octokit/openapi`, in its folder `generated/`:

    python scripts/cut_github_api.py api.github.com.json

The operations are listed here; whatever they refer to comes with them. Prose and examples stay behind, since nothing
validates against them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parent.parent / "tests" / "forge" / "github_api.json"

_REPOSITORY = "/repos/{owner}/{repo}"
#: The operations wanted, by path.
OPERATIONS = {
    _REPOSITORY: ["get"],
    f"{_REPOSITORY}/collaborators/{{username}}/permission": ["get"],
    f"{_REPOSITORY}/pulls": ["get", "post"],
    f"{_REPOSITORY}/pulls/{{pull_number}}": ["get"],
    f"{_REPOSITORY}/pulls/{{pull_number}}/reviews": ["get"],
    f"{_REPOSITORY}/commits/{{commit_sha}}/pulls": ["get"],
    f"{_REPOSITORY}/commits/{{ref}}/statuses": ["get"],
    f"{_REPOSITORY}/commits/{{ref}}/check-runs": ["get"],
    f"{_REPOSITORY}/statuses/{{sha}}": ["post"],
    f"{_REPOSITORY}/check-runs": ["post"],
    f"{_REPOSITORY}/check-runs/{{check_run_id}}": ["get", "patch"],
    f"{_REPOSITORY}/issues": ["get", "post"],
    f"{_REPOSITORY}/issues/{{issue_number}}": ["get", "patch"],
    f"{_REPOSITORY}/issues/{{issue_number}}/comments": ["get", "post"],
    f"{_REPOSITORY}/issues/comments/{{comment_id}}": ["get", "patch", "delete"],
}

#: Of an object that is not a map of names, what is left out.
_PROSE = {"description", "summary", "example", "examples", "externalDocs", "tags", "title"}
#: Where an object's keys are names that somebody chose.
_MAPS = {"properties", "patternProperties", "schemas", "parameters", "responses", "headers", "content", "paths"}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python scripts/cut_github_api.py api.github.com.json", file=sys.stderr)
        return 2
    whole = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    OUTPUT.write_text(json.dumps(cut(whole), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size:,} bytes of {whole['info']['version']}")
    return 0


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """The wanted operations, and every component that they refer to, at whatever remove."""
    paths = {
        path: {key: item for key, item in whole["paths"][path].items() if key in [*methods, "parameters"]}
        for path, methods in OPERATIONS.items()
    }
    kept: dict[str, Any] = {
        "openapi": whole["openapi"],
        "info": {key: whole["info"][key] for key in ("title", "version", "license")},
        "servers": [{"url": "/"}],
        "paths": bare(paths, is_map=True),
        "components": {},
    }
    awaited = list(references(kept["paths"]))
    while awaited:
        _, _, kind, name = awaited.pop().split("/")
        group = kept["components"].setdefault(kind, {})
        if name not in group:
            group[name] = bare(whole["components"][kind][name])
            awaited += references(group[name])
    return kept


def bare(item: Any, *, is_map: bool = False) -> Any:
    """The item without prose. A response must keep its description, if only an empty one."""
    if isinstance(item, list):
        return [bare(each) for each in item]
    if not isinstance(item, dict):
        return item
    kept = {
        key: bare(each, is_map=not is_map and key in _MAPS)
        for key, each in item.items()
        if is_map or (key not in _PROSE and not key.startswith("x-"))
    }
    if (
        not is_map
        and "description" in item
        and ("content" in item or "headers" in item or set(item) == {"description"})
    ):
        kept["description"] = ""
    return kept


def references(item: Any) -> Iterator[str]:
    if isinstance(item, dict):
        if isinstance(item.get("$ref"), str):
            yield item["$ref"]
        for each in item.values():
            yield from references(each)
    elif isinstance(item, list):
        for each in item:
            yield from references(each)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
