"""Merge requests as GitLab's predefined variables tell of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snitch.forge.discovery import find_request
from snitch.forge.request import InvalidEvent, Request
from tests.forge.ci import BASE, HEAD, MERGED, found, gitlab, request


def merged(kind: str, **more: str) -> dict[str, str]:
    """A pipeline that runs on what GitLab made of both branches."""
    return gitlab(
        CI_MERGE_REQUEST_EVENT_TYPE=kind,
        CI_COMMIT_SHA=MERGED,
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=HEAD,
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA=BASE,
        **more,
    )


def pushed(**more: str) -> dict[str, str]:
    return gitlab(
        CI_MERGE_REQUEST_IID="",
        CI_COMMIT_BRANCH="main",
        CI_COMMIT_BEFORE_SHA=BASE,
        CI_COMMIT_REF_PROTECTED="true",
        **{"CI_PIPELINE_SOURCE": "push", **more},
    )


class TestMergeRequest:
    def test_what_is_asked(self) -> None:
        assert request(gitlab()) == Request(
            forge="gitlab",
            event="merge_request",
            repository="3001",
            server="https://gitlab.example.com",
            api="https://gitlab.example.com/api/v4",
            git_url="https://gitlab.example.com/acme/models.git",
            target="main",
            head=HEAD,
            head_ref="refs/merge-requests/7/head",
            number=7,
            author=None,
            is_advisory=True,
            run_url="https://gitlab.example.com/acme/models/-/jobs/6003",
        )

    @pytest.mark.parametrize("variables", [gitlab, pushed])
    def test_the_authority_that_the_runner_trusts(self, variables: Callable[..., dict[str, str]]) -> None:
        file = "/builds/acme/models.tmp/CI_SERVER_TLS_CA_FILE"
        assert request(variables(CI_SERVER_TLS_CA_FILE=file)).authorities == file
        assert request(variables()).authorities == ""

    def test_who_ran_the_pipeline_is_not_the_author(self) -> None:
        assert gitlab()["GITLAB_USER_LOGIN"] == "grace"
        assert request(gitlab()).author is None

    def test_merged_results_run_on_another_commit_than_the_head(self) -> None:
        asked = request(merged("merged_result"))
        assert (asked.event, asked.head, asked.base) == ("merge_request", HEAD, None)

    def test_a_merge_train_is_measured_from_what_goes_before(self) -> None:
        asked = request(merged("merge_train", CI_MERGE_REQUEST_REF_PATH="refs/merge-requests/7/train"))
        assert (asked.event, asked.head, asked.base, asked.number) == ("merge_train", HEAD, BASE, 7)
        assert asked.head_ref == "refs/merge-requests/7/head"

    @pytest.mark.parametrize("kind", ["merged_result", "merge_train"])
    def test_a_merge_commit_is_never_taken_for_the_head(self, kind: str) -> None:
        environ = {**merged(kind), "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": ""}
        with pytest.raises(InvalidEvent, match=r"^CI_MERGE_REQUEST_SOURCE_BRANCH_SHA is not set in a pipeline of type"):
            found(environ)

    def test_a_servers_own_port_and_path(self) -> None:
        asked = request(gitlab(CI_SERVER_URL="http://git.acme.example:8080/gitlab"))
        assert asked.server == "http://git.acme.example:8080/gitlab"


class TestForks:
    def test_the_pipeline_of_a_fork_in_the_targets_project(self) -> None:
        asked = request(gitlab(CI_MERGE_REQUEST_SOURCE_PROJECT_ID="3002"))
        assert not asked.is_read_only and asked.is_advisory

    def test_the_pipeline_of_a_fork_in_the_fork(self) -> None:
        asked = request(gitlab(CI_MERGE_REQUEST_SOURCE_PROJECT_ID="3002", CI_PROJECT_ID="3002"))
        assert asked.is_read_only
        assert (asked.repository, asked.git_url) == ("3001", "https://gitlab.example.com/acme/models.git")

    def test_a_source_that_was_deleted_since(self) -> None:
        assert request(gitlab(CI_MERGE_REQUEST_SOURCE_PROJECT_ID="")) == request(gitlab())


class TestWhoMayEditThePipeline:
    @pytest.mark.parametrize(
        ("path", "advisory"),
        [
            ("", True),
            (".gitlab-ci.yml", True),
            ("ci/gate.yml", True),
            ("gate.yml@acme/ci", False),
            ("gate.yml@acme/ci:stable", False),
            ("https://ci.acme.example/gate.yml", False),
        ],
    )
    def test_by_where_the_configuration_lies(self, path: str, advisory: bool) -> None:
        assert request(gitlab(CI_CONFIG_PATH=path)).is_advisory is advisory

    def test_the_setting_of_a_fork_is_the_forks(self) -> None:
        fork = {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "3002", "CI_PROJECT_ID": "3002"}
        assert request(gitlab(CI_CONFIG_PATH="gate.yml@mallory/ci", **fork)).is_advisory

    @pytest.mark.parametrize(("protected", "advisory"), [("true", False), ("false", True), ("", True)])
    def test_of_a_push_by_whether_the_branch_is_protected(self, protected: str, advisory: bool) -> None:
        assert request({**pushed(), "CI_COMMIT_REF_PROTECTED": protected}).is_advisory is advisory


class TestPush:
    def test_what_is_asked(self) -> None:
        asked = request(pushed())
        assert (asked.event, asked.target, asked.head, asked.base) == ("push", "main", HEAD, BASE)
        assert (asked.head_ref, asked.number) == ("refs/heads/main", None)

    def test_a_new_branch_has_no_base(self) -> None:
        assert request({**pushed(), "CI_COMMIT_BEFORE_SHA": "0" * 40}).base is None

    @pytest.mark.parametrize("source", ["schedule", "web", "api", "trigger", "pipeline", "external_pull_request_event"])
    def test_pipelines_that_are_not_about_merging(self, source: str) -> None:
        assert found(pushed(CI_PIPELINE_SOURCE=source)) is None

    def test_a_tag(self) -> None:
        assert found({**pushed(), "CI_COMMIT_BRANCH": "", "CI_COMMIT_TAG": "v1"}) is None


NEEDED = [
    "CI_API_V4_URL",
    "CI_COMMIT_SHA",
    "CI_MERGE_REQUEST_PROJECT_ID",
    "CI_MERGE_REQUEST_PROJECT_URL",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CI_PROJECT_ID",
    "CI_SERVER_URL",
]


@pytest.mark.parametrize("variable", NEEDED)
def test_a_variable_that_is_not_set(variable: str) -> None:
    with pytest.raises(InvalidEvent, match=f"^{variable} is not set. GitLab CI sets it"):
        found(gitlab(**{variable: ""}))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CI_API_V4_URL", "https://gitlab-ci-token:secret@gitlab.example.com/api/v4"),
        ("CI_JOB_URL", "javascript:alert(1)"),
        ("CI_COMMIT_SHA", HEAD[:8]),
        ("CI_COMMIT_SHA", "0" * 40),
        ("CI_MERGE_REQUEST_IID", "7/../8"),
        ("CI_MERGE_REQUEST_IID", "0"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "acme/models"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "--upload-pack=x"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "ma\udcffin"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "main"),
    ],
)
def test_a_variable_that_is_something_else(variable: str, value: str) -> None:
    with pytest.raises(InvalidEvent, match=f"^{variable}: ") as raised:
        found(gitlab(**{variable: value}))
    assert raised.value.where == variable


@given(variable=st.sampled_from(sorted(gitlab())), value=st.text() | st.sampled_from(["true", "1", HEAD]))
def test_no_value_makes_a_traceback(variable: str, value: str) -> None:
    environ = {**gitlab(), variable: value}
    try:
        asked = find_request(environ)
    except InvalidEvent:
        return
    assert asked is None or isinstance(asked, Request)


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({"GITLAB_CI": "true"}, "CI_PIPELINE_SOURCE"),
        (gitlab(CI_MERGE_REQUEST_IID=""), "CI_MERGE_REQUEST_IID"),
        ({**pushed(), "CI_COMMIT_BRANCH": ""}, "CI_COMMIT_BRANCH"),
    ],
)
def test_what_is_not_told_is_no_tag(variables: dict[str, str], missing: str) -> None:
    with pytest.raises(InvalidEvent, match=f"^{missing} is not set. GitLab CI sets it"):
        found(variables)
