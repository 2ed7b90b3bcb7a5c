"""KP404: the mark stays on what is masqueraded."""

from __future__ import annotations

from tests.lint.linted import said, sound

CLEARS = "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0\n"
RETURNS = "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
MASQUERADE = '"kubernetes service traffic requiring SNAT" -j MASQUERADE'
SENTENCE = "KUBE-POSTROUTING masquerades what has the mark 0x4000, and leaves it on the packet:"
SLOW = " where Pods are reached through a tunnel, connections to node ports may take a second or longer to begin"


def test_it_catches_the_one_rule_of_kube_proxy_up_to_1_17() -> None:
    old = sound().replace(CLEARS, "").replace(RETURNS, "")
    old = old.replace(MASQUERADE, MASQUERADE.replace("-j", "-m mark --mark 0x4000/0x4000 -j"))

    (found,) = said(old, "KP404")
    assert found.startswith("KP404 info ")
    assert found.endswith(f": {SENTENCE}{SLOW}")


def test_it_catches_a_chain_that_has_lost_the_rule_that_clears_the_mark() -> None:
    assert len(said(sound().replace(CLEARS, ""), "KP404")) == 1
    assert len(said(sound().replace(CLEARS, CLEARS.replace("0x4000/0x0", "0x2000/0x0")), "KP404")) == 1


def test_it_is_silent_where_the_mark_is_cleared_before_however_that_is_written() -> None:
    assert not said(sound(), "KP404")
    assert not said(sound().replace(CLEARS, CLEARS.replace("0x4000/0x0", "0x0/0x4000")), "KP404")


def test_it_is_silent_where_nothing_is_masqueraded_by_the_mark() -> None:
    lines = [line for line in sound().splitlines(keepends=True) if "KUBE-POSTROUTING" not in line]
    loop_back = "-A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE\n"

    assert not said("".join(lines), "KP404")
    assert not said("*filter\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP404")
    assert not said(sound().replace(RETURNS, loop_back + RETURNS), "KP404")
