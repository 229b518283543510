"""The quick way out of the commit hook: too careful at times, but it never misses what matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snitch.checking.commits import Asked
from snitch.checking.run import Options, check
from snitch.git.command import Git
from snitch.snapshot import Mode
from snitch.staged import nothing_staged_matters
from snitch.verdict import Report
from tests.judging import BENCHMARK, EVALUATION, SPOTLESS, edit
from tests.repository import ENVIRONMENT, Repo, isolate

POLICY = """\
extends: [recommended, policies/house.yaml]
rules:
  invalid-manifest: {schema: schemas/metadata.schema.json}
  serving-conflict: {constraints: serving/constraints.txt}
"""

#: A model that leans on files outside its folder, with another model inside it.
LEANING = {
    **edit(
        edit(
            edit(SPOTLESS, "models/churn/model.yaml", "code: train.py", "code: ../../training/train.py"),
            "models/churn/requirements.txt",
            "numpy==2.1.0\n",
            "-r ../../common/base.txt\nnumpy==2.1.0\n",
        ),
        "models/churn/model.yaml",
        "version: ",
        "cases: ../../docs/cases.md\nversion: ",
    ),
    EVALUATION: json.dumps(
        {**json.loads(str(SPOTLESS[EVALUATION])), "predictions": {"path": "../../../shared/p.parquet", "sha256": "x"}}
    ),
    BENCHMARK: str(SPOTLESS[BENCHMARK]).replace("path: data.parquet", "path: ../../shared/data.csv"),
    "snitch.yaml": POLICY,
    "policies/house.yaml": "extends: deeper.yaml\n",
    "policies/deeper.yaml": "rules: {metric-below-floor: {metrics: {roc_auc: 0.5}}}\n",
    "schemas/metadata.schema.json": '{"type": "object"}\n',
    "serving/constraints.txt": "numpy<3\n",
    "training/train.py": "import numpy\n",
    "common/base.txt": "-c pins/limits.lock\nscipy==1.17.0\n",
    "common/pins/limits.lock": "scipy<2\n",
    "docs/cases.md": "Some cases.\n",
    "shared/p.parquet": "predictions\n",
    "shared/data.csv": "id,churned\n",
    "models/churn/inner/model.yaml": "name: inner\n",
    "models/churn/inner/notes.txt": "Kept by the model inside the other.\n",
}

#: A path that decides something about a model or about the gate, from where in the design it follows.
MATTERS = [
    *SPOTLESS,
    *LEANING,
    ".gitattributes",
    "models/.gitattributes",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".github/workflows/gate.yml",
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    "benchmarks/new/benchmark.yaml",
    "models/new/model.yaml",
    "models/churn/anything.md",
    "models/churn/caf\udce9.txt",
    "stray/model.pkl",
    "stray/evaluations/churn-holdout.json",
]
#: And one that decides nothing.
INERT = [
    "README.md",
    "docs/guide.md",
    "docs/picture.png",
    "src/app.py",
    "src/model.yaml.bak",
    "modelsx/churn/notes.txt",
    "training/other.py",
    "serving/server.toml",
    "common/unused.txt",
]
#: Names that git, a shell or a search may stumble over; about these it may be too careful.
ODD = [
    "odd\nname.txt",
    "caf\udce9.txt",
    "café/größe.txt",
    "-e.txt",
    ":(top)x.txt",
    "*.txt",
    "sp ace.txt",
    'quo"te.txt',
    "back\\slash.txt",
    "\ttab.py",
]
EVERYTHING = sorted({*MATTERS, *INERT, *ODD})
#: What is there before the change; the rest may be added by it.
BASE: Mapping[str, bytes | str] = {
    **LEANING,
    **{path: f"{number}\n" for number, path in enumerate((*INERT, *ODD)) if number % 3},
}

Edit = tuple[str, str]
HOW = ("change", "delete", "link", "submodule")


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


@pytest.fixture(scope="module")
def leaning(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The repository, which no test changes: each stages into an index of its own."""
    repo = Repo(tmp_path_factory.mktemp("leaning") / "repo")
    repo.commit(BASE)
    return repo


class Staged:
    """Edits staged in an index of their own, as `git commit -a` and `git commit -- PATH` have one."""

    def __init__(self, repo: Repo, index: Path, edits: list[Edit]) -> None:
        self.repo = repo
        self.index = index
        environment = {"GIT_INDEX_FILE": str(index)}
        repo.git("read-tree", "HEAD", env=environment)
        records = b"".join(self._records(path, how) for path, how in edits)
        repo.git("update-index", "--add", "--replace", "-z", "--index-info", input=records, env=environment)

    def _records(self, path: str, how: str) -> bytes:
        name = path.encode("utf-8", "surrogateescape")
        if how == "delete":
            return b"0 " + b"0" * 40 + b"\t" + name + b"\0"
        if how == "submodule":
            mode, oid = Mode.SUBMODULE, self.repo.rev("HEAD")
        else:
            content = b"common/base.txt" if how == "link" else b"changed\n"
            mode = Mode.SYMLINK if how == "link" else Mode.FILE
            oid = self.repo.git("hash-object", "-w", "--stdin", input=content)
        return f"{mode:o} {oid}\t".encode() + name + b"\0"

    def at(self, patch: pytest.MonkeyPatch, folder: str = ".") -> None:
        """Puts this process where the hook would run."""
        patch.chdir(self.repo.path / folder)
        patch.setenv("GIT_INDEX_FILE", str(self.index))


def in_full() -> Report:
    """What the hook says when it takes the long way."""
    return check(Git(), Asked(moment="staged"), Options(today=date(2026, 11, 20)))


@given(
    st.lists(st.tuples(st.sampled_from(EVERYTHING), st.sampled_from(HOW)), max_size=4, unique_by=lambda edit: edit[0])
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_nothing_matters_the_long_way_finds_nothing(leaning: Repo, edits: list[Edit]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        Staged(leaning, leaning.path / ".git" / "other-index", edits).at(patch)
        if nothing_staged_matters():
            report = in_full()
            assert (report.models, report.findings) == ((), ())


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("path", MATTERS)
def test_what_decides_something_matters(
    leaning: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, how: str
) -> None:
    if how == "delete" and path not in BASE:
        how = "change"
    Staged(leaning, tmp_path / "index", [(path, how)]).at(monkeypatch)
    assert not nothing_staged_matters()


@pytest.mark.parametrize("folder", [".", "docs", "models/churn"])
@pytest.mark.parametrize("path", INERT)
def test_most_commits_matter_nothing(
    leaning: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, folder: str
) -> None:
    Staged(leaning, tmp_path / "index", [(path, "change")]).at(monkeypatch, folder)
    assert nothing_staged_matters()


@pytest.mark.parametrize("path", ["common/base.txt", "models/churn/README.md", "training/train.py"])
@pytest.mark.parametrize("folder", ["docs", "models", "models/churn"])
def test_from_a_subfolder(
    leaning: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, folder: str
) -> None:
    Staged(leaning, tmp_path / "index", [(path, "change")]).at(monkeypatch, folder)
    assert not nothing_staged_matters()


def test_the_index_decides_not_the_work_tree(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(BASE)
    monkeypatch.chdir(repo.path)
    repo.write({"models/churn/README.md": "unstaged\n", "docs/guide.md": "staged\n"}).stage("docs/guide.md")
    assert nothing_staged_matters()
    repo.stage("models/churn/README.md").write({"models/churn/README.md": BASE["models/churn/README.md"]})
    assert not nothing_staged_matters()


def test_nothing_staged_at_all(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(BASE)
    monkeypatch.chdir(repo.path)
    assert nothing_staged_matters()


@pytest.mark.parametrize(("path", "nothing"), [("docs/guide.md", True), ("models/churn/README.md", False)])
def test_in_a_linked_worktree(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, nothing: bool
) -> None:
    repo.commit(BASE)
    linked = repo.worktree(tmp_path / "linked", "work")
    linked.write({path: "changed\n"}).stage()
    monkeypatch.chdir(linked.path)
    # So git tells a hook there where it is.
    monkeypatch.setenv("GIT_DIR", linked.git("rev-parse", "--absolute-git-dir"))
    assert nothing_staged_matters() is nothing


@pytest.mark.parametrize(("path", "nothing"), [("docs/guide.md", True), ("models/churn/README.md", False)])
def test_where_the_environment_names_the_repository(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, path: str, nothing: bool
) -> None:
    repo.commit(BASE)
    repo.write({path: "changed\n"}).stage()
    monkeypatch.chdir(repo.path / "docs")
    monkeypatch.setenv("GIT_DIR", "../.git")
    monkeypatch.setenv("GIT_WORK_TREE", "..")
    assert nothing_staged_matters() is nothing


@pytest.mark.parametrize("name", ["GIT_LITERAL_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"])
@pytest.mark.parametrize("path", ["common/base.txt", "models/churn/README.md"])
def test_no_setting_of_paths_blinds_it(
    leaning: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    Staged(leaning, tmp_path / "index", [(path, "change")]).at(monkeypatch)
    monkeypatch.setenv(name, "1")
    assert not nothing_staged_matters()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("diff.relative", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("submodule.recurse", "true"),
        ("grep.fullName", "0"),
    ],
)
@pytest.mark.parametrize("path", ["common/base.txt", "models/churn/README.md"])
def test_no_configuration_blinds_it(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, path: str, key: str, value: str
) -> None:
    repo.commit(BASE)
    repo.git("config", key, value)
    repo.write({path: "changed\n"}).stage()
    monkeypatch.chdir(repo.path / "docs")
    assert not nothing_staged_matters()


def test_attributes_do_not_hide_what_names_others(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({**BASE, ".gitattributes": "*.txt binary\n*.yaml -text -diff\n"})
    repo.write({"training/train.py": "import scipy\n"}).stage()
    monkeypatch.chdir(repo.path)
    assert not nothing_staged_matters()


def test_a_requirements_file_in_capitals_names_others(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    files = edit(SPOTLESS, "models/churn/model.yaml", "requirements.txt", "REQUIREMENTS.TXT")
    repo.commit({**files, "models/churn/REQUIREMENTS.TXT": "-r ../../base.txt\n", "base.txt": "numpy==2.1.0\n"})
    repo.write({"base.txt": "numpy==2.1.1\n"}).stage()
    monkeypatch.chdir(repo.path)
    assert not nothing_staged_matters()


def test_an_escape_may_spell_any_name(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    files = edit(SPOTLESS, "models/churn/model.yaml", "code: train.py", 'code: "../../tr\\x61in.py"')
    repo.commit({**files, "train.py": "import numpy\n"})
    repo.write({"train.py": "import scipy\n"}).stage()
    monkeypatch.chdir(repo.path)
    assert not nothing_staged_matters()


@pytest.mark.parametrize("name", ["un\\\nused.txt", 'un"used".txt', "un\\used.txt"])
def test_a_requirements_file_may_spell_others_oddly(repo: Repo, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    repo.commit(BASE)
    repo.write({"common/unused.txt": "changed\n"}).stage()
    monkeypatch.chdir(repo.path)
    assert nothing_staged_matters()
    repo.write({"models/churn/requirements.txt": f"-r ../../common/{name}\n"})
    repo.git("commit", "-q", "-m", "x", "--only", "models/churn/requirements.txt")
    assert not nothing_staged_matters()


def test_hashes_over_many_lines_name_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({**BASE, "serving/locked.txt": "numpy==2.1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"})
    repo.write({"common/unused.txt": "changed\n"}).stage()
    monkeypatch.chdir(repo.path)
    assert nothing_staged_matters()


@pytest.mark.parametrize("path", ["common/base.txt", "models/churn/README.md"])
def test_in_a_sparse_checkout_with_a_sparse_index(repo: Repo, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    repo.commit(BASE)
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "docs")
    oid = repo.git("hash-object", "-w", "--stdin", input=b"changed\n")
    repo.git("update-index", "--cacheinfo", f"100644,{oid},{path}")
    monkeypatch.chdir(repo.path)
    assert not nothing_staged_matters()


def test_a_file_that_cannot_be_read_may_name_others(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(BASE)
    repo.write({"training/other.py": "changed\n"}).stage()
    monkeypatch.chdir(repo.path)
    assert nothing_staged_matters()
    oid = repo.rev("HEAD:models/churn/inner/model.yaml")
    (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    (repo.path / ".git" / "snitch" / "climbing").unlink()
    assert not nothing_staged_matters()


def test_on_an_unborn_branch(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write({"docs/guide.md": "x\n"}).stage()
    monkeypatch.chdir(repo.path)
    assert nothing_staged_matters()
    repo.write(SPOTLESS).stage()
    assert not nothing_staged_matters()


def test_outside_any_repository_it_does_not_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not nothing_staged_matters()


def test_a_bare_repository_stages_nothing(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(BASE)
    bare = repo.clone(tmp_path / "bare.git", "--bare")
    monkeypatch.chdir(bare.path)
    assert not nothing_staged_matters()


def loaded(code: str, folder: Path, arguments: tuple[str, ...] = ()) -> set[str]:
    """The modules that a fresh interpreter holds after running the code."""
    script = f"import sys\ntry:\n    {code}\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script, *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**kept, **ENVIRONMENT}, check=True)
    assert done.stdout == ""
    return set(done.stderr.split())


HOOK = "from snitch.__main__ import main; main()"


def test_it_leaves_before_anything_heavy_is_imported(leaning: Repo) -> None:
    """An editable install brings modules of its own: what an interpreter has at its start does not count."""
    modules = loaded(HOOK, leaning.path, ("check", "--staged", "--quiet")) - loaded("pass", leaning.path)
    assert "snitch.staged" in modules
    assert modules.isdisjoint({"click", "yaml", "typing", "msgspec", "json", "re", "pathlib", "git"})
    assert not {name for name in modules if name.startswith(("snitch.cli", "snitch.checking"))}


def test_a_run_over_one_model_imports_no_heavy_library(repo: Repo) -> None:
    repo.commit({**SPOTLESS, "snitch.yaml": "rules: {BEN006: off, DAT001: off, DAT002: off}\n"})
    repo.write({"models/churn/README.md": str(SPOTLESS["models/churn/README.md"]) + "More.\n"}).stage()
    modules = loaded(HOOK, repo.path, ("check", "--staged", "--quiet"))
    assert "snitch.engine" in modules
    assert modules.isdisjoint(
        {"pandas", "numpy", "scipy", "sklearn", "github", "requests", "jsonschema", "packaging", "git", "pydantic"}
    )
