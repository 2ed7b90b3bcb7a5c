"""KP208: network policies come behind KUBE-FORWARD."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'
ACCEPTS = '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT\n'
POLICIES = "-A FORWARD -o weave -j WEAVE-NPC\n"
RULES = "-A WEAVE-NPC -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"


def _dump(forward: str, rules: str = RULES) -> str:
    return sound().replace(JUMP, forward + rules)


def test_it_catches_policies_behind_the_mark() -> None:
    for chain in ("WEAVE-NPC", "AZURE-NPM", "cali-FORWARD", "KUBE-ROUTER-FORWARD"):
        (found,) = said(_dump(JUMP + POLICIES).replace("WEAVE-NPC", chain), "KP208")
        assert found.startswith("KP208 warning ")


def test_it_does_not_need_nat() -> None:
    assert said(_dump(JUMP + POLICIES).partition("*nat")[0], "KP208")
    assert not said(_dump(JUMP + POLICIES).replace("-j KUBE-MARK-MASQ", ""), "KP208")


def test_it_is_silent_where_policies_come_first_also_by_another_chain() -> None:
    assert not said(sound(), "KP208")
    assert not said(_dump(POLICIES + JUMP), "KP208")
    assert not said(_dump(POLICIES + JUMP + POLICIES), "KP208")
    assert not said(_dump("-A FORWARD -j MINE\n-A MINE -j WEAVE-NPC\n" + JUMP + POLICIES), "KP208")


def test_it_is_silent_without_policies_or_without_a_known_program() -> None:
    assert not said(_dump(JUMP + POLICIES, ""), "KP208")
    assert not said(_dump(JUMP + POLICIES).replace("WEAVE-NPC", "MINE"), "KP208")


def test_it_is_silent_where_the_mark_alone_is_not_accepted() -> None:
    broken = _dump(JUMP + POLICIES)
    assert not said(broken.replace(ACCEPTS, ""), "KP208")
    assert not said(broken.replace(ACCEPTS, ACCEPTS.replace("-m mark", "-i eth0 -m mark")), "KP208")
    assert not said(broken.replace(JUMP, JUMP.replace("FORWARD -m", "FORWARD -i eth0 -m", 1)), "KP208")
