"""`snitch evaluate`: measures models on their benchmarks and writes that down, or verifies what is written."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing

import click

from snitch.cli.completion import complete_model
from snitch.cli.engine_option import engine_of, engine_options


@click.command(short_help="Measure models on their benchmarks, or measure them again.")
@click.argument("models", nargs=-1, metavar="[MODEL]…", shell_complete=complete_model)
@click.option("--all", "take_all", is_flag=True, help="Measure every model.")
@click.option("--verify", is_flag=True, help="Measure again, and compare with what is recorded; write nothing.")
@click.option("--evidence", metavar="FILE", help="With --verify: write what came of it, for `snitch gate --evidence`.")
@click.option("--ref", metavar="REV", help="With --verify or --fetch: of a commit instead of the work tree.")
@click.option("--base", metavar="REV", help="Measure the models that differ from this commit.")
@click.option("--policy", metavar="REV", help="What weights may import is for the policy of this commit to say.")
@click.option("--fetch", is_flag=True, help="Bring here what measuring takes, and measure nothing.")
@click.option("--install", is_flag=True, help="Run each model by the wheels that its requirements pin.")
@click.option("--python", metavar="PATH", help="The interpreter that runs the models. Default: this one.")
@click.option("--max-download", metavar="SIZE", default="10GiB", help="What to fetch at most. Default: 10GiB.")
@click.option("--max-memory", metavar="SIZE", default="8GiB", help="What a model may take. Default: 8GiB.")
@click.option("--max-time", metavar="DURATION", default="10m", help="How long a model may run. Default: 10m.")
@engine_options
def evaluate(
    models: tuple[str, ...],
    take_all: bool,
    verify: bool,
    evidence: str | None,
    ref: str | None,
    base: str | None,
    policy: str | None,
    fetch: bool,
    install: bool,
    python: str | None,
    max_download: str,
    max_memory: str,
    max_time: str,
    engine: str | None,
    address: str | None,
    jobs: int | None,
) -> int:
    """Measure MODEL, a name or a folder, on each benchmark that names it, and write evaluations/BENCHMARK.json and
    .parquet beside it.

    The weights and the data are fetched from Git LFS where they are not here. The model runs in a process of its own,
    which sees no label; what it answers is scored here.

    With --verify the exit code is 0 where all is reproduced, 1 where something else comes out, 3 where nobody can tell.

    Exit codes: 0 done, 1 differs, 2 misuse, 3 inconclusive.
    """
    from snitch.checking.commits import Misuse
    from snitch.cli.ending import ended_in_order
    from snitch.cli.limits import parse_limits
    from snitch.cli.measuring import AskedFor, Measuring
    from snitch.git.command import Git

    if bool(models) + take_all + (base is not None) != 1:
        raise Misuse("name the models to measure, or `--all` of them, or those that differ from a commit: `--base REV`")
    if evidence is not None and not verify:
        raise Misuse("--evidence goes with --verify, which measures again what is recorded")
    if ref is not None and not (verify or fetch):
        raise Misuse("--ref goes with --verify or --fetch: what is measured anew is written to the work tree")
    if (verify and fetch) or (install and python is not None):
        raise Misuse("--fetch does not go with --verify" if verify and fetch else "--install does not go with --python")
    asked = AskedFor(
        ref=ref,
        base=base,
        policy=policy,
        python=python or sys.executable,
        installs=install,
        limits=parse_limits(max_memory, max_time),
        engine=engine_of(engine, address, jobs),
    )
    with ended_in_order(), ExitStack() as stack:
        measuring = Measuring(stack.enter_context(closing(Git())), stack, asked)
        measuring.prepare(max_download)
        if fetch:
            return measuring.fetch(models)
        return measuring.verify(models, evidence) if verify else measuring.evaluate(models)
