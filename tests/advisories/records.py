"""Records of an OSV export, as its schema writes them."""

from __future__ import annotations

from typing import Any


def event(kind: str, version: str) -> dict[str, str]:
    return {kind: version}


def record(name: str = "GHSA-aaaa-bbbb-cccc", package: str = "numpy", *events: dict[str, str], **more: Any) -> Any:
    """An advisory for one package; without events, for all versions below 2.2.0."""
    ranges = [{"type": "ECOSYSTEM", "events": list(events) or [event("introduced", "0"), event("fixed", "2.2.0")]}]
    affected = {"package": {"ecosystem": "PyPI", "name": package, "purl": f"pkg:pypi/{package}"}, "ranges": ranges}
    return {
        "schema_version": "1.7.0",
        "id": name,
        "modified": "2026-11-01T10:00:00.123456Z",
        "published": "2026-10-01T10:00:00Z",
        "aliases": ["CVE-2026-0001"],
        "summary": 'Loading a file can "run" code',
        "details": "…",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "references": [{"type": "WEB", "url": "https://example.com/advisory"}],
        "database_specific": {"cwe_ids": ["CWE-502"]},
        "affected": [affected],
        **more,
    }
