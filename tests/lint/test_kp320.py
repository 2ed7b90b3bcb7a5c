"""KP320: chains of Services or endpoints that nothing leads to."""

from __future__ import annotations

from tests.lint.linted import findings, said, sound

LAST = '-A KUBE-SVC-2CMXP7HKUVJN7L6M -m comment --comment "default/nginx -> 192.168.166.130:80" -j KUBE-SEP-QZQ6SCLOCLOPP2FJ\n'


def test_it_tells_a_chain_that_nothing_leads_to() -> None:
    broken = sound().replace(LAST, "")

    (found,) = said(broken, "KP320")
    assert found.startswith("KP320 info ")
    assert "nothing leads to KUBE-SEP-QZQ6SCLOCLOPP2FJ (such chains: 1)" in found


def test_it_is_silent_where_all_chains_are_used_and_on_chains_of_others() -> None:
    for name in ("classic-nginx", "external-access", "ipv6", "local-policies", "mixed-cluster"):
        assert not said(sound(name), "KP320")
    assert not said(sound().replace("-A KUBE-MARK", "-A MINE -j DROP\n-A KUBE-MARK", 1), "KP320")


def test_it_tells_an_old_chain_that_nothing_leads_to_where_kp608_does_not() -> None:
    def told(*rules: str) -> list[str]:
        text = sound().replace("-A KUBE-MARK", "".join(f"-A {rule}\n" for rule in rules) + "-A KUBE-MARK", 1)
        return [f"{one.check.code} {one.severity}" for one in findings(text, "KP320", "KP608")]

    old = "KUBE-XLB-2CMXP7HKUVJN7L6M -j {}"
    new = "KUBE-NODEPORTS -p tcp -j KUBE-EXT-2CMXP7HKUVJN7L6M", "KUBE-EXT-2CMXP7HKUVJN7L6M -j DROP"
    assert told(old.format("KUBE-SEP-HZVZGM4N576VDS2S")) == ["KP320 info"]
    assert told(*new, old.format("DROP")) == ["KP320 info"]
    assert told(*new, old.format("KUBE-SEP-HZVZGM4N576VDS2S")) == ["KP608 error"]


def test_it_does_not_look_at_a_dump_that_is_cut_or_without_built_in_chains() -> None:
    assert not said(sound().replace(LAST, "").rpartition("COMMIT")[0], "KP320")
    assert not said("*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SVC-2CMXP7HKUVJN7L6M -j DROP\nCOMMIT\n", "KP320")
    assert not said("*filter\n:INPUT ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", "KP320")
