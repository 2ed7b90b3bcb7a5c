"""Which address and port translations choose, and what the kernel draws; what the kernel itself answered stands in tests/data/kernel."""

from __future__ import annotations

from fractions import Fraction
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.trace.nat import jhash2, mapped
from iptexplain.model.address import Address, Network
from tests.analysis.traced import NODE, NODE_6, drawn, exact, known, one, rules, trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.model.ruleset import Dump

ON = known(NODE)


def dnat(options: str, chain: str = "PREROUTING", *, family: int = 4) -> Dump:
    return rules(family=family, nat=[f"-A {chain} -j DNAT --to-destination {options}"])


# ---- the hash that chooses an address, written once more, after include/linux/jhash.h ---------------------------------


class Word:
    """A number of 32 bits, as C has it."""

    def __init__(self, value: int) -> None:
        self.value = value % 2**32

    def __add__(self, other: Word) -> Word:
        return Word(self.value + other.value)

    def __sub__(self, other: Word) -> Word:
        return Word(self.value - other.value)

    def __xor__(self, other: Word) -> Word:
        return Word(self.value ^ other.value)

    def rol(self, by: int) -> Word:
        bits = f"{self.value:032b}"
        return Word(int(bits[by:] + bits[:by], 2))


MIX = (("a", "c", "b", 4), ("b", "a", "c", 6), ("c", "b", "a", 8), ("a", "c", "b", 16), ("b", "a", "c", 19), ("c", "b", "a", 4))
FINAL = (("c", "b", 14), ("a", "c", 11), ("b", "a", 25), ("c", "b", 16), ("a", "c", 4), ("b", "a", 14), ("c", "b", 24))


def published(words: list[int], initial: int) -> int:
    """`jhash2`, by the macros `__jhash_mix` and `__jhash_final`: (which, minus or xor, which, rotated by, then added)."""
    v = dict.fromkeys("abc", Word(0xDEADBEEF + len(words) * 4 + initial))
    left = [Word(word) for word in words]
    while len(left) > 3:
        for name in "abc":
            v[name] += left.pop(0)
        for one_, two, three, by in MIX:
            v[one_] = (v[one_] - v[two]) ^ v[two].rol(by)
            v[two] += v[three]
    for name, word in zip("abc", left, strict=False):
        v[name] += word
    if left:
        for one_, two, by in (
            ("c", "b", 14),
            ("a", "c", 11),
            ("b", "a", 25),
            ("c", "b", 16),
            ("a", "c", 4),
            ("b", "a", 14),
            ("c", "b", 24),
        ):
            v[one_] = (v[one_] ^ v[two]) - v[two].rol(by)
    return v["c"].value


@pytest.mark.parametrize("initial", [0, 1, 0xFFFFFFFF, 0x0A00000A])
@pytest.mark.parametrize("words", [[], [1], [1, 2], [1, 2, 3], [0xFFFFFFFF] * 4, [7, 0, 0, 0], list(range(11))])
def test_the_hash_is_that_of_linux(words: list[int], initial: int) -> None:
    assert jhash2(words, initial) == published(words, initial)


def chosen(source: str, destination: str, first: str, last: str, *, persistent: bool = False) -> str:
    """The address of a range by what the facts say: first + (hash · count >> 32), addresses read as words of a little-endian machine."""
    memory = [int.from_bytes(ip_address(text).packed, "little") for text in (source, destination)]
    low, high = int(ip_address(first)), int(ip_address(last))
    hashed = published([memory[0], 0, 0, 0], 0 if persistent else memory[1])
    return str(ip_address(low + (hashed * (high - low + 1) >> 32)))


RANGES = [("10.244.2.5", "10.244.2.14"), ("10.244.2.5", "10.244.2.6"), ("10.244.2.250", "10.244.3.7"), ("10.0.0.0", "10.255.255.255")]
CLIENTS = ["192.0.2.10", "192.0.2.11", "8.8.8.8", "203.0.113.200"]


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize(("first", "last"), RANGES)
@pytest.mark.parametrize("source", CLIENTS)
def test_a_range_of_addresses_is_chosen_from_by_the_hash(source: str, first: str, last: str, persistent: bool) -> None:  # noqa: FBT001 - parametrised
    said = f"{first}-{last} --persistent" if persistent else f"{first}-{last}"
    expected = chosen(source, "198.51.100.77", first, last, persistent=persistent)
    (fate,) = trace(dnat(said), ON, src=source).fates

    assert (str(fate.destination), fate.dnat) == (expected, True)


@pytest.mark.parametrize(("first", "last"), RANGES)
@pytest.mark.parametrize("source", CLIENTS)
def test_so_is_a_new_source_but_with_the_new_destination(source: str, first: str, last: str) -> None:
    nat = ["-A PREROUTING -j DNAT --to-destination 198.51.100.99", f"-A POSTROUTING -j SNAT --to-source {first}-{last}"]
    (fate,) = trace(rules(nat=nat), ON, src=source).fates

    assert str(fate.source) == chosen(source, "198.51.100.99", first, last)


def chosen_of_six(source: str, destination: str, first: str, last: str, *, persistent: bool) -> str:
    """As nf_nat_core.c `find_best_ips_proto` has it: word by word, until one is not the last of its range; then any word will do."""
    words = [[int.from_bytes(ip_address(text).packed[at : at + 4], "little") for at in range(0, 16, 4)] for text in (source, destination)]
    low, high = ([int.from_bytes(ip_address(text).packed[at : at + 4], "big") for at in range(0, 16, 4)] for text in (first, last))
    hashed = published(words[0], 0 if persistent else words[1][3])
    found: list[int] = []
    for at in range(4):
        free = found != high[:at]
        begin, end = (0, 0xFFFFFFFE) if free else (low[at], high[at])  # all ones as a distance is one address less than there are
        found.append((begin + (hashed * (end - begin + 1) >> 32)) & 0xFFFFFFFF)
        hashed ^= 0 if persistent else int.from_bytes(found[at].to_bytes(4, "big"), "little")
    return str(ip_address(b"".join(word.to_bytes(4, "big") for word in found)))


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize(("first", "last"), [("fd00:2::5", "fd00:2::e"), ("fd00:2::5", "fd00:2::1:2:3:4"), ("fd00:2::", "fd00:2:0:9::")])
@pytest.mark.parametrize("source", ["2001:db8::a", "2001:db8::b", "2001:db8:1:2:3:4:5:6"])
def test_a_range_of_ipv6_is_chosen_from_word_by_word(source: str, first: str, last: str, persistent: bool) -> None:  # noqa: FBT001 - parametrised
    said = f"{first}-{last} --persistent" if persistent else f"{first}-{last}"
    (fate,) = trace(dnat(said, family=6), known(NODE_6), src=source).fates

    assert str(fate.destination) == chosen_of_six(source, "2001:db8:1::a", first, last, persistent=persistent)


def test_ports_change_nothing_about_the_address_that_is_chosen() -> None:
    found = {
        trace(dnat("10.244.2.5-10.244.2.14"), ON, sport=sport, dport=dport).fates[0].destination
        for sport in (7, 40000)
        for dport in (7, 80)
    }

    assert len(found) == 1


def test_all_addresses_of_a_range_are_chosen_by_somebody() -> None:
    found = {str(trace(dnat("10.244.2.5-10.244.2.8"), ON, src=f"192.0.2.{number}").fates[0].destination) for number in range(1, 60)}

    assert found == {f"10.244.2.{number}" for number in range(5, 9)}


# ---- destination ports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "dport", "expected"),
    [
        ("10.244.2.7", 80, "10.244.2.7,80"),
        ("10.244.2.7:8080", 80, "10.244.2.7,8080"),
        ("10.244.2.7:8080-8090", 80, "10.244.2.7,8080"),
        ("10.244.2.7:8080-8090", 8080, "10.244.2.7,8080"),
        ("10.244.2.7:8080-8090", 8090, "10.244.2.7,8090"),
        ("10.244.2.7:8080-8090", 8091, "10.244.2.7,8080"),
        (":8080", 80, "198.51.100.77,8080"),
        (":80", 80, "198.51.100.77,80"),
        ("10.244.2.7:6000-6004/5000", 5003, "10.244.2.7,6003"),
        ("10.244.2.7:6000-6004/5000", 5007, "10.244.2.7,6002"),
        ("10.244.2.7:6000-6004/5000", 4999, "10.244.2.7,6000"),
        ("10.244.2.7:6000-6004/5000 --random", 5003, "10.244.2.7,6003"),
    ],
)
def test_the_new_port(to: str, dport: int, expected: str) -> None:
    (fate,) = trace(dnat(to), ON, dport=dport).fates

    assert f"{fate.destination},{fate.destination_port}" == expected
    assert fate.dnat is (expected != f"198.51.100.77,{dport}")


@pytest.mark.parametrize("count", [2, 3, 64])
def test_a_port_of_a_few_is_drawn_with_equal_chances(count: int) -> None:
    found = drawn(trace(dnat(f"10.244.2.7:8000-{7999 + count} --random"), ON))

    assert found == {f"forwarded veth1 192.0.2.10,40000 10.244.2.7,{8000 + number} dnat": Fraction(1, count) for number in range(count)}


def test_a_port_of_many_is_drawn_but_not_told() -> None:
    assert one(dnat("10.244.2.7:8000-8999 --random"), ON) == "forwarded veth1 192.0.2.10,40000 10.244.2.7,None dnat"


def test_a_port_that_is_drawn_has_its_chance_in_rules_behind() -> None:
    filter_ = [
        "-A FORWARD -p tcp -m tcp --dport 8000:8249 -j DROP",
        "-A FORWARD -p tcp -m multiport --dports 8000:8124,8250:8374 -j REJECT",
    ]
    nat = ["-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.7:8000-8999 --random"]
    found = drawn(trace(rules(nat=nat, filter=filter_), ON))

    assert found == {
        "dropped FORWARD": Fraction(1, 4),
        "rejected FORWARD icmp-port-unreachable": Fraction(1, 8),
        "forwarded veth1 192.0.2.10,40000 10.244.2.7,None dnat": Fraction(5, 8),
    }


def test_a_port_that_was_drawn_stays_what_it_is() -> None:
    filter_ = [
        f"-A FORWARD -p tcp -m tcp {inverted}--dport 8000:8249 -j {target}"
        for inverted, target in (("", "LOG"), ("! ", "DROP"), ("", "DROP"))
    ]
    nat = ["-A PREROUTING -p tcp -j DNAT --to-destination 10.244.2.7:8000-8999 --random"]

    assert drawn(trace(rules(nat=nat, filter=filter_), ON)) == {"dropped FORWARD": 1}


@pytest.mark.parametrize("protocol", ["icmp", "gre"])
def test_what_has_no_ports_keeps_having_none(protocol: str) -> None:
    nat = ["-A PREROUTING -j DNAT --to-destination 10.244.2.7"]
    (fate,) = trace(rules(nat=nat), ON, proto=protocol).fates

    assert (str(fate.destination), fate.destination_port) == ("10.244.2.7", None)


@pytest.mark.parametrize(("options", "port"), [("", 40000), (" --random", None)])
def test_the_id_of_an_echo_request_is_drawn_where_a_port_would_be(options: str, port: int | None) -> None:
    (fate,) = trace(dnat(f"10.244.2.7{options}"), ON, proto="icmp").fates

    assert (fate.source_port, exact(fate.share)) == (port, Fraction(1))


# ---- REDIRECT and NETMAP -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "local 192.0.2.10,40000 192.168.0.1,80 dnat"),
        (" --to-ports 99", "local 192.0.2.10,40000 192.168.0.1,99 dnat"),
        (" --to-ports 79-99", "local 192.0.2.10,40000 192.168.0.1,80 dnat"),
    ],
)
def test_redirect(options: str, expected: str) -> None:
    assert one(rules(nat=[f"-A PREROUTING -p tcp -j REDIRECT{options}"]), ON) == expected


def test_redirect_to_a_drawn_port() -> None:
    found = drawn(trace(rules(nat=["-A PREROUTING -p tcp -j REDIRECT --to-ports 1-2 --random"]), ON))

    assert found == {f"local 192.0.2.10,40000 192.168.0.1,{port} dnat": Fraction(1, 2) for port in (1, 2)}


def test_redirect_of_what_is_for_the_first_address_already_is_no_translation() -> None:
    assert one(rules(nat=["-A PREROUTING -p tcp -j REDIRECT"]), ON, dst="192.168.0.1") == "local 192.0.2.10,40000 192.168.0.1,80"


def test_redirect_drops_where_the_interface_has_no_address() -> None:
    assert one(rules(nat=["-A PREROUTING -p tcp -j REDIRECT"]), ON, iif="veth1") == "dropped PREROUTING"


def test_redirect_of_ipv6_to_a_link_local_address_stays_on_the_link() -> None:
    found = rules(family=6, nat=["-A PREROUTING -p tcp -j REDIRECT --to-ports 99"])

    assert one(found, known(NODE_6), dst="fe80::77", src="fe80::99") == "local fe80::99,40000 fe80::1,99 dnat"
    assert one(found, known(NODE_6)) == "local 2001:db8::a,40000 fd00:1::1,99 dnat"
    assert one(found, known(NODE_6), iif=None) == "sent eth0 2001:db8::a,40000 2001:db8:1::a,80"


@pytest.mark.parametrize(
    ("address", "network", "expected"),
    [
        ("198.51.100.77", "10.0.0.0/8", "10.51.100.77"),
        ("198.51.100.77", "10.1.2.16/28", "10.1.2.29"),
        ("198.51.100.77", "10.1.2.3/32", "10.1.2.3"),
        ("198.51.100.77", "0.0.0.0/0", "198.51.100.77"),
        ("2001:db8::ab:cd", "fd00:1::/64", "fd00:1::ab:cd"),
        ("2001:db8:1:2:3:4:5:6", "fd00::/48", "fd00::2:3:4:5:6"),
    ],
)
def test_a_network_is_mapped_bit_by_bit(address: str, network: str, expected: str) -> None:
    assert str(mapped(Address.parse(address), Network.parse(network))) == expected


# ---- sources -----------------------------------------------------------------------------------------------------------


def snat(options: str, **packet: Any) -> tuple[str, int | None, bool]:  # noqa: ANN401 - the values of JSON
    """The new source, its port and the SNAT bit."""
    (fate,) = trace(rules(nat=[f"-A POSTROUTING -p tcp -j SNAT --to-source {options}"]), ON, **packet).fates
    return str(fate.source), fate.source_port, fate.snat


@pytest.mark.parametrize(
    ("options", "sport", "expected"),
    [
        ("203.0.113.1", 40000, ("203.0.113.1", 40000, True)),
        ("203.0.113.1:1000-2000", 1000, ("203.0.113.1", 1000, True)),
        ("203.0.113.1:1000-2000", 2000, ("203.0.113.1", 2000, True)),
        ("203.0.113.1:1000-2000", 2001, ("203.0.113.1", None, True)),
        ("203.0.113.1:1000", 2001, ("203.0.113.1", 1000, True)),
        (":1000-2000", 1500, ("192.0.2.10", 1500, False)),
        (":1000", 1500, ("192.0.2.10", 1000, True)),
        ("203.0.113.1:1000-2000 --random", 1000, ("203.0.113.1", None, True)),
        ("203.0.113.1 --random-fully", 40000, ("203.0.113.1", None, True)),
        ("192.0.2.10", 40000, ("192.0.2.10", 40000, False)),
        ("192.0.2.1-192.0.2.20", 40000, ("192.0.2.10", 40000, False)),
        ("192.0.2.10 --random", 40000, ("192.0.2.10", None, True)),
        ("192.0.2.10:1000-2000", 40000, ("192.0.2.10", None, True)),
    ],
)
def test_the_new_source(options: str, sport: int, expected: tuple[str, int | None, bool]) -> None:
    assert snat(options, sport=sport) == expected


def test_a_source_in_the_range_stays_and_at_its_edges_too() -> None:
    for source, snatted in (("192.0.2.10", False), ("192.0.2.12", False), ("192.0.2.9", True), ("192.0.2.13", True)):
        assert snat("192.0.2.10-192.0.2.12", src=source)[2] is snatted


def local_marks(conditions: list[str], **packet: Any) -> Iterator[tuple[int, Fraction]]:  # noqa: ANN401 - the values of JSON
    """Marks that mangle INPUT gives by the source port of a packet of the node to itself, whose source port is drawn."""
    marks = [f"-A INPUT -p tcp {said} -j MARK --set-xmark {1 << at:#x}/{1 << at:#x}" for at, said in enumerate(conditions)]
    nat = ["-A POSTROUTING -p tcp -j SNAT --to-source 192.168.0.1 --random"]
    for fate in trace(rules(mangle=marks, nat=nat), ON, src="192.168.0.1", dst="192.168.0.1", iif=None, **packet).fates:
        yield fate.mark, exact(fate.share)


@pytest.mark.parametrize(
    ("sport", "low", "high"),
    [(1, 1, 511), (511, 1, 511), (512, 600, 1023), (1023, 600, 1023), (1024, 1024, 65535), (65535, 1024, 65535)],
)
def test_a_new_source_port_is_drawn_in_the_class_of_the_old_one(sport: int, low: int, high: int) -> None:
    size = high - low + 1

    assert dict(local_marks([f"-m tcp --sport {low}:{high}"], sport=sport)) == {1: 1}
    assert dict(local_marks([f"-m tcp --sport {low}"], sport=sport)) == {1: Fraction(1, size), 0: Fraction(size - 1, size)}
    assert dict(local_marks([f"-m tcp --sport {high}"], sport=sport)) == {1: Fraction(1, size), 0: Fraction(size - 1, size)}


def test_an_unknown_source_port_that_is_redrawn_may_be_any() -> None:
    assert dict(local_marks(["-m tcp --sport 0"], sport=None)) == {0: 1}


@pytest.mark.parametrize("target", ["SNAT --to-source 203.0.113.1 --random", "MASQUERADE --random", "MASQUERADE --random-fully"])
def test_the_id_of_an_echo_is_redrawn_as_a_port(target: str) -> None:
    (fate,) = trace(rules(nat=[f"-A POSTROUTING -j {target}"]), ON, proto="icmp").fates

    assert (fate.source_port, fate.snat) == (None, True)


def test_what_has_no_port_is_translated_without_one() -> None:
    (fate,) = trace(rules(nat=["-A POSTROUTING -j MASQUERADE --random"]), ON, proto="gre").fates

    assert (str(fate.source), fate.source_port, fate.snat) == ("192.168.0.1", None, True)


@pytest.mark.parametrize(
    ("ports", "sport", "port"),
    [("1000-2000", 1500, 1500), ("1000-2000", 3000, None), ("1000", 3000, 1000)],
    ids=["inside", "outside", "one"],
)
def test_masquerade_to_ports(ports: str, sport: int, port: int | None) -> None:
    (fate,) = trace(rules(nat=[f"-A POSTROUTING -p tcp -j MASQUERADE --to-ports {ports}"]), ON, sport=sport).fates

    assert (str(fate.source), fate.source_port) == ("192.168.0.1", port)


INTERFACES = {
    "eth0": {"addrs": ["192.168.0.1/24", "192.168.0.2/24", "172.16.0.1/16"]},
    "tun0": {"addrs": []},
    "eth1": {"addrs": ["10.9.0.1/24"]},
}


@pytest.mark.parametrize(
    ("routes", "local", "dst", "expected"),
    [
        ([["default", "eth0"]], [], "198.51.100.77", "192.168.0.1"),
        ([["default", "eth0", "172.16.0.9"]], [], "198.51.100.77", "172.16.0.1"),
        ([["default", "eth0"]], [], "172.16.0.7", "172.16.0.1"),
        ([["default", "eth0"]], [], "192.168.0.7", "192.168.0.1"),
        ([["default", "tun0"]], [], "198.51.100.77", "192.168.0.1"),
        ([["default", "tun0"]], ["10.96.0.99"], "198.51.100.77", "10.96.0.99"),
    ],
    ids=[
        "the first",
        "in the network of the gateway",
        "in that of the destination",
        "no secondary one",
        "of another interface",
        "lo first",
    ],
)
def test_the_address_that_masquerade_takes(routes: list[list[str]], local: list[str], dst: str, expected: str) -> None:
    on = known({"interfaces": INTERFACES, "routes": routes, "local_addrs": local})
    (fate,) = trace(rules(nat=["-A POSTROUTING -j MASQUERADE"]), on, dst=dst, iif="eth1").fates

    assert str(fate.source) == expected


def test_masquerade_drops_where_the_node_has_no_address() -> None:
    on = known({"interfaces": {"tun0": {"addrs": []}}, "routes": [["default", "tun0"]]})

    assert one(rules(nat=["-A POSTROUTING -j MASQUERADE"]), on) == "dropped POSTROUTING"


def test_an_interface_that_the_node_does_not_have_has_no_address() -> None:
    on = known({"interfaces": {}, "routes": [["default", "eth9"]]})

    assert one(rules(nat=["-A POSTROUTING -j MASQUERADE"]), on) == "dropped POSTROUTING"


@pytest.mark.parametrize(
    ("dst", "expected"),
    [
        ("2001:db8:1::a", "fd00:1::1"),
        ("fd00:2::9", "fd00:2::1"),
        ("fe80::77", "fe80::1"),
    ],
)
def test_the_source_of_ipv6_is_chosen_as_by_rfc_6724(dst: str, expected: str) -> None:
    (fate,) = trace(rules(family=6, nat=["-A POSTROUTING -j MASQUERADE"]), known(NODE_6), dst=dst).fates

    assert str(fate.source) == expected


@pytest.mark.parametrize(
    ("addresses", "dst", "expected"),
    [
        (["fd00:1::1/64", "2001:db8::1/64"], "2001:db8:9::9", "2001:db8::1"),
        (["2001:db8::1/64", "fd00:1::1/64"], "fd00:9::9", "fd00:1::1"),
        (["2001:db8:8000::1/48", "2001:db8:1::1/48"], "2001:db8:1:9::9", "2001:db8:1::1"),
        (["fe80::1/64", "2001:db8::1/64"], "2001:db8:9::9", "2001:db8::1"),
        (["fe80::1/64"], "2001:db8:9::9", "fe80::1"),
        (["2001:db8::1/64", "2001:db8::2/64"], "2001:db8::2", "2001:db8::2"),
        (["2001:db8::1/64", "2001:db8::2/64"], "2001:db8:9::9", "2001:db8::1"),
    ],
    ids=[
        "the same label",
        "the same label, unique local",
        "the longest prefix",
        "the scope",
        "better a link-local one than none",
        "itself",
        "in doubt the first",
    ],
)
def test_rules_of_rfc_6724(addresses: list[str], dst: str, expected: str) -> None:
    on = known({"interfaces": {"eth0": {"addrs": addresses}}, "routes": [["default", "eth0"]]})
    iif = None if dst in {address.partition("/")[0] for address in addresses} else "eth0"
    found = rules(family=6, nat=["-A POSTROUTING -j MASQUERADE"])
    (fate,) = trace(found, on, dst=dst, iif=iif, src="2001:db8:ffff::1").fates

    assert str(fate.source) == expected


def test_ipv6_without_any_address_takes_that_of_lo() -> None:
    """Measured on Linux 6.18."""
    on = known({"interfaces": {"eth0": {"addrs": ["192.168.0.1/24"]}}, "routes": [["default", "eth0"]]})

    assert one(rules(family=6, nat=["-A POSTROUTING -j MASQUERADE"]), on) == "forwarded eth0 ::1,40000 2001:db8:1::a,80 snat"


# ---- who meets nat at all ----------------------------------------------------------------------------------------------

BOTH = ["-A PREROUTING -j DNAT --to-destination 10.244.2.7:8080", "-A POSTROUTING -j MASQUERADE"]


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ({}, "forwarded veth1 192.168.0.1,40000 10.244.2.7,8080 dnat snat"),
        ({"ct": "established"}, "forwarded eth0 192.0.2.10,40000 198.51.100.77,80"),
        ({"ct": "reply"}, "forwarded eth0 192.0.2.10,40000 198.51.100.77,80"),
        ({"ct": "invalid"}, "forwarded eth0 192.0.2.10,40000 198.51.100.77,80"),
        ({"ct": "untracked"}, "forwarded eth0 192.0.2.10,40000 198.51.100.77,80"),
        ({"ct": "related"}, "forwarded eth0 192.0.2.10,0 198.51.100.77,None"),
        ({"flags": "R"}, "forwarded eth0 192.0.2.10,40000 198.51.100.77,80"),
        ({"ct": "established", "ct_dnat": "10.244.2.7:8080"}, "forwarded veth1 192.0.2.10,40000 10.244.2.7,8080 dnat"),
        ({"ct": "established", "ct_dnat": "10.244.2.7"}, "forwarded veth1 192.0.2.10,40000 10.244.2.7,80 dnat"),
        ({"ct": "established", "ct_snat": "192.168.0.1:50000"}, "forwarded eth0 192.168.0.1,50000 198.51.100.77,80 snat"),
        (
            {"ct": "established", "ct_dnat": "10.244.2.7:8080", "ct_snat": "192.168.0.1"},
            "forwarded veth1 192.168.0.1,40000 10.244.2.7,8080 dnat snat",
        ),
        ({"ct": "invalid", "ct_dnat": "10.244.2.7:8080"}, "forwarded eth0 192.0.2.10,40000 198.51.100.77,80"),
    ],
)
def test_only_first_packets_meet_the_chains_of_nat(packet: dict[str, Any], expected: str) -> None:
    nat = [line.replace("-j DNAT", "-p tcp -j DNAT") for line in BOTH]
    found = one(rules(nat=nat), known({**NODE, "routes": [["default", "eth0"], ["10.244.2.0/24", "veth1"]]}), **packet)

    assert found == expected


def test_a_packet_of_a_connection_that_the_node_itself_began_is_translated_too() -> None:
    packet = {"iif": None, "src": "192.168.0.1", "ct": "established", "ct_dnat": "10.244.2.7:8080"}

    assert one(rules(nat=BOTH[:0]), ON, **packet) == "sent veth1 192.168.0.1,40000 10.244.2.7,8080 dnat"
