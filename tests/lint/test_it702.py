"""IT702: two rules that want the opposite of some packets."""

from __future__ import annotations

import pytest

from iptexplain import Tracer, load, make_packet
from tests.lint.linted import findings, said, sound
from tests.lint.test_it701 import dump

TRUSTED, CLOSED = "-A INPUT -s 10.0.0.0/8 -j ACCEPT", "-A INPUT -p tcp -m tcp --dport 22 -j DROP"


def test_it_is_told_with_a_packet_that_both_take() -> None:
    text = dump(TRUSTED, CLOSED)
    (found,) = findings(text, "IT702")

    assert said(text, "IT702") == ["IT702 info 7: this rule and line 6 want the opposite of some packets: only their order decides"]
    assert found.witness == {"src": "10.0.0.1", "dst": "203.0.113.1", "proto": 6, "sport": 40000, "dport": 22, "ct": "new"}


@pytest.mark.parametrize("order", [(TRUSTED, CLOSED), (CLOSED, TRUSTED)])
def test_the_packet_meets_the_rule_that_comes_first(order: tuple[str, str]) -> None:
    (found,) = findings(dump(*order, CLOSED), "IT702") if order[0] == TRUSTED else findings(dump(*order), "IT702")
    packet = make_packet({**(found.witness or {}), "dst": "127.0.0.1", "iif": "eth0"})
    fates = Tracer(load(dump(*order).encode()).dumps[0]).trace(packet).fates

    met = {rule.line for fate in fates if fate.trail is not None for rule in fate.trail.rules()}
    assert 6 in met
    assert 7 not in met


@pytest.mark.parametrize(
    "rules",
    [
        (CLOSED, "-A INPUT -p tcp -j ACCEPT"),  # an exception
        ("-A INPUT -p tcp -m tcp --dport 20:30 -j ACCEPT", CLOSED),  # a dead rule
        (TRUSTED, "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"),
        ("-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT", CLOSED),
        ("-A INPUT -i lo -j ACCEPT", CLOSED),
        ("-A INPUT -s 10.0.0.0/8 -j DROP", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"),  # who is kept out
        ("-A INPUT -s 10.0.0.0/8 -m limit --limit 3/min -j ACCEPT", CLOSED),
        (TRUSTED, "-A INPUT -p tcp -m conntrack --ctstate ESTABLISHED -m tcp --dport 22 -j DROP"),
        ("-A INPUT -s 10.0.0.0/8 -p tcp -j REJECT", TRUSTED, CLOSED),  # what both would take has gone before
        ("-A OUTPUT -d 10.0.0.0/8 -j ACCEPT", CLOSED),
    ],
)
def test_pairs_that_are_none(rules: tuple[str, ...]) -> None:
    assert said(dump(*rules), "IT702") == []


def test_many_of_a_chain_are_told_once_and_chains_of_programs_are_left_out() -> None:
    closed = [f"-A INPUT -p tcp -m tcp --dport {port} -j DROP" for port in range(20, 30)]

    assert said(dump(TRUSTED, *closed), "IT702") == [
        "IT702 info 7: this rule and line 6 want the opposite of some packets: only their order decides (9 more in INPUT)"
    ]
    assert said(dump(TRUSTED, *closed).replace("-A INPUT", "-A cali-INPUT"), "IT702") == []
    assert len(said(dump(TRUSTED, *closed).replace("-A INPUT", "-A DOCKER-USER"), "IT702")) == 1


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("-s 2001:db8::/32", "-p tcp -m tcp --dport 22", {"src": "2001:db8::1", "dst": "2001:db8:2::1", "dport": 22}),
        ("-i eth+ -p udp", "-m mark --mark 0x4/0x4", {"proto": 17, "iif": "eth0", "mark": 4}),
        ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", "-s 10.0.0.0/8", {"flags": "S"}),
        ("-p icmp -m icmp --icmp-type 8", "-d 10.0.0.1/32", {"proto": 1, "icmp_type": 8, "icmp_code": 0, "dst": "10.0.0.1"}),
        ("-m length --length 100:200", "-p tcp", {"length": 100, "proto": 6}),
    ],
)
def test_the_packet_has_all_that_both_ask_for(first: str, second: str, expected: dict[str, object]) -> None:
    (found,) = findings(dump(f"-A INPUT {first} -j ACCEPT", f"-A INPUT {second} -j DROP"), "IT702")

    assert found.witness is not None
    assert expected.items() <= found.witness.items()
    assert make_packet(found.witness)


@pytest.mark.parametrize("asked", ["-o eth0 -p udp", "-m set --match-set a src", "-m addrtype --dst-type LOCAL"])
def test_no_packet_is_shown_that_a_line_cannot_say(asked: str) -> None:
    (found,) = findings(dump(f"-A FORWARD {asked} -j ACCEPT", "-A FORWARD -s 10.0.0.0/8 -j DROP"), "IT702")

    assert found.witness is None


@pytest.mark.parametrize("name", ["classic-nginx", "external-access", "mixed-cluster"])
def test_healthy_dumps_have_none(name: str) -> None:
    assert said(sound(name), "IT702") == []
