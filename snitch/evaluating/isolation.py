"""What a model was kept apart from, and by what."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

Kind = Literal["network", "files", "memory", "time", "processes"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_WITHOUT: dict[Kind, str] = {
    "network": "no network isolation here: the model could reach the network",
    "files": "no isolation of files here: the model could read and write what this user can, the labels too",
    "memory": "no limit of memory here: the model could take all there is",
    "time": "no limit of time here",
    "processes": "no isolation of processes here: the model could leave some behind, and signal this user's",
}


class Isolation(Struct, frozen=True):
    """What held while a model ran: for each kind that did, by what means."""

    held: dict[Kind, str] = {}

    @property
    def missing(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in KINDS if not self.held.get(kind))

    def told(self) -> list[str]:
        """What did not hold, a sentence each; none where the model was kept apart from everything."""
        told = [_WITHOUT[kind] for kind in self.missing]
        if self.held.get("network") and "seccomp" not in self.held["network"]:
            told.append(
                "no filter of system calls here: the model could reach services of this machine by their sockets"
            )
        return told
