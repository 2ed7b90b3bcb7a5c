"""KN903: a node port lies where Linux takes ports for outgoing connections."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound


def _nat(*rules: str) -> str:
    return "\n".join(["*nat", ":KUBE-NODEPORTS - [0:0]", *(f"-A KUBE-NODEPORTS {rule}" for rule in rules), "COMMIT", ""])


def test_it_catches_a_node_port_of_a_sound_dump_that_is_moved_up() -> None:
    text = sound("external-access")
    rule = next(line for line in text.splitlines() if line.startswith("-A KUBE-NODEPORTS -p udp") and "KUBE-EXT" in line)
    port = rule.split("--dport ")[1].split()[0]

    (found,) = findings(text.replace(rule, rule.replace(port, "45102")), "KN903")
    assert found.severity == "warning"
    assert "45102/udp of shop/np-udp:dns" in found.place.message.english()
    assert found.place.text[found.place.column - 1 :].startswith("--dport 45102")


@pytest.mark.parametrize(("port", "hits"), [(30000, 0), (32767, 0), (32768, 1), (60999, 1), (61000, 0), (65535, 0)])
def test_only_ports_of_the_default_range_count(port: int, hits: int) -> None:
    assert len(said(_nat(f"-p tcp -m tcp --dport {port} -j KUBE-EXT-DCQOGJK4QZZOVIJ6"), "KN903")) == hits


def test_several_rules_for_one_node_port_are_one_finding_and_two_protocols_are_two() -> None:
    mark, jump = ("-p tcp -m tcp --dport 40000 -j " + target for target in ("KUBE-MARK-MASQ", "KUBE-SVC-DCQOGJK4QZZOVIJ6"))

    assert len(said(_nat(mark, jump), "KN903")) == 1
    assert len(said(_nat(mark, jump, jump.replace("tcp", "udp")), "KN903")) == 2


def test_it_is_silent_on_sound_dumps_on_health_checks_and_on_other_ports() -> None:
    assert not said(sound(), "KN903")
    assert not said(sound("external-access"), "KN903")
    assert not said(_nat("-p tcp -m tcp --dport 40000 -j ACCEPT").replace("*nat", "*filter"), "KN903")
    assert not said(_nat("-p tcp -m tcp ! --dport 40000 -j RETURN", "-p tcp -m tcp --dport 40000:40010 -j RETURN"), "KN903")


def test_it_does_not_look_at_a_dump_without_kube_proxy() -> None:
    assert not said("*nat\n:MINE - [0:0]\n-A MINE -p tcp -m tcp --dport 40000 -j RETURN\nCOMMIT\n", "KN903")
