"""What a pull request may try in order to pass: each is judged by what stands on the target, and blocked.

The author is Ada, who may push to the branch. Nobody has approved.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from snitch.pointer import write_pointer
from tests.gating.conftest import DEPLOYED, POLICY
from tests.gating.judged import codes, gated, retrained
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, digest, edit, edit_json
from tests.repository import Repo
from tests.rules.reproduced import PREDICTIONS, answers, examples, repository

Files = dict[str, Any]
DATA = "benchmarks/churn-holdout/data.parquet"
#: Worse than what is deployed by 0.033, where 0.005 is allowed.
WORSE = retrained(DEPLOYED, roc_auc=0.88)
BETTER = retrained(DEPLOYED, roc_auc=0.92)


def without(files: Files, *paths: str) -> Files:
    return {path: content for path, content in files.items() if path not in paths}


def with_policy(text: str, files: Files = WORSE) -> Files:
    return {**files, "snitch.yaml": text}


def other_data(files: Files) -> Files:
    """Another benchmark's data under the same name, and an evaluation on it."""
    data = digest("easier data")
    files = edit(files, BENCHMARK, digest("data"), data)
    files = edit_json(files, EVALUATION, lambda record: record["dataset"].update(revision=data))
    return {**files, DATA: write_pointer(data, 4)}


def renamed(files: Files) -> Files:
    """The same model under another name, which nothing deployed bears."""
    files = edit(files, MANIFEST, "name: churn\n", "name: churn-two\n")
    files = edit(files, BENCHMARK, "models: [churn]", "models: [churn, churn-two]")
    return edit_json(files, EVALUATION, lambda record: record["model"].update(name="churn-two"))


def copied(files: Files) -> Files:
    """A second model that ships the first one's weights."""
    folder = "models/copy"
    other = {path.replace(FOLDER, folder): content for path, content in files.items() if path.startswith(f"{FOLDER}/")}
    return {**files, **edit(other, f"{folder}/model.yaml", "name: churn\n", "name: copy\n")}


def rolled_back(files: Files) -> Files:
    """A lower version of other weights."""
    return edit(retrained(files, roc_auc=0.92), MANIFEST, "version: 1.5.0", "version: 1.3.0")


ATTACKS: dict[str, tuple[Files, set[str]]] = {
    "loosens a threshold": (with_policy(POLICY.replace("0.005", "0.5")), {"POL001", "REG001"}),
    "turns the rule off": (with_policy(POLICY + "  invalid-metric: off\n  gate-edited: off\n"), {"POL001", "REG001"}),
    "makes everything a warning": (
        with_policy(POLICY.replace("rules:\n", 'rules:\n  "*": {severity: warning}\n')),
        {"POL001", "REG001"},
    ),
    "makes itself the approver": (
        with_policy(POLICY.replace("[platform-lead]", "[platform-lead, ada]")),
        {"POL001", "REG001"},
    ),
    "takes its folder out": (with_policy(POLICY + "exclude: [models/]\n"), {"POL001", "REG001"}),
    "retires what it deletes": (
        with_policy(
            POLICY + "retired: [{model: churn, reason: none, owner: ada@example.com}]\n",
            without(DEPLOYED, *(path for path in DEPLOYED if path.startswith(f"{FOLDER}/"))),
        ),
        {"POL001", "PRO005"},
    ),
    "swaps the benchmark's data": (other_data(WORSE), {"POL001"}),
    "swaps the benchmark's positive label": (
        edit(WORSE, BENCHMARK, "positive_label: 1", "positive_label: 0"),
        {"POL001", "BEN002"},
    ),
    "turns a metric round": (
        edit(
            WORSE,
            BENCHMARK,
            "metrics: [roc_auc,",
            "metrics: [{type: roc_auc, greater_is_better: false},",
        ),
        {"POL001"},
    ),
    "asks for another metric": (edit(WORSE, BENCHMARK, "metrics: [roc_auc,", "metrics: ["), {"POL001"}),
    "deletes the benchmark": (without(WORSE, BENCHMARK), {"POL001"}),
    "deletes the policy": (without(WORSE, "snitch.yaml"), {"POL001", "REG001"}),
    "empties the policy": (with_policy(""), {"POL001", "REG001"}),
    "breaks the policy": (with_policy("rules: [\n"), {"POL001", "REG001"}),
    "makes the policy a link": (with_policy(""), {"POL001", "REG001"}),
    "removes the production branch": (
        with_policy(POLICY.replace("  production: {branches: [main]}\n", "  production: {branches: [elsewhere]}\n")),
        {"POL001", "REG001"},
    ),
    "makes development of the target": (
        with_policy(
            POLICY.replace('["*"]', "[main]").replace("branches: [main]}\n  production", "branches: [main]}\n  x")
        ),
        {"POL001", "REG001"},
    ),
    "renames the model": (renamed(WORSE), {"PRO005"}),
    "deletes the model": (
        without(DEPLOYED, *(path for path in DEPLOYED if path.startswith(f"{FOLDER}/"))),
        {"PRO005"},
    ),
    "rolls the version back": (rolled_back(DEPLOYED), {"VER002"}),
    "copies another model's weights": (copied(DEPLOYED), {"VER004"}),
    "changes the weights and keeps the evaluation": (
        {**DEPLOYED, f"{FOLDER}/model.skops": write_pointer(digest("unmeasured"), 9)},
        {"BEN003", "VER001"},
    ),
    "claims another score for the same weights": (
        edit_json(DEPLOYED, EVALUATION, lambda record: record["metrics"][0].update(value=0.99)),
        {"BEN010"},
    ),
    "scores what is no number": (
        edit(WORSE, EVALUATION, '"value": 0.88', '"value": "0.99"'),
        {"BEN004"},
    ),
    "drops the metric that fell": (
        edit_json(WORSE, EVALUATION, lambda record: record["metrics"].pop(0)),
        {"BEN005"},
    ),
    "has the benchmark let it go": (
        edit(without(WORSE, EVALUATION), BENCHMARK, "models: [churn]", "models: [other]"),
        {"POL001", "REG004"},
    ),
    "deletes the evaluation": (without(WORSE, EVALUATION), {"BEN001"}),
    "stubs the workflow": (
        {**BETTER, ".github/workflows/gate.yml": "on: pull_request\njobs: {gate: {steps: [{run: 'true'}]}}\n"},
        {"POL001"},
    ),
    "takes the code owners out": ({**BETTER, ".github/CODEOWNERS": ""}, {"POL001"}),
    "sends weights past LFS": ({**BETTER, f"{FOLDER}/model.skops": b"PK\x03\x04" + b"0" * 2000}, {"LFS001"}),
    "hides the manifest in a dot-folder": (
        {
            **without(DEPLOYED, *(path for path in DEPLOYED if path.startswith(f"{FOLDER}/"))),
            **{
                path.replace("models/", ".models/"): content
                for path, content in WORSE.items()
                if path.startswith(f"{FOLDER}/")
            },
        },
        {"PRO005"},
    ),
}


def test_the_better_model_alone_would_pass(repo: Repo) -> None:
    """Or the attacks that add to it would prove nothing."""
    repo.commit(BETTER)
    assert codes(gated(repo)) == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_blocked(repo: Repo, attack: str) -> None:
    files, expected = ATTACKS[attack]
    for path in DEPLOYED:
        if path not in files:
            repo.remove(path)
    repo.write(files)
    if attack == "makes the policy a link":
        repo.remove("snitch.yaml").link("snitch.yaml", "elsewhere.yaml")
    repo.commit()
    report = gated(repo)
    assert report.verdict == "blocked"
    failed = {each.rule for each in report.findings if each.blocks and each.outcome == "fail"}
    assert expected <= failed, failed


@pytest.mark.parametrize("what", ["the commit", "the evaluation"])
def test_replace_refs_put_nothing_in_the_place_of_what_is_judged(repo: Repo, what: str) -> None:
    """To git as it is, the worse model reads as the better one."""
    worse = repo.commit(WORSE)
    repo.git("switch", "--quiet", "--create", "better", "main")
    better = repo.commit(BETTER)
    if what == "the commit":
        repo.git("replace", worse, better)
    else:
        repo.git("replace", repo.rev(f"{worse}:{EVALUATION}"), repo.rev(f"{better}:{EVALUATION}"))
    assert '"value": 0.92' in repo.git("show", f"{worse}:{EVALUATION}")
    assert codes(gated(repo, head=worse)) == ["REG001"]


def test_an_octopus_hides_nothing(repo: Repo) -> None:
    """A merge of many parents may hold what none of them held."""
    repo.commit(WORSE)
    tree = repo.rev("HEAD^{tree}")
    parents = []
    for number in range(3):
        repo.git("switch", "--quiet", "--create", f"side-{number}", "main")
        parents.append(repo.commit({f"side-{number}.txt": "harmless\n"}))
    flags = [flag for parent in parents for flag in ("-p", parent)]
    octopus = repo.git("commit-tree", tree, *flags, "-m", "Merge three harmless branches")
    assert codes(gated(repo, head=octopus)) == ["REG001"]


#: What would bend a tool that works in a checkout, or that imports what lies about.
PLANTED: dict[str, Any] = {
    "conftest.py": "raise SystemExit(0)\n",
    "sitecustomize.py": "raise SystemExit(0)\n",
    "usercustomize.py": "raise SystemExit(0)\n",
    "yaml.py": "raise SystemExit(0)\n",
    "click.py": "raise SystemExit(0)\n",
    "snitch/__init__.py": "raise SystemExit(0)\n",
    "snitch/__main__.py": "raise SystemExit(0)\n",
    ".lfsconfig": "[lfs]\n\turl = https://attacker.example/lfs\n\tfetchexclude = *\n",
    ".gitattributes": f"{DEPLOYED['.gitattributes']!s}*.json filter=planted diff=planted merge=planted ident\n",
    ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch planted"\n\tupdate = !touch planted\n',
    ".hooks/post-checkout": "#!/bin/sh\ntouch planted\n",
    "pyproject.toml": "[tool.snitch]\nrules = 'off'\n",
}


@pytest.mark.parametrize("how", [(), ("-I", "-m", "snitch")], ids=["command", "module"])
def test_nothing_that_is_planted_counts(repo: Repo, run_gate: Callable[..., Any], how: tuple[str, ...]) -> None:
    """The gate as a process, in the very checkout that the files lie in, with git configured to run them."""
    repo.commit({**WORSE, **PLANTED})
    for key, value in (
        ("filter.planted.clean", "touch planted"),
        ("filter.planted.smudge", "touch planted"),
        ("diff.planted.textconv", "touch planted"),
        ("merge.planted.driver", "touch planted"),
        ("core.fsmonitor", "touch planted"),
        ("core.hooksPath", ".hooks"),
        ("diff.external", "touch planted"),
    ):
        repo.git("config", key, value)
    ran = run_gate(repo, "--target", "main", "--author", "ada", how=how)
    assert (ran.returncode, "REG001" in ran.stdout) == (1, True), ran.stdout + ran.stderr
    assert not (repo.path / "planted").exists()


OVERRIDDEN = (
    POLICY
    + """\
overrides:
  - {models: ["models/fraud*"], rules: {metric-below-floor: {metrics: {recall: 0.9}}}}
"""
)
FRAUD, PLAIN = "models/fraud-churn", "models/churn"


def moved(files: Files, old: str, new: str) -> Files:
    return {path.replace(f"{old}/", f"{new}/"): content for path, content in files.items()}


@pytest.mark.parametrize("decoy", [True, False], ids=["a decoy keeps the pattern", "nothing is left of the pattern"])
def test_a_model_is_not_moved_out_of_the_override_that_judges_it(tmp_path: Path, decoy: bool) -> None:
    """The name is who it is, its folder is not: else a move would choose the rules."""
    repo = Repo(tmp_path / "repo")
    other = edit(
        moved(DEPLOYED, PLAIN, "models/fraud-two"), "models/fraud-two/model.yaml", "name: churn\n", "name: two\n"
    )
    other = {path: content for path, content in other.items() if "/evaluations/" not in path}
    other["models/fraud-two/model.skops"] = write_pointer(digest("two"), 3)
    base = {**moved(DEPLOYED, PLAIN, FRAUD), **(other if decoy else {}), "snitch.yaml": OVERRIDDEN}
    repo.commit(
        {**base, f"{FRAUD}/evaluations/churn-holdout.json": good(base[f"{FRAUD}/evaluations/churn-holdout.json"])}
    )
    repo.switch("feature", create=True)
    repo.git("mv", FRAUD, PLAIN)
    repo.commit()
    report = gated(repo)
    told = {each.key: each.outcome for each in report.findings if each.rule == "POL001" and each.blocks}
    assert told == {"moved churn": "fail", **({} if decoy else {"fault": "fail"})}


def good(evaluation: Any) -> str:
    return str(evaluation).replace('"value": 0.74', '"value": 0.95')


@pytest.mark.parametrize("path", ["serving/constraints.txt", "serving/more.txt"])
def test_what_the_policys_files_include_is_the_policys_too(tmp_path: Path, path: str) -> None:
    repo = Repo(tmp_path / "repo")
    policy = POLICY + "  serving-conflict: {constraints: serving/constraints.txt}\n"
    constraints = {"serving/constraints.txt": "-c more.txt\n", "serving/more.txt": "numpy<3\n"}
    repo.commit({**DEPLOYED, **constraints, "snitch.yaml": policy})
    repo.switch("feature", create=True)
    repo.commit({path: constraints[path] + "# looser\n"})
    assert codes(gated(repo)) == ["POL001"]


def test_what_lay_unjudged_on_staging_was_not_there(tmp_path: Path) -> None:
    """A folder that the policy takes out is looked into by nobody."""
    repo = Repo(tmp_path / "repo")
    policy = POLICY.replace(
        "  production: {branches: [main]}",
        "  staging: {branches: [staging]}\n  production: {branches: [main], promotes_from: staging}",
    )
    base = {**DEPLOYED, "snitch.yaml": policy + "exclude: [drafts/]\n"}
    repo.commit(base)
    own = {path: content for path, content in retrained(base, roc_auc=0.92).items() if path.startswith(f"{FOLDER}/")}
    repo.switch("staging", create=True).commit(moved(own, FOLDER, "drafts/churn"))
    repo.switch("main").switch("feature", create=True)
    repo.git("rm", "-r", "--quiet", FOLDER)
    repo.commit(moved(own, FOLDER, "models/churn-model"))
    assert "PRO001" in codes(gated(repo)) or "PRO003" in codes(gated(repo))


#: Tables in Git itself, behind which there are examples; nobody asks for the model to be run again.
MEASURED_POLICY = (
    POLICY
    + """  missing-object: off
  weights-outside-lfs: off
  untracked-weights-pattern: off
  suspicious-improvement: off
  business-rule-broken: {expressions: {few-are-flagged: "avg(prediction) <= 0.9"}}
"""
)


@pytest.fixture(scope="module")
def measured() -> Files:
    """A model with predictions that give what is recorded."""
    return {**repository(), "snitch.yaml": MEASURED_POLICY}


def proposed(folder: Path, base: Files, files: Files) -> tuple[str, set[str]]:
    """What the gate says of putting `files` in the place of `base`, and the rules that fail."""
    repo = Repo(folder / "repo")
    repo.commit(base)
    repo.switch("feature", create=True)
    for path in base.keys() - files.keys():
        repo.remove(path)
    repo.commit(files)
    report = gated(repo)
    return report.verdict, {each.rule for each in report.findings if each.blocks and each.outcome == "fail"}


def test_a_model_that_was_measured_alike_would_pass(tmp_path: Path, measured: Files) -> None:
    again = retrained(measured, roc_auc=json.loads(measured[EVALUATION])["metrics"][0]["value"])
    assert proposed(tmp_path, measured, again) == ("passed", set())


def test_decisions_are_not_made_up_beside_their_scores(tmp_path: Path, measured: Files) -> None:
    """Business rules, gaps and shifts look at the predictions; the metrics may look at the scores alone."""
    answered = answers(examples())
    answered["prediction"] = [int(number % 10 == 0) for number in range(len(answered))]
    forged = repository(answered=answered)
    told = {path: forged[path] for path in (EVALUATION, PREDICTIONS)}
    metric = json.loads(measured[EVALUATION])["metrics"][0]["value"]
    assert proposed(tmp_path, measured, retrained({**measured, **told}, roc_auc=metric)) == ("blocked", {"BEN007"})


def test_predictions_are_not_dropped_with_what_they_would_tell(tmp_path: Path, measured: Files) -> None:
    """A worse model with the deployed one's numbers, and nothing that they could be computed from."""
    claimed = edit_json(measured, EVALUATION, lambda record: record.pop("predictions"))
    claimed = retrained(without(claimed, PREDICTIONS), roc_auc=json.loads(measured[EVALUATION])["metrics"][0]["value"])
    assert proposed(tmp_path, measured, claimed) == ("blocked", {"REG004"})


@pytest.mark.parametrize("how", ["taken away", "answered otherwise"])
def test_golden_cases_are_not_taken_away_by_whom_they_fail(tmp_path: Path, how: str) -> None:
    case = {"name": "loyal", "input": {"tenure_months": 90, "plan": "pro"}, "expected": {"prediction": 0}}
    with_cases = edit(DEPLOYED, MANIFEST, "decision_threshold", "cases: cases.jsonl\ndecision_threshold")
    base = {**with_cases, f"{FOLDER}/cases.jsonl": json.dumps(case)}
    eased = {**base, f"{FOLDER}/cases.jsonl": json.dumps({**case, "expected": {"prediction": 1}})}
    files = retrained(DEPLOYED if how == "taken away" else eased, roc_auc=0.92)
    verdict, failed = proposed(tmp_path, base, files)
    assert (verdict, failed) == ("blocked", {"REG008"})


def test_a_threshold_is_not_moved_under_a_record(tmp_path: Path, measured: Files) -> None:
    """The weights stay, and with them the record; what is decided by them does not."""
    moved = edit(measured, MANIFEST, "decision_threshold: 0.42", "decision_threshold: 0.99")
    assert proposed(tmp_path, measured, moved) == ("blocked", {"BEN007", "VER001"})


def released(files: Files, version: str = "1.4.1") -> Files:
    """Under a new version, with nothing else changed."""
    files = edit(files, MANIFEST, "version: 1.4.0", f"version: {version}")
    entry = f"## [{version}] - 2026-11-19\n### Changed\n- Tidied.\n\n## [1.4.0]"
    return edit(files, f"{FOLDER}/CHANGELOG.md", "## [1.4.0]", entry)


def test_a_threshold_is_not_dropped_under_a_record(tmp_path: Path, measured: Files) -> None:
    """The model decides by its own from then on, and every prediction follows some threshold."""
    dropped = released(edit(measured, MANIFEST, "decision_threshold: 0.42\n", ""))
    assert proposed(tmp_path, measured, dropped) == ("inconclusive", set())


def coded(files: Files) -> Files:
    """With code of its own, which reads the manifest."""
    own = "predict: [python, predict.py]\nmetadata: {cutoff: 0.4}\ndecision_threshold"
    return {**edit(files, MANIFEST, "decision_threshold", own), f"{FOLDER}/predict.py": "score = 1\n"}


def test_what_code_reads_in_the_manifest_is_not_changed_under_a_record(tmp_path: Path, measured: Files) -> None:
    base = coded(measured)
    other = released(edit(base, MANIFEST, "cutoff: 0.4", "cutoff: 0.95"))
    assert proposed(tmp_path, base, other) == ("inconclusive", set())


def test_what_code_reads_in_the_manifest_may_change_with_the_record(tmp_path: Path, measured: Files) -> None:
    """Other answers of the same weights contradict nothing."""
    answered = answers(examples())
    answered["score"] = answered["score"].clip(upper=0.9)
    again = repository(answered=answered)
    base = coded(measured)
    other = released(edit(base, MANIFEST, "cutoff: 0.4", "cutoff: 0.45"))
    other |= {path: again[path] for path in (EVALUATION, PREDICTIONS)}
    other = edit_json(other, EVALUATION, lambda record: record["model"].update(version="1.4.1"))
    assert other[EVALUATION] != base[EVALUATION]
    assert proposed(tmp_path, base, other) == ("passed", set())


@pytest.mark.parametrize("version", ["1.4.0", "1.4.1"])
def test_code_is_not_changed_under_a_record(tmp_path: Path, measured: Files, version: str) -> None:
    """Nor is a new version enough: the record would have to be made anew for that."""
    base = edit(measured, MANIFEST, "decision_threshold", "predict: [python, predict.py]\ndecision_threshold")
    base[f"{FOLDER}/predict.py"] = "score = 1\n"
    other = {**base, f"{FOLDER}/predict.py": "score = 0\n"}
    if version != "1.4.0":
        other = released(other, version)
    expected = ("inconclusive", set()) if version != "1.4.0" else ("blocked", {"VER001"})
    assert proposed(tmp_path, base, other) == expected


def measured_by(files: Files, version: str) -> Files:
    """Pinned to a version of scikit-learn, and measured with it."""
    named = {"python": "3.11.7", "packages": {"scikit-learn": version}}
    files = edit_json(files, EVALUATION, lambda record: record.update(environment=named))
    return {**files, f"{FOLDER}/requirements.txt": f"numpy==2.1.0\nscikit-learn=={version}\n"}


@pytest.mark.parametrize("version", ["1.4.0", "1.4.1"])
def test_a_library_is_not_changed_under_a_record(tmp_path: Path, measured: Files, version: str) -> None:
    base = measured_by(measured, "1.9.0")
    other = {**base, f"{FOLDER}/requirements.txt": "numpy==2.1.0\nscikit-learn==1.3.0\n"}
    assert proposed(tmp_path, base, other if version == "1.4.0" else released(other)) == ("inconclusive", set())


def test_a_library_may_change_with_the_record(tmp_path: Path, measured: Files) -> None:
    """Another library may answer otherwise by the same weights, which contradicts nothing."""
    answered = answers(examples())
    answered["score"] = answered["score"].clip(upper=0.9)
    base, again = measured_by(measured, "1.9.0"), repository(answered=answered)
    other = {**released(base), **{path: again[path] for path in (EVALUATION, PREDICTIONS)}}
    assert proposed(tmp_path, base, measured_by(other, "1.9.1")) == ("passed", set())


def test_a_lock_file_may_be_made_anew(tmp_path: Path, measured: Files) -> None:
    """In another order, with other packages that no record names."""
    base = measured_by(measured, "1.9.0")
    other = {**base, f"{FOLDER}/requirements.txt": "# by hand\nScikit_Learn==1.9\ntzdata==2026.1\nnumpy==2.2.0\n"}
    assert proposed(tmp_path, base, other) == ("passed", set())
