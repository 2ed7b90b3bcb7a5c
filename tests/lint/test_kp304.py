"""KP304: unequal shares."""

from __future__ import annotations

from tests.lint.linted import said, sound

LAST = '-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.166.130:80" -j KUBE-SEP-QZQ6SCLOCLOPP2FJ\n'


def test_it_catches_a_chain_in_which_the_rule_of_one_endpoint_is_missing() -> None:
    lines = sound().splitlines(keepends=True)
    broken = "".join(line for line in lines if "0.50000000000" not in line)

    (found,) = said(broken, "KP304")
    assert found.startswith("KP304 warning ")
    assert "KUBE-SEP-HZVZGM4N576VDS2S is chosen with the chance 0.33333 where 1/2 would be fair" in found


def test_it_is_silent_where_the_chances_are_those_of_kube_proxy_in_every_version() -> None:
    assert not said(sound(), "KP304")
    assert not said(sound("external-access"), "KP304")
    assert not said(sound().replace("0.33333333349", "0.33332999982"), "KP304")


def test_it_leaves_chains_to_the_other_checks_that_tell_them() -> None:
    twice = sound().replace(LAST, LAST.replace("QZQ6SCLOCLOPP2FJ", "E4DERYY2XOMCBE7I")).replace("0.33333333349", "0.40000000000")

    assert not said(sound().replace(LAST, ""), "KP304")
    assert not said(twice, "KP304")
