"""Objects by id: fast, bounded, and never a wrong one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from snitch.git import environment
from snitch.git.command import Git
from snitch.git.errors import GitError
from snitch.git.objects import Objects
from snitch.snapshot import UnreadableFile
from tests.repository import Repo


def _blob(repo: Repo, content: bytes) -> str:
    return repo.git("hash-object", "-w", "--stdin", input=content)


@pytest.fixture
def objects(repo: Repo) -> Objects:
    return Objects(Git(str(repo.path)))


@pytest.mark.parametrize("content", [b"", b"\n", b"text\nwith lines\n", b"\0\1\2 missing\n", b"x" * 300_000])
def test_content_is_what_was_stored(repo: Repo, objects: Objects, content: bytes) -> None:
    assert objects.read(_blob(repo, content)) == content


def test_an_absent_object(repo: Repo, objects: Objects) -> None:
    with pytest.raises(UnreadableFile, match="not in this clone") as caught:
        objects.read("1" * 40)
    assert caught.value.absent


def test_a_large_object_is_never_read(repo: Repo, objects: Objects) -> None:
    large, small = _blob(repo, b"x" * 2001), _blob(repo, b"small")
    with pytest.raises(UnreadableFile, match="is 2001 bytes long; the limit is 2000") as caught:
        objects.read(large, 2000)
    assert not caught.value.absent
    assert objects.read(small) == b"small"


def test_the_limit_holds_for_what_was_read_before(repo: Repo, objects: Objects) -> None:
    oid = _blob(repo, b"x" * 2001)
    objects.read(oid)
    with pytest.raises(UnreadableFile, match="the limit is 2000"):
        objects.read(oid, 2000)


def test_a_commit_is_not_a_file(repo: Repo, objects: Objects) -> None:
    with pytest.raises(UnreadableFile, match="is a commit, not a file"):
        objects.read(repo.commit({"a": "1"}))


def test_a_corrupt_object(repo: Repo, objects: Objects) -> None:
    oid = _blob(repo, os.urandom(3000))
    file = repo.path / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:1000])
    good = _blob(repo, b"good")
    with pytest.raises(UnreadableFile):
        objects.read(oid)
    assert objects.read(good) == b"good"


def test_what_is_not_an_object_id_never_reaches_git(objects: Objects) -> None:
    with pytest.raises(ValueError, match="not an object id"):
        objects.read("HEAD:a\n")


def test_many_are_read_in_order_with_failures_in_their_place(repo: Repo, objects: Objects) -> None:
    blobs = [_blob(repo, b"a"), "0" * 39 + "1", _blob(repo, b"too long"), repo.commit({"x": "y"}), _blob(repo, b"b")]
    answers = dict(objects.read_many(blobs, 5))
    assert [isinstance(answers[oid], UnreadableFile) for oid in blobs] == [False, True, True, True, False]
    assert (answers[blobs[0]], answers[blobs[4]]) == (b"a", b"b")


def test_thousands_do_not_dead_lock(repo: Repo, objects: Objects) -> None:
    contents = [b"%d " % number + b"x" * (number * 7 % 9000) for number in range(5000)]
    blobs = (b"blob\nmark :%d\ndata %d\n%s\n" % (mark, len(text), text) for mark, text in enumerate(contents, 1))
    marks = repo.path / "marks"
    repo.git("fast-import", "--quiet", f"--export-marks={marks}", input=b"".join(blobs))
    oids = dict(line[1:].split() for line in marks.read_text().splitlines())
    wanted = [oids[str(number)] for number in range(1, 5001)]
    assert [content for _, content in objects.read_many(wanted)] == contents
    assert list(objects.sizes(wanted).values()) == [len(content) for content in contents]


def test_reading_stops_in_the_middle_and_starts_again(repo: Repo, objects: Objects) -> None:
    oids = [_blob(repo, b"%d" % number) for number in range(20)]
    for _, content in objects.read_many(oids):
        assert content == b"0"
        break
    assert objects.read(oids[7]) == b"7"


def test_reading_while_others_are_being_read(repo: Repo, objects: Objects) -> None:
    oids = [_blob(repo, b"%d" % number) for number in range(5)]
    other = _blob(repo, b"other")
    assert [(content, objects.read(other)) for _, content in objects.read_many(oids)] == [
        (b"%d" % number, b"other") for number in range(5)
    ]


def test_sizes(repo: Repo, objects: Objects) -> None:
    blob, commit = _blob(repo, b"12345"), repo.commit({"a": "1"})
    sizes = objects.sizes([blob, "2" * 40, commit, blob])
    assert sizes[blob] == 5
    assert isinstance(absent := sizes["2" * 40], UnreadableFile)
    assert absent.absent
    assert isinstance(sizes[commit], UnreadableFile)


def test_replace_refs_replace_nothing(repo: Repo, objects: Objects) -> None:
    true, false = _blob(repo, b"true"), _blob(repo, b"false")
    repo.git("replace", true, false)
    assert objects.read(true) == b"true"


def test_a_partial_clone_fetches_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    absent = repo.rev("HEAD:a")
    partial = repo.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    objects = Objects(Git(str(partial.path)))
    with pytest.raises(UnreadableFile) as caught:
        objects.read(absent)
    assert caught.value.absent
    assert partial.run("cat-file", "-e", absent, env={"GIT_NO_LAZY_FETCH": "1"}).returncode


def test_a_partial_clone_fetches_nothing_under_an_older_git(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git before 2.45 does not know `GIT_NO_LAZY_FETCH`: it tries to fetch, may not, and ends."""
    monkeypatch.delitem(environment.FIXED, "GIT_NO_LAZY_FETCH")
    repo.commit({"a": "1", "b": "2", "c": "3"})
    absent = [repo.rev(f"HEAD:{name}") for name in "abc"]
    partial = repo.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    present = _blob(partial, b"present")
    with Objects(Git(str(partial.path))) as objects:
        answers = dict(objects.read_many([absent[0], present, *absent[1:]]))
    assert answers.pop(present) == b"present"
    assert all(isinstance(answer, UnreadableFile) and answer.absent for answer in answers.values())
    assert partial.run("cat-file", "-e", absent[0], env={"GIT_NO_LAZY_FETCH": "1"}).returncode


def test_a_forked_child_has_processes_of_its_own(repo: Repo, objects: Objects) -> None:
    oids = [_blob(repo, b"%d" % number) for number in range(300)]
    assert objects.read(oids[0]) == b"0"
    child = os.fork()
    if child == 0:
        good = all(objects.read(oid) == b"%d" % number for number, oid in enumerate(oids))
        objects.close()
        os._exit(0 if good else 1)
    assert all(objects.read(oid) == b"%d" % number for number, oid in enumerate(oids))
    assert os.waitpid(child, 0)[1] == 0
    assert objects.read(_blob(repo, b"after")) == b"after"


def test_closing_leaves_no_process(repo: Repo) -> None:
    oid = _blob(repo, b"1")
    program = f"""
import os
from snitch.git.command import Git
git = Git({str(repo.path)!r})
with git.objects as objects:
    assert objects.read({oid!r}) == b"1" and objects.sizes([{oid!r}]) == {{{oid!r}: 1}}
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none left")
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"none left\n", b"")


def test_a_reader_that_nobody_closed_says_nothing_at_exit(repo: Repo) -> None:
    oid = _blob(repo, b"1")
    program = f"from snitch.git.command import Git; git = Git({str(repo.path)!r}); git.objects.read({oid!r})"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_repository_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="there is no git repository"):
        Objects(Git(str(tmp_path))).read("1" * 40)
