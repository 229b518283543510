"""A model's answers to a benchmark: what it is given, how it is run, what is taken of what it says."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from snitch.benchmark import Benchmark
from snitch.evaluating.bringing import Bringing
from snitch.evaluating.model_process import Answers, Environment, Failed, Isolation, Limits, Request, answer
from snitch.evaluating.subjects import Subject
from snitch.finding import Broken, Undecidable
from snitch.git.disk import inside
from snitch.model import Model
from snitch.pickles.files import judge_file
from snitch.source import resolve

if TYPE_CHECKING:
    from snitch.measuring.examples import Examples
    from snitch.measuring.sample import Sample


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

    definition = benchmark.definition
    path = resolve(benchmark.folder, definition.data.path)
    if path is None or path not in benchmark.source.snapshot:
        raise Broken(f"{definition.data.path} is not in the tree", reported_by="BEN009", path=benchmark.path)
    digest = benchmark.data_digest()
    if digest != definition.data.revision:
        reason = f"{benchmark.path}: {path} is {digest}; the benchmark was agreed on as {definition.data.revision}"
        raise Broken(reason, reported_by="BEN009", path=benchmark.path)
    content = bringing.content(benchmark.source, path)
    try:
        examples = read_examples(definition, content)
        examples.labels  # noqa: B018 - what is wrong with them is told before a model is run
    except Unusable as error:
        raise Undecidable(f"{path}: {error.reason}", path=path) from None
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
    examples = examples_of(benchmark, means.bringing)
    try:
        given = _run(subject, examples, means)
        table = Table(given.content, given.name, given.has_ids)
        threshold = None if manifest.predict else manifest.decision_threshold
        outputs = manifest.signature.outputs if manifest.signature else ()
        predictions = predictions_of(examples, table, threshold=threshold, outputs=outputs)
        return Answered(examples, predictions, examples.answered(predictions), given.isolation)
    except (Failed, Unusable) as error:
        raise Undecidable(f"{model.path}: {error.reason}", path=model.path) from None


def _run(subject: Subject, examples: Examples, means: Means) -> Answers:
    """Raises:
    Broken, Undecidable, Failed, Unusable: there are no answers.
    """
    from snitch.measuring.inputs import inputs_of
    from snitch.measuring.labels import names_of, targets_of

    (model, _), manifest, definition = subject, subject.model.manifest, examples.definition
    features, columns = inputs_of(examples, manifest.signature.inputs if manifest.signature else ())
    is_binary = definition.task == "binary-classification"
    with _laid_out(model, means) as (folder, weights):
        request = Request(
            features=features,
            id=definition.id,
            task=definition.task,
            weights=weights,
            columns=columns,
            positive=names_of(definition, examples.frame)[1] if is_binary else None,
            targets=targets_of(definition),
            trusted=means.allow,
            predict=manifest.predict or (),
            folder=folder,
            hidden=means.hidden,
        )
        tell = means.progress
        onward = None if tell is None else lambda rows: tell(rows, examples.size)
        python, environment = means.environment.executable, means.environment
        return answer(request, python=python, limits=means.limits, progress=onward, environment=environment)


def harmless_weights(model: Model, means: Means) -> dict[str, str]:
    """The weights that the manifest names, on this disk, once it is certain that loading them runs no code.

    Raises:
        Broken: one is not there.
        Undecidable: one cannot be had, or is not certain to be harmless.
    """
    from snitch.pickles.source import Limits as Allowed

    trusted = frozenset((module, name) for module, _, name in (each.rpartition(".") for each in means.allow))
    found = {}
    for weights in model.weights:
        path = means.bringing.on_disk(model.repository, weights.path)
        reasons = judge_file(path, name=weights.path, limits=Allowed(trusted=trusted))
        if reasons:
            help_text = "`snitch explain SAF001` says what may be loaded, and how the policy allows a class of your own"
            raise Undecidable(f"{weights.path} is not loaded: {reasons[0]}", path=weights.path, help=help_text)
        found[weights.name] = path
    return found


@contextmanager
def _laid_out(model: Model, means: Means) -> Iterator[tuple[str | None, dict[str, str]]]:
    """The weights, and where the manifest has a command of its own to predict, a folder of the model's files."""
    weights = harmless_weights(model, means)
    if not model.manifest.predict:
        yield None, weights
        return
    with tempfile.TemporaryDirectory(prefix="snitch-") as folder:
        for path in model.files:
            name = model.name_of(path)
            if not name.startswith("evaluations/"):
                _write(folder, name, model, path)
        for name, held in weights.items():
            target = os.fsdecode(inside(folder, os.path.normpath(name)))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(held, target)
        yield folder, weights


def _write(folder: str, name: str, model: Model, path: str) -> None:
    """One file of the model's as Git has it; a link is left out."""
    snapshot = model.repository.snapshot
    if not snapshot.entries[path].is_file:
        return
    target = inside(folder, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(snapshot[path])
