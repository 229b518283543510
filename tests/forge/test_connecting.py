"""Which client a request gets."""

from __future__ import annotations

from snitch.cli.faults import explain_fault
from snitch.forge.connecting import connect
from snitch.forge.errors import ForgeError
from snitch.forge.github import GitHub
from snitch.forge.gitlab import GitLab
from snitch.forge.request import UnresolvedRequest
from snitch.forge.token import Token
from tests.forge.ci import event, found, github, gitlab, request

TOKEN = Token("s3cret", "SNITCH_TOKEN")


def test_github() -> None:
    assert isinstance(connect(request(github("push"), event("push")), TOKEN), GitHub)


def test_github_where_the_request_is_yet_to_be_found() -> None:
    asked = found(github("workflow_run"), event("workflow_run"))
    assert isinstance(asked, UnresolvedRequest)
    assert isinstance(connect(asked, TOKEN), GitHub)


def test_gitlab() -> None:
    assert isinstance(connect(request(gitlab()), TOKEN), GitLab)


def test_what_a_forge_does_not_tell_is_inconclusive() -> None:
    error = ForgeError("GitHub cannot be reached", "Try again later", kind="unreachable")
    assert explain_fault(error) == ("GitHub cannot be reached. Try again later", 3)
