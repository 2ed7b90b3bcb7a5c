"""KP403: everything that leaves the node is masqueraded."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

RETURNS = "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
MASQUERADES = 'requiring SNAT" -j MASQUERADE --random-fully\n'
CLEARS = "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0\n"
JUMP = "-A POSTROUTING -m comment"


def test_it_catches_a_masquerade_without_a_question_for_the_mark() -> None:
    (found,) = said(sound().replace(RETURNS, ""), "KP403")

    assert found.startswith("KP403 error ")
    assert "masquerades every packet" in found


def test_it_is_silent_where_a_rule_before_it_or_the_rule_itself_asks() -> None:
    assert not said(sound(), "KP403")
    old = MASQUERADES.replace('" -j', '" -m mark --mark 0x4000/0x4000 -j')
    assert not said(sound().replace(RETURNS + CLEARS, "").replace(MASQUERADES, old), "KP403")


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


def test_it_catches_a_mark_that_is_turned_over_before_a_rule_asks_for_it() -> None:
    (found,) = said(sound().replace(RETURNS + CLEARS, CLEARS + RETURNS), "KP403")

    assert found.startswith("KP403 error ")
    assert "masquerades packets without the mark" in found


def test_it_shows_what_turned_the_mark_over() -> None:
    swapped = sound().replace(RETURNS + CLEARS, CLEARS + RETURNS)
    (found,) = findings(swapped, "KP403")

    lines = swapped.splitlines(keepends=True)
    assert [lines[one.line - 1] for one in found.related[:1]] == [CLEARS]


def test_it_catches_a_rule_that_asks_by_itself_for_a_mark_turned_over() -> None:
    asks = MASQUERADES.replace('" -j', '" -m mark --mark 0x4000/0x4000 -j')
    (found,) = said(sound().replace(RETURNS, "").replace(MASQUERADES, asks), "KP403")

    assert "masquerades packets without the mark" in found


def test_it_catches_a_question_that_has_lost_its_negation() -> None:
    rules = sound().replace(RETURNS, RETURNS.replace("! ", ""))
    (found,) = findings(rules, "KP403")

    assert "masquerades packets without the mark" in found.place.message.english()
    assert [one.message.english() for one in found.related] == ["the rule that leads there"]


def test_a_return_behind_the_masquerade_helps_nobody() -> None:
    rules = sound().replace(RETURNS, "").replace(MASQUERADES, MASQUERADES + RETURNS)

    assert "masquerades every packet" in said(rules, "KP403")[0]


@pytest.mark.parametrize(
    "rule",
    [
        "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x4000",
        "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0xffffffff",
        "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j MARK --set-xmark 0x4000/0x0",
    ],
)
def test_it_catches_a_mark_that_every_packet_gets(rule: str) -> None:
    (found,) = said(sound().replace(RETURNS, f"{rule}\n{RETURNS}"), "KP403")

    assert "masquerades every packet" in found


@pytest.mark.parametrize(
    "rule",
    [
        "-A KUBE-POSTROUTING -j MARK --set-xmark 0x1/0x1",
        "-A KUBE-POSTROUTING -s 10.0.0.0/8 -j MARK --set-xmark 0x4000/0x0",
        "-A KUBE-POSTROUTING -j CONNMARK --restore-mark",
        "-A KUBE-POSTROUTING -m connmark --mark 0x1 -j MARK --set-xmark 0x4000/0x0",
        "-A KUBE-POSTROUTING -s 10.0.0.0/8 -m mark --mark 0x0/0x4000 -j MARK --set-xmark 0x4000/0x0",
    ],
)
def test_it_is_silent_where_a_mark_before_the_question_changes_nothing_or_something_not_known(rule: str) -> None:
    assert not said(sound().replace(RETURNS, f"{rule}\n{RETURNS}"), "KP403")


def test_it_does_not_look_at_rules_alone() -> None:
    assert not said("-A POSTROUTING -j KUBE-POSTROUTING\n-A KUBE-POSTROUTING -j MASQUERADE\n", "KP403")
