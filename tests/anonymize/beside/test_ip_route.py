from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iptexplain.inputs.ip_route import parse_ip_route
from tests.anonymize.beside.again import address, again, network
from tests.inputs.sources import source
from tests.inputs.test_ip_route import ROUTES

if TYPE_CHECKING:
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.model.node import Way

MORE = [
    {
        "dst": "10.5.0.0/16",
        "nexthops": [{"gateway": "192.0.2.1", "dev": "acme0", "weight": 2, "flags": []}, {"dev": "eth1", "flags": ["dead"]}],
    },
    {
        "dst": "10.244.7.0/24",
        "gateway": "192.0.2.3",
        "dev": "acme0",
        "protocol": "bird",
        "table": "main",
        "tos": "0x10",
        "flags": ["onlink"],
    },
    {"dst": "fd00:5::/64", "dev": "acme0", "protocol": "ra", "metric": 1024, "pref": "medium", "flags": []},
    {"dst": "default", "dev": "acme0", "metric": 1024, "pref": "medium"},
    {"type": "broadcast", "dst": "192.0.2.255", "dev": "eth0", "table": "local", "protocol": "kernel"},
    {"dst": "10.6.0.0/16", "dev": "eth0", "table": "acme"},
    {"dst": "10.6.0.0/16", "dev": "eth0", "table": "1000", "metric": 7, "uid": "acme"},
    {"type": "local", "dst": "10.66.0.0/16", "dev": "lo", "table": "local", "scope": "host"},
]


def renamed(way: Way, to: Disguise) -> Way:
    """The route as it should be read again."""
    interface = None if way.interface is None else to.interface(way.interface)
    gateway = None if way.gateway is None else address(way.gateway, to)
    return way._replace(to=network(way.to, to), interface=interface, gateway=gateway)


def check(*lines: str) -> tuple[Disguise, str]:
    """The routes read again are those before in other words; what was written."""
    given = source(*lines)
    to, other = again("ip-route", given)

    assert tuple(renamed(way, to) for way in parse_ip_route(given)) == parse_ip_route(other)
    assert "acme" not in other.text

    return to, other.text


@pytest.mark.parametrize(("text", "route", "ways"), ROUTES, ids=[text for text, _, _ in ROUTES])
def test_each_form_of_a_route_is_read_again_as_the_same(text: str, route: dict[str, object], ways: tuple[Way, ...]) -> None:
    if ways:
        check(text)
        check(json.dumps([route]))


def test_routes_keep_what_was_said_of_them() -> None:
    to, text = check(json.dumps(MORE))
    several, one, *_, other, numbered, local = json.loads(text)

    assert {"gateway": to.address("192.0.2.1"), "dev": to.interface("acme0"), "weight": 2, "flags": []} == several["nexthops"][0]
    assert (one["protocol"], one["tos"], one["flags"]) == ("bird", "0x10", ["onlink"])
    assert (other["table"], numbered["table"]) == ("other", "1000")
    assert {"type": "local", "dst": to.network("10.66.0.0/16"), "dev": "lo", "table": "local", "scope": "host"} == local


def test_both_families_may_stand_one_after_the_other() -> None:
    check(json.dumps(MORE[:2]), json.dumps(MORE[2:4]))


def test_no_routes_stay_none() -> None:
    assert check("[]")[1] == "[]\n"
