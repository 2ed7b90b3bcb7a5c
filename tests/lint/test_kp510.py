"""KP510: packets to a Service are hidden from connection tracking."""

from __future__ import annotations

import re

import pytest

from tests.lint.linted import said, sound

VIP = "10.109.35.24/32"


def with_raw(*rules: str) -> str:
    lines = "".join(f"{rule}\n" for rule in rules)
    return f"*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:MINE - [0:0]\n{lines}COMMIT\n" + sound()


@pytest.mark.parametrize(
    "rules",
    [
        ["-A PREROUTING -d 10.96.0.0/12 -j NOTRACK"],
        ["-A PREROUTING -j CT --notrack"],
        ["-A OUTPUT -d 10.109.35.24/32 -p tcp -m tcp --dport 80 -j CT --notrack"],
        ["-A PREROUTING -p tcp -j MINE", "-A MINE -d 10.96.0.0/12 -j CT --notrack"],
        ["-A PREROUTING -p udp -j ACCEPT", "-A PREROUTING -d 10.96.0.0/12 -j CT --notrack"],
    ],
)
def test_it_catches_a_rule_in_raw_that_untracks_packets_to_a_service(rules: list[str]) -> None:
    (found,) = said(with_raw(*rules), "KP510")
    assert found.startswith("KP510 error ")
    assert " hides packets to " in found
    assert "default/nginx" in found


def test_it_names_the_service_and_says_how_many_more_are_hit() -> None:
    (one,) = said(with_raw(f"-A PREROUTING -d {VIP} -j NOTRACK"), "KP510")
    (more,) = said(with_raw("-A PREROUTING -j NOTRACK").replace(sound(), sound("external-access")), "KP510")

    assert one.endswith(
        ": chain PREROUTING of raw hides packets to default/nginx from connection tracking:"
        " no rule can send them to an endpoint, and they time out"
    )
    assert re.search(r"hides packets to \d+ Service ports, such as [a-z]+/[a-z-]+(:[a-z]+)?, from connection tracking: ", more)


def test_it_warns_where_only_some_sources_are_untracked() -> None:
    (found,) = said(with_raw("-A PREROUTING -s 10.0.0.0/8 -d 10.96.0.0/12 -j NOTRACK"), "KP510")
    assert found.startswith("KP510 warning ")


@pytest.mark.parametrize(
    "rules",
    [
        ["-A PREROUTING -d 192.168.0.0/16 -j NOTRACK"],
        [f"-A PREROUTING -d {VIP} -p udp -j NOTRACK"],
        [f"-A PREROUTING -d {VIP} -p tcp -m tcp --dport 81 -j NOTRACK"],
        ["-A PREROUTING -s 203.0.113.7/32 -j NOTRACK"],
        ["-A PREROUTING -i lo -j NOTRACK"],
        ["-A PREROUTING -m mark --mark 0x200/0xf00 -j CT --notrack"],
        ["-A PREROUTING -d 10.96.0.0/12 -m statistic --mode random --probability 0.5 -j NOTRACK"],
        ["-A PREROUTING -d 10.96.0.0/12 -j ACCEPT", "-A PREROUTING -j NOTRACK"],
        ["-A PREROUTING -j MINE", "-A MINE -d 10.96.0.0/12 -j ACCEPT", "-A PREROUTING -j NOTRACK"],
        ["-A PREROUTING -d 10.96.0.0/12 -g MINE", "-A PREROUTING -j NOTRACK"],
        ["-A PREROUTING -j MINE", "-A MINE -p udp -j MINE", "-A MINE -p udp -j NOTRACK"],
        ["-A MINE -d 10.96.0.0/12 -j NOTRACK"],
        ["-A PREROUTING -d 10.96.0.0/12 -j CT --zone 7"],
    ],
)
def test_it_is_silent_on_rules_that_no_service_is_proven_to_meet(rules: list[str]) -> None:
    assert not said(with_raw(*rules), "KP510")


def test_it_is_silent_on_the_cache_of_node_local_dns() -> None:
    comment = '-m comment --comment "NodeLocal DNS Cache: skip conntrack"'

    assert not said(with_raw(f"-A PREROUTING -d {VIP} -p tcp -m tcp --dport 80 {comment} -j CT --notrack"), "KP510")
    older = (
        f"-A PREROUTING -d {VIP} -p tcp -m tcp --dport 80 -j CT --notrack",
        f"-A OUTPUT -s {VIP} -p tcp -m tcp --sport 80 -j CT --notrack",
    )
    assert not said(with_raw(*older), "KP510")


def test_it_is_silent_on_a_sound_dump_and_without_raw_or_services() -> None:
    assert not said(sound(), "KP510")
    assert not said("*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j NOTRACK\nCOMMIT\n", "KP510")
