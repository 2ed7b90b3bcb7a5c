"""The Services of every fixture against the objects that kube-proxy was given.

`NAME.expected.json` was computed from those objects, never from a dump. Both sides are brought into one form, and what no dump can tell is
left out of both: for a Service port without endpoints what separates an external IP from a load balancer's, its policies, affinity and
source ranges.
"""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.services import services
from iptexplain.api import load
from tests.checkout import ROOT
from tests.command import FIXTURES, SAMPLES, Json, services_in

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("cluster_ip", "external_ip", "load_balancer", "node_port")
OUTSIDE = {"external_ip", "load_balancer"}
DETECTORS = {"ClusterCIDR": "cluster-cidr", "BridgeInterface": "bridge-interface", "InterfaceNamePrefix": "interface-prefix", "None": None}
PLAIN = ("namespace", "name", "port_name", "service_port_name", "protocol", "hash", "cluster_ip", "port", "node_port")
SERVED = ("external_ips", "load_balancer_ips", "external_traffic_policy", "internal_traffic_policy")
REACHED = ("session_affinity", "session_affinity_timeout_seconds", "source_ranges")
NEAR = 1e-6


def truth_of(dump: str) -> Json:
    """What belongs to a dump: `a.v4.save`, `a.legacy.v4.counters.save` → `a.expected.json`."""
    path = ROOT / dump
    truth: Json = json.loads((path.parent / f"{path.name.partition('.')[0]}.expected.json").read_text("utf-8"))
    return truth


def family_of(dump: str) -> str:
    return "IPv6" if ".v6." in dump else "IPv4"


@cache
def expected(dump: str) -> tuple[Json, ...]:
    return tuple(truth_of(dump)["families"][family_of(dump)]["service_ports"])


def key(port: Json) -> tuple[str, str, str, str]:
    return port["namespace"], port["name"], port["port_name"], port["protocol"]


def routes(port: Json) -> Iterator[tuple[str, Json]]:
    return ((kind, route) for kind in KINDS for route in port["routes"][kind])


def sets_used(port: Json) -> set[str]:
    """The endpoint sets that some route reaches: no others can be seen in a dump."""
    return {answer["endpoint_set"] for _, route in routes(port) for answer in route["from"].values() if answer.get("endpoint_set")}


def meeting(answer: Json) -> Json:
    """What a source meets, in the words of our document."""
    made = {"action": answer["action"], "endpoint_set": answer.get("endpoint_set"), "masquerade": answer.get("masquerade", False)}
    if answer.get("masquerade_only_for"):
        made["masquerade"] = False  # it depends on the endpoint (the node's own), so it does not hold for all of them
    if answer.get("effect", answer.get("kernel_verdict")) == "none":
        made["effect"] = "none"
    return made


def places(port: Json) -> Json:
    """What is met where: kind, address and port → source → answer."""
    served = port["has_endpoints"]
    found: Json = {}
    for kind, route in routes(port):
        label = kind if served or kind not in OUTSIDE else "outside"
        dst = "any" if route["dst"] is None or route.get("dst_any_local") or (kind == "node_port" and not served) else route["dst"]
        sources = {name: meeting(answer) for name, answer in route["from"].items() if served or name != "outside_allowed"}
        found[f"{label} {dst} {route['dport']}"] = sources
    return found


def facts(port: Json) -> Json:
    """Everything about a Service port that both sides can tell, except for its endpoints."""
    served, used = port["has_endpoints"], sets_used(port)
    found = {name: port[name] for name in PLAIN}
    found |= {"health_check_node_port": port["health_check_node_port"], "has_endpoints": served}
    found |= {"sets": sorted(used), "routes": places(port)}
    if served:
        found |= {name: tidy(port[name]) for name in SERVED}
    else:
        found["outside"] = sorted([*port["external_ips"], *port["load_balancer_ips"]])
    return found | {name: tidy(port[name]) for name in REACHED if used}


def tidy(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return sorted(value) if isinstance(value, list) else value


def chains_declared(dump: str, hash_: str) -> list[str]:
    words = (line.split()[0][1:] for line in (ROOT / dump).read_text("utf-8").splitlines() if line.startswith(":"))
    kinds = tuple(f"KUBE-{kind}-{hash_}" for kind in ("SVC", "SVL", "EXT", "FW", "XLB"))
    return sorted(word for word in words if word in kinds)


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) > 40
    assert {Path(dump).parent.name for dump in FIXTURES} == {"1.24.3", "1.25.4", "1.28.3", "1.30.3"}


@pytest.mark.parametrize("dump", FIXTURES)
def test_every_service_port_is_told_as_it_was_made(dump: str) -> None:
    found = {key(port): facts(port) for port in services_in(dump)["service_ports"]}

    assert found == {key(port): facts(port) for port in expected(dump)}


@pytest.mark.parametrize("dump", FIXTURES)
def test_every_name_is_from_a_comment_and_fits_its_chains(dump: str) -> None:
    for port in services_in(dump)["service_ports"]:
        assert (port["name_source"], port["name_verified"]) == ("comment", True)
        assert port["chains"] == chains_declared(dump, port["hash"])


@pytest.mark.parametrize("dump", FIXTURES)
def test_every_endpoint_is_found_with_its_probability_chain_and_line(dump: str) -> None:
    lines = (ROOT / dump).read_text("utf-8").splitlines()
    found = {key(port): port for port in services_in(dump)["service_ports"]}
    for port in expected(dump):
        used = sets_used(port)
        for name, endpoints in port["endpoint_sets"].items():
            got = found[key(port)]["endpoint_sets"][name]
            wanted = sorted(endpoints, key=lambda endpoint: str(endpoint["address"])) if name in used else []
            same = ("address", "ip", "port", "chain")

            assert [[e[k] for k in same] for e in got] == [[e[k] for k in same] for e in wanted]
            assert [e["probability"] for e in got] == pytest.approx([e["probability"] for e in wanted], rel=NEAR)
            for endpoint in got:
                assert f"-A {endpoint['chain']} " in lines[endpoint["line"] - 1]
                assert f"--to-destination {endpoint['address']}" in lines[endpoint["line"] - 1]


@pytest.mark.parametrize("dump", FIXTURES)
def test_the_chances_of_a_set_sum_to_exactly_one(dump: str) -> None:
    for found in services(load(ROOT / dump)):
        for port in found.ports:
            for endpoints in port.endpoint_sets.values():
                shares = [e.share for e in endpoints if e.share is not None]
                exact = [Fraction(share.numerator, 1 << share.exponent) for share in shares]

                assert len(endpoints) == len(shares)
                assert not endpoints or sum(exact) == 1
                for chance, share in zip(exact, shares, strict=True):
                    written = share.fraction()
                    assert written is None or Fraction(written) == chance
                    assert float(chance) == float(share)


@pytest.mark.parametrize("dump", FIXTURES)
def test_few_endpoints_have_a_fraction(dump: str) -> None:
    for port in services_in(dump)["service_ports"]:
        for endpoints in port["endpoint_sets"].values():
            fractions = [endpoint["fraction"] for endpoint in endpoints]

            assert len(endpoints) > 4 or None not in fractions
            assert None in fractions or not fractions or sum(map(Fraction, fractions)) == 1


@pytest.mark.parametrize("dump", FIXTURES)
def test_the_line_of_a_route_is_a_rule_for_it(dump: str) -> None:
    lines = (ROOT / dump).read_text("utf-8").splitlines()
    for port in services_in(dump)["service_ports"]:
        for kind, route in routes(port):
            line = lines[route["line"] - 1]

            assert f"--dport {route['dport']} " in line
            assert kind == "node_port" or f"-d {route['dst']}/" in line
            assert f'"{port["service_port_name"]}' in line
            if not line.endswith(tuple(port["chains"])) or not port["chains"]:  # a rule of filter: then nothing in nat leads on from there
                top = ("-A KUBE-NODEPORTS ",) if kind == "node_port" else (f"-A KUBE-SERVICES -d {route['dst']}/",)
                places = [other for other in lines if other.startswith(top) and f" --dport {route['dport']} " in other]
                assert [other for other in places if f" -p {port['protocol'].lower()} " in other and "-j KUBE-" in other] == []


@pytest.mark.parametrize("dump", FIXTURES)
def test_service_ports_are_sorted_and_none_comes_twice(dump: str) -> None:
    keys = [key(port) for port in services_in(dump)["service_ports"]]

    assert keys == sorted(set(keys))


@pytest.mark.parametrize("dump", FIXTURES)
def test_the_proxy_is_told_as_it_was_set_up(dump: str) -> None:
    truth, document = truth_of(dump), services_in(dump)
    there, config = truth["families"][family_of(dump)], truth["proxy_config"]
    minor = int(truth["kubernetes_version"].split(".")[1])
    kind, _, value = (there["local_detector"] or "None").partition(":")
    (proxy,) = document["proxy"]
    low, high = (proxy["kubernetes"][end] for end in ("min", "max"))

    assert (proxy["file"], proxy["dump"], proxy["family"]) == (dump, 0, family_of(dump).lower())
    assert (proxy["mode"], proxy["large_cluster"], proxy["random_fully"]) == ("iptables", there["large_cluster_mode"], True)
    assert proxy["masquerade_mark"] == f"{1 << config['masqueradeBit']:#x}"
    assert proxy["masquerade_all"] is config["masqueradeAll"]
    if not config["masqueradeAll"] or proxy["local_detector"]["kind"] is not None:  # with --masquerade-all few rules show the detector
        assert proxy["local_detector"] == {"kind": DETECTORS[kind], "value": value or None}
    assert low is not None
    assert int(low.split(".")[1]) <= minor
    assert high is None or int(high.split(".")[1]) >= minor


@pytest.mark.parametrize("dump", FIXTURES)
def test_the_input_is_described(dump: str) -> None:
    document, text = services_in(dump), (ROOT / dump).read_text("utf-8").splitlines()
    (entry,) = document["inputs"]
    (found,) = entry["dumps"]

    assert document["warnings"] == []
    assert found["family"] == family_of(dump).lower()
    assert found["backend"] == ("legacy" if ".legacy." in dump else "nft")
    assert (found["iptables_version"], found["complete"]) == ("1.8.9", True)
    assert found["tables"] == [line[1:] for line in text if line.startswith("*")]
    assert found["chains"] == sum(line.startswith(":") for line in text)
    assert found["rules"] == sum(line.startswith(("-A ", "[")) for line in text)
    assert abs(found["lines"] - len(text)) <= 1


@pytest.mark.parametrize("sample", SAMPLES)
def test_source_classes_are_those_of_the_contract(sample: str) -> None:
    for port in services_in(sample)["service_ports"]:
        for kind, route in routes(port):
            fourth = {"outside_allowed"} if kind == "load_balancer" and port["source_ranges"] else set()

            assert set(route["from"]) == {"pod", "node", "outside"} | fourth


@pytest.mark.parametrize("sample", SAMPLES)
def test_nothing_is_told_of_policies_where_nothing_is_served(sample: str) -> None:
    told = ("session_affinity", "session_affinity_timeout_seconds", "internal_traffic_policy", "external_traffic_policy")
    for port in services_in(sample)["service_ports"]:
        if not port["has_endpoints"]:
            assert [port[name] for name in told] == [None] * 4
            assert (port["source_ranges"], port["endpoint_sets"]) == ([], {"cluster": [], "local": []})


@pytest.mark.parametrize("sample", SAMPLES)
def test_addresses_of_a_service_port_are_those_of_its_routes(sample: str) -> None:
    for port in services_in(sample)["service_ports"]:
        assert port["external_ips"] == list(dict.fromkeys(route["dst"] for route in port["routes"]["external_ip"]))
        assert port["load_balancer_ips"] == list(dict.fromkeys(route["dst"] for route in port["routes"]["load_balancer"]))
        assert {(route["dst"], route["dport"]) for route in port["routes"]["cluster_ip"]} == {(port["cluster_ip"], port["port"])}
