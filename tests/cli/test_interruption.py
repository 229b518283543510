"""An interruption while several processes judge: all of them end, and one sentence is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checking.checked import other_model
from tests.repository import Repo, isolate

ROOT = Path(__file__).parents[2]

#: `snitch` on a machine of two cores, with a rule that never ends in the processes that judge.
NEVER_ENDING = """
import os, sys, time
from pathlib import Path
import snitch.checking.judging as judging
from snitch.__main__ import main

started, parent = Path(sys.argv.pop(1)), os.getpid()

def judge(*_):
    (started / str(os.getpid())).touch()
    assert os.getpid() != parent
    time.sleep(600)

os.cpu_count = lambda: 2
judging.judge_each = judge
main()
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """So many models that one process does not judge them alone."""
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch)
        repo = Repo(tmp_path_factory.mktemp("many") / "repo")
        for number in range(210):
            repo.write(other_model(f"model-{number}", f"models/m{number}"))
        repo.commit()
    return repo


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def within_a_minute(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    return is_so()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there one process judges all")
@pytest.mark.parametrize("interrupt", [os.killpg, os.kill], ids=["at the terminal", "by another process"])
def test_all_processes_end_and_one_sentence_is_said(
    many: Repo, tmp_path: Path, interrupt: Callable[[int, int], None]
) -> None:
    started = tmp_path / "started"
    started.mkdir()
    command = [sys.executable, "-c", NEVER_ENDING, str(started), "check", "--all", "--no-cache"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(
        command, cwd=many.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as running:
        try:
            assert within_a_minute(lambda: running.poll() is not None or len(list(started.iterdir())) == 2)
            interrupt(running.pid, signal.SIGINT)
            out, err = running.communicate(timeout=60)
            assert (running.returncode, out, err.strip()) == (130, b"", b"snitch: interrupted")
            assert within_a_minute(lambda: not is_alive(running.pid))
        finally:
            if is_alive(running.pid):
                os.killpg(running.pid, signal.SIGKILL)
