"""KN910: packets were marked for masquerade, but none was masqueraded."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

MARKED = "[3000:180000] -A KUBE-MARK-MASQ "
MASQUERADED = '[3000:180000] -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" '


def counted(marked: int, masqueraded: int) -> str:
    text = sound("classic-nginx-counters")
    return text.replace(MARKED, f"[{marked}:0] -A KUBE-MARK-MASQ ").replace(
        MASQUERADED, MASQUERADED.replace("3000:180000", f"{masqueraded}:0")
    )


def test_it_catches_marked_packets_of_which_none_is_masqueraded() -> None:
    (found,) = findings(counted(100, 0), "KN910")

    assert found.severity == "info"
    assert "none of the 100 connections" in found.place.message.english()
    assert found.place.text.startswith("[0:0] -A KUBE-POSTROUTING ")
    assert [counted(100, 0).splitlines()[related.line - 1] for related in found.related] == [
        "[100:0] -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000"
    ]


def test_it_finds_the_same_while_packets_are_counted() -> None:
    (first,), (second,) = findings(counted(100, 0), "KN910"), findings(counted(4711, 0), "KN910")

    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(("marked", "masqueraded"), [(99, 0), (0, 0), (3000, 1), (0, 3000)])
def test_it_is_silent_on_few_packets_and_where_some_are_masqueraded(marked: int, masqueraded: int) -> None:
    assert not said(counted(marked, masqueraded), "KN910")


def test_it_is_silent_on_a_sound_dump_without_counters_and_where_the_rules_are_not_kube_proxys_two() -> None:
    broken = counted(3000, 0)
    rule = next(line for line in broken.splitlines(keepends=True) if "MASQUERADE" in line)

    assert not said(sound("classic-nginx-counters"), "KN910")
    assert not said(sound(), "KN910")
    assert not said(broken.replace(rule, ""), "KN910")
    assert not said(broken.replace(rule, rule + rule), "KN910")
    assert not said(broken.replace("*nat\n", "*mangle\n"), "KN910")
    assert not said(broken.rpartition("COMMIT")[0], "KN910")
