"""What the kernel did with the packets of random cases, as tests/kernel/record.py has recorded it: the tracer says the same."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from tests.kernel.judge import disagreement
from tests.kernel.predict import Key, OpenError, Predictor
from tests.kernel.record import BATCHES, Batch, cases

LEAST_COMPARED = 0.8
"""What a rule remembers cannot be told behind a packet for which something is drawn, or which goes to many: so much must be left."""


@cache
def recorded() -> list[dict[str, Any]]:
    return list(cases())


def of(batch: Batch) -> list[dict[str, Any]]:
    """The cases of a batch."""
    family, backend, first, last = batch.family, batch.backend, batch.first, batch.first + batch.cases
    return [case for case in recorded() if (case["family"], case["backend"]) == (family, backend) and first <= case["seed"] < last]


def observed(results: list[dict[str, Any]]) -> list[Key]:
    """What the kernel did with a packet, each as often as it did."""
    return [Key(**{key: value for key, value in one.items() if key != "count"}) for one in results for _ in range(one["count"])]


def wrong(case: dict[str, Any], counts: Counter[str]) -> list[str]:
    """The packets of a case of which the tracer says something else."""
    node = {key: case[key] for key in ("interfaces", "local_addrs", "routes", "sysctls")}
    predictor = Predictor(case["dump"], node, case["ipsets"])
    found = []
    for number, (packet, results) in enumerate(zip(case["packets"], case["results"], strict=True)):
        try:
            what = disagreement(predictor.predict(packet), observed(results))
        except OpenError as error:
            what = f"left open: {error}"
        except NotImplementedError:
            counts["skipped"] += 1
            continue
        counts["compared"] += 1
        if what:
            found.append(f"seed {case['seed']} packet {number} {packet}: {what}")
    return found


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"{batch.family}-{batch.backend}-{batch.first}")
def test_the_tracer_says_what_the_kernel_did(batch: Batch) -> None:
    counts: Counter[str] = Counter()
    found = [line for case in of(batch) for line in wrong(case, counts)]

    assert found == []
    assert counts["compared"] >= LEAST_COMPARED * batch.cases * batch.packets
