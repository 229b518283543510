"""`snitch check`: what each option does, how it ends, and what it says where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.changed import CARD, NOW, RETRAINED, REWORDED, UNREACHABLE, WORSE, deployed_unevaluated, process
from tests.cli.conftest import Command, Ran
from tests.golden import held_against
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, edit, without
from tests.repository import Repo

GOLDEN = Path(__file__).parent / "golden"
HIGH = "--env=production"


def result(ran: Ran) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(ran.out)
    return loaded


def rules(ran: Ran) -> list[str]:
    return [finding["rule"] for finding in result(ran)["findings"]]


@pytest.fixture
def check(snitch: Command, repo: Repo) -> Command:
    """`snitch check --format json` on the day, at the repository's root."""

    def command(*arguments: str, at: Path = repo.path) -> Ran:
        return snitch("check", NOW, "--format=json", *arguments, at=at)

    return command


class TestGolden:
    """What is seen of a clean, a blocked and an inconclusive change, held against files that a person has read."""

    @pytest.fixture(params=["clean", "blocked", "inconclusive"])
    def case(self, request: pytest.FixtureRequest, repo: Repo) -> tuple[str, int]:
        if request.param == "inconclusive":
            deployed_unevaluated(repo)
        else:
            repo.write(REWORDED if request.param == "clean" else WORSE)
        return request.param, {"clean": 0, "blocked": 1, "inconclusive": 3}[request.param]

    @pytest.mark.parametrize("form", ["text", "concise", "json", "markdown"])
    def test_golden(
        self,
        case: tuple[str, int],
        form: str,
        snitch: Command,
        repo: Repo,
        request: pytest.FixtureRequest,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        name, code = case
        monkeypatch.setenv("COLUMNS", "90")
        ran = snitch("check", NOW, HIGH, f"--format={form}", at=repo.path)
        assert (ran.code, ran.err) == (code, "")
        held_against(GOLDEN / f"{name}.{form}", ran.out, request)


class TestExitCode:
    def test_nothing_changed_is_passed(self, snitch: Command, repo: Repo) -> None:
        ran = snitch("check", NOW, at=repo.path)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == "passed: 0 models judged: nothing that Snitch judges has changed\n"

    def test_a_warning_is_passed(self, check: Command, repo: Repo) -> None:
        repo.write(UNREACHABLE)
        ran = check()
        assert (ran.code, rules(ran), result(ran)["verdict"]) == (0, ["MET004"], "passed")

    def test_an_error_is_blocked(self, check: Command, repo: Repo) -> None:
        repo.write(UNREACHABLE)
        ran = check(HIGH)
        assert (ran.code, rules(ran), result(ran)["verdict"]) == (1, ["MET004"], "blocked")

    def test_what_cannot_be_told_is_inconclusive(self, check: Command, repo: Repo) -> None:
        deployed_unevaluated(repo)
        ran = check(HIGH)
        assert (ran.code, rules(ran), result(ran)["verdict"]) == (3, ["REG005"], "inconclusive")

    def test_blocked_is_worse_than_inconclusive(self, check: Command, repo: Repo) -> None:
        deployed_unevaluated(repo).write(
            {MANIFEST: edit(RETRAINED, MANIFEST, "license: apache-2.0", "license: none")[MANIFEST]}
        )
        assert check(HIGH).code == 1

    def test_exit_zero_tells_and_passes(self, snitch: Command, repo: Repo) -> None:
        repo.write(WORSE)
        ran = snitch("check", NOW, HIGH, "--exit-zero", at=repo.path)
        assert ran.code == 0
        assert "error[REG001]" in ran.out
        assert "blocked: 1 error" in ran.out

    def test_exit_zero_excuses_no_misuse(self, snitch: Command, repo: Repo) -> None:
        assert snitch("check", "--exit-zero", "--env=prod", at=repo.path).code == 2

    def test_an_invalid_policy_is_misuse_that_names_each_place(self, snitch: Command, repo: Repo) -> None:
        repo.write({"snitch.yaml": "extends: recommended\nruls: {}\nrules: {stale-benchmrk: off}\n"})
        ran = snitch("check", NOW, at=repo.path)
        assert (ran.code, ran.out) == (2, "")
        assert "snitch.yaml:2:1: unknown key `ruls` (did you mean `rules`?)" in ran.err

    def test_an_unknown_rule_of_the_policy_is_misuse(self, snitch: Command, repo: Repo) -> None:
        repo.write({"snitch.yaml": "rules:\n  stale-benchmrk: off\n"})
        ran = snitch("check", NOW, at=repo.path)
        assert (ran.code, ran.out) == (2, "")
        assert "snitch.yaml:2:3: there is no rule `stale-benchmrk` (did you mean `stale-benchmark`?)" in ran.err

    def test_a_key_that_is_unknown_to_the_manifest_is_a_finding_with_the_nearest_one(
        self, check: Command, repo: Repo
    ) -> None:
        repo.write(edit(SPOTLESS, MANIFEST, "license:", "licence:"))
        told = result(check())["findings"]
        unknown = next(finding for finding in told if "licence" in finding["message"])
        place = (unknown["rule"], unknown["path"], unknown["line"], unknown["column"], unknown["pointer"])
        assert place == ("MET002", MANIFEST, 5, 1, "/licence")
        assert "`license`" in unknown["help"]

    def test_outside_a_repository(self, snitch: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
        (tmp_path / "nowhere").mkdir()
        ran = snitch("check", at=tmp_path / "nowhere")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("snitch: there is no git repository at ")

    def test_without_git(self, repo: Repo) -> None:
        ran = process("check", at=repo.path, env={"PATH": "/nonexistent"})
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("snitch: git is not installed")

    def test_without_any_model(self, snitch: Command, tmp_path: Path) -> None:
        repo = Repo(tmp_path / "none")
        repo.commit({"README.md": "x"})
        ran = snitch("check", at=repo.path)
        assert ran.code == 2
        assert "there is no model here" in ran.err

    @pytest.mark.parametrize(
        ("paths", "at", "said"),
        [
            (
                ["models/churn/bin/model.pkl"],
                ".",
                "models/churn/bin/model.pkl looks like weights: `snitch new churn --path models/churn` adds one there",
            ),
            (
                ["models/Ch/a.onnx", "old/b.pkl"],
                "old",
                "models/Ch/a.onnx and 1 more look like weights: `snitch new ch --path ../models/Ch` adds one there",
            ),
            (["a.pkl"], ".", "a.pkl looks like weights: `snitch new NAME --path .` adds one there"),
            (["benchmarks/a/x.npy", ".venv/a.pkl"], ".", "`snitch new NAME` adds one"),
        ],
        ids=["its folder", "more than one", "the top", "none"],
    )
    def test_without_any_model_the_weights_say_how_to_begin(
        self, snitch: Command, tmp_path: Path, paths: list[str], at: str, said: str
    ) -> None:
        repo = Repo(tmp_path / "none")
        repo.commit(dict.fromkeys(paths, "w"))
        ran = snitch("check", at=repo.path / at)
        where = "no model.yaml in the candidate or the deployed branch"
        assert (ran.code, ran.err) == (2, f"snitch: there is no model here: {where}. {said}\n")

    def test_without_the_deployed_branch(self, snitch: Command, repo: Repo) -> None:
        repo.git("branch", "-D", "main")
        repo.git("remote", "add", "origin", "https://git.example.com/models.git")
        ran = snitch("check", NOW, HIGH, at=repo.path)
        assert ran.code == 3
        assert "git fetch origin main:refs/remotes/origin/main" in ran.out

    def test_without_the_deployed_branch_and_any_remote(self, snitch: Command, repo: Repo) -> None:
        repo.git("branch", "-D", "main")
        ran = snitch("check", NOW, HIGH, at=repo.path)
        assert (ran.code, "git fetch" in ran.out) == (3, False)
        assert "`git branch main` creates it" in ran.out


class TestWhatIsJudged:
    def test_the_work_tree(self, check: Command, repo: Repo) -> None:
        repo.write(UNREACHABLE)
        assert result(check())["candidate"] == {"ref": "work tree", "commit": None, "tree": None}
        assert rules(check()) == ["MET004"]

    def test_staged_judges_the_index(self, check: Command, repo: Repo) -> None:
        repo.write(UNREACHABLE)
        assert rules(check("--staged")) == []
        repo.stage().write(SPOTLESS)
        ran = check("--staged")
        assert (rules(ran), result(ran)["candidate"]["commit"]) == (["MET004"], None)

    def test_pre_push_judges_each_pushed_commit_as_above(self, repo: Repo) -> None:
        good, zero = repo.rev("HEAD"), "0" * 40
        bad = repo.commit(UNREACHABLE)
        pushed = f"refs/heads/good {good} refs/heads/good {zero}\nrefs/heads/bad {bad} refs/heads/bad {zero}\n"
        ran = process("check", "--pre-push", NOW, "--select=MET004", "--format=concise", at=repo.path, input=pushed)
        assert (ran.code, ran.err) == (1, "")
        assert ran.out.count("error[MET004]") == 1

    @pytest.fixture
    def two_pushed(self, repo: Repo) -> tuple[str, str, str]:
        """What git tells the hook of two branches, and their commits: the one good, the other not."""
        good, zero = repo.rev("HEAD"), "0" * 40
        bad = repo.commit(UNREACHABLE)
        told = f"refs/heads/good {good} refs/heads/good {zero}\nrefs/heads/bad {bad} refs/heads/bad {zero}\n"
        return told, good, bad

    @pytest.mark.parametrize("forms", [["json"], ["text", "json={}"]], ids=["stdout", "file"])
    def test_of_several_pushed_commits_no_one_document_is_made(
        self, repo: Repo, two_pushed: tuple[str, str, str], tmp_path: Path, forms: list[str]
    ) -> None:
        told, good, bad = two_pushed
        file = tmp_path / "report.json"
        file.write_text("an older one")
        options = [f"--format={form.format(file)}" for form in forms]
        ran = process("check", "--pre-push", NOW, *options, at=repo.path, input=told)
        assert (ran.code, ran.out) == (2, "")
        assert "2 commits are pushed, and json makes one document of one commit" in ran.err
        assert f"`--ref {good}` and `--ref {bad}`" in ran.err
        assert file.read_text() == "an older one"
        alone = process("check", "--pre-push", f"--ref={bad}", NOW, "--format=json", at=repo.path)
        assert (alone.code, rules(alone)) == (1, ["MET004"])

    def test_the_reports_of_several_pushed_commits_stand_one_after_another(
        self, repo: Repo, two_pushed: tuple[str, str, str], tmp_path: Path
    ) -> None:
        file = tmp_path / "report.md"
        forms = ("--format=text", f"--format=markdown={file}")
        ran = process("check", "--pre-push", NOW, *forms, at=repo.path, input=two_pushed[0])
        assert (ran.code, ran.err) == (1, "")
        first, _, second = ran.out.partition("\n\n")
        assert first.startswith("passed: ")
        assert second.startswith("error[MET004]")
        headings = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
        assert [line.rpartition(" ")[2] for line in headings] == ["passed", "blocked"]

    def test_one_commit_on_two_branches_is_one_document(self, repo: Repo) -> None:
        bad, zero = repo.commit(UNREACHABLE), "0" * 40
        told = f"refs/heads/one {bad} refs/heads/one {zero}\nrefs/heads/two {bad} refs/heads/two {zero}\n"
        ran = process("check", "--pre-push", NOW, "--format=json", at=repo.path, input=told)
        assert (ran.code, rules(ran)) == (1, ["MET004"])

    def test_where_nothing_is_pushed_no_program_is_told_words(self, repo: Repo) -> None:
        deleted = f"(delete) {'0' * 40} refs/heads/old {repo.rev('HEAD')}\n"
        ran = process("check", "--pre-push", "--format=json", at=repo.path, input=deleted)
        assert ran == Ran(0, "", "snitch: nothing is pushed that could be judged, so there is no report\n")

    def test_a_push_that_only_deletes_passes(self, repo: Repo) -> None:
        deleted = f"(delete) {'0' * 40} refs/heads/old {repo.rev('HEAD')}\n"
        ran = process("check", "--pre-push", NOW, at=repo.path, input=deleted)
        assert ran == Ran(0, "passed: nothing is pushed that could be judged\n", "")
        assert process("check", "--pre-push", "--quiet", at=repo.path, input=deleted) == Ran(0, "", "")

    def test_ref_judges_a_commit(self, check: Command, repo: Repo) -> None:
        bad = repo.commit(UNREACHABLE)
        repo.write(SPOTLESS)
        ran = check("--ref=HEAD")
        assert (rules(ran), result(ran)["candidate"]["commit"]) == (["MET004"], bad)

    def test_base_is_what_the_change_is_measured_from(self, check: Command, repo: Repo) -> None:
        bad = repo.commit(UNREACHABLE)
        ran = check(f"--base={bad}")
        assert (rules(ran), result(ran)["base"]["commit"], result(ran)["models"]) == ([], bad, [])
        assert rules(check()) == ["MET004"]

    @pytest.mark.parametrize(
        ("arguments", "ref"),
        [
            ((), "merge base with refs/heads/main"),
            (("--base=main",), "refs/heads/main"),
            (("--staged",), "HEAD"),
        ],
    )
    def test_the_base_is_named_as_it_was_found(
        self, check: Command, snitch: Command, repo: Repo, arguments: tuple[str, ...], ref: str
    ) -> None:
        commit = repo.rev("HEAD")
        assert result(check(*arguments))["base"] == {"ref": ref, "commit": commit}
        told = snitch("check", NOW, "--verbose", *arguments, at=repo.path).out.splitlines()
        assert f"  base: {ref} {commit}" in told

    def test_a_commit_named_by_its_id_is_told_once(self, snitch: Command, repo: Repo) -> None:
        commit = repo.rev("HEAD")
        told = snitch("check", NOW, "--verbose", f"--base={commit[:12]}", at=repo.path).out.splitlines()
        assert f"  base: {commit}" in told

    def test_deployed_is_what_it_is_compared_with(self, check: Command, repo: Repo) -> None:
        worse = repo.commit(WORSE)
        assert "REG001" in rules(check())
        ran = check(f"--deployed={worse}", "--all")
        assert (rules(ran), result(ran)["deployed"]["commit"]) == ([], worse)

    def test_policy_of_another_commit(self, check: Command, repo: Repo) -> None:
        repo.write({**UNREACHABLE, "snitch.yaml": "rules: {MET004: off}\n"})
        assert rules(check("--ignore=POL001")) == []
        ran = check("--policy=main", "--ignore=POL001")
        assert (rules(ran), result(ran)["policy"]["commit"]) == (["MET004"], repo.rev("main"))

    def test_environment(self, check: Command) -> None:
        assert result(check())["environment"] == "development"
        assert result(check(HIGH))["environment"] == "production"

    def test_all(self, check: Command) -> None:
        assert result(check())["models"] == []
        (model,) = result(check("--all"))["models"]
        assert (model["name"], model["change"]) == ("churn", "unchanged")

    @pytest.mark.parametrize("path", [FOLDER, f"{FOLDER}/", "models", ".", MANIFEST, f"./{FOLDER}/../churn"])
    def test_a_path_from_the_root(self, check: Command, path: str) -> None:
        assert [model["path"] for model in result(check(path))["models"]] == [FOLDER]

    @pytest.mark.parametrize("path", [".", "model.yaml", "evaluations", "..", "../../models"])
    def test_a_path_is_relative_to_where_one_is(self, check: Command, repo: Repo, path: str) -> None:
        assert [model["path"] for model in result(check(path, at=repo.path / FOLDER))["models"]] == [FOLDER]

    def test_an_absolute_path_through_a_link(self, check: Command, repo: Repo, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(repo.path)
        absolute = str(tmp_path / "link" / FOLDER)
        assert [model["path"] for model in result(check(absolute))["models"]] == [FOLDER]

    def test_select_and_ignore_take_codes_and_names(self, check: Command, repo: Repo) -> None:
        repo.write(without(UNREACHABLE, CARD)).remove(CARD)
        assert sorted(rules(check())) == ["MET004", "MET006"]
        assert rules(check("--select=MET004,REG001")) == ["MET004"]
        assert rules(check("--select=missing-owner, incomplete-card", "--ignore=MET004")) == ["MET006"]
        assert rules(check("--ignore=incomplete-card")) == ["MET004"]
        assert sorted(rules(check("--select=met"))) == ["MET004", "MET006"]
        assert rules(check("--select=ALL", "--ignore=MET")) == []


class TestMisuse:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--select="], "--select names no rule; `snitch rules` lists them"),
            (["--select=,"], "--select names no rule; `snitch rules` lists them"),
            (["--ignore= "], "--ignore names no rule; `snitch rules` lists them"),
            (["--select=MET01"], "there is no rule `MET01`; did you mean `MET001`?"),
            (["--ignore=metric-regresed"], "there is no rule `metric-regresed`; did you mean `metric-regressed`?"),
            (["--ignore=SNT003"], "SNT003 can't be ignored: what could not be judged is always told"),
            (["--ignore=REG001,undecidable"], "undecidable can't be ignored: what could not be judged"),
            (["--ignore=snt"], "snt can't be ignored: what could not be judged is always told"),
            (["--select=SNT"], "nothing is left to judge by after --select; `snitch rules` lists the rules"),
            (["--ignore=ALL"], "nothing is left to judge by after --ignore;"),
            (["--select=REG", "--ignore=REG"], "nothing is left to judge by after --select and --ignore;"),
            (["--select=ß"], "there is no rule `ß`; `snitch rules` lists them"),
            (["--env=prod"], "there is no environment `prod`; the policy has development, production"),
            (["--ref=nosuch"], "there is no commit 'nosuch'"),
            (["--base=nosuch"], "there is no commit 'nosuch'"),
            (["--deployed=nosuch"], "there is no commit 'nosuch'"),
            (["--policy=nosuch"], "there is no commit 'nosuch'"),
            (["--policy=:work-tree:"], "':work-tree:' is not a revision"),
            (["docs"], "docs matches no model\n"),
            (["churn"], "churn matches no model; did you mean `models/churn`?"),
            (["models/chrun/"], "models/chrun matches no model; did you mean `models/churn`?"),
            (["../elsewhere"], "../elsewhere is outside the repository"),
            (["/"], "/ is outside the repository"),
            (["--format=yaml"], "there is no format `yaml`; known: text, concise, json, markdown"),
            (["--format=jsn"], "there is no format `jsn`; did you mean `json`?"),
            (["--format=json="], "`json=` names no file"),
            (["--format=json=a", "--format=text=./a"], "two reports would be written to "),
            (["--format=text", "--format=json"], "two reports would be written to stdout, and json stands alone"),
            (["--format=json", "--format=json"], "two reports would be written to stdout"),
            (["--format"], "requires an argument"),
            (["--stagd"], "--staged"),
            (["--staged", "--pre-push"], "--staged judges the index; it does not go with --pre-push"),
            (["--staged", "--ref=HEAD"], "--staged judges the index; it does not go with --ref"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_it_is_told_on_stderr_alone(self, snitch: Command, repo: Repo, arguments: list[str], words: str) -> None:
        ran = snitch("check", *arguments, at=repo.path)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err
        assert "Traceback" not in ran.err

    def test_a_model_s_name_is_no_path_but_tells_its_folder(self, snitch: Command, repo: Repo) -> None:
        repo.write({f"models/other/{MANIFEST.rpartition('/')[2]}": "name: fraud\n"})
        ran = snitch("check", "fraud", at=repo.path)
        assert (ran.code, ran.err) == (2, "snitch: fraud matches no model; did you mean `models/other`?\n")

    @pytest.mark.parametrize(
        "day",
        [
            "",
            "today",
            "2026-02-30",
            "2026-13-01",
            "20261120",
            "2026-1-2",
            "0000-01-01",
            "٢٠٢٦-١١-٢٠",
            "2026-11-20T00:00",
        ],
    )
    def test_a_bad_day(self, snitch: Command, repo: Repo, day: str) -> None:
        ran = snitch("check", f"--now={day}", at=repo.path)
        assert (ran.code, ran.out) == (2, "")
        assert f"--now takes a date such as 2026-11-20, not `{day}`" in ran.err

    def test_what_was_typed_cannot_write_to_the_terminal(self, snitch: Command, repo: Repo) -> None:
        for arguments in (["--env=\x1b[2J"], ["--now=\x1b[2J"], ["\x1b[2J"], ["--select=\x1b[2J"], ["--ref=\x1b[2J"]):
            ran = snitch("check", *arguments, at=repo.path)
            assert ran.code == 2
            assert "\x1b" not in ran.err


class TestNow:
    def test_the_day_decides(self, check: Command) -> None:
        assert rules(check("--all", "--select=BEN006")) == []
        ran = check("--all", "--select=BEN006", "--now=2027-04-01")
        assert (rules(ran), result(ran)["now"]) == (["BEN006"], "2027-04-01")

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_first_and_the_last_day_that_there_are(self, check: Command, day: str) -> None:
        told = rules(check("--all", f"--now={day}"))
        assert not [rule for rule in told if rule.startswith("SNT")]

    def test_what_falls_due_is_told(self, snitch: Command, repo: Repo) -> None:
        ran = snitch("check", "--all", "--now=2027-03-21", at=repo.path)
        assert ran.code == 0
        assert "its benchmark churn-holdout expires in 11 days (2027-04-01)" in " ".join(ran.out.split())


class TestTelling:
    def test_quiet_says_nothing_of_a_clean_run(self, snitch: Command, repo: Repo) -> None:
        repo.write(REWORDED)
        assert snitch("check", NOW, "--quiet", at=repo.path) == Ran(0, "", "")
        assert snitch("check", NOW, "-q", "--format=concise", at=repo.path) == Ran(0, "", "")

    def test_quiet_says_what_is_wrong(self, snitch: Command, repo: Repo) -> None:
        repo.write(UNREACHABLE)
        assert "warning[MET004]" in snitch("check", NOW, "--quiet", at=repo.path).out

    def test_quiet_writes_documents_all_the_same(self, check: Command, repo: Repo) -> None:
        assert result(check("--quiet"))["verdict"] == "passed"

    def test_verbose_says_what_was_skipped(self, snitch: Command, repo: Repo) -> None:
        repo.write(REWORDED)
        brief, long = (snitch("check", NOW, *more, at=repo.path).out for more in ([], ["--verbose"]))
        assert "skipped: DAT001" not in brief
        assert "skipped: DAT001" in long
        assert snitch("check", NOW, "-v", at=repo.path).out == long

    def test_one_run_writes_many_reports(self, snitch: Command, repo: Repo, tmp_path: Path) -> None:
        repo.write(WORSE)
        forms = ["--format=concise", f"--format=json={tmp_path / 'a=b.json'}", f"--format=markdown={tmp_path / 'c.md'}"]
        ran = snitch("check", NOW, HIGH, *forms, at=repo.path)
        assert ran.code == 1
        assert [line for line in ran.out.splitlines() if "REG001" in line] == ran.out.splitlines()[:1]
        assert json.loads((tmp_path / "a=b.json").read_text())["verdict"] == "blocked"
        assert "REG001" in (tmp_path / "c.md").read_text()

    def test_reports_for_people_may_stand_in_a_row(self, snitch: Command, repo: Repo) -> None:
        repo.write(UNREACHABLE)
        ran = snitch("check", NOW, "--format=concise", "--format=markdown", "--format=text", at=repo.path)
        assert (ran.code, ran.out.count("MET004") >= 3) == (0, True)

    def test_a_report_to_a_file_alone_leaves_stdout_empty(self, snitch: Command, repo: Repo, tmp_path: Path) -> None:
        assert snitch("check", NOW, f"--format=text={tmp_path / 'x'}", at=repo.path) == Ran(0, "", "")
        assert (tmp_path / "x").read_text().startswith("passed: ")

    @pytest.mark.parametrize(("files", "code"), [(REWORDED, 0), (WORSE, 1)], ids=["passed", "blocked"])
    @pytest.mark.parametrize("place", ["absent/report.json", "folder"])
    def test_a_report_that_cannot_be_written_changes_no_verdict_and_no_other_report(
        self, snitch: Command, repo: Repo, tmp_path: Path, files: dict[str, bytes | str], code: int, place: str
    ) -> None:
        repo.write(files)
        (tmp_path / "folder").mkdir()
        before = sorted(tmp_path.rglob("*.tmp"))
        forms = [f"--format=json={tmp_path / place}", "--format=concise", f"--format=markdown={tmp_path / 'c.md'}"]
        ran = snitch("check", NOW, HIGH, *forms, at=repo.path)
        assert ran.code == code
        assert ran.err.startswith(f"snitch: the report cannot be written to {tmp_path / place}: ")
        assert ran.err.count("\n") == 1
        assert ran.out
        assert (tmp_path / "c.md").exists()
        assert sorted(tmp_path.rglob("*.tmp")) == before

    def test_a_file_that_cannot_be_read_leaves_the_rest_judged(self, check: Command, repo: Repo) -> None:
        repo.write(UNREACHABLE).link(EVALUATION.replace("holdout", "other"), "/etc/passwd")
        assert {"SNT001", "MET004"} <= set(rules(check()))
