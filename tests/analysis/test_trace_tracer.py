"""The way through the hooks: which tables in which order, policies, what is rejected without a word, and what a fate tells."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.trace.fate import Arrived, Enters, Policy, Routed, Translated
from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.analysis.trace.way import steps
from iptexplain.inputs.packets import make_packet
from iptexplain.model.matching import Verdict
from iptexplain.model.packet import Place
from iptexplain.model.ruleset import BUILT_IN_OF, Rule
from tests.analysis.traced import NODE, NODE_6, PACKET, drawn, exact, known, marks, one, rules, trace
from tests.dumps import ruleset

if TYPE_CHECKING:
    from iptexplain.analysis.trace.fate import Fate
    from iptexplain.model.ruleset import Dump

ON, ON_6 = known(NODE), known(NODE_6)
NOWHERE = "0.0.0.0"  # noqa: S104 - an address of packets, nothing is bound to it
FORWARDED = "forwarded eth0 192.0.2.10,40000 198.51.100.77,80"


def by_table(table: str, *lines: str) -> dict[str, Any]:
    return {table: lines}


def texts(fate: Fate) -> list[str]:
    """The rules on its way."""
    return [step.text for step in steps(fate.trail)[0] if isinstance(step, Rule)]


# ---- the order of the tables -------------------------------------------------------------------------------------------

IN = "raw PREROUTING, mangle PREROUTING, nat PREROUTING"
OUT = "raw OUTPUT, mangle OUTPUT, nat OUTPUT, filter OUTPUT, security OUTPUT"
POST = "mangle POSTROUTING, nat POSTROUTING"
LOOP = "raw PREROUTING lo, mangle PREROUTING lo, mangle INPUT lo, filter INPUT lo, security INPUT lo"
FORWARD = "mangle FORWARD, filter FORWARD, security FORWARD"


def tables(backend: str = "nft", **packet: Any) -> str:  # noqa: ANN401 - the values of JSON
    """The tables that a packet meets, in order, in a dump that has all of them."""
    every: dict[str, Any] = dict.fromkeys(BUILT_IN_OF, ())
    (fate,) = trace(rules(backend, **every), ON, **packet).fates
    way, _ = steps(fate.trail)
    return ", ".join(f"{step.table} {step.hook}{' lo' if step.loop else ''}" for step in way if isinstance(step, Enters))


@pytest.mark.parametrize("backend", ["nft", "legacy"])
@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ({}, f"{IN}, {FORWARD}, {POST}"),
        ({"ct": "established"}, f"{IN}, {FORWARD}, {POST}".replace(", nat PREROUTING", "").replace(", nat POSTROUTING", "")),
        ({"iif": None}, f"{OUT}, {POST}"),
        ({"iif": None, "src": "192.168.0.1", "dst": "192.168.0.2"}, f"{OUT}, {POST}, {LOOP}"),
        ({"src": "127.0.0.1"}, IN),
    ],
    ids=["forwarded", "established", "sent", "to itself", "a martian"],
)
def test_the_order_of_the_tables(packet: dict[str, Any], expected: str, backend: str) -> None:
    assert tables(backend, **packet) == expected


@pytest.mark.parametrize(
    ("backend", "expected"),
    [("nft", "mangle INPUT, filter INPUT, nat INPUT, security INPUT"), ("legacy", "mangle INPUT, filter INPUT, security INPUT, nat INPUT")],
)
def test_security_stands_elsewhere_in_iptables_nft(backend: str, expected: str) -> None:
    assert tables(backend, dst="192.168.0.1") == f"{IN}, {expected}"


def test_a_dump_without_header_is_one_of_nft() -> None:
    dump = ruleset("*security", ":INPUT ACCEPT [0:0]", "COMMIT", "*nat", ":INPUT ACCEPT [0:0]", "COMMIT").dumps[0]
    (fate,) = trace(dump, ON, dst="192.168.0.1").fates

    assert [step.table for step in steps(fate.trail)[0] if isinstance(step, Enters)] == ["nat", "security"]


def test_a_table_that_is_not_there_is_not_met() -> None:
    (fate,) = trace(rules(filter=[]), ON).fates

    assert [step.table for step in steps(fate.trail)[0] if isinstance(step, Enters)] == ["filter"]


def test_a_chain_that_has_the_name_of_a_hook_which_its_table_does_not_have_is_not_met() -> None:
    dump = ruleset("*filter", ":PREROUTING - [0:0]", ":INPUT ACCEPT [0:0]", "-A PREROUTING -j DROP", "COMMIT").dumps[0]

    assert one(dump, ON) == FORWARDED


@pytest.mark.parametrize(
    ("table", "verdict"),
    [
        (table, verdict) for table in BUILT_IN_OF for verdict in ("ACCEPT", "DROP") if (table, verdict) != ("nat", "DROP")
    ],  # which both tools refuse
)
def test_accept_ends_its_table_and_drop_everything(table: str, verdict: str) -> None:
    chain = "PREROUTING" if "PREROUTING" in BUILT_IN_OF[table] else "FORWARD"
    found = rules(
        **by_table(table, f"-A {chain} -j {verdict}", f"-A {chain} -j MARK --set-xmark 0x1/0x1"),
        **({} if table == "mangle" else by_table("mangle", "-A POSTROUTING -j MARK --set-xmark 0x2/0x2")),
    )
    passed = FORWARDED if table == "mangle" else f"{FORWARDED} mark=0x2"

    assert one(found, ON) == (passed if verdict == "ACCEPT" else f"dropped {chain}")


@pytest.mark.parametrize(
    ("table", "chain", "packet"),
    [
        ("raw", "PREROUTING", {}),
        ("mangle", "FORWARD", {}),
        ("filter", "FORWARD", {}),
        ("filter", "INPUT", {"dst": "192.168.0.1"}),
        ("filter", "OUTPUT", {"iif": None}),
        ("nat", "PREROUTING", {}),
        ("nat", "POSTROUTING", {}),
        ("nat", "OUTPUT", {"iif": None}),
        ("nat", "INPUT", {"dst": "192.168.0.1"}),
        ("security", "FORWARD", {}),
    ],
)
def test_the_policy_decides_at_the_end_and_behind_return_and_goto(table: str, chain: str, packet: dict[str, Any]) -> None:
    lines = [f":{chain} DROP", ":U -"]

    assert one(rules(**by_table(table, *lines)), ON, **packet) == f"dropped {chain}"
    assert one(rules(**by_table(table, *lines, f"-A {chain} -j RETURN", f"-A {chain} -j ACCEPT")), ON, **packet) == f"dropped {chain}"
    assert one(rules(**by_table(table, *lines, f"-A {chain} -g U", f"-A {chain} -j ACCEPT")), ON, **packet) == f"dropped {chain}"
    assert not one(rules(**by_table(table, *lines, f"-A {chain} -j U", f"-A {chain} -j ACCEPT")), ON, **packet).startswith("dropped")


def test_a_policy_of_nat_meets_first_packets_alone() -> None:
    dump = rules(nat=[":POSTROUTING DROP"])

    assert one(dump, ON) == "dropped POSTROUTING"
    assert one(dump, ON, ct="established") == FORWARDED
    assert one(dump, ON, ct="invalid") == FORWARDED


def test_a_policy_of_a_chain_of_ones_own_is_ignored() -> None:
    assert one(rules(filter=[":U DROP", "-A FORWARD -j U"]), ON) == FORWARDED


def test_the_policy_that_dropped_is_on_the_way() -> None:
    (fate,) = trace(rules(filter=[":FORWARD DROP"]), ON).fates
    assert fate.trail is not None

    assert fate.trail.step == Policy("filter", "FORWARD", Verdict.DROP, 4)


# ---- rerouting ---------------------------------------------------------------------------------------------------------

ROUTED_BY_TOS = {**NODE, "routes": [["default", "eth0"], ["10.244.2.0/24", "veth1"]]}


@pytest.mark.parametrize(
    ("to", "outcome", "marked"),
    [
        ("10.244.2.7", "sent veth1 192.168.0.1,40000 10.244.2.7,80 mark={} dnat", {"filter -o eth0", "post -o veth1"}),
        ("192.168.0.2", "local 192.168.0.1,40000 192.168.0.2,80 mark={} dnat", {"filter -o eth0", "post -o lo"}),
    ],
)
def test_filter_output_sees_the_old_interface_and_postrouting_the_new_one(to: str, outcome: str, marked: set[str]) -> None:
    interfaces = ("eth0", "veth1", "lo")
    dump = rules(
        nat=[f"-A OUTPUT -j DNAT --to-destination {to}"],
        **marks("filter", "OUTPUT", [f"-o {name}" for name in interfaces]),
        mangle=[f"-A POSTROUTING -o {name} -j MARK --set-xmark {8 << at:#x}/{8 << at:#x}" for at, name in enumerate(interfaces)],
    )
    bits = [f"{where} -o {name}" for where in ("filter", "post") for name in interfaces]

    assert one(dump, ON, iif=None, src="192.168.0.1") == outcome.format(
        f"{sum(1 << at for at, name in enumerate(bits) if name in marked):#x}"
    )


def test_dnat_to_where_no_route_leads_is_dropped() -> None:
    on = known({"interfaces": {"eth0": {"addrs": ["192.168.0.1/24"]}}, "routes": [["198.51.100.0/24", "eth0"]]})

    assert one(rules(nat=["-A OUTPUT -j DNAT --to-destination 8.8.8.8"]), on, iif=None, src="192.168.0.1") == "dropped OUTPUT"


def test_a_known_connection_of_the_node_is_routed_anew_too() -> None:
    dump = rules(**marks("mangle", "POSTROUTING", ["-o eth0", "-o veth1"]))
    packet: dict[str, Any] = {"iif": None, "src": "192.168.0.1", "ct": "established", "ct_dnat": "10.244.2.7"}

    assert one(dump, ON, **packet) == "sent veth1 192.168.0.1,40000 10.244.2.7,80 mark=0x2 dnat"


# ---- back in by lo -----------------------------------------------------------------------------------------------------

TO_ITSELF: dict[str, Any] = {"iif": None, "src": "192.168.0.1", "dst": "192.168.0.2"}


@pytest.mark.parametrize(
    ("chain", "match", "expected"),
    [
        ("PREROUTING", "-i lo -m conntrack --ctstate NEW", True),
        ("PREROUTING", "-i lo -m conntrack --ctstatus CONFIRMED", True),
        ("OUTPUT", "-m conntrack --ctstatus CONFIRMED", False),
        ("OUTPUT", "-o lo", True),
        ("INPUT", "-i lo", True),
        ("INPUT", "-m mark --mark 0x5", True),
    ],
)
def test_what_rules_see_of_a_packet_to_the_node_itself(chain: str, match: str, expected: bool) -> None:  # noqa: FBT001 - parametrised
    found = rules(mangle=[f"-A {chain} {match} -j MARK --set-xmark 0x100/0x100"])
    (fate,) = trace(found, ON, **TO_ITSELF, mark=5).fates

    assert (fate.mark & 0x100 == 0x100) is expected


def test_what_masquerading_has_changed_shows_on_the_second_way() -> None:
    found = rules(
        nat=["-A POSTROUTING -j SNAT --to-source 10.244.1.1"],
        **marks("filter", "INPUT", ["-s 10.244.1.1/32", "-m conntrack --ctstate SNAT", "-m conntrack --ctorigsrc 192.168.0.1"]),
    )

    assert one(found, ON, **TO_ITSELF) == "local 10.244.1.1,40000 192.168.0.2,80 mark=0x7 snat"


def test_a_packet_may_be_dropped_on_its_second_way() -> None:
    assert one(rules(filter=["-A INPUT -i lo -j DROP"]), ON, **TO_ITSELF) == "dropped INPUT"
    assert one(rules(raw=["-A PREROUTING -i lo -j DROP"]), ON, **TO_ITSELF) == "dropped PREROUTING"
    assert one(rules(nat=[":PREROUTING DROP", ":INPUT DROP"]), ON, **TO_ITSELF) == "local 192.168.0.1,40000 192.168.0.2,80"


# ---- REJECT ------------------------------------------------------------------------------------------------------------

REJECT = rules(filter=["-A FORWARD -j REJECT", "-A INPUT -j REJECT", "-A OUTPUT -j REJECT"])
RESET = rules(filter=[f"-A {chain} -p tcp -j REJECT --reject-with tcp-reset" for chain in ("FORWARD", "INPUT")])
REJECT_6 = rules(family=6, filter=["-A FORWARD -j REJECT", "-A INPUT -j REJECT"])


def answered_icmp(kind: int) -> bool:
    return one(REJECT, ON, proto="icmp", icmp_type=kind).startswith("rejected")


def test_which_messages_of_icmp_are_answered() -> None:
    assert {kind for kind in range(256) if answered_icmp(kind)} == {0, 8, 13, 14, 15, 16, 17, 18}


def test_no_errors_of_icmpv6_are_answered() -> None:
    silent = {kind for kind in range(256) if one(REJECT_6, ON_6, proto="icmp", icmp_type=kind) == "dropped FORWARD"}

    assert silent == set(range(128))


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ({}, "rejected FORWARD icmp-port-unreachable"),
        ({"flags": "R"}, "rejected FORWARD icmp-port-unreachable"),
        ({"ct": "related"}, "dropped FORWARD"),
        ({"bad_csum": True}, "dropped FORWARD"),
        ({"proto": "udp", "bad_csum": True}, "dropped FORWARD"),
        ({"proto": "icmp", "bad_csum": True}, "dropped FORWARD"),
        ({"proto": "sctp", "bad_csum": True}, "rejected FORWARD icmp-port-unreachable"),
        ({"proto": "gre", "bad_csum": True}, "rejected FORWARD icmp-port-unreachable"),
        ({"dst": "192.168.0.255"}, "dropped INPUT"),
        ({"dst": "255.255.255.255"}, "dropped INPUT"),
        ({"dst": "224.0.0.1"}, "dropped INPUT"),
        ({"dst": "192.168.0.1"}, "rejected INPUT icmp-port-unreachable"),
        ({"src": NOWHERE, "dst": "255.255.255.255"}, "dropped INPUT"),
        ({"iif": None, "src": "192.168.0.1"}, "rejected OUTPUT icmp-port-unreachable"),
        ({"iif": None, "src": "192.168.0.1", "dst": "192.168.0.255"}, "dropped OUTPUT"),
        ({"iif": None, "src": "192.168.0.1", "dst": NOWHERE}, "rejected OUTPUT icmp-port-unreachable"),
    ],
)
def test_who_is_told_that_a_packet_is_rejected(packet: dict[str, Any], expected: str) -> None:
    assert one(REJECT, ON, **packet) == expected


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ({}, "rejected FORWARD tcp-reset"),
        ({"flags": "R"}, "dropped FORWARD"),
        ({"flags": "RA"}, "dropped FORWARD"),
        ({"flags": "FA"}, "rejected FORWARD tcp-reset"),
        ({"bad_csum": True}, "dropped FORWARD"),
        ({"dst": "192.168.0.255"}, "dropped INPUT"),
    ],
)
def test_who_is_sent_a_reset(packet: dict[str, Any], expected: str) -> None:
    assert one(RESET, ON, **packet) == expected


def test_without_a_way_back_nobody_is_told() -> None:
    on = known({"interfaces": {"eth0": {"addrs": ["192.168.0.1/24"]}}, "routes": [["198.51.100.0/24", "eth0"]]})

    assert one(REJECT, on) == "dropped FORWARD"
    assert one(REJECT, on, src="198.51.100.9") == "rejected FORWARD icmp-port-unreachable"
    assert one(REJECT, None, dst="255.255.255.255") == "dropped INPUT"


def test_the_node_itself_is_told_without_a_route_to_its_own_address() -> None:
    on = known({"interfaces": {"eth0": {"addrs": []}}, "routes": [["198.51.100.0/24", "eth0"]], "local_addrs": ["10.96.0.99"]})

    assert one(REJECT, on, iif=None, src="10.96.0.99") == "rejected OUTPUT icmp-port-unreachable"
    assert one(REJECT, on, iif=None, src="10.96.0.98") == "dropped OUTPUT"


def test_an_anycast_address_gets_a_reset_but_no_error() -> None:
    lines = ["-A FORWARD -p tcp -j REJECT --reject-with tcp-reset", "-A FORWARD -j REJECT"]
    dump = rules(family=6, filter=lines)

    assert one(dump, ON_6, src="fd00:1::") == "rejected FORWARD tcp-reset"
    assert one(dump, ON_6, src="fd00:1::", proto="udp") == "dropped FORWARD"
    assert one(dump, ON_6, proto="udp") == "rejected FORWARD icmp6-port-unreachable"


# ---- Services ----------------------------------------------------------------------------------------------------------


def service() -> Dump:
    """A Service as kube-proxy writes it: an endpoint that asks itself is masqueraded."""
    draws = ["-m statistic --mode random --probability 0.33333333349 ", "-m statistic --mode random --probability 0.50000000000 ", ""]
    nat = [":SVC -", *(f":SEP{number} -" for number in range(3)), "-A PREROUTING -d 10.96.0.10/32 -j SVC"]
    for number, draw in enumerate(draws):
        end = f"10.244.1.{number + 5}"
        nat += [f"-A SVC {draw}-j SEP{number}", f"-A SEP{number} -s {end}/32 -j MARK --set-xmark 0x4000/0x4000"]
        nat += [f"-A SEP{number} -p tcp -j DNAT --to-destination {end}:8080"]
    return rules(nat=nat)


@pytest.mark.parametrize("source", [5, 6, 7, 9])
def test_an_endpoint_that_asks_itself_is_marked(source: int) -> None:
    fates = trace(service(), ON, src=f"10.244.1.{source}", dst="10.96.0.10", iif="cni0").fates

    assert {(str(fate.destination), fate.mark) for fate in fates} == {
        (f"10.244.1.{number}", 0x4000 if number == source else 0) for number in (5, 6, 7)
    }
    assert sum(exact(fate.share) for fate in fates) == 1


# ---- what a fate tells -------------------------------------------------------------------------------------------------


def test_the_events_on_the_way_stand_in_order() -> None:
    nat = ["-A PREROUTING -j DNAT --to-destination 10.244.2.7", "-A POSTROUTING -j SNAT --to-source 203.0.113.1"]
    (fate,) = trace(rules(nat=nat), ON).fates
    way, cut = steps(fate.trail)
    events = [step for step in way if isinstance(step, (Arrived, Routed, Translated))]
    source, to = make_packet(PACKET).source, make_packet(PACKET).destination

    assert not cut
    assert events == [
        Arrived("eth0"),
        Translated("destination", Place(to, 80), Place(fate.destination, 80), "DNAT"),  # type: ignore[arg-type]  # it is known
        Routed(local=False, output="veth1"),
        Translated("source", Place(source, 40000), Place(fate.source, 40000), "SNAT"),  # type: ignore[arg-type]  # as above
    ]


@pytest.mark.parametrize(("dst", "local"), [("192.168.0.1", True), ("198.51.100.77", False)])
@pytest.mark.parametrize("iif", ["eth0", None])
def test_where_it_was_routed_is_told(dst: str, iif: str | None, local: bool) -> None:  # noqa: FBT001 - parametrised
    (fate,) = trace(rules(filter=[]), ON, dst=dst, iif=iif).fates

    assert [step.local for step in steps(fate.trail)[0] if isinstance(step, Routed)] == [local]


def test_the_gateway_is_told() -> None:
    (fate,) = trace(rules(filter=[]), ON).fates
    (routed,) = [step for step in steps(fate.trail)[0] if isinstance(step, Routed)]

    assert str(routed.gateway) == "192.168.0.254"


def test_the_way_that_is_told_is_the_likeliest_and_ways_are_counted() -> None:
    draw = "-m statistic --mode random --probability 0.75000000000"
    lines = [":A -", ":B -", f"-A FORWARD {draw} -j A", "-A FORWARD -j B", "-A A -j DROP", f"-A B {draw} -j DROP", "-A B -j DROP"]
    (fate,) = trace(rules(filter=lines), ON).fates

    assert (fate.paths, exact(fate.share)) == (3, Fraction(1))
    assert texts(fate) == [lines[2], "-A A -j DROP"]


def test_of_equally_likely_ways_the_first_is_told() -> None:
    draw = "-m statistic --mode random --probability 0.50000000000"
    (fate,) = trace(rules(filter=[f"-A FORWARD {draw} -j DROP", "-A FORWARD -j DROP"]), ON).fates

    assert texts(fate) == [f"-A FORWARD {draw} -j DROP"]


def test_different_ends_stay_apart() -> None:
    draw = "-m statistic --mode random --probability 0.25000000000"
    found = drawn(trace(rules(filter=[f"-A FORWARD {draw} -j DROP", f"-A FORWARD {draw} -j REJECT", "-A FORWARD -j ACCEPT"]), ON))

    assert found == {
        "dropped FORWARD": Fraction(1, 4),
        "rejected FORWARD icmp-port-unreachable": Fraction(3, 16),
        FORWARDED: Fraction(9, 16),
    }


def test_the_caller_may_know_answers() -> None:
    dump = rules(filter=["-A FORWARD -m limit --limit 1/sec -j DROP"])
    for answer, outcome in ((True, "dropped"), (False, "forwarded")):
        (fate,) = Tracer(dump, ON, answer=lambda _, said=answer: said).trace(make_packet(PACKET)).fates  # type: ignore[misc]  # the default binds it

        assert (fate.outcome, fate.answers) == (outcome, ())


@pytest.mark.parametrize("chain", ["PREROUTING", "POSTROUTING"])
def test_a_translation_outside_of_nat_is_no_known_effect(chain: str) -> None:
    """No tool loads it; a file written by hand may hold it."""
    target = "DNAT --to-destination 10.244.2.7" if chain == "PREROUTING" else "MASQUERADE"

    assert one(rules(mangle=[f"-A {chain} -j {target}"]), ON) == f"unknown {chain}"


def test_an_unknown_queue_number_is_told_as_it_stands() -> None:
    found = trace(rules(filter=["-A FORWARD -j NFQUEUE --queue-balance 1:3"]), ON)

    assert {fate.outcome for fate in found.fates} == {"forwarded", "dropped"}
    assert len({question.text.english() for fate in found.fates for question, _ in fate.answers}) == 1
