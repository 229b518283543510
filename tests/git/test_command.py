"""The door to git: what it lets in, and what it says when a repository cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from snitch.cli.faults import INCONCLUSIVE, explain_fault
from snitch.git.command import Git
from snitch.git.errors import AbsentObject, GitError, TimedOut
from snitch.git.grep import grep
from tests.repository import Repo


def test_layout_of_an_ordinary_repository(repo: Repo) -> None:
    commit = repo.commit({"a": "1"})
    layout = Git(str(repo.path)).layout
    assert layout.top_level == str(repo.path)
    assert layout.git_dir == layout.common_dir == str(repo.path / ".git")
    assert (layout.is_bare, layout.is_shallow, layout.object_format) == (False, False, "sha1")
    assert layout.head == commit


def test_layout_from_a_subfolder(repo: Repo) -> None:
    repo.commit({"models/churn/model.yaml": "name: churn"})
    layout = Git(str(repo.path / "models" / "churn")).layout
    assert layout.top_level == str(repo.path)
    assert layout.common_dir == str(repo.path / ".git")


def test_layout_of_an_unborn_branch(repo: Repo) -> None:
    assert Git(str(repo.path)).layout.head is None


def test_layout_of_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit({"a": "1"})
    layout = Git(str(repo.clone(tmp_path / "bare.git", "--bare").path)).layout
    assert (layout.is_bare, layout.top_level, layout.head) == (True, None, commit)


def test_layout_of_an_unborn_bare_repository(tmp_path: Path) -> None:
    layout = Git(str(Repo(tmp_path / "bare.git", "--bare").path)).layout
    assert (layout.is_bare, layout.head) == (True, None)


def test_layout_of_a_linked_work_tree(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    layout = Git(str(repo.worktree(tmp_path / "linked", "other").path)).layout
    assert layout.top_level == str(tmp_path / "linked")
    assert layout.common_dir == str(repo.path / ".git")
    assert layout.git_dir != layout.common_dir


def test_layout_of_a_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1"})
    repo.commit({"a": "2"})
    assert Git(str(repo.clone(tmp_path / "shallow", "--depth=1").path)).layout.is_shallow


def test_layout_of_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "long", "--object-format=sha256")
    commit = repo.commit({"a": "1"})
    layout = Git(str(repo.path)).layout
    assert (layout.object_format, layout.head) == ("sha256", commit)


def test_head_whose_commit_is_missing_is_not_an_unborn_branch(repo: Repo) -> None:
    commit = repo.commit({"a": "1"})
    (repo.path / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    with pytest.raises(AbsentObject):
        _ = Git(str(repo.path)).layout


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"there is no git repository at .*`git init`"):
        _ = Git(str(tmp_path)).layout


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="there is no folder"):
        _ = Git(str(tmp_path / "gone")).layout


def test_work_tree_is_asked_of_a_bare_repository(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="has no work tree"):
        _ = Git(str(Repo(tmp_path / "bare.git", "--bare").path)).top_level


def test_dubious_ownership_names_the_exact_command(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"a": "1"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match="another user") as caught:
        _ = Git(str(repo.path / "..") + "/repo").layout
    assert f"`git config --global --add safe.directory {repo.path}`" in caught.value.advice


def test_safe_directory_may_come_through_the_environment(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = repo.commit({"a": "1"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    assert Git(str(repo.path)).layout.head == commit


def test_git_is_not_installed(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git is not installed"):
        _ = Git(str(repo.path)).layout


def _install(folder: Path, script: str) -> None:
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)


def test_git_is_too_old(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = (
        'for word; do test "$word" = version && { echo git version 2.17.1; exit; }; done; echo usage: git >&2; exit 129'
    )
    _install(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GitError, match=r"git 2\.17\.1 is too old: Snitch needs 2\.30 or newer"):
        Git(str(repo.path)).run(("ls-files", "--no-such-option"))


def test_a_repository_cannot_bring_its_own_git(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = repo.commit({"a": "1"})
    (repo.path / "git").write_text("#!/bin/sh\necho hijacked\n")
    (repo.path / "git").chmod(0o755)
    monkeypatch.chdir(repo.path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    assert Git().layout.head == commit


def test_a_format_that_git_does_not_know(repo: Repo) -> None:
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.fromTheFuture", "true")
    with pytest.raises(GitError, match="format that this git does not know"):
        _ = Git(str(repo.path)).layout


def test_a_corrupt_index(repo: Repo) -> None:
    repo.commit({"a": "1"})
    (repo.path / ".git" / "index").write_bytes(b"DIRC garbage that is long enough to be read as a header")
    with pytest.raises(GitError, match=r"index of .* is corrupt"):
        Git(str(repo.path)).run(("ls-files", "-s"))


def test_an_unknown_failure_is_one_line_in_gits_words(repo: Repo) -> None:
    repo.commit({"a": "1"})
    with pytest.raises(GitError, match=r"^git ls-tree failed in .*: Not a valid object name nothing$"):
        Git(str(repo.path)).run(("ls-tree", "nothing"))


def test_gits_own_variables_hold_in_the_current_directory(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repo.commit({"a": "1"})
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("GIT_DIR", "../repo/.git")
    git = Git()
    assert (git.layout.head, git.layout.git_dir) == (commit, str(repo.path / ".git"))
    assert git.layout.top_level == str(tmp_path / "elsewhere")


def test_gits_own_variables_do_not_hold_elsewhere(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = repo.commit({"a": "1"})
    other = Repo(tmp_path / "other")
    other.commit({"b": "1"})
    monkeypatch.chdir(other.path)
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    assert Git(str(repo.path)).layout.head == commit


def test_nothing_of_the_repository_runs(repo: Repo, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {witness}\n")
    script.chmod(0o755)
    repo.commit({".gitattributes": "* diff=evil\n", "a": "1"})
    for key in ("core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv", "core.pager"):
        repo.git("config", key, str(script))
    repo.write({"a": "2"})
    git = Git(str(repo.path))
    git.run(("ls-files", "-s"))
    git.run(("diff-files", "--raw", "-z"))
    git.run(("grep", "--no-textconv", "1", "HEAD"))
    assert not witness.exists()


def test_what_was_asked_ahead_is_the_answer_once(repo: Repo) -> None:
    repo.commit({"a": "1"})
    git = Git(str(repo.path))
    command = ("ls-files", "-z")
    git.ahead(command)
    repo.commit({"b": "2"})
    assert set(git.records(command)) <= {"a", "b"}
    assert git.records(command) == ["a", "b"]


def test_what_was_asked_ahead_and_never_wanted_ends(repo: Repo) -> None:
    repo.write({"a": "1"}).stage()
    git = Git(str(repo.path))
    git.ahead(("cat-file", "--batch"))
    git.close()
    assert git.records(("ls-files", "-z")) == ["a"]


def test_what_fails_ahead_fails_when_it_is_asked(tmp_path: Path) -> None:
    git = Git(str(tmp_path))
    git.ahead(("ls-files",))
    with pytest.raises(GitError, match="no git repository"):
        git.run(("ls-files",))


def test_what_is_foreseen_is_answered_to_whoever_asks_next(repo: Repo) -> None:
    repo.commit({"a": "1"})
    git = Git(str(repo.path))
    command = ("ls-files", "-z")
    git.ahead(command)
    assert git.foresee(command).out == b"a\0"
    repo.commit({"b": "2"})
    git.ahead(command)  # it has been answered: nothing is started
    assert git.records(command) == ["a"]
    assert git.records(command) == ["a", "b"]


def test_an_answer_at_the_top_is_not_the_answer_elsewhere(repo: Repo) -> None:
    repo.commit({"a": "1", "sub/b": "1"})
    git = Git(str(repo.path / "sub"))
    command = ("ls-files", "-z")
    git.ahead(command, at_top=True)
    assert git.records(command) == ["b"]
    assert git.records(command, at_top=True) == ["a", "sub/b"]


@pytest.mark.parametrize("prepare", [lambda *_: None, Git.ahead, Git.foresee], ids=["asked", "ahead", "foreseen"])
def test_a_stream_holds_what_the_records_do(repo: Repo, prepare: Callable[[Git, tuple[str, ...]], object]) -> None:
    files = {f"{number:04d} {'é' * 100}\n": "1" for number in range(1000)}
    repo.commit(files)
    git, command = Git(str(repo.path)), ("ls-files", "-z")
    prepare(git, command)
    assert [record for some in git.stream(command) for record in some] == sorted(files)
    assert [record for some in git.stream(("ls-files", "-z", "--", "none")) for record in some] == []


def test_a_stream_that_fails_says_why(repo: Repo) -> None:
    repo.commit({"a": "1"})
    git = Git(str(repo.path))
    with pytest.raises(GitError, match="lacks an object"):
        list(git.stream(("ls-tree", "-r", "-z", "f" * 40)))


def test_a_stream_that_nobody_reads_to_its_end_ends(repo: Repo) -> None:
    repo.commit({f"{number:04d}{'x' * 200}": "1" for number in range(2000)})
    # Again and again: its pipes may be closed before, while or after somebody listens to them.
    for _ in range(50):
        stream = Git(str(repo.path)).stream(("ls-files", "-z"))
        next(stream)
        stream.close()  # type: ignore[attr-defined]


@pytest.mark.skipif(os.name == "nt", reason="needs a script for a git")
def test_a_git_that_hangs_is_given_up(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = repo.commit({"a": "1"})
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    git = Git(str(repo.path), patience=0.2)
    for ask in (lambda: git.run(("status",)), lambda: grep(git, commit, ["1"])):
        with pytest.raises(TimedOut, match="was not done after 0 seconds") as caught:
            ask()
        assert explain_fault(caught.value) == (str(caught.value), INCONCLUSIVE)
