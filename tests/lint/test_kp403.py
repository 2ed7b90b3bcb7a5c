"""KP403: everything that leaves the node is masqueraded."""

from __future__ import annotations

from tests.lint.linted import said, sound

RETURNS = "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
MASQUERADES = 'requiring SNAT" -j MASQUERADE --random-fully\n'
JUMP = "-A POSTROUTING -m comment"


def test_it_catches_a_masquerade_without_a_question_for_the_mark() -> None:
    (found,) = said(sound().replace(RETURNS, ""), "KP403")

    assert found.startswith("KP403 error ")
    assert "masquerades every packet" in found


def test_it_is_silent_where_a_rule_before_it_or_the_rule_itself_asks() -> None:
    assert not said(sound(), "KP403")
    old = MASQUERADES.replace('" -j', '" -m mark --mark 0x4000/0x4000 -j')
    assert not said(sound().replace(RETURNS, "").replace(MASQUERADES, old), "KP403")


def test_it_is_silent_where_the_jump_to_the_chain_asks_or_is_missing() -> None:
    broken = sound().replace(RETURNS, "")

    assert not said(broken.replace(JUMP, "-A POSTROUTING -m mark --mark 0x4000/0x4000 -m comment"), "KP403")
    assert not said("".join(line for line in broken.splitlines(keepends=True) if not line.startswith(JUMP)), "KP403")


def test_it_is_silent_where_the_masquerade_asks_for_something_else_or_is_not_reached() -> None:
    broken = sound().replace(RETURNS, "")

    assert not said(broken.replace(MASQUERADES, MASQUERADES.replace('" -j', '" -m addrtype --dst-type LOCAL -j')), "KP403")
    assert not said(sound().replace(RETURNS, "-A KUBE-POSTROUTING -j RETURN\n"), "KP403")


def test_it_is_silent_where_a_rule_before_it_is_not_understood() -> None:
    assert not said(sound().replace(RETURNS, "-A KUBE-POSTROUTING -m mark [unsupported revision] -j RETURN\n"), "KP403")
    assert not said(sound().replace(RETURNS, "-A KUBE-POSTROUTING -m mystery --of something -j RETURN\n"), "KP403")


def test_it_does_not_look_at_rules_alone() -> None:
    assert not said("-A POSTROUTING -j KUBE-POSTROUTING\n-A KUBE-POSTROUTING -j MASQUERADE\n", "KP403")
