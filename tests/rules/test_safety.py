"""SAF001, SAF002: weights that run code, and formats that the policy does not list."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.safety import MAX_BYTES, DisallowedFormat, UnsafePickle
from snitch.rules.weights_server import MissingObject

from snitch.engine import ActiveRule, judge
from snitch.finding import Finding, Skip, Undecidable
from snitch.pointer import Pointer, parse_pointer, write_pointer
from snitch.verdict import Judgement
from tests.gating.witnesses import gate_of
from tests.judging import FOLDER, MANIFEST, SPOTLESS, Files, change_of, edit, findings, judgement

PICKLE = f"{FOLDER}/model.pkl"
NAMED = edit(SPOTLESS, MANIFEST, "weights: [model.skops]", "weights: [model.pkl]")
NAMED = {path: content for path, content in NAMED.items() if not path.endswith(".skops")}


class Runs:
    """Pickled as a call of a function."""

    def __reduce__(self) -> tuple[Any, tuple[str, ...]]:
        return os.system, ("echo",)


HOSTILE, HARMLESS = pickle.dumps(Runs()), pickle.dumps(OrderedDict(a=[1, 2.0, "x"]))


def pointer_to(content: bytes) -> bytes:
    return write_pointer(f"sha256:{sha256(content).hexdigest()}", len(content))


def told(content: bytes, rule: UnsafePickle | None = None, path: str = PICKLE) -> list[Finding]:
    """The findings where the bytes lie in Git itself."""
    return findings(rule or UnsafePickle(), {**NAMED, PICKLE: HARMLESS, path: content})


def test_a_pickle_that_runs_code_is_told() -> None:
    [finding] = told(HOSTILE)
    assert (finding.rule, finding.path, finding.severity, finding.outcome) == ("SAF001", PICKLE, "error", "fail")
    assert "posix.system" in finding.message or "nt.system" in finding.message
    assert (finding.role, finding.key, finding.notes) == ("weights", "model.pkl", ())


def test_the_first_reason_is_told_and_the_others_beside_it() -> None:
    [finding] = told(pickle.dumps([Runs(), Acme()]))
    assert "system" in finding.message and "Acme" not in finding.message
    [note] = finding.notes
    assert "Acme" in note and "system" not in note


def test_a_file_beside_the_weights_that_runs_no_code_need_not_be_here() -> None:
    files = {**NAMED, PICKLE: HARMLESS, f"{FOLDER}/other.onnx": pointer_to(HOSTILE)}
    judged = judgement(UnsafePickle(), files)
    assert (judged.findings, judged.skipped) == ((), ())


def test_a_harmless_pickle_passes() -> None:
    assert told(HARMLESS) == []


def test_bytes_behind_a_pointer_are_judged(tmp_path: Path) -> None:
    local = tmp_path / "weights"
    local.write_bytes(HOSTILE)
    [finding] = findings(UnsafePickle(), {**NAMED, PICKLE: pointer_to(HOSTILE)}, local={PICKLE: str(local)})
    assert (finding.rule, finding.path) == ("SAF001", PICKLE)


def test_harmless_bytes_behind_a_pointer_pass(tmp_path: Path) -> None:
    local = tmp_path / "weights"
    local.write_bytes(HARMLESS)
    judged = judgement(UnsafePickle(), {**NAMED, PICKLE: pointer_to(HARMLESS)}, local={PICKLE: str(local)})
    assert (judged.findings, judged.skipped) == ((), ())


@pytest.mark.parametrize("lying", [HARMLESS, HOSTILE], ids=["harmless", "hostile"])
def test_other_bytes_than_the_pointers_decide_nothing(tmp_path: Path, lying: bytes) -> None:
    local = tmp_path / "weights"
    local.write_bytes(lying)
    judged = judgement(UnsafePickle(), {**NAMED, PICKLE: pointer_to(b"others")}, local={PICKLE: str(local)})
    assert judged.findings == ()
    assert [skipped.reason for skipped in judged.skipped] == ["the bytes of model.pkl are not here; the gate decides"]


@pytest.mark.parametrize("there", [False, True])
def test_a_link_in_place_of_the_bytes_is_not_followed(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "target").write_bytes(HARMLESS)
    (tmp_path / "weights").symlink_to(tmp_path / "target")
    files = {**NAMED, PICKLE: pointer_to(HARMLESS)}
    assert len(judgement(UnsafePickle(), files, local={PICKLE: str(tmp_path / "weights")}).skipped) == 1


def test_bytes_that_are_not_here_are_skipped() -> None:
    judged = judgement(UnsafePickle(), SPOTLESS)
    assert [each.reason for each in judged.skipped] == ["the bytes of model.skops are not here; the gate decides"]
    [note] = judged.notes
    assert "`git lfs pull`" in note


def test_who_skips_says_which_bytes_it_waits_for() -> None:
    with pytest.raises(Skip) as skipped:
        list(UnsafePickle().check(change_of(SPOTLESS)))
    path = f"{FOLDER}/model.skops"
    assert skipped.value.awaited == ((path, parse_pointer(bytes(SPOTLESS[path]))),)  # type: ignore[arg-type]


class Server:
    """One that has all objects but some, or cannot be asked."""

    def __init__(self, *lacks: str, down: bool = False) -> None:
        self.lacks = lacks
        self.down = down

    def missing(self, pointers: Iterable[Pointer]) -> frozenset[str]:
        if self.down:
            raise Undecidable("the server is asleep", help="wake it")
        return frozenset(pointer.digest for pointer in pointers if pointer.digest in self.lacks)


def gated(server: Server, **more: Any) -> Judgement:
    files = {**NAMED, PICKLE: pointer_to(HOSTILE)}
    return judgement(UnsafePickle(), files, gate=gate_of(weights_server=server, **more))


def test_in_the_gate_bytes_that_are_not_here_are_no_pass() -> None:
    judged = gated(Server())
    [finding] = judged.findings
    assert (finding.rule, finding.outcome, finding.path) == ("SNT003", "inconclusive", PICKLE)
    assert "nobody can tell what loading them runs" in finding.message
    assert "git lfs fetch" in finding.help
    assert (judged.skipped, judged.notes, judged.awaited) == ((), (), ())


def test_in_the_gate_why_they_could_not_be_fetched_is_told() -> None:
    reason = Undecidable("the download broke off", help="run it again")
    [finding] = gated(Server(), unfetched={parse_pointer(pointer_to(HOSTILE)).digest: reason}).findings  # type: ignore[union-attr]
    assert (finding.message, finding.help) == ("cannot judge SAF001: the download broke off", "run it again")


def test_in_the_gate_a_server_that_cannot_be_asked_is_no_pass() -> None:
    [finding] = gated(Server(down=True)).findings
    assert (finding.rule, finding.outcome, finding.help) == ("SNT003", "inconclusive", "wake it")


def test_in_the_gate_bytes_that_the_server_lacks_are_told_once() -> None:
    files = {**NAMED, PICKLE: pointer_to(HOSTILE)}
    gate = gate_of(weights_server=Server(parse_pointer(pointer_to(HOSTILE)).digest))  # type: ignore[union-attr]
    rules = [ActiveRule(UnsafePickle(), "error"), ActiveRule(MissingObject(), "error")]
    assert [finding.rule for finding in judge(rules, change_of(files, gate=gate)).findings] == ["LFS005"]
    [alone] = judge(rules[:1], change_of(files, gate=gate)).findings
    assert (alone.rule, alone.outcome) == ("SNT003", "inconclusive")


def test_in_the_gate_bytes_that_are_here_are_judged(tmp_path: Path) -> None:
    local = tmp_path / "weights"
    local.write_bytes(HOSTILE)
    files = {**NAMED, PICKLE: pointer_to(HOSTILE)}
    gate = gate_of(weights_server=Server(down=True))
    assert [each.rule for each in findings(UnsafePickle(), files, gate=gate, local={PICKLE: str(local)})] == ["SAF001"]


def test_what_is_here_is_told_even_if_something_else_is_not() -> None:
    files = edit(NAMED, MANIFEST, "weights: [model.pkl]", "weights: [absent.pkl, model.pkl]")
    judged = judgement(UnsafePickle(), {**files, f"{FOLDER}/absent.pkl": pointer_to(b"x"), PICKLE: HOSTILE})
    assert [finding.path for finding in judged.findings] == [PICKLE]
    assert len(judged.skipped) == 1


@pytest.mark.parametrize("name", ["other.joblib", "sub/other.PKL", "other.pt", "other.skops"])
def test_pickles_that_the_manifest_does_not_name_are_judged(name: str) -> None:
    [finding] = told(HOSTILE, path=f"{FOLDER}/{name}")
    assert finding.path == f"{FOLDER}/{name}"


@pytest.mark.parametrize("name", ["model.safetensors", "model.onnx", "model.json"])
def test_a_pickle_under_a_harmless_name_is_told(name: str) -> None:
    files: Files = {**edit(NAMED, MANIFEST, "[model.pkl]", f"[{name}]"), f"{FOLDER}/{name}": HOSTILE}
    assert [finding.rule for finding in findings(UnsafePickle(), files)] == ["SAF001"]


@pytest.mark.parametrize(("name", "what"), [("model.h5", ".h5"), ("model", "such")])
def test_a_format_that_cannot_be_judged_is_no_pass(name: str, what: str) -> None:
    files: Files = {**edit(NAMED, MANIFEST, "[model.pkl]", f"[{name}]"), f"{FOLDER}/{name}": b"\x89HDF"}
    [finding] = findings(UnsafePickle(), files)
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")
    assert f"Snitch cannot judge {what} files" in finding.message


def test_a_malformed_pointer_is_no_pass() -> None:
    [finding] = told(pointer_to(HARMLESS)[:-1])
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


def test_bytes_in_git_that_are_too_large_to_read_are_no_pass() -> None:
    [finding] = told(HARMLESS + b"\0" * MAX_BYTES)
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


class Acme:
    """A class that no list knows."""


def test_the_policy_may_trust_a_name_exactly() -> None:
    content = pickle.dumps(Acme())
    trusting = msgspec.convert({"allow": [f"{Acme.__module__}.Acme"]}, UnsafePickle)
    assert [finding.rule for finding in told(content)] == ["SAF001"]
    assert told(content, trusting) == []
    assert [finding.rule for finding in told(HOSTILE, trusting)] == ["SAF001"]
    assert len(told(content, UnsafePickle(allow=("tests.rules.Acme",)))) == 1


@pytest.mark.parametrize("name", ["Acme", "acme.*", "acme.", ".acme", "acme..trees", "acme.trees:Forest", ""])
def test_a_name_to_trust_is_written_in_full(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="no name to import"):
        msgspec.convert({"allow": [name]}, UnsafePickle)


@given(content=st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_told_and_never_crash(content: bytes) -> None:
    # No pickle ends in `!`, so none of these may pass.
    [finding] = told(content + b"!")
    assert finding.rule in ("SAF001", "SNT003")


def test_a_hostile_file_is_told_soon() -> None:
    started = process_time()
    assert told(b"\x80\x04" + b"(" * 5_000_000 + b".")
    assert process_time() - started < 6


def test_a_listed_format_passes() -> None:
    assert findings(DisallowedFormat(), SPOTLESS) == []
    assert findings(DisallowedFormat(formats=(".SKOPS",)), SPOTLESS) == []


def test_a_format_that_is_not_listed_is_told_where_the_manifest_names_it() -> None:
    [finding] = findings(DisallowedFormat(formats=(".onnx", ".safetensors")), SPOTLESS)
    assert (finding.path, finding.line, finding.column, finding.pointer) == (MANIFEST, 9, 11, "/weights/0")
    assert (finding.message, finding.severity) == (".skops is not one of the policy's formats for weights", "error")
    assert finding.help == "save the model as one of .onnx, .safetensors"
    assert (finding.role, finding.key) == ("weights", "model.skops")


def test_a_policy_that_lists_no_format() -> None:
    [finding] = findings(DisallowedFormat(formats=()), edit(SPOTLESS, MANIFEST, "[model.skops]", "[model]"))
    assert finding.message == "a file without an ending is not one of the policy's formats for weights"
    assert finding.help == "the policy lists none"


@pytest.mark.parametrize("name", ["model.h5", "model.keras", "model", "model.skops.gz", "model.dill"])
def test_by_default_a_format_that_snitch_cannot_judge_is_told(name: str) -> None:
    [finding] = findings(DisallowedFormat(), edit(SPOTLESS, MANIFEST, "[model.skops]", f"[{name}]"))
    assert finding.rule == "SAF002"


def test_a_missing_file_has_a_format_all_the_same() -> None:
    assert findings(DisallowedFormat(), edit(SPOTLESS, MANIFEST, "[model.skops]", "[absent.skops]")) == []


@pytest.mark.parametrize("each", ["skops", "*.skops", "", "."])
def test_a_format_is_a_file_ending(each: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="no file ending"):
        msgspec.convert({"formats": [each]}, DisallowedFormat)


def test_fingerprints_tell_files_apart() -> None:
    files = edit(SPOTLESS, MANIFEST, "[model.skops]", "[a.h5, b.h5]")
    assert len({finding.fingerprint for finding in findings(DisallowedFormat(), files)}) == 2


def test_severities() -> None:
    assert (UnsafePickle.severity, DisallowedFormat.severity) == (("error", "error"), ("warning", "error"))
