"""What a search makes of manifests is what reading each of them makes."""

from __future__ import annotations

import pytest

from snitch.checking.catalogue import CatalogueSearch, catalogue_of
from snitch.git.command import Git
from snitch.git.snapshots import tree_snapshot
from snitch.pointer import write_pointer
from snitch.repository import Repository
from tests.judging import FOLDER, SPOTLESS, digest
from tests.repository import Repo

MANIFEST = f"{FOLDER}/model.yaml"
TEXT = str(SPOTLESS[MANIFEST])
REST = TEXT.removeprefix("name: churn\n")

WRITTEN = {
    "plainly": TEXT,
    "behind remarks": f"# A model.\n\n  # Of ours.\n---\n{TEXT}",
    "with a remark": f"name: churn # ours\n{REST}",
    "in quotes": f"name: 'churn'\n{REST}",
    "on another line": f"name:\n  churn\n{REST}",
    "with Windows' line ends": TEXT.replace("\n", "\r\n"),
    "by a quoted key": f'"name": churn\n{REST}',
    "by a quoted key beside a text": f'"name": churn\nnotes: "some\nname: fraud\nmore"\n{REST}',
    "by a quoted key before a text": f"notes: 'some\nname: fraud\nmore'\n\"name\": churn\n{REST}",
    "by a quoted key beside a list in brackets": f"'name': churn\nmetadata: {{\nname: fraud\n}}\n{REST}",
    "with a space before the colon": f"name : churn\nmetadata: {{a: 1,\nname: fraud}}\n{REST}",
    "in lines that are set in": "  name: churn\n  metadata: {\nname: fraud\n}\n",
    "behind another value": f"version: 1.0.0\n{TEXT}",
    "twice": f"name: fraud\n{TEXT}",
    "after a mark that others take for a line": f"--- \nname: churn\n{REST}",
    "not at all": REST,
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_the_names_are_those_that_reading_gives(repo: Repo, text: str) -> None:
    commit = repo.commit({**SPOTLESS, MANIFEST: text, "models/fraud/model.yaml": TEXT.replace("churn", "fraud")})
    git = Git(str(repo.path))
    repository = Repository(tree_snapshot(git, commit, commit=commit))
    found = CatalogueSearch(git, repository).found()
    assert catalogue_of(repository, found) == catalogue_of(repository)


@pytest.mark.parametrize(
    ("attributes", "name", "is_found"),
    [
        ("*.txt filter=lfs\n", "booster.txt", True),
        ("models/*/booster* filter=lfs\n", "booster.json", True),
        ('"*.json" filter=lfs\n', "booster.json", True),
        ("# *.txt filter=lfs\n*.skops filter=lfs\n*.parquet filter=lfs\n", "booster.txt", False),
        ("*.skops filter=lfs\n", "booster.skops", True),
        ("", "BOOSTER.PKL", True),
    ],
)
def test_weights_that_are_text_are_looked_for_where_git_lfs_is_sent_any(
    repo: Repo, attributes: str, name: str, is_found: bool
) -> None:
    pointer = write_pointer(digest("booster"), 7)
    commit = repo.commit({**SPOTLESS, ".gitattributes": attributes, f"{FOLDER}/{name}": pointer})
    git = Git(str(repo.path))
    repository = Repository(tree_snapshot(git, commit, commit=commit))
    searched = catalogue_of(repository, CatalogueSearch(git, repository).found())
    assert (digest("booster") in searched.weights) is is_found
    assert searched == catalogue_of(repository)
