"""Rules about the judging itself: what cannot be read, cannot be decided, or fails. The engine tells most of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from snitch.rules.requirements import finding_at

from snitch.change import Change
from snitch.documents.syntax import syntax_error
from snitch.finding import Finding
from snitch.gitattributes import FILE_NAME, folders_above
from snitch.model import Model
from snitch.postponed import Postponed
from snitch.rule import Rule
from snitch.snapshot import UnreadableFile as Refusal
from snitch.snapshot import refuse_links
from snitch.source import File, out_of_lfs, pointer_at

_PROSE = ("README.md", "CHANGELOG.md")


class UnreadableFile(Rule, code="SNT001", severity=("error", "error")):
    """A file that has to be read to judge the model cannot be.

    It is a link or a submodule, which are never followed, or not UTF-8, or broken in its syntax, or far too large; or a
    line of a dependency file cannot be understood. What cannot be read may hold anything, so it does not pass. This
    rule can't be turned off, and its findings can't be waived.

    Mend it: commit a regular file, in UTF-8, that the tool which it is meant for accepts.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a file, or a line of a dependency file. The engine adds what other rules could not read."""
        later, model = Postponed(), change.candidate
        yield from _links(model, later)
        with later:
            yield from _unreadable_parameters(model)
        with later:
            yield from _unreadable_requirements(model)
        later.tell()


def _links(model: Model, later: Postponed) -> Iterator[Finding]:
    """The files that rules read which are links or submodules, told as the engine tells of them."""
    entries = model.repository.snapshot.entries
    paths = [model.path, *model.evaluation_paths, *(f"{model.prefix}{name}" for name in _PROSE)]
    paths += [f"{folder}{FILE_NAME}" for folder in folders_above(model.path)]
    with later:
        paths += [path for *_, path in model.named_files if path is not None]
        for _, relative, path in model.named_files:
            if path is None:
                later.keep(model.leaves(relative))
    for path in dict.fromkeys(paths):
        entry = entries.get(path)
        if entry is not None and not entry.is_file:
            try:
                refuse_links(path, entry)
            except Refusal as refusal:
                yield Finding(message=refusal.reason, path=path, key=posixpath.basename(path))


def _unreadable_parameters(model: Model) -> Iterator[Finding]:
    """Parameters that are no text, or not what their file's name says: the training code could not read them."""
    training = model.manifest.training
    if training is None or training.params is None:
        return
    path, content = model.resolve(training.params), model.read(training.params)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text: byte {error.start + 1:,} is 0x{error.object[error.start]:02x}"
        yield Finding(message=message, path=path, key=posixpath.basename(path), help="save it as UTF-8")
        return
    problem = syntax_error(path, text)
    if problem is not None:
        yield File(model.repository, path).finding(
            "",
            problem.message,
            span=problem.span,
            about=posixpath.basename(path),
            help=problem.help or "correct its syntax",
        )


def _unreadable_requirements(model: Model) -> Iterator[Finding]:
    declared, entries = model.dependencies, model.repository.snapshot.entries
    for problem in declared.problems if declared else ():
        # A dependency file that is a link is told above.
        if problem.kind != "unsafe" and entries[problem.path].is_file:
            is_pointer = pointer_at(model.repository, problem.path) is not None
            help_text = out_of_lfs(problem.path, model.repository.snapshot) if is_pointer else problem.help
            yield finding_at(model, problem, problem.message, help_text, problem.text)


class CrashedRule(Rule, code="SNT002", severity=("error", "error")):
    """A rule failed with an error of its own while it judged this change.

    Nothing is known about what it would have found, so the verdict is inconclusive. The other rules have run. This rule
    can't be turned off, and its findings can't be waived.

    Mend it: report it to the authors of the rule that is named, with the file that causes it; update the package that
    the rule comes from. Until then the rule itself may be turned off in the policy, which its approvers will see.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """Nothing: the engine tells of every rule that fails."""
        yield from ()


class Undecidable(Rule, code="SNT003", severity=("error", "error")):
    """A rule could not decide, because something that it needs is not here.

    Most often the deployed branch or an object is missing, as in a shallow or partial clone, or a file is broken whose
    own rule is off or only warns. Nothing is known, so nothing passes: the verdict is inconclusive. This rule can't be
    turned off, and its findings can't be waived.

    Mend it: bring what is missing, such as with `git fetch origin main` or `git fetch --unshallow`. `snitch doctor`
    says what this clone lacks.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        """Nothing: the engine tells of every rule that could not decide."""
        yield from ()
