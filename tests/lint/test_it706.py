"""IT706: a rule that contradicts itself."""

from __future__ import annotations

import pytest

from tests.lint.linted import said, sound


def rules(*tests: str) -> str:
    return "*mangle\n:PREROUTING ACCEPT [0:0]\n" + "".join(f"-A PREROUTING {one} -j ACCEPT\n" for one in tests) + "COMMIT\n"


@pytest.mark.parametrize(
    ("tests", "field"),
    [
        ("-s 10.0.0.1/32 -m iprange --src-range 10.0.0.2-10.0.0.9", "source address"),
        ("-s 10.0.0.0/24 -m iprange ! --src-range 10.0.0.0-10.0.1.255", "source address"),
        ("-m iprange --dst-range 10.0.0.9-10.0.0.2", "destination address"),
        ("! -d 0.0.0.0/0", "destination address"),
        ("-p tcp -m tcp --dport 80 -m multiport --dports 443,8443", "destination port"),
        ("-p tcp -m tcp ! --sport 1:1024 -m multiport --sports 80,443", "source port"),
        ("-p tcp -m tcp --dport 80 --tcp-flags SYN ACK", "TCP flags"),
        ("-p tcp -m tcp --tcp-flags SYN,ACK SYN -m tcp --tcp-flags SYN NONE", "TCP flags"),
        ("-p tcp -m tcp --tcp-flags SYN,ACK SYN -m tcp ! --tcp-flags SYN SYN", "TCP flags"),
        ("-m mark --mark 0x3/0x1", "mark"),
        ("-m mark --mark 0x1/0x1 -m mark ! --mark 0x1/0x1", "mark"),
        ("-m mark --mark 0x1/0x3 -m mark --mark 0x2/0x2", "mark"),
        ("-m connmark --mark 0x1 -m connmark --mark 0x2", "connection mark"),
        ("-m conntrack --ctstate NEW -m state --state RELATED,ESTABLISHED", "connection state"),
        ("-m conntrack --ctstate NEW -m conntrack ! --ctstate NEW,INVALID", "connection state"),
        ("! -i +", "input interface"),
        ("-p udp -m multiport ! --ports 0:65535", "source or destination port"),
    ],
)
def test_it_catches_what_cannot_be(tests: str, field: str) -> None:
    wanted = f"IT706 warning 3: no packet can match this rule: what it demands of the {field} contradicts itself"
    assert said(rules(tests), "IT706") == [wanted]


def test_it_catches_a_rule_of_kube_proxy_that_was_changed() -> None:
    broken = sound().replace("-m mark ! --mark 0x4000/0x4000 -j", "-m mark ! --mark 0x4000/0x4000 -m mark --mark 0x4000/0x4000 -j")
    assert len(said(broken, "IT706")) == 1


@pytest.mark.parametrize(
    "tests",
    [
        "-s 10.0.0.1/32 -d 10.0.0.2/32 -i eth0 -p tcp -m tcp --sport 1 --dport 2",
        "-s 10.0.0.0/8 -m iprange --src-range 10.0.0.2-10.0.0.9",
        "-s 10.0.0.0/8 -m iprange ! --src-range 10.0.0.2-10.0.0.9",
        "! -s 10.0.0.1/32 -m iprange ! --src-range 10.0.0.2-10.0.0.9",
        "-s 10.0.0.0/255.0.0.255 -m iprange --src-range 10.0.0.2-10.0.0.9",
        "-p tcp -m tcp --dport 80 -m multiport --dports 443,1:100",
        "-p tcp -m tcp --dport 80:90 -m multiport ! --dports 80,81",
        "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m tcp ! --tcp-flags SYN,URG SYN,URG",
        "-m mark --mark 0x1/0x1 -m mark --mark 0x2/0x2",
        "-m mark --mark 0x1/0x1 -m mark ! --mark 0x3/0x3",
        "-m conntrack --ctstate NEW -m conntrack --ctstate DNAT",
        "-m conntrack --ctstate NEW,RELATED -m state --state NEW",
        "-m set --match-set a src -m set ! --match-set b src",
        "-m set --match-set a src -m set ! --match-set a src",
        "! -i eth+ -p udp",
    ],
)
def test_it_is_silent_where_a_packet_may_match(tests: str) -> None:
    assert not said(rules(tests), "IT706")


def test_it_is_silent_on_a_sound_dump() -> None:
    assert not said(sound(), "IT706")


def test_it_is_silent_on_what_kube_proxy_writes_for_a_cluster_of_all_addresses() -> None:
    everybody = sound().replace("! -s 192.168.0.0/16", "! -s 0.0.0.0/0")

    assert everybody != sound()
    assert not said(everybody, "IT706")
