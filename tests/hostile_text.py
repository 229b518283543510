"""Text that acts where it is shown unescaped."""

from __future__ import annotations

import re

from hypothesis import strategies as st

#: Any text, lone surrogates included, rich in what this module is about.
HOSTILE = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=4),
        st.sampled_from([*"\x1b\x07\x00\x9b\u202e\u2066\u200b\u200d\u2028\ufeff\ufe0f\udcff\ud800\n\r\t"]),
        st.sampled_from([*"\\`*_{}[]()<>#|~@!$%^&:\"'/=+-. 1a"]),
        st.sampled_from(
            ["https://", "www.", "@user", "#12", "GH-1", "<b>", "![x](y)", "/approve", "```", "~~~", ":a:"]
        ),
        st.sampled_from(
            [
                "::error::",
                " ::error",
                "::",
                "##[error]",
                "##vso[a.b]",
                "##",
                "[",
                "{0}",
                "](",
                "]]>",
                "[[ATTACHMENT|x]]",
            ]
        ),
    ),
    max_size=12,
).map("".join)


def outside_code(written: str) -> str:
    """What is left when code spans are taken out, as CommonMark reads them: runs of backticks of equal length."""
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "\0", written)
