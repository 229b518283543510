"""Lines by which a manifest or a dependency file may name a file of another folder.

Whoever names a file elsewhere either climbs (`..`) or lies in a folder above it. What climbs is found by one search
that knows nothing of the change; what lies above is read. Whatever is not certain counts as naming it.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain

from snitch.checking.spelling import components_in, is_plain, word_of, words_in
from snitch.layout import MANIFEST, NAMING_FILES
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile

#: What climbs, and what may hide that it does: quotes, an escape, or a line that goes on in the next.
CLIMBS = (r"\.\.", r"\.[\"']+\.", r"\.[\"']*\\[\"'\\]*[[:space:]]*(\.|$)", r"\\[uUx]")
#: The same in a manifest, where any escape may spell a path.
MANIFEST_CLIMBS = (r"\.\.", r"\\")

#: More characters than these cost more to read than judging a model too many.
_MANY = 100_000_000

#: A file and one of its lines.
Mention = tuple[str, str]


def climbing_lines(candidate: Repository, found: Iterable[Mention], stale: Iterable[str]) -> list[Mention]:
    """The lines of the candidate's manifests that may name files elsewhere.

    `found` are those of a state from which the candidate differs in the `stale` paths only; those are read.
    """
    stale = frozenset(stale)
    lines = [mention for mention in found if mention[0] not in stale]
    for path in stale:
        if posixpath.basename(path) == MANIFEST and path in candidate.snapshot:
            try:
                text = candidate.snapshot[path].decode("utf-8", "replace")
            except UnreadableFile:
                continue  # it is judged for that alone
            lines += [(path, line) for line in text.split("\n") if ".." in line or "\\" in line]
    return lines


class Mentions:
    """The lines that may name files elsewhere; `climbing` are those of all files, as a search found them."""

    def __init__(self, candidate: Repository, climbing: Iterable[Mention]) -> None:
        self._candidate = candidate
        self._climbing: set[str] = set()
        #: The files that may name anything.
        self._uncertain: set[str] = set()
        self._by_word: dict[str, set[str]] = {}
        self._room = _MANY
        for file, line in climbing:
            self._climbing.add(file)
            words = components_in(file, line)
            if words is None:
                self._uncertain.add(file)
            for word in words or ():
                self._by_word.setdefault(word, set()).add(file)

    def files_naming(self, paths: set[str]) -> set[str]:
        """The files that may name one of the paths which their own model, if they have one, does not own."""
        plain = _Names(self._candidate, filter(is_plain, paths))
        found = {
            file for word in plain.words for file in self._by_word.get(word, ()) if plain.are_elsewhere(word, file)
        }
        found |= self._uncertain
        # A name with a space in it, or in a folder's, may go on in a line that does not climb.
        odd = _Names(self._candidate, (path for path in paths if not is_plain(path)))
        found |= {file for file in self._read(self._climbing - found if odd.words else ()) if self._speaks(file, odd)}
        names = _Names(self._candidate, paths)
        return found | {
            file for file in self._read(self._above(paths) - found) if self._speaks(file, names, below=True)
        }

    def _above(self, paths: set[str]) -> set[str]:
        """The files that name others in the folders above the paths' models, and above the paths that none owns."""
        folders: set[str] = set()
        for owner in {self._candidate.owner(path) or path for path in paths}:
            for folder in _upwards(owner):
                if folder in folders:
                    break
                folders.add(folder)
        ending = self._candidate.snapshot.ending
        found = chain.from_iterable(ending(pattern.lstrip("*")) for pattern in NAMING_FILES)
        evaluations = (path for path in ending(".json") if path.rpartition("/")[0].endswith("evaluations"))
        return {path for path in chain(found, evaluations) if path.rpartition("/")[0] in folders}

    def _read(self, files: Iterable[str]) -> Iterator[str]:
        """The files that there are, in an order, to be looked at one after the other."""
        present = sorted(file for file in files if file in self._candidate.snapshot)
        self._candidate.snapshot.prefetch(present)
        return iter(present)

    def _speaks(self, file: str, names: _Names, *, below: bool = False) -> bool:
        """Whether a file's text may name one of these; with `below`, one that lies below it."""
        if self._room <= 0:
            return True
        try:
            text = self._candidate.snapshot[file].decode("utf-8", "replace")
        except UnreadableFile:
            return True
        self._room -= len(text)
        words = words_in(file, text)
        if words is None:
            return True
        hold = names.are_below if below else names.are_elsewhere
        return any(hold(word, file) for word in names.words & {*words, ""})


class _Names:
    """Paths by the word that whoever names one must hold."""

    def __init__(self, candidate: Repository, paths: Iterable[str]) -> None:
        self._candidate = candidate
        self._paths: dict[str, list[str]] = {}
        for path in sorted(paths):
            self._paths.setdefault(word_of(path), []).append(path)
        self._owners = {word: set(map(candidate.owner, held)) for word, held in self._paths.items()}
        self._runs: dict[str, list[int]] = {}
        self.words = self._paths.keys()

    def are_elsewhere(self, word: str, file: str) -> bool:
        """Whether one of a word's paths is not the file's own model's, whose change is known without."""
        owner = self._candidate.owner(file)
        return owner is None or self._owners[word] != {owner}

    def are_below(self, word: str, file: str) -> bool:
        """The same of those in the file's folder and below it."""
        paths, folder, owner = self._paths[word], posixpath.dirname(file), self._candidate.owner(file)
        # Behind every path that begins with the folder and a slash comes the character after the slash.
        first = bisect_left(paths, f"{folder}/") if folder else 0
        end = bisect_left(paths, f"{folder}0") if folder else len(paths)
        if first == end or owner is None:
            return first < end
        return self._candidate.owner(paths[first]) != owner or self._run(word)[first] < end

    def _run(self, word: str) -> list[int]:
        """For each of a word's paths, where the next one with another owner stands."""
        if word not in self._runs:
            owners = list(map(self._candidate.owner, self._paths[word]))
            ends = [len(owners)] * len(owners)
            for at in range(len(owners) - 2, -1, -1):
                ends[at] = ends[at + 1] if owners[at] == owners[at + 1] else at + 1
            self._runs[word] = ends
        return self._runs[word]


def _upwards(path: str) -> Iterator[str]:
    """The folder of a path and each above it; the last is the root, the empty string."""
    while path:
        path = posixpath.dirname(path)
        yield path
