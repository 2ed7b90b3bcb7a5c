"""KP505: ports of the node's own 127.0.0.1 may be open to its neighbours."""

from __future__ import annotations

import re

from tests.lint.linted import said, sound

NODE_PORT = '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/nginx" -m tcp --dport 30080 -j KUBE-SVC-2CMXP7HKUVJN7L6M\n'
BLOCK = re.compile("-A KUBE-FIREWALL .*\n")


def with_node_port() -> str:
    return sound().replace("-A KUBE-POSTROUTING", NODE_PORT + "-A KUBE-POSTROUTING", 1)


def test_it_catches_a_firewall_chain_without_the_rule() -> None:
    (found,) = said(BLOCK.sub("", with_node_port()), "KP505")

    assert found.startswith("KP505 warning ")
    assert "CVE-2020-8558" in found


def test_it_informs_where_no_firewall_chain_is_in_the_dump() -> None:
    text = "".join(line for line in BLOCK.sub("", with_node_port()).splitlines(keepends=True) if "KUBE-FIREWALL" not in line)

    (found,) = said(text, "KP505")
    assert found.startswith("KP505 info ")


def test_it_is_silent_where_the_rule_stands_or_another_does_its_work() -> None:
    assert not said(sound(), "KP505")
    assert not said(with_node_port(), "KP505")
    assert not said(BLOCK.sub("-A INPUT ! -i lo -d 127.0.0.0/8 -j DROP\n", with_node_port()), "KP505")


def test_it_is_silent_without_node_ports_at_127_0_0_1() -> None:
    told = with_node_port().replace(
        "-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS", "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"
    )
    one = with_node_port().replace("-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS", "-d 192.0.2.7/32 -j KUBE-NODEPORTS")

    assert not said(BLOCK.sub("", sound()), "KP505")
    assert not said(BLOCK.sub("", told), "KP505")
    assert not said(BLOCK.sub("", one), "KP505")


def test_it_does_not_look_at_a_dump_that_is_cut() -> None:
    assert not said(BLOCK.sub("", with_node_port()).rpartition("COMMIT")[0], "KP505")
