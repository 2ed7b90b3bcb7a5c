from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN, SERVICE_CHAIN, ServicePortName, chain_names, endpoint_hash, service_hash


@pytest.mark.parametrize(
    ("service_port", "protocol", "expected"),
    [
        ("default/nginx", "tcp", "2CMXP7HKUVJN7L6M"),
        ("default/nginx:", "tcp", "4N57TFCL4MD7ZTDA"),
        ("default/kubernetes:https", "tcp", "NPX46M4PTMTKRN6Y"),
        ("kube-system/kube-dns:dns", "udp", "TCOU7JCQXEZGVUNU"),
        ("kube-system/kube-dns:dns-tcp", "tcp", "ERIFXISQEP7F7OF4"),
    ],
)
def test_the_hash_of_a_service_port_is_that_of_kube_proxy(service_port: str, protocol: str, expected: str) -> None:
    assert expected == service_hash(service_port, protocol)
    assert expected == service_hash(service_port, protocol.upper())


@pytest.mark.parametrize(("service_port", "expected"), [("default/nginx", "HZVZGM4N576VDS2S"), ("default/nginx:", "U74WYEUBVOAX3MTM")])
def test_the_hash_of_an_endpoint_is_that_of_kube_proxy(service_port: str, expected: str) -> None:
    assert expected == endpoint_hash(service_port, "TCP", "192.168.104.1:80")


def test_a_service_port_has_its_hash_in_all_its_chains() -> None:
    own = "2CMXP7HKUVJN7L6M"
    expected = [f"KUBE-{kind}-{own}" for kind in ("SVC", "SVL", "EXT", "FW", "XLB")]

    assert expected == chain_names("default/nginx", "TCP")
    assert [*expected, "KUBE-SEP-HZVZGM4N576VDS2S"] == chain_names("default/nginx", "TCP", "192.168.104.1:80")


@given(st.text(max_size=20), st.sampled_from(["tcp", "udp", "sctp"]), st.text(max_size=20))
def test_every_chain_is_known_by_its_name(service_port: str, protocol: str, endpoint: str) -> None:
    *services, last = chain_names(service_port, protocol, endpoint or ":0")

    assert all(SERVICE_CHAIN.match(name) for name in services)
    assert ENDPOINT_CHAIN.match(last)
    assert all(len(name) <= 28 for name in (*services, last))


@pytest.mark.parametrize(
    "name",
    [
        "KUBE-SVC", "KUBE-SERVICES", "KUBE-SVC-2CMXP7HKUVJN7L6", "KUBE-SVC-2CMXP7HKUVJN7L6MM", "KUBE-SVC-2cmxp7hkuvjn7l6m",
        "KUBE-SVC-2CMXP7HKUVJN7L61", "xKUBE-SVC-2CMXP7HKUVJN7L6M", "KUBE-SEP-2CMXP7HKUVJN7L6M", "KUBE-SVC-2CMXP7HKUVJN7L6M\n",
    ],
)  # fmt: skip
def test_a_name_that_only_looks_like_a_service_chain_is_none(name: str) -> None:
    assert SERVICE_CHAIN.match(name) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("default/nginx", ("default", "nginx", "")),
        ("default/nginx:", ("default", "nginx", "")),
        ("default/nginx:http", ("default", "nginx", "http")),
    ],
)
def test_a_service_port_is_read(text: str, parts: tuple[str, str, str]) -> None:
    assert (*parts, text) == ServicePortName.parse(text)


@pytest.mark.parametrize("text", ["", "nginx", "/nginx", "default/", "a/b/c", "a/b:c:d", "a b/c", "default/nginx cluster IP", "a/b:c\n"])
def test_what_is_no_service_port_is_none(text: str) -> None:
    assert ServicePortName.parse(text) is None
