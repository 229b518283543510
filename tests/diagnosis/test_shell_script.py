"""How scripts lose the gate's exit code: one line a way, and as many that keep it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from snitch.diagnosis.shell_script import loses_exit_code, runs_gate

KEEP = [
    "snitch gate",
    "pip install x\nsnitch gate --format text",
    "snitch gate \\\n  --format text \\\n  --format html=report.html",
    "snitch gate > log.txt 2>&1",
    "snitch gate && echo fine",
    "snitch gate || exit 1",
    "snitch gate || exit $?",
    'code=0\nsnitch gate || code=$?\necho "$code"\nexit "$code"',
    "snitch gate || { echo no; exit 1; }",
    "snitch gate; echo fine",
    "snitch gate\necho fine",
    "out=$(snitch gate)",
    "# snitch gate || true\nsnitch gate",
    "python -m snitch gate",
    '"$bin/snitch" gate',
    "bash -c 'snitch gate'",
    'if [ -e x ]; then echo; fi\nsnitch gate --format "a|b"',
    "set -o pipefail\nsnitch gate | cat",
]
LOSE = [
    "snitch gate || true",
    "snitch gate || :",
    "snitch gate || echo blocked",
    "snitch gate \\\n  --format text || true",
    "code=0\nsnitch gate || code=$?\necho $code",
    "snitch gate | cat",
    "snitch gate 2>&1 | cat",
    "snitch gate &",
    "set +e\nsnitch gate\necho done",
    "set +e\nsnitch gate; echo done",
    "snitch gate && echo fine\necho done",
    "if snitch gate; then echo fine; fi",
    "! snitch gate",
    "false && snitch gate\ntrue",
    "true || snitch gate",
    'echo "$(snitch gate)"',
    "if false\nthen\nsnitch gate\nfi",
]


@pytest.mark.parametrize("script", KEEP)
def test_what_keeps_the_exit_code(script: str) -> None:
    assert runs_gate(script)
    assert loses_exit_code(script, errexit=True, pipefail=False) is None


@pytest.mark.parametrize("script", LOSE)
def test_what_loses_the_exit_code(script: str) -> None:
    assert runs_gate(script)
    assert loses_exit_code(script, errexit=True, pipefail=False) is not None


@pytest.mark.parametrize(("scripts", "passes"), [(KEEP, False), (LOSE, True)], ids=["keep", "lose"])
def test_a_real_shell_agrees(scripts: list[str], passes: bool, tmp_path: Path) -> None:
    """Each is run as GitHub runs it, by `bash -e`, with a gate that blocks."""
    snitch = tmp_path / "snitch"
    snitch.write_text("#!/bin/sh\nexit 1\n")
    snitch.chmod(0o755)
    for name in ("pip", "python"):
        shutil.copy(snitch, tmp_path / name)
    (tmp_path / "pip").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "pip").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "bin": str(tmp_path)}
    for script in scripts:
        done = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=env, capture_output=True, check=False)
        # `! command` is excused from `-e`; and a gate of which nothing is left to see may also have ended the script.
        assert (done.returncode == 0) == passes, script


@pytest.mark.parametrize(
    ("script", "errexit", "pipefail", "loses"),
    [
        ("snitch gate\necho done", False, False, True),
        ("echo first\nsnitch gate", False, False, False),
        ("set -e\nsnitch gate\necho done", False, False, False),
        ("set -euo pipefail\nsnitch gate | cat", False, False, False),
        ("snitch gate | cat", True, True, False),
    ],
)
def test_how_the_shell_was_started_counts(script: str, errexit: bool, pipefail: bool, loses: bool) -> None:
    assert (loses_exit_code(script, errexit=errexit, pipefail=pipefail) is not None) == loses


@pytest.mark.parametrize(
    "script",
    [
        "snitch check",
        "# snitch gate",
        'echo "snitch gate is next"',
        "jq 'select(.name | startswith(\"snitch gate (\"))'",
        'jq "select(.name | startswith(\\"snitch gate (\\"))"',
        "snitch gate-keeper",
        "unsnitch gate",
        "snitch check --format text && echo gate",
    ],
)
def test_what_runs_no_gate(script: str) -> None:
    assert not runs_gate(script)


@pytest.mark.parametrize("script", ["snitch " + "-" * 50_000, "'" * 60_000 + " snitch gate", "snitch -a " * 10_000])
def test_a_hostile_script_takes_no_time(script: str) -> None:
    runs_gate(script)
    loses_exit_code(script, errexit=True, pipefail=False)
