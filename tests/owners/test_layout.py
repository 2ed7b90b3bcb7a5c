from __future__ import annotations

import re

import pytest

from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.layout import Place
from iptexplain.owners.kube_proxy.names import PROTOCOLS, chain_names, endpoint_hash, endpoint_port, service_hash, spellings
from tests.command import FIXTURES, SAMPLES, whole

COMMENT = re.compile(r'^-A (?P<chain>\S+) .*?--comment "(?P<said>[^"]*)"')


@pytest.mark.parametrize(
    ("table", "chain", "said", "target", "expected"),
    [
        ("nat", "KUBE-SERVICES", "shop/web:http cluster IP", "SVC", Place("shop/web:http", layout.CLUSTER_IP)),
        ("nat", "KUBE-SERVICES", "shop/web: cluster IP", None, Place("shop/web:", layout.CLUSTER_IP)),
        ("nat", "KUBE-SERVICES", "shop/web external IP", "EXT", Place("shop/web", layout.EXTERNAL_IP)),
        ("nat", "KUBE-SERVICES", "shop/web loadbalancer IP", "FW", Place("shop/web", layout.LOAD_BALANCER)),
        ("nat", "KUBE-NODEPORTS", "shop/web:http", "EXT", Place("shop/web:http", layout.NODE_PORT)),
        ("nat", "KUBE-PORTALS-CONTAINER", "shop/web:http", None, Place("shop/web:http", layout.CLUSTER_IP)),
        ("nat", "KUBE-PORTALS-HOST", "portal for shop/web:", "SVC", Place("shop/web:", layout.CLUSTER_IP)),
        ("nat", "KUBE-NODEPORT-HOST", "shop/web:http", None, Place("shop/web:http", layout.NODE_PORT)),
        ("filter", "KUBE-SERVICES", "shop/web has no endpoints", None, Place("shop/web", layout.CLUSTER_IP)),
        ("filter", "KUBE-SERVICES", "shop/web has no local endpoints", None, Place("shop/web", layout.CLUSTER_IP)),
        ("filter", "KUBE-EXTERNAL-SERVICES", "shop/web has no endpoints", None, Place("shop/web", layout.OUTSIDE)),
        ("filter", "KUBE-EXTERNAL-SERVICES", "shop/web has no local endpoints", None, Place("shop/web", layout.OUTSIDE)),
        ("filter", "KUBE-NODEPORTS", "shop/web health check node port", None, Place("shop/web", layout.HEALTH_CHECK)),
    ],
)
def test_the_comment_of_a_rule_in_a_top_chain_says_whose_place_it_is_and_of_what_kind(
    table: str, chain: str, said: str, target: str | None, expected: Place
) -> None:
    assert expected == layout.place(table, chain, said, target)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("SVC", layout.CLUSTER_IP),
        ("SVL", layout.CLUSTER_IP),
        ("EXT", layout.OUTSIDE),
        ("FW", layout.LOAD_BALANCER),
        ("XLB", layout.OUTSIDE),
        (None, layout.CLUSTER_IP),
    ],
)
def test_without_a_comment_the_chain_that_a_rule_leads_to_says_the_kind(target: str | None, kind: str) -> None:
    assert Place(None, kind) == layout.place("nat", "KUBE-SERVICES", None, target)


@pytest.mark.parametrize(("table", "chain"), layout.TOP_CHAINS)
def test_every_top_chain_has_a_kind_for_rules_without_a_comment(table: str, chain: str) -> None:
    service_port, kind = layout.place(table, chain, None, None)

    assert service_port is None
    assert kind is not None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("shop/web", "shop/web"),
        ("shop/web:", "shop/web:"),
        ("shop/web:http", "shop/web:http"),
        ("shop/web:http -> 10.244.0.1:8080", "shop/web:http"),
        ("shop/web -> [fd00::1]:8080", "shop/web"),
        ("Balancing rule 0 for shop/web:http", "shop/web:http"),
        ("masquerade traffic for shop/web external destinations", "shop/web"),
        ("masquerade LOCAL traffic for shop/web: LB IP", "shop/web:"),
        ("route LOCAL traffic for shop/web:http LB IP to service chain", "shop/web:http"),
        ("pod traffic for shop/web external destinations", "shop/web"),
        ("other traffic to shop/web:http will be dropped by KUBE-PROXY-FIREWALL", "shop/web:http"),
        ("shop/web traffic not accepted by KUBE-FW-2CMXP7HKUVJN7L6M", "shop/web"),
        ("shop/web has no local endpoints", "shop/web"),
        ("Redirect pods trying to reach external loadbalancer VIP to clusterIP", None),
        ("kubernetes service portals", None),
        ("", None),
        ("/", None),
        ("/web", None),
        ("shop/", None),
        ("a/b/c", None),
        ("see https://shop.example/web", None),
        ("10.244.0.0/16", None),
        ("fd00:10:244::/56", None),
    ],
)
def test_the_comment_of_a_services_own_rule_names_it_if_any(said: str, expected: str | None) -> None:
    assert expected == layout.named_in(said)


@pytest.mark.parametrize("file", [*SAMPLES, *FIXTURES])
def test_what_kube_proxy_writes_in_a_services_own_chains_names_it(file: str) -> None:
    """The name in the comment gives the hash in the chain's name, in every version."""
    own = [found for line in whole([file]).splitlines() if (found := COMMENT.match(line)) and found["chain"].startswith(layout.OF_SERVICE)]
    named = [(found["chain"], name) for found in own if (name := layout.named_in(found["said"]))]

    assert [(chain, name) for chain, name in named if not any(chain in chain_names(name, protocol) for protocol in PROTOCOLS)] == []
    assert [found["said"] for found in own if not layout.named_in(found["said"])] == []


@pytest.mark.parametrize(
    ("said", "target", "expected"),
    [
        ("shop/web has no endpoints", "REJECT", True),
        ("shop/web has no local endpoints", "DROP", False),
        ("shop/web has no local endpoints", "REJECT", False),
        ("shop/web has no endpoints", "NOTHING", True),
        (None, "REJECT", True),
        (None, "DROP", False),
        (None, None, False),
    ],
)
def test_a_rule_for_a_service_without_endpoints_is_known(said: str | None, target: str | None, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert expected == layout.says_no_endpoints(said, target)


def test_every_kind_of_service_chain_begins_with_its_prefix_and_no_endpoints_does() -> None:
    *services, endpoint = chain_names("shop/web", "TCP", "10.0.0.1:80")

    assert [chain for chain in services if not chain.startswith(layout.OF_SERVICE)] == []
    assert (endpoint.startswith(layout.ENDPOINT), endpoint.startswith(layout.OF_SERVICE)) == (True, False)
    assert set(layout.ENDPOINT_SET) <= {chain[5:8] for chain in services}


@pytest.mark.parametrize(
    ("service_port", "expected"),
    [
        ("shop/web", ("shop/web", "shop/web:")),
        ("shop/web:", ("shop/web", "shop/web:")),
        ("shop/web:http", ("shop/web:http",)),
    ],
)
def test_only_a_port_without_a_name_has_two_spellings(service_port: str, expected: tuple[str, ...]) -> None:
    assert expected == spellings(service_port)


@pytest.mark.parametrize("address", ["10.244.0.1", "fd00:10:244::1"])
@pytest.mark.parametrize("port", [1, 80, 8123, 65535])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_port_of_an_endpoint_is_found_by_its_hash(protocol: str, port: int, address: str) -> None:
    shown = f"[{address}]" if ":" in address else address
    own = endpoint_hash("shop/web:http", protocol, f"{shown}:{port}")

    assert port == endpoint_port("shop/web:http", protocol, address, own)
    assert port == endpoint_port("shop/web:http", protocol.lower(), address, own, likely=(9999, port))


@pytest.mark.parametrize("endpoint", ["10.244.0.1:0", "10.244.0.1:65536", "10.244.0.1:080", "10.244.0.2:80", "10.244.0.1"])
def test_what_is_no_port_is_not_found(endpoint: str) -> None:
    assert endpoint_port("shop/web", "TCP", "10.244.0.1", endpoint_hash("shop/web", "TCP", endpoint)) is None


def test_a_port_of_another_service_or_protocol_is_not_found() -> None:
    own = endpoint_hash("shop/web", "TCP", "10.244.0.1:80")

    assert [endpoint_port(name, "TCP", "10.244.0.1", own) for name in ("shop/web:", "shop/other")] == [None, None]
    assert endpoint_port("shop/web", "UDP", "10.244.0.1", own) is None


def test_the_hash_of_a_service_is_no_hash_of_an_endpoint() -> None:
    assert endpoint_port("shop/web", "TCP", "10.244.0.1", service_hash("shop/web", "TCP")) is None
