"""KP409: a rule clears kube-proxy's mark before the traffic is masqueraded."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

FORWARD = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'
ERROR = "chain {} clears kube-proxy's mark 0x4000 before KUBE-POSTROUTING: what meets this rule is not masqueraded"


def _forwarded(rules: str) -> str:
    """The sound dump, with rules before those of kube-proxy in FORWARD of filter."""
    return sound().replace(FORWARD, rules + FORWARD)


def _mangled(rules: str) -> str:
    """The sound dump, with rules in mangle."""
    return sound().replace(":KUBE-PROXY-CANARY - [0:0]\nCOMMIT\n", f":KUBE-PROXY-CANARY - [0:0]\n{rules}COMMIT\n", 1)


def _sentences(text: str) -> list[str]:
    return [line.split(" ", 2)[1] + line.split(":", 1)[1] for line in said(text, "KP409")]


@pytest.mark.parametrize(
    "rule",
    [
        "-A MINE -j MARK --set-xmark 0x2000/0xffffffff\n",
        "-A MINE -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j MARK --set-xmark 0x0/0xffffffff\n",
        "-A MINE -d 192.168.104.1/32 -m set --match-set some src -j MARK --set-xmark 0x1/0xf000\n",
        "-A MINE -m mark --mark 0x4000/0x4000 -j MARK --set-xmark 0x0/0xffffffff\n",
    ],
)
def test_it_catches_a_rule_that_writes_the_whole_mark_on_the_way_of_forwarded_traffic(rule: str) -> None:
    assert _sentences(_forwarded("-A FORWARD -m conntrack --ctstate NEW -j MINE\n" + rule)) == [f"error {ERROR.format('MINE')}"]


def test_it_catches_it_in_the_chains_of_mangle_and_nat_behind_the_rules_that_mark() -> None:
    masquerade = '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n'
    before = sound().replace(masquerade, "-A POSTROUTING -j MARK --set-xmark 0x1/0xffffffff\n" + masquerade)

    assert _sentences(before) == [f"error {ERROR.format('POSTROUTING')}"]
    assert _sentences(_mangled("-A POSTROUTING -j MARK --set-xmark 0x1/0xffffffff\n")) == [f"error {ERROR.format('POSTROUTING')}"]


def test_it_says_a_chain_once_with_the_gravest_of_its_rules() -> None:
    rules = "-A {0} -m mark --mark 0x1 -j MARK --set-xmark 0x2/0xffffffff\n-A {0} -j MARK --set-xmark 0x2/0xffffffff\n"

    assert _sentences(_forwarded(rules.format("FORWARD") * 2)) == [f"error {ERROR.format('FORWARD')}"]


def test_it_names_the_other_rules_of_the_chain_that_do_the_same() -> None:
    rule = "-A FORWARD -p tcp -m set --match-set {} src -j MARK --set-xmark 0x2000/0xffffffff\n"
    lesser = "-A FORWARD -m mark ! --mark 0x4000/0x4000 -j MARK --set-xmark 0x1/0xffffffff\n"

    (found,) = findings(_forwarded(rule.format("a") + lesser + rule.format("b")), "KP409")
    assert [(one.line - found.place.line, one.message.english()) for one in found.related[1:]] == [(2, "clears the mark too")]

    (found,) = findings(_forwarded("".join(map(rule.format, "abcde"))), "KP409")
    assert found.related[-1].message.english() == "clears the mark too"

    (found,) = findings(_forwarded("".join(map(rule.format, "abcdefgh"))), "KP409")
    assert [one.line - found.place.line for one in found.related[1:]] == [1, 2, 3, 4]
    assert found.related[-1].message.english() == "clears the mark too (8 rules in all)"


def test_it_is_an_info_where_only_tests_of_the_mark_keep_the_traffic_away() -> None:
    rules = "-A FORWARD -m mark --mark 0x2000 -j MINE\n-A MINE -j MARK --set-xmark 0x0/0xffffffff\n"

    (found,) = _sentences(_forwarded(rules))
    assert found == "info chain MINE clears kube-proxy's mark 0x4000; only tests of the mark keep its traffic away"


def test_it_is_an_info_where_the_bit_is_cleared_on_purpose() -> None:
    (found,) = _sentences(_mangled("-A POSTROUTING -j MARK --set-xmark 0x0/0x4000\n"))
    assert found == "info chain POSTROUTING clears kube-proxy's mark 0x4000 and no other: what meets this rule is not masqueraded"


@pytest.mark.parametrize(
    "rules",
    [
        "-A FORWARD -j MARK --set-xmark 0x2000/0x2000\n",
        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j MARK --set-xmark 0x0/0xffffffff\n",
        "-A FORWARD -m conntrack ! --ctstate NEW -j MARK --set-xmark 0x0/0xffffffff\n",
        "-A FORWARD -p udp -m udp --dport 5060 -j MARK --set-xmark 0x1/0xffffffff\n",
        "-A FORWARD -p tcp -m tcp --dport 22 -j MARK --set-xmark 0x1/0xffffffff\n",
        "-A FORWARD -d 203.0.113.0/24 -j MARK --set-xmark 0x1/0xffffffff\n",
        "-A FORWARD -m mark ! --mark 0x4000/0x4000 -m conntrack --ctstate ESTABLISHED -j MARK --set-xmark 0x1/0xffffffff\n",
        "-A MINE -j MARK --set-xmark 0x1/0xffffffff\n",
        "-A FORWARD -j ACCEPT\n-A FORWARD -j MARK --set-xmark 0x1/0xffffffff\n",
        "-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT\n-A FORWARD -j MARK --set-xmark 0x1/0xffffffff\n",
    ],
)
def test_it_is_silent_where_the_mark_stays_or_no_marked_traffic_comes(rules: str) -> None:
    assert not said(_forwarded(rules), "KP409")


def test_it_is_silent_on_the_sound_dump_and_behind_the_chains_that_take_marked_traffic() -> None:
    assert not said(sound(), "KP409")
    assert not said(sound().replace(FORWARD, FORWARD + "-A FORWARD -j MARK --set-xmark 0x1/0xffffffff\n"), "KP409")
    assert not said(sound().rpartition("COMMIT")[0] + "-A POSTROUTING -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n", "KP409")


def test_it_is_silent_before_the_rules_that_mark() -> None:
    assert not said(_mangled("-A PREROUTING -j MARK --set-xmark 0x1/0xffffffff\n-A OUTPUT -j MARK --set-xmark 0x1/0xffffffff\n"), "KP409")


def test_it_is_an_info_where_a_rule_itself_asks_for_packets_without_the_mark() -> None:
    (found,) = _sentences(_forwarded("-A FORWARD -m mark ! --mark 0x4000/0x4000 -j MARK --set-xmark 0x1/0xffffffff\n"))
    assert found == "info chain FORWARD clears kube-proxy's mark 0x4000; only tests of the mark keep its traffic away"


def test_it_is_silent_where_the_dump_does_not_tell_the_mark() -> None:
    filter_ = "*filter\n:FORWARD ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A FORWARD -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n"

    assert not said(filter_, "KP409")


MASQUERADE = '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n'
CLEARING = "-A OWN -j MARK --set-xmark 0x0/0xffffffff\n"
JUMP = "-A POSTROUTING -j OVN\n-A OVN -m mark --mark 0x4000/0x4000 -j OWN\n"


def _before_masquerade(rules: str) -> str:
    """The sound dump, with rules in nat before those of kube-proxy in POSTROUTING."""
    return sound().replace(MASQUERADE, rules + MASQUERADE)


@pytest.mark.parametrize(
    "rules",
    [
        JUMP + CLEARING + "-A OWN -j MASQUERADE\n",
        JUMP.replace("-j OWN", "-g OWN") + CLEARING + "-A OWN -j SNAT --to-source 10.0.0.1\n",
        JUMP + CLEARING + "-A OVN -j MASQUERADE\n",
        JUMP + CLEARING + "-A POSTROUTING -j MASQUERADE\n",
        JUMP + CLEARING + "-A OWN -d 192.168.104.1/32 -j MASQUERADE\n-A OWN -j MORE\n-A MORE -j MASQUERADE\n",
        JUMP + CLEARING + "-A OWN -j MARK --set-xmark 0x4000/0x4000\n",
        "-A POSTROUTING -p tcp -j MARK --set-xmark 0x0/0xffffffff\n-A POSTROUTING -p tcp -j MASQUERADE\n",
        JUMP + CLEARING + "-A OWN -o eth1 -j DROP\n-A OWN -j MASQUERADE\n",
        JUMP + CLEARING.replace("0xffffffff", "0x4000") + "-A OWN -j MASQUERADE\n",
    ],
)
def test_it_is_silent_where_nat_masquerades_behind_the_rule_what_it_has_met(rules: str) -> None:
    assert not said(_before_masquerade(rules), "KP409")


@pytest.mark.parametrize(
    "rules",
    [
        JUMP + CLEARING,
        JUMP + CLEARING + "-A OWN -j RETURN\n-A OWN -j MASQUERADE\n",
        JUMP + CLEARING + "-A OWN -o eth1 -j MASQUERADE\n",
        JUMP + CLEARING + "-A OWN -d 10.0.0.0/8 -j ACCEPT\n-A OWN -j MASQUERADE\n",
        JUMP.replace("-j OWN", "-g OWN") + CLEARING + "-A OVN -j MASQUERADE\n",
        JUMP + CLEARING + "-A OVN -m mark --mark 0x4000/0x4000 -j MASQUERADE\n",
        JUMP + JUMP.replace("OVN", "ALSO") + CLEARING + "-A OVN -j MASQUERADE\n",
    ],
)
def test_it_catches_it_in_nat_where_some_way_behind_the_rule_ends_without_masquerade(rules: str) -> None:
    assert _sentences(_before_masquerade(rules)) == [f"error {ERROR.format('OWN')}"]


def test_chains_of_nat_that_lead_to_each_other_do_not_keep_it_busy() -> None:
    assert _sentences(_before_masquerade(JUMP + CLEARING + "-A OWN -j OVN\n")) == [f"error {ERROR.format('OWN')}"]
