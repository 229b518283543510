"""Changes of the spotless repository that commands are run on, and how a real process runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snitch.pointer import write_pointer
from tests.cli.conftest import Ran
from tests.judging import EVALUATION, FOLDER, MANIFEST, SPOTLESS, TODAY, digest, edit, edit_json, without
from tests.repository import Repo

#: The day on which all is judged, so that no test depends on the calendar.
NOW = f"--now={TODAY.isoformat()}"
CARD, CHANGELOG = f"{FOLDER}/README.md", f"{FOLDER}/CHANGELOG.md"

#: Another word in the card: changed, and as good as before.
REWORDED = edit(SPOTLESS, CARD, "Ranking subscribers for a call.", "Ranking subscribers for one call.")
#: No way to reach the owner: a warning in the lowest environment, an error above it.
UNREACHABLE = edit(SPOTLESS, MANIFEST, ", contact: growth-ml@example.com", "")


def _retrained() -> dict[str, bytes | str]:
    """New weights as a new version, with an evaluation of their own."""
    files = edit(SPOTLESS, MANIFEST, "version: 1.4.0", "version: 1.5.0")
    section = "## [1.5.0] - 2026-11-18\n### Changed\n- Retrained.\n\n## [1.4.0]"
    files = edit(files, CHANGELOG, "## [1.4.0]", section)
    files[f"{FOLDER}/model.skops"] = write_pointer(digest("other weights"), 13)
    evaluated = {"name": "churn", "version": "1.5.0", "weights": {"model.skops": digest("other weights")}}
    return edit_json(files, EVALUATION, lambda record: record.update(model=evaluated))


RETRAINED = _retrained()
#: New weights that are worse than the deployed ones.
WORSE = edit_json(RETRAINED, EVALUATION, lambda record: record["metrics"][0].update(value=0.882))


def deployed_unevaluated(repo: Repo) -> Repo:
    """What is deployed was never measured, so that whether new weights are worse cannot be told."""
    repo.switch("main")
    repo.write(without(SPOTLESS, EVALUATION)).remove(EVALUATION)
    repo.commit()
    repo.git("checkout", "--quiet", "-B", "feature")
    return repo.write(RETRAINED)


def process(*arguments: str, at: Path, env: Mapping[str, str] = {}, input: str | None = None, **more: Any) -> Ran:
    """`snitch ARGUMENTS` as a process of its own, and what it wrote where nothing else was said."""
    command = [sys.executable, "-m", "snitch", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    given = None if input is None else input.encode()
    done = subprocess.run(command, cwd=at, env={**os.environ, **env}, input=given, check=False, **streams)
    return Ran(done.returncode, *((text or b"").decode("utf-8") for text in (done.stdout, done.stderr)))
