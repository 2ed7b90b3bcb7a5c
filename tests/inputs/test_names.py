from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.errors import IptexplainError, UnreadableInputError
from iptexplain.inputs.names import Named, Names, Place, PortName, parse_names
from iptexplain.model.address import Address
from tests.inputs.sources import file, source

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "web"},
    "spec": {
        "clusterIP": "10.96.20.5",
        "clusterIPs": ["10.96.20.5", "fd00:10:96::5"],
        "externalIPs": ["192.0.2.80"],
        "ports": [{"name": "http", "port": 80, "protocol": "TCP", "nodePort": 30080, "targetPort": "web"}, {"port": 53, "protocol": "UDP"}],
    },
    "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}, {"hostname": "lb.example.org"}]}},
}
HTTP, DNS = PortName("shop", "web", "http", "TCP"), PortName("shop", "web", "", "UDP")


def given_as_json(value: object) -> Names:
    return parse_names(source(*json.dumps(value, indent=1).splitlines()))


def test_a_list_names_service_ports() -> None:
    found = parse_names(source("# what we run", "", "shop/web:http", "shop/web:dns/udp", "default/kubernetes", "a/b/TCP", "shop/web:http"))

    assert found.candidates() == (("shop/web:http", None), ("shop/web:dns", "UDP"), ("default/kubernetes", None), ("a/b", "TCP"))
    assert not found.places


@pytest.mark.parametrize("header", [["NAMESPACE     NAME         TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)                  AGE"], []])
def test_the_table_of_kubectl_names_services(header: list[str]) -> None:
    rows = [
        "default       kubernetes   ClusterIP   10.96.0.1    <none>        443/TCP                  9d",
        "kube-system   kube-dns     ClusterIP   10.96.0.10   <none>        53/UDP,53/TCP,9153/TCP   9d   k8s-app=kube-dns",
        "shop          ext          ExternalName   <none>   db.example.org   <none>   9d",
    ]

    assert parse_names(source(*header, *rows)).candidates() == (
        ("default/kubernetes", None),
        ("kube-system/kube-dns", None),
        ("shop/ext", None),
    )


@pytest.mark.parametrize("wrapped", [SERVICE, {"kind": "List", "items": [SERVICE]}, {"kind": "ServiceList", "items": [SERVICE]}, [SERVICE]])
def test_json_says_where_each_port_listens(wrapped: object) -> None:
    found = given_as_json(wrapped)
    kinds = {"10.96.20.5": "cluster_ip", "fd00:10:96::5": "cluster_ip", "192.0.2.80": "external_ip", "203.0.113.10": "load_balancer"}

    assert found.ports == (HTTP, DNS)
    assert {Place(Address.parse(ip), 80, "TCP"): Named(HTTP, kind) for ip, kind in kinds.items()} | {
        Place(Address.parse(ip), 53, "UDP"): Named(DNS, kind) for ip, kind in kinds.items()
    } == found.places
    assert found.node_ports == {(30080, "TCP"): HTTP}
    assert found.candidates() == (("shop/web:http", "TCP"), ("shop/web", "UDP"))


def test_what_is_missing_in_an_object_is_left_out() -> None:
    odd: list[object] = [
        {"kind": "Service"},
        {"kind": "Service", "metadata": {"name": "a"}},
        {
            "kind": "Service",
            "metadata": {"name": "b"},
            "spec": {"clusterIP": "None", "ports": [{"port": 80}, {"port": "x", "nodePort": True}, 3]},
        },
        {"kind": "Pod", "metadata": {"name": "c"}, "spec": {"ports": [{"port": 80}]}},
        None,
    ]
    found = given_as_json({"kind": "List", "items": odd})

    assert (PortName("default", "b", "", "TCP"),) == found.ports
    assert not found.places
    assert not found.node_ports


def test_a_cluster_may_have_no_services() -> None:
    assert given_as_json({"kind": "List", "items": []}).ports == ()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["apiVersion: v1", "items:"], "input: this is YAML; give the output of `kubectl get svc -A -o json`"),
        (["---", "kind: Service"], "input: this is YAML"),
        (["service/kubernetes", "service/web"], "input: `-o name` leaves out the namespaces"),
        (["NAME   TYPE   CLUSTER-IP"], "input:1: expected the namespace of each Service"),
        (["web   ClusterIP   10.96.0.1   <none>   80/TCP   1d"], "input:1: expected the namespace of each Service"),
        (["shop/web:http", "shop/web:http:x"], "input:2: expected a Service port such as shop/web:http/TCP"),
        (["shop/web/ICMP"], "input:1: expected a Service port"),
        (["web"], "input:1: expected a Service port"),
        (["\x1b[31mshop/web"], "input:1: expected a Service port"),
        (["{", '"items": [}'], "input:2:11: broken JSON: "),
        (['{"kind": "List", "items": [{"kind": "Pod"}]}'], "input: no Services in it"),
        (['{"kind": "Pod"}'], "input: no Services in it"),
        (["[" * 100_000], "input: JSON that nobody writes"),
        (['{"items": ' + "9" * 5000 + "}"], "input: JSON that nobody writes"),
    ],
)
def test_what_is_no_list_of_names_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(UnreadableInputError) as error:
        parse_names(source(*lines))

    assert said == str(error.value)[: len(said)]
    assert len(str(error.value)) < 300


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda of: (
            st.lists(of, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["kind", "metadata", "name", "spec", "ports", "port", "clusterIPs", "status", "loadBalancer", "ingress", "ip"]
                ),
                of,
                max_size=4,
            )
        ),
    )
)
def test_any_object_is_read(value: object) -> None:
    found = given_as_json({"items": [SERVICE, value, {"kind": "Service", "metadata": {"name": "x"}, "spec": value, "status": value}]})

    assert HTTP in found.ports


@given(st.lists(st.text(alphabet=st.sampled_from("ab/:{[ \x00\udcffTCP#"), max_size=20), max_size=5))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = parse_names(source("shop/web", *lines))
    except IptexplainError:
        return
    assert ("shop/web", None) in found.candidates()


def test_the_sample_is_read_whole() -> None:
    found = parse_names(file("samples/ipvs/services.json"))

    assert len(found.ports) == 12
    assert {"cluster_ip", "external_ip", "load_balancer"} == {named.kind for named in found.places.values()}
