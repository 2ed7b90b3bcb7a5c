"""KP402: kube-proxy sets one mark and asks for another."""

from __future__ import annotations

from tests.lint.linted import said, sound

SETS = "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n"
RETURNS = "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
ACCEPTS = "-m mark --mark 0x4000/0x4000 -j ACCEPT\n"


def test_it_catches_a_postrouting_that_asks_for_another_bit() -> None:
    (found,) = said(sound().replace(RETURNS, RETURNS.replace("0x4000", "0x8000")), "KP402")

    assert found.startswith("KP402 error ")
    assert "KUBE-POSTROUTING asks for the mark 0x8000/0x8000, but KUBE-MARK-MASQ sets 0x4000/0x4000:" in found
    assert found.endswith(" nothing is masqueraded, and connections to node ports and load balancers time out")


def test_it_catches_a_forward_that_asks_for_another_bit() -> None:
    (found,) = said(sound().replace(ACCEPTS, ACCEPTS.replace("0x4000", "0x8000")), "KP402")

    assert "KUBE-FORWARD asks for" in found
    assert found.endswith(" what is masqueraded is not accepted there, and a later rule may drop it")


def test_it_tells_both_chains_where_another_bit_is_set() -> None:
    assert len(said(sound().replace(SETS, SETS.replace("0x4000", "0x8000")), "KP402")) == 2


def test_it_is_silent_on_a_healthy_dump_with_any_bit() -> None:
    assert not said(sound(), "KP402")
    assert not said(sound().replace("0x4000", "0x100"), "KP402")


def test_it_is_silent_where_one_of_several_marks_fits() -> None:
    assert not said(sound().replace(RETURNS, RETURNS.replace("0x4000", "0x8000") + RETURNS), "KP402")


def test_it_looks_past_what_else_a_rule_asks_for() -> None:
    narrow = RETURNS.replace("-m mark", "-s 10.0.0.0/8 -m mark")

    assert not said(sound().replace(RETURNS, narrow), "KP402")
    assert said(sound().replace(RETURNS, narrow.replace("0x4000", "0x8000")), "KP402")


def test_it_is_silent_where_nothing_can_be_compared() -> None:
    assert not said(sound().replace(SETS, ""), "KP402")
    assert not said(sound().replace(SETS, SETS + SETS.replace("0x4000", "0x8000")), "KP402")
    assert not said(sound().replace(SETS, "-A KUBE-MARK-MASQ -j MARK [unsupported revision]\n"), "KP402")
    assert not said(sound().replace(RETURNS, "-A KUBE-POSTROUTING -m mark [unsupported revision] -j RETURN\n"), "KP402")
    strange = "-A KUBE-POSTROUTING -m mystery --of something -j RETURN\n"
    assert not said(sound().replace(RETURNS, strange + RETURNS.replace("0x4000", "0x8000")), "KP402")
