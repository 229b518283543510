"""Repositories that are broken or malicious, and the machines they are judged on, by the real command."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.process import MODULE, SNITCH, Ended, check, environment, production, run
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit
from tests.repository import Repo

SECRET = "the-secret-of-another-folder"
REQUIREMENTS, WEIGHTS, CARD = (f"{FOLDER}/{name}" for name in ("requirements.txt", "model.skops", "README.md"))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside the repository, which nobody may read."""
    path = tmp_path / "outside" / "secret.yaml"
    path.parent.mkdir()
    path.write_text(f"{SECRET}: [\n")
    return path


def refused(ended: Ended, sign: str) -> None:
    """It did not pass, said why, and told nothing of what lies outside."""
    assert ended.code in (1, 2, 3), ended
    assert sign in ended.out + ended.err
    assert SECRET not in ended.out + ended.err


class TestWhatIsNoFile:
    """Links, submodules, pipes, devices: listed, never followed, never waited for."""

    @pytest.mark.parametrize("path", [MANIFEST, EVALUATION, REQUIREMENTS, WEIGHTS, CARD, BENCHMARK, ".gitattributes"])
    def test_a_link_that_leads_out(self, repo: Repo, secret: Path, path: str) -> None:
        repo.remove(path).link(path, str(secret))
        refused(production(repo.path), "symbolic link")
        repo.stage()
        hooked = check(repo.path, "--staged")
        assert SECRET not in hooked.out + hooked.err
        assert "symbolic link" in hooked.out

    def test_a_policy_that_is_a_link(self, repo: Repo, secret: Path) -> None:
        repo.remove("snitch.yaml").link("snitch.yaml", str(secret))
        refused(production(repo.path), "symbolic link")

    def test_a_folder_that_is_a_link(self, repo: Repo, secret: Path) -> None:
        shutil.move(repo.path / FOLDER, secret.parent / "churn")
        repo.link(FOLDER, str(secret.parent / "churn"))
        refused(production(repo.path), "PRO005")

    def test_links_in_circles(self, repo: Repo) -> None:
        repo.link(f"{FOLDER}/loop", "loop").link(f"{FOLDER}/up", "..").link(f"{FOLDER}/nowhere", "nowhere/at/all")
        assert production(repo.path).code == 0

    @pytest.mark.parametrize("path", [MANIFEST, EVALUATION, WEIGHTS, REQUIREMENTS])
    def test_a_pipe(self, repo: Repo, path: str) -> None:
        repo.remove(path)
        os.mkfifo(repo.path / path)
        refused(production(repo.path), "not a regular file")

    def test_a_folder_where_a_file_was(self, repo: Repo) -> None:
        (repo.remove(MANIFEST).path / MANIFEST).mkdir()
        refused(production(repo.path), "MET001")

    def test_a_submodule_in_place_of_the_manifest(self, repo: Repo) -> None:
        repo.git("update-index", "--cacheinfo", f"160000,{repo.rev('HEAD')},{MANIFEST}")
        refused(check(repo.path, "--staged"), "is a submodule")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_a_file_that_may_not_be_read(self, repo: Repo) -> None:
        repo.write({MANIFEST: "name: other\n"})
        (repo.path / MANIFEST).chmod(0)
        refused(production(repo.path), "cannot be opened")


NASTY = "\x1b[2J\x1b[31m\n::error::\u202e<b>`|"


def test_names_that_mean_something_to_a_terminal(repo: Repo) -> None:
    repo.write(
        {
            f"models/{NASTY}/model.yaml": "name: [\n",
            f"{FOLDER}/evaluations/{NASTY}.json": "{",
            f"{FOLDER}/\udcff\udcfe.pkl": "x",
            f"benchmarks/{NASTY}/benchmark.yaml": "x",
            f"{FOLDER}/{'/'.join(['d' * 200] * 15)}/model.yaml": "name: x\n",
        }
    )
    for form in ("text", "concise", "markdown", "json"):
        ended = production(repo.path, "--format", form)
        assert ended.code == 1
        assert not {"\x1b", "\u202e"} & set(ended.out)
        assert "\n::error" not in ended.out


class TestBrokenRepositories:
    """Exit 2 or 3 with one sentence; git's own words where it has the better ones."""

    @pytest.mark.parametrize("content", ["\0\xff garbage", "gitdir: .git\n", "gitdir: /nonexistent\n", ""])
    def test_git_file(self, repo: Repo, content: str) -> None:
        shutil.rmtree(repo.path / ".git")
        (repo.path / ".git").write_text(content)
        assert production(repo.path).code == 2

    def test_git_file_that_leads_to_the_repository(self, repo: Repo, tmp_path: Path) -> None:
        shutil.move(repo.path / ".git", tmp_path / "elsewhere")
        (repo.path / ".git").write_text(f"gitdir: {tmp_path / 'elsewhere'}\n")
        assert production(repo.path).code == 0

    def test_no_repository(self, tmp_path: Path) -> None:
        ended = check(tmp_path)
        assert ended.code == 2
        assert "no git repository" in ended.err

    def test_an_empty_one(self, tmp_path: Path) -> None:
        empty = Repo(tmp_path / "empty")
        assert production(empty.path).code == 2
        assert check(empty.path, "--staged").code == 0

    @pytest.mark.parametrize(
        ("file", "content", "code"),
        [
            ("HEAD", "garbage\n", 2),
            ("HEAD", "1" * 40 + "\n", 3),
            ("config", "[[[", 2),
            ("index", "DIRC\0\0\0\2" + "~" * 100, 2),
            ("index", "", 2),
            ("refs/heads/main", "1" * 40 + "\n", 3),
            ("packed-refs", "garbage", 2),
        ],
    )
    def test_its_files(self, repo: Repo, file: str, content: str, code: int) -> None:
        (repo.path / ".git" / file).write_text(content)
        ended = production(repo.path)
        assert ended.code in (2, 3) if file == "refs/heads/main" else ended.code == code
        assert len(ended.err.splitlines()) <= 2

    def test_unborn_and_detached(self, repo: Repo) -> None:
        repo.git("checkout", "--quiet", "--detach")
        assert production(repo.path).code == 0
        repo.git("symbolic-ref", "HEAD", "refs/heads/unborn")
        assert production(repo.path).code == 0
        assert check(repo.path, "--staged").code == 0

    def test_a_locked_index(self, repo: Repo) -> None:
        (repo.path / ".git/index.lock").write_text("")
        assert production(repo.path).code == 0

    @pytest.mark.parametrize("content", [b"junk", b""])
    @pytest.mark.parametrize("what", [f"HEAD:{MANIFEST}", "HEAD:models", "HEAD^{tree}", "HEAD"])
    def test_a_corrupt_object(self, repo: Repo, what: str, content: bytes) -> None:
        _overwrite(repo, repo.rev(what), content)
        assert production(repo.path, "--ref", "feature").code in (2, 3)

    def test_an_object_that_is_another(self, repo: Repo) -> None:
        other = repo.rev(f"HEAD:{EVALUATION}")
        _overwrite(repo, repo.rev(f"HEAD:{MANIFEST}"), (_object(repo, other)).read_bytes())
        assert production(repo.path, "--ref", "feature").code != 0

    def test_half_a_pack(self, repo: Repo) -> None:
        repo.git("gc", "--quiet")
        [pack] = (repo.path / ".git/objects/pack").glob("*.pack")
        content = pack.read_bytes()
        pack.chmod(0o644)
        pack.write_bytes(content[: len(content) // 2])
        assert production(repo.path).code in (2, 3)

    def test_a_partial_clone_without_its_origin(self, repo: Repo, tmp_path: Path) -> None:
        repo.switch("main")
        clone = repo.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
        shutil.move(repo.path, tmp_path / "gone")
        ended = production(clone.path, "--ref", "HEAD")
        assert ended.code == 3
        assert "not in this clone" in ended.err

    def test_a_replacement_stands_in_for_nothing(self, repo: Repo) -> None:
        repo.commit({MANIFEST: "name: [\n"})
        repo.git("replace", repo.rev(f"HEAD:{MANIFEST}"), repo.rev(f"main:{MANIFEST}"))
        assert production(repo.path, "--ref", "HEAD").code == 1


def _object(repo: Repo, oid: str) -> Path:
    return repo.path / ".git/objects" / oid[:2] / oid[2:]


def _overwrite(repo: Repo, oid: str, content: bytes) -> None:
    path = _object(repo, oid)
    path.chmod(0o644)
    path.write_bytes(content)


class TestNothingRuns:
    """Neither what the repository brings, nor what its configuration names."""

    @pytest.fixture
    def mark(self, tmp_path: Path) -> Path:
        """Where whatever runs leaves its mark."""
        return tmp_path / "ran"

    def test_drivers_hooks_and_monitors(self, repo: Repo, mark: Path, tmp_path: Path) -> None:
        keys = (
            "filter.lfs.clean", "filter.lfs.process", "filter.lfs.smudge", "filter.evil.clean", "filter.evil.process",
            "diff.evil.textconv", "diff.evil.command", "diff.external", "core.fsmonitor", "core.pager", "core.editor",
            "core.sshCommand", "core.askPass", "core.alternateRefsCommand", "credential.helper", "gpg.program",
        )  # fmt: skip
        for key in keys:
            repo.git("config", key, f"touch '{mark}'; cat")
        hooks = tmp_path / "hooks"
        hooks.mkdir()
        repo.git("config", "core.hooksPath", str(hooks))
        for name in ("post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
            (hooks / name).write_text(f"#!/bin/sh\ntouch '{mark}'\n")
            (hooks / name).chmod(0o755)
        attributes = f"{SPOTLESS['.gitattributes']!s}*.yaml filter=evil diff=evil\n"
        repo.write({".gitattributes": attributes, f"{FOLDER}/x.yaml": "a\r\n", MANIFEST: SPOTLESS[MANIFEST]})
        for arguments in (["--all"], ["--staged"], ["--ref", "HEAD"], ["--pre-push"]):
            check(repo.path, *arguments)
        run(repo.path, "doctor")
        run(repo.path, "rules")
        assert not mark.exists()

    def test_modules_planted_where_it_is_run(self, repo: Repo, mark: Path) -> None:
        """`python -m` itself puts the working directory first, and looks for `snitch` there; what is ours does not."""
        names = ("yaml", "click", "msgspec", "json", "re", "gc", "subprocess", "jsonschema", "conftest", "tomli")
        planted = [f"{name}.py" for name in (*names, "sitecustomize", "usercustomize", "rules/__init__")]
        code = f"open({str(mark)!r}, 'w')\n"
        repo.write(dict.fromkeys((*planted, "evil.pth.txt"), code))
        repo.write({"evil-1.dist-info/entry_points.txt": "[snitch.rules]\nevil = conftest\n"})
        for command in (SNITCH, MODULE):
            assert production(repo.path, command=command).code == 0  # type: ignore[arg-type]
            run(repo.path, "rules", command=command)
            check(repo.path, "--staged", command=command)
        assert not mark.exists()

    def test_a_git_planted_where_it_is_run(self, repo: Repo, mark: Path) -> None:
        repo.write({"git": f"#!/bin/sh\ntouch '{mark}'\n"})
        (repo.path / "git").chmod(0o755)
        for path in (".", "", "./"):
            assert production(repo.path, env={"PATH": f"{path}:{os.environ['PATH']}"}).code == 0
        assert not mark.exists()


class TestTheMachine:
    """Whatever the machine lacks or claims, the verdict stands or the exit code says that there is none."""

    def test_no_git(self, repo: Repo, tmp_path: Path) -> None:
        for arguments in (["--all"], ["--staged"]):
            ended = check(repo.path, *arguments, env={"PATH": str(tmp_path)})
            assert ended.code == 2
            assert "git is not installed" in ended.err

    def test_an_old_git(self, repo: Repo, tmp_path: Path) -> None:
        _script(
            tmp_path / "bin/git",
            'case "$*" in *version*) echo git version 2.20.1;; *) echo "usage: git" >&2; exit 129;; esac',
        )
        ended = check(repo.path, "--all", env={"PATH": str(tmp_path / "bin")})
        assert ended.code == 2
        assert "git 2.20.1 is too old" in ended.err

    @pytest.mark.parametrize("text", ["kill -9 $$", "exit 1"])
    def test_a_git_that_dies(self, repo: Repo, tmp_path: Path, text: str) -> None:
        _script(tmp_path / "bin/git", text)
        assert check(repo.path, "--all", env={"PATH": f"{tmp_path / 'bin'}:/bin:/usr/bin"}).code == 2

    @pytest.mark.parametrize(
        "env",
        [
            {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            {"LC_ALL": "xx_XX.bogus"},
            {"PYTHONIOENCODING": "ascii"},
            {"COLUMNS": "0"},
            {"COLUMNS": "1"},
            {"COLUMNS": "9" * 400},
            {"COLUMNS": "-5"},
            {"COLUMNS": "٣"},
            {"NO_COLOR": "1", "FORCE_COLOR": "1"},
            {"TERM": "dumb"},
            {"TZ": "Pacific/Kiritimati"},
            {"TZ": "../../etc/passwd"},
            {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"},
            {"PYTHONWARNINGS": "error"},
            {"PYTHONOPTIMIZE": "2"},
            {"GIT_TRACE": "1", "GIT_PAGER": "false", "GIT_EXTERNAL_DIFF": "false"},
        ],
        ids=str,
    )
    def test_environments(self, repo: Repo, env: dict[str, str]) -> None:
        repo.write(edit(SPOTLESS, MANIFEST, "description: Predicts", "é𝟘\u202e: 1\ndescription: Predicts"))
        ended = production(repo.path, env=env)
        assert ended.code == 1
        assert "MET002" in ended.out
        assert ended.err == ""
        assert not {"\x1b", "\u202e"} & set(ended.out)

    @pytest.mark.parametrize("name", ["GIT_DIR", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"])
    def test_a_git_that_is_told_nonsense(self, repo: Repo, name: str) -> None:
        assert production(repo.path, env={name: "/nonexistent"}).code == 2

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_days_at_the_ends_of_time(self, repo: Repo, day: str) -> None:
        policy = "rules: {stale-training-data: {max_age: 999999w}, expired-benchmark: {max_age: 999999w}}\n"
        repo.write({"snitch.yaml": policy})
        assert check(repo.path, "--all", "--env", "production", "--now", day, "--no-cache").code == 1

    @pytest.mark.parametrize(
        "day", ["2026-02-30", "2026-11-20\n", "٢٠٢٦-١١-٢٠", "99999-01-01", "today", "", "\x1b[31m"]
    )
    def test_days_that_are_none(self, repo: Repo, day: str) -> None:
        ended = check(repo.path, "--now", day)
        assert ended.code == 2
        assert "\x1b" not in ended.err

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--ref", "-x"], ["--ref", "--output=x"], ["--ref", ""], ["--ref", "0" * 40], ["--ref", "HEAD:models"],
            ["--env", "\x1b[31m"], ["--select", "\x1b[31m"], ["--format", "\x1b[31m"], ["\x1b[31m"], ["/etc"],
            ["../.."], ["a" * 5_000], ["\udcff"], ["--policy", "nope"], ["--deployed", "HEAD^{tree}"],
        ],
        ids=ascii,
    )  # fmt: skip
    def test_arguments_that_mean_nothing(self, repo: Repo, arguments: list[str]) -> None:
        ended = check(repo.path, *arguments)
        assert ended.code == 2
        assert "\x1b" not in ended.err


class TestDelivery:
    """The verdict stands before its delivery."""

    def test_a_reader_that_has_gone(self, repo: Repo) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        try:
            assert production(repo.write({MANIFEST: "name: [\n"}).path, stdout=writing).code == 1  # type: ignore[arg-type]
        finally:
            os.close(writing)

    @pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
    def test_streams_that_are_closed(self, repo: Repo, closed: str) -> None:
        repo.write({MANIFEST: "name: [\n"})
        command = f'"{SNITCH[0]}" check --all --no-cache {closed}'
        done = subprocess.run(["sh", "-c", command], cwd=repo.path, env=environment(), capture_output=True, check=False)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr

    def test_a_report_that_cannot_be_written(self, repo: Repo, tmp_path: Path) -> None:
        for path in (tmp_path / "no/folder", tmp_path):
            ended = production(repo.path, "--format", f"json={path}")
            assert ended.code == 0
            assert "cannot be written" in ended.err

    def test_a_report_replaces_no_pipe_and_follows_no_link(self, repo: Repo, tmp_path: Path) -> None:
        (tmp_path / "report").write_text("old")
        (tmp_path / "link").symlink_to("report")
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            production(repo.path, "--format", f"json={tmp_path / 'link'}")
            path = f"/proc/{os.getpid()}/fd/{writing}"
            if os.path.exists(path):
                production(repo.path, "--format", f"json={path}")
                assert stat.S_ISFIFO(os.fstat(reading).st_mode)
                assert os.read(reading, 10).startswith(b"{")
        finally:
            os.close(reading)
            os.close(writing)
        assert not (tmp_path / "link").is_symlink()
        assert (tmp_path / "link").read_text().startswith("{")
        assert (tmp_path / "report").read_text() == "old"

    def test_an_interruption(self, repo: Repo, tmp_path: Path) -> None:
        """Ctrl-C reaches the whole group of processes: git ends too, and no traceback is left behind."""
        _script(tmp_path / "bin/git", 'touch "$STARTED"; exec sleep 20')
        env = environment({"PATH": f"{tmp_path / 'bin'}:/bin:/usr/bin", "STARTED": str(tmp_path / "started")})
        process = subprocess.Popen(
            [*SNITCH, "check", "--all"], cwd=repo.path, env=env, stderr=subprocess.PIPE, start_new_session=True
        )
        try:
            while not (tmp_path / "started").exists():
                assert process.poll() is None
            os.killpg(process.pid, signal.SIGINT)
            _, told = process.communicate(timeout=20)
        finally:
            process.kill()
        assert process.returncode == 130
        assert told.strip() == b"snitch: interrupted"


class TestCache:
    """What lies where the cache should be changes no verdict."""

    def judged(self, repo: Repo, cache: Path | str) -> int:
        return run(
            repo.path, "check", "--all", "--env", "production", "--now", "2026-11-20",
            env={"SNITCH_CACHE_DIR": str(cache)},
        ).code  # fmt: skip

    @pytest.mark.parametrize("content", [b"", b"\0" * 100, b"\xdd\xff\xff\xff\xff", b"\x91" * 100_000], ids=len)
    def test_junk(self, repo: Repo, tmp_path: Path, content: bytes) -> None:
        cache = tmp_path / "cache"
        assert self.judged(repo, cache) == 0
        [verdict] = cache.iterdir()
        verdict.write_bytes(content)
        assert self.judged(repo, cache) == 0

    def test_what_is_no_file(self, repo: Repo, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        assert self.judged(repo, cache) == 0
        [verdict] = cache.iterdir()
        verdict.unlink()
        os.mkfifo(verdict)
        assert self.judged(repo, cache) == 0
        verdict.unlink()
        verdict.symlink_to("/dev/zero")
        assert self.judged(repo, cache) == 0
        verdict.unlink()
        verdict.mkdir()
        assert self.judged(repo, cache) == 0

    @pytest.mark.parametrize("place", ["/dev/null/x", "/nonexistent/\n", "a" * 5_000, "snitch.yaml"])
    def test_no_place(self, repo: Repo, place: str) -> None:
        assert self.judged(repo, place) == 0

    def test_what_else_lies_there_is_kept(self, repo: Repo, tmp_path: Path) -> None:
        cache = tmp_path / "shared"
        cache.mkdir()
        others = {f"file-{n}" for n in range(40)}
        for name in others:
            (cache / name).write_text("precious")
        assert self.judged(repo, cache) == 0
        assert others < {path.name for path in cache.iterdir()}


def _script(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{shutil.which('sh')}\n{text}\n")
    path.chmod(0o755)


def test_this_is_the_command_that_is_installed() -> None:
    assert Path(SNITCH[0]).is_file(), sys.executable
