"""KP110: the jump to the node ports is not last in KUBE-SERVICES, or is missing."""

from __future__ import annotations

from tests.lint.linted import said, sound

NOTE = '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" '
JUMP = f"-A KUBE-SERVICES {NOTE}-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n"
SERVICE = "-A KUBE-SERVICES -d 10.96.7.7/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-2CMXP7HKUVJN7L6M\n"
NODE_PORT = "-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-SVC-2CMXP7HKUVJN7L6M\n"


def test_it_catches_a_service_behind_the_jump() -> None:
    (found,) = said(sound().replace(JUMP, JUMP + SERVICE), "KP110")

    assert found.startswith("KP110 error ")
    assert "not the last rule" in found


def test_it_remarks_on_node_ports_that_nothing_leads_to() -> None:
    (found,) = said(sound().replace(JUMP, NODE_PORT), "KP110")

    assert found.startswith("KP110 info ")
    assert "KUBE-NODEPORTS" in found


def test_it_is_silent_where_the_jump_is_last_or_there_are_no_node_ports() -> None:
    assert not said(sound(), "KP110")
    assert not said(sound().replace(JUMP, ""), "KP110")


def test_it_is_silent_on_one_jump_for_each_address_of_the_node() -> None:
    jumps = "".join(f"-A KUBE-SERVICES -d {address}/32 {NOTE}-j KUBE-NODEPORTS\n" for address in ("10.0.0.1", "10.0.0.2"))

    assert not said(sound().replace(JUMP, jumps + NODE_PORT), "KP110")


def test_it_is_silent_on_rules_of_others_behind_the_jump_and_on_a_jump_through_another_chain() -> None:
    assert not said(sound().replace(JUMP, JUMP + "-A KUBE-SERVICES -j LOG\n"), "KP110")
    assert not said(sound().replace(JUMP, "-A KUBE-SERVICES -j MINE\n-A MINE -j KUBE-NODEPORTS\n" + NODE_PORT), "KP110")


def test_it_does_not_look_at_a_table_without_kube_services() -> None:
    assert not said("*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-NODEPORTS - [0:0]\nCOMMIT\n", "KP110")
