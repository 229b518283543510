"""The commit status of several runs: which of them has the last word. Nothing here asks a forge.

Runs race, and of two statuses the one counts that was set last, whichever run it speaks for. So each run looks again
after it has set one, and `next_status` says what puts it right until nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Sequence

from snitch.forge.client import Status
from snitch.forge.sticky import Run, run_of


def next_status(wanted: Status, ours: Sequence[Status], *, has_written: bool) -> Status | None:
    """What to set, as things are now; None where the run that has the word has said it last.

    `ours` are those that we have set, oldest first. `has_written`: this run has already set one. What a later run said
    is never replaced, and said again where an earlier run has spoken after it.
    """
    later = [each for each in ours if run_of(each.url) > run_of(wanted.url)]
    latest = max(reversed(later), key=lambda each: run_of(each.url), default=wanted)
    if latest is wanted and not has_written:
        return wanted
    return None if ours and _word(ours[-1]) == _word(latest) else latest


def _word(status: Status) -> tuple[Run, bool]:
    """As far as every forge gives it back: some know no error, and cut descriptions in their own way."""
    return run_of(status.url), status.state == "success"
