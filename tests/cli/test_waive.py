"""`snitch waive`: what it writes, what it refuses, and that what it writes excuses what it should."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

import pytest

from snitch.pointer import write_pointer
from tests.cli.changed import UNREACHABLE
from tests.cli.conftest import Command
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, WEIGHTS, digest, edit
from tests.repository import Repo

TERMS = ("--until", "2999-12-31", "--reason", "the feature was withdrawn", "--owner", "growth-ml@example.com")
POLICY = "# ours\nextends: recommended   # and no more\n"
LINE = (
    '  - {rule: metric-regressed, model: churn, version: 1.4.0, reason: "the feature was withdrawn", '
    "owner: growth-ml@example.com, expires: 2999-12-31}\n"
)


def test_a_waiver_is_written_and_nothing_else_changes(repo: Repo, snitch: Command) -> None:
    repo.write({"snitch.yaml": POLICY})
    told = snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path)
    assert told.code == 0, told.err
    assert (repo.path / "snitch.yaml").read_text() == f"{POLICY}\nwaivers:\n{LINE}"
    assert "waived until 2999-12-31: metric-regressed for churn 1.4.0\nwritten to snitch.yaml" in told.out
    assert repo.git("status", "--porcelain") == "M snitch.yaml"


def test_it_excuses_what_it_names(repo: Repo, snitch: Command) -> None:
    worse = edit(SPOTLESS, EVALUATION, '"value": 0.913', '"value": 0.813')
    worse = edit(worse, EVALUATION, WEIGHTS, digest("other"))
    repo.commit({**worse, f"{FOLDER}/model.skops": write_pointer(digest("other"), 5)})
    select = ("check", "--env", "production", "--select", "REG001", "--no-cache")
    assert snitch(*select, at=repo.path).code == 1
    assert snitch("waive", "metric-regressed", "--model", "churn", *TERMS, at=repo.path).code == 0
    waived = snitch(*select, at=repo.path)
    assert (waived.code, "waived" in waived.out) == (0, True), waived


@pytest.mark.parametrize(("model", "at"), [(FOLDER, "."), (f"./{FOLDER}/", "."), (".", FOLDER), ("churn", FOLDER)])
def test_the_model_is_known_by_its_name_and_by_its_folder(repo: Repo, snitch: Command, model: str, at: str) -> None:
    assert snitch("waive", "REG001", "--model", model, *TERMS, at=repo.path / at).code == 0
    assert LINE in (repo.path / "snitch.yaml").read_text()


def test_everything_that_may_be_said_is_written(repo: Repo, snitch: Command) -> None:
    more = ("--version", "1.3.2", "--limit", "2%", "--fingerprint", "12e4567890123456")
    assert snitch("waive", "REG001", "--model", "churn", *TERMS, *more, at=repo.path).code == 0
    written = (repo.path / "snitch.yaml").read_text()
    assert 'version: 1.3.2, limit: "2%", fingerprint: "12e4567890123456", reason:' in written


def test_without_an_owner_git_s_mail_address_answers(repo: Repo, snitch: Command) -> None:
    repo.git("config", "user.email", "eve@example.com")
    assert snitch("waive", "REG001", "--model", "churn", *TERMS[:4], at=repo.path).code == 0
    assert "owner: eve@example.com" in (repo.path / "snitch.yaml").read_text()


def test_without_any_owner_it_asks_for_one(repo: Repo, snitch: Command) -> None:
    told = snitch("waive", "REG001", "--model", "churn", *TERMS[:4], at=repo.path)
    assert (told.code, "--owner" in told.err) == (2, True)


def test_without_a_policy_one_is_begun(repo: Repo, snitch: Command) -> None:
    repo.remove("snitch.yaml")
    assert snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path).code == 0
    assert (repo.path / "snitch.yaml").read_text() == f"extends: recommended\n\nwaivers:\n{LINE}"


def test_a_policy_that_git_ignores_is_left_alone(repo: Repo, snitch: Command) -> None:
    repo.git("rm", "--quiet", "--cached", "snitch.yaml")
    repo.write({".gitignore": "snitch.yaml\n"})
    told = snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path)
    assert (told.code, "git ignores it" in told.err) == (2, True)
    assert (repo.path / "snitch.yaml").read_text() == SPOTLESS["snitch.yaml"]


def test_the_file_whose_waivers_count_is_the_one_that_is_edited(repo: Repo, snitch: Command) -> None:
    below = LINE.replace("metric-regressed", "metric-dropped")
    repo.write({"snitch.yaml": "extends: shared.yaml\n", "shared.yaml": f"extends: recommended\nwaivers:\n{below}"})
    assert snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path).code == 0
    assert (repo.path / "snitch.yaml").read_text() == "extends: shared.yaml\n"
    assert (repo.path / "shared.yaml").read_text() == f"extends: recommended\nwaivers:\n{below}{LINE}"


def test_windows_line_breaks_and_the_mode_of_the_file_stay(repo: Repo, snitch: Command) -> None:
    repo.git("config", "core.autocrlf", "true")
    repo.write({"snitch.yaml": POLICY.replace("\n", "\r\n")})
    (repo.path / "snitch.yaml").chmod(0o664)
    assert snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path).code == 0
    expected = f"{POLICY}\nwaivers:\n{LINE}".replace("\n", "\r\n")
    assert (repo.path / "snitch.yaml").read_bytes() == expected.encode()
    assert stat.S_IMODE((repo.path / "snitch.yaml").stat().st_mode) == 0o664
    assert [path.name for path in repo.path.iterdir() if "tmp" in path.name] == []


def test_a_dry_run_shows_the_change_and_makes_none(repo: Repo, snitch: Command) -> None:
    told = snitch("waive", "REG001", "--model", "churn", *TERMS, "--dry-run", at=repo.path)
    assert (told.code, f"+{LINE}" in told.out) == (0, True)
    assert (repo.path / "snitch.yaml").read_text() == SPOTLESS["snitch.yaml"]


class TestDuplicate:
    """A second waiver that adds nothing to the first would outlive it unseen."""

    ARGUMENTS = ("waive", "REG001", "--model", "churn", *TERMS)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ((), ()),
            ((), ("--until", "2998-01-01")),
            ((), ("--limit", "2%")),
            ((), ("--fingerprint", "12e4567890123456")),
            (("--limit", "2%"), ("--limit", "2%")),
        ],
        ids=["the same", "ends earlier", "a limit", "a fingerprint", "the same limit"],
    )
    def test_what_is_waived_already_is_refused(
        self, repo: Repo, snitch: Command, first: tuple[str, ...], second: tuple[str, ...]
    ) -> None:
        assert snitch(*self.ARGUMENTS, *first, at=repo.path).code == 0
        before = (repo.path / "snitch.yaml").read_bytes()
        told = snitch(*self.ARGUMENTS, *second, at=repo.path)
        assert (told.code, told.out) == (2, "")
        assert told.err == (
            "snitch: waived already: metric-regressed for churn 1.4.0 until 2999-12-31; nothing written\n"
        )
        assert (repo.path / "snitch.yaml").read_bytes() == before

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ((), ("--until", "2999-12-31", "--version", "1.4.1")),
            (("--until", "2998-12-31"), ()),
            (("--limit", "2%"), ()),
            (("--limit", "2%"), ("--limit", "3%")),
            (("--fingerprint", "12e4567890123456"), ()),
        ],
        ids=["another version", "ends later", "without the limit", "another limit", "without the fingerprint"],
    )
    def test_what_excuses_more_is_written(
        self, repo: Repo, snitch: Command, first: tuple[str, ...], second: tuple[str, ...]
    ) -> None:
        assert snitch(*self.ARGUMENTS, *first, at=repo.path).code == 0
        assert snitch(*self.ARGUMENTS, *second, at=repo.path).code == 0
        assert (repo.path / "snitch.yaml").read_text().count("- {rule:") == 2


class TestIdle:
    """A waiver may be written before the change that needs it: then it is said that it excuses nothing yet."""

    @pytest.fixture
    def worse(self, repo: Repo) -> Repo:
        """The work tree has other weights than those deployed, and they are worse by 0.1."""
        worse = edit(SPOTLESS, EVALUATION, '"value": 0.913', '"value": 0.813')
        worse = edit(worse, EVALUATION, WEIGHTS, digest("other"))
        return repo.write({**worse, f"{FOLDER}/model.skops": write_pointer(digest("other"), 5)})

    @pytest.mark.parametrize("more", [(), ("--limit", "0.2")])
    def test_one_that_excuses_something_is_written_in_silence(
        self, worse: Repo, snitch: Command, more: tuple[str, ...]
    ) -> None:
        told = snitch("waive", "REG001", "--model", "churn", *TERMS, *more, at=worse.path)
        assert (told.code, told.err) == (0, "")

    @pytest.mark.parametrize(
        ("more", "why"),
        [
            (("--version", "1.3.2"), "metric-regressed finds nothing in churn 1.3.2 as it is here today"),
            (("--limit", "0.02"), "what metric-regressed finds in churn 1.4.0 today is not within its limit"),
            (("--fingerprint", "12e4"), "what metric-regressed finds in churn 1.4.0 today is not within its fing"),
        ],
        ids=["another version", "a limit", "a fingerprint"],
    )
    def test_one_that_excuses_nothing_says_so(
        self, worse: Repo, snitch: Command, more: tuple[str, ...], why: str
    ) -> None:
        told = snitch("waive", "REG001", "--model", "churn", *TERMS, *more, at=worse.path)
        assert told.code == 0
        assert told.err.startswith(f"snitch: note: {why}")
        assert told.err.endswith("so the waiver excuses nothing yet\n")
        assert "rule: metric-regressed" in (worse.path / "snitch.yaml").read_text()

    def test_nothing_is_found_at_all(self, repo: Repo, snitch: Command) -> None:
        told = snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path)
        why = "metric-regressed finds nothing in churn 1.4.0 as it is here today"
        assert (told.code, told.err) == (0, f"snitch: note: {why}, so the waiver excuses nothing yet\n")

    def test_a_finding_of_one_environment_is_enough(self, repo: Repo, snitch: Command) -> None:
        policy = (
            "rules: {missing-owner: off}\n"
            "overrides: [{environments: [production], rules: {missing-owner: {severity: error}}}]\n"
        )
        repo.write({**UNREACHABLE, "snitch.yaml": policy})
        told = snitch("waive", "MET004", "--model", "churn", *TERMS, at=repo.path)
        assert (told.code, told.err) == (0, "")


class TestAwaited:
    """A finding that other rules wait for may be waived by name, but not in ignorance."""

    def test_it_is_written_with_a_warning(self, repo: Repo, snitch: Command) -> None:
        repo.write(edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.4.0\ncolour: green"))
        told = snitch("waive", "MET002", "--model", "churn", *TERMS, at=repo.path)
        assert told.code == 0
        warning = r"snitch: warning: invalid-manifest of churn: mend it first: \d\d rules cannot be judged without it\n"
        assert re.fullmatch(warning, told.err)
        assert "rule: invalid-manifest" in (repo.path / "snitch.yaml").read_text()

    def test_one_rule_is_told_as_one(self, repo: Repo, snitch: Command) -> None:
        """Of code that is gone, only its imports are not judged."""
        repo.remove(f"{FOLDER}/train.py")
        told = snitch("waive", "MET007", "--model", "churn", *TERMS, at=repo.path)
        expected = "snitch: warning: missing-file of churn: mend it first: 1 rule cannot be judged without it\n"
        assert (told.code, told.err) == (0, expected)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("MET01", "--model", "churn", *TERMS), "there is no rule `MET01`; did you mean `MET001`?"),
        (("zzz", "--model", "churn", *TERMS), "there is no rule `zzz`; `snitch rules` lists them\n"),
        (("SNT003", "--model", "churn", *TERMS), "SNT003 undecidable can't be waived"),
        (("snt003", "--model", "churn", *TERMS), "SNT003 undecidable can't be waived"),
        (("gate-edited", "--model", "churn", *TERMS), "POL001 gate-edited can't be waived"),
        (("REG001", "--model", "chrun", *TERMS), "there is no model `chrun`; did you mean `churn`?"),
        (("REG001", *TERMS), "name the model"),
        (("REG001", "--existing", *TERMS), "leave out REG001"),
        (("--existing", "--limit", "1", *TERMS), "leave out --limit"),
        (TERMS, "name the rule"),
        (("REG001", "--model", "churn", *TERMS, "--until", "2001-01-01"), "is past"),
        (("REG001", "--model", "churn", *TERMS, "--until", "tomorrow"), "takes a date"),
        (("REG001", "--model", "churn", *TERMS, "--reason", " "), "--reason must not be empty"),
        (("REG001", "--model", "churn", *TERMS, "--owner", ""), "--owner must not be empty"),
        (("REG001", "--model", "churn", *TERMS, "--reason", "a\udcff"), "--reason is not UTF-8"),
        (("REG001", "--model", "churn", *TERMS, "--version", "1.4"), "`1.4` is no semantic version"),
        (("REG001", "--model", "churn", *TERMS, "--limit", "nan"), "--limit takes a number"),
        (("REG001", "--model", "churn", *TERMS, "--limit", "-1"), "--limit takes a number"),
        (("REG001", "--model", "churn", *TERMS, "--limit", "two"), "--limit takes a number"),
    ],
)
def test_what_is_refused_is_told_and_nothing_is_written(
    repo: Repo, snitch: Command, arguments: tuple[str, ...], told: str
) -> None:
    ran = snitch("waive", *arguments, at=repo.path)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert repo.git("status", "--porcelain") == ""


def test_a_policy_that_is_not_valid_is_told_and_left(repo: Repo, snitch: Command) -> None:
    repo.write({"snitch.yaml": "extends: recommended\nrulez: {}\n"})
    told = snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path)
    assert (told.code, "unknown key `rulez`" in told.err) == (2, True)
    assert (repo.path / "snitch.yaml").read_text() == "extends: recommended\nrulez: {}\n"


def test_a_policy_that_is_a_link_is_not_followed(repo: Repo, snitch: Command, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("extends: recommended\n")
    repo.remove("snitch.yaml").link("snitch.yaml", str(elsewhere))
    assert snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path).code == 2
    assert elsewhere.read_text() == "extends: recommended\n"


def test_a_write_that_fails_leaves_the_old_file(repo: Repo, snitch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    told = snitch("waive", "REG001", "--model", "churn", *TERMS, at=repo.path)
    assert (told.code, "snitch.yaml cannot be written: No space left" in told.err) == (2, True)
    assert repo.git("status", "--porcelain") == ""


class TestExisting:
    """Adoption: what is deployed does not meet the policy, and the change is not to be stopped by that."""

    @pytest.fixture
    def lacking(self, tmp_path: Path) -> Repo:
        """Deployed without an owner and without a signature."""
        repo = Repo(tmp_path / "lacking")
        files = edit(SPOTLESS, MANIFEST, "owners: [{name: Growth ML, contact: growth-ml@example.com}]\n", "")
        start = str(files[MANIFEST]).index("signature:")
        files = {**files, MANIFEST: str(files[MANIFEST])[:start]}
        del files["snitch.yaml"]
        repo.commit(files)
        return repo.switch("adopt", create=True).write({"snitch.yaml": POLICY})

    def test_one_waiver_for_each_finding(self, lacking: Repo, snitch: Command) -> None:
        told = snitch("waive", "--existing", *TERMS, at=lacking.path)
        assert told.code == 0, told.err
        written = (lacking.path / "snitch.yaml").read_text()
        assert written.startswith(f"{POLICY}\nwaivers:\n")
        found = re.findall(r"- \{rule: (\S+), model: churn, version: 1\.4\.0, fingerprint: \S+, reason", written)
        assert {"missing-owner", "missing-signature"} <= set(found)
        assert len(found) == written.count("- {rule:")

    def test_then_what_is_deployed_passes(self, lacking: Repo, snitch: Command) -> None:
        check = ("check", "--all", "--env", "production", "--select", "MET004,MET008", "--no-cache")
        assert snitch(*check, at=lacking.path).code == 1
        snitch("waive", "--existing", *TERMS, at=lacking.path)
        passed = snitch(*check, at=lacking.path)
        assert (passed.code, passed.out.count("waived") > 0) == (0, True), passed

    def test_a_second_time_writes_nothing(self, lacking: Repo, snitch: Command) -> None:
        snitch("waive", "--existing", *TERMS, at=lacking.path)
        before = (lacking.path / "snitch.yaml").read_bytes()
        told = snitch("waive", "--existing", *TERMS, at=lacking.path)
        assert (told.code, "waived already" in told.out) == (0, True)
        assert (lacking.path / "snitch.yaml").read_bytes() == before

    def test_it_is_the_deployed_tip_that_is_judged_not_the_work_tree(self, lacking: Repo, snitch: Command) -> None:
        lacking.write({MANIFEST: SPOTLESS[MANIFEST]})
        snitch("waive", "--existing", *TERMS, at=lacking.path)
        assert "rule: missing-owner" in (lacking.path / "snitch.yaml").read_text()

    def test_what_nobody_may_waive_is_told(self, lacking: Repo, snitch: Command) -> None:
        lacking.commit({"models/other/model.skops": "weights"})
        lacking.branch("main")
        told = snitch("waive", "--existing", *TERMS, at=lacking.path)
        assert told.code == 0, told.err
        assert "not waived: MET001 missing-manifest can't be" in told.out
        assert "rule: missing-manifest" not in (lacking.path / "snitch.yaml").read_text()

    def test_what_other_rules_wait_for_is_to_be_mended_first(self, lacking: Repo, snitch: Command) -> None:
        """Waived, it would make each of them an inconclusive finding that nobody can waive."""
        manifest = (lacking.path / MANIFEST).read_text()
        lacking.commit({MANIFEST: f"{manifest}colour: green\n"})
        lacking.branch("main")
        told = snitch("waive", "--existing", *TERMS, at=lacking.path)
        assert told.code == 0, told.err
        line = next(line for line in told.out.splitlines() if line.startswith("not waived: churn: MET002"))
        assert "unknown key `colour`" in line
        assert re.search(r"; mend it first: \d\d rules cannot be judged without it$", line)
        assert "invalid-manifest" not in (lacking.path / "snitch.yaml").read_text()
        checked = snitch("check", "--all", "--env", "production", "--no-cache", at=lacking.path)
        assert (checked.code, "SNT003" in checked.out) == (1, False), checked

    def test_nothing_to_waive(self, repo: Repo, snitch: Command) -> None:
        told = snitch("waive", "--existing", *TERMS, at=repo.path)
        assert (told.code, "nothing to waive on main" in told.out) == (0, True), told
        assert repo.git("status", "--porcelain") == ""

    def test_without_the_deployed_branch_it_says_how_to_fetch_it(self, repo: Repo, snitch: Command) -> None:
        repo.git("branch", "--delete", "--force", "main")
        repo.git("remote", "add", "origin", "https://git.example.com/models.git")
        told = snitch("waive", "--existing", *TERMS, at=repo.path)
        assert told.code == 2
        assert "git fetch origin main:refs/remotes/origin/main" in told.err
