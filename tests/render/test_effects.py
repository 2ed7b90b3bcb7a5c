from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.extensions import binding
from iptexplain.model.matching import Broken, Remember
from iptexplain.render.effects import effect
from iptexplain.source import message
from tests.dumps import table

if TYPE_CHECKING:
    from iptexplain.model.matching import Effect
    from iptexplain.model.ruleset import Rule


def rule(target: str, name: str) -> Rule:
    return table([f"-A INPUT {target}"], ["CHAIN"], name=name).rules[0]


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("filter", "", "go on"),
        ("filter", "-j ACCEPT", "accept"),
        ("filter", "-j DROP", "drop"),
        ("filter", "-j RETURN", "return"),
        ("filter", "-j CHAIN", "jump CHAIN"),
        ("filter", "-g CHAIN", "goto CHAIN"),
        ("filter", "-j REJECT --reject-with tcp-reset", "reject tcp-reset"),
        ("filter", "-j LOG --log-prefix x", "go on"),
        ("filter", "-j NFQUEUE --queue-num 3", "queue 3"),
        ("filter", "-j NFQUEUE --queue-num 3 --queue-bypass", "queue 3, or go on"),
        ("filter", "-j SET --add-set seen src,dst", "put src,dst into set seen"),
        ("filter", "-j SET --del-set seen src", "take src out of set seen"),
        ("filter", "-j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0", "TPROXY: not known"),
        ("mangle", "-j MARK --set-xmark 0x4000/0x4000", "mark 0x4000/0x4000"),
        ("mangle", "-j MARK --set-xmark 0x1/0xffffffff", "mark 0x1"),
        ("mangle", "-j CONNMARK --set-xmark 0x1/0xff", "connection mark 0x1/0xff"),
        ("mangle", "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff", "save mark"),
        ("mangle", "-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", "restore mark"),
        ("mangle", "-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xff", "save mark 0xf as 0xff"),
        ("mangle", "-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xff", "restore mark 0xff as 0xf"),
        ("mangle", "-j TTL --ttl-set 7", "ttl 7"),
        ("mangle", "-j TTL --ttl-dec 1", "ttl -1"),
        ("mangle", "-j TTL --ttl-inc 2", "ttl +2"),
        ("mangle", "-j TOS --set-tos 0x10/0x3f", "tos 0x10/0x3f"),
        ("raw", "-j NOTRACK", "do not track"),
        ("raw", "-j CT --notrack", "do not track"),
        ("nat", "-j DNAT --to-destination 10.0.0.1:80", "dnat 10.0.0.1:80"),
        ("nat", "-p tcp -j REDIRECT --to-ports 80-90", "redirect 80-90"),
        ("nat", "-j REDIRECT", "redirect"),
        ("nat", "-j MASQUERADE --random-fully", "masquerade"),
        ("nat", "-j SNAT --to-source 10.0.0.1-10.0.0.9", "snat 10.0.0.1-10.0.0.9"),
        ("nat", "-j NETMAP --to 10.0.0.0/24", "netmap 10.0.0.0/24"),
    ],
)
def test_every_target_has_a_few_words(name: str, target: str, words: str) -> None:
    assert effect(binding.effect(rule(target, name)), 4).english() == words


@pytest.mark.parametrize(("family", "words"), [(4, "reject icmp-port-unreachable"), (6, "reject icmp6-port-unreachable")])
def test_an_answer_that_is_not_said_is_the_default_of_the_family(family: int, words: str) -> None:
    assert effect(binding.effect(rule("-j REJECT", "filter")), family).english() == words


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Broken(message("chain {chain} calls itself", chain="A")), "chain A calls itself"),
        (Remember("seen", destination=False, mask=None, on=True), "put on list seen"),
        (Remember("seen", destination=False, mask=None, on=False), "take off list seen"),
    ],
)
def test_what_no_target_does_has_words_too(what: Effect, words: str) -> None:
    assert effect(what, 4).english() == words
