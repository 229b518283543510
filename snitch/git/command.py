"""The one door to the git program.

Nothing of the judged repository runs: no hook, no filter, no textconv, no fsmonitor. Nothing is fetched, nothing is
asked of the terminal, and no replace ref stands in for an object.
"""

# pathlib would cost more at start-up than a hook has to spend.
from __future__ import annotations

import os
import subprocess

from snitch.git.environment import environment, program
from snitch.git.errors import OLDEST_GIT, GitError, TimedOut, explain

# As typing has it, whose import would cost a hook that has nothing to do a tenth of its time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence
    from typing import IO

    from snitch.git.layout import Layout
    from snitch.git.objects import Objects

_OPTIONS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.quotePath=false"),
    *("-c", "core.bigFileThreshold=16m"),
    *("-c", "submodule.recurse=false"),
    "--no-pager",
)


#: Seconds that one command may take which asks no other machine. The largest repositories need a few.
PATIENCE = 600.0


class Answer:
    """What a git command came to: its exit status, stdout, and stderr as text."""

    __slots__ = ("err", "out", "status")

    def __init__(self, status: int, out: bytes, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


class Git:
    """Asks git about the repository that holds `directory`.

    `variables` are added to git's environment (a temporary object directory, for instance). Making one costs nothing:
    git is first run when something is asked. Without `patience` (in seconds) a command may take as long as it likes.
    """

    def __init__(
        self,
        directory: str = ".",
        *,
        variables: Mapping[str, str] | None = None,
        patience: float | None = PATIENCE,
    ) -> None:
        self.directory = os.path.abspath(directory)
        #: What a person is told of where it lies; another's, where the folder is but a means.
        self.called = self.directory
        self.patience = patience
        self._environment = environment(self.directory) | dict(variables or {})
        self._layout: Layout | None = None
        self._objects: Objects | None = None
        self._ahead: dict[tuple[bool, tuple[str, ...]], subprocess.Popen[bytes]] = {}
        self._foreseen: dict[tuple[bool, tuple[str, ...]], Answer] = {}
        #: Git LFS's local store, once it has been asked for.
        self.lfs_store: str | None = None
        #: A folder laid out like it, where weights were brought for this run alone.
        self.fetched_weights: str | None = None

    def run(
        self, args: Sequence[str], input: bytes | None = None, *, at_top: bool = False, accept: Container[int] = (0,)
    ) -> bytes:
        """What `git ARGS` prints; `at_top` runs it in the top-level folder whatever the directory.

        Raises:
            GitError: git cannot be run, or exits with a status that is not in `accept`.
        """
        answer = self.ask(args, input, at_top=at_top)
        if answer.status not in accept:
            raise self.failure(_subcommand(args), answer)
        return answer.out

    def ask(self, args: Sequence[str], input: bytes | None = None, *, at_top: bool = False) -> Answer:
        """The same without judging the exit status.

        Raises:
            TimedOut: git takes too long.
        """
        foreseen = self._foreseen.pop((at_top, tuple(args)), None) if input is None else None
        if foreseen is not None:
            return foreseen
        process = self._ahead.pop((at_top, tuple(args)), None) if input is None else None
        if process is None:
            process = self.start(args, at_top=at_top, stdin=subprocess.DEVNULL if input is None else subprocess.PIPE)
        with process:
            try:
                out, err = process.communicate(input, self.patience)
            except subprocess.TimeoutExpired:
                process.kill()
                raise self.timed_out(_subcommand(args)) from None
            except BaseException:
                process.kill()
                raise
        return Answer(process.returncode, out, err.decode("utf-8", "replace"))

    def ahead(self, args: Sequence[str], *, at_top: bool = False) -> None:
        """Starts what will be asked, in these words and there, so that git works while Python does, or another git."""
        if (at_top, tuple(args)) in self._foreseen or (at_top, tuple(args)) in self._ahead:
            return
        self._ahead[at_top, tuple(args)] = self.start(args, at_top=at_top, stdin=subprocess.DEVNULL)

    def foresee(self, args: Sequence[str], *, at_top: bool = False) -> Answer:
        """What will be asked in these words, kept for whoever asks it next."""
        answer = self.ask(args, at_top=at_top)
        self._foreseen[at_top, tuple(args)] = answer
        return answer

    def records(self, args: Sequence[str], input: bytes | None = None, *, at_top: bool = False) -> list[str]:
        """The NUL-terminated records that `git ARGS` prints, as surrogate-escaped text."""
        text = self.run(args, input, at_top=at_top).decode("utf-8", "surrogateescape")
        return text.split("\0")[:-1]

    def stream(self, args: Sequence[str]) -> Iterator[list[str]]:
        """The same, some at a time: Python takes in a long answer while git goes on with it."""
        from threading import Thread

        if (False, tuple(args)) in self._foreseen:
            yield self.records(args)
            return
        process = self._ahead.pop((False, tuple(args)), None) or self.start(args, stdin=subprocess.DEVNULL)
        said: list[bytes] = []
        with process:
            assert process.stdout is not None
            assert process.stderr is not None
            # A pipe that nobody reads could fill and stop git.
            listener = Thread(target=_listen, args=(process.stderr, said), daemon=True)
            listener.start()
            try:
                rest = b""
                while part := process.stdout.read(1 << 18):
                    *whole, rest = (rest + part).split(b"\0")
                    yield b"\0".join(whole).decode("utf-8", "surrogateescape").split("\0") if whole else []
            except BaseException:
                process.kill()
                raise
            listener.join()
        if process.returncode != 0:
            error = b"".join(said).decode("utf-8", "replace")
            raise self.failure(_subcommand(args), Answer(process.returncode, b"", error))

    def start(
        self, args: Sequence[str], *, at_top: bool = False, stdin: int = subprocess.PIPE, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """A running git with unbuffered pipes; whoever starts it ends it."""
        directory = self.top_level if at_top else self.directory
        try:
            return subprocess.Popen(
                (program(), *_OPTIONS, *args),
                bufsize=0,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=directory,
                env=self._environment,
            )
        except (FileNotFoundError, NotADirectoryError):
            raise GitError(f"there is no folder {directory}", "Name one that exists") from None
        except OSError as error:
            raise GitError(f"git cannot be started in {directory}: {error.strerror}", "Install git again") from None

    def failure(self, command: str, answer: Answer) -> GitError:
        """The error to raise for a command that failed."""
        if answer.status == 129 or "usage: git" in answer.err:
            version = self.version()
            if version < OLDEST_GIT:
                return too_old(version)
        return explain(command, answer.err, self.called)

    def timed_out(self, command: str) -> TimedOut:
        """The error to raise for a command that takes too long."""
        message = f"git {command} was not done after {self.patience:.0f} seconds in {self.called}"
        return TimedOut(message, "Run it again where the machine is less busy, or mend what makes it slow")

    def version(self) -> tuple[int, ...]:
        """Git's version, as in `(2, 39, 5)`."""
        words = self.run(("version",)).split()
        return tuple(int(part) for part in words[2].split(b".") if part.isdigit()) if len(words) > 2 else ()

    @property
    def layout(self) -> Layout:
        """Where the repository lies; asked once.

        Raises:
            GitError: there is no repository, or git refuses to read it.
        """
        if self._layout is None:
            from snitch.git.layout import read_layout

            self._layout = read_layout(self)
        return self._layout

    def forget_layout(self) -> None:
        """Asks anew where the repository lies and what it is, once something has been fetched into it."""
        self._layout = None

    @property
    def top_level(self) -> str:
        """The work tree's top-level folder.

        Raises:
            GitError: the repository has none.
        """
        if self.layout.top_level is None:
            raise explain("rev-parse", "must be run in a work tree", self.directory)
        return self.layout.top_level

    @property
    def has_work_tree(self) -> bool:
        return self.layout.top_level is not None

    @property
    def objects(self) -> Objects:
        """The one reader of this repository's objects, shared by all its snapshots."""
        if self._objects is None:
            from snitch.git.objects import Objects

            self._objects = Objects(self)
        return self._objects

    def close(self) -> None:
        """Ends what runs: the reader of objects, and what was started ahead and never asked."""
        for process in self._ahead.values():
            with process:
                process.kill()
        self._ahead.clear()
        if self._objects is not None:
            self._objects.close()


def _listen(pipe: IO[bytes], said: list[bytes]) -> None:
    """Takes what git says on a pipe, which is closed under it where nobody wants the answer any more."""
    try:
        said.append(pipe.read())
    except (OSError, ValueError):
        return


def too_old(version: tuple[int, ...], needed: tuple[int, ...] = OLDEST_GIT, *, purpose: str = "Snitch") -> GitError:
    """The error that a git older than `needed` deserves."""
    have, want = (".".join(map(str, numbers)) for numbers in (version, needed))
    return GitError(f"git {have} is too old: {purpose} needs {want} or newer", "Install a newer git")


def _subcommand(args: Sequence[str]) -> str:
    return next(arg for arg in args if arg[0] != "-" and "=" not in arg)
