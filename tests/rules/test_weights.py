"""LFS001–LFS004: weights in Git LFS, by pointers that every tool reads alike."""

from __future__ import annotations

import posixpath

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snitch.rules.weights import MalformedPointer, OversizedWeights, UntrackedWeightsPattern, WeightsOutsideLfs

from snitch.gitattributes import attributes_at
from snitch.pointer import parse_pointer, write_pointer
from snitch.snapshot import Mode
from tests.judging import BENCHMARK, EVALUATION, FOLDER, MANIFEST, SPOTLESS, WEIGHTS, edit, findings, judgement, without

MODEL = f"{FOLDER}/model.skops"
POINTER = write_pointer(WEIGHTS, 7)
RULES = [WeightsOutsideLfs(), MalformedPointer(), UntrackedWeightsPattern(), OversizedWeights()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_spotless_model_passes(rule: WeightsOutsideLfs) -> None:
    assert findings(rule, SPOTLESS) == []


def test_severities() -> None:
    severities = [rule.severity for rule in RULES]
    assert severities == [("error", "error"), ("error", "error"), ("error", "error"), ("warning", "error")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_missing_weights_are_another_rules_finding_and_no_pass(rule: WeightsOutsideLfs) -> None:
    [finding] = findings(rule, without(SPOTLESS, MODEL))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_weights_that_are_a_link_are_no_pass(rule: WeightsOutsideLfs) -> None:
    [finding] = findings(rule, SPOTLESS, modes={MODEL: Mode.SYMLINK})
    assert (finding.rule, finding.path) == ("SNT001", MODEL)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_an_invalid_manifest_is_no_pass(rule: WeightsOutsideLfs) -> None:
    [finding] = findings(rule, edit(SPOTLESS, MANIFEST, "weights: [model.skops]", "weights: model.skops"))
    assert (finding.rule, finding.outcome) == ("SNT003", "inconclusive")


def test_real_bytes_are_told() -> None:
    [finding] = findings(WeightsOutsideLfs(), {**SPOTLESS, MODEL: b"\0" * 3000})
    assert (finding.path, finding.severity, finding.message) == (
        MODEL,
        "error",
        "2.9 KiB of real bytes lie in Git, not a pointer to Git LFS",
    )
    assert finding.help == f'`git lfs install`, then `git add --renormalize "{MODEL}"`'


def test_oversized_weights_are_told_at_the_size_in_the_pointer_or_at_the_file() -> None:
    rule = OversizedWeights(max_size=6)
    [pointer] = findings(rule, SPOTLESS)
    [bytes_] = findings(rule, {**SPOTLESS, MODEL: b"\0" * 7})
    assert (pointer.line, pointer.column, pointer.length) == (3, 6, 1)
    assert (bytes_.line, bytes_.column) == (1, 1)
    assert pointer.fingerprint == bytes_.fingerprint


def test_real_bytes_without_a_pattern_are_told_once_with_both_steps() -> None:
    files = {**without(SPOTLESS, ".gitattributes"), MODEL: b"bytes"}
    [finding] = findings(WeightsOutsideLfs(), files)
    track = '`git lfs install`, `git lfs track "*.skops"`, `git add .gitattributes`'
    assert finding.help == f'{track}, then `git add --renormalize "{MODEL}"`'
    assert findings(UntrackedWeightsPattern(), files) == []


@pytest.mark.parametrize(
    ("folder", "name", "pattern"),
    [
        ("models/churn", "model.txt", "models/*/model.txt"),
        ("models/churn", "model.json", "models/*/model.json"),
        ("models/churn", "weights/model.json", "models/*/weights/model.json"),
        ("models/churn", "model", "models/*/model"),
        ("models/churn", "Model.SKOPS", "models/*/Model.SKOPS"),
        ("models/churn", "model.ubj", "*.ubj"),
        ("models/churn", "../shared/model.txt", "models/shared/model.txt"),
        ("churn", "model.txt", "churn/model.txt"),
        ("", "model.txt", "/model.txt"),
    ],
)
def test_a_pattern_sends_weights_alone_to_lfs(folder: str, name: str, pattern: str) -> None:
    """`*.txt` would make a pointer of requirements.txt, too; and what has no ending would be all there is."""
    prefix = f"{folder}/" if folder else ""
    manifest = str(SPOTLESS[MANIFEST]).replace("[model.skops]", f"[{name}]")
    path = posixpath.normpath(f"{prefix}{name}")
    files: dict[str, bytes | str] = {
        f"{prefix}model.yaml": manifest,
        f"{prefix}requirements.txt": "numpy==2.1.0\n",
        path: b"bytes",
    }
    [told] = findings(WeightsOutsideLfs(), files, folder=folder)
    assert f'`git lfs track "{pattern}"`' in told.help
    [told] = findings(UntrackedWeightsPattern(), {**files, path: POINTER}, folder=folder)
    assert f'`git lfs track "{pattern}"`' in told.help
    sent = {".gitattributes": f"{pattern} filter=lfs\n".encode()}.get
    assert [attributes_at(each, sent).get("filter") for each in (path, f"{prefix}requirements.txt")] == ["lfs", None]


def test_real_bytes_that_the_manifest_does_not_name_are_told() -> None:
    [finding] = findings(WeightsOutsideLfs(), {**SPOTLESS, f"{FOLDER}/old/Model.PKL": b"bytes"})
    assert finding.path == f"{FOLDER}/old/Model.PKL"


def test_weights_with_any_name_are_told_if_the_manifest_names_them() -> None:
    files = edit(SPOTLESS, MANIFEST, "weights: [model.skops]", "weights: [model.skops, tree.dat]")
    [finding] = findings(WeightsOutsideLfs(), {**files, f"{FOLDER}/tree.dat": b"bytes"})
    assert finding.path == f"{FOLDER}/tree.dat"


def test_empty_weights_are_told() -> None:
    [finding] = findings(WeightsOutsideLfs(), {**SPOTLESS, MODEL: b""})
    assert finding.message == "the weights are an empty file, not a pointer to Git LFS"


def test_an_empty_file_that_nobody_names_is_nothing() -> None:
    assert findings(WeightsOutsideLfs(), {**SPOTLESS, f"{FOLDER}/keep.bin": b""}) == []


def test_weights_named_twice_are_told_once() -> None:
    files = edit(SPOTLESS, MANIFEST, "weights: [model.skops]", "weights: [model.skops, ./model.skops]")
    assert len(findings(WeightsOutsideLfs(), {**files, MODEL: b"bytes"})) == 1


def test_fingerprints_tell_files_apart_and_survive_a_move() -> None:
    files = {**SPOTLESS, MODEL: b"bytes", f"{FOLDER}/other.pkl": b"bytes"}
    moved = {path.replace(FOLDER, "elsewhere/churn"): content for path, content in files.items()}
    here = [finding.fingerprint for finding in findings(WeightsOutsideLfs(), files)]
    there = [finding.fingerprint for finding in findings(WeightsOutsideLfs(), moved, folder="elsewhere/churn")]
    assert len(set(here)) == 2
    assert here == there


@pytest.mark.parametrize(
    ("content", "line", "fragment"),
    [
        (POINTER.replace(b"\n", b"\r\n"), 1, "CR LF"),
        (POINTER.replace(b"git-lfs.github.com", b"hawser.github.com"), 1, "hawser"),
        (POINTER + b"x 1\n", 4, "more lines"),
        (POINTER + b"\n", 4, "more lines"),
        (POINTER[:-1], 3, "does not end"),
        (POINTER.replace(b"oid ", b"ext-0-foo sha256:1\noid "), 2, "extension"),
        (POINTER.replace(b"oid sha256:", b"oid sha1:"), 2, "line 2 of the pointer"),
        (
            POINTER.upper().replace(b"VERSION HTTPS://GIT-LFS.GITHUB.COM", b"version https://git-lfs.github.com"),
            1,
            "line 1",
        ),
        (POINTER.replace(b"size 7", b"size 07"), 3, "line 3 of the pointer is not `size <bytes>`"),
        (POINTER.replace(b"size 7", b"size -7"), 3, "line 3"),
        (b"\xef\xbb\xbf" + POINTER, 1, "byte order mark"),
        (b"\n" + POINTER, 1, "line 1"),
        (POINTER + b"x", 4, "more lines than three"),
        (POINTER + b"\n", 4, "more lines than three"),
        (POINTER[:-1], 3, "last line does not end"),
        (b"version https://git-lfs.github.com/spec/v1\n", 2, "line 2"),
    ],
)
def test_a_malformed_pointer_is_told_at_its_first_flaw(content: bytes, line: int, fragment: str) -> None:
    [finding] = findings(MalformedPointer(), {**SPOTLESS, MODEL: content})
    assert (finding.path, finding.line, finding.outcome, finding.severity) == (MODEL, line, "fail", "error")
    assert fragment in finding.message
    shown = content.decode("utf-8", "replace").split("\n")[line - 1].rstrip("\r")
    assert (finding.column, finding.length) == (1, 1 if "byte order" in fragment else max(1, len(shown)))


def test_malformed_pointers_of_predictions_and_benchmark_data_are_told() -> None:
    predictions, data = EVALUATION.replace(".json", ".parquet"), BENCHMARK.replace("benchmark.yaml", "data.parquet")
    for path, role in ((predictions, "predictions"), (data, "churn-holdout"), (MODEL, "weights")):
        [finding] = findings(MalformedPointer(), {**SPOTLESS, path: POINTER[:-1]})
        assert (finding.rule, finding.path, finding.role) == ("LFS002", path, role)


def test_benchmark_data_that_is_not_there_is_another_rules() -> None:
    files = without(SPOTLESS, BENCHMARK.replace("benchmark.yaml", "data.parquet"))
    assert findings(MalformedPointer(), files) == []


def test_a_malformed_pointer_is_not_also_real_bytes() -> None:
    assert findings(WeightsOutsideLfs(), {**SPOTLESS, MODEL: POINTER[:-1]}) == []


@given(content=st.one_of(st.binary(max_size=40), st.binary(max_size=30).map(lambda more: POINTER[:43] + more)))
@settings(max_examples=300, deadline=None)
def test_weights_are_a_pointer_or_told_by_exactly_one_rule(content: bytes) -> None:
    told = [finding for rule in RULES[:2] for finding in findings(rule, {**SPOTLESS, MODEL: content})]
    assert {finding.rule for finding in told} <= {"LFS001", "LFS002"}
    assert len(told) == (parse_pointer(content) is None)


@pytest.mark.parametrize(
    ("attributes", "fragment"),
    [
        ("", "names no filter"),
        ("*.parquet filter=lfs\n", "names no filter"),
        ("*.skops filter=lfs\n*.skops -filter\n", "filter is unset"),
        ("*.skops filter\n", "filter is set"),
        ("*.skops filter=crypt\n", "filter is `crypt`"),
    ],
)
def test_a_pointer_that_no_pattern_sends_to_lfs_is_told(attributes: str, fragment: str) -> None:
    [finding] = findings(UntrackedWeightsPattern(), {**SPOTLESS, ".gitattributes": attributes})
    assert (finding.path, finding.severity) == (MODEL, "error")
    assert fragment in finding.message
    assert '`git lfs track "*.skops"`' in finding.help


def test_no_gitattributes_at_all_is_told() -> None:
    [finding] = findings(UntrackedWeightsPattern(), without(SPOTLESS, ".gitattributes"))
    assert "names no filter" in finding.message


def test_the_models_own_gitattributes_counts() -> None:
    files = {**without(SPOTLESS, ".gitattributes"), f"{FOLDER}/.gitattributes": "*.skops filter=lfs\n"}
    assert findings(UntrackedWeightsPattern(), files) == []


def test_attributes_that_cannot_be_read_are_no_pass() -> None:
    [link] = findings(UntrackedWeightsPattern(), SPOTLESS, modes={".gitattributes": Mode.SYMLINK})
    [large] = findings(UntrackedWeightsPattern(), {**SPOTLESS, ".gitattributes": "#" * 200_000})
    assert (link.rule, link.path) == ("SNT001", ".gitattributes")
    assert (large.rule, large.outcome) == ("SNT003", "inconclusive")


@given(text=st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_gitattributes_crashes(text: str) -> None:
    told = findings(UntrackedWeightsPattern(), {**SPOTLESS, ".gitattributes": text.encode("utf-8", "replace")})
    assert {finding.rule for finding in told} == {"LFS003"}


def test_weights_above_the_limit_are_told_at_the_size() -> None:
    [finding] = findings(OversizedWeights(max_size="1KiB"), {**SPOTLESS, MODEL: write_pointer(WEIGHTS, 2048)})
    assert (finding.path, finding.line, finding.column, finding.length) == (MODEL, 3, 6, 4)
    assert finding.message == "the weights are 2 KiB; the limit is 1 KiB"


def test_weights_at_the_limit_pass_and_one_byte_more_does_not() -> None:
    assert findings(OversizedWeights(), {**SPOTLESS, MODEL: write_pointer(WEIGHTS, 2**31)}) == []
    [finding] = findings(OversizedWeights(), {**SPOTLESS, MODEL: write_pointer(WEIGHTS, 2**31 + 1)})
    assert finding.message == "the weights are 2,147,483,649 bytes; the limit is 2,147,483,648 bytes"


def test_real_bytes_have_a_size_too() -> None:
    [finding] = findings(OversizedWeights(max_size=2000), {**SPOTLESS, MODEL: b"\0" * 2001})
    assert finding.path == MODEL


def test_the_option_validates_itself() -> None:
    with pytest.raises(msgspec.ValidationError, match="is no size"):
        msgspec.convert({"max_size": "huge"}, OversizedWeights)


def test_it_only_warns_in_the_lowest_environment() -> None:
    assert OversizedWeights.severity == ("warning", "error")
    assert judgement(OversizedWeights(), SPOTLESS).skipped == ()
