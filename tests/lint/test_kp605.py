"""KP605: rules of kube-proxy's userspace mode."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

PORTAL = '-A KUBE-PORTALS-{} -d 10.0.0.1/32 -p tcp -m comment --comment "default/kubernetes:" -m tcp --dport 443 -j {}\n'
REDIRECT = PORTAL.format("CONTAINER", "REDIRECT --to-ports 38715")
DNAT = PORTAL.format("HOST", "DNAT --to-destination 10.240.0.7:38715")


def _nat(*rules: str) -> str:
    return f"*nat\n:KUBE-PORTALS-CONTAINER - [0:0]\n:KUBE-PORTALS-HOST - [0:0]\n{''.join(rules)}COMMIT\n"


def test_it_tells_the_rules_of_that_mode_once() -> None:
    (found,) = said(_nat(REDIRECT, DNAT), "KP605")
    assert found == "KP605 warning 4: kube-proxy's rules are those of the userspace mode (rules: 2)"


def test_it_catches_such_rules_left_behind_in_a_sound_dump() -> None:
    broken = sound().replace("-A PREROUTING -m comment", DNAT + "-A PREROUTING -m comment", 1)

    (found,) = said(broken, "KP605")
    assert "beside those of a later mode" in found


def test_it_is_silent_on_a_sound_dump_on_empty_chains_and_on_the_first_iptables_mode() -> None:
    assert not said(sound(), "KP605")
    assert not said(_nat(), "KP605")
    assert not said(_nat(PORTAL.format("CONTAINER", "KUBE-SVC-2CMXP7HKUVJN7L6M")), "KP605")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "KP605")


def test_another_rule_is_another_finding_and_another_port_of_the_process_is_not() -> None:
    (first,) = findings(_nat(REDIRECT, DNAT), "KP605")
    (restarted,) = findings("\n" + _nat("[3:180] " + REDIRECT.replace("38715", "40001"), DNAT), "KP605")
    (more,) = findings(_nat(REDIRECT, DNAT, DNAT.replace("10.0.0.1", "10.0.0.2")), "KP605")

    assert first.fingerprint == restarted.fingerprint != more.fingerprint
