"""What the options of rules name in a repository, and whether it is there: a benchmark, a file, a metric."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Iterator, Sequence

from msgspec import Struct

from snitch.documents.problems import join_pointer
from snitch.finding import Broken, Undecidable
from snitch.layout import MANIFEST
from snitch.metrics import metric, nearest
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import UnreadableFile
from snitch.source import resolve


class Misnamed(Struct, frozen=True):
    """A name that means nothing: a pointer below the rule's options, what is wrong, and how to mend it. With `is_key`
    the name is the key at the pointer, not the value.
    """

    pointer: str
    message: str
    help: str = ""
    is_key: bool = False


def missing_file(repository: Repository, pointer: str, path: str) -> Iterator[Misnamed]:
    """Tells a file that is not there; the empty path names none."""
    if path and resolve("", path) not in repository.snapshot:
        name = posixpath.basename(path)
        help_text = _meant(name, path, repository) or "paths are from the root of the repository; commit the file"
        yield Misnamed(pointer, f"there is no file `{path}`", help_text)


def _meant(name: str, path: str, repository: Repository) -> str:
    """The file that was probably meant: of the name elsewhere, else the nearest beside it."""
    from difflib import get_close_matches

    elsewhere = [each for each in repository.snapshot if posixpath.basename(each) == name]
    folder = posixpath.dirname(path)
    beside = [each for each in repository.below(folder) if posixpath.dirname(each) == folder]
    near = elsewhere[:1] or get_close_matches(path, beside, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def unknown_benchmarks(repository: Repository, pointer: str, names: Iterable[str]) -> Iterator[Misnamed]:
    """Tells benchmarks that there are not, of a list at the pointer."""
    from snitch.documents.decoding import suggest

    for index, name in enumerate(names):
        if not _is_benchmark(repository, name):
            known = [posixpath.basename(each.folder) for each in repository.benchmarks]
            yield Misnamed(f"{pointer}/{index}", f"there is no benchmark `{name}`", suggest(name, known))


def _is_benchmark(repository: Repository, name: str) -> bool:
    """Whether there is one of the name; so it may be where one is not valid, which another rule tells."""
    try:
        return repository.benchmark(name) is not None
    except (Broken, Undecidable):
        return True


def unknown_metrics(repository: Repository, pointer: str, names: Iterable[str]) -> Iterator[Misnamed]:
    """Tells metrics that are none of the catalogue, of the benchmarks or of a record: keys at the pointer."""
    for name in names:
        if metric(name) is None and not _is_measured(repository, name):
            near = nearest(name)
            help_text = f"did you mean `{near}`?" if near else "name one that a benchmark asks for"
            message = f"nothing measures the metric `{name}`"
            yield Misnamed(pointer + join_pointer(name), message, help_text, is_key=True)


def _is_measured(repository: Repository, name: str) -> bool:
    """Whether a benchmark asks for a metric, or else a record may hold it; so it may where one cannot be read."""
    try:
        if any(each.type == name for benchmark in repository.benchmarks for each in benchmark.asked.values()):
            return True
    except (Broken, Undecidable):
        return True
    records = [path for path in repository.snapshot.ending(".json") if "/evaluations/" in f"/{path}"]
    return _any_holds(repository, records, f'"{name}"')


def unknown_features(model: Model, names: Iterable[str], known: Container[str]) -> list[str]:
    """The names that are no features: neither known to the model nor spoken of by the files of another, which are
    searched and not understood.
    """
    strange = [name for name in dict.fromkeys(names) if name not in known]
    for folder in sorted(model.repository.model_folders - {model.folder}) if strange else ():
        files = model.repository.files_by_model[folder]
        paths = [path for path in files if path.endswith((f"/{MANIFEST}", ".json")) or path == MANIFEST]
        strange = [name for name in strange if not _any_holds(model.repository, paths, name)]
    return strange


def _any_holds(repository: Repository, paths: Sequence[str], name: str) -> bool:
    """Whether a file holds the text; so it may where it cannot be read."""
    text = name.encode("utf-8", "surrogateescape")
    repository.snapshot.prefetch(paths)
    try:
        return any(text in repository.snapshot[path] for path in paths)
    except UnreadableFile:
        return True


def unknown_training_data(repository: Repository, pointer: str, names: Iterable[str]) -> Iterator[Misnamed]:
    """Tells training data that no model's manifest names: keys at the pointer."""
    from snitch.documents.decoding import suggest

    names = tuple(names)
    if not names:
        return
    known = _training_data(repository)
    for name in names if known is not None else ():
        if name not in (known or ()):
            message = f"no model's manifest names training data `{name}`"
            yield Misnamed(pointer + join_pointer(name), message, suggest(name, sorted(known or ())), is_key=True)


def _training_data(repository: Repository) -> set[str] | None:
    """The names of all models' training data; None where a manifest cannot be read, which another rule tells."""
    folders = sorted(repository.model_folders)
    models = [Model(repository, folder) for folder in folders]
    repository.snapshot.prefetch(model.path for model in models)
    try:
        trainings = [model.manifest.training for model in models]
    except (Broken, Undecidable):
        return None
    return {data.name for training in trainings if training is not None for data in training.data}
