"""KP204: traffic to endpoints is refused before KUBE-FORWARD."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'


def _before(rules: str) -> str:
    return sound().replace(JUMP, rules + JUMP)


def test_it_catches_rules_that_refuse_traffic_to_all_pods_first() -> None:
    for rule in ("-j REJECT --reject-with icmp-host-prohibited", "-d 192.168.0.0/16 -j DROP", "-p tcp -m tcp --dport 80 -j DROP"):
        (found,) = said(_before(f"-A FORWARD {rule}\n"), "KP204")
        assert found.startswith("KP204 error ")


def test_it_is_silent_on_a_sound_dump_and_where_the_rule_stands_behind() -> None:
    assert not said(sound(), "KP204")
    assert not said(sound().replace(JUMP, JUMP + "-A FORWARD -j DROP\n"), "KP204")


def test_it_is_silent_where_single_pods_or_other_packets_are_refused_or_a_rule_accepts_first() -> None:
    for rule in (
        "-A FORWARD -d 192.168.104.1/32 -j DROP\n",
        "-A FORWARD -s 10.0.0.0/8 -j DROP\n",
        "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n",
        "-A FORWARD -i eth0 -j DROP\n",
        "-A FORWARD -m conntrack --ctstate NEW -j ACCEPT\n-A FORWARD -j DROP\n",
        "-A FORWARD -m mark ! --mark 0x4000/0x4000 -j DROP\n",
    ):
        assert not said(_before(rule), "KP204"), rule


def test_it_is_silent_where_nothing_leads_to_kube_forward() -> None:
    assert not said(sound().replace(JUMP, "-A FORWARD -j DROP\n"), "KP204")
