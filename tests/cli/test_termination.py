"""A CI cancels the job: the gate ends at once, in one sentence, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.judging import SPOTLESS
from tests.repository import Repo, isolate

#: `snitch`, whose judging never ends once the merge is made.
NEVER_ENDING = """
import time
import snitch.gating.run as run
from snitch.__main__ import main

run._Judging = lambda *_: time.sleep(600)
main()
"""


def test_the_gate_puts_away_what_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)
    repo = Repo(tmp_path / "repo")
    repo.commit(SPOTLESS)
    own = tmp_path / "own"
    own.mkdir()
    command = [sys.executable, "-c", NEVER_ENDING, "gate", "--target", "main", "--author", "ada"]
    environment = {**os.environ, "TMPDIR": str(own)}
    with subprocess.Popen(command, cwd=repo.path, env=environment, stderr=subprocess.PIPE, text=True) as gate:
        end = time.monotonic() + 60
        while not list(own.glob("snitch-merge-*/objects/*/*")) and time.monotonic() < end and gate.poll() is None:
            time.sleep(0.05)
        time.sleep(0.5)
        gate.send_signal(signal.SIGTERM)
        _, told = gate.communicate(timeout=60)
    assert (gate.returncode, told.strip()) == (130, "snitch: interrupted")
    assert list(own.iterdir()) == []
