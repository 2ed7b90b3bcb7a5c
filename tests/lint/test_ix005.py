"""IX005: a part of the node's rules is not in the input."""

from __future__ import annotations

from tests.lint.linted import said, sound

FILTER = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"
NAT = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"


def test_it_tells_that_nat_is_missing() -> None:
    (found,) = said(FILTER, "IX005")
    assert found.startswith("IX005 info 1: the dump has no table nat")


def test_it_tells_that_filter_is_missing() -> None:
    (found,) = said(NAT, "IX005")
    assert found.startswith("IX005 info 1: the dump has no table filter")


def test_it_is_silent_where_both_tables_or_neither_are_there() -> None:
    assert not said(sound(), "IX005")
    assert not said(sound("ipv6"), "IX005")
    assert not said(FILTER + NAT, "IX005")
    assert not said("*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", "IX005")


def test_it_does_not_look_at_rule_lines_alone_or_at_a_dump_that_is_cut() -> None:
    assert not said("-A INPUT -s 10.0.0.1/32 -j DROP\n", "IX005")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 10.0.0.1/32 -j DROP\n", "IX005")
