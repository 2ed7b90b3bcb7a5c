"""KP306: one endpoint belongs to Services of different namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.owners.kube_proxy.names import endpoint_hash, service_hash
from tests.lint.linted import said, sound

if TYPE_CHECKING:
    from collections.abc import Mapping

PODS = "10.244.0.0/16"


def dump(services: Mapping[str, tuple[str, ...]], detector: str = f"! -s {PODS} ") -> str:
    """The rules of nat for some Services (`ns/name`), each with its endpoints."""
    chains: dict[str, None] = dict.fromkeys(("KUBE-SERVICES", "KUBE-MARK-MASQ"))
    rules = ["-A PREROUTING -j KUBE-SERVICES", "-A OUTPUT -j KUBE-SERVICES", "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000"]
    for number, (name, addresses) in enumerate(services.items(), 1):
        service = f"KUBE-SVC-{service_hash(name, 'tcp')}"
        at = f'-d 10.96.0.{number}/32 -p tcp -m comment --comment "{name} cluster IP" -m tcp --dport 80'
        chains[service] = None
        rules += [f"-A KUBE-SERVICES {at} -j {service}", f"-A {service} {detector}{at} -j KUBE-MARK-MASQ"]
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            end = f"KUBE-SEP-{endpoint_hash(name, 'tcp', address)}"
            chains[end] = None
            draw = f"-m statistic --mode random --probability {1 / left:.11f} " if left > 1 else ""
            rules += [f'-A {service} -m comment --comment "{name} -> {address}" {draw}-j {end}']
            rules += [f'-A {end} -p tcp -m comment --comment "{name}" -m tcp -j DNAT --to-destination {address}']
    built_in = "".join(f":{chain} ACCEPT [0:0]\n" for chain in ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"))
    return f"*nat\n{built_in}" + "".join(f":{chain} - [0:0]\n" for chain in chains) + "\n".join(rules) + "\nCOMMIT\n"


WEB, API = "shop/web", "bank/api"


def test_it_catches_a_pod_that_two_namespaces_claim() -> None:
    (found,) = said(dump({WEB: ("10.244.1.7:80", "10.244.1.8:80"), API: ("10.244.1.7:80", "10.244.1.9:80")}), "KP306")
    assert found.startswith("KP306 warning ")
    assert "10.244.1.7:80 is an endpoint of bank/api and of shop/web" in found


def test_it_is_a_remark_where_one_service_has_all_the_endpoints_of_the_other() -> None:
    (found,) = said(dump({WEB: ("10.244.1.7:80",), API: ("10.244.1.7:80", "10.244.1.9:80")}), "KP306")
    assert found.startswith("KP306 info ")


def test_it_is_a_remark_where_three_namespaces_share_it() -> None:
    shared = {name: ("10.244.1.7:80", f"10.244.1.{own}:80") for own, name in enumerate((WEB, API, "more/x"), 11)}
    (found,) = said(dump(shared), "KP306")
    assert found.startswith("KP306 info ")
    assert "bank/api, more/x, shop/web" in found

    many = {f"ns{own}/x": ("10.244.1.7:80", f"10.244.1.{own}:80") for own in range(11, 18)}
    (found,) = said(dump(many), "KP306")
    assert "and others all send connections to 10.244.1.7:80" in found


def test_it_is_a_remark_outside_the_pods_network_or_where_that_is_not_known() -> None:
    for detector, host in ((f"! -s {PODS} ", "192.0.2.7"), ("", "10.244.1.7")):
        text = dump({WEB: (f"{host}:80", "10.244.1.8:80"), API: (f"{host}:80", "10.244.1.9:80")}, detector)
        (found,) = said(text, "KP306")
        assert found.startswith("KP306 info ")


def test_it_is_silent_within_one_namespace_for_other_ports_and_for_the_api_server() -> None:
    assert not said(sound(), "KP306")
    assert not said(dump({WEB: ("10.244.1.7:80", "10.244.1.8:80"), "shop/web-2": ("10.244.1.7:80", "10.244.1.9:80")}), "KP306")
    assert not said(dump({WEB: ("10.244.1.7:80", "10.244.1.8:80"), API: ("10.244.1.7:81", "10.244.1.9:80")}), "KP306")
    assert not said(
        dump({"default/kubernetes:https": ("10.244.1.7:80", "10.244.1.8:80"), API: ("10.244.1.7:80", "10.244.1.9:80")}), "KP306"
    )
