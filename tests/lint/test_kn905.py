"""KN905: the dump has very many rules."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound


def _dump(count: int) -> str:
    """So many rules, one of them in another table than the others."""
    nat = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j ACCEPT\nCOMMIT\n"
    rules = "-A INPUT -j ACCEPT\n" * (count - 1)
    return f"{nat}*filter\n:INPUT ACCEPT [0:0]\n{rules}COMMIT\n"


@pytest.mark.parametrize(("count", "end"), [(20_001, "late"), (100_000, "late"), (100_001, "very late")])
def test_it_tells_how_many_rules_there_are_in_all_tables(count: int, end: str) -> None:
    assert said(_dump(count), "KN905") == [f"KN905 info 0: the dump has {count} rules: changes take effect {end}"]


def test_more_rules_are_still_the_same_finding() -> None:
    (few,), (more,) = findings(_dump(20_001), "KN905"), findings(_dump(20_002), "KN905")
    assert few.fingerprint == more.fingerprint


def test_it_is_silent_on_fewer_rules() -> None:
    assert not said(_dump(20_000), "KN905")
    assert not said(sound(), "KN905")
