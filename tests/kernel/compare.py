"""Asks the kernel and the tracer about random cases, and shows where they disagree, with the rules that are needed for that.

python -m tests.kernel.compare --seeds 0:3000 --packets 30 --backend nft --features ipsets,ct,output,kube [--family 6] [--repeat 400]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tests.kernel import generator
from tests.kernel.judge import disagreement
from tests.kernel.oracle import Oracle, RefusedError
from tests.kernel.predict import OpenError, Predictor, seen
from tests.kernel.worlds import WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.kernel.generator import Case
    from tests.kernel.oracle import Outcome, Probe

SHOWN = 5


class Disagreement(NamedTuple):
    """A packet, what is wrong, and what the kernel did with it first."""

    number: int
    packet: Probe
    what: str
    outcome: Outcome


def loaded(oracle: Oracle, case: Case) -> Predictor:
    """Load the rules of a case into the kernel; the predictor of what it saves. Raises RefusedError."""
    return Predictor(oracle.load(case.dump, case.ipsets), case.node.json(), case.ipsets)


def asked(oracle: Oracle, case: Case, packet: Probe, repeat: int = 1) -> list[Outcome]:
    """What the kernel does with a packet, so many times; sets that rules have changed are as before."""
    found = [oracle.send(packet) for _ in range(repeat)]
    if "-j SET" in case.dump:
        oracle.refill(case.ipsets)
    return found


def judged(predictor: Predictor, packet: Probe, outcomes: Sequence[Outcome]) -> str:
    """What is wrong with the prediction, nothing if it is right. Raises NotImplementedError."""
    anomalies = [outcome.anomaly for outcome in outcomes if outcome.anomaly]
    if anomalies:
        return f"what left the node is not what was logged: {anomalies[0]}"
    try:
        return disagreement(predictor.predict(packet.json()), [seen(outcome) for outcome in outcomes])
    except OpenError as error:
        return f"left open: {error}"


def disagreements(oracle: Oracle, case: Case, counts: Counter[str], repeat: int = 1) -> Iterator[Disagreement]:
    """The packets of a case where the kernel and the tracer disagree; `counts` gets what happened."""
    try:
        predictor = loaded(oracle, case)
    except RefusedError:
        counts["refused"] += 1
        return
    for number, packet in enumerate(case.packets):
        outcomes = asked(oracle, case, packet, repeat)
        try:
            what = judged(predictor, packet, outcomes)
        except NotImplementedError:
            counts["skipped"] += 1
            continue
        counts["compared"] += 1
        counts[f"  {outcomes[0].outcome}"] += 1
        if what:
            counts["disagree"] += 1
            yield Disagreement(number, packet, what, outcomes[0])


def shrunk(oracle: Oracle, case: Case, packet: Probe, repeat: int = 1) -> str:
    """The fewest rules under which the packet alone disagrees; as they were if it does not alone."""

    def wrong(lines: Sequence[str]) -> bool:
        smaller = case._replace(dump="\n".join([*lines, ""]), packets=(packet,))
        return any(disagreements(oracle, smaller, Counter(), repeat))

    lines = case.dump.splitlines()
    step = len(lines) // 2 if wrong(lines) else 0
    while step:
        start = 0
        while start < len(lines):
            kept = [*lines[:start], *(line for line in lines[start : start + step] if not line.startswith("-A")), *lines[start + step :]]
            if len(kept) < len(lines) and wrong(kept):
                lines = kept
            else:
                start += step
        step //= 2
    return oracle.load("\n".join([*lines, ""]), case.ipsets)


def compare(oracle: Oracle, cases: Iterable[Case], repeat: int = 1) -> Iterator[str]:
    """A text for each of the first disagreements, and one with the counts at the end."""
    counts: Counter[str] = Counter()
    shown = 0
    for case in cases:
        found = list(disagreements(oracle, case, counts, repeat))
        if found and shown < SHOWN:
            shown += 1
            number, packet, what, outcome = found[0]
            kept = "".join(f"    {line}\n" for line in shrunk(oracle, case, packet, repeat).splitlines() if not line.startswith("#"))
            yield f"seed {case.seed} packet {number} {json.dumps(packet.json())}\n  {what}\n  kernel: {outcome.json()}\n{kept}{case.ipsets}"
    yield json.dumps(counts)


def main() -> int:
    """Print the disagreements; 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0:100")
    parser.add_argument("--packets", type=int, default=30)
    parser.add_argument("--backend", default="nft", choices=("nft", "legacy"))
    parser.add_argument("--family", type=int, default=4, choices=(4, 6))
    parser.add_argument("--features", default=",".join(generator.USUAL))
    parser.add_argument("--repeat", type=int, default=1)
    given = parser.parse_args()
    first, _, last = given.seeds.partition(":")
    features = tuple(given.features.split(","))
    cases = (generator.case(seed, given.family, features, given.packets) for seed in range(int(first), int(last or int(first) + 1)))
    with Oracle(WORLDS[given.family].node, family=given.family, backend=given.backend) as oracle:
        text = ""
        for text in compare(oracle, cases, given.repeat):
            print(text, flush=True)  # noqa: T201 - its output is the result
    return int("disagree" in text)


if __name__ == "__main__":
    sys.exit(main())
