"""KP509: a rule traces packets."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{}COMMIT\n"
TRACE = "-A PREROUTING -p tcp -m tcp --dport 80 -j TRACE\n"


def test_it_catches_a_rule_that_traces() -> None:
    (found,) = said(RAW.format(TRACE) + sound(), "KP509")

    assert found.startswith("KP509 info 4: ")


def test_it_finds_the_same_whatever_was_counted() -> None:
    (first,), (second,) = (findings(RAW.format(counted + TRACE), "KP509") for counted in ("[7:420] ", "[8:480] "))

    assert first.fingerprint == second.fingerprint


def test_it_is_silent_where_nothing_traces() -> None:
    assert not said(sound(), "KP509")
    assert not said(RAW.format("-A PREROUTING -p tcp -j ACCEPT\n"), "KP509")
