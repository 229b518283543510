"""How a branch came to be: its first parents, asked of one model at a time.

First parents alone: a merge commit, a squash merge and a rebase all are one more state of the branch, and what lay on
the side branch never stood on this one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from snitch.finding import Undecidable
from snitch.gate import Stretch
from snitch.git.errors import AbsentObject
from snitch.git.first_parents import (
    Step,
    dates,
    differences,
    first_parent,
    is_cut,
    listing,
    missing_trees,
    steps,
    steps_by_folder,
)
from snitch.git.snapshots import GitSnapshot, tree_snapshot
from snitch.layout import MANIFEST
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import Entry, UnreadableFile, in_git_order
from snitch.source import resolve, unreadable

if TYPE_CHECKING:
    from snitch.git.command import Git

#: When a forge says that a commit came to its branch; None where it does not know.
MergedAt = Callable[[str], "datetime | None"]

T = TypeVar("T")

#: Up to so many folders are asked for one by one.
_FEW = 5


class EntriesSnapshot(GitSnapshot):
    """Some entries of a commit that are known without listing it."""

    def __init__(self, git: Git, entries: dict[str, Entry], *, ref: str, commit: str | None) -> None:
        super().__init__(git, ref=ref, commit=commit)
        self._given = entries

    def _list(self) -> dict[str, Entry]:
        return dict(sorted(self._given.items(), key=lambda item: in_git_order(item[0])))


class BranchHistory:
    """The first-parent history of a commit, which is the tip of `branch`; a `snitch.gate.History`.

    A committer may backdate: a commit came to the branch no earlier than any before it. One whose date lies after
    `moment` proves nothing about those that follow it. `remote` is where more of the history can be fetched from. What
    lies in the folders of `exclude`, or where no model may lie, was never judged: it stood nowhere.
    """

    def __init__(
        self,
        git: Git,
        tip: str,
        branch: str,
        *,
        remote: str = "origin",
        merged_at: MergedAt | None = None,
        moment: datetime | None = None,
        exclude: tuple[str, ...] = (),
    ) -> None:
        self.exclude = exclude
        self.git = git
        self.tip = tip
        self.branch = branch
        self.remote = remote
        self._merged_at = merged_at
        self._moment = moment
        self._told: dict[tuple[str, str, tuple[str, ...]], _Told] = {}
        self._named: dict[tuple[str, str], bool] = {}
        self._expected: frozenset[str] = frozenset()

    def stretches(self, name: str, folder: str, beside: tuple[str, ...] = ()) -> Iterator[Stretch]:
        """As `snitch.gate.History.stretches`; asked again, git is not."""
        key = name, folder, beside
        if key not in self._told:
            self._told[key] = _Told(self._walk(name, folder, beside))
        return iter(self._told[key])

    def expect(self, folders: Iterable[str]) -> None:
        """Says which models' folders will be asked for: where they are many, one look at the history serves all."""
        expected = frozenset(folders) - {""}
        self._expected = expected if len(expected) > _FEW else frozenset()

    def _walk(self, name: str, folder: str, beside: tuple[str, ...]) -> Iterator[Stretch]:
        with self._decidable():
            at: str | None = self.tip
            folder = self._home(name, folder)
            while at is not None:
                at, folder = yield from self._stay(at, name, folder, beside)

    def _stay(
        self, at: str, name: str, folder: str, beside: tuple[str, ...]
    ) -> Generator[Stretch, None, tuple[str | None, str]]:
        """What a model's folder was, from a commit back to when the model came to it; whence it came: the commit (None:
        from nowhere) and the folder.
        """
        resolved = (resolve(folder, each) for each in beside)
        paths = (folder, *(path for path in resolved if path is not None)) if folder else ()
        entries = self._here(lambda: listing(self.git, at, paths))
        for step in self._steps(at, paths):
            model = Model(Repository(self._snapshot(dict(entries), step.commit), self.exclude), folder)
            yield Stretch(step.commit, self._since(step.commit), model)
            self._require_parents(step.commit)
            step.undo(entries)
            origin = self._origin(step, name, folder)
            if origin is not None:
                return first_parent(self.git, step.commit), origin
        self._require_parents(next(iter(self._dates)))
        return None, folder

    def _steps(self, at: str, paths: tuple[str, ...]) -> list[Step]:
        if at == self.tip and len(paths) == 1 and paths[0] in self._expected:
            return self._foreseen[paths[0]]
        return self._here(lambda: steps(self.git, at, paths))

    @cached_property
    def _foreseen(self) -> dict[str, list[Step]]:
        """What became of the folders that are expected."""
        return self._here(lambda: steps_by_folder(self.git, self.tip, self._expected))

    def _home(self, name: str, folder: str) -> str:
        """The folder of the model of a name at the tip; the one that it is looked for in, where it has none."""
        path = _manifest_in(folder)
        if self._bears(self._here(lambda: listing(self.git, self.tip, (path,))).get(path), path, name):
            return folder
        tip = Repository(tree_snapshot(self.git, self.tip, ref=self.branch, commit=self.tip), self.exclude)
        paths = [_manifest_in(each) for each in sorted(tip.model_folders)]
        tip.snapshot.prefetch(paths)
        entries = tip.snapshot.entries
        return next((each.rpartition("/")[0] for each in paths if self._bears(entries[each], each, name)), folder)

    def _origin(self, step: Step, name: str, folder: str) -> str | None:
        """The folder that a model was moved out of by the commit that brought it to `folder`; None where it was none
        such.
        """
        path = _manifest_in(folder)
        before, after = step.changes.get(path, (None, None))
        if before == after or not self._bears(after, path, name) or self._bears(before, path, name):
            return None
        parent = first_parent(self.git, step.commit)
        if parent is None:
            return None
        for other, (was, became) in differences(self.git, parent, step.commit, f"**/{MANIFEST}"):
            if self._bears(was, other, name) and not self._bears(became, other, name):
                return other.rpartition("/")[0]
        return None

    def _here(self, ask: Callable[[], T]) -> T:
        """What git answers; where the clone lacks trees of the history and may fetch, after they have been fetched."""
        try:
            return ask()
        except AbsentObject:
            supply = self.git.objects.supplier
            missing = missing_trees(self.git, self.tip)
            if supply is None or not missing:
                raise
            supply(missing)
            return ask()

    def _bears(self, entry: Entry | None, path: str, name: str) -> bool:
        """Whether a manifest gives a name.

        Raises:
            Undecidable: its object is not in this clone.
        """
        if entry is None:
            return False
        repository = Repository(self._snapshot({path: entry}, None), self.exclude)
        if repository.is_unowned(path):
            return False
        key = entry.oid, name
        if key not in self._named:
            self._named[key] = Model(repository, path.rpartition("/")[0]).bears(name)
        return self._named[key]

    def _snapshot(self, entries: dict[str, Entry], commit: str | None) -> EntriesSnapshot:
        return EntriesSnapshot(self.git, entries, ref=self.branch, commit=commit)

    def _since(self, commit: str) -> datetime | None:
        """When a commit came to the branch: by its committer's date and those before it, and by the forge's word."""
        stated, told = self._dates[commit], self._merged_at(commit) if self._merged_at else None
        return stated if told is None else told if stated is None else max(stated, told)

    @cached_property
    def _dates(self) -> dict[str, datetime | None]:
        return dates(self.git, self.tip, self._moment)

    def _require_parents(self, commit: str) -> None:
        if is_cut(self.git, commit):
            reason = f"the history of `{self.branch}` ends at {commit[:12]} in this shallow clone"
            raise Undecidable(reason, help=f"`git fetch --unshallow {self.remote}`")

    @contextmanager
    def _decidable(self) -> Iterator[None]:
        """What is not in this clone decides nothing."""
        try:
            yield
        except AbsentObject as error:
            raise Undecidable(f"the history of `{self.branch}`: {error.message}", help=error.advice) from None
        except UnreadableFile as error:
            raise unreadable(error) from None


class _Told:
    """What an iterator gives, kept for whoever asks again; a refusal too."""

    def __init__(self, stretches: Iterator[Stretch]) -> None:
        self._more = stretches
        self._known: list[Stretch] = []
        self._refusal: Undecidable | None = None

    def __iter__(self) -> Iterator[Stretch]:
        at = 0
        while at < len(self._known) or self._take():
            yield self._known[at]
            at += 1

    def _take(self) -> bool:
        """Whether there is one more."""
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        try:
            self._known.append(next(self._more))
        except StopIteration:
            return False
        except Undecidable as error:
            self._refusal = error
            raise
        return True


def _manifest_in(folder: str) -> str:
    return f"{folder}/{MANIFEST}" if folder else MANIFEST
