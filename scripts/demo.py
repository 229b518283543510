"""Shows Snitch at work: a real model repository, real training, real hooks, and the models they tell on.

`--picture FILE` also writes one scene as an SVG, `--gate FOLDER` what the gate said and its comment as a picture. The
repository is left in build/demo, to look around in.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from terminal import Failed, Terminal

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "build/demo"
MODEL = "models/breast-cancer"
#: In bytes: an empty page compresses to less.
_SMALLEST_PICTURE = 20_000


_TRANSCRIPT = """# The gate on four pull requests

A model was retrained three times on the branches of the demo (`make demo`), and each is to be merged into `staging`.
The gate judges what each merge would make, by the policy on `staging`, and compares the model with the deployed one, on
the examples that both have answered. In CI it finds the pull request by itself; here its branches are named.

## A worse model: blocked

```console
{red}
```

The exit code is 1, and the comment on the pull request says the same, with the metrics in a table and their history as
a chart:

![The comment on the pull request](comment.png)

## The same model with better numbers written into its record: blocked

```console
{forged}
```

The exit code is 1: the numbers are not what the committed predictions give.

## One that may be worse, or not: inconclusive

```console
{open}
```

The exit code is 3, which blocks as well. The benchmark is too small to tell, and the gate says how large it would have
to be.

## A good one: passed

```console
{green}
```

The exit code is 0. On a pull request that was always green, the gate writes no comment.
"""


def main() -> int:
    """Plays all scenes. Exit code 1 where one did not go as it must."""
    terminal = Terminal(DEMO)
    try:
        prepare(terminal)
        good_version(terminal)
        worse_version(terminal)
        transcript = list(terminal.transcript)
        stale_version(terminal)
        weights_in_git(terminal)
        disallowed_library(terminal)
        said = pull_requests(terminal)
    except Failed as failure:
        print(f"\nThe demo failed: {failure}", file=sys.stderr)
        return 1
    print(f"\nThat is all. The repository is in {DEMO.relative_to(ROOT)}: look around, break things, commit them.")
    if "--picture" in sys.argv:
        from picture import svg

        push = next(part for part in transcript if part.startswith("$ git push"))
        Path(sys.argv[sys.argv.index("--picture") + 1]).write_text(svg(push), encoding="utf-8")
    if "--gate" in sys.argv:
        write_down(said, Path(sys.argv[sys.argv.index("--gate") + 1]))
    return 0


def prepare(terminal: Terminal) -> None:
    """A model repository from the template, its remote, and the hooks from this clone."""
    shutil.rmtree(DEMO, ignore_errors=True)
    shutil.rmtree(DEMO.with_suffix(".remote"), ignore_errors=True)
    DEMO.parent.mkdir(exist_ok=True)
    terminal.folder = DEMO.parent
    terminal.title("A model repository: two models on real data, weights in Git LFS, the hooks of pre-commit")
    terminal.run("snitch init demo")
    terminal.run("git init -q --bare demo.remote", quiet=True)
    terminal.folder = DEMO
    revision = terminal.run(f"git -C {ROOT} rev-parse HEAD", quiet=True).strip()
    config = DEMO / ".pre-commit-config.yaml"
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    named = {"- repo:": f"  - repo: file://{ROOT}\n", "rev:": f"    rev: {revision}\n"}
    text = "".join(next((new for key, new in named.items() if line.strip().startswith(key)), line) for line in lines)
    config.write_text(text, encoding="utf-8")
    terminal.run("git commit -qam 'Hooks of the clone at hand'", quiet=True)
    terminal.run(f"git remote add origin {DEMO.with_suffix('.remote')} && git push -q origin main staging", quiet=True)
    terminal.run("pre-commit install")
    print("(installing the hooks' own environment; this takes half a minute)", flush=True)
    terminal.run("pre-commit install-hooks", quiet=True)
    terminal.run("snitch check --all --env production")


def good_version(terminal: Terminal) -> None:
    """A retrained model that is as good: the hooks have nothing to say."""
    terminal.title("A good new version: retrained with a stronger penalty, evaluated, committed, pushed")
    terminal.run("git switch -q -c breast-cancer-1.1.0", shown="git switch -c breast-cancer-1.1.0")
    retrain(terminal, "1.1.0", "C: 1.0 ", "C: 0.9 ", "Retrained with a slightly stronger penalty.")
    terminal.run("git commit -qam 'breast-cancer 1.1.0'")
    terminal.run("git push -q origin breast-cancer-1.1.0")
    terminal.run("snitch check")


def worse_version(terminal: Terminal) -> None:
    """A model that fell below the deployed one: told at the commit, stopped at the push."""
    terminal.title("A worse one: told at the commit, blocked at the push")
    terminal.run("git switch -q -c breast-cancer-1.2.0 main", shown="git switch -c breast-cancer-1.2.0 main")
    retrain(terminal, "1.2.0", "C: 1.0 ", "C: 0.01 ", "Retrained with a far stronger penalty.")
    terminal.run("git commit -qam 'breast-cancer 1.2.0'")
    terminal.run("git push -q origin breast-cancer-1.2.0", fails=True)
    expect(terminal, "[REG001]", "metric-regressed")


def stale_version(terminal: Terminal) -> None:
    """A model whose training data is too old."""
    terminal.title("A stale one: trained on data of three years ago")
    terminal.run("git switch -q -c stale main", shown="git switch -c stale main")
    edit(f"{MODEL}/model.yaml", _training_dates)
    bump(terminal, "1.0.1", "Corrected the dates of the training data.")
    terminal.run("git commit -qam 'breast-cancer 1.0.1'")
    terminal.run("git push -q origin stale", fails=True)
    expect(terminal, "[DAT001]", "stale-training-data")


def weights_in_git(terminal: Terminal) -> None:
    """Weights that would stay in Git's history for ever."""
    terminal.title("Weights outside LFS: blocked at the commit, for it can't be undone once it is pushed")
    terminal.run("git switch -q -f -c heavy main", shown="git switch -c heavy main")
    edit(".gitattributes", lambda text: text.replace("*.skops filter=lfs diff=lfs merge=lfs -text\n", ""))
    terminal.run(f"git add --renormalize {MODEL}/model.skops .gitattributes")
    terminal.run("git commit -qm 'Simpler attributes'", fails=True)
    expect(terminal, "[LFS001]", "weights-outside-lfs")


def disallowed_library(terminal: Terminal) -> None:
    """A library that the policy does not allow."""
    terminal.title("A disallowed library: blocked at the commit")
    terminal.run("git switch -q -f -c library main", shown="git switch -c library main")
    edit(f"{MODEL}/requirements.txt", lambda text: text + "tensorflow==2.15.0\n")
    terminal.run("git commit -qam 'Try TensorFlow'", fails=True)
    expect(terminal, "[DEP001]", "disallowed-dependency")
    terminal.run("git switch -q -f main", quiet=True)


def pull_requests(terminal: Terminal) -> dict[str, str]:
    """The gate on four pull requests into staging; what it said of each."""
    forged_version(terminal)
    uncertain_version(terminal)
    branches = " ".join(f"breast-cancer-{version}" for version in ("1.1.0", "1.2.0", "1.2.1", "1.3.0"))
    terminal.run(f"git push -q --no-verify origin {branches}", quiet=True)
    terminal.run("git lfs push --all origin", quiet=True)
    said = {}
    for name, version, title, expected in (
        ("red", "1.2.0", "The pull request of the worse model: the gate judges what its merge would make", "[REG001]"),
        ("forged", "1.2.1", "The same with better numbers written into its record", "[BEN007]"),
        ("open", "1.3.0", "One that may be worse or not: too few examples to tell", "examples would decide"),
        ("green", "1.1.0", "The good one: the gate lets it through", "passed: 1 model judged"),
    ):
        terminal.title(title)
        command = f"snitch gate --target staging --head breast-cancer-{version} --author ada"
        report = f"--format text --format markdown=../{name}.md --format html=../{name}.html"
        terminal.run(f"{command} {report}", shown=command, fails=name != "green")
        verdict = {"green": "passed: ", "open": "inconclusive: "}.get(name, "blocked: ")
        expect(terminal, expected, verdict)
        said[name] = "".join(terminal.transcript)
    show_comments(*(DEMO.parent / name for name in ("red", "open", "green")))
    return said


def forged_version(terminal: Terminal) -> None:
    """The worse model again, with the deployed model's numbers in its record."""
    terminal.run("git switch -q -f -c breast-cancer-1.2.1 breast-cancer-1.2.0", quiet=True)
    record = f"{MODEL}/evaluations/breast-cancer-holdout.json"
    deployed = json.loads(terminal.run(f"git show main:{record}", quiet=True))

    def forge(text: str) -> str:
        forged = json.loads(text)
        forged["metrics"] = deployed["metrics"]
        return json.dumps(forged, indent=2) + "\n"

    edit(record, forge)
    terminal.run("git commit -qam 'Better numbers' --no-verify", quiet=True)


def uncertain_version(terminal: Terminal) -> None:
    """A model that found two patients fewer: of so few, that may be chance."""
    terminal.title("One that may be worse or not: retrained with a stronger penalty, it finds two patients fewer of 85")
    terminal.run("git switch -q -f -c breast-cancer-1.3.0 main", shown="git switch -c breast-cancer-1.3.0 main")
    retrain(terminal, "1.3.0", "C: 1.0 ", "C: 0.1 ", "Retrained with a stronger penalty.")
    terminal.run("git commit -qam 'breast-cancer 1.3.0' --no-verify", quiet=True)


def write_down(said: dict[str, str], folder: Path) -> None:
    """The transcript and the picture that the documentation shows."""
    from comment_picture import picture

    text = _TRANSCRIPT.format(**{name: _plain(each).rstrip() for name, each in said.items()})
    (folder / "gate.md").write_text(text, encoding="utf-8")
    comment = (DEMO.parent / "red.md").read_text(encoding="utf-8")
    picture(comment, folder / "comment.png", height=760)


def _plain(text: str) -> str:
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def show_comments(*reports: Path) -> None:
    """Makes pictures of what the gate would comment, where there is a browser to do it."""
    from comment_picture import browser, picture

    if browser() is None:
        print("There is no Chromium here to draw the comments: read them in build/red.md and build/green.md.")
        return
    for report in reports:
        target = report.with_suffix(".png")
        picture(report.with_suffix(".md").read_text(encoding="utf-8"), target)
        if target.stat().st_size < _SMALLEST_PICTURE:
            raise Failed(f"{target.name} shows nothing")
        print(f"the comment, drawn: {target.relative_to(ROOT)}   all of the report: build/{report.name}.html")


def retrain(terminal: Terminal, version: str, old: str, new: str, why: str) -> None:
    """Changes a hyperparameter, trains and evaluates for real, and writes down what was done."""
    terminal.show(f"$ $EDITOR {MODEL}/params.yaml      # {old.strip()} -> {new.strip()}\n")
    edit(f"{MODEL}/params.yaml", lambda text: text.replace(old, new))
    terminal.run(f"python {MODEL}/train.py")
    bump(terminal, version, why)
    terminal.run("snitch evaluate breast-cancer")
    terminal.run(f"git add {MODEL}", quiet=True)


def bump(terminal: Terminal, version: str, why: str) -> None:
    """Raises the version and writes its changelog entry."""
    edit(f"{MODEL}/model.yaml", lambda text: text.replace("version: 1.0.0", f"version: {version}"))
    entry = f"## [{version}] - 2026-11-20\n\n### Changed\n\n- {why}\n\n## [1.0.0]"
    edit(f"{MODEL}/CHANGELOG.md", lambda text: text.replace("## [1.0.0]", entry, 1))
    terminal.show(f"$ $EDITOR {MODEL}/model.yaml {MODEL}/CHANGELOG.md      # version {version}\n")


def _training_dates(text: str) -> str:
    lines = text.splitlines(keepends=True)
    dated = {"start:": "2022-01-01", "end:": "2023-01-01"}
    return "".join(
        next(
            (f"{line[: line.index(key)]}{key} {day}\n" for key, day in dated.items() if line.strip().startswith(key)),
            line,
        )
        for line in lines
    )


def edit(path: str, change: Callable[[str], str]) -> None:
    """Edits a file of the demo; that it changes nothing is a fault."""
    file = DEMO / path
    before = file.read_text(encoding="utf-8")
    after = change(before)
    if before == after:
        raise Failed(f"{path} did not change")
    file.write_text(after, encoding="utf-8")


def expect(terminal: Terminal, *texts: str) -> None:
    """The scene's transcript must say this."""
    said = _plain("".join(terminal.transcript))
    for text in texts:
        if text not in said:
            raise Failed(f"nothing said {text}")


if __name__ == "__main__":
    sys.exit(main())
