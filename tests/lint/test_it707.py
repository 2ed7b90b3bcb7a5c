"""IT707: a rule in nat drops packets."""

from __future__ import annotations

from tests.lint.linted import said, sound

JUMP = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'


def test_it_catches_drop_and_reject_in_nat() -> None:
    (found,) = said(sound().replace(JUMP, f"-A PREROUTING -s 203.0.113.7/32 -j DROP\n{JUMP}"), "IT707")
    assert found.startswith("IT707 warning ")
    assert found.endswith(": DROP in nat (chain PREROUTING) meets only the first packets of connections")
    assert len(said(sound().replace(JUMP, f"-A PREROUTING -j REJECT\n{JUMP}"), "IT707")) == 1


def test_it_catches_a_policy() -> None:
    (found,) = said("*nat\n:PREROUTING DROP [0:0]\nCOMMIT\n", "IT707")
    assert found == "IT707 warning 2: the policy of PREROUTING in nat is DROP: it drops only the first packets of connections"


def test_it_is_silent_on_marks_and_on_other_tables() -> None:
    assert not said(sound(), "IT707")
    assert not said("*nat\n:KUBE-MARK-DROP - [0:0]\n-A OUTPUT -j KUBE-MARK-DROP\nCOMMIT\n", "IT707")
    assert not said("*filter\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n", "IT707")
