"""KN906: the endpoints of a Service do not get the shares that its rules give them."""

from __future__ import annotations

import random
import re

import pytest

from tests.lint.linted import findings, said, sound

LEADS = re.compile(r"(?m)^\[\d+:\d+\] (?=-A KUBE-SVC-\S+ .*-j KUBE-SEP-)")


def counted(*packets: int, text: str | None = None) -> str:
    numbers = iter(packets)
    return LEADS.sub(lambda _: f"[{next(numbers)}:0] ", text or sound("classic-nginx-counters"))


def service(letter: str) -> str:
    """The rules of the sample's Service once more, for another one."""
    own = [
        line
        for line in sound("classic-nginx-counters").splitlines(keepends=True)
        if re.match(r":KUBE-SVC|\[\S+ -A KUBE-S\S+ .*(?:KUBE-SVC|KUBE-SEP|DNAT)", line)
    ]
    return (
        re.sub(r"(KUBE-S(?:VC|EP)-\w{15})\w", rf"\g<1>{letter}", "".join(own))
        .replace("10.109.35.24", f"10.109.35.{ord(letter)}")
        .replace("default/nginx", f"default/{letter.lower()}")
    )


def test_it_catches_an_endpoint_that_gets_too_much() -> None:
    (found,) = findings(counted(600, 300, 300), "KN906")

    assert found.severity == "warning"
    assert found.place.message.english() == (
        "192.168.104.1:80 got 600 of 1200 connections to default/nginx, where the rules give it about 400:"
        " something else than these rules decides who answers"
    )
    assert found.place.text.startswith("[600:0] -A KUBE-SVC-2CMXP7HKUVJN7L6M ")


def test_it_catches_one_that_gets_too_little_or_got_more_than_a_changed_rule_gives() -> None:
    (little,) = said(counted(40_000, 38_000, 40_000), "KN906")
    (changed,) = said(counted(1000, 1000, 1000, text=sound("classic-nginx-counters").replace("0.50000000000", "0.90000000000")), "KN906")

    assert "192.168.166.129:80 got 38000" in little
    assert "192.168.166.130:80 got 1000 of 3000 connections to default/nginx, where the rules give it about 200" in changed


def test_it_finds_the_same_while_packets_are_counted() -> None:
    (first,), (second,) = findings(counted(9000, 1000, 1000), "KN906"), findings(counted(9100, 1300, 1205), "KN906")

    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(
    "packets", [(0, 0, 999), (334, 333, 333), (400, 320, 300), (0, 0, 0), (1_000_000, 1_001_000, 999_000), (0, 1000, 1000)]
)
def test_it_is_silent_on_few_packets_on_what_chance_does_and_where_another_check_speaks(packets: tuple[int, int, int]) -> None:
    assert not said(counted(*packets), "KN906")


def test_it_is_silent_on_draws() -> None:
    dice = random.Random(906)  # noqa: S311 - a fixed series of draws
    for total in (1000, 3000, 50_000):
        drawn = [dice.randrange(3) for _ in range(total)]

        assert not said(counted(*map(drawn.count, range(3))), "KN906")


def test_a_service_among_many_is_suspected_no_sooner_than_one_alone() -> None:
    far, others = (410, 300, 290), [counted(400, 400, 400, text=service(letter)) for letter in "ABCDEFGH"]
    before, commit, behind = counted(*far).rpartition("COMMIT\n")

    assert len(said(before + commit + behind, "KN906")) == 1
    assert not said("".join([before, *others, commit, behind]), "KN906")
    assert len(said("".join([before.replace("[410:", "[999:"), *others, commit, behind]), "KN906")) == 1


def test_it_is_silent_on_session_affinity_on_a_sound_dump_and_without_counters() -> None:
    chain = "-A KUBE-SVC-2CMXP7HKUVJN7L6M "
    recent = (
        f"[0:0] {chain}-m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-HZVZGM4N576VDS2S --rsource -j KUBE-SEP-HZVZGM4N576VDS2S\n"
    )
    text = counted(4000, 1, 4000)
    at = LEADS.search(text)

    assert at is not None
    assert not said(text[: at.start()] + recent + text[at.start() :], "KN906")
    assert not said(sound("classic-nginx-counters"), "KN906")
    assert not said(sound(), "KN906")
