"""KP411: what one Pod sends to another gets the address of the node."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

JUMP = '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n'
POD = "192.168.166.129"
"""The first endpoint of the sound dump; its Pods are in 192.168.0.0/16."""


def _masquerading(rules: str) -> str:
    text = sound()
    assert JUMP in text
    assert f"--to-destination {POD}:80" in text
    return text.replace(JUMP, JUMP + rules)


def _sentences(rules: str) -> list[str]:
    return [line.split(" ", 2)[1] + line.split(":", 1)[1] for line in said(_masquerading(rules), "KP411")]


@pytest.mark.parametrize(
    ("rules", "chain", "source"),
    [
        ("-A POSTROUTING -s 192.168.0.0/16 -j MASQUERADE\n", "POSTROUTING", "192.168.0.0/16"),
        ("-A POSTROUTING -j SNAT --to-source 10.0.0.1\n", "POSTROUTING", "192.168.0.0/16"),
        ("-A POSTROUTING ! -o lo -j MINE\n-A MINE ! -d 224.0.0.0/4 -j MASQUERADE\n", "MINE", "192.168.0.0/16"),
        ("-A POSTROUTING -s 192.168.7.0/24 ! -d 192.168.7.0/24 -j MASQUERADE\n", "POSTROUTING", "192.168.7.0/24"),
        ("-A POSTROUTING -s 192.168.7.0/24 ! -o docker0 -j MASQUERADE\n", "POSTROUTING", "192.168.7.0/24"),
        (
            "-A POSTROUTING -s 192.168.7.2/32 -j CNI-0a\n-A CNI-0a -d 192.168.7.0/24 -j ACCEPT\n-A CNI-0a ! -d 224.0.0.0/4 -j MASQUERADE\n",
            "CNI-0a",
            "192.168.7.2/32",
        ),
        (
            "-A POSTROUTING -m mark --mark 0x2000/0x2000 -j MASQUERADE\n-A POSTROUTING -s 192.168.0.0/16 -j MASQUERADE\n",
            "POSTROUTING",
            "192.168.0.0/16",
        ),
    ],
)
def test_it_catches_a_rule_that_does_not_leave_pods_out(rules: str, chain: str, source: str) -> None:
    (found,) = _sentences(rules)

    assert found == (
        f"warning chain {chain} masquerades what Pods in {source} send to Pod {POD}: that Pod sees the node's address, not the sender's"
    )


@pytest.mark.parametrize(
    "rules",
    [
        "-A POSTROUTING -s 192.168.0.0/16 ! -d 192.168.0.0/16 -j MASQUERADE\n",
        "-A POSTROUTING -s 192.168.0.0/16 -d 192.168.0.0/16 -j RETURN\n-A POSTROUTING -s 192.168.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE\n",
        "-A POSTROUTING -d 192.168.0.0/16 -j ACCEPT\n-A POSTROUTING -j MASQUERADE\n",
        "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n",
        "-A POSTROUTING -s 192.168.0.0/16 ! -o docker0 -j MASQUERADE\n",
        "-A POSTROUTING -s 192.168.7.0/24 ! -d 192.168.7.0/24 ! -o cilium_+ -j MASQUERADE\n",
        "-A POSTROUTING -o eth0 -j MASQUERADE\n",
        "-A POSTROUTING -m set --match-set pods src -m set ! --match-set pods dst -j MASQUERADE\n",
        "-A POSTROUTING -m mark --mark 0x2000/0x2000 -j MASQUERADE\n",
        "-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE\n",
        "-A POSTROUTING -m unheard --of 7 -j RETURN\n-A POSTROUTING -j MASQUERADE\n",
        "-A MINE -s 192.168.0.0/16 -j MASQUERADE\n",
    ],
)
def test_it_is_silent_where_pods_are_left_out_or_it_is_not_certain(rules: str) -> None:
    assert not _sentences(rules)


def test_it_is_silent_on_the_sound_dump_and_where_the_addresses_of_the_pods_are_not_known() -> None:
    broken = _masquerading("-A POSTROUTING -j MASQUERADE\n")

    assert not said(sound(), "KP411")
    assert not said(broken.replace("! -s 192.168.0.0/16 ", "! -i cbr0 "), "KP411")
    assert not said(broken.replace("! -s 192.168.0.0/16 ", "! -s 10.1.0.0/16 "), "KP411")
    assert not said(broken.rpartition("COMMIT")[0], "KP411")
