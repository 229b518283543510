"""`python -m bench.pickle_scanners --sets FOLDER`: the scanner of weights beside picklescan, modelscan and fickling.

FOLDER holds the sources of the peers whose test sets are judged, too: `picklescan` and `fickling`, as in their
repositories. No sample is ever loaded, and what is made here is written below `build/bench/pickles`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.environments import ROOT, Environment, peers_environment, snitch_environment
from bench.measuring import Command, measure

PEERS = ("picklescan", "picklescan --strict", "modelscan", "fickling")
TOOLS = ("snitch", *PEERS)
SECONDS = 60
_JUDGING = ROOT / "bench" / "pickle_judging.py"
_RECORDING = ROOT / "bench" / "pickle_recording.py"
#: Of picklescan's test set, what its own tests call harmless, and what they call unreadable.
_HARMLESS = ("benign0_", "int_array", "object_array", "new_pytorch_model", "pytorch_model")
_UNREADABLE = ("bad_pytorch", "not_a_pickle", "benign_password_protected")


class Sample(NamedTuple):
    """A file, the set that it is of, and what it is: bad, good or broken."""

    path: Path
    origin: str
    kind: str


class Verdict(NamedTuple):
    """What a tool made of a file: `found` something, `refused` to say, or said `clean`."""

    word: str
    seconds: float


def main() -> None:
    """Makes the files, judges all by each tool, and prints tables in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.pickle_scanners", description=__doc__)
    parser.add_argument("--sets", type=Path, help="the folder with the peers' sources; without it only our own files")
    parser.add_argument("--large", action="store_true", help="measure files of 100 MB, too")
    parser.add_argument("--repeats", type=int, default=3, help="rounds over the large files (3)")
    asked = parser.parse_args()
    build = ROOT / "build" / "bench"
    environments = {name: peers_environment(build) for name in PEERS} | {"snitch": snitch_environment(build)}
    samples = [*_own(build / "pickles")]
    if asked.sets is not None:
        samples += [*_picklescans(asked.sets / "picklescan"), *_ficklings(asked.sets, build, environments["fickling"])]
    verdicts = {name: _verdicts(name, environments[name], [sample.path for sample in samples]) for name in TOOLS}
    print(*_versions(environments), *_table(samples, verdicts), *_oddities(samples, verdicts["snitch"]), sep="\n")
    if asked.large:
        print(*_large(build / "pickles", environments, asked.repeats), sep="\n")


def _own(folder: Path) -> Iterator[Sample]:
    from bench.pickle_models import broken_files, honest_files
    from bench.pickle_payloads import payloads

    for kind, files in (("bad", payloads()), ("good", honest_files()), ("broken", broken_files())):
        place = folder / kind
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name, content in files:
            (place / name).write_bytes(content)
            yield Sample(place / name, "own", kind)


def _picklescans(source: Path) -> Iterator[Sample]:
    for path in sorted(source.glob("tests/data*/*")):
        kind = "good" if path.name.startswith(_HARMLESS) else "broken" if path.name.startswith(_UNREADABLE) else "bad"
        yield Sample(path, "picklescan's", kind)


def _ficklings(sets: Path, build: Path, environment: Environment) -> Iterator[Sample]:
    out = build / "pickles" / "fickling"
    shutil.rmtree(out, ignore_errors=True)
    command = [environment.python, str(_RECORDING), str(sets / "fickling" / "test"), str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for path in sorted(out.iterdir()):
        yield Sample(path, "fickling's", path.name.partition("-")[0])


def _run(name: str, environment: Environment, paths: Iterable[Path], seconds: int) -> list[dict[str, Any]]:
    given = "".join(f"{path.resolve()}\n" for path in paths)
    command = [environment.python, str(_JUDGING), name, str(seconds)]
    done = subprocess.run(command, input=given, check=True, capture_output=True, text=True, cwd=environment.folder)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _verdicts(name: str, environment: Environment, paths: Sequence[Path]) -> list[Verdict]:
    told = _run(name, environment, paths, SECONDS)
    assert len(told) == len(paths), f"{name} judged {len(told)} of {len(paths)} files"
    words = {0: "clean", 1: "found"}
    return [Verdict(words.get(each["code"], "refused"), each["seconds"]) for each in told]


def _versions(environments: dict[str, Environment]) -> Iterator[str]:
    yield f"Python {platform.python_version()}, {os.cpu_count()} cores"
    for name in TOOLS:
        distribution = "model-snitch" if name == "snitch" else name.split()[0]
        code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
        done = subprocess.run([environments[name].python, "-c", code], capture_output=True, text=True, check=True)
        yield f"{name} {done.stdout.strip()}"


def _table(samples: Sequence[Sample], verdicts: dict[str, list[Verdict]]) -> Iterator[str]:
    """For each set and tool: how many of it were found, refused and called clean."""
    titles = {"bad": "malicious", "good": "harmless", "broken": "unreadable"}
    yield f"\n| set | files | {' | '.join(TOOLS)} |\n|---|---|{'---|' * len(TOOLS)}"
    for kind, title in titles.items():
        for origin in dict.fromkeys(sample.origin for sample in samples if sample.kind == kind):
            chosen = [at for at, sample in enumerate(samples) if (sample.origin, sample.kind) == (origin, kind)]
            cells = [_cell(kind, [verdicts[name][at] for at in chosen]) for name in TOOLS]
            yield f"| {title}, {origin} | {len(chosen)} | {' | '.join(cells)} |"
    yield f"| milliseconds a file, median | | {' | '.join(_median(verdicts[name]) for name in TOOLS)} |"


def _cell(kind: str, verdicts: Sequence[Verdict]) -> str:
    counts = {word: sum(each.word == word for each in verdicts) for word in ("found", "refused", "clean")}
    if kind == "good":
        return f"{counts['clean']} clean, {counts['found']} found, {counts['refused']} refused"
    return f"{counts['found']} found, {counts['refused']} refused, **{counts['clean']} clean**"


def _median(verdicts: Sequence[Verdict]) -> str:
    return f"{statistics.median(each.seconds for each in verdicts) * 1000:.1f}"


def _oddities(samples: Sequence[Sample], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """What our own scanner gets wrong, by name."""
    for sample, verdict in zip(samples, verdicts, strict=True):
        if (verdict.word == "clean") != (sample.kind == "good"):
            yield f"snitch: {verdict.word}: {sample.origin} {sample.path.name}, which is {sample.kind}"


def _large(folder: Path, environments: dict[str, Environment], repeats: int) -> Iterator[str]:
    """Time and memory on files of 100 MB beside picklescan's, in process and for the whole process."""
    from bench.pickle_models import large_files, write

    two = ("snitch", "picklescan")
    titles = ("file", "MB", "snitch / picklescan, in process", "whole process", "MB held by each", "exit codes")
    yield f"\n| {' | '.join(titles)} |\n{'|---' * len(titles)}|"
    for name, value in large_files():
        path = folder / name
        write(value, str(path))
        del value
        runs = {tool: [_run(tool, environments[tool], [path], 600)[0] for _ in range(repeats)] for tool in two}
        costs = {tool: statistics.median(each["seconds"] for each in told) for tool, told in runs.items()}
        held = [f"{max(each['bytes'] for each in runs[tool]) >> 20}" for tool in two]
        said = " / ".join(str(runs[tool][0]["code"]) for tool in two)
        whole = measure(_whole(path, environments), repeats, warm_up=False)
        ratio, whole_ratio = costs["snitch"] / costs["picklescan"], whole["snitch"].wall / whole["picklescan"].wall
        size = path.stat().st_size / 1e6
        yield f"| {name} | {size:.0f} | {ratio:.2f} | {whole_ratio:.2f} | {' / '.join(held)} | {said} |"
        path.unlink()


def _whole(path: Path, environments: dict[str, Environment]) -> Iterator[Command]:
    code = "import sys; from snitch.pickles.files import judge_file; sys.exit(bool(judge_file(sys.argv[1])))"
    snitch, peers = environments["snitch"], environments["picklescan"]
    yield Command("snitch", [snitch.python, "-c", code, str(path)], ROOT, (0, 1))
    yield Command("picklescan", [peers.program("picklescan"), "-p", str(path)], ROOT, (0, 1, 2))


if __name__ == "__main__":
    main()
