"""Measures iptexplain beside its peers, in one run and in turn, and prints ratios of CPU time and of peak memory.

    make bench                                          everything
    python -m bench.run --rounds 5 --rows comments,memory   rows by a part of their name
    python -m bench.run --quick                         small inputs, one round: does everything run

A peer that is not installed leaves its rows out, and the output says so. The table is also written to bench/results/, as JSON.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabulate import tabulate

from bench import firewall, generate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
PYTHON = sys.executable


# ---- inputs --------------------------------------------------------------------------------------------------------------


def _kube(lines: int, endpoints: int = 10, *, comments: bool = False, counters: bool = False) -> Callable[[int], Iterator[str]]:
    """A dump of kube-proxy of about so many lines, or a part of it."""
    services = generate.services_for(lines, endpoints)
    return lambda part: generate.lines(max(1, services // part), endpoints, comments=comments, counters=counters)


INPUTS: dict[str, Callable[[int], Iterator[str]]] = {
    "200": _kube(200, 3, comments=True),
    "1k": _kube(1_000),
    "10k": _kube(10_000),
    "40k-comments": _kube(40_000, comments=True),
    "100k": _kube(100_000),
    "100k-comments": _kube(100_000, comments=True),
    "1m": _kube(1_000_000),
    "1m-comments": _kube(1_000_000, comments=True),
    "1m-counters": _kube(1_000_000, counters=True),
    "10kx10": lambda part: generate.lines(10_000 // part, 10, comments=False, counters=False),
    "firewall": lambda part: firewall.lines(50_000 // part),
}
"""Each input by name: its lines, or those of one that is so many times smaller."""


# ---- what is measured ----------------------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """CPU seconds, user and system, and peak memory in bytes."""

    cpu: float
    memory: int


class Process(NamedTuple):
    """A whole process. `{}` stands for the input, which is its standard input too."""

    words: tuple[str, ...]


class Call(NamedTuple):
    """Python code in a process of its own: only `code` is measured, `before` has been run. `path` is the input, `kept` what stays alive."""

    code: str
    before: str = ""


_CALL = """
import re, sys, time
path = sys.argv[1]
{before}
begin = time.process_time()
{code}
print(time.process_time() - begin, int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024)
"""

_PROCESS = """
import os, sys
away = [(os.POSIX_SPAWN_OPEN, to, os.devnull, os.O_WRONLY, 0) for to in (1, 2)]
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=away)
_, status, used = os.wait4(process, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Starts a program from a process that is small itself: what a program is started from counts as its peak memory at the least."""

_IMPORTS = "import iptexplain, iptexplain.api, iptexplain.analysis.services"
LOAD = Call("found = iptexplain.load(path)", _IMPORTS)
VALUES = Call(
    "found = iptexplain.load(path); kept = [table.rules.values_of(range(len(table.rules))) for d in found.dumps for table in d.tables]",
    _IMPORTS,
)
TRACE = Call(
    "found = iptexplain.load(path); Tracer(found.dumps[0]).trace(packet)",
    "import iptexplain, iptexplain.api; from iptexplain import Tracer, make_packet;"
    "packet = make_packet({'src': '10.1.2.3', 'sport': 4000, 'dst': '10.96.0.1', 'dport': 80, 'iif': 'eth0'});"
    "small = iptexplain.load('samples/kube-proxy/classic-nginx.save'); warm = Tracer(small.dumps[0]).trace(packet)",
)
SERVICES = Call("found = iptexplain.services(iptexplain.load(path))", _IMPORTS)
NOTHING = Call("pass", _IMPORTS)
SPLIT = Call("kept = [line.split() for line in open(path)]")
SPLIT_AWAY = Call("for line in open(path): line.split()")
LARK = Call(
    "for line in lines: parse(line)",
    "from iptexplain.parsing import grammar; parse = grammar.parser().parse; lines = open(path).read().splitlines()",
)
LARK_TRIES = Call(
    "for line in lines:\n try: parse(line)\n except LarkError: pass",
    "from lark.exceptions import LarkError; from iptexplain.parsing import grammar; parse = grammar.parser().parse;"
    "lines = open(path, encoding='utf-8', errors='surrogateescape').read().split('\\n')",
)
LOAD_AFTER_LARK = Call(LOAD.code, f"{_IMPORTS}; from iptexplain.parsing import grammar; grammar.parser()")
LEGACY = Process(("iptables-legacy-restore", "--test"))
NFT = Process(("iptables-nft-restore", "--test"))
XML = Process(("iptables-xml",))
PASS = Process((PYTHON, "-c", "pass"))
JSON = Process((PYTHON, "-m", "iptexplain", "services", "-f", "json", "{}"))
TABLE = Process((PYTHON, "-m", "iptexplain", "services", "{}"))
LINT = Process((PYTHON, "-m", "iptexplain", "lint", "--exit-zero", "-f", "json", "{}"))


class Ratio(NamedTuple):
    """Ours over a peer's, on one input. `limit` is the most that it should be, None: for information."""

    name: str
    input: str
    ours: Process | Call
    peer: Process | Call
    limit: float | None = None


class Memory(NamedTuple):
    """Bytes a rule that a call takes at its peak, beyond the imports and the text itself."""

    name: str
    input: str
    ours: Call
    limit: float | None = None


class Growth(NamedTuple):
    """The CPU time of a line in the larger of two inputs over that in the smaller one: 1 is linear."""

    name: str
    small: str
    large: str
    ours: Call
    limit: float | None = None


ROWS: tuple[Ratio | Memory | Growth, ...] = (
    Ratio("read 1M lines / [split]", "1m", LOAD, SPLIT, 0.45),
    Ratio("read 1M lines with comments / [split]", "1m-comments", LOAD, SPLIT, 0.70),
    Ratio("read 1M lines with counters / [split]", "1m-counters", LOAD, SPLIT),
    Ratio("read 1M lines, keep all values / [split]", "1m", VALUES, SPLIT, 0.45),
    Ratio("read 1M lines with comments, keep all values / [split]", "1m-comments", VALUES, SPLIT, 0.70),
    Ratio("read 1M lines / split thrown away", "1m", LOAD, SPLIT_AWAY),
    Ratio("read and derive 10,000 x 10 / legacy-restore", "10kx10", SERVICES, LEGACY, 0.30),
    Ratio("services -f json of 10,000 x 10, process / legacy-restore", "10kx10", JSON, LEGACY, 0.55),
    Ratio("read and derive 10,000 x 10 / nft-restore", "10kx10", SERVICES, NFT),
    Ratio("read 40,000 lines with comments / iptables-xml", "40k-comments", LOAD, XML, 0.10),
    Ratio("read 100,000 lines / plain lark", "100k", LOAD, LARK, 0.016),
    Ratio("read 100,000 lines with comments / plain lark", "100k-comments", LOAD, LARK),
    Ratio("read 50,000 lines of 400 shapes / plain lark", "firewall", LOAD_AFTER_LARK, LARK, 0.12),
    Ratio("read 10,000 x 10 and trace a packet / read it", "10kx10", TRACE, LOAD, 3),
    Ratio("lint of 100,000 lines with comments / services, processes", "100k-comments", LINT, JSON, 5),
    Ratio("lint of 50,000 lines of 400 shapes / services, processes", "firewall", LINT, JSON),
    Ratio("read 1,000 lines / legacy-restore", "1k", LOAD, LEGACY),
    Ratio("read 10,000 lines / legacy-restore", "10k", LOAD, LEGACY),
    Ratio("services -f json of 200 lines, process / python -c pass", "200", JSON, PASS, 8),
    Ratio("services of 200 lines as a table, process / python -c pass", "200", TABLE, PASS, 12),
    Memory("memory of 1M lines, bytes a rule", "1m", LOAD, 300),
    Memory("memory of 1M lines with comments, bytes a rule", "1m-comments", LOAD, 380),
    Memory("memory of 1M lines, all values kept, bytes a rule", "1m", VALUES, 300),
    Memory("memory of 1M lines with comments, all values kept, bytes a rule", "1m-comments", VALUES, 380),
    Growth("a line of 1M / a line of 100,000: read", "100k", "1m", LOAD, 1.15),
    Growth("a line of 1M / a line of 100,000: read and derive", "100k", "1m", SERVICES, 1.15),
)


# ---- measuring -----------------------------------------------------------------------------------------------------------


def cost(what: Process | Call, path: Path) -> Cost:
    """Runs it once, its output thrown away."""
    if isinstance(what, Call):
        argv = [PYTHON, "-c", _CALL.format(before=what.before, code=what.code), str(path)]
    else:
        argv = [PYTHON, "-S", "-c", _PROCESS, *(str(path) if word == "{}" else word for word in what.words)]
    with path.open("rb") as source:
        done = subprocess.run(argv, stdin=source, stdout=subprocess.PIPE, check=False, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{what} failed with status {done.returncode}")
    cpu, memory = done.stdout.split()
    return Cost(float(cpu), int(memory))


class Bench:
    """The inputs of one run, made when they are needed, and what the rows come to on them."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        """`quick`: inputs a hundred times smaller."""
        self._folder = folder
        self._part = 100 if quick else 1

    def path(self, name: str) -> Path:
        """The file of an input."""
        path = self._folder / f"{name}.save"
        if not path.exists():
            with path.open("w") as out:
                out.writelines(f"{line}\n" for line in INPUTS[name](self._part))
        return path

    def gather(self, name: str, folder: Path) -> None:
        """Makes all dumps of a folder one input."""
        dumps = [path.read_bytes().rstrip(b"\n") for path in sorted(folder.rglob("*.save"))]
        (self._folder / f"{name}.save").write_bytes(b"\n".join([*dumps, b""]))

    def lines(self, name: str) -> int:
        """How many lines an input has."""
        return self.path(name).read_bytes().count(b"\n")

    def round(self, row: Ratio | Memory | Growth) -> dict[str, float]:
        """What one round of a row comes to: `value`, and what it was made of."""
        match row:
            case Ratio():
                ours, peer = cost(row.ours, self.path(row.input)), cost(row.peer, self.path(row.input))
                return {
                    "value": ours.cpu / max(peer.cpu, 1e-4),
                    "memory_ratio": ours.memory / peer.memory,
                    "cpu_seconds": ours.cpu,
                    "peer_cpu_seconds": peer.cpu,
                }
            case Memory():
                path = self.path(row.input)
                rules = sum(line.startswith((b"-A", b"[")) for line in path.read_bytes().split(b"\n"))
                beyond = cost(row.ours, path).memory - cost(NOTHING, path).memory - path.stat().st_size
                return {"value": beyond / rules}
            case Growth():
                small, large = (cost(row.ours, self.path(name)).cpu / self.lines(name) for name in (row.small, row.large))
                return {"value": large / small, "small_microseconds_a_line": small * 1e6, "large_microseconds_a_line": large * 1e6}


def missing(row: Ratio | Memory | Growth) -> str | None:
    """The program that a row needs and this machine has not."""
    words = [what.words[0] for what in (row.ours, row.peer) if isinstance(what, Process)] if isinstance(row, Ratio) else []
    return next((word for word in words if shutil.which(word) is None), None)


def _shown(row: Ratio | Memory | Growth, rounds: list[dict[str, float]], *, quick: bool) -> list[str]:
    values = [one["value"] for one in rounds]
    median, digits = statistics.median(values), 0 if isinstance(row, Memory) else 3
    memory = f"{statistics.median([one['memory_ratio'] for one in rounds]):.2f}" if isinstance(row, Ratio) else ""
    verdict = "" if row.limit is None or quick else "ok" if median <= row.limit else "OVER"
    limit = "" if row.limit is None else f"{row.limit:g}"
    return [row.name, f"{median:.{digits}f}", f"{min(values):.{digits}f}", f"{max(values):.{digits}f}", limit, verdict, memory]


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--rows", default="", help="parts of row names, separated by commas")
    options.add_argument("--quick", action="store_true", help="small inputs, one round")
    options.add_argument("--dumps", metavar="FOLDER", help="a row more: all files *.save in a folder, as one text, against plain lark")
    given = options.parse_args()
    compileall.compile_dir(ROOT / "iptexplain", quiet=1)  # as pip does when it installs: start-up must not compile anything
    wanted = [part for part in given.rows.split(",") if part]
    public = [Ratio("the dumps of the folder / plain lark", "dumps", LOAD_AFTER_LARK, LARK_TRIES)] if given.dumps else []
    rows = [row for row in (*ROWS, *public) if not wanted or any(part in row.name for part in wanted)]
    for row in [row for row in rows if missing(row)]:
        print(f"left out: {row.name}: {missing(row)} is not installed")
        rows.remove(row)
    rounds: dict[str, list[dict[str, float]]] = {row.name: [] for row in rows}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), quick=given.quick)
        if given.dumps:
            bench.gather("dumps", Path(given.dumps))
        for number in range(1 if given.quick else given.rounds):
            for row in rows:
                rounds[row.name].append(bench.round(row))
                print(f"round {number + 1}: {row.name}: {rounds[row.name][-1]['value']:.3f}", file=sys.stderr)
    table = [_shown(row, rounds[row.name], quick=given.quick) for row in rows]
    print(tabulate(table, ["", "median", "least", "most", "limit", "", "peak memory"], disable_numparse=True))
    RESULTS.mkdir(exist_ok=True)
    out = RESULTS / ("quick.json" if given.quick else "latest.json")
    machine = {"python": platform.python_version(), "machine": platform.machine(), "processors": os.cpu_count()}
    document = [{"row": row.name, "limit": row.limit, "rounds": rounds[row.name]} for row in rows]
    out.write_text(json.dumps({**machine, "rows": document}, indent=1) + "\n")
    print(f"written to {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
