"""KP101: traffic that arrives does not meet kube-proxy's rules."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'


def test_it_catches_a_prerouting_without_the_jump() -> None:
    broken = sound().replace(JUMP, "")

    (found,) = said(broken, "KP101")
    assert found.startswith("KP101 error ")
    assert "PREROUTING" in found


def test_it_is_silent_where_the_jump_stands_or_leads_through_another_chain() -> None:
    assert not said(sound(), "KP101")
    assert not said(sound().replace(JUMP, "-A PREROUTING -j MINE\n-A MINE -j KUBE-SERVICES\n"), "KP101")


def test_it_does_not_look_at_a_dump_that_is_cut_or_not_kube_proxys() -> None:
    assert not said(sound().replace(JUMP, "").rpartition("COMMIT")[0], "KP101")
    assert not said("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "KP101")
