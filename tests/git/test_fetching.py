"""What shallow, blobless and treeless clones lack, fetched from real remotes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from snitch.git.command import Git
from snitch.git.errors import AbsentObject, GitError
from snitch.git.fetching import Login, Upstream, make_clone
from snitch.git.refs import merge_base, resolve
from snitch.git.snapshots import tree_snapshot
from snitch.snapshot import UnreadableFile
from tests.repository import Repo, isolate


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Ten commits on `main`, from whose first one `feature` branches off."""
    repo = Repo(tmp_path / "repo")
    repo.commit({"a/b/one.txt": "0\n", "two.txt": "0\n"})
    repo.branch("feature")
    for number in range(1, 10):
        repo.commit({"a/b/one.txt": f"{number}\n"})
    repo.switch("feature")
    repo.commit({"two.txt": "1\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    return repo.switch("main")


def contents(git: Git, commit: str) -> dict[str, bytes]:
    snapshot = tree_snapshot(git, commit)
    return {path: snapshot[path] for path in snapshot}


def test_a_shallow_clone_gets_the_history_behind_a_branch(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    git = Git(str(clone.path))
    assert git.layout.is_shallow
    Upstream(git).branch("feature")
    assert not git.layout.is_shallow
    assert merge_base(git, repo.rev("main"), resolve(git, "origin/feature").commit) == repo.rev("main~9")


def test_a_full_clone_is_not_cut_off(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone")
    Upstream(Git(str(clone.path))).branch("main")
    assert clone.git("rev-list", "--count", "HEAD") == "10"
    assert clone.git("rev-parse", "--is-shallow-repository") == "false"


@pytest.mark.parametrize("filtered", ["blob:none", "tree:0"])
def test_a_filtered_clone_gets_the_files_of_a_commit(repo: Repo, tmp_path: Path, filtered: str) -> None:
    clone = repo.clone(tmp_path / "clone", f"--filter={filtered}", "--no-checkout")
    git = Git(str(clone.path))
    commits = [resolve(git, name).commit for name in ("origin/main", "origin/feature")]
    Upstream(git).complete(commits)
    assert contents(git, commits[0]) == {"a/b/one.txt": b"9\n", "two.txt": b"0\n"}
    assert contents(git, commits[1]) == {"a/b/one.txt": b"0\n", "two.txt": b"1\n"}


def test_a_clone_of_ones_own_brings_commits_first_and_files_when_asked(repo: Repo, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    upstream = make_clone(str(folder), f"file://{repo.path}")
    upstream.branch("main")
    tip = resolve(upstream.git, "refs/remotes/origin/main").commit
    listed = upstream.git.run(("rev-list", "--objects", "--missing=print", "--all")).decode().splitlines()
    assert sum(line.startswith("?") for line in listed) == 10  # from "0" to "9", each once
    upstream.complete([tip])
    assert contents(upstream.git, tip)["a/b/one.txt"] == b"9\n"


def test_a_single_object_is_brought_by_its_id(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    git = Git(str(clone.path))
    oid = repo.rev("main~3:a/b/one.txt")
    Upstream(git).supply([oid])
    assert git.objects.read(oid) == b"6\n"


@pytest.mark.parametrize(("break_it", "told"), [("branch", "git fetch origin"), ("remote", "cannot be fetched from")])
def test_what_cannot_be_fetched_names_the_command(repo: Repo, tmp_path: Path, break_it: str, told: str) -> None:
    clone = repo.clone(tmp_path / "clone")
    if break_it == "remote":
        clone.git("remote", "set-url", "origin", f"file://{tmp_path}/gone")
    with pytest.raises(AbsentObject, match=told):
        Upstream(Git(str(clone.path))).branch("nowhere")


def test_a_remote_that_runs_a_command_is_refused(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone")
    clone.git("remote", "set-url", "origin", f"ext::sh -c 'touch {tmp_path}/ran'")
    with pytest.raises(AbsentObject):
        Upstream(Git(str(clone.path))).branch("main")
    assert not (tmp_path / "ran").exists()


def test_a_login_goes_by_the_environment_and_is_not_shown(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone")
    login = Login("https://forge.example/", "Authorization: Basic c2VjcmV0")
    upstream = Upstream(Git(str(clone.path)), login=login)
    told = upstream._network.run(("config", "--get-urlmatch", "http.extraheader", "https://forge.example/x")).decode()
    assert told.strip() == login.header
    assert "c2VjcmV0" not in repr(login)
    assert upstream.git.ask(("config", "--get-urlmatch", "http.extraheader", "https://forge.example/x")).status == 1
    assert upstream._network.ask(("config", "--get-urlmatch", "http.extraheader", "https://other.example/")).status == 1


def test_a_clone_that_authenticates_by_itself_is_left_to_do_so(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone")
    clone.git("config", "http.https://forge.example/.extraheader", "Authorization: Basic b3du")
    upstream = Upstream(Git(str(clone.path)), login=Login("https://forge.example/", "Authorization: Basic c2VjcmV0"))
    told = upstream._network.run(("config", "--get-all", "http.https://forge.example/.extraheader")).decode()
    assert told.split() == ["Authorization:", "Basic", "b3du"]


def test_who_reads_an_absent_file_is_supplied_with_it(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    oids = [repo.rev(f"main~{number}:a/b/one.txt") for number in range(4)]
    with closing(Git(str(tmp_path / "beside"))) as git:
        Repo(tmp_path / "beside", "--bare").write({"objects/info/alternates": f"{clone.path}/.git/objects\n"})
        asked: list[list[str]] = []

        def supply(wanted: Sequence[str]) -> None:
            asked.append(list(wanted))
            Upstream(Git(str(clone.path))).supply(wanted)

        git.objects.supplier = supply
        assert git.objects.size(oids[0]) == 2
        git.objects.prefetch(oids[1:3])
        assert [git.objects.read(oid) for oid in oids] == [b"9\n", b"8\n", b"7\n", b"6\n"]
        assert asked == [[oids[0]], oids[1:3], [oids[3]]]


def test_what_nobody_can_supply_stays_absent(repo: Repo) -> None:
    with closing(Git(str(repo.path))) as git:

        def supply(wanted: Sequence[str]) -> None:
            raise AbsentObject("gone")

        git.objects.supplier = supply
        with pytest.raises(UnreadableFile) as caught:
            git.objects.read("0" * 40)
        assert caught.value.absent


class TestPushing:
    @pytest.fixture
    def clone(self, repo: Repo, tmp_path: Path) -> Repo:
        return repo.clone(tmp_path / "clone")

    def pushed(self, clone: Repo, branch: str = "new") -> str:
        commit = clone.commit({"two.txt": "mine\n"})
        Upstream(Git(str(clone.path))).push(commit, branch)
        return commit

    def test_one_branch_and_nothing_else(self, clone: Repo, repo: Repo) -> None:
        clone.git("tag", "--annotate", "--message", "x", "v1")
        clone.git("config", "push.followTags", "true")
        clone.git("config", "push.default", "matching")
        before = repo.git("for-each-ref")
        commit = self.pushed(clone)
        assert repo.git("for-each-ref").splitlines() == sorted(
            [*before.splitlines(), f"{commit} commit\trefs/heads/new"], key=lambda line: line.split("\t")[1]
        )

    def test_the_clone_s_own_hooks_do_not_run(self, clone: Repo) -> None:
        hook = clone.path / ".git/hooks/pre-push"
        hook.write_text(f"#!/bin/sh\ntouch {clone.path}/ran\nexit 1\n")
        hook.chmod(0o755)
        self.pushed(clone)
        assert not (clone.path / "ran").exists()

    def test_what_is_there_moves_forward_and_is_never_overwritten(self, clone: Repo, repo: Repo) -> None:
        repo.branch("new", "main")
        self.pushed(clone)
        other = repo.rev("feature")
        repo.branch("new", other)
        with pytest.raises(
            GitError, match=r"origin has a branch `new` of other content. Delete it with `git push origin"
        ):
            self.pushed(clone)
        assert repo.rev("new") == other

    def test_a_remote_that_refuses(self, clone: Repo, repo: Repo) -> None:
        hook = repo.path / ".git/hooks/pre-receive"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        with pytest.raises(GitError, match=r"origin does not take the branch `new`: .*pre-receive hook declined"):
            self.pushed(clone)

    def test_a_remote_that_is_gone(self, clone: Repo, tmp_path: Path) -> None:
        clone.git("remote", "set-url", "origin", f"file://{tmp_path}/gone")
        with pytest.raises(GitError, match="origin does not take the branch `new`"):
            self.pushed(clone)

    def test_the_urls_as_they_are_written_and_understood(self, clone: Repo, repo: Repo) -> None:
        clone.git("remote", "set-url", "origin", "gh:acme/models")
        clone.git("config", "url.https://github.com/.insteadOf", "gh:")
        upstream = Upstream(Git(str(clone.path)))
        assert upstream.urls == ("gh:acme/models", "https://github.com/acme/models")
        assert not upstream.push_urls
        clone.git("config", "remote.origin.pushurl", "gh:eve/models")
        assert upstream.push_urls == ("gh:eve/models",)
