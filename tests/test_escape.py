"""Text of other people's making does nothing where it is shown."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.escape import (
    code_for_markdown,
    for_html,
    for_json,
    for_markdown,
    for_terminal,
    for_xml,
    https_url,
    prose_for_markdown,
    workflow_command,
)
from tests.hostile_text import HOSTILE, outside_code
from tests.report.runners import commands


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("roc_auc fell 0.031", "roc_auc fell 0.031"),
        ("顧客 café cafe\u0301 −0.5", "顧客 café cafe\u0301 −0.5"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]8;;https://evil\x07link", "\\x1b]8;;https://evil\\x07link"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x9b2J\x7f\x85", "\\x9b2J\\x7f\\x85"),
        ("user\u202egnp.exe\u2066", "user\\u202egnp.exe\\u2066"),
        ("chu\u200brn\ufeff\u2060", "chu\\u200brn\\ufeff\\u2060"),
        ("line\u2028para\u2029", "line\\u2028para\\u2029"),
        ("caf\udce9", "caf\\xe9"),
        ("half\ud83d", "half\\ud83d"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("a\u00a0b", "a\\xa0b"),
        ("::error::x", "\\x3a:error::x"),
        ("a ::error::x", "a \\x3a:error::x"),
        ("a::b :c #d ## e", "a::b :c #d ## e"),
        ("a##[error]b ###[x", "a#\\x23[error]b ##\\x23[x"),
        ("##vso[task.complete]", "#\\x23vso[task.complete]"),
        ("hangul\u3164filler\u034f\ufe0f", "hangul\\u3164filler\\u034f\\ufe0f"),
    ],
)
def test_for_terminal(text: str, shown: str) -> None:
    assert for_terminal(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("−0.5…", "-0.5..."), ("n · “x”", 'n - "x"'), ("é顧\U0001f600", "\\xe9\\u9867\\U0001f600")]
)
def test_for_terminal_in_ascii(text: str, shown: str) -> None:
    assert for_terminal(text, unicode=False) == shown


@given(HOSTILE)
def test_for_terminal_leaves_nothing_that_acts_or_hides(text: str) -> None:
    shown = for_terminal(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert for_terminal(shown) == shown


@given(HOSTILE)
def test_for_terminal_in_ascii_is_ascii_and_printable(text: str) -> None:
    shown = for_terminal(text, unicode=False)
    assert shown.isascii()
    assert shown.isprintable()
    assert for_terminal(shown, unicode=False) == shown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("roc_auc fell 0.031, by 3 %", "roc_auc fell 0.031, by 3 %"),
        ("_x_ *y* ~z", "&#95;x&#95; &#42;y&#42; &#126;&#8203;z"),
        ("a | b", "a &#124; b"),
        ("<img src=x>", "&#60;img src=x&#62;"),
        ("[x](https://a.b)", "&#91;x&#93;(https:&#8203;//a.b)"),
        ("@team #12 !3 GH-4", "@&#8203;team #&#8203;12 !&#8203;3 GH&#8203;-4"),
        ("www.a.b me@a.b", "www&#8203;.a.b me@&#8203;a.b"),
        ("`code`", "&#96;code&#96;"),
        ("a\n/approve", "a&#92;n/approve"),
        ("/approve", "&#47;approve"),
        ("- item", "&#45; item"),
        ("--- rule", "&#45;-- rule"),
        ("1. item", "1&#46; item"),
        ("1.5 and -0.5", "1.5 and -0.5"),
        ("    code", "&#32;   code"),
        ("&lt;", "&#38;&#8203;lt;"),
    ],
)
def test_for_markdown(text: str, written: str) -> None:
    assert for_markdown(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("run `snitch evaluate churn` again", "run `snitch evaluate churn` again"),
        ("duplicate key `a|b`", "duplicate key a&#124;b"),
        ("one ` alone @x", "one &#96; alone @&#8203;x"),
        ("`<b>` then <b>", "`<b>` then &#60;b&#62;"),
        ("`a``b` `` ` `", "`a``b` &#96;&#96; &#96; &#96;"),
    ],
)
def test_prose_for_markdown(text: str, written: str) -> None:
    assert prose_for_markdown(text) == written


def test_code_for_markdown() -> None:
    assert code_for_markdown("models/@x/<a>.yaml") == "`models/@x/<a>.yaml`"
    assert code_for_markdown("a`b|c\n") == "a&#96;b&#124;c&#92;n"
    assert code_for_markdown("") == "&#96;&#96;"


@given(HOSTILE, st.sampled_from([for_markdown, prose_for_markdown, code_for_markdown]))
def test_markdown_opens_nothing_and_calls_nobody(text: str, escape: object) -> None:
    written = escape(text)  # type: ignore[operator]
    assert not set("\n\r") & set(written)
    assert not written.startswith(("/", " ", "- ", "+ ", "---", "==="))
    left = outside_code(written)
    assert not re.search(r"[`<>|*\[\]{}~\\\"]", left)
    assert not re.search(r"&(?!#[0-9]+;)", left)
    assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", left)
    seen = html.unescape(left)
    assert not re.search(r"[@#$]\w|(?i:\bwww\.|\bGH-[0-9])|:/|:\w|!\w|~\w|&\w|%\w", seen)


@given(HOSTILE)
def test_markdown_for_html_has_no_code_spans_to_rely_on(text: str) -> None:
    assert not re.search(r"[`<>]", for_markdown(text))


@given(HOSTILE)
def test_markdown_says_what_the_text_says(text: str) -> None:
    assert html.unescape(for_markdown(text)).replace("\u200b", "") == for_terminal(text)


@given(HOSTILE)
def test_a_code_span_never_breaks_a_table(text: str) -> None:
    assert "|" not in code_for_markdown(text)
    assert "|" not in prose_for_markdown(text)


def test_a_workflow_command() -> None:
    command = workflow_command("error", {"file": "a,b:c%.yaml", "line": 6, "title": ""}, ["50 %", "::set-output::x\n"])
    assert command == "::error file=a%2Cb%3Ac%25.yaml,line=6::50 %25%0A\\x3a:set-output::x\\n"
    assert workflow_command("notice", {}, ["−é"], unicode=False) == "::notice::-\\xe9"


@given(HOSTILE, HOSTILE, HOSTILE)
def test_a_workflow_command_is_one_command_that_says_what_it_was_given(file: str, title: str, text: str) -> None:
    written = workflow_command("warning", {"file": file, "title": title}, [text, text])
    (command,) = commands(written)
    assert command.name == "warning"
    # The runner takes off the blanks around all properties together.
    shown = {"file": for_terminal(file).strip(" "), "title": for_terminal(title).strip(" ")}
    read = {key: value.strip(" ") for key, value in command.properties.items()}
    assert {key: value for key, value in read.items() if value} == {key: value for key, value in shown.items() if value}
    assert command.data == f"{for_terminal(text)}\n{for_terminal(text)}"


@given(HOSTILE)
def test_xml_says_what_the_text_says(text: str) -> None:
    written = f'<a b="{for_xml(text)}">{for_xml(text)}</a>'
    assert written.isascii()
    element = ElementTree.fromstring(written)
    assert element.text or for_terminal(text) == ""
    assert element.get("b") == for_terminal(text)


@given(HOSTILE)
def test_json_says_what_it_said_and_commands_nobody(text: str) -> None:
    document = json.dumps({text: [text]})
    written = for_json(document)
    assert json.loads(written) == json.loads(document)
    assert commands(written) == []


@given(st.lists(HOSTILE, max_size=4))
def test_no_line_commands_a_runner_however_it_is_wrapped(texts: list[str]) -> None:
    words = for_terminal(" ".join(texts)).split(" ")
    assert commands("\n".join(words)) == []
    assert commands(" ".join(words)) == []


@given(HOSTILE)
def test_html_holds_the_text_and_no_more(text: str) -> None:
    written = for_html(text)
    assert not set("<>\"'\n\r") & set(written)
    assert not re.search(r"&(?!(amp|lt|gt|quot|#x27);)", written)
    assert html.unescape(written) == for_terminal(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/models/actions/runs/12/job/3",
        "https://ci.example.com:8443/report.html?run=7&x=%20#top",
        "https://gitlab.example.com",
    ],
)
def test_a_plain_address_is_one(url: str) -> None:
    assert https_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://example.com/",
        "javascript:alert(1)",
        "https://user:secret@example.com/",
        "https://example.com/a b",
        "https://example.com/>x",
        "https://example.com/)[x](y",
        "https://example.com/`",
        'https://example.com/"onclick=',
        "https://example.com/\n",
        "https://exämple.com/",
        " https://example.com/",
        "https://example.com/" + "a" * 1000,
    ],
)
def test_what_is_no_plain_address_links_nowhere(url: str | None) -> None:
    assert https_url(url) == ""
