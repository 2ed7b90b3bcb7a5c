"""KP207: a goto into a chain of kube-proxy skips rules."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'
GOTO = JUMP.replace("-j", "-g")
OTHER = "-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80\n"


def test_it_catches_a_goto_with_rules_behind_it() -> None:
    (found,) = said(sound().replace(JUMP, GOTO + OTHER), "KP207")
    assert found.startswith("KP207 warning ")
    assert "KUBE-SERVICES" in found


def test_it_is_silent_on_jumps_and_on_a_goto_that_is_last() -> None:
    assert not said(sound(), "KP207")
    assert not said(sound().replace(JUMP, JUMP + OTHER), "KP207")
    assert not said(sound().replace(JUMP, GOTO), "KP207")


def test_it_is_silent_where_the_rules_behind_are_about_other_packets_or_change_nothing() -> None:
    for behind in ("-A PREROUTING -p udp -j ACCEPT\n", "-A PREROUTING -j RETURN\n", "-A PREROUTING -m nonsense --foo -j ACCEPT\n"):
        assert not said(sound().replace(JUMP, "-A PREROUTING -p tcp -g KUBE-SERVICES\n" + behind), "KP207"), behind


def test_it_is_silent_where_the_chain_is_anothers_or_is_never_left() -> None:
    assert not said(sound().replace(JUMP, f"{JUMP}-A PREROUTING -g MINE\n{OTHER}"), "KP207")
    assert not said(sound().replace(JUMP, f"{JUMP}-A PREROUTING -g KUBE-MARK-DROP\n{OTHER}-A KUBE-MARK-DROP -j ACCEPT\n"), "KP207")
