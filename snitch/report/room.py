"""What of a long report is shown where there is little room: the most important, and how much was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

_MANY = 10**9


class Part(Struct, frozen=True):
    """A piece of a report that is shown whole or not at all; of two the one of the lower `rank` goes first.

    `kind` is what it is one of, for its share of the room and for the count of those left out.
    """

    text: str
    rank: int
    kind: str


class Section(Struct, frozen=True):
    """Parts beneath a title. `opening` and `closing` stand around them wherever one of them is kept."""

    title: str
    parts: Sequence[Part]
    opening: str = ""
    closing: str = ""
    joint: str = "\n\n"


def compose(
    sections: Iterable[Section],
    *,
    room: int,
    shares: dict[str, int],
    size: Callable[[str], int],
    told: Callable[[int, str], str],
) -> list[str]:
    """The blocks of those parts that fit into the room, in their order.

    First each kind gets at most its share, so that no kind crowds out the others; then whatever is left goes to the
    most important. `told` words how many parts of a kind were left out; the last section of that kind says so.
    """
    sections = list(sections)
    room -= sum(size(section.title + section.opening + section.closing) + 8 for section in sections)
    room -= sum(size(told(_MANY, kind)) + 2 for kind in {part.kind for section in sections for part in section.parts})
    kept = _kept([part for section in sections for part in section.parts], room, shares, size)
    lost = Counter(part.kind for section in sections for part in section.parts if id(part) not in kept)
    last = {part.kind: number for number, section in enumerate(sections) for part in section.parts}
    blocks: list[str] = []
    title = ""
    for number, section in enumerate(sections):
        body = _body(section, kept)
        missing = [told(lost[kind], kind) for kind, place in last.items() if place == number and lost[kind]]
        if (body or missing) and section.title != title:
            title = section.title
            blocks.append(title)
        blocks += [*([body] if body else []), *missing]
    return blocks


def _kept(parts: list[Part], room: int, shares: dict[str, int], size: Callable[[str], int]) -> set[int]:
    """The ids of the parts that fit."""
    in_order = sorted(((part, size(part.text) + 2) for part in parts), key=lambda each: each[0].rank)
    kept: set[int] = set()
    used: Counter[str] = Counter()
    for shared in (True, False):
        for part, cost in in_order:
            within = not shared or part.kind not in shares or used[part.kind] + cost <= shares[part.kind]
            if id(part) not in kept and within and cost <= room:
                kept.add(id(part))
                used[part.kind] += cost
                room -= cost
    return kept


def _body(section: Section, kept: set[int]) -> str:
    body = section.joint.join([part.text for part in section.parts if id(part) in kept])
    return f"{section.opening}{body}{section.closing}" if body else ""
