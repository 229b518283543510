"""The one comment of a request: which it is, and what is to become of it. Nothing here asks a forge.

Runs race. So nobody decides once what to write and then writes it: `next_step` is asked again after each step, with all
comments read anew, until nothing is left to do. Then one comment of ours is there, on the newest commit judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct

from snitch.forge.client import Comment, RequestFacts

_MARKER = re.compile(
    r"<!-- snitch:report head=([0-9a-f]{40}|[0-9a-f]{64}) run=([0-9]{1,19})\.([0-9]{1,9}) text=([0-9a-f]{16}) -->"
)
_RUN = re.compile(r"/(?:actions/runs|-/jobs|-/pipelines)/([0-9]{1,19})(?:/attempts/([0-9]{1,9}))?\Z")

#: A run of the CI and its attempt: later ones are greater. Zeros where nobody knows.
Run = tuple[int, int]


class Marker(Struct, frozen=True):
    """What a comment says of itself where people do not see it."""

    head: str
    run: Run
    #: Of the text that follows.
    digest: str

    def __str__(self) -> str:
        run, attempt = self.run
        return f"<!-- snitch:report head={self.head} run={run}.{attempt} text={self.digest} -->"


class Wanted(Struct, frozen=True):
    """What a run has to say. `target` is the branch that it judged the merge into."""

    head: str
    target: str
    run: Run
    text: str
    is_green: bool

    @property
    def marker(self) -> Marker:
        return Marker(self.head, self.run, sha256(self.text.encode("utf-8", "backslashreplace")).hexdigest()[:16])

    @property
    def body(self) -> str:
        return f"{self.marker}\n{self.text}"


class Write(Struct, frozen=True):
    """Replace the text of a comment; None: write a new one."""

    comment: int | None
    body: str


class Remove(Struct, frozen=True):
    """Delete comments of ours."""

    comments: tuple[int, ...]


class Rest(Struct, frozen=True):
    """Nothing is left to do, and why."""

    reason: str


OUTDATED = "> This report is of a commit that is not the newest one any more.\n\n"


def run_of(url: str) -> Run:
    """The run whose page is at `url`."""
    match = _RUN.search(url)
    return (int(match[1]), int(match[2] or 0)) if match else (0, 0)


def marker_of(body: str) -> Marker | None:
    """The marker that a comment begins with; one further down is a quotation."""
    match = _MARKER.match(body)
    return Marker(match[1], (int(match[2]), int(match[3])), match[4]) if match else None


def next_step(
    wanted: Wanted, live: RequestFacts, comments: Iterable[Comment], *, has_written: bool
) -> Write | Remove | Rest:
    """What to do, as things are now. `has_written`: this run has already written or changed a comment.

    Green is told only where something else was told before. An older head never replaces a newer one: what is not
    the live head writes nothing, and where the head moved on just as it wrote, it says so.
    """
    if not live.is_open:
        return Rest("the request is closed")
    ours = [(each, marker) for each, marker in _marked(comments) if each.is_own]
    if live.head != wanted.head:
        return _overtaken(wanted, ours, has_written)
    if live.target != wanted.target:
        return Rest(f"the request is to be merged into {live.target} now")
    if not ours:
        return Rest("all is green, and always was") if wanted.is_green else Write(None, wanted.body)
    body = _newest(wanted, ours)
    (kept, marker), *others = ours
    if marker != marker_of(body):
        return Write(kept.id, body)
    if others:
        return Remove(tuple(each.id for each, _ in others))
    return Rest("the comment is up to date" if body == wanted.body else "a later run has written already")


def _marked(comments: Iterable[Comment]) -> Iterable[tuple[Comment, Marker]]:
    for each in sorted(comments, key=lambda each: each.id):
        marker = marker_of(each.body)
        if marker is not None:
            yield each, marker


def _newest(wanted: Wanted, ours: list[tuple[Comment, Marker]]) -> str:
    """The latest word on this head: what a later run wrote into any of our comments, else this run's."""
    later = [(marker.run, each.body) for each, marker in ours if marker.head == wanted.head and marker.run > wanted.run]
    return max(later)[1] if later else wanted.body


def _overtaken(wanted: Wanted, ours: list[tuple[Comment, Marker]], has_written: bool) -> Write | Remove | Rest:
    mine = [each.id for each, marker in ours if has_written and marker == wanted.marker]
    if mine and mine[0] != ours[0][0].id:
        return Remove(tuple(mine))
    if mine:
        outdated = Wanted(wanted.head, wanted.target, wanted.run, OUTDATED + wanted.text, wanted.is_green)
        return Write(mine[0], outdated.body)
    return Rest("a newer commit was pushed, and its own run will tell")
