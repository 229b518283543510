"""What the shell completes: rules, models and environments. A shell that completes is never told of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def complete_rule(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names that begin with the word, each with its page's first line.

    Of a list such as `REG001,BEN` the last is completed.
    """
    from click.shell_completion import CompletionItem

    from snitch.rulebook import BrokenRulebook, rulebook

    before, comma, word = incomplete.rpartition(",")
    try:
        rules = rulebook().rules.values()
    except BrokenRulebook:
        return []
    return [
        CompletionItem(before + comma + each, help=(rule.__doc__ or rule.name).strip().split("\n")[0])
        for rule in rules
        for each in (rule.code, rule.name)
        if each.startswith(word)
    ]


def complete_model(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The models of the work tree by the names of their folders, which nearly always are theirs."""
    from click.shell_completion import CompletionItem

    from snitch.git.command import Git
    from snitch.git.errors import GitError
    from snitch.layout import MANIFEST

    try:
        paths = Git().records(("ls-files", "-z", "--", f":(top,glob)**/{MANIFEST}"))
    except GitError:
        return []
    names = sorted({path.split("/")[-2] for path in paths if "/" in path})
    return [CompletionItem(name) for name in names if name.startswith(incomplete) and name.isprintable()]


def complete_environment(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The environments of the work tree's policy, lowest first; none where it cannot be read."""
    from click.shell_completion import CompletionItem

    from snitch.git.command import Git
    from snitch.git.worktree import work_tree_snapshot
    from snitch.policy.reading import read_policy
    from snitch.source import Source

    try:
        names = [each.name for each in read_policy(Source(work_tree_snapshot(Git()))).environments]
    except Exception:  # whatever it is, the next command tells it; here it would be written into a half-typed line
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete) and name.isprintable()]
