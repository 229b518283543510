"""`snitch profile`: writes how the features of a table are distributed, and no row of it."""

from __future__ import annotations

import click

from snitch.cli.completion import complete_model
from snitch.formats.profile import MOST_SKETCHED, SKETCHED


@click.command(short_help="Write a profile of training data.")
@click.argument("data", type=click.Path())
@click.option("--id", "id", metavar="COLUMN", help="Sketch this column, and the rows without it, to find leaks by.")
@click.option(
    "--hashes",
    type=click.IntRange(SKETCHED, MOST_SKETCHED),
    help=f"With --id, how many hashes a sketch has: more find leaks in larger data. Default: {SKETCHED:,}.",
)
@click.option("--model", metavar="MODEL", help="Profile what its signature takes.", shell_complete=complete_model)
@click.option("--columns", metavar="COLUMN,…", help="Profile these columns only. Default: all.")
@click.option("--like", metavar="PROFILE", type=click.Path(), help="Count by the bins of this profile.")
@click.option("--out", metavar="FILE", type=click.Path(), help="Where to write it. Default: stdout.")
def profile(
    data: str,
    id: str | None,
    hashes: int | None,
    model: str | None,
    columns: str | None,
    like: str | None,
    out: str | None,
) -> int:
    """Write a profile of DATA, a Parquet or CSV file of any size, for `training.data[].profile` in model.yaml.

    Of each column it holds the type, quantiles with counts, values that ten rows or more share with theirs, and how
    many are missing; no row, no smallest and no largest value. The same data gives the same bytes, in any order.

    With --id, it also holds the smallest hashes of that column and of the rows without it: `benchmark-leak` looks for a
    benchmark's examples among them. Ids that can be guessed can be found in it.

    Exit codes: 0 written, 2 the data cannot be read or the profile cannot be written, 3 the data has no rows.
    """
    from snitch.checking.commits import Misuse
    from snitch.cli.ending import ended_in_order
    from snitch.cli.output import tell
    from snitch.cli.tables import inputs_of, profile_at, profile_of
    from snitch.formats.profile import profile_text
    from snitch.placing import write_out

    names = None if columns is None else tuple(name.strip() for name in columns.split(",") if name.strip())
    if names == ():
        raise Misuse("--columns names no column")
    if like is not None and (id, columns, model) != (None, None, None):
        raise Misuse("--like counts the columns of that profile: it goes with none of --id, --columns and --model")
    if hashes is not None and id is None:
        raise Misuse("--hashes is how many --id keeps: name the column")
    if model is not None:
        if columns is not None:
            raise Misuse("--model names the columns: it does not go with --columns")
        names = inputs_of(model)
    with ended_in_order():
        counted_as = None if like is None else profile_at(like)
        text = profile_text(profile_of(data, id=id, columns=names, like=counted_as, hashes=hashes or SKETCHED))
    if out is None:
        return 0 if tell(text) else 2
    try:
        write_out(out, text.encode())
    except OSError as error:
        raise Misuse(f"the profile cannot be written to {out}: {error.strerror}") from None
    return 0
