"""What the kernel is known to do, in tests/data/kernel/facts.txt: the tracer says the same, and the kernel where it can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kernel.facts import BACKENDS, HEADERS, Fact, Kernels, answers, facts, words
from tests.kernel.oracle import unavailable
from tests.kernel.predict import OpenError, Predictor

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS = facts()
CASES = [pytest.param(fact, backend, id=f"{fact.line}-{backend}") for fact in FACTS for backend in fact.backends]


def predicted(fact: Fact, backend: str) -> list[str]:
    """What the tracer says of each packet, in a line."""
    predictor = Predictor(fact.dump(backend), fact.node.json(), fact.sets)
    found = []
    for packet, _ in fact.packets:
        if "-j SET" in fact.dump(backend):
            predictor = Predictor(fact.dump(backend), fact.node.json(), fact.sets)
        try:
            found.append(" or ".join(words(key) for key in predictor.predict(packet.json())))
        except OpenError as error:
            found.append(f"left open: {error}")
    return found


def told(fact: Fact, answered: list[str]) -> list[str]:
    """The answers beside the packets, so that a failure shows which is which."""
    return [
        f"{fact.title}: {packet.proto} {packet.src} {packet.dst} {packet.json()}: {answer}"
        for (packet, _), answer in zip(fact.packets, answered, strict=True)
    ]


@pytest.mark.parametrize(("fact", "backend"), CASES)
def test_the_tracer_knows_what_the_kernel_does(fact: Fact, backend: str) -> None:
    expected = [outcomes[backend] for _, outcomes in fact.packets]

    assert told(fact, expected) == told(fact, predicted(fact, backend))


@pytest.fixture(scope="module")
def kernels() -> Iterator[Kernels]:
    if reason := unavailable():
        pytest.skip(reason)
    made = Kernels()
    yield made
    made.close()


@pytest.mark.kernel
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_kernel_does_what_is_written_down(kernels: Kernels, backend: str) -> None:
    asked = [fact for fact in FACTS if backend in fact.backends]
    expected = [told(fact, [outcomes[backend] for _, outcomes in fact.packets]) for fact in asked]

    assert len(asked) >= len(HEADERS)
    assert expected == [told(fact, [words(key) for key in answers(fact, backend, kernels)]) for fact in asked]
