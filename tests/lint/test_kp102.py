"""KP102: the node's own processes do not meet kube-proxy's rules."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'


def test_it_catches_an_output_without_the_jump() -> None:
    (found,) = said(sound().replace(JUMP, ""), "KP102")

    assert found.startswith("KP102 error ")
    assert "OUTPUT" in found


def test_it_is_silent_where_the_jump_stands_or_leads_through_another_chain() -> None:
    assert not said(sound(), "KP102")
    assert not said(sound().replace(JUMP, "-A OUTPUT -j MINE\n-A MINE -j KUBE-SERVICES\n"), "KP102")


def test_it_does_not_look_at_what_kube_proxy_feeds_to_iptables_restore() -> None:
    fed = "*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\nCOMMIT\n"

    assert not said(fed, "KP102")


def test_it_does_not_look_at_a_dump_that_is_cut() -> None:
    assert not said(sound().replace(JUMP, "").rpartition("COMMIT")[0], "KP102")
