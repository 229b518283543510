"""`snitch init`: a repository whole or none, spotless from its first commit; git hooks that nobody loses one to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from snitch.pointer import parse_pointer
from snitch.scaffold.githooks import render_hook
from snitch.scaffold.repository import install_lfs_command
from snitch.template import CI_SYSTEMS, for_ci, render, template_files
from tests.cli.conftest import Command
from tests.repository import Repo

NOTHING: list[str] = []


def listed(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH on which nothing is but git and what git itself needs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("git", "sh", "uname", "sed", "basename"):
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


class TestRepository:
    def test_its_first_commit_holds_the_template_and_nothing_else(self, models: Repo) -> None:
        files = render(for_ci(template_files(), "github"), date(2000, 1, 1))
        assert models.git("ls-tree", "-r", "--name-only", "HEAD").splitlines() == sorted(files)
        assert models.git("rev-list", "--count", "HEAD") == "1"
        assert models.git("status", "--porcelain") == ""

    def test_its_branches_are_main_and_staging(self, models: Repo) -> None:
        assert models.git("symbolic-ref", "HEAD") == "refs/heads/main"
        assert models.git("for-each-ref", "--format=%(refname)").splitlines() == [
            "refs/heads/main",
            "refs/heads/staging",
        ]
        assert models.rev("main") == models.rev("staging")

    def test_weights_and_data_are_pointers_in_git_and_bytes_on_disk(self, models: Repo) -> None:
        files = render(for_ci(template_files(), "github"), date(2000, 1, 1))
        large = [path for path in files if path.endswith((".skops", ".parquet"))]
        assert large
        for path in large:
            pointer = parse_pointer(models.run("cat-file", "blob", f"HEAD:{path}").stdout)
            assert pointer is not None
            assert pointer.size == len(files[path])
            assert (models.path / path).read_bytes() == files[path]

    def test_no_date_is_left_to_stamp(self, models: Repo) -> None:
        for path in models.git("ls-files").splitlines():
            content = (models.path / path).read_bytes().replace(b"${{", b"")
            assert b"{{" not in content or path.endswith((".skops", ".parquet", ".py"))

    @pytest.mark.parametrize("environment", ["development", "staging", "production"])
    def test_nothing_is_wrong_with_it(self, models: Repo, snitch: Command, environment: str) -> None:
        told = snitch("check", "--all", "--env", environment, "--no-cache", "--format", "json", at=models.path)
        assert (told.code, re.findall(r'"findings": (\[\])', told.out)) == (0, ["[]"]), told.out

    def test_a_clone_that_pulled_has_the_weights(self, models: Repo, tmp_path: Path) -> None:
        clone = models.clone(tmp_path / "clone")
        clone.git("lfs", "install", "--local")
        clone.git("lfs", "pull")
        skops = "models/diabetes/model.skops"
        assert (clone.path / skops).read_bytes() == (models.path / skops).read_bytes()

    def test_it_says_what_comes_next(self, tmp_path: Path, snitch: Command) -> None:
        told = snitch("init", "a b", at=tmp_path)
        assert told.code == 0, told.err
        assert "cd 'a b'\n  pre-commit install" in told.out
        assert "snitch check --all" in told.out

    @pytest.mark.parametrize("more", [(), ("--git-hook",)])
    def test_it_says_what_to_do_where_the_public_address_cannot_be_reached(
        self, tmp_path: Path, snitch: Command, more: tuple[str, ...]
    ) -> None:
        told = snitch("init", "models", *more, at=tmp_path)
        said = "pre-commit cannot reach the address in .pre-commit-config.yaml: `snitch init --git-hook` instead\n"
        assert told.out.endswith(said) == (not more)

    def test_an_empty_folder_will_do(self, tmp_path: Path, snitch: Command) -> None:
        (tmp_path / "here").mkdir()
        assert snitch("init", ".", at=tmp_path / "here").code == 0
        assert (tmp_path / "here" / "snitch.yaml").is_file()

    def test_as_a_program_of_its_own(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "snitch", "init", "models"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    def test_somebody_s_ignore_list_takes_nothing_away(
        self, tmp_path: Path, snitch: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "ignored").write_text("*.skops\n*.parquet\nmodels/\n")
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.excludesFile")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(tmp_path / "ignored"))
        assert snitch("init", "models", at=tmp_path).code == 0
        assert "models/diabetes/model.skops" in Repo(tmp_path / "models").git("ls-files").splitlines()

    def test_hooks_of_the_person_s_own_stay_as_they_are_and_have_no_say(
        self, tmp_path: Path, snitch: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "own").mkdir()
        for stage in ("pre-commit", "commit-msg", "pre-push"):
            (tmp_path / "own" / stage).write_text("#!/bin/sh\nexit 1\n")
            (tmp_path / "own" / stage).chmod(0o755)
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(tmp_path / "own"))
        told = snitch("init", "models", at=tmp_path)
        assert told.code == 0, told.err
        for stage in ("pre-commit", "commit-msg", "pre-push"):
            assert (tmp_path / "own" / stage).read_text() == "#!/bin/sh\nexit 1\n"


GATE = [f".github/workflows/{name}.yml" for name in ("again", "gate", "nightly", "reviewed")]
ADVISORY = [f".github/workflows/{name}.yml" for name in ("gate", "nightly", "publish")]


class TestCi:
    @pytest.mark.parametrize("ci", CI_SYSTEMS)
    def test_a_new_repository_gets_the_files_of_one_ci_and_of_no_other(
        self, tmp_path: Path, snitch: Command, ci: str
    ) -> None:
        assert snitch("init", "models", "--ci", ci, at=tmp_path).code == 0
        files = set(Repo(tmp_path / "models").git("ls-files").splitlines())
        workflows = {"github": set(GATE), "github-advisory": set(ADVISORY)}.get(ci, set())
        more = {f".github/workflows/{name}.yml" for name in ("retrain", "release", "shadow")}
        expected = workflows | (more if workflows else set())
        assert {path for path in files if path.startswith(".github/workflow")} == expected
        assert (".gitlab-ci.yml" in files, "azure-pipelines.yml" in files) == (ci == "gitlab", ci == "azure")
        assert {path for path in files if path.endswith("CODEOWNERS")} == {
            ".gitlab/CODEOWNERS" if ci == "gitlab" else ".github/CODEOWNERS"
        }

    @pytest.mark.parametrize(
        ("ci", "written"),
        [
            ("github", GATE),
            ("github-advisory", ADVISORY),
            ("gitlab", [".gitlab-ci.yml"]),
            ("azure", ["azure-pipelines.yml"]),
        ],
    )
    def test_a_repository_that_is_there_gets_what_judges(
        self, repo: Repo, snitch: Command, ci: str, written: list[str]
    ) -> None:
        told = snitch("init", "--ci", ci, at=repo.path)
        assert (told.code, told.err) == (0, "")
        untracked = repo.git("ls-files", "--others", "--exclude-standard").splitlines()
        assert untracked == written
        assert [line for line in told.out.splitlines() if line.startswith("wrote")] == [f"wrote {p}" for p in written]

    def test_what_is_there_already_stays_as_it_is(self, repo: Repo, snitch: Command) -> None:
        repo.write({GATE[1]: "mine\n"})
        told = snitch("init", "--ci", "github", at=repo.path)
        assert told.code == 2
        assert told.err.startswith("snitch: .github/workflows/gate.yml: there already, so nothing was written")
        assert repo.git("ls-files", "--others", "--exclude-standard").splitlines() == [GATE[1]]
        assert (repo.path / GATE[1]).read_text() == "mine\n"

    def test_no_ci_has_no_files(self, repo: Repo, snitch: Command) -> None:
        told = snitch("init", "--ci", "none", at=repo.path)
        assert (told.code, told.err) == (0, "")
        assert told.out == "nothing was to be written: `--ci none` has no file that runs the gate\n"
        assert repo.git("status", "--porcelain") == ""

    def test_outside_a_repository_there_is_nothing_to_gate(self, tmp_path: Path, snitch: Command) -> None:
        told = snitch("init", "--ci", "github", at=tmp_path)
        assert (told.code, "nothing can be gated" in told.err) == (2, True)
        assert listed(tmp_path) == NOTHING


class TestRefusals:
    def test_a_folder_that_is_not_empty_stays_as_it_is(self, tmp_path: Path, snitch: Command) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "notes.txt").write_text("mine")
        told = snitch("init", "mine", at=tmp_path)
        assert (told.code, told.err) == (2, "snitch: mine is not empty; name a folder that is empty or not there yet\n")
        assert listed(tmp_path / "mine") == ["notes.txt"]

    @pytest.mark.parametrize("within", ["mine", "models/deep/mine", "here"])
    def test_within_another_repository_nothing_is_made(self, repo: Repo, snitch: Command, within: str) -> None:
        (repo.path / "here").mkdir()
        told = snitch("init", within, at=repo.path)
        assert (told.code, told.out) == (2, "")
        assert told.err == (
            f"snitch: {within} lies within the git repository {repo.path}; choose a folder outside it\n"
        )
        assert repo.git("status", "--porcelain") == ""
        assert listed(repo.path / "here") == NOTHING

    def test_a_folder_that_the_other_repository_ignores_will_do(self, repo: Repo, snitch: Command) -> None:
        repo.commit({".gitignore": "build/\nmine/\n"})
        for within in ("mine", "build/deep/mine"):
            told = snitch("init", within, at=repo.path)
            assert told.code == 0, told.err
        assert repo.git("status", "--porcelain") == ""

    def test_a_link_is_not_followed(self, tmp_path: Path, snitch: Command) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "mine").symlink_to(tmp_path / "there")
        assert snitch("init", "mine", at=tmp_path).code == 2
        assert listed(tmp_path / "there") == NOTHING

    def test_without_a_folder_it_asks_for_one(self, tmp_path: Path, snitch: Command) -> None:
        told = snitch("init", at=tmp_path)
        assert (told.code, "name the folder" in told.err) == (2, True)

    def test_without_git_lfs_it_says_how_to_install_it(self, tmp_path: Path, snitch: Command, programs: Path) -> None:
        (programs / "apt-get").write_text("#!/bin/sh\n")
        (programs / "apt-get").chmod(0o755)
        told = snitch("init", "models", at=tmp_path)
        if told.code == 0:
            pytest.skip("git brings its own git-lfs here")
        expected = "snitch: Git LFS is not installed; install it: sudo apt-get install git-lfs\n"
        assert (told.code, told.err) == (2, expected)
        assert not (tmp_path / "models").exists()

    def test_without_git_it_says_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "empty").mkdir()
        command = [sys.executable, "-m", "snitch", "init", "models"]
        environment = {**os.environ, "PATH": str(tmp_path / "empty")}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 2
        assert "git is not installed" in done.stderr
        assert not (tmp_path / "models").exists()

    def test_without_a_name_to_commit_by_nothing_is_written(
        self, tmp_path: Path, snitch: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("EMAIL", raising=False)
        told = snitch("init", "models", at=tmp_path)
        assert (told.code, "git config --global user.name" in told.err) == (2, True)
        assert not (tmp_path / "models").exists()

    def test_a_git_sent_elsewhere_is_refused(
        self, tmp_path: Path, snitch: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
        assert snitch("init", "models", at=tmp_path).code == 2
        assert listed(tmp_path) == NOTHING

    @pytest.mark.parametrize("there", [True, False])
    def test_a_failure_half_way_leaves_nothing_behind(
        self, tmp_path: Path, snitch: Command, monkeypatch: pytest.MonkeyPatch, there: bool
    ) -> None:
        if there:
            (tmp_path / "deep" / "models").mkdir(parents=True)
        for number, (key, value) in enumerate(
            [("commit.gpgSign", "true"), ("gpg.program", str(tmp_path / "no-such-program"))]
        ):
            monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
            monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
        monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
        told = snitch("init", "deep/models", at=tmp_path)
        assert (told.code, "git failed: " in told.err) == (2, True), told
        assert listed(tmp_path) == (["deep", "deep/models"] if there else NOTHING)


@pytest.mark.parametrize(
    ("programs_here", "command"),
    [
        ({"brew"}, "brew install git-lfs"),
        ({"dnf", "yum"}, "sudo dnf install git-lfs"),
        ({"pacman"}, "sudo pacman -S git-lfs"),
        (set(), "see https://git-lfs.com"),
    ],
)
def test_the_command_that_installs_git_lfs(programs_here: set[str], command: str) -> None:
    assert install_lfs_command(lambda name: name if name in programs_here else None) == command


class TestGitHook:
    def test_in_a_repository_only_hooks_are_written(self, repo: Repo, snitch: Command) -> None:
        before = repo.rev("HEAD")
        told = snitch("init", "--git-hook", at=repo.path)
        assert told.code == 0, told.err
        for stage in ("pre-commit", "pre-merge-commit", "pre-push"):
            assert os.access(repo.path / ".git" / "hooks" / stage, os.X_OK)
            assert f"wrote the hook .git/hooks/{stage}" in told.out
        assert (repo.rev("HEAD"), repo.git("status", "--porcelain")) == (before, "")

    def test_the_repository_may_be_named(self, repo: Repo, snitch: Command, tmp_path: Path) -> None:
        assert snitch("init", "repo", "--git-hook", at=tmp_path).code == 0
        assert (repo.path / ".git" / "hooks" / "pre-push").exists()
        assert repo.git("status", "--porcelain") == ""

    def test_from_a_folder_within(self, repo: Repo, snitch: Command) -> None:
        assert snitch("init", "--git-hook", at=repo.path / "models").code == 0
        assert (repo.path / ".git" / "hooks" / "pre-push").exists()

    def test_a_new_repository_may_have_them_at_once(self, tmp_path: Path, snitch: Command) -> None:
        told = snitch("init", "models", "--git-hook", at=tmp_path)
        assert told.code == 0, told.err
        assert "check --staged" in (tmp_path / "models/.git/hooks/pre-commit").read_text()
        assert "pre-commit install" not in told.out

    def test_a_second_time_nothing_is_written(self, repo: Repo, snitch: Command) -> None:
        snitch("init", "--git-hook", at=repo.path)
        told = snitch("init", "--git-hook", at=repo.path)
        assert (told.code, told.out) == (0, "the hooks are there already, in .git/hooks\n")

    def test_the_folder_that_git_was_told_of_is_used(self, repo: Repo, snitch: Command) -> None:
        repo.git("config", "core.hooksPath", "our hooks")
        assert snitch("init", "--git-hook", at=repo.path).code == 0
        assert listed(repo.path / "our hooks") == ["pre-commit", "pre-merge-commit", "pre-push"]
        assert not (repo.path / ".git" / "hooks" / "pre-commit").exists()

    def test_a_linked_work_tree_shares_them(self, repo: Repo, snitch: Command, tmp_path: Path) -> None:
        other = repo.worktree(tmp_path / "other", "other")
        assert snitch("init", "--git-hook", at=other.path).code == 0
        assert (repo.path / ".git" / "hooks" / "pre-push").exists()

    @pytest.mark.parametrize("stage", ["pre-commit", "pre-merge-commit", "pre-push"])
    def test_somebody_s_hook_is_never_overwritten(self, repo: Repo, snitch: Command, stage: str) -> None:
        hook = repo.path / ".git" / "hooks" / stage
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexec make lint\n")
        told = snitch("init", "--git-hook", at=repo.path)
        assert (told.code, "is a hook of somebody else's; add the line `snitch check --" in told.err) == (2, True)
        assert hook.read_text() == "#!/bin/sh\nexec make lint\n"
        assert [path.name for path in hook.parent.iterdir() if path.suffix != ".sample"] == [stage]

    def test_nor_is_one_of_ours_that_was_edited(self, repo: Repo, snitch: Command) -> None:
        snitch("init", "--git-hook", at=repo.path)
        hook = repo.path / ".git" / "hooks" / "pre-commit"
        hook.write_text(hook.read_text() + "make lint\n")
        assert snitch("init", "--git-hook", at=repo.path).code == 2
        assert hook.read_text().endswith("make lint\n")

    def test_a_link_to_nowhere_is_somebody_s_too(self, repo: Repo, snitch: Command) -> None:
        hook = repo.path / ".git" / "hooks" / "pre-push"
        hook.parent.mkdir(exist_ok=True)
        hook.symlink_to("/nowhere/at/all")
        assert snitch("init", "--git-hook", at=repo.path).code == 2
        assert os.readlink(hook) == "/nowhere/at/all"

    def test_one_of_ours_that_names_another_installation_is_renewed(self, repo: Repo, snitch: Command) -> None:
        hook = repo.path / ".git" / "hooks" / "pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(render_hook("pre-commit", "/gone/it's here/snitch"))
        assert snitch("init", "--git-hook", at=repo.path).code == 0
        assert "/gone/" not in hook.read_text()

    def test_pre_commit_s_own_hook_is_told_apart(self, repo: Repo, snitch: Command) -> None:
        hook = repo.path / ".git" / "hooks" / "pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n")
        told = snitch("init", "--git-hook", at=repo.path)
        assert (told.code, "add Snitch's hooks to .pre-commit-config.yaml" in told.err) == (2, True)

    def test_git_lfs_s_own_hook_goes_on_as_part_of_it(self, models: Repo, snitch: Command, tmp_path: Path) -> None:
        assert snitch("init", "--git-hook", at=models.path).code == 0
        Repo(tmp_path / "remote", "--bare")
        models.git("remote", "add", "origin", f"file://{tmp_path / 'remote'}")
        models.git("push", "origin", "main", env={"PATH": os.environ["PATH"]})
        oid = models.git("lfs", "ls-files", "--long").split()[0]
        assert (tmp_path / "remote" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid).is_file()

    def test_outside_a_repository_there_is_nowhere_to_write_to(self, tmp_path: Path, snitch: Command) -> None:
        told = snitch("init", "--git-hook", at=tmp_path)
        assert (told.code, told.out) == (2, "")
        assert told.err == (
            f"snitch: there is no git repository at {tmp_path}, so there is nothing to hook into; go to one, "
            "make one here with `git init`, or a new one with `snitch init DIR --git-hook`\n"
        )
        assert listed(tmp_path) == NOTHING


class TestWrittenHooks:
    """The hooks at work, run by git."""

    @pytest.fixture
    def hooked(self, models: Repo, snitch: Command) -> Repo:
        assert snitch("init", "--git-hook", at=models.path).code == 0
        return models.switch("feature", create=True)

    def break_manifest(self, repo: Repo) -> None:
        manifest = repo.path / "models" / "diabetes" / "model.yaml"
        manifest.write_text(manifest.read_text().replace("task: regression", "task: regresion"))
        repo.stage()

    def test_a_good_commit_is_silent(self, hooked: Repo) -> None:
        hooked.write({"notes.md": "a"}).stage()
        done = hooked.run("commit", "--quiet", "--message", "good")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def test_a_broken_manifest_is_not_committed(self, hooked: Repo) -> None:
        self.break_manifest(hooked)
        done = hooked.run("commit", "--message", "bad")
        assert done.returncode == 1
        assert b"error[MET002]" in done.stdout + done.stderr

    def test_a_merge_is_judged_as_well(self, hooked: Repo) -> None:
        self.break_manifest(hooked)
        hooked.git("commit", "--quiet", "--no-verify", "--message", "bad")
        hooked.switch("main")
        hooked.commit({"notes.md": "a"})
        assert hooked.run("merge", "--no-edit", "feature").returncode != 0

    def test_each_of_several_pushed_refs_is_judged(self, hooked: Repo, tmp_path: Path) -> None:
        Repo(tmp_path / "remote", "--bare")
        hooked.git("remote", "add", "origin", f"file://{tmp_path / 'remote'}")
        hooked.commit({"notes.md": "a"}, "good")
        hooked.switch("worse", create=True)
        self.break_manifest(hooked)
        hooked.git("commit", "--quiet", "--no-verify", "--message", "bad")
        done = hooked.run("push", "origin", "feature", "worse")
        assert done.returncode != 0
        assert b"error[MET002]" in done.stdout + done.stderr
        assert hooked.run("push", "origin", "feature").returncode == 0
        assert hooked.run("push", "origin", "--delete", "feature").returncode == 0

    def test_without_snitch_nothing_is_committed(self, hooked: Repo) -> None:
        hook = hooked.path / ".git" / "hooks" / "pre-commit"
        hook.write_text(render_hook("pre-commit", "/gone/snitch"))
        hooked.write({"notes.md": "a"}).stage()
        bare = {"PATH": "/usr/bin:/bin"}
        if shutil.which("snitch", path=bare["PATH"]):
            pytest.skip("there is a snitch among the system's programs")
        done = hooked.run("commit", "--message", "a", env=bare)
        assert (done.returncode, b"pip install model-snitch" in done.stderr) == (1, True)
