"""Writes the rules' pages, the README's table of rules, and the page of business rules' functions, from the code; with
--check, says what is out of date.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from snitch.measuring.expression_functions import FUNCTIONS
from snitch.rule import AnyRule
from snitch.rule_page import markdown_page, summary
from snitch.rulebook import rulebook

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
_LETTERS = {"error": "error", "warning": "warning", None: "–"}


def main() -> int:
    """Writes, or with --check compares; exit code 1 where a file is out of date."""
    wanted = pages()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in (ROOT / "docs/rules").glob("*.md") if path not in wanted]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run `make docs`")
        return 1 if stale else 0
    for path in stale:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


def pages() -> dict[Path, str]:
    """Every generated file with its content."""
    rules = [rule for rule in rulebook().rules.values() if rule.__module__.startswith("snitch.rules.")]
    written = {ROOT / f"docs/rules/{rule.code}.md": markdown_page(rule) for rule in rules}
    written[ROOT / "docs/rules/README.md"] = "\n".join(["# Rules", "", *table(rules, ""), ""])
    written[ROOT / "docs/business-rules.md"] = functions_page()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    written[ROOT / "README.md"] = "\n".join([f"{before}{BEGIN}", *table(rules, "docs/rules/"), f"{END}{after}"])
    return written


def functions_page() -> str:
    """What an expression of `business-rule-broken` may use, as a page."""
    lines = [
        "# Functions of business rules",
        "",
        "An expression of [`business-rule-broken`](rules/REG010.md) may use these functions of DuckDB's, which says",
        "what each does. Any other is refused, as is one that the DuckDB at hand lacks. Beside them stand comparisons,",
        "`AND`, `OR`, `NOT`, `IN`, `BETWEEN`, `IS NULL`, `IS TRUE`, `CASE`, `CAST`, `coalesce`, `EXISTS`,",
        "`FILTER (WHERE …)`, `DISTINCT` and subqueries over `examples`. Moments with a time zone are read as UTC.",
    ]
    for group, names in FUNCTIONS.items():
        listed = textwrap.wrap(names, 118, break_long_words=False, break_on_hyphens=False)
        lines += ["", f"## {group.capitalize()}", "", "```text", *listed, "```"]
    return "\n".join([*lines, ""])


def table(rules: list[type[AnyRule]], folder: str) -> list[str]:
    """The rules as a table, with links to their pages."""
    rows = ["| Rule | Lowest | Above | Says |", "|---|---|---|---|"]
    for rule in rules:
        lowest, above = (_LETTERS[severity] for severity in rule.severity)
        says = summary(rule).replace("|", "\\|")
        rows.append(f"| [{rule.code} {rule.name}]({folder}{rule.code}.md) | {lowest} | {above} | {says} |")
    return rows


if __name__ == "__main__":
    sys.exit(main())
