"""Records what the kernel does with the packets of random cases, in tests/data/kernel/recorded.jsonl.gz, one case a line.

python -m tests.kernel.record: ask the kernel, and write the file anew (as root).
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.checkout import ROOT
from tests.kernel import generator
from tests.kernel.generator import USUAL
from tests.kernel.oracle import Oracle, RefusedError
from tests.kernel.predict import Key, seen
from tests.kernel.worlds import WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.kernel.generator import Case

FILE = ROOT / "tests/data/kernel/recorded.jsonl.gz"


class Batch(NamedTuple):
    """So many cases of one kind; each packet is sent `repeat` times."""

    family: int
    backend: str
    features: tuple[str, ...]
    first: int
    cases: int
    packets: int = 28
    repeat: int = 1


BATCHES = (
    Batch(4, "nft", USUAL, 0, 44),
    Batch(4, "nft", (*USUAL, "rare"), 100, 16),
    Batch(4, "nft", (*USUAL, "stateful"), 200, 8),
    Batch(4, "nft", ("ct", "output", "kube", "random"), 300, 10, 10, 300),
    Batch(4, "legacy", USUAL, 400, 20),
    Batch(4, "legacy", (*USUAL, "rare", "stateful"), 500, 10),
    Batch(6, "nft", USUAL, 600, 24),
    Batch(6, "nft", (*USUAL, "rare", "stateful"), 700, 12),
    Batch(6, "nft", ("ct", "output", "kube", "random"), 800, 4, 10, 300),
    Batch(6, "legacy", (*USUAL, "rare"), 900, 12),
)


def recorded(oracle: Oracle, case: Case, batch: Batch) -> dict[str, Any] | None:
    """The line of a case, None if the tools refuse its rules."""
    from tests.kernel.compare import asked

    try:
        saved = oracle.load(case.dump, case.ipsets)
    except RefusedError:
        return None
    results = []
    for packet in case.packets:
        outcomes = asked(oracle, case, packet, batch.repeat)
        if any(outcome.anomaly for outcome in outcomes):
            raise RuntimeError([outcome.anomaly for outcome in outcomes])
        counts = _counted([seen(outcome) for outcome in outcomes])
        results.append([{**key._asdict(), "count": count} for key, count in counts.items()])
    dump = "\n".join(re.sub(" on [A-Z].*", "", line) for line in saved.splitlines() if not line.startswith("# Completed"))
    return {**case.json(), "backend": batch.backend, "dump": f"{dump}\n", "results": results}


def _counted(keys: Sequence[Key]) -> Counter[Key]:
    """How often each came. Where they differ in the source port alone, the kernel drew it."""
    plain = [key._replace(sport=None) for key in keys]
    ports = {one: {key.sport for key, other in zip(keys, plain, strict=True) if other == one} for one in set(plain)}
    return Counter(key if len(ports[one]) == 1 else one for key, one in zip(keys, plain, strict=True))


def cases() -> Iterator[dict[str, Any]]:
    """The lines of the file."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main() -> int:
    """Write the file anew."""
    lines = []
    for batch in BATCHES:
        with Oracle(WORLDS[batch.family].node, family=batch.family, backend=batch.backend) as oracle:
            for seed in range(batch.first, batch.first + batch.cases):
                case = generator.case(seed, batch.family, batch.features, batch.packets)
                found = recorded(oracle, case, batch)
                if found is not None:
                    lines.append(json.dumps(found, separators=(",", ":")))
    FILE.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
