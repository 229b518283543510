"""Versions of libraries: what requirements ask for, beside what records were measured with."""

from __future__ import annotations

from typing import Any

import pytest

from snitch.libraries import changed_libraries, foreign_library
from snitch.model import Model
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, Files, edit, edit_json

REQUIREMENTS = f"{FOLDER}/requirements.txt"
PINNED = "numpy==2.1.0\nscikit-learn==1.9.0\n"


def asking(requirements: str, files: Files = SPOTLESS, **more: str) -> Files:
    return {**files, REQUIREMENTS: requirements, **{f"{FOLDER}/{name}.txt": text for name, text in more.items()}}


def measured_with(files: Files = SPOTLESS, **packages: str) -> Files:
    named = {name.replace("_", "-"): version for name, version in packages.items()}

    def tell(record: Any) -> None:
        record["environment"] = {"python": "3.11.7", "packages": named}

    return edit_json(files, EVALUATION, tell)


#: A record that names what the model was loaded by; a lock file holds more.
MEASURED = measured_with(asking(f"{PINNED}tzdata==2026.1\n"), numpy="2.1.0", scikit_learn="1.9.0")


def model(files: Files) -> Model:
    return Model(Repository(MemorySnapshot(files)), FOLDER)


def changed(candidate: Files, deployed: Files = MEASURED) -> tuple[str, ...]:
    return changed_libraries(model(candidate), model(deployed))


@pytest.mark.parametrize(
    "requirements",
    [
        "numpy==2.1.0\nscikit-learn==1.3.0\ntzdata==2026.1\n",
        "numpy==2.1.0\nScikit_Learn===1.3\n",
        "numpy==2.1.0\nscikit-learn<1.4\n",
        "numpy==2.1.0\nscikit-learn==1.9.0; python_version < '3'\nscikit-learn==1.3.0; python_version >= '3'\n",
        "numpy==2.1.0\n-r more.txt\n",
        "numpy==2.1.0\nscikit-learn\n-c more.txt\n",
        "numpy==2.1.0\nscikit-learn==1.9.0\nscikit-learn==1.3.0\n",
    ],
)
def test_another_version_of_what_it_was_measured_with(requirements: str) -> None:
    assert changed(asking(requirements, MEASURED, more="scikit-learn==1.3.0\n")) == ("scikit-learn",)


@pytest.mark.parametrize(
    "requirements",
    [
        "# why\nscikit_learn == 1.9.0.0   # the trainer's\nNumPy==2.1\n",
        f"{PINNED}tzdata==2026.2\nfolium==1.0\n",
        "numpy==2.1.0 --hash=sha256:" + "0" * 64 + "\nscikit-learn==1.9.0 --hash=sha256:" + "1" * 64 + "\n",
        "numpy==2.1.0; python_version >= '3'\nscikit-learn==1.9.0; sys_platform != 'win32'\n",
        "numpy>=2,<3\nscikit-learn>=1.4\n",
        "-r more.txt\n",
        "numpy\nscikit-learn\n-c more.txt\n",
    ],
)
def test_what_admits_the_same_version_is_no_other(requirements: str) -> None:
    assert changed(asking(requirements, MEASURED, more=PINNED)) == ()


def test_the_format_of_the_file_is_no_matter() -> None:
    lock = """lock-version = "1.0"
created-by = "x"
[[packages]]
name = "numpy"
version = "2.1.0"
[[packages]]
name = "scikit-learn"
version = "1.9.0"
"""
    files = edit(MEASURED, MANIFEST, "requirements.txt", "pylock.toml")
    assert changed({**files, f"{FOLDER}/pylock.toml": lock}) == ()
    assert changed({**files, f"{FOLDER}/pylock.toml": lock.replace("1.9.0", "1.3.0")}) == ("scikit-learn",)


def test_an_included_file_is_seen_through() -> None:
    deployed = asking("-r more.txt\n", MEASURED, more=PINNED)
    assert changed(asking("-r more.txt\n", MEASURED, more=PINNED.replace("1.9.0", "1.3.0")), deployed) == (
        "scikit-learn",
    )


def test_what_was_not_pinned_is_known_by_the_record() -> None:
    deployed = asking("numpy\nscikit-learn>=1\n", MEASURED)
    assert changed(asking("numpy==2.1.0\nscikit-learn==1.9.0\n", MEASURED), deployed) == ()
    assert changed(asking("numpy==2.1.0\nscikit-learn==1.3.0\n", MEASURED), deployed) == ("scikit-learn",)


def test_where_no_record_says_what_it_was_measured_with_all_count() -> None:
    assert changed(asking(PINNED.replace("1.9.0", "1.3.0")), asking(PINNED)) == ("scikit-learn",)
    assert changed(asking(f"{PINNED}tzdata==2\n"), asking(f"{PINNED}tzdata==1\n")) == ("tzdata",)


def test_what_the_candidates_record_leaves_out_counts_all_the_same() -> None:
    other = asking(PINNED.replace("1.9.0", "1.3.0"), measured_with(numpy="2.1.0"))
    assert changed(other) == ("scikit-learn",)


def test_a_record_of_a_version_that_is_not_admitted() -> None:
    assert foreign_library(model(MEASURED), *model(MEASURED).evaluations) == ""
    other = model(asking("numpy==2.1.0\nscikit-learn==1.3.0\n", MEASURED))
    assert foreign_library(other, *other.evaluations) == (
        "scikit-learn 1.9.0, and the requirements ask for scikit-learn ==1.3.0"
    )


@pytest.mark.parametrize("version", ["1.9.0.0", "1.9.0+cpu", "*", ""])
def test_a_version_is_read_as_packaging_does(version: str) -> None:
    files = model(measured_with(asking(PINNED), scikit_learn=version))
    assert foreign_library(files, *files.evaluations) == ""
