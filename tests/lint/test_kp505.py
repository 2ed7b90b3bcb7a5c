"""KP505: ports of the node's own 127.0.0.1 may be open to its neighbours."""

from __future__ import annotations

import re

import pytest

from tests.lint.linted import said, sound

NODE_PORT = '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/nginx" -m tcp --dport 30080 -j KUBE-SVC-2CMXP7HKUVJN7L6M\n'
BLOCK = re.compile("-A KUBE-FIREWALL .*\n")

OLD = """*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
-A INPUT -j KUBE-FIREWALL
-A OUTPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SEP-U74WYEUBVOAX3MTM - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-4N57TFCL4MD7ZTDA - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A OUTPUT -j KUBE-SERVICES
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-NODEPORTS -p tcp -m comment --comment "default/nginx:" -m tcp --dport 30080 -j KUBE-MARK-MASQ
-A KUBE-NODEPORTS -p tcp -m comment --comment "default/nginx:" -m tcp --dport 30080 -j KUBE-SVC-4N57TFCL4MD7ZTDA
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -m mark --mark 0x4000/0x4000 -j MASQUERADE
-A KUBE-SEP-U74WYEUBVOAX3MTM -s 192.168.104.1/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-U74WYEUBVOAX3MTM -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-SVC-4N57TFCL4MD7ZTDA -j KUBE-SEP-U74WYEUBVOAX3MTM
COMMIT
"""
"""Rules of kube-proxy 1.16, without the jump to KUBE-POSTROUTING, and of a kubelet of that time."""


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

    assert not said(BLOCK.sub("", told), "KP505")
    assert not said(BLOCK.sub("", one), "KP505")


def test_it_informs_where_the_way_is_open_but_no_service_has_a_node_port() -> None:
    (found,) = said(BLOCK.sub("", sound()), "KP505")
    assert found.startswith("KP505 info ")

    (found,) = said(sound().replace("-A INPUT -j KUBE-FIREWALL\n", ""), "KP505")
    assert found.startswith("KP505 info ")

    without = "".join(line for line in sound().splitlines(keepends=True) if "KUBE-FIREWALL" not in line)
    assert not said(without, "KP505")


def test_it_does_not_look_at_a_dump_that_is_cut() -> None:
    assert not said(BLOCK.sub("", with_node_port()).rpartition("COMMIT")[0], "KP505")


def test_it_catches_a_rule_that_nothing_leads_to() -> None:
    (found,) = said(with_node_port().replace("-A INPUT -j KUBE-FIREWALL\n", ""), "KP505")

    assert found.startswith("KP505 warning ")
    assert "nothing leads from INPUT to KUBE-FIREWALL" in found
    assert "CVE-2020-8558" in found


def test_it_is_silent_where_another_chain_leads_to_the_rule_or_input_is_not_in_the_dump() -> None:
    broken = with_node_port().replace("-A INPUT -j KUBE-FIREWALL\n", "-A INPUT -j MINE\n-A MINE -j KUBE-FIREWALL\n")

    assert not said(broken, "KP505")
    assert not said("".join(line for line in with_node_port().splitlines(keepends=True) if "INPUT" not in line), "KP505")


@pytest.mark.parametrize("jump", ["-A POSTROUTING -j KUBE-POSTROUTING\n", ""])
def test_it_informs_where_nothing_shows_that_the_rules_are_of_1_18_or_later(jump: str) -> None:
    (found,) = said(OLD.replace("-A KUBE-POSTROUTING", f"{jump}-A KUBE-POSTROUTING"), "KP505")

    assert found.startswith("KP505 info ")
    assert "KUBE-FIREWALL does not keep" in found
