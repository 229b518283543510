"""Where a token may be, and that it is not told."""

from __future__ import annotations

import copy
import pickle
import re
import traceback

import pytest

from snitch.forge.request import ForgeKind, InvalidEvent
from snitch.forge.token import Token, token_of, token_variables

SECRET = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"


@pytest.mark.parametrize(
    ("forge", "variables", "used"),
    [
        ("github", ["SNITCH_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"], "SNITCH_TOKEN"),
        ("github", ["GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN"], "GITHUB_TOKEN"),
        ("github", ["GH_TOKEN"], "GH_TOKEN"),
        ("gitlab", ["SNITCH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN"], "SNITCH_TOKEN"),
        ("gitlab", ["GITLAB_TOKEN", "CI_JOB_TOKEN", "GITHUB_TOKEN"], "GITLAB_TOKEN"),
        ("gitlab", ["CI_JOB_TOKEN"], "CI_JOB_TOKEN"),
    ],
)
def test_which_variable_counts(forge: ForgeKind, variables: list[str], used: str) -> None:
    token = token_of({name: f"{name}-value" for name in variables}, forge)
    assert token is not None
    assert (token.variable, token.value) == (used, f"{used}-value")
    assert token.is_of_job == (used == "CI_JOB_TOKEN")


@pytest.mark.parametrize(
    ("forge", "environ"),
    [
        ("github", {}),
        ("github", {"GITHUB_TOKEN": ""}),
        ("github", {"GITHUB_TOKEN": " \n"}),
        ("github", {"GITLAB_TOKEN": SECRET, "CI_JOB_TOKEN": SECRET}),
        ("gitlab", {"GITHUB_TOKEN": SECRET, "GH_TOKEN": SECRET}),
    ],
)
def test_a_token_of_one_forge_is_never_sent_to_the_other(forge: ForgeKind, environ: dict[str, str]) -> None:
    assert token_of(environ, forge) is None


def test_an_empty_variable_is_passed_over() -> None:
    token = token_of({"SNITCH_TOKEN": "", "GITHUB_TOKEN": SECRET}, "github")
    assert token is not None and token.variable == "GITHUB_TOKEN"


def test_the_line_end_that_a_secret_was_saved_with_is_none_of_it() -> None:
    token = token_of({"GITHUB_TOKEN": f"{SECRET}\n"}, "github")
    assert token is not None and token.value == SECRET


@pytest.mark.parametrize("value", [f"{SECRET}\r\nX-Evil: 1", f"{SECRET} x", f"{SECRET}\x00", f"{SECRET}é"])
def test_what_no_header_could_hold_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(InvalidEvent, match=r"^GITHUB_TOKEN: holds white space or characters") as raised:
        token_of({"GITHUB_TOKEN": value}, "github")
    assert SECRET not in str(raised.value) and SECRET not in repr(raised.value)


def test_a_token_is_not_told() -> None:
    token = Token(SECRET, "GITHUB_TOKEN")
    told = [repr(token), str(token), f"{token}", f"{token!r}", f"{[token]}", repr({"token": token})]
    told += traceback.format_exception_only(ValueError(token))
    assert not any(SECRET in each for each in told)
    assert told[0] == "<the token in GITHUB_TOKEN>"


def test_a_token_is_not_stored() -> None:
    with pytest.raises(TypeError, match="not to be stored"):
        pickle.dumps(Token(SECRET, "GITHUB_TOKEN"))
    with pytest.raises(TypeError, match="not to be stored"):
        copy.copy(Token(SECRET, "GITHUB_TOKEN"))


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_every_variable_that_is_named_holds_a_token_and_a_job_s_own_is_not_asked_for(forge: ForgeKind) -> None:
    named = re.findall(r"\w+_TOKEN", token_variables(forge))
    assert len(named) > 1 and "CI_JOB_TOKEN" not in named
    for variable in named:
        token = token_of({variable: SECRET}, forge)
        assert token is not None and token.variable == variable
