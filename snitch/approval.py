"""Whether somebody who may has approved what a change does to what judges it."""

from __future__ import annotations

from msgspec import Struct

from snitch.finding import Outcome, Undecidable
from snitch.gate import Gate


class Approval(Struct, frozen=True, kw_only=True):
    """The approval of a change at its very head: `users` have given it, of those who may, the author not counted.

    Where nobody has, `needs` says what it takes and `help` how to get it; `doubt` why nobody can tell, if so.
    """

    needs: str
    help: str
    users: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def outcome(self) -> Outcome:
        """Of a finding that the approval would lift."""
        return "inconclusive" if self.doubt else "fail"

    @property
    def missing(self) -> str:
        """What it takes, and why nobody can tell whether it is there."""
        return f"{self.needs}; {self.doubt}" if self.doubt else self.needs

    @property
    def given(self) -> str:
        """Who has given it."""
        return f"{', '.join(self.users)} approved"


def approval_of(approvers: tuple[str, ...], gate: Gate | None) -> Approval:
    """The approval of one of `approvers`; before the gate (None) nobody can have given it."""
    needs, help_text = _needed(approvers, gate is not None)
    if gate is None or not approvers:
        return Approval(needs=needs, help=help_text)
    try:
        # Forges do not tell upper from lower case.
        approved = {user.casefold() for user in gate.approved_by}
    except Undecidable as undecided:
        # An approval that nobody can see mends nothing.
        return Approval(needs=needs, help=undecided.help or help_text, doubt=undecided.reason)
    users = tuple(sorted(user for user in approvers if user.casefold() in approved))
    return Approval(needs=needs, help=help_text, users=users)


def _needed(approvers: tuple[str, ...], is_gated: bool) -> tuple[str, str]:
    if not approvers:
        return (
            "an approval, and the base's policy names no `gate.approvers`",
            "first name them in snitch.yaml, in a pull request of its own: `gate: {approvers: [LOGIN]}`",
        )
    if not is_gated:
        return "the approval of one of `gate.approvers`", "make it a pull request of its own"
    who = ", ".join(approvers)
    return f"the approval of one of {who}, the author not counted", f"ask one of {who} to approve the latest commit"
