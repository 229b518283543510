"""Judges many models: in this process where they are few, on all cores where they are many."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager

from snitch.change import Change
from snitch.engine import ActiveRule, judge_each
from snitch.finding import Finding
from snitch.layout import WEIGHTS_SUFFIXES
from snitch.repository import Repository
from snitch.verdict import Judgement
from snitch.waiver import Waiver

ChangeOf = Callable[[str], Change]
RulesFor = Callable[[str | None], Sequence[ActiveRule]]
#: Called with the number of models judged so far, and of all.
Progress = Callable[[int, int], None]

#: Below this many models a second process costs more than it saves.
_MANY = 200
_CHUNK = 50
#: In the gate, where a model may bring millions of examples with it.
_GATED_CHUNK = 1
#: What rules read: fetched for a chunk of models in one go, so that no model waits for git.
_READ = (".yaml", ".yml", ".json", ".md", ".txt", ".toml", ".py", *WEIGHTS_SUFFIXES)


def judge_models(
    repository: Repository,
    change_of: ChangeOf,
    rules_for: RulesFor,
    folders: Sequence[str],
    waivers: tuple[Waiver, ...],
    told: tuple[Finding, ...] = (),
    progress: Progress | None = None,
    *,
    unlike: Container[str | None],
    is_gated: bool = False,
) -> list[Judgement]:
    """One judgement a folder, in order. `told` are the findings about the repository; `unlike` the folders of deployed
    models whose files are not all the candidate's.

    What a model was read into is let go before the next chunk.
    """
    size = _GATED_CHUNK if is_gated else _CHUNK
    chunks = [folders[start : start + size] for start in range(0, len(folders), size)]
    judging = _Judging(repository, change_of, rules_for, waivers, told, unlike)
    judgements: list[Judgement] = []
    for found in _each(judging, chunks):
        judgements.extend(found)
        if progress is not None:
            progress(len(judgements), len(folders))
    return judgements


class _Judging:
    """What every process needs to judge a chunk."""

    def __init__(
        self,
        repository: Repository,
        change_of: ChangeOf,
        rules_for: RulesFor,
        waivers: tuple[Waiver, ...],
        told: tuple[Finding, ...],
        unlike: Container[str | None],
    ) -> None:
        self.repository = repository
        self.change_of = change_of
        self.rules_for = rules_for
        self.waivers = waivers
        self.told = told
        self.unlike = unlike

    def chunk(self, folders: Sequence[str]) -> list[Judgement]:
        _prefetch(self.repository, folders)
        changes = [self.change_of(folder) for folder in folders]
        _prefetch_benchmarks(self.repository, changes)
        # Of the others all there is to read is read with the candidate.
        deployed = [c.deployed for c in changes if c.has_deployed and c.deployed.folder in self.unlike]
        if deployed:
            _prefetch(deployed[0].repository, [model.folder for model in deployed])
        judgements = self._judge(folders, changes)
        for model in (*(change.candidate for change in changes), *deployed):
            model.repository.documents.forget(model.files)
        return judgements

    def _judge(self, folders: Sequence[str], changes: Sequence[Change]) -> list[Judgement]:
        """The judgements, in order; models that are judged by the same rules are judged together."""
        alike: dict[int, tuple[Sequence[ActiveRule], list[int]]] = {}
        for at, folder in enumerate(folders):
            rules = self.rules_for(folder)
            alike.setdefault(id(rules), (rules, []))[1].append(at)
        found: dict[int, Judgement] = {}
        for rules, places in alike.values():
            judged = judge_each(rules, [changes[at] for at in places], self.waivers, self.told)
            found.update(zip(places, judged, strict=True))
        return [found[at] for at in range(len(folders))]


#: Set just before the processes are forked: they inherit it, and nothing of it is ever pickled.
_inherited: _Judging | None = None


def _each(judging: _Judging, chunks: list[Sequence[str]]) -> Iterator[list[Judgement]]:
    processes = min(os.cpu_count() or 1, len(chunks))
    if sum(map(len, chunks)) < _MANY or processes < 2 or not hasattr(os, "fork"):
        yield from map(judging.chunk, chunks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    global _inherited
    _inherited = judging
    told_of_threads = threading.excepthook
    try:
        with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool, _ended_with_this():
            with _uninterrupted():  # the processes are forked here, and inherit that
                found = pool.map(_inherited_chunk, chunks)
            yield from found
    finally:
        _inherited = None
        threading.excepthook = told_of_threads


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Puts an interruption off. It is sent to every process at a terminal, and one of them is enough to tell of it."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _ended_with_this() -> Iterator[None]:
    """Whatever ends the run early ends the processes too: nobody waits for what they still judge."""
    from multiprocessing import active_children

    try:
        yield
    except BaseException:
        # What watches over the processes may meet a future that was given up meanwhile: no news to anybody.
        threading.excepthook = lambda _: None
        for child in active_children():
            child.terminate()
        raise


def _inherited_chunk(folders: Sequence[str]) -> list[Judgement]:
    assert _inherited is not None
    return _inherited.chunk(folders)


def _prefetch_benchmarks(repository: Repository, changes: Sequence[Change]) -> None:
    """The definitions that may name the models, and the pointers to their data."""
    mentioned = (each for change in changes for each in repository.benchmarks_mentioning(change.candidate.name))
    folders = dict.fromkeys(benchmark.folder for benchmark in mentioned)
    repository.snapshot.prefetch(path for folder in folders for path in repository.below(folder))


def _prefetch(repository: Repository, folders: Iterable[str]) -> None:
    owned = (path for folder in folders for path in repository.files_by_model.get(folder, ()))
    repository.snapshot.prefetch(path for path in owned if path.endswith(_READ))
