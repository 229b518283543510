"""`snitch drift`: tells how far data has moved from what a model was trained on."""

from __future__ import annotations

from contextlib import closing

import click

from snitch.cli.completion import complete_model
from snitch.cli.engine_option import engine_of, engine_options
from snitch.cli.format_option import format_option_of
from snitch.report.drift import DRIFT_FORMATS


@click.command(short_help="Tell how far data has moved from what a model was trained on.")
@click.argument("model", shell_complete=complete_model)
@click.option(
    "--current", metavar="DATA", required=True, type=click.Path(), help="A Parquet or CSV file, or a profile."
)
@click.option("--profile", metavar="FILE", type=click.Path(), help="The training profile. Default: the manifest's.")
@engine_options
@format_option_of(DRIFT_FORMATS)
def drift(
    model: str,
    current: str,
    profile: str | None,
    engine: str | None,
    address: str | None,
    jobs: int | None,
    formats: tuple[str, ...],
) -> int:
    """Compare DATA with what MODEL, a name or a folder, was trained on: per feature the population stability index
    (PSI), the Jensen-Shannon distance and the status; new and missing values and columns.

    Data is read batch by batch, whatever its size. Compared are the signature's inputs, else all that the profile has.
    The limits are those of `drifted-feature` in the policy, as it stands for the deployed environment: a PSI of 0.25
    where it says nothing else.

    Exit codes: 0 within the limits, 1 beyond, 2 misuse, 3 undecided: nothing could be compared, or too few rows.
    """
    from snitch.cli.drifting import drift_report
    from snitch.cli.ending import ended_in_order
    from snitch.cli.output import deliver_each
    from snitch.git.command import Git
    from snitch.measuring.engine import running_on
    from snitch.report.drift import render_drift

    with ended_in_order(), closing(Git()) as git, running_on(engine_of(engine, address, jobs)):
        report = drift_report(git, model, current, profile)
    deliver_each(lambda name, **look: render_drift(report, name, **look), formats)
    return {"passed": 0, "blocked": 1, "inconclusive": 3}[report.verdict]
