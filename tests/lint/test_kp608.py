"""KP608: chains of an old kube-proxy hold on to chains that the new one has to delete."""

from __future__ import annotations

from tests.lint.linted import said, sound

FIRST = "-A KUBE-MARK-MASQ -j MARK"
OLD = "-A KUBE-XLB-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S\n"
NEW = "-A KUBE-EXT-2CMXP7HKUVJN7L6M -j KUBE-SVC-2CMXP7HKUVJN7L6M\n"


def _with(*rules: str) -> str:
    return sound().replace(FIRST, "".join(rules) + FIRST)


def test_it_catches_an_old_chain_that_nothing_leads_to_beside_a_new_one() -> None:
    (found,) = said(_with(NEW, OLD), "KP608")

    assert found.startswith("KP608 error ")
    assert "KUBE-XLB-2CMXP7HKUVJN7L6M" in found
    assert "KUBE-SEP-HZVZGM4N576VDS2S" in found


def test_it_is_silent_on_one_version_alone() -> None:
    assert not said(sound(), "KP608")
    assert not said(_with(NEW), "KP608")
    assert not said(_with(OLD), "KP608")


def test_it_is_silent_on_old_chains_that_are_used_or_hold_on_to_nothing() -> None:
    assert not said(_with(NEW, OLD, "-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-XLB-2CMXP7HKUVJN7L6M\n"), "KP608")
    assert not said(_with(NEW, "-A KUBE-XLB-2CMXP7HKUVJN7L6M -j KUBE-MARK-DROP\n"), "KP608")


def test_it_does_not_look_at_a_dump_that_is_cut_or_without_built_in_chains() -> None:
    assert not said(_with(NEW, OLD).rpartition("COMMIT")[0], "KP608")
    assert not said(f"*nat\n:KUBE-SERVICES - [0:0]\n{NEW}{OLD}COMMIT\n", "KP608")
    assert not said("*filter\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP608")
