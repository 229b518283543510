"""What Git LFS servers are asked: which objects they have, and for the bytes of one."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from snitch.finding import Undecidable
from snitch.lfs.batch import HEADERS, MAX_ANSWER_BYTES, Action, Standing, Unsure, batches, message_of, question
from snitch.lfs.batch import read_answer as read_batch
from snitch.lfs.credentials import Credentials
from snitch.lfs.endpoint import FolderEndpoint, HttpEndpoint, authorities_for, endpoint_of
from snitch.lfs.patience import PATIENCE, Patience
from snitch.lfs.storing import Mismatch, Progress, holds, object_file, store
from snitch.lfs.transport import Transport, Unanswered

if TYPE_CHECKING:
    from snitch.git.command import Git
    from snitch.lfs.login import Login
    from snitch.pointer import Pointer

_AGAIN = "run it again once the server answers"
_LOGIN = "give the job a token that may read the repository (on GitHub, the permission `contents: read`)"
_MENDS = {401: _LOGIN, 403: _LOGIN, 404: f"{_LOGIN}, or name the server: `git config lfs.url URL`"}
_REFUSALS = {
    401: "it asks for credentials, and those known here are none that it takes",
    403: "it forbids to read with the credentials known here",
    404: "it knows no such repository, or the credentials known here may not read it",
}
_MAX_MESSAGE = 200
#: Of a request as a whole, 404 is about the repository; but some servers say so of one whose objects they all lack.
_OF_OBJECTS = re.compile(r"\bobjects?\b", re.IGNORECASE)


class Server(Protocol):
    """A server of weights, which remembers its answers: what is asked twice costs once."""

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        """The digests of those objects that it does not have, or not in the pointer's size.

        Raises:
            Undecidable: it cannot be asked.
        """
        ...

    def download(self, pointer: Pointer, folder: str, progress: Progress | None = None) -> str:
        """Brings an object into a folder laid out as Git LFS's own store, and gives its file there.

        Raises:
            Undecidable: its bytes cannot be had, or are others than the pointer's.
        """
        ...


def weights_server(
    git: Git,
    remote: str = "origin",
    *,
    url: str | None = None,
    login: Login | None = None,
    patience: Patience = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> Server:
    """The server of a clone's remote; where git's configuration names none, `url` stands in for the remote's own.

    `login` is shown to the server only where it is of the very host that the login is for. Nothing is asked yet; where
    there is no server, whoever asks it learns why.

    Raises:
        GitError: git's configuration cannot be read.
    """
    try:
        endpoint = endpoint_of(git, remote, url)
    except Undecidable as reason:
        return NoServer(reason)
    if isinstance(endpoint, FolderEndpoint):
        return FolderServer(endpoint.path)
    credentials = Credentials(git, endpoint.url, login, endpoint.login)
    transport = Transport(credentials, patience, authorities=authorities_for(git, endpoint.url), sleep=sleep)
    return HttpServer(endpoint, credentials, transport)


class NoServer:
    """No server, and why."""

    def __init__(self, reason: Undecidable) -> None:
        self._reason = reason

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        if any(True for _ in pointers):
            raise self._reason.with_traceback(None)
        return frozenset()

    def download(self, pointer: Pointer, folder: str, progress: Progress | None = None) -> str:
        raise self._reason.with_traceback(None)


class FolderServer:
    """A repository on this disk, whose own store holds what was pushed to it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.name = path

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        asked = list(pointers)
        if not asked:
            return frozenset()
        folder = self._store()
        return frozenset(pointer.digest for pointer in asked if not holds(folder, pointer))

    def download(self, pointer: Pointer, folder: str, progress: Progress | None = None) -> str:
        if holds(folder, pointer):
            return object_file(folder, pointer)
        source = object_file(self._store(), pointer)
        try:
            with open(source, "rb") as file:
                return store(iter(lambda: file.read(1 << 20), b""), pointer, folder, progress)
        except OSError as error:
            raise _undownloaded(self.name, pointer, str(error.strerror)) from None
        except Mismatch as error:
            raise _undownloaded(self.name, pointer, str(error)) from None

    def _store(self) -> str:
        for git_dir in (os.path.join(self._path, ".git"), self._path):
            if os.path.isdir(os.path.join(git_dir, "objects")):
                return os.path.join(git_dir, "lfs")
        reason = f"there is no Git repository at {self._path}, where the weights should be"
        raise Undecidable(reason, help="name the server: `git config lfs.url URL`")


class HttpServer:
    """A server that speaks the batch API."""

    def __init__(self, endpoint: HttpEndpoint, credentials: Credentials, transport: Transport) -> None:
        #: Its URL, as people may see it.
        self.name = endpoint.url
        self._credentials = credentials
        self._transport = transport
        self._known: dict[Pointer, Standing] = {}
        #: Why it cannot be asked. Who did not answer once is not asked again.
        self._failure: Undecidable | None = None

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        asked = list(dict.fromkeys(pointers))
        self._learn(pointer for pointer in asked if pointer not in self._known)
        for pointer in asked:
            self._refuse_unsure(pointer)
        return frozenset(pointer.digest for pointer in asked if self._known[pointer] is None)

    def download(self, pointer: Pointer, folder: str, progress: Progress | None = None) -> str:
        if holds(folder, pointer):
            return object_file(folder, pointer)
        # What was said of it before may have run out since.
        self._learn([pointer])
        self._refuse_unsure(pointer)
        action = self._known[pointer]
        if not isinstance(action, Action):
            raise _undownloaded(self.name, pointer, "the server does not have it", help="push it: `git lfs push --all`")
        try:
            with closing(self._bytes(action, pointer)) as parts:
                return store(parts, pointer, folder, progress)
        except (Unanswered, Mismatch) as error:
            raise _undownloaded(self.name, pointer, str(error)) from None
        except OSError as error:
            raise _undownloaded(
                self.name, pointer, f"it cannot be written: {error.strerror}", help="make room"
            ) from None

    def _bytes(self, action: Action, pointer: Pointer) -> Generator[bytes, None, None]:
        safe = ("https://",) if self.name.startswith("https://") else ("https://", "http://")
        if not action.href.lower().startswith(safe):
            raise Unanswered("it says to download without https")
        return self._transport.get(action.href, action.header, pointer.size, is_signed=action.is_signed)

    def _learn(self, pointers: Iterable[Pointer]) -> None:
        for batch in batches(pointers):
            if self._failure is not None:
                raise self._failure.with_traceback(None)
            try:
                self._known |= self._ask(batch)
            except Undecidable as failure:
                self._failure = failure
                raise

    def _ask(self, batch: list[Pointer]) -> dict[Pointer, Standing]:
        try:
            reply = self._transport.post(f"{self.name}/objects/batch", question(batch), HEADERS, MAX_ANSWER_BYTES)
            if reply.status == 200:
                return read_batch(reply.body, batch)
        except (Unanswered, ValueError) as error:
            raise self._unasked(str(error), _AGAIN) from None
        message = message_of(reply.body)
        if reply.status == 404 and _OF_OBJECTS.search(message):
            return dict.fromkeys(batch)
        if reply.status == 422:
            return dict.fromkeys(batch, Unsure("answered 422 about", message))
        raise self._refused(reply.status, message)

    def _refused(self, status: int, message: str) -> Undecidable:
        reason = _REFUSALS.get(status, f"it answered {status}")
        return self._unasked(reason + self._quoted(message), _MENDS.get(status, _AGAIN))

    def _unasked(self, reason: str, mend: str) -> Undecidable:
        return Undecidable(f"the Git LFS server at {self.name} cannot be asked: {reason}", help=mend)

    def _refuse_unsure(self, pointer: Pointer) -> None:
        standing = self._known[pointer]
        if isinstance(standing, Unsure):
            said = self._quoted(standing.message)
            raise Undecidable(
                f"the Git LFS server at {self.name} {standing.reason} {pointer.digest}{said}", help=_AGAIN
            )

    def _quoted(self, message: str) -> str:
        """The server's own words, unless they give away what it was shown."""
        message = " ".join(message.split())
        if not message or self._credentials.is_secret(message):
            return ""
        return f" (“{message[:_MAX_MESSAGE]}”)"


def _undownloaded(name: str, pointer: Pointer, reason: str, *, help: str = _AGAIN) -> Undecidable:
    return Undecidable(f"{pointer.digest} cannot be had from the Git LFS server at {name}: {reason}", help=help)
