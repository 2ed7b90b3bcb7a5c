"""KP201: a rule takes traffic to a Service before kube-proxy's rules see it."""

from __future__ import annotations

import pytest

from tests.lint.linted import findings, said, sound

ARRIVING = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'
OWN = '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n'


def before(text: str, *rules: str, jump: str = ARRIVING, chains: str = "") -> str:
    """The text with rules ahead of a jump to KUBE-SERVICES of nat, and with more chains."""
    tables = text.partition("*nat\n")
    nat = tables[2].replace(":KUBE-MARK-MASQ", "".join(f":{chain} - [0:0]\n" for chain in chains.split()) + ":KUBE-MARK-MASQ", 1)
    return tables[0] + tables[1] + nat.replace(jump, "\n".join([*rules, jump]), 1)


HOST_PORT = (
    "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    "-A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 9000,30080 -j CNI-DN-0123456789abcdef01234",
    "-A CNI-DN-0123456789abcdef01234 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 10.244.9.9:80",
)
HOST_CHAINS = "CNI-HOSTPORT-DNAT CNI-DN-0123456789abcdef01234"
DOCKER = (
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    "-A DOCKER -i docker0 -j RETURN",
    "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 30080 -j DNAT --to-destination 172.17.0.2:80",
)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128", "a program of the node itself"),
        ("-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.0.2.5:8080", "to 192.0.2.5:8080 instead of"),
        ("-A PREROUTING -d 10.109.35.24/32 -j ACCEPT", "ends the way of"),
        ("-A PREROUTING -d 10.109.0.0/16 -j RETURN", "ends the way of"),
        ("-A PREROUTING -d 10.109.0.0/16 -g KUBE-MARK-MASQ", "ends the way of"),
        ("-A PREROUTING -d 10.109.35.0/24 -j NETMAP --to 192.0.2.0/24", "to 192.0.2.0/24 instead of"),
    ],
)
def test_it_catches_a_rule_that_takes_what_goes_to_a_cluster_ip(rule: str, words: str) -> None:
    (found,) = said(before(sound(), rule), "KP201")
    assert found.startswith("KP201 error ")
    assert words in found
    assert "10.109.35.24:80 (default/nginx)" in found


def test_it_catches_what_takes_the_nodes_own_connections() -> None:
    (found,) = said(before(sound(), "-A OUTPUT -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128", jump=OWN), "KP201")
    assert found.startswith("KP201 error ")


def test_it_catches_a_host_port_that_is_a_node_port() -> None:
    (found,) = said(before(sound("external-access"), *HOST_PORT, chains=HOST_CHAINS), "KP201")
    assert found.startswith("KP201 error ")
    assert "packets to nodePort 30080 (shop/np:http) to 10.244.9.9:80" in found


def test_it_catches_a_port_of_docker_that_is_a_node_port() -> None:
    (found,) = said(before(sound("external-access"), *DOCKER, chains="DOCKER"), "KP201")
    assert found.startswith("KP201 error ")


def test_one_rule_is_told_once_with_the_other_places_that_it_takes() -> None:
    (found,) = findings(before(sound("external-access"), "-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -j ACCEPT"), "KP201")
    assert len(found.related) > 3
    assert any("the same goes for nodePort 30081" in one.message.english() for one in found.related)


def test_it_warns_where_an_interface_or_a_set_decides_too() -> None:
    by_interface = "-A PREROUTING -i eth0 -p tcp -m tcp --dport 30080 -j REDIRECT --to-ports 3128"
    (found,) = said(before(sound("external-access"), by_interface), "KP201")
    assert found.startswith("KP201 warning ")

    for target, words in (("REDIRECT --to-ports 9", "may take"), ("ACCEPT", "may end"), ("DNAT --to-destination 192.0.2.5:9", "may send")):
        by_set = f"-A PREROUTING -p tcp -m tcp --dport 80 -m set --match-set some src -j {target}"
        (found,) = said(before(sound(), by_set), "KP201")
        assert found.startswith("KP201 warning ")
        assert words in found


def test_what_other_tables_may_have_marked_is_not_sure() -> None:
    text = before(sound(), "-A PREROUTING -p tcp -m tcp --dport 80 -m mark ! --mark 0x2000/0x2000 -j REDIRECT --to-ports 3128")
    (found,) = said(text, "KP201")
    assert found.startswith("KP201 error ")

    marked = text.replace("COMMIT", "-A PREROUTING -i pod+ -j MARK --set-xmark 0x2000/0x2000\nCOMMIT", 1)
    (found,) = said(marked, "KP201")
    assert found.startswith("KP201 warning ")


@pytest.mark.parametrize(
    "rules",
    [
        (),
        ("-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 3128",),  # another port
        ("-A PREROUTING -p udp -m udp --dport 80 -j REDIRECT --to-ports 3128",),  # another protocol
        ("-A PREROUTING -d 192.0.2.10/32 -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128",),  # another address
        ("-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -m tcp --dport 80 -j REDIRECT --to-ports 3128",),  # the node's own addresses
        ("-A PREROUTING -i eth0 -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128",),  # no Pod comes in there
        ("-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.168.104.1:80",),  # an endpoint of the Service
        ("-A PREROUTING -m set --match-set some src -j ACCEPT",),  # speaks of no Service
        ("-A PREROUTING -s 192.0.2.7/32 -j ACCEPT",),  # one client
        ("-A PREROUTING -m mark --mark 0x100/0x100 -j ACCEPT",),  # nobody has this mark
        ("-A PREROUTING -p tcp -m tcp --dport 80 -j CONNMARK --set-xmark 0x80/0x80",),  # goes on
        ("-A PREROUTING -d 10.109.35.24/32 -j OTHERS", "-A OTHERS -j RETURN"),  # comes back
        ("-A PREROUTING -d 10.109.35.24/32 -j OTHERS", "-A PREROUTING -d 10.109.35.24/32 -j OTHERS", "-A OTHERS -j MARK --set-xmark 0x1"),
        ("-A PREROUTING -d 10.109.35.24/32 -j OTHERS", "-A OTHERS -j CONNMARK --set-xmark 0x1/0x1", "-A OTHERS -d 192.0.2.1/32 -j ACCEPT"),
    ],
)
def test_it_is_silent_where_no_packet_to_a_service_is_taken(rules: tuple[str, ...]) -> None:
    assert not said(before(sound(), *rules, chains="OTHERS"), "KP201")


def test_other_ports_of_host_port_chains_are_no_harm() -> None:
    other = [rule.replace("30080", "30999") for rule in HOST_PORT]
    assert not said(before(sound("external-access"), *other, chains=HOST_CHAINS), "KP201")
    other = [rule.replace("30080", "30999") for rule in DOCKER]
    assert not said(before(sound("external-access"), *other, chains="DOCKER"), "KP201")


def test_the_load_balancer_of_k3s_has_the_nodes_address_and_a_host_port() -> None:
    text = sound("external-access")
    lead = next(line for line in text.splitlines() if " loadbalancer IP" in line and "KUBE-SERVICES" in line and "--dport" in line)
    port = lead.partition("--dport ")[2].split()[0]
    own = [rule.replace("30080", port) for rule in HOST_PORT]
    assert not said(before(text, *own, chains=HOST_CHAINS), "KP201")


def test_it_gives_up_where_too_much_is_not_known() -> None:
    bits = [1 << bit for bit in range(16, 28)]
    marks = [f"-A PREROUTING -m mark --mark {bit:#x}/{bit:#x} -j MARK --set-xmark {bit >> 16:#x}/{bit >> 16:#x}" for bit in bits]
    text = before(sound(), *marks, "-A PREROUTING -d 10.109.35.24/32 -j ACCEPT")
    assert said(text, "KP201")
    assert not said(text.replace("COMMIT", "-A PREROUTING -i pod+ -j MARK --set-xmark 0x10000/0x10000\nCOMMIT", 1), "KP201")


def test_a_question_that_makes_no_difference_is_none() -> None:
    either_way = "-A PREROUTING -m set --match-set some src -j CONNMARK --set-xmark 0x1/0x1"
    (found,) = said(before(sound(), either_way, "-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128"), "KP201")
    assert found.startswith("KP201 error ")


def test_only_rules_that_lead_to_the_taking_one_tell_what_it_is_about() -> None:
    only_marking = ("-A PREROUTING -p tcp -m tcp --dport 80 -m set --match-set some src -j CONNMARK --set-xmark 0x1/0x1",)
    (found,) = said(before(sound(), *only_marking, "-A PREROUTING -p tcp -m tcp --dport 80 -m set --match-set some src -j ACCEPT"), "KP201")
    assert found.startswith("KP201 warning ")
    assert not said(before(sound(), *only_marking, "-A PREROUTING -m set --match-set some src -j ACCEPT"), "KP201")


def test_it_needs_the_rule_that_leads_to_kube_services() -> None:
    taking = "-A PREROUTING -d 10.109.35.24/32 -j ACCEPT\n"
    assert not said(sound().replace(ARRIVING, taking), "KP201")


def test_it_reads_ipv6_too() -> None:
    text = sound("ipv6")
    address = next(line for line in text.splitlines() if "cluster IP" in line and line.startswith("-A KUBE-SERVICES")).split()[3]
    (found,) = findings(before(text, f"-A PREROUTING -d {address} -j ACCEPT"), "KP201")
    assert found.severity == "error"
    assert f"[{address.removesuffix('/128')}]:" in found.place.message.english()


def test_what_stands_behind_kube_proxys_jump_takes_nothing() -> None:
    late = sound().replace(ARRIVING, ARRIVING + "-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128\n")
    assert not said(late, "KP201")


def test_it_does_not_look_at_a_dump_that_is_cut() -> None:
    broken = before(sound(), "-A PREROUTING -d 10.109.35.24/32 -j ACCEPT")
    assert not said(broken.rpartition("COMMIT")[0], "KP201")
