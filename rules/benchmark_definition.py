"""The rule about what a benchmark says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from snitch.benchmark import Benchmark
from snitch.change import Catalogue
from snitch.documents import Unreadable
from snitch.finding import Broken, Finding, Note
from snitch.formats.benchmark import BenchmarkDefinition, RequestedMetric
from snitch.metrics import identity, metric, nearest
from snitch.postponed import Postponed
from snitch.repository_change import RepositoryChange
from snitch.rule import RepositoryRule
from snitch.source import resolve

#: A list of thousands of names that nobody bears says no more than its first few.
_MAX_STRANGERS, _MAX_COMPARED = 10, 2000


class InvalidBenchmark(RepositoryRule, code="BEN009", severity=("error", "error")):
    """The definition of a benchmark is malformed, contradicts itself, or is not of the data beside it.

    Every model that the benchmark names is judged by it. So its data must be the data that was reviewed, which the
    declared `revision` pins, and it must be clear which models and metrics it means and which direction is better.

    Mend it: each finding names the place. The digest of data in Git LFS is the `oid` of its pointer; a metric that
    Snitch does not know says which way is better: `{type: profit, greater_is_better: true}`.
    """

    def check(self, change: RepositoryChange) -> Iterator[Finding | Note]:
        """One finding a cause; a note on a model's name that is likely misspelt: the model may come later, too."""
        later = Postponed()
        for benchmark in change.benchmarks:
            with later:
                yield from _judge(benchmark, change.today)
                yield from _strangers(benchmark, change.catalogue)
        later.tell()


def _strangers(benchmark: Benchmark, catalogue: Catalogue) -> Iterator[Note]:
    """The models that a benchmark names and nobody is called, where somebody is called nearly so."""
    try:
        named = benchmark.definition.models or ()
    except Broken:
        return
    strangers = (name for name in named if name not in catalogue.folders)
    for name in islice(strangers, _MAX_STRANGERS):
        from difflib import get_close_matches

        near = get_close_matches(name, list(islice(catalogue.folders, _MAX_COMPARED)), n=1)
        if near:
            yield Note(f"{benchmark.path} names the model `{name}`, which is not here; did you mean `{near[0]}`?")


def _judge(benchmark: Benchmark, today: date) -> Iterator[Finding]:
    """What is wrong with one benchmark.

    Raises:
        UnreadableFile: the definition cannot be read.
        Undecidable: the data is not in this clone.
    """
    role = benchmark.folder.rpartition("/")[2]
    try:
        benchmark.source.decoded(benchmark.path, BenchmarkDefinition)
    except Unreadable as error:
        for problem in error.problems:
            found = benchmark.finding(
                problem.pointer, problem.message, span=problem.span, help=problem.help, role=role, about=problem.message
            )
            yield found
        return
    for pointer, message, help_text in _faults(benchmark, role, today):
        yield benchmark.finding(pointer, message, help=help_text, role=role, about=message)


Fault = tuple[str, str, str]


def _faults(benchmark: Benchmark, folder: str, today: date) -> Iterator[Fault]:
    definition = benchmark.definition
    if definition.name != folder:
        yield "/name", f"`{definition.name}` lies in the folder `{folder}`", "give both one name"
    if definition.all and definition.models:
        yield "/all", "names its models and asks for all of the task", "keep `models` or `all: true`"
    if not definition.all and not definition.models:
        yield "", "names no model", "add `models` or `all: true`"
    yield from _period(definition, today)
    yield from _metrics(definition)
    yield from _data(benchmark)


def _period(definition: BenchmarkDefinition, today: date) -> Iterator[Fault]:
    start, end = (definition.collected.start, definition.collected.end) if definition.collected else (None, None)
    if definition.split == "temporal" and start is None:
        yield "/split", "a temporal split needs `collected.start`", "add the first day on which the data was collected"
    if start is not None and end is not None and start > end:
        yield "/collected/start", f"collected from {start} until {end}", "swap the dates"
    for key, day in (("start", start), ("end", end)):
        # A day of grace: it is tomorrow already somewhere east of UTC.
        if day is not None and day - today > timedelta(days=1):
            yield f"/collected/{key}", f"collected on {day}, which is in the future", "write the day of the collection"
            return


def _metrics(definition: BenchmarkDefinition) -> Iterator[Fault]:
    seen: set[str] = set()
    stated: dict[str, bool] = {}
    for each in definition.requested:
        if each.greater_is_better is not None:
            stated.setdefault(each.type, each.greater_is_better)
    for index, each in enumerate(definition.requested):
        key = identity(each.type, each.args)
        if key in seen:
            yield f"/metrics/{index}", f"asks for {key} twice", "keep one of them"
            continue
        seen.add(key)
        yield from _direction(each, f"/metrics/{index}", stated.get(each.type))


def _direction(each: RequestedMetric, pointer: str, stated: bool | None) -> Iterator[Fault]:
    known = metric(each.type)
    if known is None and stated is None:
        near = nearest(each.type)
        hint = f"did you mean `{near}`? Else declare" if near else "declare"
        example = f"`{{type: {each.type}, greater_is_better: true}}`"
        yield pointer, f"nobody says whether a greater {each.type} is better", f"{hint} it: {example}"
    elif each.greater_is_better is None:
        return
    elif known is not None and known.greater_is_better != each.greater_is_better:
        better = "greater" if known.greater_is_better else "smaller"
        message = f"a {better} {each.type} is better, and `greater_is_better` says otherwise"
        yield f"{pointer}/greater_is_better", message, "remove it, or give the metric a name of its own"
    elif each.greater_is_better != stated:
        yield f"{pointer}/greater_is_better", f"says two things of {each.type}", "keep one of them"


def _data(benchmark: Benchmark) -> Iterator[Fault]:
    """Whether the data is there and is what the definition declares.

    Raises:
        Undecidable: it is not in this clone.
    """
    data = benchmark.definition.data
    path = resolve(benchmark.folder, data.path)
    if path is None:
        yield "/data/path", f"`{data.path}` leaves the repository", "put the data beside the definition"
    elif path not in benchmark.source.snapshot:
        yield "/data/path", f"{path} is not in the tree", "add the data, or mend the path"
    else:
        try:
            digest = benchmark.data_digest()
        except Broken as error:
            yield "/data/path", error.reason, "commit the data anew, through Git LFS"
            return
        if digest != data.revision:
            message = f"declares {data.revision}, and {path} is {digest}"
            yield "/data/revision", message, "restore the data, or declare its digest as a new version"
