"""KP408: another program uses the bits by which kube-proxy marks packets."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound

FORWARD = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'
FIREWALL = "-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP\n"
WHOLE = "chain {} looks for {} in the whole mark: it does not know its own packets once kube-proxy has marked them"
ALLOWS = "-A WEAVE-NPC -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x1000/0x1000\n-A WEAVE-NPC -m mark --mark 0x1000 -j ACCEPT\n"


def _forwarded(rules: str) -> str:
    """The sound dump, with rules before those of kube-proxy in FORWARD of filter."""
    return sound().replace(FORWARD, rules + FORWARD)


def _mangled(rules: str, *, dropping: bool = False) -> str:
    """The sound dump, with rules in mangle, and perhaps with kubelet's rule that drops by mark."""
    text = sound().replace(FORWARD, FORWARD + FIREWALL) if dropping else sound()
    return text.replace(":KUBE-PROXY-CANARY - [0:0]\nCOMMIT\n", f":KUBE-PROXY-CANARY - [0:0]\n{rules}COMMIT\n", 1)


def _sentences(text: str) -> list[str]:
    return [line.split(" ", 2)[1] + line.split(":", 1)[1] for line in said(text, "KP408")]


def test_it_catches_a_mark_with_kube_proxys_bit_once_for_a_chain() -> None:
    rules = "-A PREROUTING -i wg0 -j MARK --set-xmark 0x4001/0xffffffff\n-A PREROUTING -i wg1 -j MARK --set-xmark 0x4002/0xf00f\n"

    (found,) = _sentences(_mangled(rules))
    assert found == "warning chain PREROUTING uses mark 0x4001, which has kube-proxy's bit 0x4000: such packets are masqueraded"


def test_it_catches_a_program_that_looks_for_a_mark_with_the_bit_kubelet_drops_by() -> None:
    rule = "-A POSTROUTING -p udp -m mark --mark 0xca6c -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff\n"

    (found,) = _sentences(_mangled(rule, dropping=True))
    assert found == "warning chain POSTROUTING uses mark 0xca6c, which has kubelet's bit 0x8000: such packets are dropped"
    (found,) = _sentences(_mangled(rule))
    assert found.endswith("uses mark 0xca6c, which has kube-proxy's bit 0x4000: such packets are masqueraded")


@pytest.mark.parametrize(
    "rules",
    [
        "-A FORWARD -m mark --mark 0x4000/0x4000 -j DROP\n",
        "-A FORWARD -m mark ! --mark 0x0 -j REJECT --reject-with icmp-port-unreachable\n",
        "-A FORWARD -m mark ! --mark 0x0/0xffff -j MINE\n-A MINE -i eth0 -j DROP\n-A MINE -j DROP\n",
    ],
)
def test_it_is_an_error_where_marked_traffic_is_certainly_dropped_by_its_mark(rules: str) -> None:
    assert _sentences(_forwarded(rules)) == ["error chain FORWARD drops what kube-proxy has marked with 0x4000"]


def test_it_catches_a_program_that_looks_at_the_whole_mark_for_its_own_bits_and_drops_the_rest() -> None:
    policy = "-A FORWARD -m conntrack --ctstate NEW -j WEAVE-NPC\n" + ALLOWS

    assert _sentences(_forwarded(policy + "-A WEAVE-NPC -m set --match-set closed dst -j DROP\n")) == [
        f"warning {WHOLE.format('WEAVE-NPC', '0x1000')}"
    ]
    assert _sentences(_forwarded(policy)) == [f"info {WHOLE.format('WEAVE-NPC', '0x1000')}"]


@pytest.mark.parametrize(
    "rules",
    [
        "-A FORWARD -j MARK --set-xmark 0x2000/0x2000\n-A FORWARD -m mark --mark 0x2000/0x2000 -j ACCEPT\n",
        "-A FORWARD -j MARK --set-xmark 0x4000/0x4000\n",
        "-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT\n",
        "-A FORWARD -j MARK --set-xmark 0x0/0x4000\n",
        "-A FORWARD -j MARK --set-xmark 0x2000/0xffffffff\n-A FORWARD -m mark --mark 0x2000 -j ACCEPT\n",
        "-A FORWARD -m mark --mark 0x1/0xffff -j ACCEPT\n",
        "-A FORWARD -s 10.0.0.0/8 -m mark --mark 0x4000/0x4000 -j DROP\n",
        "-A FORWARD -m mark ! --mark 0x0 -m set --match-set closed dst -j DROP\n",
        "-A FORWARD -i eth1 -m mark ! --mark 0x4000/0x4000 -j DROP\n",
        "-A FORWARD -m mark --mark 0x80000/0x80000 -j DROP\n",
        ALLOWS + "-A WEAVE-NPC -j DROP\n",
    ],
)
def test_it_is_silent_on_other_bits_on_rules_for_just_these_bits_and_where_no_marked_traffic_comes(rules: str) -> None:
    assert not _sentences(_forwarded(rules))


def test_it_is_silent_behind_the_rule_that_accepts_marked_traffic_and_on_the_sound_dump() -> None:
    assert not _sentences(sound().replace(FORWARD, FORWARD + "-A FORWARD -m mark ! --mark 0x0 -j DROP\n"))
    assert not _sentences(sound())
    assert not _sentences(_mangled("", dropping=True))
    assert not _sentences(_mangled("").replace(FORWARD, FORWARD + "-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j RETURN\n"))
    assert not _sentences("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m mark --mark 0xca6c -j DROP\nCOMMIT\n")


def test_it_says_a_program_once_and_looks_at_a_dump_without_filter() -> None:
    others = "-A FORWARD -j WEAVE-NPC\n-A WEAVE-NPC -m mark --mark 0x2000 -j ACCEPT\n"
    others += "-A FORWARD -j CNI-X\n-A CNI-X -m mark --mark 0x8 -j ACCEPT\n"
    sets = "-A WEAVE-NPC -j MARK --set-xmark 0x2000/0x2000\n-A CNI-X -j MARK --set-xmark 0x8/0x8\n"

    assert len(_sentences(_forwarded(others + sets + ALLOWS))) == 2
    before, _, rest = _mangled("-A PREROUTING -i wg0 -j MARK --set-xmark 0x4001/0xffffffff\n").partition("*filter\n")
    assert len(_sentences(before + "*nat\n" + rest.partition("*nat\n")[2])) == 1


def test_it_is_silent_where_kube_proxy_masquerades_by_a_value_of_32_bits() -> None:
    text = _mangled("-A PREROUTING -i wg0 -j MARK --set-xmark 0x4001/0xffffffff\n")

    assert not _sentences(text.replace("0x4000/0x4000", "0x4d415351"))
