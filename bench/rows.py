"""The work that is measured: what Snitch costs as a ratio to the floor, to its peers, and to itself."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.environments import Environment
from bench.measuring import Command, Sample, measure, peak_memory
from bench.model_files import RETRAINED, model_files
from bench.repositories import TODAY, build, stage, unstage

_FLOORS = Path(__file__).resolve().parent / "floors"
_SMALL = 30
#: A linter that has something to say has done its work.
_LINTED = (0, 1)


class Ratio(NamedTuple):
    """A ratio that was measured, and what it may be at most; None where it only informs."""

    what: str
    value: float
    goal: float | None = None


class Row(NamedTuple):
    """A kind of work, and its ratios."""

    work: str
    ratios: tuple[Ratio, ...]


class Bench:
    """The repositories and environments, and each row's measurement.

    `models` is the size of the large repository; a tenth of it that of the one it is compared with; a hundredth of it
    are retrained in the change that row 5 judges.
    """

    def __init__(self, folder: Path, snitch: Environment, peers: Environment, *, models: int, repeats: int) -> None:
        self.snitch = snitch
        self.peers = peers
        self.models = models
        self.repeats = repeats
        self.retrained = max(models // 100, 1)
        self.small = self._repository(folder / "small", _SMALL)
        self.tenth = self._repository(folder / "tenth", models // 10)
        self.large = self._repository(folder / "large", models)

    @property
    def rows(self) -> tuple[Callable[[], Row], ...]:
        """What measures each row."""
        return (self.hook_with_a_model, self.hook_without_a_model, self.full_check, self.size, self.pull_request)

    def hook_with_a_model(self) -> Row:
        """One model retrained and staged; the whole process."""
        files = model_files(0, RETRAINED)
        manifest = next(path for path in files if path.endswith("model.yaml"))
        evaluation = next(path for path in files if path.endswith(".json"))
        with _Staged(self.small, files), _Staged(self.large, files):
            costs = self._measure(
                self._floor("floor", self.small, "one_model.py", manifest, evaluation),
                self._check("snitch", self.small, "--staged", "--quiet", accepted=_LINTED),
                self._check("snitch, large", self.large, "--staged", "--quiet", accepted=_LINTED),
                self._schema_check("check-jsonschema", self.small, manifest),
                self._peer("yamllint", self.small, manifest),
                self._dvc_diff("dvc metrics diff", self.small, evaluation),
            )
        return Row(
            "hook, one model changed",
            (
                _ratio("snitch / floor", costs, "snitch", "floor", goal=4),
                _ratio("snitch / check-jsonschema on the manifest", costs, "snitch", "check-jsonschema", goal=1),
                _ratio("snitch / dvc metrics diff of the evaluation", costs, "snitch", "dvc metrics diff"),
                _ratio("yamllint on the manifest / floor", costs, "yamllint", "floor"),
                _ratio(f"snitch in a repository of {self.models:,} / floor", costs, "snitch, large", "floor"),
            ),
        )

    def hook_without_a_model(self) -> Row:
        """A README or a script at the top was edited."""
        ratios = []
        for what, path in (("a README", "README.md"), ("a script", "scripts/report.py")):
            for folder, models in ((self.small, _SMALL), (self.large, self.models)):
                with _Staged(folder, {path: "edited = True\n"}):
                    costs = self._measure(
                        self._floor("floor", folder, "git_call.py"),
                        self._check("snitch", folder, "--staged", "--quiet"),
                    )
                ratios.append(_ratio(f"snitch / floor, {what} beside {models:,} models", costs, "snitch", "floor", 2))
        return Row("hook, no model touched", tuple(ratios))

    def full_check(self) -> Row:
        """Every model, cold and again; beside the linters, which run once: on thousands of files they take a minute."""
        whole = ("--all", "--now", TODAY)
        cold = self._check("cold", self.large, *whole, "--no-cache")
        warm = self._check("warm", self.large, *whole)
        costs = self._measure(self._floor("floor", self.large, "every_model.py"), cold, warm, heavy=True)
        manifests = sorted(str(path.relative_to(self.large)) for path in self.large.glob("models/*/model.yaml"))
        peers = measure(
            [
                self._schema_check("check-jsonschema", self.large, *manifests),
                self._peer("yamllint", self.large, *manifests),
            ],
            1,
            warm_up=False,
        )
        costs = {**costs, **peers}
        return Row(
            f"full check of {self.models:,} models",
            (
                _ratio("cold / floor", costs, "cold", "floor", goal=2),
                Ratio("cold / floor, processor time", costs["cold"].cpu / costs["floor"].cpu),
                _ratio("nothing changed since / cold", costs, "warm", "cold", goal=0.1),
                _ratio("cold / check-jsonschema on the manifests", costs, "cold", "check-jsonschema"),
                _ratio("cold / yamllint on the manifests", costs, "cold", "yamllint"),
            ),
        )

    def size(self) -> Row:
        """What the full check holds in memory, and what the installation takes on disk."""
        check = self._check("cold", self.large, "--all", "--now", TODAY, "--no-cache")
        return Row(
            "memory and disk",
            (
                Ratio(f"peak memory of {self.models:,} models, in GB", peak_memory(check) / 1e9, 1),
                Ratio("base installation, in MB", self.snitch.size / 1e6, 60),
            ),
        )

    def pull_request(self) -> Row:
        """Some models retrained on a branch: in the large repository, and in one of a tenth of its size."""
        change = ("--ref", "change", "--now", TODAY, "--no-cache")
        costs = self._measure(
            self._floor("floor, tenth", self.tenth, "listing_and_search.py", "main"),
            self._floor("floor, large", self.large, "listing_and_search.py", "main"),
            self._check("tenth", self.tenth, *change),
            self._check("large", self.large, *change),
        )
        rest = costs["large"].wall - costs["tenth"].wall
        floor_of_rest = costs["floor, large"].wall - costs["floor, tenth"].wall
        return Row(
            f"pull request of {self.retrained} of {self.models:,} models",
            (
                Ratio("the rest of the models / one listing and one search of them", rest / floor_of_rest, 1),
                _ratio(f"among {self.models:,} / the same among {self.models // 10:,}", costs, "large", "tenth"),
                _ratio("snitch / one listing and one search", costs, "large", "floor, large"),
            ),
        )

    def _repository(self, folder: Path, models: int) -> Path:
        """A repository as it was made; kept from an earlier run only if it is of this size and whole."""
        stamp = folder.with_suffix(".made")
        if not stamp.is_file() or stamp.read_text() != str(models):
            stamp.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            build(folder, models, retrained=min(self.retrained, models))
            stamp.write_text(str(models))
        return folder

    def _measure(self, *commands: Command, heavy: bool = False) -> dict[str, Sample]:
        return measure(commands, max(self.repeats // 4, 1) if heavy else self.repeats)

    def _floor(self, name: str, folder: Path, script: str, *arguments: str) -> Command:
        return Command(name, [self.snitch.python, str(_FLOORS / script), *arguments], folder)

    def _check(self, name: str, folder: Path, *options: str, accepted: tuple[int, ...] = (0,)) -> Command:
        return Command(name, [self.snitch.program("snitch"), "check", *options], folder, accepted)

    def _peer(self, name: str, folder: Path, *arguments: str) -> Command:
        return Command(name, [self.peers.program(name), *arguments], folder, _LINTED)

    def _schema_check(self, name: str, folder: Path, *manifests: str) -> Command:
        schema = folder.with_suffix(".schema.json")
        with schema.open("wb") as file:
            subprocess.run([self.snitch.program("snitch"), "schema", "model"], stdout=file, check=True)
        return self._peer(name, folder, "--schemafile", str(schema), *manifests)

    def _dvc_diff(self, name: str, folder: Path, evaluation: str) -> Command:
        """The comparison that DVC makes of the same two evaluations: the staged file against the commit."""
        copy = folder.with_suffix(".dvc-copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        program = self.peers.program("dvc")
        subprocess.run([program, "init", "--quiet"], cwd=copy, check=True)
        return Command(name, [program, "metrics", "diff", "--targets", evaluation], copy)


class _Staged:
    """A context in which files are staged in a repository, which then is as before."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        self.files = files

    def __enter__(self) -> None:
        stage(self.folder, self.files)

    def __exit__(self, *_: object) -> None:
        unstage(self.folder)


def _ratio(what: str, costs: Mapping[str, Sample], one: str, other: str, goal: float | None = None) -> Ratio:
    return Ratio(what, costs[one].wall / costs[other].wall, goal)


def lines(number: int, row: Row) -> Iterator[str]:
    """A row as people read it."""
    yield f"{number}. {row.work}"
    for ratio in row.ratios:
        told = (
            "" if ratio.goal is None else f"at most {ratio.goal:g}: {'kept' if ratio.value <= ratio.goal else 'MISSED'}"
        )
        yield f"   {ratio.what:<62} {ratio.value:8.2f}  {told}".rstrip()
