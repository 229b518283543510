"""What a model may try: none of it gets further than its own answers, and nothing of it is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from snitch.evaluating import landlock
from snitch.evaluating.model_process import Answers, Failed, Limits
from snitch.evaluating.running import Heard
from snitch.evaluating.trees import remove_tree
from snitch.evaluating.watching import disk
from tests.evaluating.apart import ROWS, processes_of

pytestmark = pytest.mark.skipif(os.uname().sysname != "Linux", reason="what is tested is Linux's")

with_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel keeps no files: see what is said of it")

Run = Callable[..., Answers]

#: What an honest model does.
ANSWERS = """
import sys
rows = open(sys.argv[1]).read().splitlines()[1:]
with open(sys.argv[2], "w") as out:
    out.write("id,prediction\\n" + "".join(row.split(",")[0] + "," + row.split(",")[1] + "\\n" for row in rows))
"""
#: Tells in the answers what became of an attempt: its result, or the name of the error that refused it.
TRY = """
import sys
def attempt():
    {body}
try:
    result = repr(attempt())
except Exception as error:
    result = type(error).__name__
with open(sys.argv[2], "w") as out:
    out.write(result)
"""


def attempted(run: Run, body: str, **options: object) -> str:
    return run(TRY.format(body="\n    ".join(body.strip().splitlines())), **options).content.decode()


def test_an_honest_one_answers(run: Run) -> None:
    answers = run(ANSWERS)
    assert answers.content.decode().splitlines() == ["id,prediction", "0,0.0", "1,0.5", "2,1.0", "3,1.5", "4,2.0"]
    assert answers.name == "answers.csv"
    assert answers.has_ids


def test_a_forged_result_on_its_output_is_nothing(run: Run) -> None:
    forged = "print('{\"roc_auc\": 1.0}', flush=True)\n" + ANSWERS
    assert run(forged).content == run(ANSWERS).content


@with_landlock
def test_it_writes_nowhere_else(run: Run, tmp_path: Path) -> None:
    evidence = tmp_path / "repository" / "evidence.json"
    evidence.parent.mkdir()
    evidence.write_text("{}")
    for place in (evidence, tmp_path / "new", tmp_path / "model" / "predict.py"):
        assert attempted(run, f"return open({str(place)!r}, 'w').write('forged')") == "PermissionError"
    assert evidence.read_text() == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "repository", "scratches"]


def test_it_changes_nothing_of_files_elsewhere(run: Run, tmp_path: Path) -> None:
    labels = tmp_path / "repository" / "labels.csv"
    labels.parent.mkdir()
    labels.write_text("1")
    labels.chmod(0o640)
    before = labels.stat()
    for call in ("os.chmod(path, 0o777)", "os.utime(path, (0, 0))", "os.remove(path)", "os.truncate(path, 0)"):
        attempted(run, f"import os; path = {str(labels)!r}; return {call}")
    after = labels.stat()
    assert (after.st_mode, after.st_mtime_ns, after.st_size) == (before.st_mode, before.st_mtime_ns, 1)


@with_landlock
def test_it_does_not_find_the_labels(run: Run, tmp_path: Path) -> None:
    labels = tmp_path / "repository" / "labels.csv"
    labels.parent.mkdir()
    labels.write_text("1")
    assert attempted(run, f"return open({str(labels)!r}).read()") == "PermissionError"
    assert attempted(run, f"import os; return os.listdir({str(tmp_path)!r})") == "PermissionError"
    linked = f"import os, sys; os.link({str(labels)!r}, os.path.dirname(sys.argv[2]) + '/labels')"
    assert attempted(run, linked) in ("PermissionError", "OSError")


def test_an_interpreter_that_lies_in_the_repository_does_not_open_it(run: Run, tmp_path: Path) -> None:
    from snitch.evaluating.confinement import _holds

    assert _holds("/work", ["/work/repository"])
    assert _holds("/work/repository", ["/work/repository"])
    assert not _holds("/work/repository/.venv/lib", ["/work/repository"])
    assert not _holds("/work/repo", ["/work/repository"])


def test_it_reaches_no_socket(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "service"))
        local.listen()
        port = server.getsockname()[1]
        asked = f"import socket; return socket.create_connection(('127.0.0.1', {port}), 5)"
        assert attempted(run, asked) == "PermissionError"
        service = str(tmp_path / "service")
        assert attempted(run, f"import socket; return socket.socket(socket.AF_UNIX).connect({service!r})") == (
            "PermissionError"
        )
        datagrams = "import socket; return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"
        assert attempted(run, datagrams) == "PermissionError"
    assert attempted(run, "import multiprocessing as m; a, b = m.Pipe(); a.send(7); return b.recv()") == "7"


def test_without_a_filter_the_network_still_leads_nowhere(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        asked = f"import socket; return socket.create_connection(('127.0.0.1', {port}), 5)"
        answers = run(TRY.format(body=asked), without=["seccomp", "landlock"])
    said = "\n".join(answers.isolation.told())
    if "network" in answers.isolation.held:
        assert answers.content == b"OSError"
        assert "could reach services of this machine by their sockets" in said
    else:  # this system allows no namespaces
        assert "no network isolation here" in said


def test_it_knows_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_16C7e42F")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:ghs_16C7e42F@proxy")
    assert "16C7e42F" not in attempted(run, "import os; return dict(os.environ)")
    assert attempted(run, f"return open('/proc/{os.getpid()}/environ').read()") == "PermissionError"
    assert attempted(run, "import os; return open(f'/proc/{os.getppid()}/environ').read()") == "PermissionError"
    assert attempted(run, f"return open('/proc/{os.getpid()}/mem', 'rb').read(1)") == "PermissionError"
    if landlock.version():
        assert attempted(run, f"return open('/proc/{os.getpid()}/cmdline').read()") == "PermissionError"


def test_it_signals_nobody(run: Run) -> None:
    kill = "import os; os.kill({}, {})"
    for without in ([], ["namespaces"], ["namespaces", "landlock"]):
        for pid in (os.getpid(), -1, "os.getppid()"):
            assert attempted(run, kill.format(pid, int(signal.SIGCONT)), without=without) in (
                "PermissionError",
                "ProcessLookupError",
            )


@pytest.mark.parametrize("without", [[], ["namespaces"], ["namespaces", "seccomp", "landlock"]])
def test_no_daemon_is_left(run: Run, without: list[str], scratches: Path) -> None:
    daemon = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
"""
    assert len(run(daemon + ANSWERS, without=without).content.splitlines()) == ROWS + 1
    assert not processes_of(str(scratches))


@pytest.mark.parametrize("without", [[], ["namespaces"]])
def test_one_that_sleeps_for_ever_is_ended(run: Run, without: list[str]) -> None:
    with pytest.raises(Failed, match=r"^the model did not end within 0\.5 s$") as caught:
        run("import time; time.sleep(600)", limits=Limits(seconds=0.5), without=without)
    assert "`--max-time`" in caught.value.help


def test_one_that_does_not_want_to_end_is_ended(run: Run) -> None:
    stubborn = """
import os, signal, time
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_IGN)
time.sleep(600)
"""
    with pytest.raises(Failed, match="did not end within"):
        run(stubborn, limits=Limits(seconds=1))


def test_memory_is_limited_by_process(run: Run) -> None:
    with pytest.raises(Failed, match=r"^the model's process ended with 1: MemoryError$") as caught:
        run("taken = bytearray(1 << 30)", limits=Limits(memory=256 << 20))
    assert caught.value.help == "allow it more by `--max-memory`"


def test_memory_is_limited_in_all(run: Run) -> None:
    many = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        taken = bytearray(os.urandom(1 << 20)) * 40
        time.sleep(600)
time.sleep(600)
"""
    with pytest.raises(Failed, match=r"^the model took more than 128 MiB of memory$"):
        run(many, limits=Limits(memory=128 << 20))


def test_the_disk_is_not_filled_by_one_file(run: Run) -> None:
    with pytest.raises(Failed, match=r"^the model's process ended with 1: OSError: \[Errno 27\] File too large$"):
        run("import sys; open(sys.argv[2], 'wb').write(bytes(9 << 20))")


def test_the_disk_is_not_filled_by_many(run: Run) -> None:
    many = """
import os, sys, time
for number in range(8):
    with open(f"{os.path.dirname(sys.argv[2])}/{number}", "wb") as file:
        file.write(os.urandom(3 << 20))
time.sleep(600)
"""
    with pytest.raises(Failed, match=r"^the model wrote more than 8 MiB$"):
        run(many)


@pytest.mark.parametrize("without", [[], ["namespaces"]])
def test_it_does_not_multiply(run: Run, without: list[str]) -> None:
    bomb = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
    with pytest.raises(Failed, match=r"^the model (started more than|did not end within)"):
        run(bomb, limits=Limits(tasks=30, seconds=5), without=without)


def test_one_that_ends_without_answers(run: Run) -> None:
    with pytest.raises(Failed, match=r"^the model ended without an error and wrote no answers$"):
        run("")


def test_answers_that_are_too_large(run: Run) -> None:
    with pytest.raises(Failed, match=r"^the model's answers are larger than 1,048,576 bytes$"):
        run("import sys; open(sys.argv[2], 'wb').write(bytes(2 << 20))")


@pytest.mark.parametrize(
    "make",
    [
        "os.symlink('/etc/passwd', out)",
        "os.mkfifo(out)",
        "os.mkdir(out)",
        "open(out + '2', 'w'); os.link(out + '2', out)",
    ],
)
def test_answers_that_are_no_file(run: Run, make: str) -> None:
    with pytest.raises(Failed, match=r"^the model's answers (cannot be read|are no regular file)"):
        run(f"import os, sys; out = sys.argv[2]; {make}")


@with_landlock
def test_its_folder_replaced_by_a_link(run: Run) -> None:
    swapped = """
import os, sys
work = os.path.dirname(sys.argv[2])
os.rename(work, work + "2")
os.symlink("/etc", work)
"""
    with pytest.raises(Failed, match=r"ended with 1: (PermissionError|OSError)"):
        run(swapped)


@with_landlock
def test_its_request_and_its_features_stay_as_they_are(run: Run) -> None:
    assert attempted(run, "return open(sys.argv[1], 'a')") == "PermissionError"
    assert attempted(run, "import os; return os.remove(sys.argv[1])") == "PermissionError"


def test_what_it_prints_is_shown_harmless(run: Run) -> None:
    loud = r"import sys; print('\x1b[2J' * 100000); sys.exit('bye \x1b[31m\u202e ::error::forged')"
    with pytest.raises(Failed) as caught:
        run(loud)
    assert caught.value.reason == r"the model's process ended with 1: bye \x1b[31m\u202e \x3a:error::forged"


def test_one_that_crashes(run: Run) -> None:
    with pytest.raises(Failed, match=r"^the model's process was ended by SIGSEGV: it said nothing$"):
        run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")


def test_one_that_is_nowhere(run: Run) -> None:
    with pytest.raises(Failed, match=r"ended with 1: ModuleNotFoundError: No module named 'no_such_library'$"):
        run("import no_such_library")


def test_what_lies_deep_is_put_away(run: Run) -> None:
    deep = """
import os, sys
os.chdir(os.path.dirname(sys.argv[2]))
for _ in range(100):
    os.mkdir("d" * 90)
    os.chdir("d" * 90)
os.mkdir("closed", 0)
"""
    with suppress(Failed):  # where it is seen before it ends
        run(ANSWERS + deep)


def test_what_cannot_be_counted_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 10_000)
    assert 10_000 < disk(str(tmp_path), 1 << 20) < 30_000
    here = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(50):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
    finally:
        os.chdir(here)
    assert disk(str(tmp_path), 1 << 20) > 1 << 20
    remove_tree(str(tmp_path / ("d" * 100)))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_ctrl_c_leaves_nothing(run: Run, tmp_path: Path, scratches: Path) -> None:
    def interrupt() -> None:
        while not list(scratches.glob("*/work/started")):
            pass
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        run("import os, sys, time; open(os.path.dirname(sys.argv[2]) + '/started', 'w'); time.sleep(600)")
    thread.join()


def test_the_keeper_ends_what_is_left_when_nobody_asks_any_more(scratches: Path) -> None:
    (scratches / "here" / "work").mkdir(parents=True)
    work = str(scratches / "here" / "work")
    limits = {"seconds": 600, "memory": 1 << 30, "disk": 1 << 20, "answers": 1, "tasks": 64}
    sleeps = f"import os, time; open('{work}/started', 'w'); os.fork(); time.sleep(600)"
    plan = {
        "command": [sys.executable, "-S", "-c", sleeps],
        "variables": {"HOME": work},
        "folder": work,
        "readable": [sys.prefix, sys.base_prefix],
        "writable": [work],
        "hidden": [],
        "limits": limits,
        "without": [],
        "scratch": str(scratches / "here"),
        "work": work,
    }
    asks = f"from snitch.evaluating.running import Heard, run; run({plan!r}, Heard(0, None))"
    with subprocess.Popen([sys.executable, "-c", asks]) as asking:
        while not (scratches / "here" / "work" / "started").exists():
            assert asking.poll() is None
            time.sleep(0.01)
        asking.kill()
    while list(scratches.iterdir()) or processes_of(str(scratches)):
        time.sleep(0.01)


def test_what_could_not_be_had_is_said(run: Run) -> None:
    held = run(ANSWERS).isolation.held
    assert ("files" in held) == bool(landlock.version())
    assert held["processes"]
    bare = run(ANSWERS, without=["namespaces", "seccomp", "landlock"]).isolation
    assert bare.missing == ("network", "files")
    assert bare.told() == [
        "no network isolation here: the model could reach the network",
        "no isolation of files here: the model could read and write what this user can, the labels too",
    ]
    assert run(ANSWERS, without=["namespaces"]).isolation.held["network"] == "seccomp"


def test_progress_is_only_what_can_be() -> None:
    told: list[int] = []
    heard = Heard(100, told.append)
    heard.add(3, b"rows 10\nrows -1\nrows x\nrows 1000\nrows 9" + b"9" * 100 + b"\nrow")
    heard.add(3, b"s 50\n" + b"x" * 100_000)
    heard.add(3, b"\nrows 60\n")
    assert told == [10, 50, 60]
