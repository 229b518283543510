"""A model's answers to a benchmark: what it is given, how it is run, what is taken of what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from snitch.benchmark import Benchmark
from snitch.evaluating.bringing import Bringing
from snitch.evaluating.laying_out import laid_out
from snitch.evaluating.model_process import Answers, Environment, Failed, Isolation, Limits, Request, answer
from snitch.evaluating.subjects import Subject, require_task
from snitch.examples import data_path
from snitch.finding import Undecidable
from snitch.model import Model

if TYPE_CHECKING:
    from snitch.measuring.examples import Examples
    from snitch.measuring.sample import Sample
    from snitch.measuring.tables import Unusable


class Means(Struct, frozen=True, kw_only=True):
    """How models are run, and what their files are brought by."""

    bringing: Bringing
    #: Of the interpreter that runs them.
    environment: Environment
    limits: Limits = Limits()
    #: What weights may import beside the built-in list: `module.name`.
    allow: tuple[str, ...] = ()
    #: Folders that no model may look into.
    hidden: tuple[str, ...] = ()
    #: What was asked ahead, by the paths of manifest and benchmark: what came of it.
    ahead: Mapping[tuple[str, str], Answers | Failed] = {}
    #: Told how many examples are answered, and how many there are.
    progress: Callable[[int, int], None] | None = None


class Answered(NamedTuple):
    """The examples, what the model said of each as a table, and the two joined."""

    examples: Examples
    #: A frame of the id, the predictions and the scores, in the order of the ids.
    predictions: Any
    sample: Sample
    isolation: Isolation


def examples_of(benchmark: Benchmark, bringing: Bringing) -> Examples:
    """A benchmark's examples.

    Raises:
        Broken: they are not in the tree, or not of the declared revision.
        Undecidable: their bytes cannot be had, or nothing can be computed from them.
    """
    from snitch.measuring.examples import read_examples
    from snitch.measuring.tables import Unusable

    path, help_text = data_path(benchmark), "mend the data, or the definition that is to say what it is"
    content = bringing.content(benchmark.source, path)
    try:
        examples = read_examples(benchmark.definition, content, path=path)
        examples.labels  # noqa: B018 - what is wrong with them is told before a model is run
    except Unusable as error:
        place = f"{path}: " if not error.pointer else f"{benchmark.place(error.pointer)}: "
        reason = error.reason if error.reason.startswith(path) else f"{place}{error.reason}"
        raise Undecidable(reason, path=path, help=error.help or help_text) from None
    return examples


def answers_of(subject: Subject, means: Means) -> Answered:
    """Has the model answer the benchmark's examples, of which it sees the features alone.

    Raises:
        Broken: a file is not there, or not what it should be.
        Undecidable: a file cannot be had; the weights may run code; the model gave no answers, or unusable ones.
    """
    from snitch.measuring.predictions import Answered as Table
    from snitch.measuring.predictions import predictions_of
    from snitch.measuring.tables import Unusable

    model, benchmark = subject
    manifest = model.manifest
    require_task(subject)
    examples = examples_of(benchmark, means.bringing)
    try:
        given = _run(subject, examples, means)
        table = Table(given.content, given.name, given.has_ids)
        threshold = None if manifest.predict else manifest.decision_threshold
        outputs = manifest.signature.outputs if manifest.signature else ()
        predictions = predictions_of(examples, table, threshold=threshold, outputs=outputs)
        return Answered(examples, predictions, examples.answered(predictions), given.isolation)
    except (Failed, Unusable) as error:
        raise unanswered(model, error) from None


def unanswered(model: Model, error: Failed | Unusable) -> Undecidable:
    """That a model gave no answers, or none to use: at the line of the manifest that says what gives them."""
    place = model.place("/predict" if model.manifest.predict else "/weights/0")
    return Undecidable(f"{place}: {error.reason}", path=model.path, help=error.help or _answer_otherwise(model))


def _answer_otherwise(model: Model) -> str:
    if model.manifest.predict:
        return "have `predict` write one row for each id that it is given, in the columns that docs/measuring.md lists"
    return "mend the weights or the examples, or answer by a `predict` of the model's own, as docs/measuring.md says"


def _run(subject: Subject, examples: Examples, means: Means) -> Answers:
    """Raises:
    Broken, Undecidable, Failed, Unusable: there are no answers.
    """
    ahead = means.ahead.get((subject.model.path, subject.benchmark.path))
    if isinstance(ahead, Failed):
        raise ahead.with_traceback(None)
    return ahead or ask(subject.model, question(subject, examples), means, examples.size)


def question(subject: Subject, examples: Examples) -> Request:
    """What a model is asked of a benchmark, its files left out.

    Raises:
        Undecidable: the examples lack what the model takes.
        Unusable: the labels are none of the benchmark's task.
    """
    from snitch.measuring.inputs import inputs_of
    from snitch.measuring.labels import targets_of
    from snitch.measuring.tables import Unusable

    model, definition = subject.model, examples.definition
    try:
        features, columns = inputs_of(examples, model.manifest.signature.inputs if model.manifest.signature else ())
    except Unusable as error:
        place = model.place(error.pointer)
        raise Undecidable(f"{place}: {error.reason}", path=model.path, help=error.help) from None
    labels = class_names(examples)
    return Request(
        features=features,
        id=definition.id,
        task=definition.task,
        columns=columns,
        positive=labels[-1] if definition.task == "binary-classification" else None,
        labels=labels,
        targets=targets_of(definition),
    )


def class_names(examples: Examples) -> tuple[str, ...]:
    """What the classes of a classification are called; of a binary one the positive label comes last.

    Raises:
        Unusable: the labels are none of the benchmark's task.
    """
    from snitch.measuring.labels import names_of

    if examples.definition.task == "binary-classification":
        return tuple(filter(None, names_of(examples.definition, examples.frame)))
    return examples.labels[1] if examples.definition.task == "multiclass-classification" else ()


def ask(model: Model, asked: Request, means: Means, rows: int) -> Answers:
    """Has a model answer what is asked, by its own files.

    Raises:
        Broken: a file is not there.
        Undecidable: a file cannot be had, or loading the weights may run code.
        Failed: there are no answers.
    """
    with laid_out(model, means.bringing, means.allow) as (folder, weights):
        request = request_of(model, asked, means, folder, weights)
        tell = means.progress
        onward = None if tell is None else lambda done: tell(done, rows)
        python, environment = means.environment.executable, means.environment
        return answer(request, python=python, limits=means.limits, progress=onward, environment=environment)


def request_of(model: Model, asked: Request, means: Means, folder: str | None, weights: dict[str, str]) -> Request:
    """What is asked, by the model's own files."""
    return replace(
        asked,
        weights=weights,
        trusted=means.allow,
        predict=model.manifest.predict or (),
        folder=folder,
        hidden=means.hidden,
    )
