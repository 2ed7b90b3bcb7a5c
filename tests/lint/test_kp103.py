"""KP103: what is marked for masquerade is not masqueraded."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n'


def test_it_catches_a_postrouting_without_the_jump() -> None:
    (found,) = said(sound().replace(JUMP, ""), "KP103")

    assert found.startswith("KP103 error ")
    assert "POSTROUTING" in found


def test_it_is_silent_where_the_jump_stands_or_leads_through_another_chain() -> None:
    assert not said(sound(), "KP103")
    assert not said(sound().replace(JUMP, "-A POSTROUTING -j MINE\n-A MINE -j KUBE-POSTROUTING\n"), "KP103")


def test_it_is_silent_where_nothing_is_marked() -> None:
    lines = sound().replace(JUMP, "").splitlines(keepends=True)

    assert not said("".join(line for line in lines if not line.endswith("-j KUBE-MARK-MASQ\n")), "KP103")


def test_it_does_not_look_at_what_kube_proxy_feeds_to_iptables_restore() -> None:
    lines = sound().replace(JUMP, "").splitlines(keepends=True)

    assert not said("".join(line for line in lines if " ACCEPT [" not in line), "KP103")
