"""`snitch check --staged` and `--pre-push` as the hooks run them: what reads the command line takes longer to import
than a model takes to judge, so a hook does without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snitch.cli.guard import guarded

if TYPE_CHECKING:
    from snitch.checking.commits import Moment
    from snitch.git.command import Git


def run_hook(moment: Moment, *, quiet: bool) -> int:
    """Judges what is being committed or pushed, reports it as text, and returns the exit code."""
    return guarded(lambda: _judge(moment, quiet))


def _judge(moment: Moment, quiet: bool) -> int:
    from snitch.git.command import Git

    git = Git()
    _ask_ahead(git, moment)
    from datetime import datetime, timezone

    from snitch.checking.commits import Asked
    from snitch.checking.run import Options
    from snitch.cli.judging import judge

    try:
        return judge(git, Asked(moment=moment), Options(today=datetime.now(timezone.utc).date()), quiet=quiet)
    finally:
        git.close()


def _ask_ahead(git: Git, moment: Moment) -> None:
    """Lets git list while Python imports."""
    from snitch.git.questions import LAYOUT, LIST_INDEX

    git.ahead(LAYOUT)
    if moment == "staged":
        git.ahead(LIST_INDEX)
