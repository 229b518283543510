"""The shape of the house: imports point down, each heavy library has one owner, the hook's path stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: Highest floor first; a module may import from its own floor and those below it.
FLOORS = [
    ["snitch.__main__", "snitch.cli"],
    ["snitch.moving", "snitch.evaluating"],
    ["snitch.gating"],
    ["snitch.forge"],
    ["snitch.lfs"],
    ["snitch.staged", "snitch.checking", "snitch.scaffold", "snitch.schemas", "snitch.diagnosis"],
    ["snitch.git"],
    ["snitch.report"],
    ["snitch.policy"],
    ["snitch.engine", "snitch.rulebook"],
    ["snitch.rules"],
    ["snitch.tested"],
    ["snitch.cases", "snitch.examples", "snitch.recomputation", "snitch.attestation"],
    ["snitch.drop"],
    [
        "snitch.asking",
        "snitch.comparison",
        "snitch.made_anew",
        "snitch.metric_history",
        "snitch.promotion",
        "snitch.rollback",
        "snitch.rule",
        "snitch.rule_page",
        "snitch.verdict",
    ],
    ["snitch.contents"],
    [
        "snitch.approval",
        "snitch.change",
        "snitch.compatibility",
        "snitch.libraries",
        "snitch.model_files",
        "snitch.references",
        "snitch.repository_change",
        "snitch.same_answers",
        "snitch.stored",
        "snitch.training_profile",
        "snitch.waiver",
    ],
    ["snitch.gate"],
    ["snitch.model"],
    ["snitch.manifest_sense", "snitch.soundness"],
    ["snitch.evaluation"],
    ["snitch.repository"],
    ["snitch.benchmark"],
    ["snitch.source", "snitch.gitattributes", "snitch.ambiguity"],
    ["snitch.finding", "snitch.measurement", "snitch.numbers", "snitch.postponed"],
    [
        "snitch.advisories",
        "snitch.dependencies",
        "snitch.drift",
        "snitch.measuring",
        "snitch.pickles",
        "snitch.template",
    ],
    ["snitch.formats", "snitch.metrics", "snitch.metric_catalogue"],
    ["snitch.documents"],
    [
        "snitch.snapshot",
        "snitch.pointer",
        "snitch.escape",
        "snitch.extras",
        "snitch.layout",
        "snitch.sizes",
        "snitch.wildmatch",
        "snitch.placing",
        "snitch.divergence",
    ],
    ["snitch"],
]

#: The only modules that may import a heavy library, wherever in them.
OWNERS = {
    "pandas": ["snitch.measuring"],
    "numpy": ["snitch.measuring"],
    "scipy": ["snitch.measuring"],
    "sklearn": ["snitch.measuring"],
    "pyarrow": ["snitch.measuring"],
    "pandera": ["snitch.measuring"],
    "duckdb": ["snitch.measuring"],
    "joblib": ["snitch.measuring"],
    "github": ["snitch.forge"],
    "requests": ["snitch.forge", "snitch.lfs"],
    "urllib3": ["snitch.forge", "snitch.lfs"],
    "jsonschema": ["snitch.documents"],
    "git": ["snitch.cli", "snitch.scaffold", "snitch.diagnosis"],
}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / "snitch").rglob("*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    for path in sorted((ROOT / "rules").glob("*.py")):
        found["snitch.rules" if path.stem == "__init__" else f"snitch.rules.{path.stem}"] = path
    return found


def imports(path: Path, *, for_types: bool = True) -> list[tuple[str, int]]:
    """Every import of a file, those inside functions included, and with `for_types` those of type checking."""
    found = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    if not for_types:
        tree.body = [node for node in tree.body if node not in guarded]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def floor_of(module: str) -> int | None:
    best = None
    for number, names in enumerate(FLOORS):
        for name in names:
            exact = module == name or (name != "snitch" and module.startswith(f"{name}."))
            if exact and (best is None or len(name) > len(best[1])):
                best = (number, name)
    return None if best is None else best[0]


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_point_down(module: str) -> None:
    floor = floor_of(module)
    assert floor is not None, f"{module} stands on no floor: give it one in FLOORS"
    if module == "snitch":
        return  # hands names on, each imported when asked for
    known = modules()
    for name, line in imports(known[module]):
        target = name if name in known else name.rsplit(".", 1)[0]
        if target not in known or target == "snitch":
            continue
        other = floor_of(target)
        assert other is not None
        assert other >= floor, f"{module}:{line} imports {target}, which stands above it"


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_each_heavy_library_has_one_owner(library: str) -> None:
    for module, path in modules().items():
        for name, line in imports(path):
            if name.split(".")[0] == library:
                owned = any(module == owner or module.startswith(f"{owner}.") for owner in OWNERS[library])
                assert owned, f"{module}:{line} imports {library}"


def test_no_module_is_long() -> None:
    long = {name: n for name, path in modules().items() if (n := len(path.read_text().splitlines())) > 330}
    assert not long


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    edges: dict[str, set[str]] = {}
    for module, path in known.items():
        names = [name for name, _ in imports(path, for_types=False)]
        targets = {name if name in known else name.rsplit(".", 1)[0] for name in names}
        edges[module] = {target for target in targets if target in known and target not in (module, "snitch")}
    del edges["snitch"]
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join([*above, module])
        if module in done:
            return
        for target in sorted(edges.get(module, ())):
            visit(target, (*above, module))
        done.add(module)

    for module in sorted(edges):
        visit(module, ())


def test_the_vocabulary_imports_nothing_until_asked() -> None:
    loaded = _loaded("import snitch")
    assert "typing" not in loaded
    assert "msgspec" not in loaded


HEAVY = {
    *("pandas", "numpy", "sklearn", "scipy", "pyarrow", "skops", "github", "requests"),
    *("jsonschema", "pydantic", "git", "packaging", "email"),
}


def test_the_command_line_imports_nothing_heavy() -> None:
    loaded = _loaded("import snitch.cli.main, snitch.cli.check, snitch.rulebook; snitch.rulebook.rulebook()")
    assert not HEAVY & {name.split(".")[0] for name in loaded}


def _loaded(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-S", "-c", _WITH_PATH + code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


#: `-S` leaves out what an editable installation's start-up imports; the path is handed over instead.
_WITH_PATH = f"import sys; sys.path[:0] = {[p for p in sys.path if p]!r}; import site; site.main(); "
