"""Reads a million mutated lines by shapes and by plain lark, and counts the differences: there must be none.

    python -m bench.mutations [--count 1000000] [--seed 7]

`make test` does the same with fewer lines. The lines are dealt to as many processes as there are processors; a line, and so the result,
depends on the seed alone, and on how many processes there are.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.dumps import saved_lines
from tests.parsing.mutations import Difference, differences, mutated

_SHOWN = 20


def _compared(task: tuple[int, int]) -> list[Difference]:
    count, seed = task
    lines = saved_lines()
    return differences(mutated(lines, count, seed), known=lines)


def main() -> int:
    """See the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    processes = os.cpu_count() or 1
    began = time.monotonic()
    tasks = [(given.count // processes + (number < given.count % processes), given.seed + number) for number in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        found = [difference for part in pool.map(_compared, tasks) for difference in part]
    print(f"{given.count} mutated lines, {processes} processes: {len(found)} differences from plain lark, {time.monotonic() - began:.0f} s")
    for difference in found[:_SHOWN]:
        print(difference)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
