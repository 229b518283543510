"""DEP005: what the model's code imports."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.imports import UndeclaredImport

from snitch.finding import Finding
from snitch.snapshot import Mode
from tests.judging import DEVELOPMENT, FOLDER, MANIFEST, SPOTLESS, edit, findings, judgement, without

CODE = f"{FOLDER}/train.py"
REQUIREMENTS = f"{FOLDER}/requirements.txt"
RULE = UndeclaredImport()


def told(code: str | bytes, **more: str) -> list[Finding]:
    """The findings where the training code is this; `more` are other files of the model's folder."""
    return findings(
        RULE, {**SPOTLESS, CODE: code, **{f"{FOLDER}/{k.replace('__', '/')}.py": v for k, v in more.items()}}
    )


def test_a_spotless_model_passes() -> None:
    assert findings(RULE, SPOTLESS) == []
    assert RULE.severity == ("warning", "warning")


def test_an_undeclared_import_is_told_at_its_name() -> None:
    [finding] = told("import numpy\n\n\ndef fit():\n    import lightgbm as lgb\n")
    assert (finding.path, finding.line, finding.column, finding.length) == (CODE, 5, 12, 8)
    assert finding.message == "`lightgbm` is imported, and no requirement declares it"
    assert finding.help == "add `lightgbm`, pinned, to requirements.txt"
    assert finding.role == "code"


def test_a_name_of_one_letter_is_told_in_its_length() -> None:
    [finding] = told("import q\n")
    assert (finding.rule, finding.column, finding.length) == ("DEP005", 8, 1)


@pytest.mark.parametrize(
    ("statement", "distribution"),
    [
        ("from PIL import Image", "pillow"),
        ("import yaml", "pyyaml"),
        ("import google.cloud.storage", "google-cloud-storage"),
        ("from xgboost.sklearn import XGBClassifier", "xgboost"),
    ],
)
def test_the_distribution_that_provides_it_is_named(statement: str, distribution: str) -> None:
    [finding] = told(f"{statement}\n")
    assert f"`{distribution}`" in finding.help
    files = edit({**SPOTLESS, CODE: statement}, REQUIREMENTS, "numpy==2.1.0\n", f"{distribution}==1.0\n")
    assert findings(RULE, files) == []


@pytest.mark.parametrize(
    "code",
    [
        "import os, json.decoder\nfrom __future__ import annotations\n",
        "from . import features\nfrom .features import scale\n",
        "try:\n    import lightgbm\nexcept ImportError:\n    lightgbm = None\n",
        "import sklearn.metrics\nfrom numpy.random import default_rng\n",
        "x = 'import lightgbm'\n",
        "",
    ],
)
def test_what_needs_no_requirement_passes(code: str) -> None:
    assert told(code) == []


def test_the_models_own_modules_pass() -> None:
    more = {"features": "", "package__deep": "", "package__inner__x": ""}
    assert told("import features\nimport package.deep\nimport package.inner\n", **more) == []


@pytest.mark.parametrize("path", ["shared.py", "shared/__init__.py", "src/shared/__init__.py", "models/shared.py"])
def test_modules_of_the_repository_above_pass(path: str) -> None:
    assert findings(RULE, {**SPOTLESS, CODE: "import shared\n", path: ""}) == []


def test_a_folder_without_code_is_no_module() -> None:
    assert len(findings(RULE, {**SPOTLESS, CODE: "import lightgbm\n", f"{FOLDER}/lightgbm/notes.md": ""})) == 1


def test_another_models_modules_are_not_its_own() -> None:
    assert len(findings(RULE, {**SPOTLESS, CODE: "import shared\n", "models/fraud/shared.py": ""})) == 1


def test_a_module_is_told_once_at_its_first_import_and_its_fingerprint_survives_edits() -> None:
    [finding] = told("import lightgbm\nfrom lightgbm import Dataset\n")
    [moved] = told("import numpy\n\nimport lightgbm.sklearn\n")
    assert (finding.line, moved.line) == (1, 3)
    assert finding.fingerprint == moved.fingerprint


def test_prediction_code_is_read_too() -> None:
    command = 'predict: [python, ./predict.py, "{data}", absent.py]\n'
    files = edit(SPOTLESS, MANIFEST, "dependencies:", f"{command}dependencies:")
    files[f"{FOLDER}/predict.py"] = "import lightgbm\n"
    [finding] = findings(RULE, files)
    assert finding.path == f"{FOLDER}/predict.py"


@pytest.mark.parametrize(
    "code", ["import numpy\ndef fit(:\n", b"import numpy\nx = '\xff'\n", "import numpy\n  x\n", "a\0b"]
)
def test_code_that_is_not_python_is_unreadable_with_its_line(code: str | bytes) -> None:
    [finding] = told(code)
    assert (finding.rule, finding.path, finding.outcome, finding.severity) == ("SNT001", CODE, "fail", "error")


def test_the_line_of_a_syntax_error_is_told() -> None:
    [finding] = told("import numpy\n\ndef fit(:\n")
    assert (finding.line, finding.column) == (3, 1)


def test_of_two_files_that_are_not_python_the_first_is_told() -> None:
    files = edit(SPOTLESS, MANIFEST, "dependencies:", "predict: [python, predict.py]\ndependencies:")
    [finding] = findings(RULE, {**files, CODE: "def fit(:\n", f"{FOLDER}/predict.py": "def predict(:\n"})
    assert (finding.rule, finding.path) == ("SNT001", CODE)


def test_code_that_is_missing_or_a_link_is_no_pass() -> None:
    [missing] = findings(RULE, without(SPOTLESS, CODE))
    [link] = findings(RULE, SPOTLESS, modes={CODE: Mode.SYMLINK})
    assert [(found.rule, found.outcome) for found in (missing, link)] == [("SNT003", "inconclusive")] * 2


def test_a_requirement_that_cannot_be_read_may_be_the_one() -> None:
    code = {CODE: "import lightgbm\n"}
    unsafe = findings(RULE, {**SPOTLESS, **code, REQUIREMENTS: "git+https://example.com/microsoft/LightGBM.git\n"})
    broken = findings(RULE, {**SPOTLESS, **code, REQUIREMENTS: "lightgbm=>4\n"})
    assert unsafe == []
    [other] = findings(RULE, {**SPOTLESS, **code, REQUIREMENTS: "git+https://example.com/dmlc/xgboost.git\n"})
    assert (other.rule, other.message) == ("DEP005", "`lightgbm` is imported, and no requirement declares it")
    assert [finding.rule for finding in broken] == ["SNT003"]


def test_code_in_another_language_or_none_is_skipped() -> None:
    text = str(SPOTLESS[MANIFEST])
    for files in (
        edit(SPOTLESS, MANIFEST, "  code: train.py\n", ""),
        {**SPOTLESS, MANIFEST: text[: text.index("training:")] + text[text.index("signature:") :]},
        {**edit(SPOTLESS, MANIFEST, "train.py", "train.R"), f"{FOLDER}/train.R": "library(xgboost)\n"},
    ):
        judged = judgement(RULE, files)
        assert judged.findings == ()
        assert [skipped.reason for skipped in judged.skipped] == ["the manifest names no Python code"]


def test_without_a_dependency_file_it_is_skipped_where_work_begins() -> None:
    files = edit(SPOTLESS, MANIFEST, "dependencies: requirements.txt\n", "")
    assert len(judgement(RULE, files, environment=DEVELOPMENT).skipped) == 1


@given(code=st.one_of(st.binary(max_size=60), st.text(max_size=60)))
@settings(max_examples=200, deadline=None)
def test_no_code_crashes_it(code: bytes | str) -> None:
    content = code if isinstance(code, bytes) else code.encode("utf-8", "replace")
    assert {finding.rule for finding in told(content)} <= {"DEP005", "SNT001"}
