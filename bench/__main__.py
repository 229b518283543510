"""`python -m bench`: measures Snitch and prints ratios, beside the tools a user would pick instead."""

from __future__ import annotations

import argparse

from bench.environments import ROOT, peers_environment, snitch_environment
from bench.rows import Bench, lines


def main() -> None:
    """Measures all rows, or those that are asked for by number."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, help="the rows to measure, from 1; without any, all")
    parser.add_argument("--models", type=int, default=10_000, help="the size of the large repository (10000)")
    parser.add_argument("--repeats", type=int, default=15, help="rounds; a quarter of them for what takes seconds (15)")
    asked = parser.parse_args()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    snitch, peers = snitch_environment(folder), peers_environment(folder)
    bench = Bench(folder, snitch, peers, models=asked.models, repeats=asked.repeats)
    for number, measured in enumerate(bench.rows, start=1):
        if not asked.rows or number in asked.rows:
            print(*lines(number, measured()), sep="\n", flush=True)


if __name__ == "__main__":
    main()
