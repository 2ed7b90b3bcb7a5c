from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import IptexplainError
from iptexplain.inputs.ipvs import Key, RealServer, VirtualService, parse_ipvs
from iptexplain.inputs.lines import UnreadableLineError
from iptexplain.model.address import Address
from iptexplain.model.address import Endpoint as Destination
from tests.inputs.sources import file, source

ONE = Address.parse("10.96.0.1")


def only(*lines: str) -> VirtualService:
    """The one service of the lines."""
    (found,) = parse_ipvs(source(*lines)).by_key.values()
    return found


@pytest.mark.parametrize(
    ("line", "key", "persistence"),
    [
        ("-A -t 10.96.0.1:443 -s rr", Key(4, "tcp", ONE, 443), None),
        ("-A -t 10.96.0.1:443 -s rr -p 10800", Key(4, "tcp", ONE, 443), 10800),
        ("-A -t 10.96.0.1:443 -s rr -p 10800 -M 255.255.255.0 --pe sip -b sh-port", Key(4, "tcp", ONE, 443), 10800),
        ("-A -t 10.96.0.1:443 -s rr -p", Key(4, "tcp", ONE, 443), 360),
        ("-A -t 10.96.0.1:443 -p -s rr", Key(4, "tcp", ONE, 443), 360),
        ("-A -u 10.96.0.1:53 -s rr -o", Key(4, "udp", ONE, 53), None),
        ("-A --sctp-service 10.96.0.1:5060 -s rr", Key(4, "sctp", ONE, 5060), None),
        ("-A -f 7 -s rr", Key(4, None, None, None, 7), None),
        ("-A -f 7 -6 -s rr", Key(6, None, None, None, 7), None),
        ("-A -t [fd00::1]:443 -s rr -p 10 -M 64", Key(6, "tcp", Address.parse("fd00::1"), 443), 10),
        ("--add-service --tcp-service 10.96.0.1:443 --scheduler rr --persistent 5", Key(4, "tcp", ONE, 443), 5),
    ],
)
def test_virtual_services_are_read(line: str, key: Key, persistence: int | None) -> None:
    assert VirtualService(key, "rr", persistence, (), 1) == only(line)


@pytest.mark.parametrize(
    ("line", "server"),
    [
        ("-a -t 10.96.0.1:443 -r 172.18.0.2:6443 -m -w 1", RealServer(Destination.parse("172.18.0.2:6443"), "masq", 1, 2)),
        ("-a -t 10.96.0.1:443 -r 172.18.0.2:443 -g -w 0", RealServer(Destination.parse("172.18.0.2:443"), "gate", 0, 2)),
        ("-a -t 10.96.0.1:443 -r 172.18.0.2:443", RealServer(Destination.parse("172.18.0.2:443"), "gate", 1, 2)),
        (
            "-a -t 10.96.0.1:443 -r [fd00::2]:443 -i -w 3 --tun-type gue --tun-port 6080 --tun-nocsum",
            RealServer(Destination.parse("[fd00::2]:443"), "ipip", 3, 2),
        ),
        (
            "--add-server --tcp-service 10.96.0.1:443 --real-server 172.18.0.2:443 --masquerading --weight 2",
            RealServer(Destination.parse("172.18.0.2:443"), "masq", 2, 2),
        ),
    ],
)
def test_real_servers_are_read(line: str, server: RealServer) -> None:
    assert (server,) == only("-A -t 10.96.0.1:443 -s rr", line).servers


@pytest.mark.parametrize(
    ("scheduler", "weights", "shares"),
    [
        ("rr", (1, 1, 1), ((1, 3), (1, 3), (1, 3))),
        ("rr", (5, 0, 1), ((1, 2), (0, 1), (1, 2))),
        ("wrr", (5, 0, 1), ((5, 6), (0, 1), (1, 6))),
        ("lc", (5, 0, 1), (None, (0, 1), None)),
        ("rr", (0,), ((0, 1),)),
        ("rr", (), ()),
    ],
)
def test_a_scheduler_gives_shares_or_does_not(scheduler: str, weights: tuple[int, ...], shares: tuple[tuple[int, int] | None, ...]) -> None:
    servers = [f"-a -t 10.96.0.1:443 -r 172.18.0.{number}:6443 -m -w {weight}" for number, weight in enumerate(weights)]
    found = only(f"-A -t 10.96.0.1:443 -s {scheduler}", *servers)

    assert shares == found.shares
    assert any(weights) is found.is_served


def test_a_packet_is_taken_by_mark_then_by_port_then_by_address() -> None:
    found = parse_ipvs(source("-A -t 10.96.0.1:443 -s rr", "-A -t 10.96.0.1:0 -s rr -p 1", "-A -f 7 -s rr"))
    taken = [found.at("tcp", ONE, 443), found.at("tcp", ONE, 80), found.at("tcp", ONE, 443, 7), found.at("udp", ONE, 443)]

    assert [service and service.line for service in taken] == [1, 2, 3, None]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("IP Virtual Server version 1.2.1 (size=4096)", "the output of `ipvsadm -Sn`; this is what `ipvsadm -L` prints"),
        ("TCP  10.96.0.1:443 rr", "the output of `ipvsadm -Sn`; this is"),
        ("-A -t kubernetes:https -s rr", "a virtual service with numbers"),
        ("-A -t 10.96.0.2:https -s rr", "a virtual service with numbers"),
        ("-A -t 10.96.0.1:443 -s rr", "a virtual service with numbers as `ipvsadm -Sn` writes it, each once"),
        ("-A -s rr", "a virtual service"),
        ("-A -t 10.96.0.2:443 -u 10.96.0.2:443", "a virtual service"),
        ("-A -t 10.96.0.2 -s rr", "a virtual service"),
        ("-A -t 10.96.0.2:1-9 -s rr", "a virtual service"),
        ("-A -f 0 -s rr", "a virtual service"),
        ("-A -f ٣ -s rr", "a virtual service"),
        ("-A -t 10.96.0.2:443 -s rr -q", "a virtual service"),
        (f"-A -t 10.96.0.2:443 -p {'9' * 5000}", "a virtual service"),
        ("-C", "a virtual service"),
        ("-a -t 10.96.0.2:443 -r 172.18.0.2:6443 -m -w 1", "the real server of a virtual service that was added in a line before"),
        ("-a -t 10.96.0.1:443 -m", "the real server"),
        ("-a -t 10.96.0.1:443 -r 172.18.0.2:6443 -m -g", "the real server"),
        ("-a -t 10.96.0.1:443 -r 172.18.0.2:6443 -w -1", "the real server"),
        ("\x1b[2J\udcff", "a virtual service"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_place(line: str, expected: str) -> None:
    with pytest.raises(UnreadableLineError) as error:
        parse_ipvs(source("-A -t 10.96.0.1:443 -s rr", "", line))

    assert str(error.value).startswith(f"input:3: expected {expected}")
    assert len(str(error.value)) < 400


@given(st.lists(st.text(alphabet=st.sampled_from("-A-a-t-r-f-p 10.:0[]tus\x00\udcff"), max_size=40), max_size=6))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = parse_ipvs(source("-A -t 10.96.0.1:443 -s rr", *lines))
    except IptexplainError:
        return
    assert found.at("tcp", ONE, 443) is not None


def test_the_sample_is_read_whole() -> None:
    text = file("samples/ipvs/ipvsadm.txt")
    found = parse_ipvs(text).by_key.values()

    assert text.text.count("\n") == sum(1 + len(service.servers) for service in found)
