"""KN908: somebody calls a Service that nobody answers."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

REFUSED = (
    '-A KUBE-SERVICES -d 10.96.7.9/32 -p tcp -m comment --comment "shop/cart has no endpoints" -m tcp --dport 80'
    " -j REJECT --reject-with icmp-port-unreachable\n"
)
FORWARD = "[0:0] -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\n"


def refusing(rule: str) -> str:
    return sound("classic-nginx-counters").replace(FORWARD, FORWARD + rule, 1)


def test_it_catches_a_refusal_that_was_met() -> None:
    (found,) = said(refusing(f"[31:1860] {REFUSED}"), "KN908")

    assert found.startswith("KN908 info ")
    assert "31 packets to shop/cart" in found


def test_it_catches_one_without_a_name() -> None:
    rule = REFUSED.replace('-m comment --comment "shop/cart has no endpoints" ', "")

    (found,) = said(refusing(f"[2:120] {rule}"), "KN908")
    assert "KUBE-SERVICES" in found


def test_it_finds_the_same_while_packets_are_counted() -> None:
    (first,), (second,) = (findings(refusing(f"{counted} {REFUSED}"), "KN908") for counted in ("[31:1860]", "[32:1920]"))

    assert first.fingerprint == second.fingerprint


def test_it_is_silent_where_nothing_was_refused_or_for_another_reason() -> None:
    assert not said(refusing(f"[0:0] {REFUSED}"), "KN908")
    assert not said(refusing(f"[5:300] {REFUSED.replace('has no endpoints', 'has no local endpoints')}"), "KN908")
    assert not said(refusing(f"[5:300] {REFUSED.partition(' -j ')[0]} -j DROP\n"), "KN908")
    assert not said(sound("classic-nginx-counters"), "KN908")
    assert not said(sound().replace(FORWARD[6:], FORWARD[6:] + REFUSED, 1), "KN908")
