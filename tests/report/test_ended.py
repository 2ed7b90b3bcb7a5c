from __future__ import annotations

from iptexplain.report.ended import ended
from iptexplain.report.facts import DROP, NO_ENDPOINTS, NO_LOCAL_ENDPOINTS, REJECT, SOURCE_RANGES, UNTOLD, Ended
from tests.report.gathered import COUNTED, MIXED, dump, dump_of_lines

REFUSED = (
    ":INPUT ACCEPT [0:0]",
    ":FORWARD ACCEPT [0:0]",
    ":OUTPUT ACCEPT [0:0]",
    ":KUBE-SERVICES - [0:0]",
    "[9:540] -A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES",
    "[3:180] -A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES",
    '[7:420] -A KUBE-SERVICES -d 10.96.0.5/32 -p tcp -m comment --comment "shop/db:sql has no endpoints" -m tcp --dport 5432 -j REJECT',
)


def _named(one: Ended) -> str:
    return one.port.service_port.text if one.port.service_port is not None else ""


def test_each_way_to_end_has_its_reason() -> None:
    assert [(_named(one), one.action, one.why) for one in dump(MIXED).ended] == [
        ("data/kafka-legacy:client", REJECT, NO_ENDPOINTS),
        ("default/old-canary:http", REJECT, NO_ENDPOINTS),
        ("ingress-nginx/ingress-nginx-controller:http", DROP, NO_LOCAL_ENDPOINTS),
        ("ingress-nginx/ingress-nginx-controller:https", DROP, NO_LOCAL_ENDPOINTS),
        ("istio-system/istio-ingressgateway:http2", DROP, SOURCE_RANGES),
        ("istio-system/istio-ingressgateway:https", DROP, SOURCE_RANGES),
        ("istio-system/istio-ingressgateway:status-port", DROP, SOURCE_RANGES),
        ("shop/users:http", REJECT, NO_ENDPOINTS),
    ]


def test_it_is_said_where_and_for_whom() -> None:
    found = {_named(one): one for one in dump(MIXED).ended}
    places = found["ingress-nginx/ingress-nginx-controller:http"].places

    assert [(place.route.kind, place.sources) for place in places] == [("load_balancer", ("outside",)), ("node_port", ("outside",))]


def test_attempts_are_counted_where_there_are_counters() -> None:
    (found,) = dump_of_lines(*REFUSED).ended

    assert (_named(found), found.packets) == ("shop/db:sql", 7)
    assert {one.packets for one in dump(MIXED).ended} == {None}


def test_services_that_are_served_end_nothing() -> None:
    assert dump(COUNTED).ended == ()


def test_a_refusal_that_no_rule_gives_a_reason_for_has_none() -> None:
    (port,) = dump(COUNTED).ports
    (route, *_) = port.routes
    answer = next(iter(route.sources.values()))._replace(action=REJECT, endpoint_set=None)
    refused = port._replace(routes=(route._replace(sources={"pod": answer}),))

    assert [one.why for one in ended([refused])] == [UNTOLD]
