"""Waivers written into a policy: the old text stays, and the new one means exactly what was asked for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.documents import Unreadable
from snitch.documents.yaml_text import read_yaml
from snitch.policy.editing import CannotEdit, add_waivers, render_entry

ENTRY = {"rule": "metric-regressed", "model": "churn", "version": "1.4.0", "expires": "2026-12-15"}
LINE = "{rule: metric-regressed, model: churn, version: 1.4.0, expires: 2026-12-15}"


def edited(text: str, *entries: dict[str, Any]) -> str:
    return add_waivers("snitch.yaml", text, entries or (ENTRY,))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", f"waivers:\n  - {LINE}\n", id="empty"),
        pytest.param("# ours\n", f"# ours\n\nwaivers:\n  - {LINE}\n", id="only a comment"),
        pytest.param("remote: a\n", f"remote: a\n\nwaivers:\n  - {LINE}\n", id="no key"),
        pytest.param("remote: a\n\n", f"remote: a\n\nwaivers:\n  - {LINE}\n", id="no key, a blank line"),
        pytest.param("remote: a", f"remote: a\n\nwaivers:\n  - {LINE}\n", id="no key, no last line break"),
        pytest.param("remote: a\n# end\n", f"remote: a\n# end\n\nwaivers:\n  - {LINE}\n", id="no key, a comment"),
        pytest.param("---", f"---\n\nwaivers:\n  - {LINE}\n", id="only a document mark"),
        pytest.param("---\nremote: a\n...\n", f"---\nremote: a\n\nwaivers:\n  - {LINE}\n...\n", id="document marks"),
        pytest.param("\nremote: a", f"\nremote: a\n\nwaivers:\n  - {LINE}\n", id="no key, a blank line above"),
        pytest.param("remote: a\n  ", f"remote: a\n  \nwaivers:\n  - {LINE}\n", id="no key, a last line of spaces"),
        pytest.param("  remote: a\n", f"  remote: a\n\n  waivers:\n    - {LINE}\n", id="indented"),
        pytest.param(
            "exclude: |+\n  a\n\n", f"exclude: |+\n  a\n\nwaivers:\n  - {LINE}\n", id="a text that keeps lines"
        ),
        pytest.param(
            "exclude: |+\n  a\n", f"exclude: |+\n  a\nwaivers:\n  - {LINE}\n", id="a text that would keep one more"
        ),
        pytest.param("waivers: []\nremote: a\n", f"waivers:\n  - {LINE}\nremote: a\n", id="empty list"),
        pytest.param("waivers: [ ]  # none\n", f"waivers:  # none\n  - {LINE}\n", id="empty list, commented"),
        pytest.param("waivers: []  \n", f"waivers:  \n  - {LINE}\n", id="empty list, spaces after"),
        pytest.param("waivers:\nremote: a\n", f"waivers:\n  - {LINE}\nremote: a\n", id="no value"),
        pytest.param("waivers: ~ # none", f"waivers: # none\n  - {LINE}\n", id="null"),
        pytest.param("waivers: [ # none\n]\n", f"waivers: [ # none\n{LINE}]\n", id="empty list, commented inside"),
        pytest.param(
            "waivers:\n  - {rule: a} # one\n  # of a\n\n# the rest\nremote: a\n",
            f"waivers:\n  - {{rule: a}} # one\n  # of a\n  - {LINE}\n\n# the rest\nremote: a\n",
            id="block list of flow mappings",
        ),
        pytest.param(
            "waivers:\n- rule: a\n  model: 'b' # c\n# d\nremote: a\n",
            "waivers:\n- rule: a\n  model: 'b' # c\n- rule: metric-regressed\n  model: churn\n  version: 1.4.0\n"
            "  expires: 2026-12-15\n# d\nremote: a\n",
            id="block list of block mappings, not indented",
        ),
        pytest.param(
            "waivers:\n  - rule: a\n    reason: >\n      long\n\n\nremote: a\n",
            "waivers:\n  - rule: a\n    reason: >\n      long\n  - rule: metric-regressed\n    model: churn\n"
            "    version: 1.4.0\n    expires: 2026-12-15\n\n\nremote: a\n",
            id="block list that ends in a folded text",
        ),
        pytest.param(
            "waivers:\n- {rule: a}\n- rule: b\n",
            "waivers:\n- {rule: a}\n- rule: b\n- rule: metric-regressed\n  model: churn\n  version: 1.4.0\n"
            "  expires: 2026-12-15\n",
            id="block list whose last item is a block mapping",
        ),
        pytest.param(
            "waivers:\n- &a {rule: a}\n- *a\n",
            f"waivers:\n- &a {{rule: a}}\n- *a\n- {LINE}\n",
            id="block list whose last item is an alias",
        ),
        pytest.param(
            "waivers:\n  - {rule: a}\n# the rest\nremote: a\n",
            f"waivers:\n  - {{rule: a}}\n  - {LINE}\n# the rest\nremote: a\n",
            id="block list, then a comment of what follows",
        ),
        pytest.param(
            "waivers:\n  - {rule: a}\n    \nremote: a\n",
            f"waivers:\n  - {{rule: a}}\n  - {LINE}\n    \nremote: a\n",
            id="block list, then a line of spaces",
        ),
        pytest.param(
            "waivers: &w\n  # c\n  - {rule: a}\n", f"waivers: &w\n  # c\n  - {{rule: a}}\n  - {LINE}\n", id="anchor"
        ),
        pytest.param("waivers: [{rule: a}] # b\n", f"waivers: [{{rule: a}}, {LINE}] # b\n", id="flow list"),
        pytest.param("waivers: [{rule: a},]\n", f"waivers: [{{rule: a}}, {LINE},]\n", id="flow list, trailing comma"),
        pytest.param(
            "waivers: [\n  {rule: a}, # b\n  {rule: c}  # d, e\n]\n",
            f"waivers: [\n  {{rule: a}}, # b\n  {{rule: c}},  # d, e\n  {LINE}\n]\n",
            id="flow list on lines",
        ),
        pytest.param(
            "waivers: [\n  {rule: c}, # d\n  # e\n]\n",
            f"waivers: [\n  {{rule: c}}, # d\n  {LINE},\n  # e\n]\n",
            id="flow list on lines, trailing comma",
        ),
        pytest.param(
            "waivers: [\n  {rule: c}]\n", f"waivers: [\n  {{rule: c}},\n  {LINE}]\n", id="bracket on the last line"
        ),
        pytest.param(
            "waivers: [\n  {rule: c},]\n",
            f"waivers: [\n  {{rule: c}},\n  {LINE},]\n",
            id="bracket on the last line, trailing comma",
        ),
        pytest.param(
            "waivers: [{rule: a},\n  {rule: b}\n]\n",
            f"waivers: [{{rule: a}},\n  {{rule: b}},\n  {LINE}\n]\n",
            id="flow list, the last item on a line of its own",
        ),
        pytest.param(
            "waivers: [\n  {rule: a}, {rule: b}\n]\n",
            f"waivers: [\n  {{rule: a}}, {{rule: b}}, {LINE}\n]\n",
            id="flow list, two items on a line",
        ),
        pytest.param(
            "{\n  remote: a,\n  gate: {}\n}\n",
            f"{{\n  remote: a,\n  gate: {{}},\n  waivers: [{LINE}]\n}}\n",
            id="flow mapping on lines",
        ),
        pytest.param(
            '{\n  "waivers": [\n    {"rule": "a"}\n  ],\n  "remote": "a"\n}\n',
            f'{{\n  "waivers": [\n    {{"rule": "a"}},\n    {LINE}\n  ],\n  "remote": "a"\n}}\n',
            id="JSON on lines",
        ),
        pytest.param("{remote: a}\n", f"{{remote: a, waivers: [{LINE}]}}\n", id="flow mapping"),
        pytest.param("{waivers: , remote: a}", f"{{waivers: [{LINE}], remote: a}}", id="flow mapping, no value"),
        pytest.param("{waivers: []}\n", f"{{waivers: [{LINE}]}}\n", id="flow mapping, empty list"),
        pytest.param('{"waivers":[]}\n', f'{{"waivers":[{LINE}]}}\n', id="JSON"),
        pytest.param('{"waivers":null}\n', f'{{"waivers":[{LINE}]}}\n', id="JSON, null"),
    ],
)
def test_each_shape_of_policy(before: str, after: str) -> None:
    assert edited(before) == after


def test_line_breaks_are_those_of_the_file() -> None:
    before = "remote: a # b\r\nwaivers:\r\n  - {rule: a}\r\n"
    assert edited(before) == before + f"  - {LINE}\r\n"


def test_a_byte_order_mark_stays_in_front() -> None:
    assert edited("\ufeffwaivers: []\n") == f"\ufeffwaivers:\n  - {LINE}\n"


def test_several_at_once_keep_their_order() -> None:
    other = {**ENTRY, "model": "fraud"}
    assert read_yaml("", edited("remote: a\n", ENTRY, other)) == {"remote": "a", "waivers": [ENTRY, other]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: &x []\nwaivers: *x\n", id="alias"),
        pytest.param("{a: &x [], waivers: *x}\n", id="alias, flow mapping"),
        pytest.param("waivers: &x []\nb: *x\n", id="what another key shares"),
        pytest.param("- a\n", id="a list"),
        pytest.param("waivers: {}\n", id="no list"),
        pytest.param("waivers: none\n", id="text"),
        pytest.param("waivers: ''\n", id="empty text"),
        pytest.param("waivers: 0\n", id="a number"),
        pytest.param("&x\n  remote: a\n", id="an anchor above it all"),
    ],
)
def test_a_shape_without_a_safe_place_is_refused(text: str) -> None:
    with pytest.raises(CannotEdit):
        edited(text)


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(Unreadable):
        edited("a: b\na: c\n")


@pytest.mark.parametrize(
    "value",
    ["yes", "null", "1e3", "007", "12e4567890123456", "a: b", "a #b", '"', "'", "- a", "*a", "@me", "a\tb\nc",
     "é\x85\u2028\x7f", "", " a ", "2%", "{a}", "[", "…", "😀", "~", "?", "1.4.0", "2026-12-15", "0x1", ".inf",
     "!a", "%", "`"],
)  # fmt: skip
def test_any_text_is_read_back_as_it_was(value: str) -> None:
    entry = {**ENTRY, "reason": value, "owner": value}
    assert read_yaml("", render_entry(entry)) == entry
    assert read_yaml("", edited("waivers:\n  - rule: a\n", entry)) == {"waivers": [{"rule": "a"}, entry]}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
new_entries = st.lists(
    st.fixed_dictionaries(
        {"rule": texts, "model": texts, "expires": texts},
        optional={"limit": st.floats(0, 1e9) | st.just("2%"), "reason": texts},
    ),
    min_size=1,
    max_size=3,
)
comments = st.lists(st.sampled_from(["", "", "# note", "  # aside: [x, {y", "    # deep - z"]), max_size=3)
items = st.sampled_from(["{rule: a}", "{rule: 'b, c'}", '{rule: "d # e"}', "{rule: a, reason: null}"])


@st.composite
def policies(draw: st.DrawFn) -> str:
    """Policies as people write them: keys in any order, comments anywhere, waivers in every shape."""
    blocks = [
        "extends: strict  # the harder one",
        "remote: origin",
        "rules:\n  # why\n  metric-regressed: {max_drop: 0.010}  # ours\n  unpinned-dependency: off",
        "exclude:\n- sandbox/ # old\n- 'tmp/'",
        "gate: {approvers: [a, # b\n  c]}",
        'overrides:\n  - models: ["models/x*"]\n    rules: {}',
    ]
    found = draw(st.lists(items, max_size=3))
    dashed = "".join(f"\n  - {item} # {n}" for n, item in enumerate(found))
    flat = "".join(f"\n- {item}" for item in found)
    mappings = "".join(f"\n  - rule: r{n} # {n}\n    # in between\n    reason: |\n      x\n" for n in range(len(found)))
    tall = (
        "[ # top\n"
        + ",\n".join(f"  {item}" for item in found)
        + draw(st.sampled_from(["", ","] if found else [""]))
        + " # last\n]"
    )
    shapes = [None, "waivers: []", "waivers: [] # none", "waivers:", "waivers: null"]
    shapes += [f"waivers:{value}" for value in (dashed, flat, mappings, f" [{', '.join(found)}] # all", f" {tall}")]
    shape = draw(st.sampled_from(shapes))
    chosen = draw(st.lists(st.sampled_from(blocks), unique=True)) + ([shape] if shape is not None else [])
    lines: list[str] = []
    for block in draw(st.permutations(chosen)):
        lines += [*draw(comments), block]
    text = "\n".join([*lines, *draw(comments)]) + draw(st.sampled_from(["", "\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(policies(), new_entries)
def test_comments_stay_and_the_data_is_the_old_and_the_new(text: str, entries: list[dict[str, Any]]) -> None:
    old = read_yaml("", text)
    assert old is None or isinstance(old, dict)
    new = edited(text, *entries)
    expected = {**(old or {}), "waivers": [*((old or {}).get("waivers") or []), *entries]}
    assert json.dumps(read_yaml("", new)) == json.dumps(expected)
    # Nothing but the spaces before an empty value, or the value itself, is ever taken away.
    rest = iter(new)
    kept = re.sub(r"(waivers:) *(?:\[\]|null)", r"\1", text)
    assert all(character in rest for character in kept.rstrip(" "))
    if "\r\n" in text:
        assert not re.search(r"(?<!\r)\n", new)


words = [
    "waivers:",
    " ",
    "\n",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "a: b",
    "# c",
    "|+",
    "&x ",
    "*x",
    "---\n",
    "...",
    "'",
    "\t",
]
characters = "ab:-[]{}#,&*|>'\"~ \n\r\t%!?.\ufeff\x85"


@given(st.text(characters) | st.lists(st.sampled_from(words)).map("".join))
def test_any_text_is_refused_or_edited_right(text: str) -> None:
    try:
        new = edited(text)
    except (Unreadable, CannotEdit):
        return
    old = read_yaml("", text.removeprefix("\ufeff")) or {}
    assert isinstance(old, dict)
    assert read_yaml("", new.removeprefix("\ufeff")) == {**old, "waivers": [*(old.get("waivers") or []), ENTRY]}
