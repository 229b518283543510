"""`snitch promote`: asks for one model's tree to be merged into the next environment's branch."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from snitch.cli.completion import complete_environment, complete_model

if TYPE_CHECKING:
    from snitch.forge.request import ForgeKind


@click.command(short_help="Ask for a model to be merged into the next environment.")
@click.argument("model", shell_complete=complete_model)
@click.option("--to", metavar="ENVIRONMENT", help="Where to. Default: see below.", shell_complete=complete_environment)
@click.option("--from", "source", metavar="BRANCH", help="Whence. Default: as the environment's `promotes_from` says.")
@click.option("--branch", metavar="NAME", help="The new branch. Default: promote/MODEL-VERSION-to-ENVIRONMENT.")
@click.option("--forge", type=click.Choice(["github", "gitlab"]), help="Of which kind the remote's host is.")
@click.option("--dry-run", is_flag=True, help="Print the git commands that would do it, and change nothing.")
def promote(
    model: str, to: str | None, source: str | None, branch: str | None, forge: ForgeKind | None, dry_run: bool
) -> int:
    """Put MODEL, as the branch below has it, onto a new branch of an environment's, and open the pull request.

    Without --to: into the first environment, going up, that does not hold what it is promoted from. The model's folder
    is moved as it is, with the files outside of it that its manifest names; benchmarks are not. The branch is built
    from Git's objects: work tree, index and HEAD stay as they are, and so does every branch that is there. What there
    is to promote is asked of the remote.

    The request is opened with GITHUB_TOKEN, GITLAB_TOKEN or SNITCH_TOKEN. Without one the branch is made here, and what
    is left to do is printed.
    """
    from snitch.cli.moving import Delivery, deliver_plan, plan_or_none
    from snitch.cli.places import from_top
    from snitch.git.command import Git
    from snitch.moving.branches import Branches
    from snitch.moving.promoting import plan_promotion

    with closing(Git()) as git:
        place = from_top(git, model)
        plan = plan_or_none(
            Branches(git, fetches=not dry_run),
            lambda branches: plan_promotion(branches, model, place, to=to, source=source, branch=branch),
        )
        return 0 if plan is None else deliver_plan(git, plan, Delivery(dry_run, forge))
