"""The live kernel against the tracer: random rules and packets, and connections that really began."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.kernel import generator
from tests.kernel.compare import compare, disagreements
from tests.kernel.facts import BACKENDS, HEADERS, Kernels
from tests.kernel.generator import USUAL
from tests.kernel.judge import disagreement
from tests.kernel.oracle import Oracle, Probe, unavailable
from tests.kernel.predict import Predictor, seen
from tests.kernel.worlds import WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.kernel

CASES, PACKETS, DRAWS = 14, 25, 120
FEATURES = (*USUAL, "rare", "stateful")
DRAWING = ("ct", "output", "kube", "random")


@pytest.fixture(scope="module")
def kernels() -> Iterator[Kernels]:
    if reason := unavailable():
        pytest.skip(reason)
    made = Kernels()
    yield made
    made.close()


def oracle(kernels: Kernels, family: int, backend: str) -> Oracle:
    return kernels.of(WORLDS[family].node, family, backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("family", WORLDS)
def test_random_packets_fare_as_the_tracer_says(kernels: Kernels, family: int, backend: str) -> None:
    cases = (generator.case(seed, family, FEATURES, PACKETS) for seed in range(5000, 5000 + CASES))
    *found, counts = compare(oracle(kernels, family, backend), cases)

    assert found == [], counts
    assert "compared" in counts


@pytest.mark.parametrize("family", WORLDS)
def test_chances_are_as_the_tracer_says(kernels: Kernels, family: int) -> None:
    counts: Counter[str] = Counter()
    asked = oracle(kernels, family, "nft")
    cases = [generator.case(seed, family, DRAWING, 6) for seed in range(6000, 6005)]
    found = [one.what for case in cases for one in disagreements(asked, case, counts, DRAWS)]

    assert found == []
    assert counts["compared"] == 6 * len(cases)


RULES = """\
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d {service} -p tcp -j DNAT --to-destination {pod}
-A POSTROUTING -d {pod} -p tcp -j SNAT --to-source {own}
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -m conntrack --ctstate DNAT -j MARK --set-xmark 0x1/0x1
-A PREROUTING -m conntrack --ctdir REPLY -j MARK --set-xmark 0x2/0x2
-A PREROUTING -d {own} -j MARK --set-xmark 0x4/0x4
-A FORWARD -d {client} -j MARK --set-xmark 0x8/0x8
-A FORWARD -s {pod} -j MARK --set-xmark 0x10/0x10
-A FORWARD -m conntrack --ctstate RELATED -j MARK --set-xmark 0x20/0x20
-A POSTROUTING -s {pod} -j MARK --set-xmark 0x40/0x40
-A POSTROUTING -m conntrack --ctorigdst {service} -j MARK --set-xmark 0x80/0x80
COMMIT
"""
PLACES = {
    4: {"client": "192.0.2.10", "service": "198.51.100.77", "pod": "10.244.1.5", "own": "10.244.1.1"},
    6: {"client": "2001:db8::a", "service": "2001:db8:64::77", "pod": "fd00:2:0:1::5", "own": "fd00:2:0:1::1"},
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("family", WORLDS)
def test_the_answers_of_a_translated_connection_go_back_as_the_tracer_says(kernels: Kernels, family: int, backend: str) -> None:
    places = PLACES[family]
    asked = oracle(kernels, family, backend)
    predictor = Predictor(asked.load(RULES.format(**places)), WORLDS[family].node.json())
    question = Probe("tcp", places["client"], places["service"])
    answer = Probe("tcp", places["pod"], places["own"], iif="cni0", sport=80, dport=40000, flags="SA")
    known = {"ct": "reply", "ct_dnat": _place(places["service"], 80), "ct_snat": _place(places["client"], 40000)}

    assert disagreement(predictor.predict(question.json()), [seen(asked.send(question, keep=True))]) == ""
    back = seen(asked.send(answer, keep=True))
    asked.forget()

    assert (back.outcome, back.src, back.dst) == ("forwarded", places["service"], places["client"])
    assert disagreement(predictor.predict({**answer.json(), **known}), [back]) == ""


def _place(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@pytest.mark.parametrize(("family", "backend"), HEADERS)
def test_an_error_about_a_ping_that_was_sent_is_related(kernels: Kernels, family: int, backend: str) -> None:
    places = PLACES[family]
    asked = oracle(kernels, family, backend)
    predictor = Predictor(asked.load(RULES.format(**places)), WORLDS[family].node.json())
    ping = Probe("icmp", places["pod"], places["client"], iif="cni0")
    error = Probe("icmp", places["client"], places["pod"], ct="related")
    asked.send(ping, keep=True)
    really = asked.send(error._replace(ct="related"), made=True)
    by_hand = asked.send(error)

    assert seen(really).mark & 0x20
    assert seen(really) == seen(by_hand)
    assert disagreement(predictor.predict(error.json()), [seen(really)]) == ""
