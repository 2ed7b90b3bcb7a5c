"""IT708: the size of TCP segments is limited in one direction only."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said

CLAMP = "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"
OUT = f"-A FORWARD -o ppp0 {CLAMP}\n"

HANG = "if these are too long for the line, large transfers that way hang"


def mangle(*rules: str) -> str:
    return "*mangle\n:FORWARD ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:MINE - [0:0]\n" + "".join(rules) + "COMMIT\n"


def test_it_catches_a_rule_for_one_direction() -> None:
    (out,) = said(mangle(OUT), "IT708")
    (into,) = said(mangle(f"-A PREROUTING -i wg0 {CLAMP}\n"), "IT708")

    assert out == f"IT708 info 5: TCP segments from ppp0 are limited in size, those sent there are not: {HANG}"
    assert into == f"IT708 info 5: TCP segments to wg0 are limited in size, those from there are not: {HANG}"


@pytest.mark.parametrize(
    "rule",
    [
        f"-A POSTROUTING -o tun0 {CLAMP}\n",
        f"-A FORWARD -d 10.8.0.0/16 {CLAMP}\n",
        f"-A FORWARD -i eth0 -o ppp0 {CLAMP}\n",
        "-A FORWARD -o ppp0 -p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 1400\n",
    ],
)
def test_it_catches_addresses_and_other_forms(rule: str) -> None:
    (found,) = findings(mangle(rule), "IT708")

    assert found.severity == "info"
    assert not found.related


def test_a_rule_for_another_line_or_protocol_port_does_not_help() -> None:
    assert len(said(mangle(OUT, f"-A FORWARD -i ppp1 -o ppp0 {CLAMP}\n"), "IT708")) == 2
    assert (
        len(said(mangle("-A FORWARD -o ppp0 -p tcp -m tcp --dport 80 --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu\n"), "IT708"))
        == 1
    )


@pytest.mark.parametrize(
    "other",
    [
        f"-A FORWARD -i ppp0 {CLAMP}\n",
        f"-A FORWARD -o eth0 {CLAMP}\n",
        f"-A FORWARD {CLAMP}\n",
        f"-A FORWARD -i ppp+ {CLAMP}\n",
        "-A FORWARD -i ppp0 -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j TCPMSS --set-mss 1400\n",
        f"-A FORWARD -m set --match-set REMOTE src {CLAMP}\n",
        f"-A MINE -i ppp0 {CLAMP}\n",
        f"-A FORWARD -i ppp0 -m statistic --mode random --probability 0.5 {CLAMP}\n",
        f"-A FORWARD -m conntrack --ctstate NEW {CLAMP}\n",
    ],
)
def test_it_is_silent_where_a_rule_may_match_the_other_direction(other: str) -> None:
    assert not said(mangle(OUT, other), "IT708")
    assert not said(mangle(OUT).replace("COMMIT\n", "COMMIT\n" + mangle(other).replace("mangle", "filter")), "IT708")


@pytest.mark.parametrize("rule", [f"-A FORWARD {CLAMP}\n", f"-A FORWARD ! -o lo {CLAMP}\n", "-A FORWARD -o ppp0 -j ACCEPT\n", ""])
def test_it_is_silent_where_no_direction_is_chosen(rule: str) -> None:
    assert not said(mangle(rule), "IT708")


def test_it_is_silent_on_rule_lines_alone_and_on_a_cut_dump() -> None:
    assert not said(OUT, "IT708")
    assert not said(mangle(OUT).removesuffix("COMMIT\n"), "IT708")
