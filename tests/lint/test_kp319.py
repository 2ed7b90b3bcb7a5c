"""KP319: an endpoint is no address of the Pods' network."""

from __future__ import annotations

from iptexplain.api import load
from iptexplain.lint.beside import Beside
from iptexplain.lint.registry import check
from iptexplain.lint.runner import lint
from iptexplain.model.address import Address, Network
from iptexplain.model.node import Assigned, Link
from tests.lint.linted import said, sound
from tests.lint.test_kp306 import dump

API_SERVER = "default/kubernetes:https"


def test_it_tells_an_endpoint_outside_the_pods_network() -> None:
    text = sound().replace("192.168.104.1", "198.51.100.9")
    (found,) = said(text, "KP319")
    assert found.startswith("KP319 info ")
    assert "default/nginx (TCP) has the endpoint 198.51.100.9:80, which is outside the network of the Pods, 192.168.0.0/16:" in found
    assert found.endswith(" NetworkPolicy may not protect it")


def test_it_is_silent_where_all_are_pods_and_on_the_api_server() -> None:
    assert not said(sound(), "KP319")
    assert not said(dump({API_SERVER: ("192.0.2.1:6443",), "shop/web": ("10.244.1.7:80", "10.244.1.7:81")}), "KP319")


def test_it_is_silent_where_the_pods_network_is_not_known() -> None:
    assert not said(dump({"shop/web": ("192.0.2.1:80", "10.244.1.7:80")}, ""), "KP319")


def test_it_is_silent_where_most_endpoints_are_outside() -> None:
    assert not said(dump({"shop/web": ("10.245.1.1:80", "10.245.1.2:80", "10.244.1.7:80")}), "KP319")


def test_an_address_of_the_node_is_left_out_where_these_are_known() -> None:
    text = sound().replace("192.168.104.1", "198.51.100.9")
    node = Link("eth0", (Assigned(Address.parse("198.51.100.9"), Network.parse("198.51.100.0/24")),))
    assert not lint(load(text.encode()), [check("KP319")], Beside(links={"eth0": node})).findings
