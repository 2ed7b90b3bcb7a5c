from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.ipvs import services
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.inputs.ipvs import parse_ipvs
from iptexplain.inputs.names import parse_names
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy import proxy as facts
from iptexplain.parsing.reader import read
from tests.checkout import ROOT
from tests.dumps import ruleset
from tests.inputs.sources import file, source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iptexplain.analysis.service_port import ServicePort
    from iptexplain.model.ruleset import Dump

SAMPLE = "samples/ipvs/"


def found_in(dump: Dump, sets: str | None, ipvs: str | None, names: bool = False) -> dict[str, ServicePort]:  # noqa: FBT001, FBT002 - a switch of the test
    """The Service ports by name, or by the place where they listen."""
    proxy = facts.proxy(dump)
    assert proxy is not None
    assert proxy.mode == "ipvs"
    ports = services(
        dump,
        proxy,
        None if sets is None else parse_ipset(source(*sets.splitlines())),
        None if ipvs is None else parse_ipvs(source(*ipvs.splitlines())),
        parse_names(file(SAMPLE + "services.json")) if names else None,
    )
    return {_called(port): port for port in ports}


def _called(port: ServicePort) -> str:
    if port.service_port is not None:
        return f"{port.service_port.text}/{port.protocol}"
    route = port.routes[0]
    return f"{route.address or ''}:{route.port}/{port.protocol}"


def sample(*without: str) -> dict[str, ServicePort]:
    dump = read("dump", (ROOT / SAMPLE / "dump.save").read_bytes()).dumps[0]
    sets, ipvs = (None if name in without else file(f"{SAMPLE}{name}.txt").text for name in ("ipset", "ipvsadm"))
    return found_in(dump, sets, ipvs, "names" not in without)


def met(port: ServicePort) -> dict[str, str]:
    """What each source meets at each kind of place: the action, the endpoint set, and `*` for masqueraded."""
    return {
        route.kind: " ".join(
            f"{kind}:{answer.endpoint_set or answer.action}{'*' * bool(answer.masquerade)}" for kind, answer in route.sources.items()
        )
        for route in port.routes
    }


INSIDE = "pod:cluster node:cluster* outside:cluster*"
MARKED = "pod:cluster* node:cluster* outside:cluster*"
LOCAL = "pod:local node:local outside:local"

TRUTH = {
    "default/kubernetes:https/TCP": {"cluster_ip": INSIDE},
    "kube-system/kube-dns:dns/UDP": {"cluster_ip": INSIDE},
    "kube-system/kube-dns:dns-tcp/TCP": {"cluster_ip": INSIDE},
    "kube-system/kube-dns:metrics/TCP": {"cluster_ip": INSIDE},
    "shop/web:http/TCP": {"cluster_ip": INSIDE, "node_port": MARKED},
    "shop/cart/TCP": {"cluster_ip": INSIDE},
    "shop/front:https/TCP": {"cluster_ip": INSIDE, "load_balancer": LOCAL, "node_port": LOCAL},
    "shop/admin:http/TCP": {
        "cluster_ip": INSIDE,
        "load_balancer": "pod:drop node:cluster* outside:drop outside_allowed:cluster*",
        "node_port": MARKED,
    },
    "shop/legacy/TCP": {"cluster_ip": INSIDE, "external_ip": MARKED},
    "shop/empty/TCP": {"cluster_ip": "pod:reject node:reject outside:reject"},
    "shop/calls:sip/SCTP": {"cluster_ip": INSIDE, "node_port": MARKED},
    "shop/calls:rtp/UDP": {"cluster_ip": INSIDE, "node_port": MARKED},
}


def test_the_services_of_the_sample_are_told_as_they_were_made() -> None:
    assert {name: met(port) for name, port in sample().items()} == TRUTH


def test_the_servers_of_ipvs_are_the_endpoints() -> None:
    ports = sample()
    web = ports["shop/web:http/TCP"].endpoint_sets["cluster"]
    shares = [end.share for end in web]

    assert [end.address for end in web] == ["10.244.1.10:8080", "10.244.2.10:8080", "10.244.3.10:8080"]
    assert [Fraction(1, 3)] * 3 == [Fraction(share.numerator, share.odd << share.exponent) for share in shares if share]
    assert {name: len(ends) for name, ends in ports["shop/front:https/TCP"].endpoint_sets.items()} == {"cluster": 2, "local": 1}


def test_settings_are_told_as_far_as_they_show() -> None:
    ports = sample()
    front, admin, cart, empty = (ports[f"shop/{name}/TCP"] for name in ("front:https", "admin:http", "cart", "empty"))

    assert tuple(port.external_traffic_policy for port in (front, admin, cart)) == ("Local", "Cluster", None)
    assert admin.source_ranges == ("10.0.0.0/24", "198.51.100.0/24")
    assert (cart.session_affinity, cart.session_affinity_timeout) == ("ClientIP", 10800)
    assert (front.session_affinity, front.session_affinity_timeout) == ("None", None)
    assert (front.has_endpoints, empty.has_endpoints) == (True, False)
    assert (front.node_port, front.name_source) == (30443, "address")


def test_a_route_has_the_line_of_the_rule_that_asks_for_its_set() -> None:
    lines = (ROOT / SAMPLE / "dump.save").read_text("utf-8").splitlines()
    routes = sample()["shop/front:https/TCP"].routes

    assert all("-A KUBE-SERVICES" in lines[route.line - 1] for route in routes[:2])
    assert all("--match-set KUBE-NODE-PORT-TCP" in lines[route.line - 1] for route in routes[2:])


def test_without_names_each_place_is_a_service_port() -> None:
    ports = sample("names")
    known = [port for port in ports.values() if port.service_port is not None]

    assert not known
    assert len(ports) == 12 + 3 + 5
    assert met(ports["10.96.20.5:80/TCP"]) == {"cluster_ip": INSIDE}
    assert [str(route.address) for route in ports["10.0.0.11:30080/TCP"].routes] == ["10.0.0.11", "10.244.1.1"]


def test_without_the_table_of_ipvs_the_servers_are_unknown_and_the_rest_is_not() -> None:
    ports = sample("ipvsadm")
    answers = ports["shop/web:http/TCP"].routes[0].sources
    drops = ports["shop/admin:http/TCP"].routes_of("load_balancer")[0].sources

    assert {"unknown"} == {answer.action for answer in answers.values()}
    assert [answer.masquerade for answer in answers.values()] == [False, True, True]
    assert "ipvsadm -Sn" in answers["pod"].depends_on[0].english()
    assert drops["outside"].action == "drop"
    assert (ports["shop/web:http/TCP"].routes[1].address, ports["shop/web:http/TCP"].node_port) == (None, 30080)


def test_without_the_sets_endpoints_are_known_and_what_the_rules_do_is_not() -> None:
    named, bare = sample("ipset")["shop/web:http/TCP"], sample("ipset", "names")["10.96.20.5:80/TCP"]

    assert len(named.endpoint_sets["cluster"]) == 3
    assert [route.kind for route in named.routes] == ["cluster_ip", "node_port", "node_port"]
    assert [route.kind for route in bare.routes] == [layout.VIRTUAL]
    assert {"unknown"} == {answer.action for route in named.routes for answer in route.sources.values()}
    assert "ipset save" in named.routes[0].sources["pod"].depends_on[0].english()


def test_without_the_sets_the_policy_local_shows_in_the_servers() -> None:
    front = sample("ipset")["shop/front:https/TCP"]

    assert {name: len(ends) for name, ends in front.endpoint_sets.items()} == {"cluster": 2, "local": 1}
    assert None is front.external_traffic_policy


def test_with_neither_nothing_is_told() -> None:
    assert sample("ipset", "ipvsadm") == {}


# ---- other generations of rules -----------------------------------------------------------------------------------------------

CLUSTER_IPS = "create KUBE-CLUSTER-IP hash:ip,port family inet\nadd KUBE-CLUSTER-IP 10.96.0.1,tcp:80\n"
HTTP = "-A -t 10.96.0.1:80 -s {scheduler}\n-a -t 10.96.0.1:80 -r 10.244.0.9:8080 -m -w 2\n-a -t 10.96.0.1:80 -r 10.244.0.8:8080 -m -w 1\n"
HOOKS = [":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]"]
OWN = [":KUBE-SERVICES - [0:0]", ":KUBE-POSTROUTING - [0:0]", ":KUBE-MARK-MASQ - [0:0]", ":KUBE-NODE-PORT - [0:0]"]
JUMPS = ["-A PREROUTING -j KUBE-SERVICES", "-A OUTPUT -j KUBE-SERVICES", "-A POSTROUTING -j KUBE-POSTROUTING"]
MARKING = [
    "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
    "-A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE",
    "-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE",
]
ACCEPT = "-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT"


def node(rules: Iterable[str], chains: Iterable[str] = (), filter_: Iterable[str] = ()) -> Dump:
    """A dump with these rules of nat between the common ones."""
    declared = [f":{chain} - [0:0]" for chain in chains]
    lines = ["*nat", *HOOKS, *OWN, *declared, *JUMPS, *MARKING, *rules, ACCEPT, "COMMIT", "# Completed", *filter_]
    return ruleset(*lines).dumps[0]


def only(dump: Dump, sets: str, ipvs: str | None) -> ServicePort:
    (port,) = found_in(dump, sets, ipvs).values()
    return port


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("! -s 10.244.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst", "pod:cluster node:cluster* outside:cluster*"),
        ("-m set --match-set KUBE-CLUSTER-IP dst,dst", "pod:cluster* node:cluster* outside:cluster*"),
        ("-m set --match-set KUBE-CLUSTER-IP src,dst", "pod:cluster node:cluster* outside:cluster"),
        ("! -i cni0 -m set --match-set KUBE-CLUSTER-IP dst,dst", "pod:cluster node:cluster* outside:cluster*"),
        ("-m set ! --match-set KUBE-CLUSTER-IP dst,dst", "pod:cluster node:cluster outside:cluster"),
        ("-m set --match-set KUBE-CLUSTER-IP dst", "pod:cluster node:cluster outside:cluster"),
    ],
)
def test_who_is_masqueraded_is_what_the_rule_says(rule: str, expected: str) -> None:
    port = only(node([f"-A KUBE-SERVICES {rule} -j KUBE-MARK-MASQ"]), CLUSTER_IPS, HTTP.format(scheduler="rr"))

    assert {"cluster_ip": expected} == met(port)


@pytest.mark.parametrize(
    ("rule", "masquerade", "action"),
    [
        ("-m set --match-set KUBE-CLUSTER-IP dst,dst --packets-gt 3 ! --update-counters -j KUBE-MARK-MASQ", None, "dnat"),
        ("-m set --match-set SOMETHING src -j KUBE-MARK-MASQ", None, "dnat"),
        ("-m set --match-set SOMETHING src -j DNAT --to-destination 10.1.1.1:80", None, "unknown"),
        ("-m set --match-set KUBE-CLUSTER-IP dst,dst -j DNAT --to-destination 10.1.1.1:80", False, "dnat"),
        ("-j KUBE-GONE", None, "unknown"),
        ("-m set --match-set KUBE-CLUSTER-IP dst,dst -j NFQUEUE", None, "unknown"),
    ],
)
def test_what_is_not_known_stays_unknown(rule: str, masquerade: bool | None, action: str) -> None:  # noqa: FBT001 - a row of the table
    port = only(node([f"-A KUBE-SERVICES {rule}"]), CLUSTER_IPS, HTTP.format(scheduler="rr"))
    answer = port.routes[0].sources["pod"]

    assert (action, masquerade) == (answer.action, answer.masquerade)
    assert (action == "unknown") is bool(answer.depends_on)


@pytest.mark.parametrize(("scheduler", "shares"), [("wrr", ["2/3", "1/3"]), ("rr", ["1/2", "1/2"]), ("lc", [None, None])])
def test_the_scheduler_decides_what_is_known_of_shares(scheduler: str, shares: list[str | None]) -> None:
    port = only(node([]), CLUSTER_IPS, HTTP.format(scheduler=scheduler))

    assert shares == [end.share and end.share.fraction() for end in port.endpoint_sets["cluster"]]


def test_a_service_that_ipvs_does_not_have_is_left_alone() -> None:
    port = only(node([]), CLUSTER_IPS, "")

    assert met(port) == {"cluster_ip": "pod:none node:none outside:none"}
    assert not port.has_endpoints


RANGES = """create KUBE-CLUSTER-IP hash:ip,port family inet
create KUBE-LOAD-BALANCER hash:ip,port family inet
add KUBE-LOAD-BALANCER 203.0.113.9,tcp:80
create KUBE-LOAD-BALANCER-FW hash:ip,port family inet
add KUBE-LOAD-BALANCER-FW 203.0.113.9,tcp:80
create KUBE-LOAD-BALANCER-SOURCE-CIDR hash:ip,port,net family inet
add KUBE-LOAD-BALANCER-SOURCE-CIDR 203.0.113.9,tcp:80,198.51.100.0/24
create KUBE-LOAD-BALANCER-SOURCE-IP hash:ip,port,ip family inet
"""
BALANCER = "-A -t 203.0.113.9:80 -s rr\n-a -t 203.0.113.9:80 -r 10.244.0.9:80 -m -w 1\n"


def test_up_to_1_25_a_chain_of_nat_marks_what_is_dropped() -> None:
    rules = [
        "-A KUBE-SERVICES -m set --match-set KUBE-LOAD-BALANCER dst,dst -j KUBE-LOAD-BALANCER",
        "-A KUBE-LOAD-BALANCER -m set --match-set KUBE-LOAD-BALANCER-FW dst,dst -j KUBE-FIRE-WALL",
        "-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ",
        "-A KUBE-FIRE-WALL -m set --match-set KUBE-LOAD-BALANCER-SOURCE-CIDR dst,dst,src -j RETURN",
        "-A KUBE-FIRE-WALL -m set --match-set KUBE-LOAD-BALANCER-SOURCE-IP dst,dst,src -j RETURN",
        "-A KUBE-FIRE-WALL -j KUBE-MARK-DROP",
        "-A KUBE-SERVICES -m set --match-set KUBE-LOAD-BALANCER dst,dst -j ACCEPT",
    ]
    port = only(node(rules, ["KUBE-LOAD-BALANCER", "KUBE-FIRE-WALL", "KUBE-MARK-DROP"]), RANGES, BALANCER)

    assert met(port) == {"load_balancer": "pod:drop node:drop outside:drop outside_allowed:cluster*"}


def test_a_load_balancer_may_be_closed_to_the_node_behind_ipvs() -> None:
    rules = ["-A KUBE-SERVICES -m set --match-set KUBE-LOAD-BALANCER dst,dst -j KUBE-MARK-MASQ"]
    closed = "-A KUBE-IPVS-OUT-FILTER -s 203.0.113.9/32 -m ipvs --vproto 6 --vaddr {} --vport 80 -j DROP"
    sets = "\n".join(line for line in RANGES.splitlines() if "FW" not in line and "SOURCE" not in line)
    found = []
    for address in ("203.0.113.9", "203.0.113.8"):
        filter_ = [
            "*filter",
            ":OUTPUT ACCEPT [0:0]",
            ":KUBE-IPVS-OUT-FILTER - [0:0]",
            "-A OUTPUT -j KUBE-IPVS-OUT-FILTER",
            closed.format(address),
            "COMMIT",
        ]
        found.append(met(only(node(rules, filter_=filter_), sets, BALANCER))["load_balancer"])

    assert found == ["pod:cluster* node:drop outside:cluster*", "pod:cluster* node:cluster* outside:cluster*"]


def test_what_filter_refuses_does_not_come_to_ipvs() -> None:
    sets = CLUSTER_IPS + "create KUBE-IPVS-IPS hash:ip family inet\nadd KUBE-IPVS-IPS 10.96.0.1\n"
    rule = "-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT"
    filter_ = ["*filter", ":INPUT ACCEPT [0:0]", ":KUBE-IPVS-FILTER - [0:0]", "-A INPUT -j KUBE-IPVS-FILTER", rule, "COMMIT"]
    served, gone = (only(node([], filter_=filter_), sets, ipvs) for ipvs in (HTTP.format(scheduler="rr"), ""))

    assert met(served) == {"cluster_ip": "pod:reject node:cluster outside:reject"}
    assert met(gone) == {"cluster_ip": "pod:reject node:reject outside:reject"}


def test_a_target_of_filter_that_is_not_known_makes_the_answer_unknown() -> None:
    filter_ = ["*filter", ":INPUT ACCEPT [0:0]", ":KUBE-IPVS-FILTER - [0:0]", "-A INPUT -j KUBE-IPVS-FILTER"]
    rule = "-A KUBE-IPVS-FILTER -m set --match-set SOMETHING src -j NFQUEUE"
    port = only(node([], filter_=[*filter_, rule, "COMMIT"]), CLUSTER_IPS, HTTP.format(scheduler="rr"))

    assert met(port) == {"cluster_ip": "pod:unknown node:cluster outside:unknown"}
    assert [what.english() for what in port.routes[0].sources["pod"].depends_on] == ["what target NFQUEUE does is not known"]


def test_chance_may_keep_packets_from_ipvs() -> None:
    filter_ = ["*filter", ":INPUT ACCEPT [0:0]", ":KUBE-IPVS-FILTER - [0:0]", "-A INPUT -j KUBE-IPVS-FILTER"]
    rule = "-A KUBE-IPVS-FILTER -m statistic --mode random --probability 0.25 -j DROP"
    port = only(node([], filter_=[*filter_, rule, "COMMIT"]), CLUSTER_IPS, HTTP.format(scheduler="rr"))
    shares = [answer.falls_through for answer in port.routes[0].sources.values()]

    assert {"cluster_ip": INSIDE.replace("*", "")} == met(port)
    assert [share and share.fraction() for share in shares] == ["1/4", None, "1/4"]


def test_ipv6_has_sets_of_other_names() -> None:
    rules = [line.replace("KUBE-CLUSTER-IP", "KUBE-6-CLUSTER-IP") for line in (*MARKING, ACCEPT)]
    own = "-A KUBE-SERVICES ! -s fd00:10:244::/56 -m set --match-set KUBE-6-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ"
    legacy = "-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT"
    dump = ruleset("*nat", *HOOKS, *OWN, *JUMPS, own, *rules, legacy, "COMMIT").dumps[0]
    sets = (
        "create KUBE-6-CLUSTER-IP hash:ip,port family inet6\nadd KUBE-6-CLUSTER-IP fd00:10:96::1,tcp:443\n"
        "create KUBE-6-LOAD-BALANCER-SOURCE-CID hash:ip,port,net family inet6\n" + CLUSTER_IPS
    )
    port = only(
        dump,
        sets,
        "-A -t [fd00:10:96::1]:443 -s rr\n-a -t [fd00:10:96::1]:443 -r [fd00:10:244::9]:6443 -m -w 1\n" + HTTP.format(scheduler="rr"),
    )

    assert met(port) == {"cluster_ip": INSIDE}
    assert [end.address for end in port.endpoint_sets["cluster"]] == ["[fd00:10:244::9]:6443"]


def test_rule_lines_alone_are_walked_from_kube_services_on() -> None:
    dump = ruleset(ACCEPT.replace("ACCEPT", "KUBE-MARK-MASQ"), "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000").dumps[0]
    port = only(dump, CLUSTER_IPS, HTTP.format(scheduler="rr"))

    assert met(port) == {"cluster_ip": MARKED}
