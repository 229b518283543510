"""`snitch promote` and `snitch rollback` as people run them, against a GitHub and a GitLab of the tests' own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from snitch.git.command import Git
from snitch.git.fetching import Upstream
from snitch.pointer import write_pointer
from tests.cli.conftest import Command, Ran
from tests.forge.carrier import meanwhile, reset_after, server_error
from tests.forge.gitlab_server import TOKEN as GITLAB_TOKEN
from tests.forge.gitlab_server import GitLab
from tests.forge.server import READ_ONLY, TOKEN, GitHub
from tests.gating.promotions import DEPLOYED, NEW
from tests.golden import held_against
from tests.judging import FOLDER, MANIFEST, edit
from tests.moving.conftest import Server, files_of
from tests.repository import Repo

GOLDEN = Path(__file__).parent / "golden"

URL = "https://forge.example/acme/models.git"
PROMOTED, PUT_BACK = "promote/churn-1.5.0-to-production", "rollback/churn-1.5.1-in-production"


@pytest.fixture(autouse=True)
def _no_forge(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "GITHUB_ACTIONS", "GITLAB_CI", "GH_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SNITCH_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """Production holds 1.4.0; staging 1.5.0."""
    server = Server(tmp_path / "server")
    server.put("main", DEPLOYED, days=30)
    server.branch("staging", "main")
    server.put("staging", NEW, days=9)
    return server


@pytest.fixture
def clone(server: Server, tmp_path: Path) -> Repo:
    """Its remote bears the URL of a forge, by which git reaches the server."""
    clone = server.clone(tmp_path / "clone", "--branch=main")
    clone.git("remote", "set-url", "origin", URL)
    clone.git("config", f"url.file://{server.path}.insteadOf", URL)
    return clone


@pytest.fixture
def github(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """The forge of that URL, which knows what has been pushed."""
    with GitHub() as fake:
        monkeypatch.setenv("GITHUB_SERVER_URL", "https://forge.example")
        monkeypatch.setenv("GITHUB_API_URL", fake.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        fake.fail("POST .*/pulls", meanwhile(lambda: fake.state.branches.update(tips(server))), times=9)
        yield fake
    assert fake.faults == []


def tips(server: Server) -> dict[str, str]:
    told = server.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
    return {name: commit for name, _, commit in (line.partition(" ") for line in told)}


def masked(ran: Ran) -> str:
    """What a command says, without commits that the day of the test goes into."""
    told = f"{ran.out}---\n{ran.err}"
    return re.sub(r"\d{4}-\d\d-\d\d", "DAY", re.sub(r"\b[0-9a-f]{40}\b", "SHA", told))


class TestGitHub:
    def test_the_branch_is_pushed_and_the_request_opened(
        self, clone: Repo, server: Server, github: GitHub, snitch: Command, request: pytest.FixtureRequest
    ) -> None:
        told = snitch("promote", "churn", at=clone.path)
        assert (told.code, told.err) == (0, "")
        [opened] = github.state.pulls.values()
        assert f"opened: https://github.example/acme/models/pull/{opened.number}\n" in told.out
        assert (opened.branch, opened.base, opened.title) == (PROMOTED, "main", "Promote churn 1.5.0 to production")
        assert opened.head == server.rev(PROMOTED) == clone.rev(PROMOTED)
        assert files_of(server, PROMOTED)[MANIFEST] == files_of(server, "staging")[MANIFEST]
        assert opened.body is not None
        held_against(GOLDEN / "promote.md", opened.body, request)
        held_against(GOLDEN / "promote.text", masked(told), request)

    def test_asked_again_it_is_the_same_request(self, clone: Repo, github: GitHub, snitch: Command) -> None:
        first = snitch("promote", "churn", at=clone.path)
        again = snitch("promote", "churn", at=clone.path)
        assert again.code == 0
        assert again.out.splitlines()[-2] == first.out.splitlines()[-2]
        assert len(github.state.pulls) == 1

    def test_a_rollback(
        self, clone: Repo, server: Server, github: GitHub, snitch: Command, request: pytest.FixtureRequest
    ) -> None:
        server.put("main", NEW)
        told = snitch("rollback", "churn", "--reason", "it fails <b>on</b>  new @plans", at=clone.path)
        assert told.code == 0, told.err
        [opened] = github.state.pulls.values()
        assert (opened.branch, opened.title) == (PUT_BACK, "Roll churn back to 1.4.0 in production")
        assert "it fails <b>on</b> new @plans" in server.git("show", f"{PUT_BACK}:{FOLDER}/CHANGELOG.md")
        assert opened.body is not None
        held_against(GOLDEN / "rollback.md", opened.body, request)
        held_against(GOLDEN / "rollback.text", masked(told), request)

    def test_by_the_model_s_folder_from_where_one_stands(self, clone: Repo, github: GitHub, snitch: Command) -> None:
        assert snitch("promote", "churn", at=clone.path / "models").code == 0
        assert snitch("promote", ".", at=clone.path / FOLDER).code == 0
        assert len(github.state.pulls) == 1

    def test_a_broken_answer_makes_no_second_request(self, clone: Repo, github: GitHub, snitch: Command) -> None:
        github.mend()
        commit = "1" * 40
        github.state.branches[PROMOTED] = commit
        github.fail("POST .*/pulls", reset_after)
        assert snitch("promote", "churn", at=clone.path).code == 0
        assert len(github.state.pulls) == 1

    def test_a_request_that_may_not_be_opened_leaves_the_branch_pushed(
        self, clone: Repo, server: Server, github: GitHub, snitch: Command
    ) -> None:
        github.mend()
        github.fail("POST .*/pulls", READ_ONLY)
        told = snitch("promote", "churn", at=clone.path)
        assert told.code == 3
        page = f"https://forge.example/acme/models/compare/main...{PROMOTED}?expand=1"
        assert f"open the request by hand: {page}\n" in told.out
        assert "Resource not accessible" in told.err
        assert server.rev(PROMOTED) == clone.rev(PROMOTED)

    def test_a_push_that_is_refused_opens_nothing(
        self, clone: Repo, server: Server, github: GitHub, snitch: Command
    ) -> None:
        hook = server.path / ".git/hooks/pre-receive"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        told = snitch("promote", "churn", at=clone.path)
        assert told.code == 2
        assert "origin does not take the branch" in told.err
        assert github.requests == []
        assert clone.rev(PROMOTED)

    def test_the_token_of_a_job_is_warned_of(
        self, clone: Repo, github: GitHub, snitch: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        told = snitch("promote", "churn", at=clone.path)
        assert told.code == 0
        assert "GitHub starts no workflow for what is done with a job's own GITHUB_TOKEN" in told.err

    def test_the_token_is_in_nothing_that_is_told(self, clone: Repo, github: GitHub, snitch: Command) -> None:
        github.fail("POST .*/pulls", server_error(500), times=9)
        for arguments in (["--dry-run"], []):
            told = snitch("promote", "churn", *arguments, at=clone.path)
            assert TOKEN not in told.out + told.err
        assert TOKEN not in clone.git("config", "--list")


def test_gitlab(clone: Repo, server: Server, snitch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with GitLab() as gitlab:
        monkeypatch.setenv("CI_SERVER_URL", "https://forge.example")
        monkeypatch.setenv("CI_API_V4_URL", gitlab.url)
        monkeypatch.setenv("GITLAB_TOKEN", GITLAB_TOKEN)
        gitlab.fail("POST .*/merge_requests", meanwhile(lambda: gitlab.branches.update(tips(server))))
        told = snitch("promote", "churn", at=clone.path)
        assert told.code == 0, told.err
        [opened] = gitlab.merge_requests.values()
        assert (opened.branch, opened.target, opened.head) == (PROMOTED, "main", server.rev(PROMOTED))
        assert "| version |" in opened.description
    assert gitlab.faults == []


class TestWithoutAForge:
    @pytest.mark.parametrize("token", [{}, {"GITLAB_TOKEN": "x"}])
    def test_without_a_token_the_rest_is_left_to_do(
        self, clone: Repo, server: Server, snitch: Command, monkeypatch: pytest.MonkeyPatch, token: dict[str, str]
    ) -> None:
        for name, value in token.items():
            monkeypatch.setenv(name, value)
        told = snitch("promote", "churn", "--forge", "github", at=clone.path)
        assert told.code == 0
        assert told.err == (
            "snitch: no request is opened: no token was given (GITHUB_TOKEN, GH_TOKEN or SNITCH_TOKEN)\n"
        )
        assert f"  git push origin refs/heads/{PROMOTED}\n" in told.out
        assert f"into main: https://forge.example/acme/models/compare/main...{PROMOTED}?expand=1\n" in told.out
        assert PROMOTED not in tips(server)
        clone.git("push", "--quiet", "origin", f"refs/heads/{PROMOTED}")
        assert tips(server)[PROMOTED] == clone.rev(PROMOTED)

    def test_a_job_s_token_of_gitlab_opens_nothing(
        self, clone: Repo, snitch: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CI_JOB_TOKEN", "glcbt-64")
        told = snitch("promote", "churn", "--forge", "gitlab", at=clone.path)
        assert (told.code, "no token was given (GITLAB_TOKEN or SNITCH_TOKEN)" in told.err) == (0, True)

    def test_an_unknown_forge(self, clone: Repo, snitch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        told = snitch("promote", "churn", at=clone.path)
        assert told.code == 0
        assert "the remote is on no forge that is known here; --forge names its kind" in told.err

    def test_a_remote_that_is_pushed_to_elsewhere(
        self, clone: Repo, github: GitHub, snitch: Command, tmp_path: Path
    ) -> None:
        clone.git("config", "remote.origin.pushurl", f"file://{tmp_path}/fork")
        told = snitch("promote", "churn", at=clone.path)
        assert (told.code, github.requests) == (0, [])
        assert "what is pushed to origin goes elsewhere" in told.err

    def test_a_remote_that_is_pushed_to_by_another_protocol(
        self, clone: Repo, server: Server, github: GitHub, snitch: Command
    ) -> None:
        ssh = "git@forge.example:acme/models.git"
        clone.git("config", "remote.origin.pushurl", ssh)
        clone.git("config", "--add", f"url.file://{server.path}.insteadOf", ssh)
        assert snitch("promote", "churn", at=clone.path).code == 0
        assert len(github.state.pulls) == 1

    def test_without_a_remote(self, server: Server, snitch: Command) -> None:
        told = snitch("promote", "churn", at=server.path)
        assert (told.code, told.err) == (0, "")
        assert f"no remote, so nobody is asked: merge {PROMOTED} into main" in told.out


class TestDryRun:
    def test_a_promotion(self, clone: Repo, github: GitHub, snitch: Command, request: pytest.FixtureRequest) -> None:
        told = snitch("promote", "churn", "--dry-run", at=clone.path)
        assert told.code == 0
        held_against(GOLDEN / "promote.sh", masked(told), request)
        assert github.requests == []
        assert PROMOTED not in clone.git("for-each-ref")

    def test_a_rollback(
        self, clone: Repo, server: Server, github: GitHub, snitch: Command, request: pytest.FixtureRequest
    ) -> None:
        server.put("main", NEW)
        clone.git("fetch", "--quiet")
        told = snitch("rollback", "churn", "--to", "1.4.0", "--reason", "it fails", "--dry-run", at=clone.path)
        assert told.code == 0
        held_against(GOLDEN / "rollback.sh", masked(told), request)

    def test_what_it_prints_goes_into_a_shell_as_it_is(self, clone: Repo, server: Server, snitch: Command) -> None:
        told = snitch("promote", "churn", "--dry-run", at=clone.path / FOLDER)
        done = subprocess.run(
            ["sh"], input=told.out, cwd=clone.path / FOLDER, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        made = server.rev(PROMOTED)
        clone.git("branch", "-D", PROMOTED)
        clone.git("update-ref", "-d", f"refs/remotes/origin/{PROMOTED}")
        snitch("promote", "churn", at=clone.path)
        assert clone.rev(f"{PROMOTED}^{{tree}}") == server.rev(f"{made}^{{tree}}")


class TestWords:
    @pytest.mark.parametrize("command", ["promote", "rollback"])
    def test_a_model_that_is_not_there(self, clone: Repo, snitch: Command, command: str) -> None:
        told = snitch(command, "chrun", at=clone.path)
        assert (told.code, told.out) == (2, "")
        assert "there is no model `chrun` on" in told.err
        assert "did you mean `churn`?" in told.err

    def test_nothing_to_promote_is_well(self, clone: Repo, server: Server, snitch: Command) -> None:
        server.put("main", NEW)
        told = snitch("promote", "churn", at=clone.path)
        assert told == Ran(0, "nothing to promote: production holds churn 1.5.0 just as staging does\n", "")

    def test_nothing_to_roll_back_is_well(self, clone: Repo, snitch: Command) -> None:
        told = snitch("rollback", "churn", "--to", "1.4.0", at=clone.path)
        assert told == Ran(0, "nothing to roll back to churn 1.4.0: production has it\n", "")

    def test_out_of_reach_the_branch_is_made_of_what_is_here(
        self, clone: Repo, server: Server, snitch: Command
    ) -> None:
        server.path.rename(server.path.with_name("away"))
        told = snitch("promote", "churn", at=clone.path)
        assert told.code == 0
        assert "warning: origin cannot be fetched from: " in told.err
        assert "staging is taken as it was fetched last" in told.err
        assert clone.rev(PROMOTED)

    def test_a_branch_that_is_not_there(self, clone: Repo, server: Server, snitch: Command) -> None:
        server.git("branch", "-D", "staging")
        clone.git("update-ref", "-d", "refs/remotes/origin/staging")
        told = snitch("promote", "churn", at=clone.path)
        assert told.code == 3
        assert "the branch `staging` is not in this clone" in told.err
        assert "`git fetch origin staging:refs/remotes/origin/staging`" in told.err

    def test_a_reason_that_no_terminal_shows(self, clone: Repo, server: Server, snitch: Command) -> None:
        server.put("main", NEW)
        told = snitch("rollback", "churn", "--reason", "x\x1b[2J", at=clone.path)
        assert (told.code, told.err) == (2, "snitch: --reason takes text that can be printed\n")

    def test_words_of_others_reach_no_terminal(self, clone: Repo, server: Server, snitch: Command) -> None:
        policy = str(DEPLOYED["snitch.yaml"]).replace("  production:", '  "prod\\u001b[2J\\n::error::":')
        server.put("main", {**DEPLOYED, "snitch.yaml": policy})
        for arguments in (["--dry-run"], []):
            told = snitch("promote", "churn", *arguments, at=clone.path)
            assert told.code == 0, told.err
            assert "\x1b" not in told.out + told.err
            assert not [line for line in told.out.splitlines() if line.startswith("::")]


def test_weights_in_lfs_come_along(tmp_path: Path, snitch: Command) -> None:
    """The new branch is pushed without Git LFS; whoever clones it gets the weights all the same."""
    weights = b"weights of another kind" * 40
    bare = Repo(tmp_path / "server.git", "--bare")
    work = Repo(tmp_path / "work").lfs()
    work.git("config", "lfs.allowincompletepush", "true")
    work.git("remote", "add", "origin", f"file://{bare.path}")
    pointer = write_pointer("sha256:" + sha256(weights).hexdigest(), len(weights))
    work.commit(DEPLOYED)
    work.git("push", "--quiet", "origin", "main")
    work.switch("staging", create=True).commit({**NEW, f"{FOLDER}/model.skops": weights})
    assert work.git("show", f"HEAD:{FOLDER}/model.skops") + "\n" == pointer.decode()
    work.git("push", "--quiet", "origin", "staging")
    work.git("switch", "--quiet", "main", env={"GIT_LFS_SKIP_SMUDGE": "1"})
    work.git("lfs", "prune", "--force")
    stored = [path for path in (work.path / ".git/lfs/objects").rglob("*") if path.is_file()]
    assert not [path for path in stored if path.read_bytes() == weights]

    assert snitch("promote", "churn", at=work.path).code == 0
    Upstream(Git(str(work.path))).push(work.rev(PROMOTED), PROMOTED)
    fresh = Repo(tmp_path / "fresh").lfs()
    fresh.git("fetch", "--quiet", f"file://{bare.path}", PROMOTED, env={"GIT_LFS_SKIP_SMUDGE": "1"})
    fresh.git("checkout", "--quiet", "FETCH_HEAD", env={"GIT_LFS_SKIP_SMUDGE": "1"})
    fresh.git("remote", "add", "origin", f"file://{bare.path}")
    fresh.git("lfs", "pull", "--include", f"{FOLDER}/model.skops")
    assert (fresh.path / FOLDER / "model.skops").read_bytes() == weights


def test_a_promotion_over_a_manifest_of_the_work_tree(clone: Repo, snitch: Command) -> None:
    """What lies in the work tree is not what is promoted, and stays."""
    half = edit(DEPLOYED, MANIFEST, "version: 1.4.0", "version: 9.9.9")
    clone.write({MANIFEST: half[MANIFEST]})
    assert snitch("promote", "churn", at=clone.path).code == 0
    assert (clone.path / MANIFEST).read_text() == half[MANIFEST]
    assert clone.git("status", "--porcelain") == f"M {MANIFEST}"
