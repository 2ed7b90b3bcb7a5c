"""Layouts of kube-proxy that no sample holds, and dumps in which Services get into each other's way."""

from __future__ import annotations

import pytest

from iptexplain.owners.kube_proxy.names import endpoint_hash, service_hash
from tests.analysis.test_fragments import EXTERNAL, IPV6, MIXED, POLICIES, endpoints, one, told
from tests.analysis.test_odd_services import (
    HOOKED,
    IP,
    MASQUERADE,
    PLACE,
    SVC,
    WORKING,
    A,
    B,
    chances,
    dnat,
    draw,
    met,
    nat,
    table,
    unplaced,
)
from tests.command import CLASSIC, Json, services_in, whole

OTHER = f"KUBE-SVC-{service_hash('shop/other', 'TCP')}"
C = "10.244.0.3:8080"
OTHERS_END = f"KUBE-SEP-{endpoint_hash('shop/other', 'TCP', C)}"
OTHERS = (f"-A {OTHER} -j {OTHERS_END}", f"-A {OTHERS_END} -p tcp -m tcp -j DNAT --to-destination {C}")
OTHERS_PLACE = PLACE.replace("shop/web", "shop/other").replace(SVC, OTHER)


def by_name(text: str) -> dict[str, Json]:
    return {port["service_port_name"]: port for port in told(text)["service_ports"]}


def same(name: str, text: str) -> bool:
    """Are the Services of a text those of a file."""
    return [unplaced(port) for port in services_in(name)["service_ports"]] == [unplaced(port) for port in told(text)["service_ports"]]


def kubernetes(text: str) -> Json:
    (proxy,) = told(text)["proxy"]
    found: Json = proxy["kubernetes"]
    return found


# ---- 1.31 and later ------------------------------------------------------------------------------------------------------

COUNTED = "-m nfacct --nfacct-name  {} "
"""With two blanks, as iptables-save prints it."""


def newer(text: str) -> str:
    """What kube-proxy 1.31 writes where the kernel has xt_nfacct."""
    filter_, mark, nat_ = text.partition("*nat\n")
    lines = []
    for line in nat_.splitlines(keepends=True):
        if line.startswith("-A KUBE-NODEPORTS "):
            counted = line.replace(" -j ", f" {COUNTED.format('localhost_nps_accepted_pkts')}-j ")
            lines.append(counted.replace("-A KUBE-NODEPORTS ", "-A KUBE-NODEPORTS -d 127.0.0.0/8 "))
        lines.append(line)
    invalid = f"--ctstate INVALID {COUNTED.format('ct_state_invalid_dropped_pkts')}-j DROP"
    return filter_.replace("--ctstate INVALID -j DROP", invalid) + mark + "".join(lines)


@pytest.mark.parametrize("name", [CLASSIC, EXTERNAL, POLICIES, MIXED])
def test_counters_of_1_31_change_no_service(name: str) -> None:
    text = newer(whole([name]))

    assert "nfacct" in text
    assert same(name, text)
    assert kubernetes(text) == {"min": "1.31", "max": None, "mixed": False}


def test_a_node_port_with_two_rules_is_one_route() -> None:
    ports = [port for port in told(newer(whole([MIXED])))["service_ports"] if port["node_port"]]

    assert ports
    assert {len(port["routes"]["node_port"]) for port in ports} == {1}


@pytest.mark.parametrize("name", [CLASSIC, EXTERNAL, POLICIES, IPV6])
@pytest.mark.parametrize("bit", ["0x1", "0x40000", "0x80000000"])
def test_any_masquerade_bit_will_do(name: str, bit: str) -> None:
    text = whole([name]).replace("0x4000", bit)

    assert same(name, text)
    assert [proxy["masquerade_mark"] for proxy in told(text)["proxy"]] == [bit]


# ---- before 1.16 ---------------------------------------------------------------------------------------------------------

OLD = f"KUBE-SVC-{service_hash('shop/web:', 'TCP')}"
OLD_ENDS = (
    f"-A {OLD} -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-AAAAAAAAAAAAAAAA",
    f"-A {OLD} -j KUBE-SEP-BBBBBBBBBBBBBBBB",
    f"-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m tcp -j DNAT --to-destination {A}",
    f"-A KUBE-SEP-BBBBBBBBBBBBBBBB -p tcp -m tcp -j DNAT --to-destination {B}",
)


def portal(chain: str, target: str, *, protocol: str = "tcp", place: str = f"-d {IP}/32", port: int = 80) -> str:
    return f'-A {chain} {place} -p {protocol} -m comment --comment "shop/web:http" -m {protocol} --dport {port} -j {target}'.replace(
        "  ", " "
    )


USERSPACE = table(
    "nat",
    [
        "-A PREROUTING -j KUBE-PORTALS-CONTAINER",
        "-A PREROUTING -m addrtype --dst-type LOCAL -j KUBE-NODEPORT-CONTAINER",
        "-A OUTPUT -j KUBE-PORTALS-HOST",
        "-A OUTPUT -m addrtype --dst-type LOCAL -j KUBE-NODEPORT-HOST",
        portal("KUBE-PORTALS-CONTAINER", "REDIRECT --to-ports 39999"),
        portal("KUBE-PORTALS-CONTAINER", "REDIRECT --to-ports 39999", place="-d 192.0.2.1/32"),
        portal("KUBE-PORTALS-CONTAINER", "REDIRECT --to-ports 39998", protocol="udp"),
        portal("KUBE-PORTALS-HOST", "DNAT --to-destination 10.0.0.11:39999"),
        portal("KUBE-NODEPORT-CONTAINER", "REDIRECT --to-ports 40000", place="", port=30080),
        portal("KUBE-NODEPORT-HOST", "DNAT --to-destination 10.0.0.11:40000", place="", port=30080),
    ],
)


def test_in_userspace_mode_it_is_told_where_services_listen_and_that_a_process_serves_them() -> None:
    document = told(USERSPACE)
    tcp, udp = document["service_ports"]

    assert [proxy["mode"] for proxy in document["proxy"]] == ["userspace"]
    assert (tcp["cluster_ip"], tcp["external_ips"], tcp["node_port"]) == (IP, ["192.0.2.1"], 30080)
    assert (udp["protocol"], udp["cluster_ip"], udp["node_port"]) == ("UDP", IP, None)
    assert [tcp["endpoint_sets"], udp["endpoint_sets"]] == [{"cluster": [], "local": []}] * 2
    for kind in ("cluster_ip", "node_port"):
        for answer in met(tcp, kind).values():
            assert answer["action"] == "unknown"
            assert [reason for reason in answer["depends_on"] if "a process of kube-proxy" in reason]


def test_in_userspace_mode_nothing_is_missed_in_filter() -> None:
    """It writes no rules there."""
    assert [warning for warning in told(USERSPACE)["warnings"] if "filter" in warning["message"]] == []


@pytest.mark.parametrize("said", ["shop/web:", "portal for shop/web:"])
def test_the_first_iptables_mode_leads_from_portals_to_chains_of_services(said: str) -> None:
    places = [
        f'-A KUBE-PORTALS-{who} -d {IP}/32 -p tcp -m comment --comment "{said}" -m tcp --dport 80 -j {OLD}' for who in ("CONTAINER", "HOST")
    ]
    document = told(table("nat", ["-A PREROUTING -j KUBE-PORTALS-CONTAINER", "-A OUTPUT -j KUBE-PORTALS-HOST", *places, *OLD_ENDS]))
    (port,) = document["service_ports"]

    assert [proxy["mode"] for proxy in document["proxy"]] == ["iptables"]
    assert (port["service_port_name"], port["name_verified"], port["cluster_ip"]) == ("shop/web:", True, IP)
    assert chances(port) == {A: 0.5, B: 0.5}
    assert {answer["action"] for answer in met(port).values()} == {"dnat"}


def test_kubernetes_1_1_marks_and_masquerades_without_chains_for_it() -> None:
    place = f'-d {IP}/32 -p tcp -m comment --comment "shop/web: cluster IP" -m tcp --dport 80 -j'
    port = one(
        table(
            "nat",
            [
                *HOOKED,
                "-A POSTROUTING -m mark --mark 0x4d415351 -j MASQUERADE",
                f"-A KUBE-SERVICES ! -s 10.244.0.0/16 {place} MARK --set-xmark 0x4d415351/0xffffffff",
                f"-A KUBE-SERVICES {place} {OLD}",
                *OLD_ENDS,
            ],
        )
    )

    assert chances(port) == {A: 0.5, B: 0.5}
    assert met(port)["outside"]["masquerade"]


# ---- generations mixed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "old",
    [
        "-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE",  # 1.17
        '-A KUBE-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.99/32 -m comment --comment "shop/x cluster IP" -j KUBE-MARK-MASQ',  # 1.21
        f"-A KUBE-SERVICES -d 10.96.0.99/32 -p tcp -m tcp --dport 80 -j KUBE-XLB-{service_hash('shop/x', 'TCP')}",  # 1.23
    ],
)
def test_rules_of_two_generations_side_by_side_are_a_mix_that_claims_no_version(old: str) -> None:
    name, text = "samples/kube-proxy/local-policies.save", whole([POLICIES])
    chain = f":KUBE-XLB-{service_hash('shop/x', 'TCP')} - [0:0]\n:KUBE-SERVICES"
    mixed = (text[: text.index("*nat")] + text[text.index("*nat") :].replace(":KUBE-SERVICES", chain, 1)).replace(
        "-A KUBE-SERVICES -m comment", f"{old}\n-A KUBE-SERVICES -m comment"
    )

    assert kubernetes(mixed) == {"min": None, "max": None, "mixed": True}
    names = {port["service_port_name"] for port in told(mixed)["service_ports"]}
    assert {port["service_port_name"] for port in services_in(name)["service_ports"]} <= names


# ---- two Services at one place -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second", "winner"), [(PLACE, OTHERS_PLACE, "web"), (OTHERS_PLACE, PLACE, "other")])
def test_of_two_services_at_one_address_the_first_has_it(first: str, second: str, winner: str) -> None:
    ports = by_name(table("nat", [*HOOKED, MASQUERADE, first, second, *WORKING, *OTHERS]))
    loser = {"web": "other", "other": "web"}[winner]

    assert {answer["taken_by"] for answer in met(ports[f"shop/{loser}"]).values()} == {f"shop/{winner}"}
    assert {answer["endpoint_set"] for answer in met(ports[f"shop/{loser}"]).values()} == {None}
    assert endpoints(ports[f"shop/{loser}"]) == []
    assert [answer for answer in met(ports[f"shop/{winner}"]).values() if "taken_by" in answer] == []
    assert set(chances(ports[f"shop/{winner}"])) == ({A, B} if winner == "web" else {C})


@pytest.mark.parametrize("change", [("-p tcp", "-p udp"), (f"{IP}/32", "10.96.0.11/32"), ("--dport 80", "--dport 81")])
def test_another_protocol_address_or_port_is_no_clash(change: tuple[str, str]) -> None:
    protocol = "UDP" if "udp" in change[1] else "TCP"
    other, end = f"KUBE-SVC-{service_hash('shop/other', protocol)}", f"KUBE-SEP-{endpoint_hash('shop/other', protocol, C)}"
    place = OTHERS_PLACE.replace(OTHER, other).replace(*change).replace("-m tcp", f"-m {protocol.lower()}")
    ends = (f"-A {other} -j {end}", f"-A {end} -p {protocol.lower()} -j DNAT --to-destination {C}")
    ports = by_name(nat(place, *WORKING, *ends))

    assert [chances(ports["shop/web"]), chances(ports["shop/other"])] == [{A: 0.5, B: 0.5}, {C: 1.0}]
    assert [answer for port in ports.values() for answer in met(port).values() if "taken_by" in answer] == []


@pytest.mark.parametrize("kind", ["external_ip", "node_port"])
def test_outside_places_are_taken_too_and_the_rest_of_the_service_works(kind: str) -> None:
    ext = [f"-A {chain.replace('SVC', 'EXT')} -j {chain}" for chain in (SVC, OTHER)]
    where = {
        "external_ip": '-A KUBE-SERVICES -d 192.0.2.1/32 -p tcp -m comment --comment "{} external IP" -m tcp --dport 80 -j {}',
        "node_port": '-A KUBE-NODEPORTS -p tcp -m comment --comment "{}" -m tcp --dport 30080 -j {}',
    }[kind]
    places = [where.format(name, chain.replace("SVC", "EXT")) for name, chain in (("shop/web", SVC), ("shop/other", OTHER))]
    last = "-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"
    ports = by_name(nat(OTHERS_PLACE.replace(IP, "10.96.0.11"), *places, last, *ext, *WORKING, *OTHERS))

    assert {answer["taken_by"] for answer in met(ports["shop/other"], kind).values()} == {"shop/web"}
    assert {answer["endpoint_set"] for answer in met(ports["shop/other"]).values()} == {"cluster"}
    assert chances(ports["shop/other"]) == {C: 1.0}


def test_a_refused_service_whose_address_another_one_serves_is_taken_by_it() -> None:
    refusal = PLACE.replace("shop/web cluster IP", "shop/gone has no endpoints").replace(SVC, "REJECT")
    gone = by_name(nat(*WORKING) + table("filter", ["-A FORWARD -j KUBE-SERVICES", refusal]))["shop/gone"]

    assert gone["endpoint_sets"] == {"cluster": [], "local": []}
    assert {answer.get("taken_by") for answer in met(gone).values()} == {"shop/web"}


def test_what_gets_past_a_service_and_into_another_falls_through() -> None:
    ports = by_name(nat(OTHERS_PLACE, draw(A, "0.50000000000"), dnat(A), *OTHERS))

    assert chances(ports["shop/web"]) == {A: 0.5}
    assert {answer.get("falls_through") for answer in met(ports["shop/web"]).values()} == {0.5}


# ---- chains that nothing leads to ----------------------------------------------------------------------------------------


def unlisted(text: str) -> list[str]:
    (proxy,) = told(text)["proxy"]
    found: list[str] = proxy["unlisted_chains"]
    return found


def test_chains_of_a_service_that_no_rule_leads_to_are_listed_in_a_whole_dump() -> None:
    text = nat(*WORKING, *OTHERS, f"-A {OTHER.replace('SVC', 'EXT')} -j {OTHER}")

    assert unlisted(text) == [OTHER.replace("SVC", "EXT"), OTHER]
    assert list(by_name(text)) == ["shop/web"]


def test_a_chain_of_a_service_that_another_services_chain_leads_to_is_not_listed() -> None:
    assert unlisted(nat(f"-A {SVC} -j {OTHER}", *OTHERS)) == []


@pytest.mark.parametrize("name", [CLASSIC, EXTERNAL, POLICIES, IPV6, MIXED])
def test_nothing_is_unlisted_in_what_kube_proxy_writes(name: str) -> None:
    assert unlisted(whole([name])) == []


# ---- edited by hand ------------------------------------------------------------------------------------------------------


def test_a_service_whose_chain_lets_packets_out_again_does_not_have_the_address() -> None:
    """The other one is entered later, and answers."""
    ports = by_name(table("nat", [*HOOKED, MASQUERADE, OTHERS_PLACE, PLACE, *WORKING, f"-A {OTHER} -s 192.0.2.1/32 -j RETURN"]))

    assert chances(ports["shop/web"]) == {A: 0.5, B: 0.5}
    assert {answer.get("taken_by") for answer in met(ports["shop/web"]).values()} == {None}
    assert {answer["taken_by"] for answer in met(ports["shop/other"]).values()} == {"shop/web"}


@pytest.mark.parametrize("wider", [("--dport 80", "--dport 80:90"), (f"{IP}/32", "10.96.0.0/24"), (f"-d {IP}", f"! -d {IP}")])
def test_a_rule_made_wider_is_told_at_its_service_as_its_chain_acts(wider: tuple[str, str]) -> None:
    port = one(table("nat", [*HOOKED, MASQUERADE, PLACE.replace(*wider), *WORKING]))
    (route,) = port["routes"]["chain"]

    assert (port["service_port_name"], port["cluster_ip"], chances(port)) == ("shop/web", None, {A: 0.5, B: 0.5})
    assert (route["chain"], {answer["action"] for answer in route["from"].values()}) == (SVC, {"dnat"})


def test_shares_that_depend_on_an_answer_are_not_told() -> None:
    """Every second packet: who it is depends on how many came before."""
    third = draw(A, "0.33333333349")
    nth = draw(B, "0.5").replace("--mode random --probability 0.5", "--mode nth --every 2 --packet 0")
    rest = f"KUBE-SEP-{endpoint_hash('shop/web', 'TCP', C)}"
    port = one(nat(third, nth, f"-A {SVC} -j {rest}", dnat(A), dnat(B), f"-A {rest} -p tcp -m tcp -j DNAT --to-destination {C}"))

    assert chances(port) == {A: pytest.approx(1 / 3), B: None, C: None}


def test_a_question_that_changes_no_share_leaves_the_shares() -> None:
    port = one(nat(*WORKING, before=["-A PREROUTING -m limit --limit 5/sec -j LOG", "-A OUTPUT -m limit --limit 5/sec -j LOG"]))

    assert chances(port) == {A: 0.5, B: 0.5}


def test_who_is_left_alone_may_be_masqueraded_all_the_same() -> None:
    mark = f'-A {SVC} ! -s 10.244.0.0/16 -d {IP}/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'
    post = ["-A POSTROUTING -j KUBE-POSTROUTING", "-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE"]
    port = one(nat(mark, f"-A {SVC} -j RETURN", *WORKING, *post))

    assert {source: (answer["action"], answer["masquerade"]) for source, answer in met(port).items()} == {
        "pod": ("none", False),
        "node": ("none", True),
        "outside": ("none", True),
    }


def test_who_is_masqueraded_is_told_beside_what_is_unknown() -> None:
    mark = f'-A {SVC} ! -s 10.244.0.0/16 -d {IP}/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'
    post = ["-A POSTROUTING -j KUBE-POSTROUTING", "-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE"]
    port = one(nat(mark, draw(A, "0.50000000000"), draw(B), dnat(A), *post))

    assert {source: (a["action"], a["masquerade"], a["unknown_probability"]) for source, a in met(port).items()} == {
        "pod": ("unknown", False, 0.5),
        "node": ("unknown", True, 0.5),
        "outside": ("unknown", True, 0.5),
    }


def test_a_chain_of_a_service_that_is_only_declared_is_listed_too() -> None:
    text = nat(*WORKING, declared=[OTHER])

    assert unlisted(text) == [OTHER]
