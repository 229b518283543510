"""Changelogs: the versions that they tell of, and an entry more, with nothing else changed."""

from __future__ import annotations

from datetime import date

import pytest

from snitch.documents.changelog import entries, with_entry

DAY = date(2026, 11, 20)
ENTRY = "## [1.4.1] - 2026-11-20\n\n### Changed\n\n- Back to 1.3.2.\n"
OLD = "## [1.4.0] - 2026-11-02\n### Changed\n- Retrained.\n"


def added(text: str) -> str:
    return with_entry(text, "1.4.1", DAY, ["Back to 1.3.2."])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"# Changelog\n\n{ENTRY}"),
        (f"# Changelog\n\n{OLD}", f"# Changelog\n\n{ENTRY}\n{OLD}"),
        (f"# Changelog\n{OLD}", f"# Changelog\n\n{ENTRY}\n{OLD}"),
        (OLD, f"{ENTRY}\n{OLD}"),
        ("# Changelog", f"# Changelog\n\n{ENTRY}"),
        ("# Changelog\n\n## [Unreleased]\n- More.\n", f"# Changelog\n\n## [Unreleased]\n- More.\n\n{ENTRY}"),
        (f"# Changelog\n\n## Unreleased\n\n{OLD}", f"# Changelog\n\n## Unreleased\n\n{ENTRY}\n{OLD}"),
        ("# C\n\n## Unreleased\n\n### Fixed\n\n## Old\n", f"# C\n\n## Unreleased\n\n### Fixed\n\n{ENTRY}\n## Old\n"),
        ("\ufeff# Changelog\n", f"\ufeff# Changelog\n\n{ENTRY}"),
        ("```\n## [9.9.9]\n```\n\n" + OLD, "```\n## [9.9.9]\n```\n\n" + f"{ENTRY}\n{OLD}"),
        ("Anything \udcff\n", f"Anything \udcff\n\n{ENTRY}"),
    ],
)
def test_an_entry_comes_above_all_others(before: str, after: str) -> None:
    assert added(before) == after
    newest = entries(after)[0]
    assert (newest.version, newest.section.is_empty) == ("1.4.1", False)


@pytest.mark.parametrize(
    ("heading", "own"),
    [
        ("## 1.4.0 - 2026-11-02", "## 1.4.1 - 2026-11-20"),
        ("## v1.4.0 (2026-11-02)", "## v1.4.1 - 2026-11-20"),
        ("## [v1.4.0]", "## [v1.4.1] - 2026-11-20"),
        ("# 1.4.0", "# 1.4.1 - 2026-11-20"),
        ("### [1.4.0]", "### [1.4.1] - 2026-11-20"),
        ("1.4.0\n-----", "## 1.4.1 - 2026-11-20"),
    ],
)
def test_its_heading_is_like_that_of_the_newest(heading: str, own: str) -> None:
    after = added(f"{heading}\n\n- Retrained.\n")
    level = "#" * (len(own) - len(own.lstrip("#")) + 1)
    assert after == f"{own}\n\n{level} Changed\n\n- Back to 1.3.2.\n\n{heading}\n\n- Retrained.\n"


def test_line_breaks_are_those_of_the_text() -> None:
    before = f"# Changelog\n\n{OLD}".replace("\n", "\r\n")
    assert added(before) == f"# Changelog\n\n{ENTRY}\n{OLD}".replace("\n", "\r\n")
