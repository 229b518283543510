"""What committing a file of the work tree would do to its bytes, as far as attributes and configuration tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from snitch.git.command import Git

_ATTRIBUTES = ("filter", "text", "eol")


class Attributes(NamedTuple):
    """A path's attributes as git words them: `set`, `unset`, `unspecified`, or a value."""

    filter: str = "unspecified"
    text: str = "unspecified"
    eol: str = "unspecified"


class Conversions:
    """Answers for a fixed collection of paths; git is asked once for all, when the first is wanted."""

    def __init__(self, git: Git, paths: Collection[str], filters: Collection[str]) -> None:
        self._git = git
        self._paths = paths
        self._attributes: dict[str, Attributes] | None = None
        self._autocrlf: bool | None = None
        #: Those that git's configuration knows. One that it does not know is not applied by git either.
        self._filters = filters

    def goes_to_lfs(self, path: str) -> bool:
        """Whether committing the file stores an LFS pointer: the attribute says so and Git LFS is installed."""
        return "lfs" in self._filters and self._of(path).filter == "lfs"

    def apply(self, path: str, content: bytes, stored: Callable[[], bytes]) -> bytes:
        """The content with LF for CRLF, where git would store it so.

        `stored` is what the index holds: git leaves a file alone, whose being text it guessed, that has CRLF there.
        """
        if b"\r\n" not in content:
            return content
        attributes = self._of(path)
        if attributes.text == "set" or (attributes.text == "unspecified" and attributes.eol in ("lf", "crlf")):
            return content.replace(b"\r\n", b"\n")
        guess = attributes.text == "auto" or (attributes.text == "unspecified" and self._converts_by_default())
        if not guess or b"\0" in content:
            return content
        converted = content.replace(b"\r\n", b"\n")
        return content if b"\r" in converted or b"\r\n" in stored() else converted

    def _of(self, path: str) -> Attributes:
        if self._attributes is None:
            names = "\0".join(self._paths).encode("utf-8", "surrogateescape")
            told = self._git.records(("check-attr", "-z", "--stdin", *_ATTRIBUTES), names + b"\0", at_top=True)
            # Three records an attribute: path, name, value; the attributes of a path come together, as asked.
            step = 3 * len(_ATTRIBUTES)
            self._attributes = {told[i]: Attributes(*told[i + 2 : i + step : 3]) for i in range(0, len(told), step)}
        return self._attributes.get(path, Attributes())

    def _converts_by_default(self) -> bool:
        if self._autocrlf is None:
            told = self._git.ask(("config", "--get", "core.autocrlf"))
            self._autocrlf = told.out.strip().lower() in (b"true", b"input", b"yes", b"on", b"1")
        return self._autocrlf


def configured_filters(git: Git) -> frozenset[str]:
    """The names of the content filters that git's configuration would run on adding a file."""
    told = git.ask(("config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$"))
    names = told.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return frozenset(name.split(".", 1)[1].rpartition(".")[0] for name in names)


def without_filters(filters: Collection[str]) -> tuple[str, ...]:
    """Options that keep git from running these: it would, to see whether a recently written file has changed."""
    return tuple(
        option
        for name in sorted(filters)
        for setting in ("clean=", "process=", "required=false")
        for option in ("-c", f"filter.{name}.{setting}")
    )
