"""What proves to a Git LFS server who asks: shown to that server alone, and never to people."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cached_property
from typing import TYPE_CHECKING

from snitch.lfs.login import Login, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snitch.git.command import Git

_HEADER = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(?P<value>[\x20-\x7e]*)")
#: How long a credential helper may take, in seconds.
_HELPER_SECONDS = 20.0


class Credentials:
    """What may be shown to the server at `url`: git's own extra headers for it, else one of the logins.

    Git's credential helpers are asked once the server wants more than that. For any other origin there is nothing.
    """

    def __init__(self, git: Git, url: str, *logins: Login | None) -> None:
        self._git = git
        self._url = url
        self._login = next((login for login in logins if login is not None and login.is_for(url)), None)
        self._has_asked = False

    def headers(self, url: str) -> dict[str, str]:
        """The headers for a request to `url`."""
        if origin_of(url) is None or origin_of(url) != origin_of(self._url):
            return {}
        headers = dict(self._extra)
        if self._login is not None and not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = self._login.authorization
        return headers

    def ask_helpers(self) -> bool:
        """Whether git's credential helpers know a login that has not been tried; it is used from now on."""
        if self._has_asked:
            return False
        self._has_asked = True
        login = self._filled()
        if login is None or login == self._login:
            return False
        self._login = login
        self.__dict__["_extra"] = {
            name: value for name, value in self._extra.items() if name.lower() != "authorization"
        }
        return True

    def is_secret(self, text: str) -> bool:
        """Whether a text, such as a server's own message, gives away what was shown to it."""
        return any(secret in text for secret in self._secrets())

    def _secrets(self) -> Iterator[str]:
        if self._login is not None:
            yield from filter(None, (self._login.secret or self._login.user, self._login.authorization.split(" ")[1]))
        for name, value in self._extra.items():
            if name.lower() == "authorization":
                yield from filter(None, value.split(" ")[1:] or [value])

    @cached_property
    def _extra(self) -> dict[str, str]:
        """`http.<url>.extraHeader`, where the CI's checkout leaves its token."""
        answer = self._git.ask(("config", "--null", "--get-urlmatch", "http.extraHeader", self._url))
        match = _HEADER.fullmatch(os.fsdecode(answer.out).rstrip("\0").strip()) if answer.status == 0 else None
        return {match["name"]: match["value"]} if match else {}

    def _filled(self) -> Login | None:
        """What `git credential fill` says; no program may ask a person."""
        origin = origin_of(self._url)
        if origin is None:
            return None
        host = self._url.split("/")[2]
        path = "/".join(self._url.split("/")[3:])
        asked = f"protocol={origin.scheme}\nhost={host}\npath={path}\n\n"
        command = ("-c", "core.askPass=", "-c", "credential.interactive=false", "credential", "fill")
        with self._git.start(command, stderr=subprocess.DEVNULL) as process:
            try:
                out, _ = process.communicate(asked.encode("utf-8", "surrogateescape"), timeout=_HELPER_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
            except BaseException:
                process.kill()
                raise
        lines = (line.partition("=") for line in os.fsdecode(out).split("\n"))
        told = {name: value for name, _, value in lines}
        if process.returncode != 0 or not told.get("password"):
            return None
        return Login(self._url, told.get("username", ""), told["password"])
