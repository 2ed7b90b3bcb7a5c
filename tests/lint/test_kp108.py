"""KP108: the jump to KUBE-SERVICES takes only some packets."""

from __future__ import annotations

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
