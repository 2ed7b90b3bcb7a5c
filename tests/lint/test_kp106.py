"""KP106: kube-proxy's rules in nat are gone, its canary is not."""

from __future__ import annotations

import re

from tests.lint.linted import said, sound

OF_KUBE_PROXY_IN_NAT = re.compile(r"(-A (PREROUTING|OUTPUT|POSTROUTING) .*-j KUBE-|:KUBE-|-A KUBE-).*\n")


def _without_rules(text: str, *chains: str) -> str:
    head, nat = text.split("*nat")
    kept = [line for line in nat.splitlines(keepends=True) if not line.startswith(tuple(f"-A {chain} " for chain in chains))]
    return head + "*nat" + "".join(kept)


def _emptied() -> str:
    head, nat = sound().split("*nat")
    return head + "*nat" + OF_KUBE_PROXY_IN_NAT.sub("", nat)


def test_it_catches_a_top_chain_that_was_emptied() -> None:
    (found,) = said(_without_rules(sound(), "KUBE-SERVICES"), "KP106")

    assert found.startswith("KP106 error ")
    assert "KUBE-SERVICES has no rules in nat" in found


def test_it_catches_a_nat_that_a_failing_restore_never_filled() -> None:
    chains = re.sub(r":KUBE-S(VC|EP)-.*\n|-A KUBE-S(VC|EP)-.*\n", "", sound())

    assert said(_without_rules(chains, "KUBE-SERVICES", "KUBE-POSTROUTING"), "KP106")


def test_it_catches_a_nat_without_the_chain_beside_a_filter_with_it() -> None:
    (found,) = said(_emptied(), "KP106")

    assert "KUBE-SERVICES is missing from nat" in found


def test_it_is_silent_on_a_sound_dump_and_where_the_family_has_no_service() -> None:
    chains = re.sub(r":KUBE-S(VC|EP)-.*\n|-A KUBE-S(VC|EP)-.*\n", "", sound())

    assert not said(sound(), "KP106")
    assert not said(_without_rules(chains, "KUBE-SERVICES"), "KP106")


def test_it_does_not_look_where_canary_or_nat_are_not_in_the_dump() -> None:
    head, _, rest = sound().partition("*filter")
    no_mangle = "*filter" + rest
    assert head

    assert not said(_without_rules(no_mangle, "KUBE-SERVICES"), "KP106")
    assert not said(sound().split("*nat")[0], "KP106")


def test_it_takes_a_nat_with_a_jump_to_the_chain_for_an_excerpt() -> None:
    jump = "-A PREROUTING -j KUBE-SERVICES\nCOMMIT"
    head, nat = _emptied().split("*nat")

    assert not said(head + "*nat" + nat.replace("COMMIT", jump), "KP106")
