"""GitHub's events: each is the documented payload, less what nobody here reads."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snitch.documents.problems import MAX_BYTES
from snitch.forge.discovery import find_request
from snitch.forge.request import InvalidEvent, Request, UnresolvedRequest
from tests.forge.ci import BASE, EVENTS, HEAD, MERGED, ZEROS, event, found, github, reader, request


def changed(name: str, pointer: str, value: object) -> dict[str, Any]:
    """An event in which one value is another, or gone (`...`)."""
    data = event(name)
    *parents, key = pointer.split("/")[1:]
    place = data
    for parent in parents:
        place = place[int(parent)] if isinstance(place, list) else place[parent]
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return data


class TestPullRequest:
    def test_what_is_asked(self) -> None:
        assert request(github("pull_request_target"), event("pull_request")) == Request(
            forge="github",
            event="pull_request_target",
            repository="acme/models",
            server="https://github.com",
            api="https://api.github.com",
            git_url="https://github.com/acme/models.git",
            target="main",
            head=HEAD,
            head_ref="refs/pull/7/head",
            base=None,
            number=7,
            author="ada",
            run_url="https://github.com/acme/models/actions/runs/6002",
        )

    def test_a_run_that_is_repeated_has_a_page_of_its_own(self) -> None:
        environ = github("pull_request_target", GITHUB_RUN_ATTEMPT="3")
        page = "https://github.com/acme/models/actions/runs/6002/attempts/3"
        assert request(environ, event("pull_request")).run_url == page
        assert request({**environ, "GITHUB_RUN_ID": ""}, event("pull_request")).run_url == ""

    def test_the_head_is_never_the_merge_commit_that_github_made(self) -> None:
        environ = github("pull_request")
        assert environ["GITHUB_SHA"] == MERGED
        assert request(environ, event("pull_request")).head == HEAD

    def test_the_base_of_the_event_is_frozen_and_not_used(self) -> None:
        assert event("pull_request")["pull_request"]["base"]["sha"] == BASE
        assert request(github("pull_request"), event("pull_request")).base is None

    def test_an_enterprise_server(self) -> None:
        environ = github(
            "pull_request_target",
            GITHUB_SERVER_URL="https://github.acme.example:8443/",
            GITHUB_API_URL="https://github.acme.example:8443/api/v3",
        )
        asked = request(environ, event("pull_request"))
        assert asked.api == "https://github.acme.example:8443/api/v3"
        assert asked.git_url == "https://github.acme.example:8443/acme/models.git"

    def test_a_fork(self) -> None:
        asked = request(github("pull_request_target"), event("pull_request_fork"))
        assert asked.author == "mallory"
        assert asked.head_ref == "refs/pull/8/head"

    def test_a_fork_that_was_deleted_since(self) -> None:
        data = changed("pull_request_fork", "/pull_request/head/repo", None)
        assert request(github("pull_request"), data).is_read_only

    def test_the_case_of_a_name_makes_no_fork(self) -> None:
        data = changed("pull_request", "/pull_request/head/repo/full_name", "Acme/Models")
        assert not request(github("pull_request"), data).is_read_only

    def test_an_author_whose_account_is_gone(self) -> None:
        data = changed("pull_request", "/pull_request/user", None)
        assert request(github("pull_request_target"), data).author is None

    def test_a_review_asks_for_the_same(self) -> None:
        asked = request(github("pull_request_review"), event("pull_request_review"))
        assert (asked.number, asked.head, asked.author, asked.target) == (7, HEAD, "ada", "main")

    def test_sha_256(self) -> None:
        data = changed("pull_request", "/pull_request/head/sha", "ab" * 32)
        assert request(github("pull_request_target"), data).head == "ab" * 32

    def test_a_request_to_another_repository(self) -> None:
        data = changed("pull_request", "/pull_request/base/repo/full_name", "mallory/models")
        with pytest.raises(InvalidEvent, match="'mallory/models' is not GITHUB_REPOSITORY, 'acme/models'"):
            found(github("pull_request_target"), data)


class TestWhoMayEditTheWorkflow:
    @pytest.mark.parametrize(
        ("name", "file", "advisory"),
        [
            ("pull_request", "pull_request", True),
            ("pull_request_review", "pull_request_review", True),
            ("pull_request_target", "pull_request", False),
            ("merge_group", "merge_group", False),
            ("push", "push", True),
        ],
    )
    def test_by_event(self, name: str, file: str, advisory: bool) -> None:
        assert request(github(name), event(file)).is_advisory is advisory

    def test_nobody_edits_a_workflow_of_another_repository(self) -> None:
        workflow = "acme/required/.github/workflows/gate.yml@refs/heads/main"
        asked = request(github("pull_request", GITHUB_WORKFLOW_REF=workflow), event("pull_request"))
        assert not asked.is_advisory

    def test_a_workflow_of_a_repository_whose_name_begins_alike_is_another(self) -> None:
        workflow = "acme/models-ci/.github/workflows/gate.yml@refs/heads/main"
        assert not request(github("pull_request", GITHUB_WORKFLOW_REF=workflow), event("pull_request")).is_advisory

    def test_the_case_of_a_name_makes_no_other_repository(self) -> None:
        workflow = "Acme/Models/.github/workflows/gate.yml@refs/pull/7/merge"
        assert request(github("pull_request", GITHUB_WORKFLOW_REF=workflow), event("pull_request")).is_advisory

    def test_a_workflow_from_nobody_knows_where(self) -> None:
        assert request(github("pull_request", GITHUB_WORKFLOW_REF=""), event("pull_request")).is_advisory


class TestWhoMayOnlyRead:
    @pytest.mark.parametrize(
        ("name", "file", "actor", "read_only"),
        [
            ("pull_request", "pull_request", "ada", False),
            ("pull_request", "pull_request_fork", "mallory", True),
            ("pull_request", "pull_request_dependabot", "dependabot[bot]", True),
            ("pull_request", "pull_request_dependabot", "ada", False),
            ("pull_request_target", "pull_request_fork", "mallory", False),
        ],
    )
    def test_by_event(self, name: str, file: str, actor: str, read_only: bool) -> None:
        assert request(github(name, GITHUB_ACTOR=actor), event(file)).is_read_only is read_only


class TestMergeGroup:
    def test_what_is_asked(self) -> None:
        asked = request(github("merge_group"), event("merge_group"))
        assert (asked.target, asked.head, asked.base, asked.number) == ("main", HEAD, BASE, 12)
        assert asked.head_ref == f"refs/heads/gh-readonly-queue/main/pr-12-{BASE}"
        assert asked.author is None

    def test_the_target_may_hold_slashes(self) -> None:
        data = changed("merge_group", "/merge_group/base_ref", "refs/heads/release/1.x")
        data["merge_group"]["head_ref"] = f"refs/heads/gh-readonly-queue/release/1.x/pr-13-{BASE}"
        asked = request(github("merge_group"), data)
        assert (asked.target, asked.number) == ("release/1.x", 13)

    @pytest.mark.parametrize(
        "ref", ["refs/heads/queue/main/pr-12-abc", f"refs/heads/gh-readonly-queue/dev/pr-12-{BASE}"]
    )
    def test_a_branch_of_another_form_names_no_request(self, ref: str) -> None:
        assert request(github("merge_group"), changed("merge_group", "/merge_group/head_ref", ref)).number is None

    def test_a_dot_in_the_target_is_a_dot(self) -> None:
        data = changed("merge_group", "/merge_group/base_ref", "refs/heads/release/1.x")
        data["merge_group"]["head_ref"] = f"refs/heads/gh-readonly-queue/release/1yx/pr-13-{BASE}"
        assert request(github("merge_group"), data).number is None

    def test_an_entry_that_left_the_queue(self) -> None:
        assert found(github("merge_group"), changed("merge_group", "/action", "destroyed")) is None

    def test_without_its_base_nothing_is_known(self) -> None:
        with pytest.raises(
            InvalidEvent, match=r"^GITHUB_EVENT_PATH \(the event file\): /merge_group/base_sha is missing$"
        ):
            found(github("merge_group"), changed("merge_group", "/merge_group/base_sha", ...))

    @pytest.mark.parametrize("key", ["base_ref", "head_ref"])
    def test_a_tag_is_no_branch(self, key: str) -> None:
        with pytest.raises(InvalidEvent, match=f"/merge_group/{key} is not the full ref of a branch"):
            found(github("merge_group"), changed("merge_group", f"/merge_group/{key}", "refs/tags/main"))


class TestPush:
    def test_what_is_asked(self) -> None:
        asked = request(github("push"), event("push"))
        assert (asked.target, asked.head, asked.base) == ("main", HEAD, BASE)
        assert (asked.head_ref, asked.number, asked.author) == ("refs/heads/main", None, None)

    def test_a_new_branch_has_no_base(self) -> None:
        assert request(github("push"), changed("push", "/before", ZEROS)).base is None

    @pytest.mark.parametrize(
        ("pointer", "value"),
        [("/after", ZEROS), ("/deleted", True), ("/ref", "refs/tags/v1"), ("/ref", "refs/tags/main")],
    )
    def test_what_is_no_request(self, pointer: str, value: object) -> None:
        assert found(github("push"), changed("push", pointer, value)) is None


class TestWorkflowRun:
    def test_what_is_known(self) -> None:
        assert found(github("workflow_run"), event("workflow_run")) == UnresolvedRequest(
            forge="github",
            event="workflow_run",
            repository="acme/models",
            server="https://github.com",
            api="https://api.github.com",
            git_url="https://github.com/acme/models.git",
            head=HEAD,
            head_branch="retrain-churn",
            head_repository="acme/models",
            numbers=(7,),
            run_url="https://github.com/acme/models/actions/runs/6002",
        )

    def test_requests_to_other_repositories_are_none_of_ours(self) -> None:
        named = event("workflow_run")["workflow_run"]["pull_requests"]
        assert [each["number"] for each in named] == [7, 2]
        asked = found(github("workflow_run"), event("workflow_run"))
        assert isinstance(asked, UnresolvedRequest) and asked.numbers == (7,)

    def test_of_a_fork_no_request_is_named(self) -> None:
        asked = found(github("workflow_run"), event("workflow_run_fork"))
        assert isinstance(asked, UnresolvedRequest)
        assert (asked.head_repository, asked.head_branch, asked.numbers) == ("mallory/models", "patch-1", ())

    def test_a_fork_that_was_deleted_since(self) -> None:
        asked = found(github("workflow_run"), changed("workflow_run_fork", "/workflow_run/head_repository", None))
        assert isinstance(asked, UnresolvedRequest) and asked.head_repository is None

    @pytest.mark.parametrize("cause", ["push", "schedule", "workflow_dispatch", "merge_group"])
    def test_a_run_that_no_request_set_off(self, cause: str) -> None:
        assert found(github("workflow_run"), changed("workflow_run", "/workflow_run/event", cause)) is None


class TestWhatIsNotAsItShouldBe:
    @pytest.mark.parametrize("name", ["issue_comment", "workflow_dispatch", "schedule", "Pull_Request"])
    def test_events_that_are_not_about_merging(self, name: str) -> None:
        with pytest.raises(InvalidEvent, match=f"GITHUB_EVENT_NAME: `{name}` is not about merging. Run"):
            found(github(name), event("issue_comment"))

    @pytest.mark.parametrize(
        "variable",
        ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "GITHUB_API_URL"],
    )
    def test_a_variable_that_is_not_set(self, variable: str) -> None:
        with pytest.raises(InvalidEvent, match=f"^{variable} is not set"):
            found(github("pull_request_target", **{variable: ""}), event("pull_request"))

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("GITHUB_REPOSITORY", "models"),
            ("GITHUB_REPOSITORY", "acme/models/../../x"),
            ("GITHUB_REPOSITORY", "acme/.."),
            ("GITHUB_API_URL", "ftp://api.github.com"),
            ("GITHUB_API_URL", "https://ada:secret@api.github.com"),
            ("GITHUB_API_URL", "https://api.github.com?x=1"),
            ("GITHUB_SERVER_URL", "https://github.com\n"),
            ("GITHUB_RUN_ID", "12/../../x"),
            ("GITHUB_RUN_ID", "١"),
            ("GITHUB_RUN_ATTEMPT", "1/../../x"),
        ],
    )
    def test_a_variable_that_is_something_else(self, variable: str, value: str) -> None:
        with pytest.raises(InvalidEvent, match=f"^{variable}: "):
            found(github("pull_request_target", **{variable: value}), event("pull_request"))

    @pytest.mark.parametrize(
        ("name", "pointer", "value"),
        [
            ("pull_request", "/pull_request", ...),
            ("pull_request", "/pull_request", []),
            ("pull_request", "/pull_request/number", "7"),
            ("pull_request", "/pull_request/number", True),
            ("pull_request", "/pull_request/number", 7.0),
            ("pull_request", "/pull_request/number", 0),
            ("pull_request", "/pull_request/number", -7),
            ("pull_request", "/pull_request/number", 10**4000),
            ("pull_request", "/pull_request/user", "ada"),
            ("pull_request", "/pull_request/user/login", 7),
            ("pull_request", "/pull_request/head", None),
            ("pull_request", "/pull_request/head/repo", "acme/models"),
            ("pull_request", "/pull_request/head/sha", HEAD[:7]),
            ("pull_request", "/pull_request/head/sha", HEAD.upper()),
            ("pull_request", "/pull_request/head/sha", ZEROS),
            ("pull_request", "/pull_request/head/sha", "--upload-pack=x"),
            ("pull_request", "/pull_request/base/ref", "--upload-pack=x"),
            ("pull_request", "/pull_request/base/ref", "main:refs/heads/x"),
            ("pull_request", "/pull_request/base/ref", "a..b"),
            ("pull_request", "/pull_request/base/ref", ""),
            ("pull_request", "/pull_request/base/ref", "HEAD"),
            ("push", "/after", "main"),
            ("push", "/before", ""),
            ("push", "/deleted", "no"),
            ("push", "/ref", "refs/heads/-x"),
            ("workflow_run", "/workflow_run/head_branch", None),
            ("workflow_run", "/workflow_run/pull_requests", {}),
            ("workflow_run", "/workflow_run/pull_requests", [7]),
            ("workflow_run", "/workflow_run/pull_requests/0/number", "7"),
            ("workflow_run", "/repository/id", None),
            ("workflow_run", "/workflow_run/head_repository/full_name", "mallory"),
        ],
    )
    def test_the_error_names_the_place(self, name: str, pointer: str, value: object) -> None:
        with pytest.raises(InvalidEvent) as raised:
            found(github(name), changed(name, pointer, value))
        assert raised.value.where == pointer

    def test_a_file_that_is_not_there(self) -> None:
        def read(path: str) -> bytes:
            raise FileNotFoundError(2, "No such file or directory")

        with pytest.raises(InvalidEvent, match=r"^GITHUB_EVENT_PATH: '/home.+' cannot be read: .+No such"):
            find_request(github("pull_request"), read)

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"", "is not valid JSON"),
            (b"[]", "does not hold an object"),
            (b'{"a": 1, "a": 2}', r"is not valid: duplicate key `a` \(line 1, column 10\)"),
            (b"\xff{}", "is not UTF-8 text"),
            (b"[" * 5000, "is nested deeper"),
            (b" " * (MAX_BYTES + 1), "is .* bytes; the limit is"),
        ],
    )
    def test_a_file_that_is_no_event(self, content: bytes, told: str) -> None:
        with pytest.raises(InvalidEvent, match=f"^GITHUB_EVENT_PATH: the event file {told}"):
            find_request(github("pull_request"), reader(content))

    @pytest.mark.parametrize("name", ["push", "merge_group", "workflow_run"])
    def test_an_event_of_another_repository(self, name: str) -> None:
        with pytest.raises(
            InvalidEvent, match=r"file\): /repository/full_name: 'mallory/models' is not GITHUB_REPOSITORY"
        ):
            found(github(name), changed(name, "/repository/full_name", "mallory/models"))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    members: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    return [path, *(place for key, each in members for place in places(each, (*path, key)))]


KINDS = [
    ("pull_request_target", "pull_request"),
    ("pull_request", "pull_request_fork"),
    ("pull_request_review", "pull_request_review"),
    ("merge_group", "merge_group"),
    ("push", "push"),
    ("workflow_run", "workflow_run"),
]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), kind=st.sampled_from(KINDS), value=VALUES)
def test_no_event_file_makes_a_traceback(data: st.DataObject, kind: tuple[str, str], value: object) -> None:
    name, file = kind
    changed_event = copy.deepcopy(event(file))
    place = data.draw(st.sampled_from(places(changed_event)[1:]))
    parent: Any = changed_event
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = value
    try:
        asked = find_request(github(name), reader(json.dumps(changed_event).encode()))
    except InvalidEvent:
        return
    assert asked is None or isinstance(asked, (Request, UnresolvedRequest))


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from([kind for kind, _ in KINDS]),
    content=st.binary() | VALUES.map(lambda v: json.dumps(v).encode()),
)
def test_no_content_makes_a_traceback(name: str, content: bytes) -> None:
    with pytest.raises(InvalidEvent):
        find_request(github(name), reader(content))


def test_every_event_here_is_used() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert not [path.stem for path in EVENTS.iterdir() if f'"{path.stem}"' not in text]
