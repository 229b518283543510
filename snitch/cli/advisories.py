"""`snitch advisories`: makes the snapshot of known vulnerabilities that `vulnerable-dependency` reads."""

from __future__ import annotations

import os
from hashlib import sha256

import click

from snitch.advisories.importing import Tally, Unusable, import_export
from snitch.advisories.snapshot import write_snapshot
from snitch.checking.commits import Misuse
from snitch.cli.output import tell_line
from snitch.cli.places import from_top
from snitch.cli.progress import MANY, progress
from snitch.formats.advisories import MAX_BYTES
from snitch.git.command import Git
from snitch.placing import write_out


@click.command(short_help="Import a snapshot of known vulnerabilities.")
@click.option("--from", "source", metavar="FILE|DIR|ZIP", required=True, help="The OSV export.", type=click.Path())
@click.option(
    "--out", metavar="FILE", help="The snapshot (default: advisories.json at the top).", type=click.Path(dir_okay=False)
)
@click.option(
    "--only",
    type=click.Choice(["requirements"]),
    help="Keep what is about packages that the models here require.",
)
def advisories(source: str, out: str | None, only: str | None) -> int:
    """Import an OSV export into the repository, for `vulnerable-dependency` to read.

    An export is a ZIP archive of OSV's records (such as the `all.zip` of an ecosystem), a folder of them, or one JSON
    file. Nothing is fetched: bring it from where you trust it. Records of other ecosystems than PyPI and withdrawn ones
    are left out. The same export makes the same bytes; a record that cannot be read refuses the whole.
    """
    git = Git()
    if not git.has_work_tree:
        raise Misuse("a bare repository has no place to write a snapshot to: run it in a work tree")
    target = "advisories.json" if out is None else from_top(git, out)
    if not target.endswith(".json"):
        raise Misuse(f"--out must name a .json file, not `{out}`")
    packages = _required(git) if only else None
    with progress("reading", least=MANY) as tick:
        try:
            tally = import_export(source, packages, tick)
        except Unusable as error:
            raise Misuse(f"{error}; nothing is written") from None
        except OSError as error:
            raise Misuse(f"{source} cannot be read: {error.strerror or error}; nothing is written") from None
    content = write_snapshot(tally.snapshot)
    if len(content) > MAX_BYTES:
        raise Misuse(f"the snapshot has {len(content):,} bytes, more than the gate reads; give --only requirements")
    try:
        write_out(os.path.join(git.top_level, target), content)
    except OSError as error:
        raise Misuse(f"{target} cannot be written: {error.strerror}; nothing has changed") from None
    for line in _told(tally, target, content):
        tell_line(line)
    return 0


def _required(git: Git) -> frozenset[str]:
    from snitch.checking.required import required_packages

    return required_packages(git)


def _counted(number: int) -> str:
    return f"{number:,} {'advisory' if number == 1 else 'advisories'}"


def _told(tally: Tally, target: str, content: bytes) -> list[str]:
    snapshot = tally.snapshot
    about = "" if snapshot.packages is None else f" about the {len(snapshot.packages):,} required packages"
    left = tally.records - tally.concerned
    return [
        f"{target}: {_counted(len(snapshot.advisories))}{about}, of {tally.concerned:,} for {snapshot.ecosystem}",
        f"left out: {left:,} of other ecosystems, {tally.withdrawn:,} withdrawn; the newest is of {snapshot.modified}",
        "commit it, and name it in snitch.yaml:",
        f'  vulnerable-dependency: {{snapshot: {target}, digest: "sha256:{sha256(content).hexdigest()}"}}',
    ]
