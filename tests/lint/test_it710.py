"""IT710: answers are dropped, since the policy is DROP and nothing lets packets of known connections pass."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

SSH = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"


def closed(*rules: str) -> str:
    return f"*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:MINE - [0:0]\n{''.join(rules)}COMMIT\n"


@pytest.mark.parametrize(
    "rules",
    [
        [SSH],
        ["-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"],
        ["-A INPUT -i lo -j ACCEPT\n", "-A INPUT -p icmp -j ACCEPT\n", SSH],
        ["-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n"],
        ["-A INPUT -m conntrack ! --ctstate INVALID,ESTABLISHED -j ACCEPT\n"],
        ["-A INPUT -j MINE\n", "-A MINE -p tcp -m multiport --dports 22,80 -j ACCEPT\n"],
    ],
)
def test_it_catches_a_closed_chain_that_accepts_no_answers(rules: list[str]) -> None:
    (found,) = said(closed(*rules), "IT710")
    assert found.startswith("IT710 warning 2: INPUT ")


@pytest.mark.parametrize(
    "rules",
    [
        ["-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n", SSH],
        ["-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n", SSH],
        ["-A INPUT -j MINE\n", "-A MINE -m conntrack --ctstate ESTABLISHED -j ACCEPT\n", SSH],
        ["-A INPUT -m conntrack ! --ctstate INVALID -j ACCEPT\n"],
        ["-A INPUT -s 10.0.0.0/8 -j ACCEPT\n", SSH],
        ["-A INPUT -p tcp -m tcp --sport 443 -j ACCEPT\n", SSH],
        ["-A INPUT -p tcp -m tcp --dport 1024:65535 -j ACCEPT\n", SSH],
        ["-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n", SSH],
        ["-A INPUT -j NFQUEUE --queue-num 0\n", SSH],
        ["-A INPUT -j SOMETHING --else\n", SSH],
        ["-A INPUT -p tcp -j DROP\n"],
        ["-A INPUT -i lo -j ACCEPT\n"],
        ["-A INPUT -p icmp -j ACCEPT\n", "-A INPUT -p tcp -m conntrack --ctstate RELATED -j ACCEPT\n"],
        [],
    ],
)
def test_it_is_silent_where_answers_may_pass_or_nothing_is_accepted(rules: list[str]) -> None:
    assert not said(closed(*rules), "IT710")


def test_it_is_silent_on_a_policy_that_accepts_on_a_sound_dump_and_on_a_cut_one() -> None:
    assert not said(closed(SSH).replace("INPUT DROP", "INPUT ACCEPT"), "IT710")
    assert not said(sound(), "IT710")
    assert not said(closed(SSH).replace("COMMIT\n", ""), "IT710")
