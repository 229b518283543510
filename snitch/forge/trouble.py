"""What a request that failed says of itself, and whether to try it again."""

from __future__ import annotations

import re
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from snitch.escape import for_terminal
from snitch.forge.errors import ErrorKind, ForgeError
from snitch.forge.token import token_variables

if TYPE_CHECKING:
    from github import GithubException

_LONGEST_TOLD = 200


class Trouble(Exception):
    """A request failed. `wait` is how many seconds the forge asks to be left alone, if it does.

    It `is_final` where trying again is no use, and `may_have_worked` where it may have been carried out all the same.
    """

    def __init__(
        self, error: ForgeError, wait: float | None = None, *, is_final: bool = False, may_have_worked: bool = False
    ) -> None:
        super().__init__(error.message)
        self.error, self.wait, self.is_final, self.may_have_worked = error, wait, is_final, may_have_worked


def explain(error: Exception, verb: str, url: str) -> Trouble:
    """What GitHub's answer amounts to. An exception's own words are told only where they cannot hold the token."""
    from github import GithubException
    from requests import RequestException

    asked = f"{verb} {url}"
    if isinstance(error, GithubException):
        return _refused(error, asked, verb)
    if isinstance(error, TimeoutError):
        return lost(f"GitHub did not answer {asked} in time")
    if isinstance(error, (JSONDecodeError, UnicodeDecodeError)):
        return lost(f"GitHub's answer to {asked} is broken")
    if isinstance(error, RequestException) and not isinstance(error, ValueError):
        return lost(f"GitHub cannot be reached: {asked} ended in {type(error).__name__}")
    message = f"{asked} ended in {type(error).__name__}"
    return Trouble(ForgeError(message, "Is the address of the API right?", kind="misunderstood"), is_final=True)


def lost(message: str) -> Trouble:
    return Trouble(ForgeError(message, "Try again later", kind="unreachable"), may_have_worked=True)


def _refused(error: GithubException, asked: str, verb: str) -> Trouble:
    """What an answer that is an error amounts to."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    status, words = error.status, _words(error.data)
    if status >= 500:
        broken = ForgeError(
            f"GitHub is broken: it answered {asked} with {status}", "Try again later", kind="unreachable"
        )
        return Trouble(broken, seconds(headers.get("retry-after", "")), may_have_worked=True)
    if status == 429 or (status == 403 and _is_limit(words, headers)):
        return _limited(asked, words, headers)
    kind, message, advice = _known(status, words, verb)
    told = f"{message}: {asked} was answered with {status}{f', {words}' if words else ''}"
    return Trouble(ForgeError(told, advice, kind=kind), is_final=True)


def _limited(asked: str, words: str, headers: dict[str, str]) -> Trouble:
    wait = seconds(headers.get("retry-after", ""))
    told = f", to be asked again after {wait:g} seconds" if wait is not None else ""
    error = ForgeError(f"GitHub takes no more requests now: {asked}: {words}{told}", "Try again later", kind="limited")
    return Trouble(error, wait, is_final=wait is None)


def _is_limit(words: str, headers: dict[str, str]) -> bool:
    return "rate limit" in words.lower() or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"


def seconds(stated: str) -> float | None:
    """How long a `Retry-After` asks to be left alone; None where it gives no number."""
    return float(stated) if re.fullmatch(r"\s*[0-9]{1,6}\s*", stated) else None


def _known(status: int, words: str, verb: str) -> tuple[ErrorKind, str, str]:
    """The kind, what is wrong, and what to do."""
    writes = verb != "GET"
    if status == 401:
        return "unauthorized", "GitHub does not know the token", f"Set {token_variables('github')} to one that holds"
    if status == 403 and writes and ("not accessible by" in words or "read-only" in words):
        return "read-only", "no write permission here", "Leave the result for `snitch publish`"
    if status == 403:
        return "unauthorized", "the token may not do that", "Give the job that permission"
    if status == 404:
        return "absent", "there is no such thing, or the token may not see it", ""
    return "refused", "GitHub refused", ""


def _words(told: Any) -> str:
    """What GitHub says is wrong, on one line."""
    if not isinstance(told, dict):
        return ""
    errors = told.get("errors")
    parts = [told.get("message"), *(each.get("message") for each in errors or () if isinstance(each, dict))]
    return for_terminal(": ".join(part for part in parts if isinstance(part, str))[:_LONGEST_TOLD])
