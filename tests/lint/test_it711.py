"""IT711: arriving packets are sent to a loopback address."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'
TO = "-p tcp -m tcp --dport 8080 -j DNAT --to-destination 127.0.0.1:80\n"


def test_it_catches_a_rule_that_arriving_packets_meet() -> None:
    (found,) = said(sound().replace(JUMP, f"{JUMP}-A PREROUTING {TO}"), "IT711")
    assert found.startswith("IT711 info ")
    assert found.endswith(": chain PREROUTING sends arriving packets to 127.0.0.1:80, which needs the sysctl route_localnet")


def test_it_catches_it_behind_a_jump() -> None:
    assert len(said(f"*nat\n:MINE - [0:0]\n-A PREROUTING -j MINE\n-A MINE {TO}COMMIT\n", "IT711")) == 1


def test_it_is_silent_on_the_nodes_own_packets_and_on_other_addresses() -> None:
    assert not said(sound(), "IT711")
    assert not said(f"*nat\n:MINE - [0:0]\n-A OUTPUT -j MINE\n-A MINE -d 127.0.0.11/32 {TO}COMMIT\n", "IT711")
    assert not said("*nat\n-A PREROUTING -d 127.0.0.1/32 -j DNAT --to-destination 10.0.0.1\nCOMMIT\n", "IT711")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "IT711")
