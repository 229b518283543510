"""What `snitch evaluate` does: takes model after model, and tells of each as soon as it is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timezone

from msgspec.structs import replace

from snitch import __version__
from snitch.checking.commits import Asked, Misuse, candidate_snapshot
from snitch.cli.faults import explain_fault
from snitch.cli.guard import say
from snitch.cli.output import tell
from snitch.cli.places import from_top
from snitch.cli.progress import bar
from snitch.documents import Unreadable
from snitch.escape import for_terminal
from snitch.evaluating.answering import Means
from snitch.evaluating.bringing import bringing
from snitch.evaluating.deployed import Deployed
from snitch.evaluating.errands import WAVE, asked_ahead
from snitch.evaluating.evaluate import evaluate
from snitch.evaluating.golden import Golden, golden
from snitch.evaluating.isolation import Isolation
from snitch.evaluating.model_process import Failed, Limits, environment_of
from snitch.evaluating.subjects import Subject, models_named, subjects_of
from snitch.evaluating.telling import evaluated_line, golden_lines, missing_lines, name_of, verified_lines
from snitch.evaluating.verify import Verified, verify
from snitch.finding import Broken, Undecidable
from snitch.formats.evidence import Evidence
from snitch.git.command import Git
from snitch.git.refs import resolve
from snitch.git.snapshots import tree_snapshot
from snitch.lfs.server import weights_server
from snitch.measuring.engine import Engine, running_on
from snitch.model import Model
from snitch.placing import place
from snitch.policy.policy import Policy
from snitch.policy.reading import read_policy
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile
from snitch.source import Source

#: What keeps one model, or one benchmark, from being measured; the others still are.
_ONE = (Broken, Undecidable, Unreadable, UnreadableFile)
_DONE, _DIFFERS, _INCONCLUSIVE = 0, 1, 3
_OUTCOMES = {"reproduced": _DONE, "differs": _DIFFERS, "inconclusive": _INCONCLUSIVE}


def parse_limits(memory: str, time: str) -> Limits:
    """What a model may take.

    Raises:
        Misuse: one is no size, or no duration.
    """
    import re

    from snitch.formats.scalars import duration

    if not re.fullmatch(r"[0-9]{1,6}[mhdw]", time, re.ASCII):
        raise Misuse(f"--max-time takes a whole number and m, h, d or w, such as 10m, not `{time}`")
    return Limits(seconds=duration(time).total_seconds(), memory=parse_bytes("--max-memory", memory))


def parse_bytes(option: str, text: str) -> int:
    """A size that an option gives.

    Raises:
        Misuse: it is none.
    """
    from snitch.sizes import parse_size

    try:
        return parse_size(text)
    except ValueError as error:
        raise Misuse(f"{option}: {error}") from None


class Measuring:
    """A run over models of the work tree, or of a commit."""

    def __init__(
        self,
        git: Git,
        stack: ExitStack,
        *,
        ref: str | None,
        policy: str | None,
        python: str,
        limits: Limits,
        engine: Engine,
    ) -> None:
        self.git = git
        self._stack = stack
        self._engine = engine
        snapshot = candidate_snapshot(git, Asked(candidate=ref))
        everything = Repository(snapshot)
        self.policy = self._policy(everything, policy)
        self.repository = everything.without(self.policy.exclude)
        try:
            self.environment = environment_of(python)
        except Failed as error:
            raise Misuse(error.reason) from None
        self._limits = limits
        self._told: set[str] = set()
        self._codes: set[int] = set()

    def _policy(self, candidate: Repository, rev: str | None) -> Policy:
        if rev is None:
            return read_policy(candidate, candidate.model_folders)
        commit = resolve(self.git, rev).commit
        return read_policy(Source(tree_snapshot(self.git, commit, ref=rev, commit=commit)))

    def prepare(self, max_download: str) -> None:
        """Makes ready what files are brought by."""
        self._stack.enter_context(running_on(self._engine))
        limit = parse_bytes("--max-download", max_download)
        server = weights_server(self.git, self.policy.remote)
        fetching = self._stack.enter_context(bar("fetching", enabled=_is_watched()))
        self._answering = self._stack.enter_context(bar("predicting", enabled=_is_watched()))
        self._bringing = self._stack.enter_context(bringing(self.git, server, limit, fetching))

    def evaluate(self, words: Sequence[str]) -> int:
        """Measures, writes and tells; the exit code."""
        if not self.git.has_work_tree:
            raise Misuse("a bare repository has no place to write an evaluation to: run it in a work tree")
        moment, deployed = datetime.now(timezone.utc), Deployed(self.git, self.policy)
        for model, subjects, means in self._each(words):
            for subject in subjects:
                try:
                    done = evaluate(subject, means, self.git.top_level, moment)
                except _ONE as error:
                    self._failed(error)
                    continue
                self._tell([evaluated_line(done, deployed.values(subject))], done.isolation)
                for note in (*done.notes, *missing_lines(done)):
                    say(for_terminal(f"{name_of(subject)}: {note}"), 0)
                self._codes.add(_INCONCLUSIVE if done.missing else _DONE)
            self._golden(model, subjects, means, as_pinned=False)
        return self._code

    def verify(self, words: Sequence[str], evidence: str | None) -> int:
        """Measures again and tells; writes what came of it to the file `evidence`; the exit code."""
        verified, answered = list[Verified](), list[Golden]()
        for model, subjects, means in self._each(words):
            for subject in subjects:
                done = verify(subject, means)
                self._tell(verified_lines(done), done.isolation)
                self._codes.add(_OUTCOMES[done.outcome])
                verified.append(done)
            answered += self._golden(model, subjects, means, as_pinned=True)
        if evidence is not None:
            self._write(evidence, verified, answered)
        return self._code

    def _each(self, words: Sequence[str]) -> Iterator[tuple[Model, list[Subject], Means]]:
        """The models with their benchmarks, and how they are run; on an engine many are asked at once."""
        models = self._models(words)
        size = WAVE if self._engine.is_elsewhere else 1
        for start in range(0, len(models), size):
            wave = [(model, self._subjects(model, is_named=bool(words))) for model in models[start : start + size]]
            taken = [(model, subjects, self._means(model)) for model, subjects in wave if subjects is not None]
            asked = [(subject, means) for _, subjects, means in taken for subject in subjects]
            ahead = asked_ahead(asked) if self._engine.is_elsewhere else {}
            for model, subjects, means in taken:
                yield model, subjects, replace(means, ahead=ahead)

    def _golden(self, model: Model, subjects: Sequence[Subject], means: Means, *, as_pinned: bool) -> list[Golden]:
        """How a model answers its golden cases; none where it has none."""
        done = golden(model, subjects, means, as_pinned=as_pinned)
        if done is None:
            return []
        self._tell(golden_lines(model, done), None)
        self._codes.add(_INCONCLUSIVE if done.reason else _DIFFERS if done.failures else _DONE)
        return [done]

    @property
    def _code(self) -> int:
        """What differs is worse than what nobody knows."""
        return _DIFFERS if _DIFFERS in self._codes else max(self._codes, default=_DONE)

    def _models(self, words: Sequence[str]) -> list[Model]:
        return models_named(self.git, self.repository, [(word, from_top(self.git, word)) for word in words])

    def _subjects(self, model: Model, *, is_named: bool) -> list[Subject] | None:
        """A model's benchmarks; None where they cannot be told, which is said.

        Raises:
            Misuse: it was named, and there is nothing to measure it on.
        """
        try:
            found = subjects_of(model)
            has_cases = model.manifest.cases is not None
        except _ONE as error:
            self._failed(error)
            return None
        if not found and not has_cases:
            reason = f"no benchmark names {model.name}: benchmarks/<benchmark>/benchmark.yaml lists it in `models`"
            if is_named:
                raise Misuse(reason)
            say(for_terminal(reason), 0)
        return found

    def _failed(self, error: Exception) -> None:
        message, code = explain_fault(error)
        self._codes.add(say(message, code))

    def _means(self, model: Model) -> Means:
        lowest = self.policy.environments[0]
        allow = self.policy.settings(lowest, model.folder).by_code["SAF001"].options.get("allow", ())
        return Means(
            bringing=self._bringing,
            environment=self.environment,
            limits=self._limits,
            allow=tuple(allow),
            hidden=tuple(dict.fromkeys((self.git.top_level, self.git.layout.common_dir))),
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
        from msgspec import json

        held = [frozenset[str](each.isolation.held) for each in verified if each.isolation is not None]
        evidence = Evidence(
            schema_version=1,
            snitch=__version__,
            head=self.repository.commit,
            python=self.environment.python,
            isolation=tuple(sorted(frozenset.intersection(*held))) if held else (),
            evaluations=tuple(each.evidence for each in verified if each.evidence is not None),
            cases=tuple(each.evidence for each in answered if each.evidence is not None),
        )
        try:
            place(os.path.realpath(path), json.format(json.encode(evidence), indent=2) + b"\n")
        except OSError as error:
            raise Misuse(f"the evidence cannot be written to {path}: {error.strerror}") from None


def _is_watched() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
