"""IT712: two rules send the same packets to different destinations."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

WEB = "-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.168.1.{}:80\n"


def forwards(*rules: str) -> str:
    return f"*nat\n:PREROUTING ACCEPT [0:0]\n:MINE - [0:0]\n{''.join(rules)}COMMIT\n"


@pytest.mark.parametrize(
    "between",
    ["", "-A PREROUTING -p tcp -m tcp --dport 443 -j DNAT --to-destination 192.168.1.10:443\n", "-A PREROUTING -j MINE\n"],
)
def test_it_catches_a_second_destination_for_the_same_packets(between: str) -> None:
    (found,) = findings(forwards(WEB.format(10), between, WEB.format(20)), "IT712")

    assert found.severity == "warning"
    assert "192.168.1.20:80" in found.place.text
    assert [one.line for one in found.related] == [4]
    assert found.place.message.english() == (
        "this rule of PREROUTING never sends anything to 192.168.1.20:80: a rule before it sends the same packets to 192.168.1.10:80"
    )


def test_it_looks_through_comments_and_the_order_of_words() -> None:
    other = '-A PREROUTING -p tcp -m comment --comment "new" -m tcp --dport 80 -j DNAT --to-destination 192.168.1.20:80\n'

    assert len(said(forwards(WEB.format(10), other), "IT712")) == 1


@pytest.mark.parametrize(
    "rules",
    [
        [WEB.format(10), WEB.format(10)],
        [WEB.format(10), WEB.format(20).replace("dport 80", "dport 81")],
        [WEB.format(10), WEB.format(20).replace("-p tcp", "-i eth0 -p tcp", 1)],
        [WEB.format(10).replace("-j DNAT", "-m statistic --mode random --probability 0.5 -j DNAT"), WEB.format(20)],
        [WEB.format(10), WEB.format(20).replace("PREROUTING", "MINE")],
        [WEB.format(10), "-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination nothing\n"],
        ["-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 10.0.0.1:80\n"] * 2,
    ],
)
def test_it_is_silent_where_the_second_rule_has_packets_of_its_own_or_the_same_destination(rules: list[str]) -> None:
    assert not said(forwards(*rules), "IT712")


def test_it_leaves_the_chains_of_endpoints_to_another_check() -> None:
    rule = "-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 10.0.0.{}:80\n"

    assert not said(forwards(rule.format(1), rule.format(2)), "IT712")


def test_it_is_silent_on_a_sound_dump() -> None:
    assert not said(sound(), "IT712")
