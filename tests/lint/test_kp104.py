"""KP104: forwarded traffic does not meet KUBE-FORWARD."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'


def test_it_warns_where_the_jump_is_missing_and_forward_accepts() -> None:
    (found,) = said(sound().replace(JUMP, ""), "KP104")

    assert found.startswith("KP104 warning ")


def test_it_is_an_error_where_forward_drops_the_rest() -> None:
    broken = sound().replace(JUMP, "")

    for dropping in (
        broken.replace(":FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:KUBE", ":FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:KUBE"),
        sound().replace(JUMP, "-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n"),
        sound().replace(JUMP, '-A FORWARD -m comment --comment "the rest" -j DROP\n'),
        sound().replace(JUMP, "-A FORWARD -j LOG\n-A FORWARD -j DROP\n"),
    ):
        (found,) = said(dropping, "KP104")
        assert found.startswith("KP104 error ")


def test_a_rule_that_accepts_all_or_drops_some_makes_no_error() -> None:
    for rules in ("-A FORWARD -j ACCEPT\n-A FORWARD -j DROP\n", "-A FORWARD -i eth1 -j DROP\n", "-A FORWARD -j MINE\n-A MINE -j DROP\n"):
        (found,) = said(sound().replace(JUMP, rules), "KP104")
        assert found.startswith("KP104 warning ")


def test_it_is_silent_where_the_jump_stands_or_leads_through_another_chain() -> None:
    assert not said(sound(), "KP104")
    assert not said(sound().replace(JUMP, "-A FORWARD -j MINE\n-A MINE -j KUBE-FORWARD\n"), "KP104")


def test_it_is_silent_without_rules_or_without_the_whole_table() -> None:
    broken = sound().replace(JUMP, "")
    no_rules = "".join(line for line in broken.splitlines(keepends=True) if not line.startswith("-A KUBE-FORWARD "))

    assert not said(no_rules, "KP104")
    assert not said(broken.replace(":FORWARD ACCEPT [0:0]\n", ""), "KP104")
    assert not said("*nat" + broken.split("*nat")[1], "KP104")
    assert not said(broken.rpartition("COMMIT")[0], "KP104")
