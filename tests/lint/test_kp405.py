"""KP405: masquerading without `--random-fully`."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

KUBE = " -j MASQUERADE --random-fully\n"
FIRST = "-A KUBE-MARK-MASQ "


def _with(rule: str) -> str:
    return sound().replace(FIRST, rule + FIRST, 1)


def _severities(text: str) -> list[str]:
    return [line.split()[1] for line in said(text, "KP405")]


def test_it_catches_kube_proxys_rule_without_the_option() -> None:
    (found,) = said(sound().replace(KUBE, " -j MASQUERADE\n"), "KP405")

    assert found.startswith("KP405 warning ")
    assert found.endswith(": MASQUERADE in chain KUBE-POSTROUTING lacks --random-fully: packets may get lost")


@pytest.mark.parametrize(
    "rule",
    [
        "-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE\n",
        "-A WEAVE -s 10.32.0.0/12 -j SNAT --to-source 192.0.2.1\n",
        "-A IP-MASQ-AGENT -j MASQUERADE\n",
    ],
)
def test_it_catches_the_rules_of_network_plugins_that_write_the_option_now_once_a_chain(rule: str) -> None:
    assert _severities(_with(rule * 2)) == ["warning"]


@pytest.mark.parametrize(
    "rule",
    [
        "-A IP-MASQ-AGENT -j MASQUERADE --random\n",
        "-A AWS-SNAT-CHAIN-0 -j SNAT --to-source 192.0.2.1 --random\n",
        "-A CILIUM_POST_nat -s 10.0.0.0/24 -j MASQUERADE\n",
        "-A cali-nat-outgoing -j MASQUERADE\n",
        "-A CNI-0123456789abcdef01234567 ! -d 224.0.0.0/4 -j MASQUERADE\n",
    ],
)
def test_it_is_an_info_where_the_option_is_a_setting_or_ports_are_drawn_otherwise(rule: str) -> None:
    assert _severities(_with(rule)) == ["info"]


@pytest.mark.parametrize(
    "rule",
    [
        "-A FLANNEL-POSTRTG -j MASQUERADE --random-fully\n",
        "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n",
        "-A MINE -j MASQUERADE\n",
        "-A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE\n",
        "-A FLANNEL-POSTRTG -j MASQUERADE [unsupported revision]\n",
    ],
)
def test_it_is_silent_with_the_option_and_on_rules_of_others(rule: str) -> None:
    assert not said(sound(), "KP405")
    assert not said(_with(rule), "KP405")


def test_it_is_silent_where_the_iptables_that_wrote_the_dump_does_not_know_the_option() -> None:
    broken = sound().replace(KUBE, " -j MASQUERADE\n")

    assert not said(broken.replace("iptables-save v1.8.9 (nf_tables)", "iptables-save v1.6.1"), "KP405")
    assert said(broken.replace("iptables-save v1.8.9 (nf_tables)", "iptables-save v1.6.2"), "KP405")
