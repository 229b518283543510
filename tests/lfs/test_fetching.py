"""What the gate brings before it judges: answers about many files at once, and the bytes that SAF001 looks into."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from snitch.rules.safety import UnsafePickle
from snitch.rules.weights_server import MissingObject

from snitch.finding import Skip, Undecidable
from snitch.git.command import Git
from snitch.git.snapshots import tree_snapshot
from snitch.lfs.fetching import ask_ahead, fetch_files, tables_to_compute_from, weights_to_judge
from snitch.lfs.storing import store
from snitch.model import Model
from snitch.pointer import Pointer, write_pointer
from snitch.repository import Repository
from snitch.snapshot import MemorySnapshot
from tests.gating.witnesses import gate_of
from tests.judging import DATA, EVALUATION, FOLDER, MANIFEST, SPOTLESS, WEIGHTS, change_of, edit
from tests.lfs.held import Held, digest_of
from tests.repository import Repo

CONTENTS = (b"first", b"the second", b"the third one")
PICKLE = f"{FOLDER}/model.pkl"


def pointer_to(content: bytes) -> bytes:
    return write_pointer(digest_of(content), len(content))


def model_of(*names: str, more: Mapping[str, bytes | str] = {}) -> Model:
    """A model whose weights, one of the contents each, are behind pointers."""
    manifest = edit(SPOTLESS, MANIFEST, "weights: [model.skops]", f"weights: [{', '.join(names)}]")
    files = {f"{FOLDER}/{name}": pointer_to(content) for name, content in zip(names, CONTENTS, strict=False)}
    without = {path: content for path, content in manifest.items() if path != f"{FOLDER}/model.skops"}
    return Model(Repository(MemorySnapshot({**without, **files, **more})), FOLDER)


def fetch_weights(server: Held, models: Iterable[Model], folder: str, **more: Any) -> dict[str, Undecidable]:
    return fetch_files(server, weights_to_judge(models), folder, **more)


def test_weights_that_are_not_here_are_brought(tmp_path: Path) -> None:
    server = Held(*CONTENTS)
    assert fetch_weights(server, [model_of("a.pkl", "b.skops", "c.onnx")], str(tmp_path)) == {}
    assert server.downloaded == [digest_of(content) for content in CONTENTS]
    assert {file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == set(CONTENTS)


def test_nothing_else_is(tmp_path: Path) -> None:
    """Neither data nor predictions, nor files beside the weights whose formats run nothing."""
    server = Held(*CONTENTS)
    more = {f"{FOLDER}/other.onnx": pointer_to(CONTENTS[1]), f"{FOLDER}/evaluations/x.parquet": pointer_to(CONTENTS[2])}
    assert fetch_weights(server, [model_of("a.pkl", more=more)], str(tmp_path)) == {}
    assert server.downloaded == [digest_of(CONTENTS[0])]


def test_a_pickle_beside_the_weights_is(tmp_path: Path) -> None:
    server = Held(*CONTENTS)
    fetch_weights(server, [model_of("a.onnx", more={f"{FOLDER}/b.joblib": pointer_to(CONTENTS[1])})], str(tmp_path))
    assert server.downloaded == [digest_of(CONTENTS[0]), digest_of(CONTENTS[1])]


def test_what_two_models_share_is_brought_once(tmp_path: Path) -> None:
    server = Held(*CONTENTS)
    fetch_weights(server, [model_of("a.pkl"), model_of("a.pkl")], str(tmp_path))
    assert len(server.downloaded) == 1


@pytest.mark.parametrize(("content", "downloads"), [(CONTENTS[0], 0), (CONTENTS[0][::-1], 1)])
def test_what_is_here_is_not_brought_unless_it_is_something_else(
    tmp_path: Path, content: bytes, downloads: int
) -> None:
    (tmp_path / "here").write_bytes(content)
    files = {path: model_of("a.pkl").repository.snapshot[path] for path in model_of("a.pkl").repository.snapshot}
    snapshot = MemorySnapshot(files, local={f"{FOLDER}/a.pkl": str(tmp_path / "here")})
    server = Held(*CONTENTS)
    fetch_weights(server, [Model(Repository(snapshot), FOLDER)], str(tmp_path / "in"))
    assert len(server.downloaded) == downloads


def test_what_the_server_lacks_is_left_to_it_to_say(tmp_path: Path) -> None:
    server = Held(CONTENTS[1])
    assert fetch_weights(server, [model_of("a.pkl", "b.pkl")], str(tmp_path)) == {}
    assert server.downloaded == [digest_of(CONTENTS[1])]


def test_as_is_that_it_cannot_be_asked(tmp_path: Path) -> None:
    server = Held(down=True)
    assert fetch_weights(server, [model_of("a.pkl", "b.pkl")], str(tmp_path)) == {}
    assert server.downloaded == []


def test_why_a_download_failed_is_told_and_the_others_are_brought(tmp_path: Path) -> None:
    server = Held(*CONTENTS, broken=CONTENTS[:1])
    failures = fetch_weights(server, [model_of("a.pkl", "b.pkl", "c.pkl")], str(tmp_path))
    assert list(failures) == [digest_of(CONTENTS[0])]
    assert "broke off" in failures[digest_of(CONTENTS[0])].reason
    assert len(server.downloaded) == 3


def test_after_three_failures_nothing_more_is_tried(tmp_path: Path) -> None:
    contents = [b"%d" % number for number in range(10)]
    server = Held(*contents, broken=contents)
    more = {f"{FOLDER}/{number}.pkl": pointer_to(content) for number, content in enumerate(contents)}
    failures = fetch_weights(server, [model_of(more=more)], str(tmp_path))
    assert failures.keys() == {digest_of(content) for content in contents}
    assert len(server.downloaded) == 3


def test_no_more_is_downloaded_than_the_limit_allows(tmp_path: Path) -> None:
    server = Held(*CONTENTS)
    limit = len(CONTENTS[0]) + len(CONTENTS[2])
    failures = fetch_weights(server, [model_of("a.pkl", "b.pkl", "c.pkl")], str(tmp_path), limit=limit)
    assert server.downloaded == [digest_of(CONTENTS[0]), digest_of(CONTENTS[1])]
    [reason] = failures.values()
    assert reason.reason == f"{FOLDER}/c.pkl is 13 bytes: with it, the gate would download more than 18 bytes"
    assert reason.help == "raise `--max-download`"


def test_progress_is_that_of_all_files(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    server = Held(*CONTENTS, broken=CONTENTS[1:2])
    models = [model_of("a.pkl", "b.pkl", "c.pkl")]
    fetch_weights(server, models, str(tmp_path), progress=lambda *numbers: told.append(numbers))
    assert told == [(2, 28), (5, 28), (17, 28), (28, 28)]


def test_a_model_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    broken = {path: content for path, content in SPOTLESS.items() if path != MANIFEST} | {MANIFEST: "weights: ["}
    server = Held(*CONTENTS)
    fetch_weights(server, [Model(Repository(MemorySnapshot(broken)), FOLDER), model_of("a.pkl")], str(tmp_path))
    assert digest_of(CONTENTS[0]) in server.downloaded


def predicting(files: Mapping[str, bytes | str], content: bytes) -> dict[str, bytes | str]:
    """A repository whose evaluation names predictions, behind a pointer."""
    record = json.loads(files[EVALUATION])
    record["predictions"] = {"path": "churn-holdout.parquet", "sha256": digest_of(content)}
    predictions = f"{FOLDER}/evaluations/churn-holdout.parquet"
    return {**files, EVALUATION: json.dumps(record), predictions: pointer_to(content)}


def test_tables_of_both_sides_are_brought(tmp_path: Path) -> None:
    ours = predicting({**SPOTLESS, f"{FOLDER}/model.skops": pointer_to(b"new weights")}, b"ours")
    theirs = predicting(SPOTLESS, b"theirs")
    server = Held(b"ours", b"theirs")
    files = tables_to_compute_from([change_of(ours, deployed=theirs)])
    assert fetch_files(server, files, str(tmp_path)) == {}
    assert server.downloaded == [digest_of(b"ours"), digest_of(b"theirs")]
    assert DATA in server.asked[0]


def test_what_both_sides_recorded_is_brought_once(tmp_path: Path) -> None:
    server = Held(b"ours")
    change = change_of(predicting(SPOTLESS, b"ours"), deployed=predicting(SPOTLESS, b"ours"))
    fetch_files(server, tables_to_compute_from([change]), str(tmp_path))
    assert server.downloaded == [digest_of(b"ours")]


def test_many_models_are_one_question() -> None:
    server = Held()
    ask_ahead(server, [change_of(SPOTLESS), change_of(edit(SPOTLESS, MANIFEST, "1.4.0", "1.5.0"))])
    assert [sorted(asked) for asked in server.asked] == [sorted([WEIGHTS, DATA])]


def test_what_goes_wrong_is_left_to_who_asks() -> None:
    ask_ahead(Held(down=True), [change_of({**SPOTLESS, MANIFEST: "weights: ["}), change_of(SPOTLESS)])


def test_what_was_brought_is_looked_into(repo: Repo, tmp_path: Path) -> None:
    """On real git: the candidate's snapshot finds it in the folder, not in the clone's own store."""
    repo.commit({"model.pkl": pointer_to(CONTENTS[0])})
    git = Git(str(repo.path))
    snapshot = tree_snapshot(git, repo.rev("HEAD"))
    assert snapshot.local_file("model.pkl") is None
    git.fetched_weights = str(tmp_path / "in")
    assert snapshot.local_file("model.pkl") is None
    file = store([CONTENTS[0]], Pointer(digest_of(CONTENTS[0]), len(CONTENTS[0])), str(tmp_path / "in"))
    assert snapshot.local_file("model.pkl") == file
    git.close()


def test_the_rules_ask_by_the_same_words() -> None:
    """What `ask_ahead` and `fetch_files` bring is what the rules want: they look for it in one place."""
    files = dict(SPOTLESS)
    server = Held()
    gate = gate_of(weights_server=server)
    ask_ahead(server, [change_of(files)])
    list(MissingObject().check(change_of(files, gate=gate)))
    assert set(server.asked[0]) == set(server.asked[1])
    with pytest.raises(Skip):
        list(UnsafePickle().check(change_of(files)))
