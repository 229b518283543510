"""Rebuilds what a program writes in model-repo-template/: `python scripts/build_template.py`.

That is the benchmarks' data, the models' weights, profiles and evaluations, and the digests and row counts that pin
them in benchmark.yaml and model.yaml. Everything else there is written by hand. Each is made by the template's own
scripts, `snitch profile` and `snitch evaluate`, run in a scratch copy rendered for one fixed day; run twice on one
machine, this changes nothing.

How the template is stored, and `snitch.template` undoes it:
- a name that starts with a dot is stored as `dot-<name>`, so that no attribute, ignore list or hook of the template
  acts on this repository, and none is lost in packaging;
- a date is stored as `{{today}}`, `{{today-30d}}` or `{{today+30d}}`, so that no example is born stale;
- the version of Snitch is stored as `{{version}}`;
- weights and Parquet files are ordinary bytes here; `snitch init` puts them into Git LFS.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

from snitch.template import render, template_files

TEMPLATE = Path(__file__).resolve().parent.parent / "model-repo-template"
ANY_DAY = date(2000, 1, 1)
EVALUATED = "{{today-7d}}T09:00:00Z"


def main() -> None:
    check_pins()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for path, content in render(template_files(), ANY_DAY).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        build(root)


def build(root: Path) -> None:
    """Runs the template's scripts in their order, and measures: that takes the weights and the benchmark."""
    subprocess.run(["git", "init", "--quiet", root], check=True)
    for script in sorted(root.glob("benchmarks/*/prepare.py")):
        pin(root, script.with_name("benchmark.yaml"), run(script))
        keep(root, script.with_name("data.parquet"))
    for script in sorted(root.glob("models/*/train.py")):
        pin(root, script.with_name("model.yaml"), run(script))
        keep(root, script.with_name("model.skops"))
        profile(root, script.parent)
    evaluate(root)
    for path in sorted(root.glob("models/*/evaluations/*")):
        if path.suffix == ".json":
            dated = path.read_text(encoding="utf-8")
            path.write_text(re.sub(r'(?<="date": ")[^"]+', EVALUATED, dated), encoding="utf-8", newline="\n")
        keep(root, path)


def check_pins() -> None:
    """Stops where the installed versions are not the ones that the template's models require."""
    for path in sorted(TEMPLATE.rglob("requirements.txt")):
        for name, pinned in re.findall(r"(?m)^([\w.-]+)==(\S+)$", path.read_text(encoding="utf-8")):
            if version(name) != pinned:
                sys.exit(f"{path.relative_to(TEMPLATE)} pins {name} {pinned}; installed is {version(name)}")


def run(script: Path) -> str:
    """The script's output. It runs as a user would run it, with this interpreter."""
    return subprocess.run([sys.executable, script], check=True, stdout=subprocess.PIPE, text=True).stdout


def evaluate(root: Path) -> None:
    """Measures every model, as a user would."""
    subprocess.run([sys.executable, "-m", "snitch", "evaluate", "--all"], check=True, cwd=root)


def profile(root: Path, folder: Path) -> None:
    """Writes the profile of the training data, as a user would."""
    written, data = folder / "training-profile.json", f"build/{folder.name}-training.csv"
    command = [sys.executable, "-m", "snitch", "profile", data, "--model", folder.name, "--id", "patient_id"]
    subprocess.run([*command, "--out", str(written)], check=True, cwd=root)
    keep(root, written)


def pin(root: Path, rendered: Path, output: str) -> None:
    """Writes the printed revision and number of rows into a rendered file and into its source in the template."""
    printed = re.search(r"revision (sha256:\w{64}), rows (\d+)", output)
    if printed is None:
        sys.exit(f"the script beside {rendered.relative_to(root)} printed no revision: {output!r}")
    for path in (rendered, TEMPLATE / rendered.relative_to(root)):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'(?<=revision: ")[^"]+', printed[1], text)
        text = re.sub(r"(?<=rows: )\d+", printed[2], text)
        path.write_text(text, encoding="utf-8", newline="\n")


def keep(root: Path, made: Path) -> None:
    """Copies what a script made back into the template."""
    kept = TEMPLATE / made.relative_to(root)
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(made.read_bytes())


if __name__ == "__main__":
    main()
