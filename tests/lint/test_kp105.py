"""KP105: nothing leads to the rules that refuse connections to Services without endpoints."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

REFUSED = (
    '-A KUBE-SERVICES -d 10.96.5.5/32 -p tcp -m comment --comment "shop/web has no endpoints" -m tcp --dport 80 '
    "-j REJECT --reject-with icmp-port-unreachable\n"
)
OUTSIDE = REFUSED.replace("-A KUBE-SERVICES", "-A KUBE-EXTERNAL-SERVICES")
NEW = '-m conntrack --ctstate NEW -m comment --comment "kubernetes '


def _refusing() -> str:
    return sound().replace("-A KUBE-FIREWALL", f"{REFUSED}{OUTSIDE}-A KUBE-FIREWALL", 1)


@pytest.mark.parametrize(
    ("start", "jump"),
    [
        ("FORWARD", f'{NEW}service portals" -j KUBE-SERVICES\n'),
        ("OUTPUT", f'{NEW}service portals" -j KUBE-SERVICES\n'),
        ("INPUT", f'{NEW}externally-visible service portals" -j KUBE-EXTERNAL-SERVICES\n'),
        ("FORWARD", f'{NEW}externally-visible service portals" -j KUBE-EXTERNAL-SERVICES\n'),
    ],
)
def test_it_catches_each_jump_that_is_missing(start: str, jump: str) -> None:
    broken = _refusing().replace(f"-A {start} {jump}", "")
    assert broken != _refusing()

    (found,) = said(broken, "KP105")
    assert found.startswith("KP105 warning ")
    assert f"from {start} to {jump.rsplit(maxsplit=1)[-1]}:" in found


def test_it_is_silent_where_all_jumps_stand_or_nothing_is_refused() -> None:
    assert not said(_refusing(), "KP105")
    assert not said(sound().replace(f'-A OUTPUT {NEW}service portals" -j KUBE-SERVICES\n', ""), "KP105")


def test_it_does_not_ask_for_jumps_that_an_old_kube_proxy_did_not_write() -> None:
    old = (
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        ":KUBE-EXTERNAL-SERVICES - [0:0]\n:KUBE-SERVICES - [0:0]\n"
        f"-A INPUT -j KUBE-EXTERNAL-SERVICES\n-A OUTPUT -j KUBE-SERVICES\n{REFUSED}{OUTSIDE}COMMIT\n"
    )

    assert not said(old, "KP105")
    assert said(old.replace("-A OUTPUT -j KUBE-SERVICES\n", ""), "KP105")


def test_it_is_silent_on_a_dump_without_filter() -> None:
    assert not said("*nat" + sound().split("*nat", maxsplit=1)[1], "KP105")
