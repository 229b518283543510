"""The branch that is made: nothing else of anybody's changes, and what is there is not made again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from snitch.checking.commits import Misuse
from snitch.git.errors import GitError
from tests.gating.promotions import NEW
from tests.judging import FOLDER, MANIFEST, edit
from tests.moving.conftest import Server, files_of, prepared, printed, promotion, rollback, run_script
from tests.repository import Repo

BRANCH = "promote/churn-1.5.0-to-production"


def work_of(repo: Repo) -> dict[str, str]:
    """Every file of a work tree, its index and its HEAD, by digest; and every ref but those that a fetch moves."""
    git_dir = Path(repo.git("rev-parse", "--absolute-git-dir"))
    files = [
        path for path in repo.path.rglob("*") if path.is_file() and ".git" not in path.relative_to(repo.path).parts
    ]
    files += [path for path in git_dir.iterdir() if path.is_file() and path.name not in ("packed-refs", "shallow")]
    found = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    refs = repo.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags", "refs/stash")
    return {**found, "refs": refs}


def everything(path: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in path.rglob("*") if each.is_file()}


def dirty(repo: Repo) -> None:
    repo.write({MANIFEST: "half: done", "untracked.txt": "1", f"{FOLDER}/new.txt": "1"}).stage(f"{FOLDER}/new.txt")
    (repo.path / FOLDER / "train.py").unlink()


def sparse(repo: Repo) -> None:
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "benchmarks")
    assert not (repo.path / FOLDER).exists()


def split_index(repo: Repo) -> None:
    repo.git("config", "core.splitIndex", "true")
    repo.git("update-index", "--split-index")


def merging(repo: Repo) -> None:
    repo.switch("side", create=True).commit({"x.txt": "1"})
    repo.git("switch", "--quiet", "--detach", "origin/main")
    repo.commit({"x.txt": "2"})
    assert repo.run("merge", "side").returncode == 1


def detached(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--detach", "origin/staging")


def hooked(repo: Repo) -> None:
    for name in ("reference-transaction", "post-checkout", "pre-commit", "commit-msg", "post-commit", "pre-push"):
        hook = repo.path / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {repo.path}/ran-{name}\n")
        hook.chmod(0o755)


@pytest.mark.parametrize("state", [dirty, sparse, split_index, merging, detached, hooked])
def test_nothing_else_changes(clone: Repo, state: object) -> None:
    state(clone)  # type: ignore[operator]
    before = work_of(clone)
    status = clone.git("status", "--porcelain")
    commit, is_new = prepared(clone, promotion(clone))
    assert is_new
    refs = {*before.pop("refs").splitlines(), f"refs/heads/{BRANCH} {commit}"}
    after = work_of(clone)
    assert set(after.pop("refs").splitlines()) == refs
    assert after == before
    assert clone.git("status", "--porcelain") == status
    assert files_of(clone, commit)[MANIFEST] == files_of(clone, "origin/staging")[MANIFEST]


def test_a_dry_run_changes_nothing_at_all(server: Server, clone: Repo) -> None:
    server.put("main", NEW)
    clone.git("fetch", "--quiet")
    before = everything(clone.path)
    assert "update-index" in printed(clone, rollback(clone))
    assert {path: each for path, each in everything(clone.path).items() if before.get(path) != each} == {}


def test_in_a_bare_repository(server: Server, tmp_path: Path) -> None:
    bare = server.clone(tmp_path / "bare", "--bare")
    commit, _ = prepared(bare, promotion(bare))
    assert bare.rev(f"refs/heads/{BRANCH}") == commit


def test_in_a_linked_work_tree(clone: Repo, tmp_path: Path) -> None:
    linked = clone.worktree(tmp_path / "linked", "other")
    dirty(linked)
    before = work_of(linked)
    commit, _ = prepared(linked, promotion(linked))
    before["refs"] = "\n".join(sorted([*before["refs"].splitlines(), f"refs/heads/{BRANCH} {commit}"]))
    assert work_of(linked) == before
    assert clone.rev(f"refs/heads/{BRANCH}") == commit


def test_asked_again_it_is_the_same(clone: Repo) -> None:
    first = prepared(clone, promotion(clone))
    again = prepared(clone, promotion(clone))
    assert (first.is_new, again.is_new) == (True, False)
    assert first.commit == again.commit


def test_what_else_came_to_the_target_makes_it_no_other(server: Server, clone: Repo) -> None:
    first = prepared(clone, promotion(clone))
    server.switch("main").commit({"docs/x.md": "1"})
    assert prepared(clone, promotion(clone)) == (first.commit, False)


def test_the_branch_of_somebody_else_is_taken_over(clone: Repo, server: Server, tmp_path: Path) -> None:
    first = prepared(clone, promotion(clone))
    clone.git("push", "--quiet", "origin", BRANCH)
    other = server.clone(tmp_path / "other", "--branch=main")
    assert prepared(other, promotion(other)) == (first.commit, False)
    assert other.rev(f"refs/heads/{BRANCH}") == first.commit


def test_a_branch_of_other_content_is_left_alone(server: Server, clone: Repo) -> None:
    first = prepared(clone, promotion(clone))
    server.put("staging", edit(NEW, MANIFEST, "seed: 7", "seed: 8"))
    told = rf"there is a branch `{BRANCH}` already, at {first.commit[:12]}, of other content; delete it with "
    with pytest.raises(Misuse, match=rf"{told}`git branch -D {BRANCH}`, or choose another with --branch"):
        prepared(clone, promotion(clone))
    assert clone.rev(f"refs/heads/{BRANCH}") == first.commit
    assert prepared(clone, promotion(clone, branch="promote/again")).is_new


def test_a_branch_of_other_content_on_the_remote(server: Server, clone: Repo) -> None:
    prepared(clone, promotion(clone))
    clone.git("push", "--quiet", "origin", BRANCH)
    clone.git("branch", "--quiet", "-D", BRANCH)
    server.put("staging", edit(NEW, MANIFEST, "seed: 7", "seed: 8"))
    with pytest.raises(Misuse, match=f"delete it with `git push origin --delete {BRANCH}`"):
        prepared(clone, promotion(clone))


def refusal(repo: Repo, branch: str | None = None) -> str:
    with pytest.raises(Misuse) as caught:
        prepared(repo, promotion(repo, branch=branch))
    return str(caught.value)


def test_nobody_is_told_to_throw_away_what_others_made(server: Server, clone: Repo) -> None:
    clone.branch("mine", "main")
    told = refusal(clone, branch="mine")
    assert told.endswith("of other content; choose another with --branch")
    first = prepared(clone, promotion(clone))
    clone.git("checkout", "--quiet", BRANCH)
    server.put("staging", edit(NEW, MANIFEST, "seed: 7", "seed: 8"))
    told = refusal(clone)
    assert f"at {first.commit[:12]}, of other content; choose another with --branch" in told
    clone.commit({"work.txt": "mine"})
    clone.git("checkout", "--quiet", "--detach")
    assert refusal(clone).endswith("of other content; choose another with --branch")


@pytest.mark.parametrize("prefix", ["", "refs/heads/"])
def test_no_environments_branch_is_made_anew(clone: Repo, prefix: str) -> None:
    told = "the branch `staging` is that of staging; choose another with --branch"
    assert refusal(clone, branch=f"{prefix}staging") == told
    assert "the branch `main` is that of production" in refusal(clone, branch=f"{prefix}main")


def test_full_refs(clone: Repo) -> None:
    assert promotion(clone, branch="refs/heads/zz").branch == "zz"
    for name in ("refs/tags/zz", "refs/heads/refs/heads/zz"):
        assert "is a full ref and no branch's; choose another with --branch" in refusal(clone, branch=name)


@pytest.mark.parametrize("name", ["-x", "a..b", "a b", "x.lock", "", "HEAD", "a\nb", "x/"])
def test_what_no_branch_can_be_called(clone: Repo, name: str) -> None:
    plan = promotion(clone, branch=name) if name else promotion(clone, branch="/")
    with pytest.raises(Misuse, match="no branch can be called"):
        prepared(clone, plan)


def test_a_branch_in_the_way_of_its_name(clone: Repo) -> None:
    clone.branch("promote")
    with pytest.raises(GitError, match="another is in its way"):
        prepared(clone, promotion(clone))


def test_nobody_who_commits(clone: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tuple(os.environ):
        if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER", "EMAIL")):
            monkeypatch.delenv(name)
    clone.git("config", "user.useConfigOnly", "true")
    with pytest.raises(GitError, match=r"git does not know who commits. `git config user\.name NAME"):
        prepared(clone, promotion(clone))
    clone.git("config", "user.name", "Eve")
    clone.git("config", "user.email", "eve@example.com")
    commit, _ = prepared(clone, promotion(clone))
    assert clone.git("log", "-1", "--format=%an <%ae>", commit) == "Eve <eve@example.com>"


def test_who_has_git_sign_signs(clone: Repo) -> None:
    program = clone.path.parent / "sign"
    program.write_text("#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED D' >&2\necho signature\n")
    program.chmod(0o755)
    clone.git("config", "commit.gpgSign", "true")
    clone.git("config", "gpg.program", str(program))
    text = printed(clone, promotion(clone))
    commit, _ = prepared(clone, promotion(clone))
    assert "gpgsig signature" in clone.git("cat-file", "commit", commit)
    clone.git("branch", "-D", BRANCH)
    assert run_script(clone, text.replace("git push", ": git push")).returncode == 0
    assert clone.git("cat-file", "commit", BRANCH) == clone.git("cat-file", "commit", commit)
