"""Rules about what the manifest says: that it can be read, who answers for the model, what goes in and comes out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from snitch.benchmark import of_one_task
from snitch.change import Change
from snitch.documents import Document, Unreadable, split_pointer
from snitch.documents.decoding import MAX_PROBLEMS
from snitch.finding import Finding, Undecidable
from snitch.manifest_sense import nonsense
from snitch.model import Model
from snitch.references import Misnamed, missing_file
from snitch.repository import Repository
from snitch.rule import Rule
from snitch.snapshot import UnreadableFile
from snitch.source import resolve


class InvalidManifest(Rule, code="MET002", severity=("error", "error")):
    """The manifest is not valid: `model.yaml` does not parse, misses a key, or says what cannot be.

    Every other rule reads the model through its manifest; what stands there must mean one thing. The format is
    strict: an unknown key is an error that names the nearest known one, a key given twice is an error, a string is no
    number, only `true` and `false` are booleans. Beyond the shape, paths must stay in the repository, the license must
    be an SPDX id or `proprietary`, names must be given once, a range must hold a number, and the benchmarks that name
    the model must be of its task.

    Mend it: correct the line that the finding shows. `snitch schema manifest` prints the format, for your editor too.

    Options:
        schema: a JSON Schema of your organisation's own for the field `metadata`, as a path from the root of the
            repository. References to other files are refused. None by default.

    Example: `weigths: [model.skops]` is an unknown key, and the required key `weights` is missing.
    """

    loosened_by = {"schema": "less"}
    schema: str = ""

    def __post_init__(self) -> None:
        if self.schema and resolve("", self.schema) is None:
            raise ValueError(f"`schema` must be a path in the repository, not `{self.schema}`")

    def misnamed(self, repository: Repository) -> Iterator[Misnamed]:
        """The file that is not there."""
        return missing_file(repository, "/schema", self.schema)

    def check(self, change: Change) -> Iterator[Finding]:
        """One finding a cause.

        Raises:
            UnreadableFile: the manifest is not a regular file, or not here.
            Undecidable: the organisation's schema is missing or cannot be used.
        """
        model = change.candidate
        try:
            model.document  # noqa: B018 - a link is told as an unreadable file, by raising it unchanged
            manifest = model.read_manifest()
        except Unreadable as error:
            data = _data_of(model)
            for problem in error.problems:
                about = f"{_by_names(problem.pointer, data)} {problem.message}"
                yield model.finding(problem.pointer, problem.message, help=problem.help, span=problem.span, about=about)
            return
        for oddity in islice(nonsense(manifest, model.folder), MAX_PROBLEMS):
            yield model.finding(oddity.pointer, oddity.message, help=oddity.help, about=oddity.about)
        if self.schema:
            yield from self.check_metadata(change, manifest.metadata or {})
        yield from _tasks(change)

    def check_metadata(self, change: Change, metadata: dict[str, object]) -> Iterator[Finding]:
        """Holds `metadata` against the organisation's schema; where it is absent, against that all the same."""
        from snitch.documents.foreign_schema import UnusableSchema, validate_by

        path = resolve("", self.schema) or self.schema
        model = change.candidate
        try:
            content = change.policy_files.snapshot[path]
            problems = validate_by(content, path, model.document, metadata, "/metadata")
        except KeyError:
            raise _no_schema(path, "is not in the tree") from None
        except UnreadableFile as error:
            raise _no_schema(path, error.reason) from None
        except UnusableSchema as error:
            raise _no_schema(path, f"cannot be used: {error}") from None
        for problem in problems:
            help_text = problem.help or f"the organisation's {path} asks for it"
            about = f"{_by_names(problem.pointer, model.document.data)} {problem.message}"
            yield model.finding(problem.pointer, problem.message, help=help_text, span=problem.span, about=about)


def _tasks(change: Change) -> Iterator[Finding]:
    """A benchmark of another task measures something else than what the model is for.

    Raises:
        Broken: a benchmark is not valid.
    """
    task = change.candidate.manifest.task
    for benchmark in change.benchmarks:
        asked = benchmark.definition.task
        if not of_one_task(task, asked):
            message = f"the model is for {task}, and {benchmark.name}, which names it, is of {asked}"
            mend = f"mend the task here or in {benchmark.path}, or take the model out of its `models`"
            yield change.candidate.finding("/task", message, help=mend, about=f"task {benchmark.name}")


class MissingOwner(Rule, code="MET004"):
    """The model has no owner, or none that can be reached.

    When a model misbehaves at night somebody must be called. A name without an address is nobody.

    Mend it: give `owners` in model.yaml at least one entry with a `contact`, best a team's address.

    Example: `owners: [{name: Growth ML, contact: growth-ml@example.com}]` is how it should look.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        model = change.candidate
        owners = model.manifest.owners
        if any((owner.contact or "").strip() for owner in owners):
            return
        yield model.finding(
            "/owners",
            "no owner has a contact" if owners else "the model has no owner",
            key=True,
            about="owners",
            help="add `owners: [{name: …, contact: …}]`, best a team's address",
        )


class MissingSignature(Rule, code="MET008"):
    """The manifest does not say what goes into the model, or what comes out.

    Whoever serves the model has to guess its columns, and nothing can tell whether a new version still takes what the
    old one took: `undersized-bump` and `schema-mismatch` have nothing to hold on to.

    Mend it: list `inputs` and `outputs` under `signature`, each with `name` and `type` (boolean, integer, long, float,
    double, string, binary, datetime), and where known `minimum`, `maximum`, `enum`.

    Example: `signature: {inputs: [{name: tenure_months, type: long}], outputs: []}` names no output.
    """

    def check(self, change: Change) -> Iterator[Finding]:
        model = change.candidate
        signature = model.manifest.signature
        absent = [
            name
            for name, columns in (
                ("inputs", signature.inputs if signature else ()),
                ("outputs", signature.outputs if signature else ()),
            )
            if not columns
        ]
        if absent:
            yield model.finding(
                "/signature",
                f"the signature names no {' and no '.join(absent)}" if signature else "the model has no signature",
                key=True,
                about="signature",
                help=f"list {' and '.join(absent)} under `signature`, each with `name` and `type`",
            )


def _no_schema(path: str, reason: str) -> Undecidable:
    return Undecidable(
        f"the policy's schema {path} {reason}",
        path=path,
        help="correct it, or `schema` of invalid-manifest in snitch.yaml",
    )


def _data_of(model: Model) -> object:
    document: Document | None
    try:
        document = model.document
    except (KeyError, Unreadable, UnreadableFile):
        return None
    return document.data


def _by_names(pointer: str, data: object) -> str:
    """A pointer that survives reordering: an item of a list is called by its name, or by itself where it is a text."""
    tokens = []
    for token in split_pointer(pointer):
        if isinstance(data, list) and token.isdecimal() and int(token) < len(data):
            data = data[int(token)]
            name = data.get("name") if isinstance(data, dict) else data
            tokens.append(name if isinstance(name, str) else "*")
        else:
            data = data.get(token) if isinstance(data, dict) else None
            tokens.append(token)
    return "/".join(tokens)
