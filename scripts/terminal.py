"""A terminal in which a person's commands are run and shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


class Failed(Exception):
    """A scene did not go as it must."""


class Terminal:
    """Runs commands in the demo's repository and shows them as a person would see them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.color = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))},
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
            "EMAIL": "ada@example.com",
            "COLUMNS": "100",
        }
        self.transcript: list[str] = []

    def title(self, text: str) -> None:
        """Begins a scene."""
        self.transcript = []
        print(f"\n\033[1m# {text}\033[0m\n" if self.color else f"\n# {text}\n", flush=True)

    def run(self, command: str, *, shown: str | None = None, fails: bool = False, quiet: bool = False) -> str:
        """Runs a shell command, shows it with its output, and returns the output."""
        environment = {**self.environment, **({"FORCE_COLOR": "1", "PRE_COMMIT_COLOR": "always"} if self.color else {})}
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        output = _readable(done.stdout + done.stderr)
        if not quiet:
            self.show(f"$ {shown or command}\n{output}")
        if (done.returncode != 0) != fails:
            wanted = "fail" if fails else "succeed"
            raise Failed(f"`{command}` was to {wanted}, but exited with {done.returncode}:\n{output}")
        return output

    def show(self, text: str) -> None:
        """Prints a part of the transcript."""
        self.transcript.append(text)
        print(text, end="" if text.endswith("\n") else "\n", flush=True)


def _readable(output: str) -> str:
    """What git-lfs and git tell of transfers is not what this is about."""
    dropped = (
        "Uploading LFS",
        "error: failed to push some refs",
        "Locking support",
        "remote:",
        "To ",
        "Switched to",
        "branch '",
        " * [new branch]",
    )
    return "".join(line for line in output.splitlines(keepends=True) if not line.startswith(dropped))
