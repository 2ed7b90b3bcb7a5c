"""KP501: what one Pod sends to another is dropped."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

POLICY = ":FORWARD ACCEPT [0:0]"
JUMP = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'


def _dropping(rules: str = "", *, before: str = "") -> str:
    """The sound dump with policy DROP, with more rules behind or before kube-proxy's."""
    filter_, jump, rest = sound().partition(JUMP)
    assert jump
    head, policy, tail = filter_.rpartition(POLICY)
    assert policy
    return head + policy.replace("ACCEPT", "DROP") + tail + before + JUMP + rules + rest


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n",
        "-A FORWARD -s 172.17.0.0/16 -j ACCEPT\n",
        "-A FORWARD -d 172.17.0.0/16 -o docker0 -j ACCEPT\n",
        "-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT\n",
        "-A FORWARD -i eth0 -j DROP\n",
    ],
)
def test_it_catches_a_policy_that_drops_where_no_rule_accepts_pods(rules: str) -> None:
    (found,) = said(_dropping(rules), "KP501")

    assert found.startswith("KP501 error ")
    assert found.endswith("FORWARD drops what a Pod sends to another Pod: no rule accepts new connections within 192.168.0.0/16")


def test_it_catches_a_rule_that_drops_everything_and_one_that_drops_pods() -> None:
    (found,) = said(sound().replace(JUMP, JUMP + "-A FORWARD -j REJECT --reject-with icmp-port-unreachable\n"), "KP501")
    assert found.startswith("KP501 error ")
    assert said(sound().replace(JUMP, JUMP + "-A FORWARD -j MINE\n-A MINE -s 192.168.0.0/16 -j DROP\n-A MINE -j DROP\n"), "KP501")


@pytest.mark.parametrize(
    "rules",
    [
        "-A FORWARD -s 192.168.0.0/16 -j ACCEPT\n",
        "-A FORWARD -d 192.168.0.0/16 -j ACCEPT\n",
        "-A FORWARD -s 192.168.7.0/24 -j ACCEPT\n",
        "-A FORWARD -i cali+ -j ACCEPT\n",
        "-A FORWARD -m set --match-set pods src -j ACCEPT\n",
        "-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT\n",
        "-A FORWARD -m unheard --of 7 -j ACCEPT\n",
        "-A FORWARD -j MINE\n-A MINE -m mark --mark 0x10000/0x10000 -j ACCEPT\n",
        "-A FORWARD -j MARK --set-xmark 0x4000/0x4000\n-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT\n",
        "-A FORWARD -j CONNMARK --restore-mark\n-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT\n",
        "-A FORWARD -j NFQUEUE --queue-num 1\n",
        "-A FORWARD -j MISSING\n",
    ],
)
def test_it_is_silent_where_a_rule_accepts_pods_or_may_do_so(rules: str) -> None:
    assert not said(_dropping(rules), "KP501")
    assert not said(_dropping(before=rules), "KP501")


def test_it_catches_the_policy_of_docker_whose_own_rules_are_for_another_bridge() -> None:
    rules = (
        "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -o docker0 -j DOCKER\n"
        "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT\n-A FORWARD -i docker0 -o docker0 -j ACCEPT\n"
        "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT\n"
    )
    masquerade = "-A POSTROUTING -s {} ! -o docker0 -j MASQUERADE\n-A POSTROUTING -m comment"
    of_docker = _dropping(rules).replace("-A POSTROUTING -m comment", masquerade.format("172.17.0.0/16"))
    of_pods = _dropping(rules).replace("-A POSTROUTING -m comment", masquerade.format("192.168.7.0/24"))

    assert len(said(of_docker, "KP501")) == 1
    assert not said(of_pods, "KP501")
    assert not said(_dropping(rules), "KP501")


def test_it_is_silent_on_the_sound_dump_and_where_the_addresses_of_the_pods_are_not_known() -> None:
    assert not said(sound(), "KP501")
    assert not said(_dropping().replace("! -s 192.168.0.0/16 ", "! -i cbr0 "), "KP501")
    assert not said(_dropping().replace("! -s 192.168.0.0/16 ", ""), "KP501")


def test_it_takes_the_addresses_from_the_rules_for_answers_where_kube_proxy_has_no_others() -> None:
    answers = "-A KUBE-FORWARD -s 10.244.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
    old = _dropping(answers).replace("! -s 192.168.0.0/16 ", "").replace("--to-destination 192.168.", "--to-destination 10.244.")

    (found,) = said(old, "KP501")
    assert found.startswith("KP501 error ")
    assert found.endswith("within 10.244.0.0/16")
    assert not said(old.replace(answers, answers + "-A FORWARD -s 10.244.0.0/16 -j ACCEPT\n"), "KP501")


def test_it_is_an_info_where_no_endpoint_is_a_pod() -> None:
    text = _dropping().replace("--to-destination 192.168.", "--to-destination 10.9.")

    assert [line.split(" ")[1] for line in said(text, "KP501")] == ["info"]


def test_it_does_not_look_at_a_dump_that_is_cut() -> None:
    assert not said(_dropping().rpartition("COMMIT")[0], "KP501")


@pytest.mark.parametrize(
    "rule",
    [
        "-A FORWARD -s 192.168.0.0/16 -d 192.168.0.0/16 -j DROP\n",
        "-A FORWARD -s 192.168.0.0/16 -d 192.168.0.0/16 -j REJECT --reject-with icmp-port-unreachable\n",
        "-A FORWARD -s 192.168.0.0/15 -m conntrack --ctstate NEW -j DROP\n",
        "-A FORWARD -s 192.168.0.0/16 -j MINE\n-A MINE -d 192.168.0.0/16 -j DROP\n",
    ],
)
def test_it_catches_a_rule_that_drops_what_pods_send_to_pods_where_the_policy_accepts(rule: str) -> None:
    for text in (sound().replace(JUMP, JUMP + rule), sound().replace(JUMP, rule + JUMP)):
        (found,) = findings(text, "KP204", "KP501")
        assert (found.check.code, found.severity) == ("KP501", "error")
        assert text.splitlines()[found.related[0].line - 1] == rule.splitlines()[-1]


@pytest.mark.parametrize(
    "rule",
    [
        "-A FORWARD -s 192.168.7.0/24 -d 192.168.0.0/16 -j DROP\n",
        "-A FORWARD -s 192.168.0.0/16 -d 10.9.0.0/16 -j DROP\n",
        "-A FORWARD ! -s 192.168.0.0/16 -d 192.168.0.0/16 -j DROP\n",
        "-A FORWARD -s 192.168.0.0/16 -d 192.168.0.0/16 -p tcp -m tcp --dport 25 -j DROP\n",
        "-A FORWARD -s 192.168.0.0/16 -d 192.168.0.0/16 -i eth0 -j DROP\n",
        "-A FORWARD -s 192.168.0.0/16 -d 192.168.0.0/16 -m set --match-set blocked src -j DROP\n",
        "-A FORWARD -s 192.168.7.0/24 -j ACCEPT\n-A FORWARD -s 192.168.0.0/16 -d 192.168.0.0/16 -j DROP\n",
        "-A FORWARD -j WEAVE-NPC\n-A WEAVE-NPC -s 192.168.0.0/16 -d 192.168.0.0/16 -j DROP\n",
        "-A FORWARD -j KUBE-POD-FW-A\n-A KUBE-POD-FW-A -s 192.168.0.0/16 -d 192.168.0.0/16 -j REJECT\n",
        "-A INPUT -s 192.168.0.0/16 -d 192.168.0.0/16 -j DROP\n",
    ],
)
def test_it_is_silent_where_a_rule_drops_only_some_of_it_or_a_network_policy_may(rule: str) -> None:
    assert not said(sound().replace(JUMP, JUMP + rule), "KP501")
    assert not said(sound().replace(JUMP, rule + JUMP), "KP501")


def test_it_leaves_a_rule_to_kp204_that_refuses_traffic_to_pods_whoever_sends_it() -> None:
    for rule in ("-A FORWARD -d 192.168.0.0/16 -j DROP\n", "-A FORWARD -j REJECT --reject-with icmp-port-unreachable\n"):
        (found,) = findings(sound().replace(JUMP, rule + JUMP), "KP204", "KP501")
        assert found.check.code == "KP204"
        (behind,) = findings(sound().replace(JUMP, JUMP + rule), "KP204", "KP501")
        assert behind.check.code == "KP501"


def test_it_catches_a_rule_for_a_network_of_ipv6_whose_prefix_is_as_long_as_an_ipv4_address() -> None:
    text = sound("ipv6")
    pods = "2001:db8::/32"
    wide = text.replace("! -s fd00:10:244::/56 ", f"! -s {pods} ").replace("to-destination [fd00:10:244:", "to-destination [2001:db8:244:")
    (jump,) = [line for line in wide.splitlines(keepends=True) if line.startswith("-A FORWARD ") and line.endswith("-j KUBE-FORWARD\n")]

    assert pods in wide
    assert not said(wide, "KP501")
    assert [line.split()[1] for line in said(wide.replace(jump, f"{jump}-A FORWARD -s {pods} -d {pods} -j DROP\n"), "KP501")] == ["error"]
