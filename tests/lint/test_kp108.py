"""KP108: a jump to a chain of kube-proxy takes only some packets."""

from __future__ import annotations

import re

import pytest

from tests.lint.linted import said, sound

JUMP = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'
IN_FILTER = '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'


@pytest.mark.parametrize(
    "demand",
    ["-i eth0", "! -s 10.0.0.0/8", "-p tcp -m tcp", "-m addrtype --dst-type LOCAL", "-m statistic --mode random --probability 0.5"],
)
def test_it_catches_a_jump_that_asks_for_more(demand: str) -> None:
    (found,) = said(sound().replace(JUMP, f"-A PREROUTING {demand} -j KUBE-SERVICES\n"), "KP108")

    assert found.startswith("KP108 warning ")
    assert "PREROUTING of table nat" in found


@pytest.mark.parametrize(
    "demand", ["-i eth0 -m conntrack --ctstate NEW", "-m conntrack --ctstate ESTABLISHED", "-m conntrack ! --ctstate NEW"]
)
def test_it_catches_a_jump_in_filter_that_asks_for_more_than_new_connections(demand: str) -> None:
    (found,) = said(sound().replace(IN_FILTER, f"-A FORWARD {demand} -j KUBE-SERVICES\n"), "KP108")

    assert "FORWARD of table filter" in found


def test_it_is_silent_on_what_kube_proxy_writes_and_on_what_takes_no_less() -> None:
    assert not said(sound(), "KP108")
    assert not said(sound().replace(IN_FILTER, "-A FORWARD -j KUBE-SERVICES\n"), "KP108")
    assert not said(sound().replace(IN_FILTER, "-A FORWARD -m state --state RELATED,NEW -j KUBE-SERVICES\n"), "KP108")


def test_it_is_silent_where_another_rule_takes_every_packet() -> None:
    assert not said(sound().replace(JUMP, f"-A PREROUTING -i eth0 -j KUBE-SERVICES\n{JUMP}"), "KP108")


def test_it_is_silent_on_jumps_from_chains_of_others() -> None:
    assert not said(sound().replace(JUMP, "-A PREROUTING -j MINE\n-A MINE -i eth0 -j KUBE-SERVICES\n"), "KP108")


@pytest.mark.parametrize(
    ("table", "start", "chain"),
    [
        ("nat", "OUTPUT", "KUBE-SERVICES"),
        ("nat", "POSTROUTING", "KUBE-POSTROUTING"),
        ("filter", "INPUT", "KUBE-FIREWALL"),
        ("filter", "INPUT", "KUBE-PROXY-FIREWALL"),
        ("filter", "INPUT", "KUBE-NODEPORTS"),
        ("filter", "INPUT", "KUBE-EXTERNAL-SERVICES"),
        ("filter", "FORWARD", "KUBE-PROXY-FIREWALL"),
        ("filter", "FORWARD", "KUBE-FORWARD"),
        ("filter", "FORWARD", "KUBE-SERVICES"),
        ("filter", "FORWARD", "KUBE-EXTERNAL-SERVICES"),
        ("filter", "OUTPUT", "KUBE-FIREWALL"),
        ("filter", "OUTPUT", "KUBE-PROXY-FIREWALL"),
        ("filter", "OUTPUT", "KUBE-SERVICES"),
    ],
)
def test_it_catches_every_jump_that_asks_for_more(table: str, start: str, chain: str) -> None:
    before, star, rules = sound().partition(f"*{table}\n")
    narrowed = re.sub(f"-A {start} (.*-j {chain}\n)", rf"-A {start} -p tcp \1", rules, count=1)

    (found,) = said(before + star + narrowed, "KP108")
    assert f"only some packets in {start} of table {table} are led to {chain}: " in found


@pytest.mark.parametrize(("start", "chain"), [("FORWARD", "KUBE-FORWARD"), ("INPUT", "KUBE-FIREWALL")])
def test_it_catches_a_jump_that_new_connections_alone_take_where_kube_proxy_takes_all(start: str, chain: str) -> None:
    narrowed = re.sub(f"-A {start} (.*-j {chain}\n)", rf"-A {start} -m conntrack --ctstate NEW \1", sound())

    assert len(said(narrowed, "KP108")) == 1


def test_it_is_silent_where_all_that_is_marked_for_masquerade_is_led_there() -> None:
    for mark in ("0x4000/0x4000", "0x4000"):
        narrowed = sound().replace("-A POSTROUTING -m", f"-A POSTROUTING -m mark --mark {mark} -m")
        assert len(said(narrowed, "KP108")) == (mark == "0x4000")


def test_it_is_silent_on_chains_that_are_not_kube_proxys() -> None:
    assert not said(sound().replace(JUMP, f"{JUMP}-A PREROUTING -p tcp -j KUBE-MINE\n"), "KP108")
