"""Exports of OSV become snapshots: alike from a folder, an archive and a file, and never with anything left out."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snitch.advisories import importing
from snitch.advisories.importing import Tally, Unusable, import_export
from snitch.advisories.osv import NotOsv, import_record
from snitch.advisories.snapshot import read_snapshot, write_snapshot
from snitch.documents import Unreadable
from tests.advisories.records import event, record

ONE = record()
TWO = record("PYSEC-2026-2", "Scikit_Learn", event("introduced", "1.0"), event("last_affected", "1.8"), aliases=[])
ELSEWHERE = record("GHSA-npm", affected=[{"package": {"ecosystem": "npm", "name": "left-pad"}, "versions": ["1.0.0"]}])
WITHDRAWN = record("PYSEC-2026-3", withdrawn="2026-10-02T10:00:00Z")


def imported(path: Path, records: Any, **options: Any) -> Tally:
    path.write_text(json.dumps(records))
    return import_export(str(path), **options)


def refusal(path: Path, records: Any) -> str:
    with pytest.raises(Unusable) as caught:
        imported(path, records)
    return str(caught.value)


def test_an_export_is_cut_to_what_is_used(tmp_path: Path) -> None:
    tally = imported(tmp_path / "all.json", [TWO, ONE, ELSEWHERE, WITHDRAWN])
    assert (tally.records, tally.concerned, tally.withdrawn) == (4, 3, 1)
    lines = write_snapshot(tally.snapshot).decode().splitlines()
    assert lines[0].startswith(
        '{"schema_version":1,"ecosystem":"PyPI","modified":"2026-11-01T10:00:00Z","source":"sha256:'
    )
    assert json.loads(lines[1].rstrip(",")) == {
        "id": "GHSA-aaaa-bbbb-cccc",
        "modified": "2026-11-01T10:00:00Z",
        "aliases": ["CVE-2026-0001"],
        "summary": "Loading a file can 'run' code",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "numpy"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.2.0"}]}],
            }
        ],
    }
    assert json.loads(lines[2])["affected"][0]["package"]["name"] == "scikit-learn"
    assert lines[3:] == ["]}"]


def test_folder_archive_and_file_hold_the_same_advisories(tmp_path: Path) -> None:
    folder = tmp_path / "export" / "PyPI"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for each in (TWO, ONE, WITHDRAWN):
            (folder / f"{each['id']}.json").write_text(json.dumps(each))
            archive.writestr(f"{each['id']}.json", json.dumps(each))
    (folder / "README.md").write_text("not a record")
    file = imported(tmp_path / "all.json", {"vulns": [ONE, TWO, WITHDRAWN]}).snapshot
    found = [import_export(str(path)).snapshot for path in (tmp_path / "export", tmp_path / "all.zip")]
    assert [each.advisories for each in found] == [file.advisories] * 2
    assert len({each.source for each in (*found, file)}) == 3
    assert import_export(str(tmp_path / "export")).snapshot == found[0]


def test_only_some_packages_are_kept_and_the_snapshot_says_so(tmp_path: Path) -> None:
    snapshot = imported(tmp_path / "all.json", [ONE, TWO], packages={"numpy", "pandas"}).snapshot
    assert [each.id for each in snapshot.advisories] == [ONE["id"]]
    assert snapshot.packages == ("numpy", "pandas")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    snapshot = imported(tmp_path / "all.json", [ONE, TWO]).snapshot
    content = write_snapshot(snapshot)
    assert read_snapshot("advisories.json", content) == snapshot
    assert b"\\" not in content


def test_a_key_that_stands_twice_is_told(tmp_path: Path) -> None:
    content = write_snapshot(imported(tmp_path / "all.json", [ONE]).snapshot)
    for key in (b'"summary"', b'"fixed"', b'"source"'):
        place = content.index(key)
        twice = content[:place] + key + b':"GHSA",' + content[place:]
        with pytest.raises(Unreadable, match=r"duplicate key|is not valid|must be"):
            read_snapshot("advisories.json", twice)


def test_versions_that_a_range_has_are_not_repeated(tmp_path: Path) -> None:
    listed = record()
    listed["affected"][0]["versions"] = ["1.26.0", "2.0.0", "2.2.0rc1", "2.3.0", "not a version"]
    [advisory] = imported(tmp_path / "all.json", [listed]).snapshot.advisories
    assert advisory.affected[0].versions == ("2.3.0",)


def test_of_two_records_of_one_name_the_later_counts(tmp_path: Path) -> None:
    later = record(modified="2026-11-02T00:00:00Z", summary="later")
    for order in ([ONE, later, ONE], [later, ONE]):
        tally = imported(tmp_path / "all.json", order)
        assert tally.records == 1 and tally.snapshot.advisories[0].summary == "later"
    assert "different things of GHSA-aaaa" in refusal(tmp_path / "all.json", [ONE, record(summary="another")])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": None}, "is no OSV record"),
        ({"modified": "yesterday"}, "`modified`"),
        ({"affected": [{"package": {"ecosystem": "PyPI"}}]}, "missing required field `name`"),
        ({"affected": [{"package": {"ecosystem": "PyPI", "name": "a b"}}]}, "name"),
        ({"affected": {}}, "is no OSV record"),
        (
            {"affected": [{**ONE["affected"][0], "ranges": [{"type": "ECOSYSTEM", "events": [{}]}]}]},
            "an event is one of",
        ),
    ],
)
def test_a_record_that_is_none_refuses_the_export(tmp_path: Path, change: Any, told: str) -> None:
    assert told in refusal(tmp_path / "all.json", [TWO, {**ONE, **change}])


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]", b"[[]]", b'{"id": "a", "id": "b"}', b"[" * 100_000])
def test_what_is_no_export_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "all.json").write_bytes(content)
    with pytest.raises(Unusable):
        import_export(str(tmp_path / "all.json"))


def test_an_export_without_the_ecosystem_is_told(tmp_path: Path) -> None:
    assert "no advisory for packages of PyPI" in refusal(tmp_path / "all.json", [ELSEWHERE])
    assert "no .json files" in _told(tmp_path / "empty")


def _told(folder: Path) -> str:
    folder.mkdir()
    with pytest.raises(Unusable) as caught:
        import_export(str(folder))
    return str(caught.value)


def test_archives_that_lie_or_are_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", json.dumps(ONE) + " " * 2_000_000)
    whole = path.read_bytes()
    monkeypatch.setattr(importing, "MAX_FILE", 1_000_000)
    with pytest.raises(Unusable, match="inflates to"):
        import_export(str(path))
    monkeypatch.undo()
    for cut in range(40, len(whole), 97):
        path.write_bytes(whole[:cut])
        with pytest.raises(Unusable):
            import_export(str(path))


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text(json.dumps(TWO))
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(ONE))
    (folder / "two.json").symlink_to(tmp_path / "outside.json")
    assert len(import_export(str(folder)).snapshot.advisories) == 1
    os.mkfifo(folder / "three.json")
    with pytest.raises(Unusable, match="no regular file"):
        import_export(str(folder))


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["PyPI", "0", "1.0", "GIT"])
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
KEYS = [*ONE, "withdrawn", "package", "ranges", "versions", "events", "introduced", "fixed", "type"]


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING), st.sampled_from(["", "affected", "ranges", "events"]))
def test_whatever_stands_in_a_record_it_is_imported_or_refused(change: dict[str, Any], place: str) -> None:
    broken = json.loads(json.dumps(ONE))
    affected = broken["affected"][0]
    target = {
        "": broken,
        "affected": affected,
        "ranges": affected["ranges"][0],
        "events": affected["ranges"][0]["events"][0],
    }
    target[place].update(change)
    try:
        found = import_record(broken)
    except NotOsv:
        return
    if found.advisory is not None:
        import_again = write_snapshot(_snapshot_of(found.advisory))
        assert read_snapshot("advisories.json", import_again).advisories == (found.advisory,)


def _snapshot_of(advisory: Any) -> Any:
    from snitch.formats.advisories import AdvisorySnapshot

    source = f"sha256:{'0' * 64}"
    return AdvisorySnapshot(
        schema_version=1, ecosystem="PyPI", modified="2026-11-01T10:00:00Z", source=source, advisories=(advisory,)
    )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mangled_snapshot_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(write_snapshot(_snapshot_of(import_record(ONE).advisory)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Unreadable):
        read_snapshot("advisories.json", bytes(content))
