"""Measures iptexplain beside its peers, in one run and in turn, and prints ratios of CPU time and peak memory.

    make bench                      all rows, three rounds
    python -m bench.run --rounds 5 --rows parse-1m,services-10k
    python -m bench.run --quick     small inputs, one round: does everything run

A peer that is not installed leaves its rows out, and the output says so. Results go to bench/results/ as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from bench import generate

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

_LIBRARY = "import sys, iptexplain; found = iptexplain.load(sys.argv[1])"
_VALUES = _LIBRARY + "; any(rule.values is None for dump in found.dumps for table in dump.tables for rule in table.rules)"
_SERVICES = _LIBRARY + "; iptexplain.services(found)"
_SPLIT = "import sys; kept = [line.split() for line in open(sys.argv[1])]"
_SPLIT_AWAY = "import sys\nfor line in open(sys.argv[1]): line.split()"
_LARK = "import sys; from iptexplain.parsing import grammar\nfor line in open(sys.argv[1]): grammar.parser().parse(line[:-1])"
_IMPORT = "import sys, iptexplain.api, iptexplain.analysis.services, json, zlib, hashlib"


class Input(NamedTuple):
    """A generated dump."""

    services: int
    endpoints: int
    comments: bool
    counters: bool


INPUTS = {
    "1m": Input(generate.services_for(1_000_000, 10), 10, comments=False, counters=False),
    "1m-comments": Input(generate.services_for(1_000_000, 10), 10, comments=True, counters=False),
    "1m-counters": Input(generate.services_for(1_000_000, 10), 10, comments=False, counters=True),
    "100k": Input(generate.services_for(100_000, 10), 10, comments=False, counters=False),
    "40k-comments": Input(generate.services_for(40_000, 10), 10, comments=True, counters=False),
    "10kx10": Input(10_000, 10, comments=False, counters=False),
    "200": Input(generate.services_for(200, 3), 3, comments=True, counters=False),
}


class Command(NamedTuple):
    """A command to time. `base` is a command whose time is taken off (imports, starting Python); `{}` stands for the input."""

    words: tuple[str, ...]
    stdin: bool = False
    base: tuple[str, ...] | None = None


def _code(code: str, *, base: str = "pass") -> Command:
    return Command((PYTHON, "-c", code, "{}"), base=(PYTHON, "-c", base, "{}"))


class Row(NamedTuple):
    """One ratio: ours over a peer's on one input, and the most that it should be (None: for information)."""

    name: str
    input: str
    ours: Command
    peer: Command
    limit: float | None


_SPLIT_C, _LEGACY = _code(_SPLIT), Command(("iptables-legacy-restore", "--test"), stdin=True)
_OURS, _NFT = "iptexplain", Command(("iptables-nft-restore", "--test"), stdin=True)
ROWS = (
    Row("read 1M lines, against split", "1m", _code(_LIBRARY, base=_IMPORT), _SPLIT_C, 0.45),
    Row("the same with comments", "1m-comments", _code(_LIBRARY, base=_IMPORT), _SPLIT_C, 0.70),
    Row("the same with counters", "1m-counters", _code(_LIBRARY, base=_IMPORT), _SPLIT_C, None),
    Row("read 1M lines and look at every rule's values, against split", "1m", _code(_VALUES, base=_IMPORT), _SPLIT_C, None),
    Row("read 1M lines, against split thrown away", "1m", _code(_LIBRARY, base=_IMPORT), _code(_SPLIT_AWAY), None),
    Row("read and derive 10,000 x 10, against legacy-restore", "10kx10", _code(_SERVICES, base=_IMPORT), _LEGACY, 0.30),
    Row("services -f json of it, whole process", "10kx10", Command((PYTHON, "-m", _OURS, "services", "-f", "json", "{}")), _LEGACY, 0.55),
    Row("read and derive 10,000 x 10, against nft-restore", "10kx10", _code(_SERVICES, base=_IMPORT), _NFT, None),
    Row(
        "read 40,000 lines with comments, against iptables-xml",
        "40k-comments",
        _code(_LIBRARY, base=_IMPORT),
        Command(("iptables-xml",), stdin=True),
        0.10,
    ),
    Row("read 100,000 lines, against plain lark", "100k", _code(_LIBRARY, base=_IMPORT), _code(_LARK), 0.016),
    Row(
        "services -f json of 200 lines, against python -c pass",
        "200",
        Command((PYTHON, "-m", _OURS, "services", "-f", "json", "{}")),
        Command((PYTHON, "-c", "pass")),
        8,
    ),
    Row("the same as a table", "200", Command((PYTHON, "-m", _OURS, "services", "{}")), Command((PYTHON, "-c", "pass")), 12),
)


class Cost(NamedTuple):
    """What one run of a command took: CPU seconds (user and system) and peak memory in bytes."""

    cpu: float
    memory: int


def run(words: tuple[str, ...], path: Path, *, stdin: bool) -> Cost:
    """Runs a command once, its output thrown away."""
    argv = [str(path) if word == "{}" else word for word in words]
    child = os.fork()
    if child == 0:
        sink = os.open(os.devnull, os.O_RDWR)
        source = os.open(path, os.O_RDONLY) if stdin else sink
        for target, descriptor in ((0, source), (1, sink), (2, sink)):
            os.dup2(descriptor, target)
        os.execvp(argv[0], argv)  # noqa: S606 - commands of this file
    _, status, used = os.wait4(child, 0)
    if status:
        sys.exit(f"{' '.join(words)[:100]} failed with status {status}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def measure(command: Command, path: Path) -> Cost:
    """The cost of a command above its base."""
    whole = run(command.words, path, stdin=command.stdin)
    if command.base is None:
        return whole
    base = run(command.base, path, stdin=False)
    return Cost(max(whole.cpu - base.cpu, 1e-4), max(whole.memory - base.memory, 0))


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):8.3f}  ({min(values):.3f} to {max(values):.3f})"


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rows", default="", help="parts of row names, separated by commas")
    options.add_argument("--quick", action="store_true", help="small inputs, one round")
    given = options.parse_args()
    wanted = [part for part in given.rows.split(",") if part]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for row in ROWS:
            if wanted and not any(part in row.name for part in wanted):
                continue
            if not (shutil.which(row.peer.words[0]) and shutil.which(row.ours.words[0])):
                print(f"{row.name}: left out, {row.peer.words[0]} is not installed")
                continue
            path = _input(Path(folder), row.input, quick=given.quick)
            pairs = [(measure(row.ours, path), measure(row.peer, path)) for _ in range(1 if given.quick else given.rounds)]
            ratios = [ours.cpu / peer.cpu for ours, peer in pairs]
            lines = path.read_text().count("\n")
            memory = statistics.median(ours.memory for ours, _ in pairs)
            verdict = "" if row.limit is None or given.quick else "ok" if statistics.median(ratios) <= row.limit else "OVER"
            print(f"{row.name:64} {_spread(ratios)}  limit {row.limit if row.limit is not None else '-':>6} {verdict}")
            results.append(
                {
                    "row": row.name,
                    "lines": lines,
                    "ratios": ratios,
                    "limit": row.limit,
                    "cpu_seconds": [[ours.cpu, peer.cpu] for ours, peer in pairs],
                    "bytes_a_line_over_the_text": round((memory - path.stat().st_size) / lines, 1),
                }
            )
    out = ROOT / "bench" / "results" / ("quick.json" if given.quick else "latest.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"python": platform.python_version(), "machine": platform.machine(), "rows": results}, indent=1) + "\n")
    print(f"written to {out.relative_to(ROOT)}")


def _input(folder: Path, name: str, *, quick: bool) -> Path:
    path = folder / f"{name}.save"
    if not path.exists():
        services, endpoints, comments, counters = INPUTS[name]
        with path.open("w") as out:
            generate.write(out, max(1, services // 200) if quick else services, endpoints, comments=comments, counters=counters)
    return path


if __name__ == "__main__":
    main()
