"""What every run asks git first, in words: a hook has it asked before it imports those who read the answers."""

from __future__ import annotations

KIND = (
    "--is-bare-repository",
    "--is-shallow-repository",
    "--show-object-format",
    "--git-dir",
    "--git-common-dir",
)
#: Where the repository lies. HEAD comes last and prints nothing on an unborn branch.
LAYOUT = ("rev-parse", *KIND, "--show-toplevel", "--revs-only", "HEAD^{commit}")

#: The whole index, wherever in the work tree it is asked.
LIST_INDEX = ("ls-files", "-s", "-z", "--full-name", "--", ":/")

#: What git does not know and does not ignore, wherever in the work tree it is asked.
LIST_UNTRACKED = ("ls-files", "--others", "--exclude-standard", "-z", "--full-name", "--", ":/")
