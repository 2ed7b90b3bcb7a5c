"""The graph of a Service: what is in it, where it stands, and that it is well-formed whatever a dump holds."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from bench import generate
from iptexplain.analysis.services import services
from iptexplain.api import load
from iptexplain.render.report_picture import svg
from iptexplain.render.report_picture_parts import CARE, CHAIN, END, ENDS, MASQUERADED, PLACE, STOP, WHO, Parts, parts
from iptexplain.render.words import name_of
from tests.checkout import ROOT
from tests.command import CLASSIC, SAMPLES
from tests.render.test_hostile import NAMES, dump

if TYPE_CHECKING:
    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.model.ruleset import Table

MIXED = "samples/kube-proxy/mixed-cluster.save"


def found(sample: str | bytes) -> list[tuple[ServicePort, Table | None]]:
    """The Service ports of a dump, each with its table nat."""
    ruleset = load(sample if isinstance(sample, bytes) else ROOT / sample)
    return [(port, each.dump.table("nat")) for each in services(ruleset) for port in each.ports]


def of(name: str, sample: str = MIXED) -> Parts:
    """The graph of a Service by its name."""
    return next(parts(port, nat) for port, nat in found(sample) if name_of(port) == name)


def texts(graph: Parts, kind: str) -> list[str]:
    return [" ".join(part for part in (box.head, box.text, box.beside) if part) for box in graph.boxes if box.kind == kind]


def ways(graph: Parts) -> set[tuple[str, str, str]]:
    return {(graph.boxes[line.start].text, graph.boxes[line.end].text, line.kind) for line in graph.lines}


def numbers(element: ET.Element) -> tuple[int, int, int, int]:
    x, y, width, height = (int(element.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, width, height


# ---- what is in it -------------------------------------------------------------------------------------------------------


def test_traffic_goes_from_the_sender_by_the_frontend_and_the_chain_to_the_pods() -> None:
    graph = of("default/nginx", CLASSIC)

    assert texts(graph, WHO) == ["Pods", "node, outside"]
    assert texts(graph, PLACE) == ["ClusterIP 10.109.35.24:80/TCP"]
    assert texts(graph, CHAIN) == ["KUBE-SVC 2CMXP7HKUVJN7L6M"]
    assert texts(graph, END) == ["192.168.104.1:80 33.3 %", "192.168.166.129:80 33.3 %", "192.168.166.130:80 33.3 %"]
    assert ("node, outside", "10.109.35.24:80/TCP", MASQUERADED) in ways(graph)


def test_chains_stand_in_the_order_in_which_their_rules_lead_to_each_other() -> None:
    graph = of("istio-system/istio-ingressgateway:http2")
    chains = {box.head: box.column for box in graph.boxes if box.kind == CHAIN}

    assert chains == {"KUBE-FW": 2, "KUBE-EXT": 3, "KUBE-SVC": 4}
    assert {box.column for box in graph.boxes if box.kind == END} == {5}


def test_where_nobody_answers_traffic_ends() -> None:
    graph = of("data/kafka-legacy:client")

    assert texts(graph, STOP) == ["REFUSED: no endpoints"]
    assert ways(graph) == {("anybody", "10.104.5.6:9092/TCP", ENDS), ("10.104.5.6:9092/TCP", "REFUSED: no endpoints", ENDS)}


def test_dropped_traffic_ends_beside_what_goes_on() -> None:
    graph = of("ingress-nginx/ingress-nginx-controller:http")

    assert texts(graph, STOP) == ["DROPPED: no local Pod"]
    assert len(texts(graph, END)) == 3


def test_pods_of_this_node_are_reached_through_a_chain_of_their_own() -> None:
    graph = of("pol/ext-local-some:http", "samples/kube-proxy/local-policies.save")
    chains = {number: box.head for number, box in enumerate(graph.boxes) if box.kind == CHAIN}
    ends = {head: [graph.boxes[line.end].beside for line in graph.lines if line.start == number] for number, head in chains.items()}

    assert ends == {"KUBE-EXT": ["", ""], "KUBE-SVC": ["16.7 %"] * 6, "KUBE-SVL": ["50.0 %"] * 2}


def service(ends: int) -> bytes:
    """A Service with so many endpoints."""
    out = io.StringIO()
    generate.write(out, 1, ends, comments=True, counters=False)
    return out.getvalue().encode()


@pytest.mark.parametrize(("ends", "shown", "more"), [(8, 8, []), (9, 7, ["+ 2 more"]), (50, 7, ["+ 43 more"])])
def test_many_pods_are_folded(ends: int, shown: int, more: list[str]) -> None:
    ((port, nat),) = found(service(ends))
    boxes = [box for box in parts(port, nat).boxes if box.kind == END]

    assert len([box for box in boxes if box.line]) == shown
    assert [box.text for box in boxes if not box.line] == more


def test_a_box_leads_to_its_rule() -> None:
    ((port, nat),) = found(CLASSIC)
    lines = (ROOT / CLASSIC).read_text("utf-8").splitlines()
    boxes = {box.head or box.text: lines[box.line - 1] for box in parts(port, nat).boxes if box.line}

    assert boxes["KUBE-SVC"].startswith("-A KUBE-SVC-2CMXP7HKUVJN7L6M ")
    assert boxes["ClusterIP"].endswith("--dport 80 -j KUBE-SVC-2CMXP7HKUVJN7L6M")
    assert boxes["192.168.104.1:80"].endswith("--to-destination 192.168.104.1:80")


def test_a_service_without_table_nat_has_a_graph_too() -> None:
    refused = next(port for port, _ in found(MIXED) if not port.has_endpoints)

    assert texts(parts(refused, None), STOP) == ["REFUSED: no endpoints"]
    assert texts(parts(refused, None), CARE) == []


# ---- how it is drawn -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES)
def test_boxes_do_not_stand_over_each_other_nor_outside(sample: str) -> None:
    for port, nat in found(sample):
        drawn = ET.fromstring(svg(port, nat, "title", "d0-L"))  # noqa: S314 - our own text
        width, height = int(drawn.attrib["width"]), int(drawn.attrib["height"])
        boxes = [numbers(rect) for rect in drawn.iter("rect") if rect.attrib["class"] != "part"]
        for number, (x, y, wide, high) in enumerate(boxes):
            assert 0 < x < x + wide < width, name_of(port)
            assert 0 < y < y + high < height, name_of(port)
            for left, top, other, tall in boxes[:number]:
                assert x + wide <= left or left + other <= x or y + high <= top or top + tall <= y, name_of(port)


def test_the_graph_says_what_it_is() -> None:
    ((port, nat),) = found(CLASSIC)
    drawn = ET.fromstring(svg(port, nat, "How traffic gets to <it>", "d0-L"))  # noqa: S314 - our own text

    assert drawn[0].tag == "title"
    assert drawn[0].text == "How traffic gets to <it>"


@pytest.mark.parametrize("kind", NAMES)
def test_a_graph_is_well_formed_whatever_a_name_is(kind: str) -> None:
    for port, nat in found(dump(NAMES[kind])):
        drawn = svg(port, nat, name_of(port), "d0-L")

        assert drawn.isprintable()
        assert {element.tag for element in ET.fromstring(drawn).iter()} <= {"svg", "title", "path", "rect", "text", "a"}  # noqa: S314 - as above


def test_a_graph_is_small() -> None:
    sizes = [len(svg(port, nat, name_of(port), "d0-L")) for port, nat in found(MIXED)]

    assert sum(sizes) / len(sizes) < 1800
    assert max(sizes) < 5000
