"""What makes the gate only advisory: the template's own CI with one thing changed, and what that amounts to."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from snitch.diagnosis.ailment import Ailment
from snitch.diagnosis.ci import CiFacts, diagnose_ci, gather_ci, read_policy_of
from snitch.diagnosis.protection import Protection, RequiredCheck
from snitch.snapshot import MemorySnapshot, Mode
from snitch.template import for_ci, render, template_files

GATE = ".github/workflows/gate.yml"
OWNERS = ".github/CODEOWNERS"
MAIN = "snitch gate (main)"


def repository(ci: str = "github") -> dict[str, bytes]:
    """The template, its examples of owners and of an approver replaced as they are to be."""
    files = render(for_ci(template_files(), ci), date(2031, 3, 1))
    return {
        path: content.replace(b"@example-org/", b"@acme/").replace(b"platform-lead", b"ada")
        for path, content in files.items()
        if not path.endswith((".skops", ".parquet"))
    }


def facts(files: dict[str, Any], default: dict[str, Any] | None = None, **more: Any) -> CiFacts:
    snapshot = MemorySnapshot(files)
    found = gather_ci(snapshot, None if default is None else MemorySnapshot(default), read_policy_of(snapshot))
    return replace(found, **more)


def ails(files: dict[str, Any], **more: Any) -> list[Ailment]:
    """What ails, but that the rules of the branch are in no file."""
    found = diagnose_ci(facts(files, **more))
    return [ailment for ailment in found if ailment.level != "ok" and "in no file here" not in ailment.message]


def edited(path: str, before: str, after: str, ci: str = "github") -> dict[str, bytes]:
    """The template with one replacement, of the first such text in one file."""
    files = repository(ci)
    text = files[path].decode()
    assert before in text
    return {**files, path: text.replace(before, after, 1).encode()}


def only(found: list[Ailment], level: str, about: str, message: str) -> None:
    assert [(each.level, each.about) for each in found] == [(level, about)], found
    assert message in found[0].message
    assert found[0].mend


def assert_only(found: list[Ailment], expected: tuple[str, str, str] | None) -> None:
    """That this is found, or nothing."""
    if expected is None:
        assert found == []
    else:
        only(found, *expected)


def test_nothing_makes_the_template_s_gate_advisory() -> None:
    untold, told = diagnose_ci(facts(repository(), required=(MAIN, "snitch gate (staging)")))
    assert (told.level, told.about) == ("ok", "gate")
    assert (untold.level, untold.about) == ("warn", "merging")
    assert "gh api repos/OWNER/NAME/rules/branches/main" in untold.mend


JUDGE = "        run: |\n          shopt -s nullglob\n"
NAME = "    name: snitch gate (${{ github.base_ref || 'main' }})\n"
NEEDS = "    needs: verify\n    if: always() # it judges whatever became of the evidence\n"
TYPES = "[opened, reopened, synchronize, ready_for_review, edited]"
RUN = '          snitch gate "$@" --format text --format html=report.html --format markdown="$GITHUB_STEP_SUMMARY"\n'
FIRST = "    steps:\n"
HEAD_CHECKED_OUT = f"""\
      - uses: actions/checkout@{"a" * 40}
        with: {{fetch-depth: 0, ref: '${{{{ github.event.pull_request.head.sha }}}}'}}
"""
#: Nine to the fifth of one text, in six lines.
BOMB = "a: &a [x]\n" + "".join(f"{b}: &{b} [{f'*{a},' * 9}]\n" for a, b in ("ab", "bc", "cd", "de", "ef"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("  merge_group:\n    branches: [main]\n", "", ("warn", "trigger", "there is no merge_group")),
        ("edited]", "labeled]", ("fail", "trigger", "pointed at another branch keeps the verdict")),
        ("synchronize, ", "", ("fail", "trigger", "that is pushed to is not judged")),
        (f"{TYPES}\n", f"{TYPES}\n    paths: ['models/**']\n", ("fail", "trigger", ":15: `paths` leaves")),
        (f"{TYPES}\n", f"{TYPES}\n    paths-ignore: [docs]\n", ("fail", "trigger", "`paths-ignore` leaves")),
        (f"{TYPES}\n", f"{TYPES}\n    branches: [main]\n", ("fail", "trigger", "into staging is not judged")),
        (f"{TYPES}\n", f"{TYPES}\n    branches-ignore: [ma*]\n", ("fail", "trigger", "into main is not judged")),
        ("  merge_group:\n", "  pull_request:\n  merge_group:\n", ("fail", "trigger", ":15: on pull_request a pull")),
        ("  merge_group:\n", "  pull_request_review:\n  merge_group:\n", ("fail", "trigger", "on pull_request_review")),
        (NAME, "", ("fail", "check", "a check belongs to a commit")),
        (NAME, "    name: snitch\n", ("fail", "check", "a check belongs to a commit")),
        (NEEDS, "    if: github.actor != 'bot'\n", ("fail", "job", "where `if` skips this job")),
        (NEEDS, "    if: always()\n", None),
        (NEEDS, "    needs: other\n", ("fail", "job", "where a job that it needs fails")),
        (NEEDS, "    needs: other\n    if: ${{ always() }}\n", None),
        (NAME, f"{NAME}    continue-on-error: true\n", ("fail", "job", "`continue-on-error`")),
        (NAME, f"{NAME}    continue-on-error: false\n", None),
        (NAME, f"{NAME}    continue-on-error: ${{{{ true }}}}\n", ("fail", "job", "`continue-on-error`")),
        (JUDGE, f"        continue-on-error: true\n{JUDGE}", ("fail", "job", "`continue-on-error`")),
        (JUDGE, f"        if: success()\n{JUDGE}", ("fail", "job", "where `if` skips this step")),
        (RUN, RUN.replace("\n", " || true\n"), ("fail", "job", "`||` makes its failure a success")),
        (RUN, RUN.replace("\n", " | tee log\n"), ("fail", "job", "of a pipe only the last")),
        (RUN, RUN.replace("\n", " --exit-zero\n"), ("fail", "job", "refuses --exit-zero")),
        (JUDGE, f"        shell: bash\n{JUDGE}", None),
        (JUDGE, f"        shell: bash {{0}}\n{JUDGE}", None),
        (RUN, f"{RUN}          echo done\n", None),
        (
            "      contents: read # the objects, and the weights in Git LFS\n",
            "",
            ("fail", "permissions", "nothing can"),
        ),
        ("      contents: read", "      contents: write", ("warn", "permissions", "writing contents is more")),
        ("      pull-requests: write # the comment\n", "", ("warn", "permissions", "the comment that explains")),
        ("==", "~=", ("warn", "pins", "the version of model-snitch is not pinned")),
        (" # v7.0.0\n        with:\n          python", "\n        with:\n          python", None),
        ("5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0", "v7", ("warn", "pins", "actions/setup-python@v7 is not")),
        (
            FIRST,
            f"{FIRST}      - uses: actions/checkout@{'a' * 40}\n        with: {{fetch-depth: 0}}\n",
            ("warn", "checkout", "the gate needs nothing checked out"),
        ),
        (
            FIRST,
            f"{FIRST}{HEAD_CHECKED_OUT}",
            ("fail", "checkout", "the pull request is checked out where a token is"),
        ),
        (FIRST, f"{FIRST}      - run: gh pr checkout 7\n", ("fail", "checkout", "is checked out where a token is")),
        (FIRST, f"{FIRST}      - run: git fetch origin pull/7/head\n", ("fail", "checkout", "where a token is")),
        (FIRST, f"{FIRST}      - run: echo ${{{{ github.head_ref }}}}\n", ("fail", "checkout", "part of a script")),
        (
            FIRST,
            f"{FIRST}      - run: echo '${{{{ github.event.pull_request.title }}}}'\n",
            ("fail", "checkout", "what the author wrote becomes part of a script"),
        ),
        (FIRST, f"{FIRST}      - run: echo ${{{{ github.event.pull_request.number }}}}\n", None),
        (
            "jobs:\n",
            f"jobs:\n  lint:\n    name: {MAIN}\n    runs-on: x\n    steps: []\n",
            ("fail", "check", "is no gate"),
        ),
        (
            "jobs:\n",
            "jobs:\n  x:\n    name: ${{ vars.X }}\n    runs-on: x\n    steps: []\n",
            ("warn", "check", "may be"),
        ),
    ],
)
def test_one_change_of_the_gate_s_workflow(before: str, after: str, expected: tuple[str, str, str] | None) -> None:
    found = ails(edited(GATE, before, after), required=(MAIN,) if "lint" in after or "vars.X" in after else ())
    assert_only(found, expected)


def test_a_plain_pull_request_trigger_says_so_and_nothing_else() -> None:
    files = edited(GATE, "pull_request_target: # zizmor", "pull_request: # zizmor")
    only(ails(files), "fail", "trigger", f"{GATE}:12: on pull_request a pull request can edit this workflow")


@pytest.mark.parametrize(
    "on", ["on: push", "on: [push, schedule]", "on:\n  workflow_run: {workflows: [x]}", "on: 3", "x: y"]
)
def test_a_gate_that_no_pull_request_sets_off(on: str) -> None:
    steps = "steps: [{run: snitch gate}]"
    permissions = "permissions: {contents: read, pull-requests: write}"
    text = f"{on}\n{permissions}\njobs:\n  gate: {{name: 'a ${{{{ github.base_ref }}}}', {steps}}}\n"
    found = [each for each in ails({**repository("none"), GATE: text}) if "merge_group" not in each.message]
    only(found, "fail", "trigger", "no pull request sets off the gate")


@pytest.mark.parametrize("permissions", ["", "permissions: write-all\n"])
def test_permissions_that_nobody_bounds(permissions: str) -> None:
    before, _, rest = repository()[GATE].decode().partition("    permissions:\n")
    text = before.replace("permissions: {}\n", permissions) + rest[rest.index("    steps:") :]
    (found,) = ails({**repository(), GATE: text})
    assert (found.level, found.about) == ("warn", "permissions")


class TestNames:
    def test_a_required_check_that_is_no_gate_s(self) -> None:
        found = ails(repository(), required=("snitch",))
        only(found, "fail", "check", "required are snitch")

    def test_with_a_matrix_the_name_is_another(self) -> None:
        files = edited(GATE, NAME, "    name: gate\n    strategy: {matrix: {python: ['3.12']}}\n")
        files = {**files, GATE: files[GATE].replace(b"edited]\n", b"edited]\n    branches: [main]\n")}
        about = [each.about for each in ails(files, required=("gate",))]
        assert about == ["trigger", "check"]
        assert [each.about for each in ails(files, required=("gate (3.12)",))] == ["trigger"]

    def test_a_workflow_for_one_branch_alone_may_leave_the_branch_out(self) -> None:
        files = edited(GATE, NAME, "    name: gate\n")
        files = {**files, GATE: files[GATE].replace(b"edited]\n", b"edited]\n    branches: [main]\n")}
        assert [each.about for each in ails(files)] == ["trigger"]

    def test_a_name_of_many_expressions_takes_no_time(self) -> None:
        name = "    name: '" + "a${{ x }}" * 5_000 + "'\n"
        assert ails(edited(GATE, NAME, name), required=("a" * 500,))


class TestCalled:
    """A gate that another workflow of the same repository calls is set off by that one."""

    CALLER = "on: {pull_request_target: {types: %s}, merge_group: }\njobs:\n  call:\n    uses: ./%s\n"

    def files(self, types: str) -> dict[str, Any]:
        text = repository()[GATE].decode()
        start, end = text.index("on:\n"), text.index("permissions: {}")
        called = text[:start] + "on: workflow_call\n" + text[end:]
        return {**repository(), GATE: called, ".github/workflows/call.yml": self.CALLER % (types, GATE)}

    def test_by_the_right_events(self) -> None:
        assert ails(self.files(TYPES)) == []

    def test_by_too_few(self) -> None:
        only(
            ails(self.files("[opened, reopened, synchronize]")), "fail", "trigger", "call.yml:1: a pull request that is"
        )


class TestElsewhere:
    def test_the_default_branch_has_another_gate(self) -> None:
        found = ails(repository(), default=edited(GATE, "timeout-minutes: 20", "timeout-minutes: 21"))
        only(found, "warn", "files", f"{GATE}: not as it stands on main")

    def test_the_default_branch_has_no_gate_yet(self) -> None:
        found = ails(repository(), default=repository("none"))
        only(found, "warn", "files", f"{GATE}: not as it stands on main")

    def test_the_default_branch_has_the_same(self) -> None:
        assert ails(repository(), default=repository()) == []


class TestOwners:
    def test_without_code_owners(self) -> None:
        files = repository()
        del files[OWNERS]
        only(ails(files), "fail", "owners", "there is no CODEOWNERS")

    @pytest.mark.parametrize(
        ("owners", "free"),
        [
            ("* @org/platform", []),
            ("* @org/platform\n/snitch.yaml", ["snitch.yaml"]),
            ("* @org/platform\n/snitch.yaml @org/a @org/b", []),
            ("*.yaml @a\n*.yml @a\nbenchmarks/ @a\nCODEOWNERS @a", []),
            ("*.yaml @a\nbenchmarks/** @a\n.github @a", []),
            ("*.yaml @a\n/benchmarks/* @a\n.github/* @a", [GATE]),
            ("/snitch.yaml @a\n/benchmarks/ @a\n/.github/ @a # us", []),
            ("/snitch.yaml @a # us\n/.github/ me@example.com", ["benchmarks"]),
            ("* @a\n.github/workflows", [GATE]),
            ("# * @a", ["snitch.yaml", "benchmarks", OWNERS, GATE]),
        ],
    )
    def test_who_owns_what(self, owners: str, free: list[str]) -> None:
        found = ails({**repository(), OWNERS: owners})
        assert [each.about for each in found] == ["owners"] * bool(free)
        named = found[0].message.partition("gives no owner to ")[2].split(", ") if found else []
        assert list(dict.fromkeys(path.split("/")[0] if "benchmarks" in path else path for path in named)) == free

    def test_the_template_s_owners(self) -> None:
        template = render(for_ci(template_files(), "github"), date(2031, 3, 1))[OWNERS]
        found = ails({**repository(), OWNERS: template})
        only(found, "warn", "owners", "who are nobody: @example-org/platform, @example-org/diagnostics-ml")

    @pytest.mark.parametrize(
        ("owners", "named"),
        [
            ("* @example-org", True),
            ("* @acme/a @example-org/platform", True),
            ("* @example-organs/a", False),
            ("* @acme/a # not @example-org/platform", False),
            ("# * @example-org/platform\n* @acme/a", False),
        ],
    )
    def test_who_is_an_example(self, owners: str, named: bool) -> None:
        assert [each.level for each in ails({**repository(), OWNERS: owners})] == ["warn"] * named

    @pytest.mark.parametrize("owners", ["a @a\n" * 5_001, "x" * (3 * 1024 * 1024 + 1)])
    def test_too_large_to_judge(self, owners: str) -> None:
        (found,) = ails({**repository(), OWNERS: owners})
        assert (found.level, found.about) == ("fail", "owners")

    def test_a_link_is_not_followed(self) -> None:
        files = repository()
        snapshot = MemorySnapshot(files, modes={OWNERS: Mode.SYMLINK})
        (found,) = [e for e in diagnose_ci(gather_ci(snapshot, None, read_policy_of(snapshot))) if e.level == "fail"]
        assert (found.about, "symbolic link" in found.message) == ("owners", True)


class TestPolicy:
    def test_without_approvers(self) -> None:
        found = ails(edited("snitch.yaml", "approvers: [ada], ", ""))
        only(found, "warn", "policy", "names no `gate.approvers`")

    def test_the_template_s_approver(self) -> None:
        template = render(for_ci(template_files(), "github"), date(2031, 3, 1))["snitch.yaml"]
        found = ails({**repository(), "snitch.yaml": template})
        only(found, "warn", "policy", "names `platform-lead`, the template's example")

    def test_one_that_is_not_valid(self) -> None:
        only(ails({**repository(), "snitch.yaml": "rules: ["}), "fail", "policy", "the policy is not valid")


class TestRules:
    WELL = Protection(
        checks=(RequiredCheck(MAIN, 15368),),
        is_strict=True,
        allows_rebase=False,
        needs_pull_request=True,
        dismisses_stale_reviews=True,
        needs_code_owner=True,
        approvals=1,
        blocks_force_pushes=True,
        blocks_deletion=True,
    )

    @pytest.mark.parametrize(
        ("changed", "expected"),
        [
            ({}, None),
            ({"checks": (), "is_strict": False}, ("fail", "check", "no check is required")),
            ({"checks": (), "workflows": (".github/workflows/gate.yml",)}, None),
            (
                {"checks": (), "workflows": (".github/workflows/gate.yml",), "is_strict": False},
                ("fail", "merging", "a green check outlives the target's tip"),
            ),
            ({"checks": (RequiredCheck("lint", 1),)}, ("fail", "check", "required are lint")),
            ({"checks": (RequiredCheck(MAIN),)}, ("warn", "rules", "may come from anybody")),
            ({"needs_pull_request": False}, ("fail", "rules", "no rule asks for a pull request")),
            ({"dismisses_stale_reviews": False}, ("warn", "rules", "an approval outlives the commit")),
            ({"needs_code_owner": False}, ("fail", "rules", "no review by a code owner")),
            ({"approvals": 0}, ("warn", "rules", "though the policy does: `production` asks for 1")),
            ({"blocks_force_pushes": False}, ("warn", "rules", "no rule forbids a forced push")),
            ({"blocks_deletion": False}, ("warn", "rules", "no rule forbids to delete the branch")),
            ({"is_strict": False}, ("fail", "merging", "a green check outlives the target's tip")),
            ({"allows_rebase": True}, ("fail", "merging", "rebase merging is allowed")),
            ({"allows_rebase": None}, ("warn", "merging", "do not say whether rebase merging is allowed")),
            ({"has_queue": True}, None),
            ({"has_queue": True, "is_strict": False, "allows_rebase": True}, None),
        ],
    )
    def test_one_rule_less(self, changed: dict[str, Any], expected: tuple[str, str, str] | None) -> None:
        found = ails(repository(), protection=replace(self.WELL, **changed))
        assert_only(found, expected)

    def test_no_approval_where_no_environment_asks_for_one(self) -> None:
        files = edited("snitch.yaml", ", approvals: 1", "")
        assert ails(files, protection=replace(self.WELL, approvals=0)) == []

    def test_the_checks_to_require_are_named_by_branch(self) -> None:
        (found,) = ails(repository(), protection=replace(self.WELL, checks=(RequiredCheck("lint", 1),)))
        assert "is called `snitch gate (staging)` or `snitch gate (main)`;" in found.message
        assert found.mend == "require `snitch gate (staging)` for staging, `snitch gate (main)` for main"

    @pytest.mark.parametrize(
        "name", ["gate", "gate (${{ github.base_ref }}, ${{ matrix.x }})", "x ${{ github.base_ref == 'main' }}"]
    )
    def test_a_name_that_does_not_say_the_branch_plainly(self, name: str) -> None:
        files = edited(GATE, NAME, f"    name: {name}\n")
        found = ails(files, protection=replace(self.WELL, checks=(RequiredCheck("lint", 1),)))
        assert found[-1].mend == "require the check by that very name"

    def test_without_rules_nobody_has_looked(self) -> None:
        untold, told = diagnose_ci(facts(repository()))
        assert (untold.level, untold.about, told.level) == ("warn", "rules", "ok")
        assert "whether the check is required was not looked at" in untold.message
        assert untold.mend.startswith("hand over the branch's rules with --rules: gh api repos/OWNER/NAME/rules")

    def test_a_queue_that_would_wait_for_ever(self) -> None:
        files = edited(GATE, "  merge_group:\n    branches: [main]\n", "")
        found = ails(files, protection=replace(self.WELL, has_queue=True))
        only(found, "fail", "trigger", "a merge queue would wait for ever")
        assert ails(files, protection=self.WELL) == []


class TestEvent:
    def test_a_run_whose_file_the_author_can_edit(self) -> None:
        only(ails(repository(), advisory_event="pull_request"), "fail", "event", "set off by pull_request")

    def test_a_run_that_cannot_tell(self) -> None:
        only(ails(repository(), event_fault="GITHUB_EVENT_PATH: is not set"), "fail", "event", "GITHUB_EVENT_PATH")


def test_a_publisher_that_waits_for_success() -> None:
    path = ".github/workflows/publish.yml"
    files = edited(
        path, "    timeout-minutes: 10", "    if: github.event.workflow_run.conclusion == 'success'", "github-advisory"
    )
    found = [each for each in ails(files) if path in each.message]
    only(found, "warn", "job", "a red gate's result is never published")


def test_an_advisory_gate_with_a_shallow_clone() -> None:
    files = edited(GATE, FIRST, f"{FIRST}      - uses: actions/checkout@{'a' * 40}\n", "github-advisory")
    assert [(each.level, each.about) for each in ails(files)] == [("fail", "trigger"), ("warn", "clone")]


ACTION = """
on: {pull_request_target: {types: [opened, reopened, synchronize, edited]}, merge_group: }
permissions: {contents: read, pull-requests: write}
jobs:
  gate:
    name: gate (${{ github.base_ref }})
    steps:
      - uses: %s
        with: {args: %s}
"""
PIN = "model-snitch/snitch@" + "a" * 40


@pytest.mark.parametrize(
    ("uses", "args", "expected"),
    [
        (PIN, "gate", None),
        (PIN, '"gate\\n--all"', None),
        ("model-snitch/snitch@v1", "gate", ("warn", "pins", "model-snitch/snitch@v1 is not pinned to a commit")),
        (PIN, '"check\\n--all"', ("fail", "files", "no CI file here runs `snitch gate`")),
        (PIN, '"gate\\n--exit-zero"', ("fail", "job", "refuses --exit-zero")),
    ],
)
def test_snitch_s_own_action(uses: str, args: str, expected: tuple[str, str, str] | None) -> None:
    found = ails({**repository("none"), ".github/workflows/g.yaml": ACTION % (uses, args)})
    assert_only(found, expected)


GITLAB, AZURE = ".gitlab-ci.yml", "azure-pipelines.yml"
ADVISES = "advisory against a hostile author, unless"


class TestGitLab:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            (
                "  stage: test\n  image: python:3.12-bookworm\n  timeout: 20",
                "  allow_failure: true\n  timeout: 20",
                "`allow_failure`",
            ),
            ("  timeout: 20", "  when: manual\n  timeout: 20", "waits for somebody"),
            (
                '== "merge_request_event"\n',
                '== "merge_request_event"\n      changes: [models/**]\n',
                "changes nothing of this",
            ),
            (
                '== "merge_request_event"\n',
                '== "merge_request_event"\n      allow_failure: true\n',
                "does not fail the pipeline",
            ),
            ('"merge_request_event"', '"push"', "no rule lets it run for merge requests"),
            ("html=report.html\n", "html=report.html || true\n", "`||` makes its failure a success"),
        ],
    )
    def test_one_change(self, before: str, after: str, expected: str) -> None:
        advises, found = ails(edited(GITLAB, before, after, "gitlab"))
        assert (advises.level, ADVISES in advises.message) == ("warn", True)
        assert (found.level, expected in found.message) == ("fail", True), found

    def test_the_template_s_own(self) -> None:
        (found,) = ails(repository("gitlab"))
        assert (found.level, ADVISES in found.message) == ("warn", True)

    def test_its_code_owners_lie_elsewhere(self) -> None:
        files = repository("gitlab")
        files[OWNERS] = files.pop(".gitlab/CODEOWNERS")
        assert [each.about for each in ails(files)] == ["trigger", "owners"]


class TestAzure:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            (
                "    timeoutInMinutes",
                "    continueOnError: true\n    timeoutInMinutes",
                "lets a blocked merge look green",
            ),
            (
                "        displayName: Judge",
                "        condition: succeeded()\n        displayName: Judge",
                "nothing is judged",
            ),
            ("          set -euo pipefail\n", "", None),
            ('"$HEAD_COMMIT" "$@"\n', '"$HEAD_COMMIT" "$@" || true\n', "`||` makes its failure a success"),
            ('"$HEAD_COMMIT" "$@"\n', '"$HEAD_COMMIT" "$@"\n          echo done\n', None),
            ("trigger: none\n", "trigger: none\npr: {paths: {include: [models]}}\n", "changes nothing of this"),
        ],
    )
    def test_one_change(self, before: str, after: str, expected: str | None) -> None:
        advises, *found = ails(edited(AZURE, before, after, "azure"))
        assert (advises.level, ADVISES in advises.message) == ("warn", True)
        assert [expected in each.message for each in found if expected] == [True] * (expected is not None), found
        assert len(found) == (expected is not None)

    def test_bash_without_e_goes_on(self) -> None:
        files = repository("azure")
        files[AZURE] = (
            files[AZURE]
            .replace(b"set -euo pipefail", b"true")
            .replace(b'"$HEAD_COMMIT" "$@"\n', b'"$HEAD_COMMIT" "$@"\n          echo done\n')
        )
        _, found = ails(files)
        assert "the script goes on after it fails" in found.message


class TestHostile:
    """Whatever lies there, it is an ailment and no traceback."""

    @pytest.mark.parametrize("path", [GATE, GITLAB, AZURE])
    @pytest.mark.parametrize(
        "text",
        [
            b"\xff\xfe",
            b"on: [",
            b"a: *b",
            b"a: 1\na: 2",
            b"a: !reference [x, y]",
            b"[" * 30_000,
            BOMB.encode(),
            b"x: '" + b"y" * 5_000_000 + b"'",
        ],
        ids=["bytes", "syntax", "alias", "twice", "tag", "deep", "bomb", "large"],
    )
    def test_what_cannot_be_read(self, path: str, text: bytes) -> None:
        found = ails({**repository("none"), path: text})
        assert any(each.level == "fail" and f"{path} cannot be read" in each.message for each in found), found

    _VALUES = st.recursive(
        st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["snitch gate", "main", "${{ x }}", "", "*"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
            ["on", "jobs", "steps", "run", "uses", "with", "name", "if", "needs", "permissions", "pull_request_target",
             "types", "branches", "paths", "strategy", "matrix", "script", "rules", "only", "bash", "pr", "stages",
             "allow_failure", "continue-on-error", "defaults", "shell", "workflow_call", "contents", "gate"]
        ), inner, max_size=5),
        max_leaves=25,
    )  # fmt: skip

    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)
    @given(_VALUES, _VALUES, st.sampled_from([GATE, GITLAB, AZURE]))
    def test_any_shape_at_all(self, one: Any, other: Any, path: str) -> None:
        steps = {
            "gate": {"steps": [{"run": "snitch gate", "with": one}], "script": ["snitch gate"], "permissions": other}
        }
        whole = {"on": one, "jobs": steps, "gate": {"script": "snitch gate", "rules": one, "only": other}, "pr": one}
        for shape in (one, whole, {"on": other, "jobs": {"gate": one}, "steps": [one, {"bash": "snitch gate"}]}):
            diagnose_ci(facts({path: json.dumps(shape)}, required=(MAIN,)))
