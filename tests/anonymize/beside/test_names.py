from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.anonymize.beside import names
from iptexplain.anonymize.needs import Needs
from iptexplain.inputs.names import parse_names
from tests.anonymize.beside.again import address, again
from tests.inputs.sources import file, source

if TYPE_CHECKING:
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.inputs.names import PortName
    from iptexplain.source import Source

LIST = ("acme/web:http/TCP", "acme/web:dns/udp", "# acme", "acme/db", "default/kubernetes:https", "acme/web:http/TCP", "acme/none:")
TABLE = """\
NAMESPACE   NAME         TYPE        CLUSTER-IP   EXTERNAL-IP       PORT(S)   AGE
default     kubernetes   ClusterIP   10.96.0.1    <none>            443/TCP   5d
acme        web          NodePort    10.96.0.2    acme.example.com  80/TCP    5d
"""


def service(name: str, namespace: str = "acme", status: Any = None, **spec: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "uid": "acme", "labels": {"acme": "acme"}},
        "spec": spec,
        "status": status or {},
    }


WEB = service(
    "web",
    type="LoadBalancer",
    clusterIP="10.96.0.7",
    clusterIPs=["10.96.0.7", "fd00:96::7"],
    externalIPs=["192.0.2.7"],
    loadBalancerIP="198.51.100.7",
    loadBalancerSourceRanges=["203.0.113.0/28", " 10.0.0.0/8", "acme"],
    externalTrafficPolicy="Local",
    internalTrafficPolicy="Cluster",
    sessionAffinity="ClientIP",
    healthCheckNodePort=32100,
    selector={"app": "acme"},
    ports=[
        {"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP", "appProtocol": "acme"},
        {"name": "dns", "port": 53, "targetPort": "acme", "protocol": "UDP"},
        {"name": "odd", "port": 54, "protocol": "ACME"},
    ],
    status={"loadBalancer": {"ingress": [{"ip": "198.51.100.7", "ipMode": "VIP"}, {"hostname": "acme.example.com"}]}},
)
HEADLESS = service("db", clusterIP="None", clusterIPs=["None"], ports=[{"port": 5432}])
OUTSIDE = service("mail", type="ExternalName", externalName="mail.acme.example.com")
API = service("kubernetes", "default", clusterIP="10.96.0.1", ports=[{"name": "https", "port": 443, "targetPort": 6443}])
SERVICES = [WEB, HEADLESS, OUTSIDE, API]


def renamed(port: PortName, to: Disguise) -> PortName:
    """The Service port as it should be read again."""
    namespace, name = to.services.pair(port.namespace, port.name)
    return port._replace(namespace=namespace, name=name, port=to.services.port(port.port))


def check(given: Source) -> tuple[Disguise, str]:
    """The names read again are those before in other words, where they were; what was written."""
    to, other = again("names", given)
    before, after = parse_names(given), parse_names(other)
    places = {
        place._replace(address=address(place.address, to)): named._replace(name=renamed(named.name, to))
        for place, named in before.places.items()
        if place.protocol != "ACME"
    }

    assert tuple(renamed(port, to) for port in before.ports if port.protocol != "ACME") == after.ports
    assert places == dict(after.places)
    assert {key: renamed(port, to) for key, port in before.node_ports.items()} == dict(after.node_ports)
    assert "acme" not in other.text.lower()

    return to, other.text


def test_a_list_stays_a_list() -> None:
    to, text = check(source(*LIST))
    first, second, third, *_ = text.split("\n")

    assert f"{to.services.service_port('acme/web:http')}/TCP" == first
    assert f"{to.services.service_port('acme/web:dns')}/UDP" == second
    assert to.services.service_port("acme/db") == third


def test_a_table_of_kubectl_becomes_a_list() -> None:
    _, text = check(source(TABLE))

    assert text.rstrip("\n").count("\n") + 1 == 2
    assert text.startswith("ns-cluster/svc-api-server\n")


@pytest.mark.parametrize(
    "given", [{"kind": "List", "items": SERVICES}, SERVICES, WEB, {"kind": "List", "items": []}], ids=["List", "list", "one", "none"]
)
def test_json_stays_a_list_of_services(given: object) -> None:
    check(source(json.dumps(given)))


def test_the_services_of_a_real_cluster_are_read_again_as_the_same() -> None:
    check(file("samples/ipvs/services.json"))


def test_of_a_service_stays_where_it_listens_and_how() -> None:
    to, text = check(source(json.dumps(SERVICES)))
    web, headless, outside, _ = json.loads(text)["items"]
    place, port = to.address, to.services.port

    assert {
        "type": "LoadBalancer",
        "clusterIP": place("10.96.0.7"),
        "clusterIPs": [place("10.96.0.7"), place("fd00:96::7")],
        "externalIPs": [place("192.0.2.7")],
        "loadBalancerIP": place("198.51.100.7"),
        "loadBalancerSourceRanges": [to.network("203.0.113.0/28"), to.network("10.0.0.0/8")],
        "externalTrafficPolicy": "Local",
        "internalTrafficPolicy": "Cluster",
        "sessionAffinity": "ClientIP",
        "healthCheckNodePort": 32100,
        "ports": [
            {"name": port("http"), "port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP"},
            {"name": port("dns"), "port": 53, "protocol": "UDP"},
        ],
    } == web["spec"]
    assert {"loadBalancer": {"ingress": [{"ip": place("198.51.100.7")}, {}]}} == web["status"]
    assert headless["spec"] == {"clusterIP": "None", "clusterIPs": ["None"], "ports": [{"port": 5432}]}
    assert outside["spec"] == {"type": "ExternalName"}


def test_names_are_told_to_those_who_look_for_the_hashes_of_chains() -> None:
    needs = Needs()
    names.gather(source(*LIST), needs)

    assert {"acme/web:http", "acme/web:dns", "acme/db", "default/kubernetes:https", "acme/none"} == needs.service_ports
