"""The hook `snitch` at commits, as pre-commit installs and runs it from a git URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hooks.hooked import AHEAD, BROKEN, CARD, GOOD, POLICY, TOLD, UNEVALUATED, Models
from tests.judging import MANIFEST

AWAY = "models/churn/params.yaml"


@pytest.fixture(params=["models", "prekked", "plain"], ids=["pre-commit", "prek", "plain"])
def any_of_three(request: pytest.FixtureRequest) -> Models:
    """The repository with the hooks as each of the three installs them."""
    found: Models = request.getfixturevalue(request.param)
    return found


def test_a_good_commit_hears_nothing(any_of_three: Models) -> None:
    attempt = any_of_three.write(GOOD).stage().try_commit()
    assert attempt.done
    assert attempt.said == ""


def test_a_commit_without_a_model_hears_nothing(any_of_three: Models) -> None:
    attempt = any_of_three.write({"docs/guide.md": "Read the cards.\n"}).stage().try_commit()
    assert attempt.done
    assert attempt.said == ""


def test_a_broken_model_is_stopped_and_told(any_of_three: Models) -> None:
    before = any_of_three.rev("HEAD")
    attempt = any_of_three.write(BROKEN).stage().try_commit()
    assert not attempt.done
    assert attempt.told == TOLD
    assert "absent.yaml" in attempt.said
    assert f"{MANIFEST}:" in attempt.said
    assert any_of_three.rev("HEAD") == before


def test_work_in_progress_is_told_and_not_stopped(any_of_three: Models) -> None:
    """A deletion alone: no file that is there differs."""
    attempt = any_of_three.remove(UNEVALUATED).stage().try_commit()
    assert attempt.done
    assert attempt.told == AHEAD
    assert "will block the pull request" in attempt.said


def test_what_is_broken_by_a_deletion_alone_is_stopped(any_of_three: Models) -> None:
    attempt = any_of_three.remove(AWAY).stage().try_commit()
    assert not attempt.done
    assert attempt.told == TOLD


def test_commit_all(any_of_three: Models) -> None:
    attempt = any_of_three.write(BROKEN).try_commit("--all")
    assert not attempt.done
    assert attempt.told == TOLD


def test_commit_all_of_a_good_change(any_of_three: Models) -> None:
    attempt = any_of_three.write(GOOD).try_commit("--all")
    assert attempt.done
    assert attempt.said == ""


def test_commit_of_a_path_is_judged_by_that_path(any_of_three: Models) -> None:
    attempt = any_of_three.write(BROKEN).try_commit("--", MANIFEST)
    assert not attempt.done
    assert attempt.told == TOLD


def test_commit_of_a_path_leaves_the_rest_of_the_index_alone(models: Models) -> None:
    models.write(BROKEN).stage().write(GOOD)
    attempt = models.try_commit("--", CARD)
    assert attempt.done
    assert attempt.said == ""


def test_broken_in_the_index_mended_in_the_work_tree(models: Models) -> None:
    mended = models.text(MANIFEST)
    attempt = models.write(BROKEN).stage().write({MANIFEST: mended}).try_commit()
    assert not attempt.done
    assert attempt.told == TOLD
    assert models.text(MANIFEST) == mended


def test_good_in_the_index_broken_in_the_work_tree(models: Models) -> None:
    attempt = models.write(GOOD).stage().write(BROKEN).try_commit()
    assert attempt.done
    assert attempt.said == ""
    assert models.text(MANIFEST) == BROKEN[MANIFEST]


def test_an_amendment_that_breaks(models: Models) -> None:
    models.unhooked(GOOD)
    attempt = models.write(BROKEN).stage().try_commit("--amend")
    assert not attempt.done
    assert attempt.told == TOLD


def test_an_amendment_that_mends(models: Models) -> None:
    mended = models.text(MANIFEST)
    models.unhooked({**BROKEN, **GOOD})
    attempt = models.write({MANIFEST: mended}).stage().try_commit("--amend")
    assert attempt.done
    assert attempt.said == ""


def test_from_a_folder_of_the_model(models: Models) -> None:
    models.write(BROKEN).stage()
    attempt = models.attempt("-C", "models/churn", "commit", "--quiet", "--message", "x")
    assert not attempt.done
    assert attempt.told == TOLD


def diverged(models: Models, files: dict[str, bytes | str]) -> Models:
    """A branch `theirs` that commits the files, and a commit of another file on the checked-out one."""
    models.switch("theirs", create=True).unhooked(files)
    models.switch("work").unhooked({"docs/guide.md": "Read the cards.\n"})
    return models


def test_a_clean_merge_of_a_broken_model(any_of_three: Models) -> None:
    attempt = diverged(any_of_three, BROKEN).attempt("merge", "--quiet", "--no-edit", "theirs")
    assert not attempt.done
    assert attempt.told == TOLD


def test_a_clean_merge_of_a_good_model(any_of_three: Models) -> None:
    attempt = diverged(any_of_three, GOOD).attempt("merge", "--quiet", "--no-edit", "theirs")
    assert attempt.done
    assert attempt.said == ""
    assert any_of_three.text(CARD) == GOOD[CARD]


def conflicted(models: Models) -> Models:
    """A merge that stopped at the card, of which any_of_three side has its own."""
    models.switch("theirs", create=True).unhooked({CARD: models.text(CARD).replace("summer", "winter"), "note": "x\n"})
    models.switch("work").unhooked({CARD: models.text(CARD).replace("summer", "spring")})
    assert not models.attempt("merge", "--quiet", "theirs").done
    return models.write(GOOD)


def test_a_conflicted_merge_resolved_well(models: Models) -> None:
    attempt = conflicted(models).stage().try_commit()
    assert attempt.done
    assert attempt.said == ""


def test_a_conflicted_merge_resolved_badly(models: Models) -> None:
    attempt = conflicted(models).write(BROKEN).stage().try_commit()
    assert not attempt.done
    assert attempt.told == TOLD


def test_an_unborn_branch(models: Models) -> None:
    """Everything is new there, and nothing yet that the change could edit."""
    models.git("checkout", "--quiet", "--orphan", "new")
    attempt = models.write(BROKEN).stage().try_commit()
    assert not attempt.done
    assert attempt.told == TOLD
    attempt = models.write({MANIFEST: models.git("show", f"main:{MANIFEST}") + "\n"}).stage().try_commit()
    assert attempt.done
    assert not attempt.told


def test_a_linked_worktree(models: Models, tmp_path: Path) -> None:
    models.worktree(tmp_path / "linked", "linked")
    linked = Models(tmp_path / "linked")
    linked.settings = models.settings
    attempt = linked.write(BROKEN).stage().try_commit()
    assert not attempt.done
    assert attempt.told == TOLD
    linked.git("checkout", "--quiet", "HEAD", "--", ".")
    attempt = linked.write(GOOD).stage().try_commit()
    assert attempt.done
    assert attempt.said == ""


def test_a_detached_head(models: Models) -> None:
    models.git("checkout", "--quiet", "--detach")
    attempt = models.write(BROKEN).stage().try_commit()
    assert not attempt.done
    assert attempt.told == TOLD


def test_without_the_deployed_branch_the_hook_says_so_and_goes_on(models: Models) -> None:
    models.git("branch", "--delete", "--force", "main")
    attempt = models.write(GOOD).stage().try_commit()
    assert attempt.done
    assert attempt.told == []
    assert "the deployed branch `main` is not in this clone" in attempt.said


def test_a_policy_that_is_not_valid_stops_and_is_told(any_of_three: Models) -> None:
    attempt = any_of_three.write({"snitch.yaml": POLICY + "enviroments: {}\n"}).stage().try_commit()
    assert not attempt.done
    assert "snitch.yaml:3:1" in attempt.said
    assert "environments" in attempt.said


def test_an_edit_of_the_gate_is_told(any_of_three: Models) -> None:
    attempt = any_of_three.write({"snitch.yaml": POLICY + "remote: upstream\n"}).stage().try_commit()
    assert attempt.done
    assert attempt.told == ["warning[POL001]"]
