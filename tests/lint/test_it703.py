"""IT703: rules that no packet comes to."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

MASQUERADE = '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully\n'


def filter_table(*rules: str) -> str:
    return "*filter\n:INPUT ACCEPT [0:0]\n:A - [0:0]\n" + "".join(f"-A {rule}\n" for rule in rules) + "COMMIT\n"


def test_it_catches_a_rule_behind_the_end_of_a_chain() -> None:
    (found,) = findings(sound().replace(MASQUERADE, f"-A KUBE-POSTROUTING -j RETURN\n{MASQUERADE}"), "IT703")
    assert found.severity == "warning"
    assert found.place.text + "\n" == MASQUERADE
    assert [one.line for one in found.related] == [found.place.line - 1]


@pytest.mark.parametrize("target", ["ACCEPT", "DROP", "RETURN", "REJECT --reject-with icmp-port-unreachable", "NFQUEUE --queue-num 1"])
def test_every_target_that_ends_the_chain_counts(target: str) -> None:
    (found,) = said(filter_table(f"INPUT -j {target}", "INPUT -s 10.0.0.1/32 -j DROP"), "IT703")
    assert found == f"IT703 warning 5: no packet comes to this rule: -j {target.partition(' ')[0]} before it ends chain INPUT for all"


def test_a_goto_and_a_comment_count_too() -> None:
    (found,) = said(filter_table('INPUT -m comment --comment "all" -g A', "INPUT -j DROP"), "IT703")
    assert found == "IT703 warning 5: no packet comes to this rule: -g A before it leaves chain INPUT for good"


def test_a_target_of_nat_counts() -> None:
    (found,) = said("*nat\n:OUT - [0:0]\n-A OUT -j MASQUERADE\n-A OUT -o eth0 -j RETURN\nCOMMIT\n", "IT703")
    assert found.startswith("IT703 warning 4: ")


def test_it_says_it_once_for_a_chain() -> None:
    assert len(said(filter_table("INPUT -j DROP", "INPUT -j ACCEPT", "INPUT -i lo -j ACCEPT"), "IT703")) == 1


def test_it_says_how_many_rules_more_are_dead_and_where() -> None:
    more = [f"INPUT -i eth{number} -j ACCEPT" for number in range(7)]
    behind = "-j DROP before it ends chain INPUT for all"

    assert said(filter_table("INPUT -j DROP", *more[:2]), "IT703") == [
        f"IT703 warning 5: no packet comes to this rule and 1 more (line 6): {behind}"
    ]
    assert said(filter_table("INPUT -j DROP", *more[:2], "INPUT -j DROP", *more[2:5]), "IT703") == [
        f"IT703 warning 5: no packet comes to this rule and 4 more (lines 6, 8, 9, 10): {behind}"
    ]
    assert said(filter_table("INPUT -j DROP", *more), "IT703") == [
        f"IT703 warning 5: no packet comes to this rule and 6 more (lines 6, 7, 8, 9, …): {behind}"
    ]
    assert said(filter_table("INPUT -g A", *more[:3]), "IT703") == [
        "IT703 warning 5: no packet comes to this rule and 2 more (lines 6, 7): -g A before it leaves chain INPUT for good"
    ]


def test_it_is_silent_where_packets_go_on() -> None:
    assert not said(sound(), "IT703")
    assert not said(
        filter_table("INPUT -p tcp -j DROP", "INPUT -j A", "INPUT -j LOG", "INPUT -j MARK --set-xmark 0x1/0x1", "INPUT"), "IT703"
    )
    assert not said(filter_table("INPUT -m limit --limit 1/sec -j ACCEPT", "INPUT -m nonsense -j ACCEPT", "INPUT -j DROP"), "IT703")


def test_it_is_silent_on_rules_that_only_repeat_the_end() -> None:
    assert not said(filter_table("A -j RETURN", "A -j RETURN"), "IT703")


def test_it_is_silent_on_other_chains() -> None:
    assert not said(filter_table("INPUT -j DROP", "A -i lo -j ACCEPT"), "IT703")


@pytest.mark.parametrize(
    ("chain", "rules"),
    [
        ("neutron-openvswi-o1", ["-j RETURN", "-m state --state INVALID -j DROP", "-j neutron-openvswi-sg-fallback"]),
        ("KUBE-POD-FW-ABC", ["-j DROP", "-i eth0 -j ACCEPT"]),
        ("DOCKER-ISOLATION-STAGE-1", ["-j RETURN", "-i docker0 -j DROP"]),
    ],
)
def test_it_is_an_info_in_the_chains_of_programs(chain: str, rules: list[str]) -> None:
    (found,) = said(f"*filter\n:{chain} - [0:0]\n" + "".join(f"-A {chain} {rule}\n" for rule in rules) + "COMMIT\n", "IT703")
    assert found.startswith("IT703 info 4: ")


@pytest.mark.parametrize("chain", ["DOCKER-USER", "ufw-user-input", "ufw6-user-forward", "KUBE-SERVICES", "MINE"])
def test_it_is_a_warning_in_the_chains_of_users_and_of_kube_proxy(chain: str) -> None:
    (found,) = said(f"*filter\n:{chain} - [0:0]\n-A {chain} -j RETURN\n-A {chain} -s 203.0.113.7/32 -j DROP\nCOMMIT\n", "IT703")
    assert found.startswith("IT703 warning 4: ")


@pytest.mark.parametrize(
    "rule",
    [
        "-m comment --comment flanneld -j FLANNEL-FWD",
        "-o docker0 -j DOCKER",
        '-m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT',
    ],
)
def test_it_is_an_info_where_only_rules_of_programs_are_dead(rule: str) -> None:
    (found,) = said(filter_table("INPUT -j REJECT", f"INPUT {rule}"), "IT703")
    assert found.startswith("IT703 info 5: ")


def test_it_is_an_info_where_kp503_tells_of_the_same_rules() -> None:
    rest = "-A FORWARD -m conntrack --ctstate NEW"
    jump = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n'
    text = sound().replace(jump, "").replace("-A OUTPUT", f"-A FORWARD -j REJECT\n{jump}-A OUTPUT", 1)
    assert rest in text

    assert [one.split()[1] for one in said(text, "IT703")] == ["info"]
    assert [one.split()[1] for one in said(text.replace("FORWARD -j REJECT", "FORWARD -j ACCEPT"), "IT703")] == ["warning"]


def test_where_kp503_tells_of_one_rule_of_kube_proxy_the_others_behind_the_same_end_are_no_warning_either() -> None:
    nodes = '-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS\n'
    text = sound().replace("-A INPUT -j KUBE-FIREWALL\n", "").replace(nodes, f"-A INPUT -j REJECT\n-A INPUT -j KUBE-FIREWALL\n{nodes}")
    served = text.replace("-A OUTPUT", "-A KUBE-NODEPORTS -p tcp -m tcp --dport 31999 -j ACCEPT\n-A OUTPUT", 1)

    assert [one.split()[1] for one in said(text, "IT703")] == ["warning"]
    assert [one.split()[1] for one in said(served, "IT703")] == ["info"]
    own = served.replace(nodes, nodes + "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n")
    assert [one.split()[1] for one in said(own, "IT703")] == ["warning"]


def test_among_dead_rules_of_programs_it_tells_of_those_of_users_first() -> None:
    more = "-j REJECT before it ends chain INPUT for all"
    rules = ["INPUT -j REJECT", "INPUT -o docker0 -j DOCKER", "INPUT -p tcp -j ACCEPT", "INPUT -p udp -j ACCEPT", "INPUT -j DOCKER-USER"]

    assert said(filter_table(*rules), "IT703") == [f"IT703 warning 6: no packet comes to this rule and 3 more (lines 5, 7, 8): {more}"]
    assert said(filter_table(rules[0], rules[-1]), "IT703")[0].startswith("IT703 warning 5: ")
