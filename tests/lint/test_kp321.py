"""KP321: a Service takes the traffic to a public address."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

FIRST = "-A KUBE-SERVICES -d 10.109.35.24/32"


def _with(address: str, comment: str = "team-a/dns external IP", *, port: int = 53) -> str:
    asked = f'{address}-p udp -m comment --comment "{comment}" -m udp --dport {port}'
    return f"-A KUBE-SERVICES {asked} -j KUBE-SVC-2CMXP7HKUVJN7L6M\n"


def _dump(*rules: str) -> str:
    return sound().replace(FIRST, "".join(rules) + FIRST, 1)


@pytest.mark.parametrize("address", ["8.8.8.8/32", "2606:4700::1111/128"])
def test_it_tells_a_public_address(address: str) -> None:
    (found,) = said(_dump(_with(f"-d {address} ")), "KP321")

    assert found.startswith("KP321 info ")
    assert f"team-a/dns takes the traffic to the public address {address.partition('/')[0]}" in found


def test_two_rules_for_one_address_of_a_service_are_told_once() -> None:
    assert len(said(_dump(_with("-d 8.8.8.8/32 "), _with("-d 8.8.8.8/32 ", port=54)), "KP321")) == 1


@pytest.mark.parametrize(
    "address", ["-d 10.1.2.3/32 ", "-d 192.168.1.5/32 ", "-d fd00::5/128 ", "-d 2001:db8::5/128 ", "-d 8.8.8.0/24 ", ""]
)
def test_it_is_silent_on_addresses_that_are_private_or_not_single(address: str) -> None:
    assert not said(_dump(_with(address)), "KP321")


def test_it_is_silent_on_addresses_of_load_balancers_and_on_other_comments() -> None:
    assert not said(_dump(_with("-d 8.8.8.8/32 ", "team-a/dns loadbalancer IP")), "KP321")
    assert not said(_dump(_with("-d 8.8.8.8/32 ", "an external IP of ours")), "KP321")


def test_it_is_silent_on_a_sound_dump_and_without_nat() -> None:
    assert not said(sound(), "KP321")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "KP321")
