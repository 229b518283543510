"""The hook `snitch-push`, by pre-commit, by prek, and as the plain git hook."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hooks.hooked import BROKEN, GOOD, THEN, TOLD, UNEVALUATED, Models


@pytest.fixture(params=["models", "prekked", "plain"], ids=["pre-commit", "prek", "plain"])
def any_of_three(request: pytest.FixtureRequest) -> Models:
    """The repository with the hooks as each of the three installs them."""
    found: Models = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def deployed(any_of_three: Models, tmp_path: Path) -> Models:
    """The same with a remote that has `main`."""
    any_of_three.remote(tmp_path / "remote.git", "main")
    return any_of_three


def test_a_good_push_hears_nothing(deployed: Models) -> None:
    commit = deployed.unhooked(GOOD)
    attempt = deployed.try_push("work")
    assert attempt.done
    assert attempt.said == ""
    assert deployed.git("ls-remote", "origin", "refs/heads/work").split()[0] == commit


def test_a_broken_model_is_stopped(deployed: Models) -> None:
    deployed.unhooked(BROKEN)
    attempt = deployed.try_push("work")
    assert not attempt.done
    assert attempt.told == TOLD
    assert deployed.git("ls-remote", "origin", "refs/heads/work") == ""


def test_what_would_block_the_pull_request_is_stopped(deployed: Models) -> None:
    deployed.unhooked({}, UNEVALUATED)
    attempt = deployed.try_push("work")
    assert not attempt.done
    assert attempt.told == THEN


def test_the_pushed_branch_is_judged_not_the_one_checked_out(deployed: Models) -> None:
    deployed.unhooked(BROKEN)
    deployed.switch("good", create=True)
    deployed.unhooked({**GOOD, **{path: deployed.git("show", f"main:{path}") + "\n" for path in BROKEN}})
    attempt = deployed.try_push("work")
    assert not attempt.done
    assert attempt.told == TOLD
    deployed.switch("work")
    attempt = deployed.try_push("good")
    assert attempt.done
    assert attempt.said == ""


def test_the_first_push_to_an_empty_remote(any_of_three: Models, tmp_path: Path) -> None:
    any_of_three.remote(tmp_path / "remote.git")
    any_of_three.unhooked(BROKEN)
    attempt = any_of_three.try_push("work")
    assert not attempt.done
    assert attempt.told == TOLD
    attempt = any_of_three.try_push("main")
    assert attempt.done
    assert attempt.said == ""


def test_the_deletion_of_a_remote_branch(deployed: Models) -> None:
    deployed.git("push", "--quiet", "--no-verify", "origin", "main:refs/heads/old")
    deployed.unhooked(BROKEN)
    attempt = deployed.try_push("--delete", "old")
    assert attempt.done
    assert attempt.said == ""
    assert deployed.git("ls-remote", "origin", "refs/heads/old") == ""


def test_a_push_of_nothing_new(deployed: Models) -> None:
    deployed.unhooked(BROKEN)
    attempt = deployed.try_push("main")
    assert attempt.done
    assert attempt.said == ""


def test_a_tag(deployed: Models) -> None:
    deployed.unhooked(BROKEN)
    deployed.git("tag", "--annotate", "--message", "A release", "v1")
    deployed.switch("main")
    attempt = deployed.try_push("v1")
    assert not attempt.done
    assert attempt.told == TOLD


def test_a_detached_head(deployed: Models) -> None:
    deployed.git("checkout", "--quiet", "--detach")
    deployed.unhooked(BROKEN)
    attempt = deployed.try_push("HEAD:refs/heads/detached")
    assert not attempt.done
    assert attempt.told == TOLD


def test_a_branch_that_was_rewritten(deployed: Models) -> None:
    deployed.unhooked(GOOD)
    deployed.git("push", "--quiet", "--no-verify", "origin", "work")
    deployed.git("reset", "--quiet", "--hard", "main")
    deployed.unhooked(BROKEN)
    attempt = deployed.try_push("--force", "work")
    assert not attempt.done
    assert attempt.told == TOLD


def test_what_the_work_tree_holds_besides_is_not_pushed(deployed: Models) -> None:
    deployed.unhooked(GOOD)
    deployed.write(BROKEN)
    attempt = deployed.try_push("work")
    assert attempt.done
    assert attempt.said == ""


def several(models: Models, remote: Path) -> Models:
    """Two branches to push, of which the second is broken."""
    models.remote(remote, "main")
    models.switch("a-good", create=True).unhooked(GOOD)
    models.switch("work").switch("b-broken", create=True).unhooked(BROKEN)
    return models.switch("main")


def test_of_several_refs_pre_commit_hands_on_the_first_alone(models: Models, tmp_path: Path) -> None:
    """A limit of pre-commit's: the pull request's gate sees the others."""
    attempt = several(models, tmp_path / "remote.git").try_push("a-good", "b-broken")
    assert attempt.done
    assert attempt.said == ""


def test_of_several_refs_the_plain_hook_judges_all(plain: Models, tmp_path: Path) -> None:
    attempt = several(plain, tmp_path / "remote.git").try_push("a-good", "b-broken")
    assert not attempt.done
    assert attempt.told == TOLD


def test_of_several_refs_one_is_deleted(plain: Models, tmp_path: Path) -> None:
    several(plain, tmp_path / "remote.git").git("push", "--quiet", "--no-verify", "origin", "b-broken")
    attempt = plain.try_push("a-good", ":b-broken")
    assert attempt.done
    assert attempt.said == ""


def by_hand(models: Models, *arguments: str, told: str | None = None) -> subprocess.CompletedProcess[str]:
    """`snitch check --pre-push` at a terminal, or told what a push tells."""
    command = [str(Path(sys.executable).parent / "snitch"), "check", "--pre-push", *arguments]
    if told is not None:
        return subprocess.run(command, cwd=models.path, capture_output=True, text=True, input=told, check=False)
    terminal, other = pty.openpty()
    try:
        return subprocess.run(command, cwd=models.path, capture_output=True, text=True, stdin=other, check=False)
    finally:
        os.close(terminal)
        os.close(other)


def test_at_a_terminal_it_judges_what_is_checked_out(plain: Models) -> None:
    assert by_hand(plain, "--quiet").returncode == 0
    plain.unhooked(BROKEN)
    done = by_hand(plain, "--quiet")
    assert done.returncode == 1
    assert TOLD[0] in done.stdout


def test_a_push_without_a_commit_says_that_nothing_was_judged(plain: Models) -> None:
    nothing = "0" * 40
    deletion = f"(delete) {nothing} refs/heads/old {plain.rev('HEAD')}\n"
    for told in ("", deletion):
        done = by_hand(plain, told=told)
        assert (done.returncode, done.stdout) == (0, "passed: nothing is pushed that could be judged\n")
        assert by_hand(plain, "--quiet", told=told).stdout == ""


def test_a_push_told_in_other_words_is_refused(plain: Models) -> None:
    done = by_hand(plain, "--quiet", told="main\n")
    assert done.returncode == 2
    assert "pre-push hook" in done.stderr
