"""`snitch rollback`: asks for a version that an environment had before to be put back."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

from snitch.cli.completion import complete_environment, complete_model

if TYPE_CHECKING:
    from snitch.forge.request import ForgeKind


@click.command(short_help="Ask for an earlier version of a model to be put back.")
@click.argument("model", shell_complete=complete_model)
@click.option("--to", metavar="VERSION", help="The version to go back to. Default: see below.")
@click.option(
    "--env",
    "environment",
    metavar="ENVIRONMENT",
    help="Where. Default: the deployed one.",
    shell_complete=complete_environment,
)
@click.option("--reason", metavar="TEXT", default="", help="Why, for the changelog and the request.")
@click.option("--branch", metavar="NAME", help="The new branch. Default: rollback/MODEL-VERSION-in-ENVIRONMENT.")
@click.option("--forge", type=click.Choice(["github", "gitlab"]), help="Of which kind the remote's host is.")
@click.option("--dry-run", is_flag=True, help="Print the git commands that would do it, and change nothing.")
def rollback(
    model: str,
    to: str | None,
    environment: str | None,
    reason: str,
    branch: str | None,
    forge: ForgeKind | None,
    dry_run: bool,
) -> int:
    """Put MODEL back to what it was in an environment before, on a new branch, and open the pull request.

    Without --to: to the version that its manifest names as `rollback_to`, else to the one from before its weights came.
    Its files become what they were then, but for the version, which is raised by PATCH over the deployed one, and the
    changelog, which gets an entry that says so. With an approver's approval the gate takes it for a rollback, and asks
    it neither to beat what it replaces nor to come through the environments below.

    All else is as with `snitch promote`.
    """
    from snitch.checking.commits import Misuse
    from snitch.cli.moving import Delivery, deliver_plan, plan_or_none
    from snitch.cli.places import from_top
    from snitch.git.command import Git
    from snitch.moving.branches import Branches
    from snitch.moving.preparing import made_on
    from snitch.moving.rolling_back import Back, plan_rollback

    reason = " ".join(reason.split())
    if not reason.isprintable():
        raise Misuse("--reason takes text that can be printed")
    today = datetime.now(timezone.utc).date()
    asked = Back(to=to, environment=environment, reason=reason, branch=branch)
    with closing(Git()) as git:
        place = from_top(git, model)
        plan = plan_or_none(
            Branches(git, fetches=not dry_run),
            lambda branches: plan_rollback(
                branches, model, place, asked, today, lambda name: made_on(git, name, branches.remote)
            ),
        )
        return 0 if plan is None else deliver_plan(git, plan, Delivery(dry_run, forge))
