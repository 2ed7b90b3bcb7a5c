"""The view for people fits the terminal at every width, and no name, address or port is lost on the way."""

from __future__ import annotations

from functools import cache

import pytest

from iptexplain.analysis.services import services
from iptexplain.api import load
from iptexplain.render import services_text
from iptexplain.render.style import Style
from tests.checkout import ROOT
from tests.command import CLASSIC, SAMPLES, printed, services_in

WIDTHS = (40, 60, 80, 100, 200)
WITH_SERVICES = [sample for sample in SAMPLES if sample.startswith("samples/kube-proxy/")]


@cache
def lines(sample: str, width: int) -> tuple[str, ...]:
    ruleset = load(ROOT / sample, name=sample)
    return tuple(services_text.table([(ruleset, services(ruleset))], width, Style(), services_text.How()))


@cache
def joined(sample: str, width: int) -> str:
    """The text with the line breaks inside folded names taken out: a name is only ever broken, never hyphenated."""
    return "".join(line.strip() for line in lines(sample, width))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_no_line_is_wider_than_the_terminal(sample: str, width: int) -> None:
    assert [line for line in lines(sample, width) if len(line) > width] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_no_line_ends_with_blanks(sample: str, width: int) -> None:
    assert [line for line in lines(sample, width) if line != line.rstrip()] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("sample", WITH_SERVICES)
def test_every_name_is_there(sample: str, width: int) -> None:
    text = joined(sample, width)
    names = {port["service_port_name"] for port in services_in(sample)["service_ports"]}

    assert names
    assert {name for name in names if name not in text} == set()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("sample", WITH_SERVICES)
def test_every_place_where_a_service_listens_is_there(sample: str, width: int) -> None:
    text = joined(sample, width)
    wanted = set()
    for port in services_in(sample)["service_ports"]:
        for routes in port["routes"].values():
            for route in routes:
                address = "" if route["dst"] is None else f"[{route['dst']}]" if ":" in route["dst"] else route["dst"]
                wanted.add(f"{address}:{route['dport']}/{port['protocol']}")

    assert wanted
    assert {place for place in wanted if place not in text} == set()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("sample", WITH_SERVICES)
def test_every_endpoint_is_there(sample: str, width: int) -> None:
    text = joined(sample, width)
    sets = [port["endpoint_sets"] for port in services_in(sample)["service_ports"]]
    wanted = {endpoint["address"] for found in sets for endpoints in found.values() for endpoint in endpoints}

    assert wanted
    assert {address for address in wanted if address not in text} == set()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_of_the_greatest_length_is_folded_not_cut(width: int) -> None:
    dump = "tests/data/kube-proxy/1.30.3/c-protocols-ports.v4.save"
    text = joined(dump, width)
    names = sorted((port["service_port_name"] for port in services_in(dump)["service_ports"]), key=len)

    assert len(names[-1]) > 130
    assert max(map(len, lines(dump, width))) <= width
    assert {name for name in names if name not in text} == set()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_command_takes_the_width_from_the_terminal(width: int) -> None:
    assert tuple(printed(CLASSIC, width=width).out.splitlines()) == lines(CLASSIC, width)


def test_colour_takes_no_room() -> None:
    ruleset = load(ROOT / CLASSIC, name=CLASSIC)
    coloured = list(services_text.table([(ruleset, services(ruleset))], 60, Style(colour=True), services_text.How()))

    assert len(coloured) == len(lines(CLASSIC, 60))
