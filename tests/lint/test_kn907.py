"""KN907: one endpoint of a Service gets nothing, though the others get a lot."""

from __future__ import annotations

import re

import pytest

from tests.lint.linted import findings, said, sound

LEADS = re.compile(r"(?m)^\[\d+:\d+\] (?=-A KUBE-SVC-\S+ .*-j KUBE-SEP-)")


def counted(*packets: int) -> str:
    numbers = iter(packets)
    return LEADS.sub(lambda _: f"[{next(numbers)}:0] ", sound("classic-nginx-counters"))


@pytest.mark.parametrize("packets", [(0, 1000, 1000), (5120, 0, 5006), (1000, 4000, 0)])
def test_it_catches_one_that_got_nothing(packets: tuple[int, int, int]) -> None:
    (found,) = said(counted(*packets), "KN907")

    assert found.startswith("KN907 warning ")
    assert "2 siblings" in found


def test_it_finds_the_same_while_packets_are_counted() -> None:
    (first,), (second,) = findings(counted(0, 1000, 1000), "KN907"), findings(counted(0, 1001, 1005), "KN907")

    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize("packets", [(0, 999, 4000), (0, 0, 4000), (1, 4000, 4000), (0, 0, 0), (9000, 9000, 9000)])
def test_it_is_silent_where_chance_may_do_so_or_all_got_some(packets: tuple[int, int, int]) -> None:
    assert not said(counted(*packets), "KN907")


def test_it_is_silent_on_session_affinity_on_a_sound_dump_and_without_counters() -> None:
    chain = "-A KUBE-SVC-2CMXP7HKUVJN7L6M "
    recent = (
        f"[0:0] {chain}-m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-HZVZGM4N576VDS2S --rsource -j KUBE-SEP-HZVZGM4N576VDS2S\n"
    )
    text = counted(0, 4000, 4000)
    at = LEADS.search(text)

    assert at is not None
    assert not said(text[: at.start()] + recent + text[at.start() :], "KN907")
    assert not said(sound("classic-nginx-counters"), "KN907")
    assert not said(sound(), "KN907")
