"""Which client a request gets."""

from __future__ import annotations

import pytest

from snitch.cli.faults import explain_fault
from snitch.forge.errors import ForgeError
from snitch.forge.github import GitHub
from snitch.forge.gitlab import GitLab
from snitch.forge.opening import forge_of
from snitch.forge.request import UnresolvedRequest
from snitch.forge.token import Token
from tests.forge.ci import event, found, github, gitlab, request

TOKEN = Token("s3cret", "SNITCH_TOKEN")


def test_github() -> None:
    assert isinstance(forge_of(request(github("push"), event("push")), TOKEN), GitHub)


def test_github_where_the_request_is_yet_to_be_found() -> None:
    asked = found(github("workflow_run"), event("workflow_run"))
    assert isinstance(asked, UnresolvedRequest)
    assert isinstance(forge_of(asked, TOKEN), GitHub)


def test_gitlab() -> None:
    assert isinstance(forge_of(request(gitlab()), TOKEN), GitLab)


@pytest.mark.parametrize(
    ("environ", "data", "advice"),
    [
        (github("push"), event("push"), "Give the step `env: GITHUB_TOKEN: ${{ github.token }}`"),
        (gitlab(), None, "Set `GITLAB_TOKEN`, masked, to a token of the project"),
    ],
)
def test_without_a_token(environ: dict[str, str], data: object, advice: str) -> None:
    with pytest.raises(ForgeError) as caught:
        forge_of(request(environ, data), None)
    assert caught.value.kind == "unauthorized" and caught.value.advice.startswith(advice)


def test_what_a_forge_does_not_tell_is_inconclusive() -> None:
    error = ForgeError("GitHub cannot be reached", "Try again later", kind="unreachable")
    assert explain_fault(error) == ("GitHub cannot be reached. Try again later", 3)
