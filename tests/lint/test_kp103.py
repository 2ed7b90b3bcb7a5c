"""KP103: what is marked for masquerade is not masqueraded."""

from __future__ import annotations

import re

import pytest

from tests.lint.linted import findings, said, sound

JUMP = '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n'

OWN = re.compile("-A KUBE-POSTROUTING .*\n")
MASQUERADES = re.compile("-A KUBE-POSTROUTING .*-j MASQUERADE.*\n")
ANOTHER = ":CNI-MASQ - [0:0]\n-A POSTROUTING -j CNI-MASQ\n-A CNI-MASQ -m mark --mark 0x4000/0x4000 -j MASQUERADE\n"


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


@pytest.mark.parametrize("gone", [MASQUERADES, OWN])
def test_it_catches_a_chain_that_masquerades_nothing(gone: re.Pattern[str]) -> None:
    (found,) = said(gone.sub("", sound()), "KP103")

    assert found.startswith("KP103 error ")
    assert "KUBE-POSTROUTING masquerades nothing" in found


def test_it_tells_one_thing_where_the_jump_is_missing_too() -> None:
    (found,) = said(MASQUERADES.sub("", sound().replace(JUMP, "")), "KP103")

    assert "nothing leads from POSTROUTING" in found


def test_it_is_silent_where_another_rule_masquerades_what_is_marked() -> None:
    broken = MASQUERADES.sub("", sound())

    assert not said(broken.replace(JUMP, JUMP + "-A KUBE-POSTROUTING -j MINE\n-A MINE -j MASQUERADE\n"), "KP103")
    assert not said(broken.replace(JUMP, JUMP + ANOTHER), "KP103")
    assert not said(broken.replace(JUMP, JUMP + "-A KUBE-POSTROUTING -j SNAT --to-source 192.0.2.1\n"), "KP103")
    assert len(said(broken.replace(JUMP, JUMP + ANOTHER.replace("-m mark --mark 0x4000/0x4000", "-d 192.0.2.0/24")), "KP103")) == 1


def test_it_is_silent_where_a_rule_of_the_chain_is_not_understood() -> None:
    broken = MASQUERADES.sub("", sound())

    assert not said(broken.replace(JUMP, JUMP + "-A KUBE-POSTROUTING -j MYSTERY --of something\n"), "KP103")


def test_it_is_silent_where_kube_proxy_has_no_such_chain_or_marks_nothing() -> None:
    broken = MASQUERADES.sub("", sound())
    no_chain = "".join(line for line in broken.splitlines(keepends=True) if "KUBE-POSTROUTING" not in line)
    no_marks = "".join(line for line in broken.splitlines(keepends=True) if not line.endswith("-j KUBE-MARK-MASQ\n"))

    assert not said(no_chain, "KP103")
    assert not said(no_marks, "KP103")
    assert not said("".join(line for line in broken.splitlines(keepends=True) if " ACCEPT [" not in line), "KP103")


SETS = "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n"


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "-A KUBE-MARK-MASQ -j RETURN\n",
        f"-A KUBE-MARK-MASQ -j RETURN\n{SETS}",
        f"-A KUBE-MARK-MASQ -j ACCEPT\n{SETS}",
        "-A KUBE-MARK-MASQ -j LOG\n-A KUBE-MARK-MASQ -s 10.0.0.0/8 -j RETURN\n",
        "-A KUBE-MARK-MASQ -j MINE\n-A MINE -j LOG\n",
    ],
)
def test_it_catches_a_chain_that_marks_nothing(rules: str) -> None:
    (found,) = said(sound().replace(SETS, rules), "KP103")

    assert found.startswith("KP103 error ")
    assert "KUBE-MARK-MASQ marks no packet: what kube-proxy wants masqueraded keeps its source address" in found


def test_it_points_to_the_rule_that_ends_the_chain_before_the_mark_else_to_the_chain() -> None:
    (ended,) = findings(sound().replace(SETS, f"-A KUBE-MARK-MASQ -j RETURN\n{SETS}"), "KP103")
    (alone,) = findings(sound().replace(SETS, "-A KUBE-MARK-MASQ -j RETURN\n"), "KP103")
    (empty,) = findings(sound().replace(SETS, ""), "KP103")

    assert ended.place.text == alone.place.text == "-A KUBE-MARK-MASQ -j RETURN"
    assert empty.place.text.startswith(":KUBE-MARK-MASQ ")
    assert ended.related[0].message.english() == "the first rule that has traffic marked"


@pytest.mark.parametrize(
    "rules",
    [
        f"{SETS}-A KUBE-MARK-MASQ -j RETURN\n",
        f"-A KUBE-MARK-MASQ -s 10.0.0.0/8 -j RETURN\n{SETS}",
        "-A KUBE-MARK-MASQ -s 10.0.0.0/8 -j MARK --set-xmark 0x4000/0x4000\n",
        f"-A KUBE-MARK-MASQ -j MINE\n{SETS.replace('-A KUBE-MARK-MASQ', '-A MINE')}",
        "-A KUBE-MARK-MASQ -j MARK [unsupported revision]\n",
        "-A KUBE-MARK-MASQ -j MYSTERY --of something\n",
        "-A KUBE-MARK-MASQ -j CONNMARK --restore-mark\n",
    ],
)
def test_it_is_silent_where_the_chain_may_mark(rules: str) -> None:
    assert not said(sound().replace(SETS, rules), "KP103")


def test_it_is_silent_where_the_marking_chain_is_not_in_the_dump() -> None:
    assert not said(sound().replace(SETS, "").replace(":KUBE-MARK-MASQ - [0:0]\n", ""), "KP103")
