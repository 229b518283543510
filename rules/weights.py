"""Rules about where the weights lie: in Git LFS, by a pointer that every tool reads alike, and not too large."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from snitch.change import Change
from snitch.documents import Span
from snitch.finding import Finding, Undecidable
from snitch.gitattributes import MAX_BYTES, Value, attributes_at
from snitch.pointer import parse_pointer
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.sizes import parse_size, written_size
from snitch.snapshot import Snapshot
from snitch.stored import Stored, large_files, stored_weights


class WeightsOutsideLfs(Rule, code="LFS001", severity=("error", "error"), rule_name="weights-outside-lfs"):
    """Real bytes of weights lie in Git itself, not a pointer to Git LFS.

    Git keeps every version of every byte for ever, and everybody who clones gets them all. Once pushed, only a
    rewritten history gets rid of them. Without a pointer, nobody can tell which weights these are without reading them.

    It judges the weights that the manifest names, and every file in the model's folder that is named like weights.

    Mend it: `git lfs install`, have Git LFS track the file (`git lfs track "*.skops"`, then `git add .gitattributes`),
    and `git add --renormalize` it before you commit. Weights that are text get a pattern of their own, such as
    `models/*/model.txt`: by `*.txt` or `*.json` requirements and evaluations would become pointers, too.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a file."""
        later = Postponed()
        for weights in stored_weights(change.candidate, later):
            if weights.is_pointer or not (weights.size or weights.place):
                continue
            with later:
                yield weights.finding(_real_bytes(weights), _move_to_lfs(weights, change.repository.snapshot))
        later.tell()


def _real_bytes(weights: Stored) -> str:
    if not weights.size:
        return "the weights are an empty file, not a pointer to Git LFS"
    return f"{written_size(weights.size)} of real bytes lie in Git, not a pointer to Git LFS"


def _move_to_lfs(weights: Stored, snapshot: Snapshot) -> str:
    add = f'`git add --renormalize "{weights.path}"`'
    if filter_of(weights.path, snapshot) == "lfs":
        return f"`git lfs install`, then {add}"
    return f'`git lfs install`, `git lfs track "{weights.pattern}"`, `git add .gitattributes`, then {add}'


class MalformedPointer(Rule, code="LFS002", severity=("error", "error")):
    """A Git LFS pointer is not written in the one valid encoding.

    A pointer is three lines of an exact form. Some tools forgive another line ending, another order or another line,
    and some take the file for the weights themselves: what one of them checks is then not what another one loads.

    It judges the weights, the predictions beside the evaluations, and the data of the benchmarks that name the model.

    Mend it: with the real file in its place and Git LFS installed, `git add --renormalize` it. An editor or a
    conversion of line endings may have touched it: `.gitattributes` must say `-text` for it.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a pointer, at its first flaw."""
        later = Postponed()
        for role, each in large_files(change, later):
            if each.is_malformed:
                span, flaw = first_flaw(each.content or b"")
                help_text = f'with the real file in its place, `git add --renormalize "{each.path}"`'
                yield each.file.finding("", flaw, span=span, help=help_text, role=role, about=each.name)
        later.tell()


def first_flaw(content: bytes) -> tuple[Span, str]:
    """Where a malformed pointer departs from the one valid encoding, and how."""
    if content.startswith(b"\xef\xbb\xbf"):
        return Span(1, 1), "the pointer begins with a byte order mark"
    lines = content.decode("utf-8", "replace").split("\n")
    for number, line in enumerate(lines, start=1):
        flaw = _flaw_of(number, line, lines)
        if flaw:
            return Span(number, 1, max(1, len(line.rstrip("\r")))), flaw
    return Span(1, 1), "the pointer is not written in the one valid encoding"


_SAMPLE = ("version https://git-lfs.github.com/spec/v1", f"oid sha256:{'0' * 64}", "size 1")
_KEYS = ("version https://git-lfs.github.com/spec/v1", "oid sha256:<64 lower-case hexadecimal digits>", "size <bytes>")


def _flaw_of(number: int, line: str, lines: list[str]) -> str:
    if line.endswith("\r"):
        return "the pointer's lines end in CR LF, not LF alone"
    if number > len(_KEYS):
        return "" if number == len(lines) and not line else "the pointer has more lines than three"
    if line.startswith("ext-"):
        return "the pointer names an extension, which is a program of the repository's choosing"
    if "hawser" in line:
        return "the pointer is of Git LFS's pre-release format (`hawser`)"
    sample = [*_SAMPLE]
    sample[number - 1] = line
    if parse_pointer(("\n".join(sample) + "\n").encode()) is None:
        return f"line {number} of the pointer is not `{_KEYS[number - 1]}`"
    return "the pointer's last line does not end" if number == len(lines) else ""


class UntrackedWeightsPattern(Rule, code="LFS003", severity=("error", "error")):
    """The weights are a pointer, but `.gitattributes` does not send the file to Git LFS.

    The next commit of the file would put its real bytes into Git, and who checks it out gets the pointer's three lines
    in place of the weights. The candidate's own `.gitattributes` files decide, not what your machine is set up to do.

    It judges what is a pointer; weights that are real bytes are weights-outside-lfs.

    Mend it: `git lfs track "*.skops"` (with your file's ending), and commit `.gitattributes`. Weights that are text get
    a pattern of their own, such as `models/*/model.txt`. A later line, or a file further down, may take it back.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a file."""
        later = Postponed()
        for weights in stored_weights(change.candidate, later):
            if not weights.is_pointer:
                continue
            with later:
                value = filter_of(weights.path, change.repository.snapshot)
                if value != "lfs":
                    message = f"`.gitattributes` does not send the file to Git LFS: {_spelled(value)}"
                    help_text = f'`git lfs track "{weights.pattern}"`, and commit .gitattributes'
                    yield weights.finding(message, help_text)
        later.tell()


def _spelled(value: Value) -> str:
    if isinstance(value, str):
        return f"its filter is `{value[:60]}`, not `lfs`"
    return "it names no filter for it" if value is None else f"its filter is {'set' if value else 'unset'}, not `lfs`"


def filter_of(path: str, snapshot: Snapshot) -> Value:
    """The filter that the snapshot's own `.gitattributes` give a path.

    Raises:
        Undecidable: one of them is too large to be read.
        UnreadableFile: one of them is a link, or not in this clone.
    """

    entries = snapshot.entries

    def read(name: str) -> bytes | None:
        if name not in entries:
            return None
        if snapshot.size(name) > MAX_BYTES:
            raise Undecidable(f"{name} is larger than {MAX_BYTES:,} bytes", path=name, help="make it smaller")
        return snapshot[name]

    return attributes_at(path, read).get("filter")


class OversizedWeights(Rule, code="LFS004"):
    """The weights are larger than the policy allows.

    Whoever deploys the model loads them, whoever works on it fetches them, and some servers refuse them only once they
    have been sent. The size stands in the pointer, so that this is known before the upload.

    Mend it: make the model smaller (fewer trees, lower precision, no training data in the file), or have `max_size`
    raised.

    Options:
        max_size: the largest size of one file, in bytes or with a unit such as `500MB` or `2GiB`. Default: 2GiB.
    """

    loosened_by = {"max_size": "more"}
    max_size: int | str = "2GiB"

    def __post_init__(self) -> None:
        parse_size(self.max_size)

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a file, at the size in its pointer."""
        later, limit = Postponed(), _limit(self.max_size)
        for weights in stored_weights(change.candidate, later):
            size = weights.pointer.size if weights.pointer else weights.size
            if size > limit:
                yield _oversized(weights, size, limit)
        later.tell()


@lru_cache(maxsize=8)  # it is asked for with each model
def _limit(max_size: int | str) -> int:
    return parse_size(max_size)


def _oversized(weights: Stored, size: int, limit: int) -> Finding:
    message = f"the weights are {written_size(size)}; the limit is {written_size(limit)}"
    if written_size(size) == written_size(limit):
        message = f"the weights are {size:,} bytes; the limit is {limit:,} bytes"
    help_text = "make the model smaller, or have `max_size` raised"
    if weights.pointer is None:
        return weights.finding(message, help_text)
    span = Span(3, len("size ") + 1, len(str(size)))
    return weights.file.finding("", message, span=span, help=help_text, role="weights", about=weights.name)
