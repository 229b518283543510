"""Wheels as anybody may publish them: pure Python, whatever they hold."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile, ZipInfo


def wheel(folder: Path, name: str, version: str, more: Mapping[str, str] = {}, *, metadata: str = "") -> Path:
    """A wheel of one empty module and `more`, all of it executable; `metadata` are further lines of METADATA."""
    info = f"{name}-{version}.dist-info"
    held = {
        f"{name}.py": "",
        **more,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        path: base64.urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()
        for path, text in held.items()
    }
    record = "".join(f"{path},sha256={digest},{len(held[path])}\n" for path, digest in digests.items())
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(made, "w") as archive:
        for path, text in {**held, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            member = ZipInfo(path)
            member.external_attr = 0o100755 << 16
            archive.writestr(member, text)
    return made
