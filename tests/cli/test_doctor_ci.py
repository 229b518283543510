"""`snitch doctor --ci` in real repositories: how it tells, how it ends, what a run of a CI adds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snitch.template import for_ci, gate_files, render, template_files
from tests.cli.conftest import Command
from tests.repository import Repo

GOLDEN = Path(__file__).parent / "golden"
GATE = ".github/workflows/gate.yml"

#: What somebody writes who has not thought of hostile authors.
NAIVE = """\
name: CI
on:
  pull_request:
    paths: [models/**]
jobs:
  gate:
    runs-on: ubuntu-latest
    if: github.actor != 'dependabot[bot]'
    steps:
      - uses: actions/checkout@v7
      - run: pip install model-snitch
      - run: snitch gate | tee report.txt
        continue-on-error: true
"""
#: What somebody writes who wants the comment on pull requests from forks, and gives the token away.
GIVEN_AWAY = """\
name: CI
on:
  pull_request_target:
permissions: write-all
jobs:
  gate:
    name: gate (${{ github.base_ref }})
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: |
          echo "judging ${{ github.event.pull_request.title }}"
          pip install -r requirements.txt "model-snitch[gate]==0.1.0"
          snitch gate || true
"""
CASES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "naive": ({GATE: NAIVE}, ("--required-check", "snitch gate (main)")),
    "given-away": ({GATE: GIVEN_AWAY}, ()),
    "template": ({}, ("--required-check", "snitch gate (main)")),
}


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may themselves run in a CI."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def gated(repo: Repo) -> Repo:
    """The spotless repository with the template's CI files, owners and an approver, on its default branch too."""
    from datetime import date

    files = render(gate_files(template_files(), "github"), date(2031, 3, 1))
    owners = render(for_ci(template_files(), "github"), date(2031, 3, 1))[".github/CODEOWNERS"]
    owners = owners.replace(b"@example-org/", b"@acme/")
    policy = (repo.path / "snitch.yaml").read_text() if (repo.path / "snitch.yaml").exists() else ""
    gate = "" if "approvers" in policy else "gate: {approvers: [lead]}\n"
    repo.commit({**files, ".github/CODEOWNERS": owners, "snitch.yaml": policy + gate})
    return repo.branch("main")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("case", CASES)
def test_golden(gated: Repo, snitch: Command, request: pytest.FixtureRequest, case: str, form: str) -> None:
    files, arguments = CASES[case]
    gated.write(files)
    told = snitch("doctor", "--ci", *arguments, "--format", form, at=gated.path)
    assert told.err == ""
    assert told.code == (0 if case == "template" else 1)
    file = GOLDEN / f"doctor-ci-{case}.{form}"
    if request.config.getoption("--update-golden"):
        file.write_text(told.out, encoding="utf-8", newline="\n")
    assert told.out == file.read_text(encoding="utf-8")


def test_the_settings_beside_the_rules(gated: Repo, snitch: Command, tmp_path: Path) -> None:
    """Rules that say nothing of merging by a rebase, and settings that do."""
    rules, settings = tmp_path / "rules.json", tmp_path / "repository.json"
    required = {"required_status_checks": [{"context": "snitch gate (main)", "integration_id": 15368}]}
    reviews = {
        "require_code_owner_review": True,
        "dismiss_stale_reviews_on_push": True,
        "required_approving_review_count": 1,
    }
    rules.write_text(
        json.dumps(
            [
                {
                    "type": "required_status_checks",
                    "parameters": {**required, "strict_required_status_checks_policy": True},
                },
                {"type": "pull_request", "parameters": reviews},
                {"type": "non_fast_forward"},
                {"type": "deletion"},
            ]
        )
    )
    options = ("doctor", "--ci", "--format", "json", "--rules", str(rules))
    levels = {}
    for allowed in (None, True, False):
        settings.write_text(json.dumps({"allow_rebase_merge": allowed}))
        more = () if allowed is None else ("--rules", str(settings))
        told = snitch(*options, *more, at=gated.path)
        levels[allowed] = [each["level"] for each in json.loads(told.out)["checks"]]
        assert told.code == (1 if allowed else 0)
    assert levels == {None: ["warn", "ok"], True: ["fail"], False: ["ok"]}


def test_the_rules_of_the_branch(gated: Repo, snitch: Command, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('[{"type": "merge_queue"}]')
    told = snitch("doctor", "--ci", "--rules", str(rules), "--format", "json", at=gated.path)
    failed = [check["about"] for check in json.loads(told.out)["checks"] if check["level"] == "fail"]
    assert (told.code, failed) == (1, ["check", "rules"])


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{}", "is neither a list of rules nor a ruleset"), (b"[", "rules.json"), (None, "cannot be read")],
)
def test_rules_that_are_none(gated: Repo, snitch: Command, tmp_path: Path, content: bytes | None, says: str) -> None:
    rules = tmp_path / "rules.json"
    if content is not None:
        rules.write_bytes(content)
    told = snitch("doctor", "--ci", "--rules", str(rules), at=gated.path)
    assert (told.code, told.out, says in told.err) == (2, "", True)


@pytest.mark.parametrize("options", [("--required-check", "x"), ("--rules", "x")])
def test_what_is_about_the_ci_alone(gated: Repo, snitch: Command, options: tuple[str, ...]) -> None:
    told = snitch("doctor", *options, at=gated.path)
    assert (told.code, "add --ci" in told.err) == (2, True)


def test_a_bare_clone_is_judged_by_its_head(gated: Repo, snitch: Command, tmp_path: Path) -> None:
    bare = gated.clone(tmp_path / "bare", "--bare")
    told = snitch("doctor", "--ci", at=bare.path)
    assert (told.code, told.err) == (0, "")


def test_an_empty_repository(snitch: Command, tmp_path: Path) -> None:
    told = snitch("doctor", "--ci", at=Repo(tmp_path / "new").path)
    assert (told.code, told.err) == (1, "")
    assert "no CI file here runs `snitch gate`" in told.out


def test_outside_a_repository(snitch: Command, tmp_path: Path) -> None:
    assert snitch("doctor", "--ci", at=tmp_path).code == 2


class TestInARun:
    """Within a CI it also reads what set off the run."""

    def event(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, event: str) -> None:
        repository = {"id": 1, "full_name": "acme/models"}
        side = {"ref": "main", "sha": "a" * 40, "repo": repository}
        request = {
            "number": 7, "state": "open", "draft": False, "user": {"login": "eve", "id": 2},
            "head": {**side, "ref": "topic"}, "base": side,
        }  # fmt: skip
        (tmp_path / "event.json").write_text(
            json.dumps({"action": "opened", "number": 7, "pull_request": request, "repository": repository})
        )
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_REPOSITORY": "acme/models",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_API_URL": "https://api.github.com",
            "GITHUB_RUN_ID": "1",
            "GITHUB_WORKFLOW_REF": "acme/models/.github/workflows/gate.yml@refs/heads/main",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    @pytest.mark.parametrize(("event", "code"), [("pull_request", 1), ("pull_request_target", 0), ("schedule", 0)])
    def test_whether_the_author_can_edit_it(
        self, gated: Repo, snitch: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, event: str, code: int
    ) -> None:
        self.event(monkeypatch, tmp_path, event)
        told = snitch("doctor", "--ci", at=gated.path)
        assert (told.code, told.err) == (code, "")
        assert (
            "set off by pull_request, whose author can edit what runs: this run is advisory against" in told.out
        ) == bool(code)

    def test_an_event_file_that_is_broken(
        self, gated: Repo, snitch: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        self.event(monkeypatch, tmp_path, "pull_request_target")
        (tmp_path / "event.json").write_text("{")
        told = snitch("doctor", "--ci", at=gated.path)
        assert (told.code, told.err) == (1, "")
        assert "what set off this run cannot be told" in told.out
