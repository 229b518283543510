"""What is to be moved where: all that it takes to make the branch, or to print the commands that do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from snitch.snapshot import Entry

if TYPE_CHECKING:
    from snitch.git.building import Edits


class NewFile(Struct, frozen=True):
    """A content that is in no commit yet: one that is made of another (`base`: its id), or of nothing (None)."""

    path: str
    entry: Entry
    content: bytes
    base: str | None
    before: bytes


class Plan(Struct, frozen=True, kw_only=True):
    """One model's move. `edits` make the tree of `tip`, the target's commit, into the one that is asked for."""

    model: str
    #: What the model will be called on the target, and what is called so there now; None: it is not there.
    version: str
    present: str | None
    environment: str
    target: str
    tip: str
    #: None: the clone has none of the name that the policy gives.
    remote: str | None
    branch: str
    edits: Edits
    made: tuple[NewFile, ...] = ()
    title: str
    #: In one sentence: what comes from which commit.
    origin: str
    #: For people: what the request should say, in Markdown.
    body: str
    #: What whoever asks for it should know before.
    notes: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The commit's."""
        return f"{self.title}\n\n{self.origin}\n"


class NothingToMove(Exception):
    """The target has it already; `str()` of it says so."""


def named_in_ref(text: str) -> str:
    """A name as a part of a branch's."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "environment"
