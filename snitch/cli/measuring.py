"""What `snitch evaluate` does: takes model after model, and tells of each as soon as it is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timezone
from functools import cache, partial
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from snitch.checking.commits import Asked, Misuse, candidate_snapshot
from snitch.cli.faults import explain_fault
from snitch.cli.guard import say
from snitch.cli.limits import parse_bytes
from snitch.cli.output import tell
from snitch.cli.places import from_top
from snitch.cli.progress import progress
from snitch.documents import Unreadable
from snitch.escape import for_terminal
from snitch.evaluating.answering import Means
from snitch.evaluating.bringing import bringing, not_there
from snitch.evaluating.deployed import Deployed
from snitch.evaluating.errands import WAVE, asked_ahead
from snitch.evaluating.evaluate import evaluate
from snitch.evaluating.evidence import written_evidence
from snitch.evaluating.golden import Golden, golden
from snitch.evaluating.installing import Installed, OneForAll
from snitch.evaluating.isolation import Isolation
from snitch.evaluating.model_process import Failed, Limits
from snitch.evaluating.subjects import Subject, files_of, models_changed, models_named, subjects_of, unnamed
from snitch.evaluating.telling import evaluated_line, golden_lines, missing_lines, name_of, verified_lines
from snitch.evaluating.verify import Verified, verify
from snitch.finding import Broken, Undecidable
from snitch.git.command import Git
from snitch.git.refs import resolve
from snitch.git.snapshots import tree_snapshot
from snitch.git.weights import lfs_store
from snitch.lfs.fetching import fetch_files
from snitch.lfs.server import weights_server
from snitch.measuring.clusters import NoEngine
from snitch.measuring.engine import Engine, running_on
from snitch.model import Model
from snitch.placing import write_out
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.postponed import Postponed
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile
from snitch.source import Source
from snitch.stored import Stored

#: What keeps one model, or one benchmark, from being measured; the others still are.
_ONE = (Broken, Undecidable, Unreadable, UnreadableFile)
#: How a model is run: to be asked when it is needed, since its interpreter may have to be made.
MeansOf = Callable[[], Means]
_DONE, _DIFFERS, _MISUSED, _INCONCLUSIVE = 0, 1, 2, 3
_OUTCOMES = {"reproduced": _DONE, "differs": _DIFFERS, "inconclusive": _INCONCLUSIVE}


class AskedFor(Struct, frozen=True, kw_only=True):
    """What is measured, by whose policy, and by which interpreter."""

    ref: str | None = None
    base: str | None = None
    policy: str | None = None
    python: str = sys.executable
    installs: bool = False
    limits: Limits = Limits()
    engine: Engine = Engine()


class Measuring:
    """A run over models of the work tree, or of a commit."""

    def __init__(self, git: Git, stack: ExitStack, asked: AskedFor) -> None:
        self.git = git
        self._stack = stack
        self._asked = asked
        snapshot = candidate_snapshot(git, Asked(candidate=asked.ref))
        everything = Repository(snapshot)
        self.policy = self._policy(everything, asked.policy)
        self.repository = everything.without(self.policy.exclude)
        self._interpreters = self._prepare_interpreters()
        self._told: set[str] = set()
        self._python = ""
        self._codes: set[int] = set()

    def _policy(self, candidate: Repository, rev: str | None) -> Policy:
        if rev is None:
            return read_policy(candidate, candidate)
        commit = resolve(self.git, rev).commit
        return read_policy(Source(tree_snapshot(self.git, commit, ref=rev, commit=commit)))

    def _prepare_interpreters(self) -> OneForAll | Installed:
        if self._asked.installs:
            return Installed(self._stack.enter_context(TemporaryDirectory(prefix="snitch-")))
        try:
            return OneForAll(self._asked.python)
        except Failed as error:
            raise Misuse(f"{error.reason}; {error.help}" if error.help else error.reason) from None

    def prepare(self, max_download: str) -> None:
        """Makes ready what files are brought by."""
        self._stack.enter_context(running_on(self._asked.engine))
        limit = parse_bytes("--max-download", max_download)
        self._server, self._limit = weights_server(self.git, self.policy.remote), limit
        self._fetching = self._stack.enter_context(progress("fetching"))
        self._answering = self._stack.enter_context(progress("predicting"))
        self._bringing = self._stack.enter_context(bringing(self.git, self._server, limit, self._fetching))

    def evaluate(self, words: Sequence[str]) -> int:
        """Measures, writes and tells; the exit code."""
        if not self.git.has_work_tree:
            raise Misuse("a bare repository has no place to write an evaluation to: run it in a work tree")
        moment, deployed = datetime.now(timezone.utc), Deployed(self.git, self.policy)
        for model, subjects, means in self._each(words):
            reasons = set[str]()
            for subject in subjects:
                with self._apart(model, f"{name_of(subject)}: ", reasons):
                    done = evaluate(subject, means(), self.git.top_level, moment)
                    self._tell([evaluated_line(done, deployed.values(subject))], done.isolation)
                    for note in (*done.notes, *missing_lines(done)):
                        say(for_terminal(f"{name_of(subject)}: {note}"), 0)
                    self._codes.add(_INCONCLUSIVE if done.missing else _DONE)
            if not subjects and words:
                self._codes.add(say(for_terminal(unnamed(model)), _MISUSED))
            with self._apart(model):
                self._golden(model, subjects, means, reasons, as_pinned=False)
        return self._code

    def verify(self, words: Sequence[str], evidence: str | None) -> int:
        """Measures again and tells; writes what came of it to the file `evidence`; the exit code."""
        verified, answered = list[Verified](), list[Golden]()
        for model, subjects, means in self._each(words):
            reasons = set[str]()
            for subject in subjects:
                with self._apart(model, f"{name_of(subject)}: "):
                    done = verify(subject, means)
                    self._tell(verified_lines(done), done.isolation)
                    reasons.add(done.reason)
                    self._codes.add(_OUTCOMES[done.outcome])
                    verified.append(done)
            with self._apart(model):
                answered += self._golden(model, subjects, means, reasons, as_pinned=True)
        if evidence is not None:
            self._write(evidence, verified, answered)
        return self._code

    def _each(self, words: Sequence[str]) -> Iterator[tuple[Model, list[Subject], MeansOf]]:
        """The models with their benchmarks, and how they are run; on an engine many are asked at once."""
        models = self._models(words)
        size = WAVE if self._asked.engine.is_elsewhere else 1
        for start in range(0, len(models), size):
            wave = [(model, self._subjects(model, is_named=bool(words))) for model in models[start : start + size]]
            taken = [(model, found, cache(partial(self._means, model))) for model, found in wave if found is not None]
            ahead = self._ahead(taken) if self._asked.engine.is_elsewhere else {}
            for model, found, means in taken:
                yield model, found, partial(_with_ahead, means, ahead)

    def _ahead(self, taken: Sequence[tuple[Model, list[Subject], MeansOf]]) -> Mapping[Any, Any]:
        """What models answer on an engine, all at once; why one cannot be asked is told later."""
        asked = []
        for _, subjects, means in taken:
            with suppress(Exception):
                asked += [(subject, means()) for subject in subjects]
        return asked_ahead(asked, is_here=self._asked.engine.address is None)

    def fetch(self, words: Sequence[str]) -> int:
        """Brings what measuring takes into Git LFS's own store here; the exit code."""
        files = [file for model in self._models(words) for file in self._files(model)]
        store = lfs_store(self.git)
        failures = fetch_files(self._server, files, store, limit=self._limit, progress=self._fetching)
        pointers = {file.pointer: file.path for file in files if file.pointer is not None}
        try:
            missing = self._server.missing(pointers)
        except Undecidable as error:
            self._failed(error)
            return self._code
        for failure in failures.values():
            self._failed(failure)
        for pointer, path in pointers.items():
            if pointer.digest in missing:
                self._failed(not_there(path))
        return self._code

    def _files(self, model: Model) -> list[Stored]:
        later, found = Postponed(), list[Stored]()
        try:
            found.extend(files_of(model, later))
            later.tell()
        except _ONE as error:
            self._failed(error)
        return found

    def _golden(
        self, model: Model, subjects: Sequence[Subject], means: MeansOf, reasons: Collection[str], *, as_pinned: bool
    ) -> list[Golden]:
        """How a model answers its golden cases; none where it has none. What is among the `reasons` is told already."""
        done = golden(model, subjects, means, as_pinned=as_pinned)
        if done is None:
            return []
        if not done.reason or done.reason not in reasons:
            self._tell(golden_lines(model, done), done.isolation)
        self._codes.add(_INCONCLUSIVE if done.reason else _DIFFERS if done.failures else _DONE)
        return [done]

    @property
    def _code(self) -> int:
        """What differs is worse than what nobody knows."""
        return _DIFFERS if _DIFFERS in self._codes else max(self._codes, default=_DONE)

    def _models(self, words: Sequence[str]) -> list[Model]:
        if self._asked.base is not None:
            found = models_changed(self.git, self.repository, self._asked.base, self._asked.policy)
            if not found:
                say(for_terminal(f"no model differs from {self._asked.base}"), 0)
            return found
        return models_named(self.git, self.repository, [(word, from_top(self.git, word)) for word in words])

    def _subjects(self, model: Model, *, is_named: bool) -> list[Subject] | None:
        """A model's benchmarks; None where they cannot be told, which is said.

        Raises:
            Misuse: it was named, and there is nothing to measure it on.
        """
        found: list[Subject] | None = None
        with self._apart(model):
            found, has_cases = subjects_of(model), model.manifest.cases is not None
        if found is None:
            return None
        if not found and not has_cases:
            if is_named:
                raise Misuse(unnamed(model))
            say(for_terminal(unnamed(model)), 0)
        return found

    @contextmanager
    def _apart(self, model: Model, of: str = "", reasons: set[str] | None = None) -> Iterator[None]:
        """Whatever goes wrong with one model, the others are still measured, and what came of them is written."""
        try:
            yield
        except _ONE as error:
            self._failed(error, of)
            if reasons is not None:
                reasons.add(str(error))
        except (Misuse, NoEngine, ModuleNotFoundError):
            raise  # it is the same for all
        except Exception as error:
            if os.environ.get("SNITCH_TRACEBACK"):
                raise
            message, _ = explain_fault(error)
            self._codes.add(say(f"{for_terminal(of or f'{model.path}: ')}{message}", _INCONCLUSIVE))

    def _failed(self, error: Exception, of: str = "") -> None:
        message, code = explain_fault(error)
        self._codes.add(say(for_terminal(of) + message, code))

    def _means(self, model: Model) -> Means:
        """Raises:
        Broken, Undecidable: there is no interpreter to run it by.
        """
        environment = self._interpreters.of(model)
        self._python = environment.python
        lowest = self.policy.environments[0]
        allow = self.policy.settings(lowest, model.folder).by_code["SAF001"].options.get("allow", ())
        return Means(
            bringing=self._bringing,
            environment=environment,
            limits=self._asked.limits,
            allow=tuple(allow),
            hidden=(self.git.layout.common_dir, *([self.git.top_level] if self.git.has_work_tree else [])),
            progress=self._answering,
        )

    def _tell(self, lines: Sequence[str], isolation: Isolation | None) -> None:
        """Tells what came out; once a run, what a model was not kept from."""
        tell("".join(f"{for_terminal(line)}\n" for line in lines))
        for told in isolation.told() if isolation is not None else ():
            if told not in self._told:
                self._told.add(told)
                say(for_terminal(told), 0)

    def _write(self, path: str, verified: Sequence[Verified], answered: Sequence[Golden]) -> None:
        content = written_evidence(self.repository.commit, self._python, verified, answered)
        try:
            write_out(path, content)
        except OSError as error:
            raise Misuse(f"the evidence cannot be written to {path}: {error.strerror}") from None


def _with_ahead(means: MeansOf, ahead: Mapping[Any, Any]) -> Means:
    return replace(means(), ahead=ahead)
