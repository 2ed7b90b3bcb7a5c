"""Services of dumps that no kube-proxy writes: broken, edited, stripped, mixed, huge. They are told as they act."""

from __future__ import annotations

import json
import re
import time
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.services import services
from iptexplain.api import load
from iptexplain.owners.kube_proxy.names import endpoint_hash, service_hash
from iptexplain.render import services_json
from tests.checkout import ROOT
from tests.command import CLASSIC, Json, services_in, services_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BUILT_IN = {"nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"), "filter": ("INPUT", "FORWARD", "OUTPUT")}
HOOKED = ("-A PREROUTING -j KUBE-SERVICES", "-A OUTPUT -j KUBE-SERVICES")
MASQUERADE = "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000"
IP = "10.96.0.10"
SVC = f"KUBE-SVC-{service_hash('shop/web', 'TCP')}"
PLACE = f'-A KUBE-SERVICES -d {IP}/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j {SVC}'
REFUSED = f'-A KUBE-SERVICES -d {IP}/32 -p tcp -m comment --comment "shop/web has no endpoints" -m tcp --dport 80 -j'
NOTHING = {"action": "none", "endpoint_set": None, "masquerade": False}
SERVED = {"action": "dnat", "endpoint_set": "cluster", "masquerade": False}


def table(name: str, rules: Iterable[str], declared: Iterable[str] = ()) -> str:
    """A table of these rules; the chains that have rules are declared, and those in `declared`."""
    rules = list(rules)
    chains = dict.fromkeys([*(rule.split()[1] for rule in rules), *declared])
    own = [f":{chain} - [0:0]" for chain in chains if chain not in BUILT_IN[name]]
    return "\n".join([f"*{name}", *(f":{chain} ACCEPT [0:0]" for chain in BUILT_IN[name]), *own, *rules, "COMMIT", ""])


def nat(*rules: str, before: Sequence[str] = (), hooked: Sequence[str] = HOOKED, declared: Iterable[str] = ()) -> str:
    """A nat table with the Service port shop/web and these rules; `before` stand before what leads to KUBE-SERVICES."""
    return table("nat", [*before, *hooked, MASQUERADE, PLACE, *rules], declared)


def sep(endpoint: str) -> str:
    return f"KUBE-SEP-{endpoint_hash('shop/web', 'TCP', endpoint)}"


def draw(endpoint: str, probability: str | None = None) -> str:
    """The rule that chooses an endpoint."""
    statistic = f"-m statistic --mode random --probability {probability} " if probability else ""
    return f"-A {SVC} {statistic}-j {sep(endpoint)}"


def dnat(endpoint: str) -> str:
    return f"-A {sep(endpoint)} -p tcp -m tcp -j DNAT --to-destination {endpoint}"


A, B = "10.244.0.1:8080", "10.244.0.2:8080"
WORKING = (draw(A, "0.50000000000"), draw(B), dnat(A), dnat(B))


def only(dump: str) -> Json:
    """The one Service port of a dump."""
    (port,) = services_of(dump)["service_ports"]
    found: Json = port
    return found


def met(port: Json, kind: str = "cluster_ip") -> Json:
    """What each source meets at the one route of a kind."""
    (route,) = port["routes"][kind]
    found: Json = route["from"]
    return found


def chances(port: Json) -> dict[str, float]:
    return {endpoint["address"]: endpoint["probability"] for endpoint in port["endpoint_sets"]["cluster"]}


def test_the_small_dump_of_these_tests_works() -> None:
    port = only(nat(*WORKING))

    assert met(port) == dict.fromkeys(("pod", "node", "outside"), SERVED)
    assert chances(port) == {A: 0.5, B: 0.5}
    assert (port["name"], port["name_verified"], port["chains"]) == ("web", True, [SVC])


# ---- shares ------------------------------------------------------------------------------------------------------------


def test_a_last_rule_with_a_probability_lets_some_traffic_past_all_endpoints() -> None:
    port = only(nat(draw(A, "0.50000000000"), draw(B, "0.50000000000"), dnat(A), dnat(B)))

    assert chances(port) == {A: 0.5, B: 0.25}
    assert met(port)["pod"] == SERVED | {"falls_through": 0.25}


def test_a_threshold_is_the_k_of_the_endpoints_own_rule() -> None:
    endpoints = only(nat(*WORKING))["endpoint_sets"]["cluster"]

    assert [(e["threshold"], e["fraction"]) for e in endpoints] == [(1 << 30, "1/2"), (None, "1/2")]


def test_a_probability_of_zero_never_chooses_its_endpoint() -> None:
    port = only(nat(draw(A, "0.00000000000"), draw(B), dnat(A), dnat(B)))

    assert chances(port) == {B: 1.0}


def test_a_service_whose_only_endpoint_is_never_chosen_does_nothing() -> None:
    port = only(nat(draw(A, "0.00000000000"), dnat(A)))

    assert chances(port) == {}
    assert met(port) == dict.fromkeys(("pod", "node", "outside"), NOTHING)


def test_an_endpoint_that_two_rules_choose_has_the_sum_of_both() -> None:
    """As after an edit by hand: half of the traffic, and half of the rest."""
    port = only(nat(draw(A, "0.50000000000"), draw(B, "0.50000000000"), draw(A), dnat(A), dnat(B)))

    assert chances(port) == {A: 0.75, B: 0.25}


def test_an_endpoint_chain_without_rules_lets_its_share_go_on_to_the_next_rule() -> None:
    port = only(nat(draw(A, "0.50000000000"), draw(B), dnat(B), declared=[sep(A)]))

    assert chances(port) == {B: 1.0}
    assert met(port)["pod"] == SERVED


def test_masquerading_depends_on_who_sends() -> None:
    mark = f'-A {SVC} ! -s 10.244.0.0/16 -d {IP}/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'

    masquerading = ["-A POSTROUTING -j KUBE-POSTROUTING", "-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE"]

    assert met(only(nat(mark, *WORKING, *masquerading))) == {
        "pod": SERVED,
        "node": SERVED | {"masquerade": True},
        "outside": SERVED | {"masquerade": True},
    }


def test_a_mark_that_nothing_masquerades_does_not_masquerade() -> None:
    mark = f'-A {SVC} ! -s 10.244.0.0/16 -d {IP}/32 -p tcp -m comment --comment "shop/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'
    unused = ["-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE"]

    for rules in ([mark, *WORKING], [mark, *WORKING, *unused]):
        assert met(only(nat(*rules))) == dict.fromkeys(("pod", "node", "outside"), SERVED)


def test_five_thousand_endpoints_have_the_right_shares_in_little_time_and_space() -> None:
    count = 5000
    rules, wanted, left = [], [], 1.0
    for number in range(count):
        endpoint = f"10.{64 + number // 250 // 250}.{number // 250 % 250}.{number % 250}:80"
        k = round((1 << 31) / (count - number))
        last = number == count - 1
        rules += [draw(endpoint, None if last else f"{k / (1 << 31):.11f}"), dnat(endpoint)]
        wanted.append(left if last else left * k / (1 << 31))
        left *= 1 - k / (1 << 31)
    dump = nat(*rules)
    start = time.monotonic()
    text = services_json.document([((found := load(dump.encode())), services(found))])
    took = time.monotonic() - start
    (port,) = json.loads(text)["service_ports"]
    endpoints = port["endpoint_sets"]["cluster"]

    assert took < 10
    assert len(text) < 300 * count
    assert [e["probability"] for e in endpoints] == pytest.approx(wanted, rel=1e-9)
    assert [e["probability"] for e in endpoints] == pytest.approx([1 / count] * count, rel=1e-4)
    assert endpoints[0]["fraction"] is not None
    assert {e["fraction"] for e in endpoints[20:]} == {None}
    assert all(len(e["fraction"]) <= 101 for e in endpoints if e["fraction"])
    (exact,) = services(load(dump.encode()))[0].ports
    shares = [e.share for e in exact.endpoint_sets["cluster"] if e.share is not None]
    deepest = max(share.exponent for share in shares)
    assert sum(share.numerator << deepest - share.exponent for share in shares) == 1 << deepest


# ---- broken chains -----------------------------------------------------------------------------------------------------


def test_a_jump_to_a_chain_that_is_not_there_is_unknown_and_says_which() -> None:
    port = only(nat())

    assert port["endpoint_sets"] == {"cluster": [], "local": []}
    for answer in met(port).values():
        assert (answer["action"], answer["endpoint_set"]) == ("unknown", None)
        assert any(SVC in reason for reason in answer["depends_on"])


@pytest.mark.parametrize(("there", "missing"), [(A, B), (B, A)])
def test_a_missing_endpoint_chain_is_named_whichever_it_is(there: str, missing: str) -> None:
    port = only(nat(draw(A, "0.50000000000"), draw(B), dnat(there)))

    assert chances(port) == {there: 0.5}
    for answer in met(port).values():
        assert any(sep(missing) in reason for reason in answer.get("depends_on", ())), answer


@pytest.mark.parametrize(("there", "missing"), [(A, B), (B, A)])
def test_a_missing_endpoint_chain_is_not_a_way_past_all_endpoints(there: str, missing: str) -> None:
    """Nobody can say what happens to the share that goes there: it does not fall through as it would in a chain without rules."""
    port = only(nat(draw(A, "0.50000000000"), draw(B), dnat(there)))

    assert missing not in chances(port)
    assert [answer["action"] for answer in met(port).values() if "falls_through" in answer] == []


@pytest.mark.parametrize("back", [SVC, "KUBE-SERVICES"])
def test_a_loop_is_unknown_and_says_where(back: str) -> None:
    for answer in met(only(nat(f"-A {SVC} -j {back}"))).values():
        assert answer["action"] == "unknown"
        assert any(f"{back} calls itself" in reason for reason in answer["depends_on"])


def test_a_loop_behind_one_endpoint_leaves_the_other_its_share() -> None:
    port = only(nat(draw(A, "0.50000000000"), f"-A {SVC} -j {SVC}", dnat(A)))

    assert chances(port) == {A: 0.5}


@pytest.mark.parametrize("target", ["STRANGE --how", "NOWHERE"])
def test_what_filter_does_is_unknown_with_a_reason_too(target: str) -> None:
    dump = table("filter", ["-A FORWARD -j KUBE-SERVICES", f"{REFUSED} {target}"])
    answers = met(only(dump))

    assert {name: answer["action"] for name, answer in answers.items()} == {"pod": "unknown", "node": "none", "outside": "unknown"}
    assert any(target.partition(" ")[0] in reason for reason in answers["pod"].get("depends_on", ()))


# ---- rules of others ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["ACCEPT", "RETURN", "DNAT --to-destination 192.0.2.1:81"])
@pytest.mark.parametrize("match", ["-m set --match-set blocked src", "-m nobody-knows --this 1"])
def test_a_match_that_is_not_known_before_kube_services_is_a_question(match: str, verdict: str) -> None:
    port = only(nat(*WORKING, before=[f"-A PREROUTING {match} -j {verdict}"]))
    answers = met(port)

    assert answers["node"] == SERVED
    assert chances(port) == {A: 0.5, B: 0.5}
    for source in ("pod", "outside"):
        assert answers[source]["action"] == "unknown", answers[source]
        assert any(match in reason for reason in answers[source]["depends_on"])


def test_a_match_that_is_not_known_does_not_matter_where_both_ways_lead_to_the_same() -> None:
    port = only(nat(*WORKING, before=["-A PREROUTING -m set --match-set blocked src -j KUBE-SERVICES"]))

    assert met(port) == dict.fromkeys(("pod", "node", "outside"), SERVED)
    assert chances(port) == {A: 0.5, B: 0.5}


def test_a_target_that_is_not_known_is_a_question() -> None:
    answers = met(only(nat(*WORKING, before=["-A PREROUTING -p tcp -j STRANGE --how 1"])))

    assert (answers["pod"]["action"], answers["node"]) == ("unknown", SERVED)
    assert any("STRANGE" in reason for reason in answers["pod"]["depends_on"])


def test_a_dnat_of_somebody_else_before_kube_services_is_told_as_such() -> None:
    port = only(nat(*WORKING, before=[f"-A PREROUTING -d {IP}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.0.2.1:81"]))

    assert met(port) == {"pod": SERVED | {"endpoint_set": None}, "node": SERVED, "outside": SERVED | {"endpoint_set": None}}
    assert chances(port) == {A: 0.5, B: 0.5}


@pytest.mark.parametrize(
    "rule",
    [
        "-A PREROUTING -d 10.96.0.11/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.0.2.1:81",
        "-A PREROUTING -p udp -j DNAT --to-destination 192.0.2.1",
        "-A PREROUTING -m addrtype --dst-type LOCAL -j RETURN",
        "-A PREROUTING -i lo -j RETURN",
        "-A PREROUTING -j LOG --log-prefix all",
    ],
)
def test_a_rule_for_other_traffic_changes_nothing(rule: str) -> None:
    port = only(nat(*WORKING, before=[rule]))

    assert met(port) == dict.fromkeys(("pod", "node", "outside"), SERVED)


def test_chains_that_nothing_leads_to_do_nothing() -> None:
    port = only(nat(*WORKING, hooked=()))

    assert met(port) == dict.fromkeys(("pod", "node", "outside"), NOTHING)
    assert port["endpoint_sets"] == {"cluster": [], "local": []}
    assert (port["has_endpoints"], port["chains"]) == (True, [SVC])


def test_chains_that_only_the_node_comes_to_serve_only_the_node() -> None:
    assert met(only(nat(*WORKING, hooked=HOOKED[1:]))) == {"pod": NOTHING, "node": SERVED, "outside": NOTHING}


# ---- names -------------------------------------------------------------------------------------------------------------


def stripped(text: str) -> str:
    return re.sub(r' -m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)', "", text)


def test_without_any_comment_the_hash_is_all_that_is_known() -> None:
    (port,) = services_of(stripped(whole([CLASSIC])))["service_ports"]
    (named,) = services_in(CLASSIC)["service_ports"]
    names = ("namespace", "name", "port_name", "service_port_name")

    assert [port[name] for name in names] == [""] * 4
    assert (port["name_source"], port["name_verified"]) == ("none", False)
    assert {k: v for k, v in port.items() if k not in {*names, "file", "name_source", "name_verified"}} == {
        k: v for k, v in named.items() if k not in {*names, "file", "name_source", "name_verified"}
    }


def places(port: Json) -> list[tuple[str | None, int, str]]:
    """Where a Service port listens, whatever kind of place that is."""
    return [(route["dst"], route["dport"], port["protocol"]) for routes in port["routes"].values() for route in routes]


@pytest.mark.parametrize("sample", ["external-access", "local-policies", "mixed-cluster", "ipv6"])
def test_without_any_comment_traffic_is_told_the_same(sample: str) -> None:
    name = f"samples/kube-proxy/{sample}.save"
    document = services_of(stripped(whole([name])))
    hashed = [port for port in document["service_ports"] if port["hash"]]
    found = {(port["hash"], port["protocol"]): port for port in hashed}

    assert len(found) == len(hashed)
    assert list(found) == sorted(found, key=lambda key: (key[1], key[0]))
    # what is refused has no chain, and so no hash: such a place is told by itself
    named = {place for port in services_in(name)["service_ports"] for place in places(port)}
    assert named == {place for port in document["service_ports"] for place in places(port)}
    nameless = [port for port in document["service_ports"] if not port["hash"]]
    assert {action["action"] for port in nameless for way in port["routes"].values() for r in way for action in r["from"].values()} <= {
        "reject",
        "drop",
        "none",
    }
    for port in services_in(name)["service_ports"]:
        if not port["chains"]:
            continue
        bare = found[port["hash"], port["protocol"]]

        assert bare["endpoint_sets"] == port["endpoint_sets"]
        assert bare["node_port"] == port["node_port"]
        for kind, routes in port["routes"].items():
            kinds = ("external_ip", "load_balancer") if kind in {"external_ip", "load_balancer"} else (kind,)
            answers = {(r["dst"], r["dport"]): r["from"] for other in kinds for r in bare["routes"][other]}
            for route in routes:
                if any(answer["action"] == "dnat" for answer in route["from"].values()):
                    theirs = answers[route["dst"], route["dport"]]
                    assert {source: theirs.get(source) for source in ("pod", "node")} == {
                        source: route["from"][source] for source in ("pod", "node")
                    }


def test_a_name_that_does_not_fit_its_chains_is_shown_but_not_verified() -> None:
    port = only(nat(*WORKING).replace("shop/web cluster IP", "shop/other cluster IP"))

    assert (port["name"], port["name_source"], port["name_verified"]) == ("other", "comment", False)
    assert port["hash"] == SVC.rpartition("-")[2]
    assert met(port)["pod"] == SERVED


def test_comments_in_some_places_are_enough_for_a_name() -> None:
    text = whole(["samples/kube-proxy/local-policies.save"])
    lines = [line if line.startswith("-A KUBE-NODEPORTS") else stripped(line) for line in text.splitlines()]
    named = {port["hash"] for port in services_of("\n".join(lines) + "\n")["service_ports"] if port["name"]}
    ports = [port for port in services_in("samples/kube-proxy/local-policies.save")["service_ports"] if port["has_endpoints"]]

    assert named >= {port["hash"] for port in ports if port["node_port"]}


# ---- parts and sums of dumps -------------------------------------------------------------------------------------------


def unplaced(port: Json) -> Json:
    """A Service port without what says where in which file it stands."""
    drop = {"line", "file", "dump"}
    text = json.dumps({k: v for k, v in port.items() if k not in drop})
    found: Json = json.loads(text, object_hook=lambda o: {k: v for k, v in o.items() if k not in drop})
    return found


UNTOLD: Json = {"chains": [], "internal_traffic_policy": None}
"""What rule lines alone need not tell: declarations, and what depends on the version."""


@pytest.mark.parametrize("words", [("default/nginx",), ("nginx", "KUBE-MARK-MASQ"), ("KUBE-",)])
def test_rule_lines_alone_are_told_like_the_whole_dump(words: tuple[str, ...]) -> None:
    """As pasted from `iptables-save | grep nginx`."""
    lines = [line for line in whole([CLASSIC]).splitlines() if line.startswith("-A") and any(word in line for word in words)]
    document = services_of("\n".join(lines) + "\n")
    (port,), (wanted,) = document["service_ports"], services_in(CLASSIC)["service_ports"]

    assert unplaced(port) | UNTOLD == unplaced(wanted) | UNTOLD
    assert any("*table" in warning["message"] for warning in document["warnings"])


def test_rule_lines_with_a_node_port_alone_are_told_like_the_whole_dump() -> None:
    name = "samples/kube-proxy/local-policies.save"
    wanted = next(port for port in services_in(name)["service_ports"] if port["name"] == "ext-local-some")
    service = (wanted["service_port_name"], wanted["hash"], "-j KUBE-NODEPORTS")
    lines = [line for line in whole([name]).splitlines() if line.startswith("-A") and any(word in line for word in service)]
    (port,) = services_of("\n".join(lines) + "\n")["service_ports"]

    assert unplaced(port) | UNTOLD == unplaced(wanted) | UNTOLD


def test_two_dumps_in_one_file_are_each_read_by_itself() -> None:
    folder = "tests/data/kube-proxy/1.30.3/"
    names = [f"{folder}h-dual-stack.{family}.save" for family in ("v4", "v6")]
    both, (four, six) = services_of(whole(names)), (services_in(name) for name in names)
    (entry,) = both["inputs"]

    assert [(dump["family"], dump["complete"]) for dump in entry["dumps"]] == [("ipv4", True), ("ipv6", True)]
    assert [(proxy["dump"], proxy["family"]) for proxy in both["proxy"]] == [(0, "ipv4"), (1, "ipv6")]
    for number, alone in enumerate((four, six)):
        found = [unplaced(port) for port in both["service_ports"] if port["dump"] == number]
        assert found == [unplaced(port) for port in alone["service_ports"]]
    keys = [tuple(p[k] for k in ("namespace", "name", "port_name", "protocol", "family")) for p in both["service_ports"]]
    assert keys == sorted(keys)
    assert len({key[:4] for key in keys}) < len(keys)


def test_lines_in_a_second_dump_are_those_of_the_file() -> None:
    folder = "tests/data/kube-proxy/1.30.3/"
    text = whole([f"{folder}h-dual-stack.{family}.save" for family in ("v4", "v6")])
    lines = text.splitlines()
    for port in services_of(text)["service_ports"]:
        for endpoint in port["endpoint_sets"]["cluster"]:
            assert f"--to-destination {endpoint['address']}" in lines[endpoint["line"] - 1]


def test_a_dump_twice_in_a_file_is_two_dumps() -> None:
    ports = services_of(whole([CLASSIC, CLASSIC]))["service_ports"]

    assert [port["dump"] for port in ports] == [0, 1]
    assert unplaced(ports[0]) == unplaced(ports[1])


def test_the_order_of_the_tables_does_not_matter() -> None:
    text = whole(["samples/kube-proxy/external-access.save"])
    tables = re.findall(r"^\*.*?^COMMIT\n", text, re.MULTILINE | re.DOTALL)
    header = text.split("\n", 1)[0] + "\n"
    turned = services_of(header + "".join(reversed(tables)))
    wanted = services_in("samples/kube-proxy/external-access.save")

    assert [unplaced(port) for port in turned["service_ports"]] == [unplaced(port) for port in wanted["service_ports"]]


def test_the_order_of_kube_services_does_not_matter() -> None:
    """kube-proxy writes it in the random order of a Go map; only the jump to KUBE-NODEPORTS stays last."""
    name = "samples/kube-proxy/external-access.save"
    lines = whole([name]).splitlines()
    at = [n for n, line in enumerate(lines) if line.startswith("-A KUBE-SERVICES -d") and n > lines.index("*nat")]
    for place, line in zip(at, [lines[n] for n in reversed(at)], strict=True):
        lines[place] = line
    turned = services_of("\n".join(lines) + "\n")

    assert [unplaced(port) for port in turned["service_ports"]] == [unplaced(port) for port in services_in(name)["service_ports"]]


def test_a_fraction_is_the_probability() -> None:
    for endpoint in only(nat(*WORKING))["endpoint_sets"]["cluster"]:
        assert float(Fraction(endpoint["fraction"])) == endpoint["probability"]


def test_rules_for_lists_of_other_ports_before_kube_proxys_leave_its_services_as_they_are() -> None:
    text = (ROOT / "samples/kube-proxy/external-access.save").read_text("utf-8")
    mapped = "-A PREROUTING -p tcp -m multiport --dports 7001,7002,7100:7110 -j DNAT --to-destination 192.168.1.9\n-A PREROUTING"
    plain, other = (services(load(one.encode()))[0].ports for one in (text, text.replace("-A PREROUTING", mapped, 1)))

    assert [[route.sources for route in port.routes] for port in other] == [[route.sources for route in port.routes] for port in plain]
