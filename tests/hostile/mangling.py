"""Ways in which a text goes wrong: by accident, by a broken tool, by malice."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import strategies as st

#: What is put into a text: punctuation that means something, numbers that are none, characters that hide.
TOKENS = (
    "[", "]", "{", "}", ":", ": ", "- ", ",", "#", "'", '"', "|", "> ", "? ", "&a ", "*a", "<<: *a", "!!str ",
    "!!binary ", "!!python/object/apply:os.system ['true']", "%YAML 1.1\n", "---\n", "...\n", "\t", "\r", "\r\n",
    "\n", "\0", "\x1b[31m", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff", "\u202e", "\ud800", "\\u0000", "\\ud800", "É",
    "null", "~", "true", "no", "NaN", "Infinity", ".nan", "-.inf", "1e999", "1e-400", "-0", "0x1F", "0o7", "1_000",
    "9" * 500, "0" * 30 + "1", "0001-01-01", "9999-12-31", "0000-00-00", "10000-01-01", "999999999999-01-01", "𝟘",
    "..", "/", "../../etc/passwd", "file:///etc/passwd", "C:\\x", "-r ../x", "--hash=sha256:0", "==", "===", ">=0",
    " @ https://example.com/x.whl", " ; python_version < '3'", "churn", "churn-holdout", "roc_auc", "1.4.0", "0.42",
    " " * 2000, "[" * 600, "{a: " * 600, "- " * 300, "a" * 70_000,
)  # fmt: skip
#: What a file is emptied to, or replaced by.
WHOLES = (
    b"", b"\0", b"\n", b"[]", b"{}", b"null", b"~", b"''", b"0", b"[[", b"a: &a [*a]", b"&a a: *a", b"- \n" * 100,
    b"\xff\xfe", b"\xef\xbb\xbf", b"{}{}", b"--- {}\n--- {}\n", b"version https://git-lfs.github.com/spec/v1\n",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-7", "utf-8-sig", "latin-1")
LINE_ENDS = ("\r\n", "\r", "\n\n", "\0\n", "\u2028", "\n\t", " \\\n")
_WORD = re.compile(r"[^\s\[\]{},:\"]+")


@st.composite
def mangled(draw: st.DrawFn, text: str) -> bytes:
    """The text after one or two mishaps."""
    content = text.encode()
    for _ in range(draw(st.integers(1, 2))):
        changed = draw(st.sampled_from(_MISHAPS))(draw, content)
        content = changed if isinstance(changed, bytes) else changed.encode("utf-8", "surrogatepass")
    return content


def _flip(draw: st.DrawFn, content: bytes) -> bytes:
    if not content:
        return content
    at = draw(st.integers(0, len(content) - 1))
    return content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]


def _cut(draw: st.DrawFn, content: bytes) -> bytes:
    at = draw(st.integers(0, len(content)))
    return content[:at] + content[at + draw(st.sampled_from([1, 3, 20, 10**9])) :]


def _insert(draw: st.DrawFn, content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(TOKENS)) + text[at + draw(st.sampled_from([0, 0, 1, 3, 10])) :]


def _swap_words(draw: st.DrawFn, content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    words = list(_WORD.finditer(text))
    if not words:
        return text
    one = draw(st.sampled_from(words))
    other = draw(st.sampled_from([*TOKENS, *(word[0] for word in words)]))
    return text[: one.start()] + other + text[one.end() :]


def _lines(draw: st.DrawFn, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    at = draw(st.integers(0, len(lines) - 1))
    how = draw(st.sampled_from(["delete", "double", "move", "shuffle"]))
    if how == "shuffle":
        return b"".join(draw(st.permutations(lines)))
    line = lines[at] if how == "double" else lines.pop(at)
    if how != "delete":
        lines.insert(draw(st.integers(0, len(lines))), line)
    return b"".join(lines)


def _encode(draw: st.DrawFn, content: bytes) -> bytes:
    return content.decode("utf-8", "replace").encode(draw(st.sampled_from(ENCODINGS)), "replace")


def _end_lines(draw: st.DrawFn, content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\n", draw(st.sampled_from(LINE_ENDS)))


def _replace(draw: st.DrawFn, content: bytes) -> bytes:
    return draw(st.sampled_from(WHOLES) | st.binary(max_size=40))


_MISHAPS: tuple[Callable[[st.DrawFn, bytes], bytes | str], ...] = (
    _flip, _cut, _insert, _insert, _swap_words, _swap_words, _lines, _lines, _encode, _end_lines, _replace,
)  # fmt: skip
