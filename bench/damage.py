"""Reads damaged dumps: no error, nothing lost, nothing slow, and what is written back is read as the same rules.

    python -m bench.damage [--count 20000] [--seed 1]

`make test` does the same with fewer dumps. The dump number N of a run is that of the seed S + N, however many processes there are.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.parsing.damage import damaged, failures, texts

_SHOWN = 20
_CHUNK = 250
_LONGEST = 300


def _checked(seeds: range) -> list[tuple[int, int, str]]:
    saved = texts()
    failures(b"-A INPUT -p tcp --dport 80\n")  # what is needed for odd lines is built before the clock counts
    found = []
    for seed in seeds:
        data = damaged(saved, seed)
        found += [(seed, len(data), what) for what in failures(data)]
    return found


def main() -> int:
    """See the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    processes = min(2, os.cpu_count() or 1)
    began = time.monotonic()
    end = given.seed + given.count
    tasks = [range(at, min(at + _CHUNK, end)) for at in range(given.seed, end, _CHUNK)]
    with ProcessPoolExecutor(processes) as pool:
        found = [failure for part in pool.map(_checked, tasks) for failure in part]
    print(f"{given.count} damaged dumps, {processes} processes: {len(found)} failures, {time.monotonic() - began:.0f} s")
    for kind, count in Counter(what.split(":")[0][:40] for *_, what in found).most_common():
        print(f"  {count:6} {kind}")
    for seed, size, what in found[:_SHOWN]:
        print(f"seed {seed} ({size} bytes): {what[:_LONGEST]}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
