"""Sections of Markdown: which headings there are, and which sections say nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.documents.markdown import sections, without_code


def titles(text: str) -> list[str]:
    return [section.title for section in sections(text)]


def empty(text: str) -> list[str]:
    return [section.title for section in sections(text) if section.is_empty]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\n", [("One", 1, 1)]),
        ("###### Six ##\n", [("Six", 6, 1)]),
        ("text\n\n   ## Indented\r\n", [("Indented", 2, 3)]),
        ("#\n", [("", 1, 1)]),
        ("## C#\n", [("C#", 2, 1)]),
        ("\ufeff# Marked\n", [("Marked", 1, 1)]),
        ("One\n===\nTwo\r\n---\r\n", [("One", 1, 1), ("Two", 2, 3)]),
        ("Two\nlines\n---\n", [("Two lines", 2, 1)]),
        ("text\n\nTwo\n-\n", [("Two", 2, 3)]),
        ("---\ntitle: x\n---\n# One\n", [("One", 1, 4)]),
        ("---\nnever: closed\n", []),
        ("<!--\n# hidden\n-->\n# One\n", [("One", 1, 4)]),
        ("`<!--`\n# One\n", [("One", 1, 2)]),
        ("`a` <!--\n# hidden\n", []),
        ("`a` `<!--`\n# One\n", [("One", 1, 2)]),
        ("a lone ` here\n<!--\n# hidden\n-->\n# One\n", [("One", 1, 5)]),
        ("`<!--`\n`<!--` <!-- --> x\n# One\n", [("One", 1, 3)]),
        ("Two\n---\nOne\n===\n", [("Two", 2, 1), ("One", 1, 3)]),
        ("# A\n\nB\n---\n# C\n", [("A", 1, 1), ("B", 2, 3), ("C", 1, 5)]),
        ("```\n# code\n```\n# One\n", [("One", 1, 4)]),
        ("~~~~\n# code\n~~~\n~~~~~\n# One\n", [("One", 1, 5)]),
        ("```\n# code\n", []),
        ("```\n<!--\n```\n# One\n", [("One", 1, 4)]),
        ("``` a`b\n# One\n", [("One", 1, 2)]),
    ],
)
def test_headings(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert [(s.title, s.level, s.line) for s in sections(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "#One\n",
        "    # code\n",
        "####### seven\n",
        "- item\n---\n",
        "> quote\n---\n",
        "1. item\n---\n",
        "| a |\n---\n",
        "\n---\n",
        "\\# escaped\n",
        "a | b\n--- | ---\n",
        "text\n\n===\n",
    ],
)
def test_what_is_no_heading(text: str) -> None:
    assert titles(text) == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        "<!-- to be written -->\n",
        "[1.4.0]: https://example.com/1.4.0\n",
        "-\n* \n1.\n>\n",
        "### Sub\n",
        "### Sub\n<!-- -->\n",
        "# Next\ntext\n",
        "## Next\ntext\n",
        "Next\n---\ntext\n",
    ],
)
def test_a_section_without_a_word_is_empty(body: str) -> None:
    assert "Section" in empty(f"## Section\n{body}")


@pytest.mark.parametrize(
    "body",
    [
        "text",
        "- item\n",
        "1. item\n",
        "### Sub\ntext\n",
        "### A\n### B\n#### C\ntext\n",
        "```\ncode\n```\n",
        "| a |\n|---|\n",
        "<!-- --> text\n",
        "![](a.png)\n",
        "text\n\n[1]: https://example.com\n",
        "[link] text\n",
    ],
)
def test_a_section_with_a_word_is_not(body: str) -> None:
    assert "Section" not in empty(f"## Section\n{body}")


def test_text_below_a_sibling_is_the_siblings() -> None:
    assert empty("# Top\n## A\n### A1\n## B\ntext\n") == ["A", "A1"]


def test_code_is_blanked_out_in_place() -> None:
    text = "a `TODO` b\n```python\nTODO\n```\nc ` d `e` f"
    assert without_code(text) == "a `    ` b\n         \n    \n   \nc `   `e` f"


@given(st.text("ab \n#=-`~<!>[]:1.|*\r\t\ufeff", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    lines = text.count("\n") + 1
    found = sections(text)
    assert [section.line for section in found] == sorted({section.line for section in found})
    assert all(1 <= section.line <= lines and 1 <= section.level <= 6 for section in found)
    blanked = without_code(text)
    assert len(blanked) == len(text)
    assert blanked.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 250_000,
        "<!-- -->" * 120_000,
        "`" + "<!--" * 250_000,
        "`" * 1_000_000,
        "\n## a\nx" * 140_000,
        "\n-" * 500_000,
        "a\n" * 500_000 + "---",
        "---\n" + "x\n" * 500_000,
        "\n```" * 250_000,
        "[a" * 500_000,
        "\n   " * 250_000 + "x",
        "# a" + " #" * 500_000 + "b",
        "\n~~~\n~~~~" * 100_000,
    ],
)
def test_a_hostile_megabyte_costs_seconds_at_most(text: str) -> None:
    start = time.process_time()
    sections(text)
    without_code(text)
    assert time.process_time() - start < 10
