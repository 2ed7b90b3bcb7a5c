from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iptexplain.anonymize.beside.kinds import MODULES, form
from iptexplain.anonymize.disguise import Disguise
from iptexplain.anonymize.needs import Needs
from iptexplain.errors import UnreadableInputError
from iptexplain.inputs.ip_addr import parse_ip_addr
from iptexplain.inputs.ip_route import parse_ip_route
from iptexplain.inputs.ipset import parse_ipset
from iptexplain.inputs.ipvs import parse_ipvs
from iptexplain.inputs.names import parse_names
from iptexplain.inputs.node import parse_node
from iptexplain.inputs.packets import parse_packets
from tests.anonymize.beside.again import again
from tests.anonymize.story import KEY
from tests.checkout import PACKAGE
from tests.inputs.sources import source

if TYPE_CHECKING:
    from collections.abc import Callable

    from iptexplain.source import Source

READERS: dict[str, Callable[[Source], object]] = {
    "node": parse_node,
    "ip-addr": parse_ip_addr,
    "ip-route": parse_ip_route,
    "ipset": parse_ipset,
    "ipvs": parse_ipvs,
    "names": parse_names,
    "packets": lambda given: list(parse_packets(given)),
}

BROKEN = {
    "node": ['{"interfaces": {"eth0": {"addrs": ["10.0.0.300"]}}}', "[1, 2"],
    "ip-addr": ['[{"ifname": "eth0"}]', "eth0 is up"],
    "ip-route": ['[{"dst": "here"}]', "over there"],
    "ipset": ["create S hash:ip\nadd S 10.0.0.300", "swap A B"],
    "ipvs": ["-A -t 10.0.0.1:http -s rr", "TCP 10.0.0.1:80 rr"],
    "names": ["apiVersion: v1", '{"kind": "Pod"}'],
    "packets": ['{"src": "10.0.0.1", "dst": "10.0.0.2", "host": "secret"}', "{"],
}

SECRET = {
    "node": json.dumps({"interfaces": {"secret0": {"addrs": ["203.0.113.7/28"]}}, "sysctls": {"net.secret": 1, "secret.ip_forward": 1}}),
    "ip-addr": json.dumps(
        [
            {"ifname": "lo", "flags": [], "link_type": "loopback", "addr_info": []},
            {
                "ifname": "secret0",
                "link": "secret1",
                "flags": ["UP", "secret"],
                "qdisc": "secret",
                "group": "secret",
                "operstate": "secret",
                "link_type": "secret",
                "ifalias": "secret",
                "altnames": ["secret"],
                "secret": "secret",
                "linkinfo": {"info_kind": "secret", "info_data": {"secret": "secret"}, "info_slave_kind": "secret"},
                "addr_info": [{"local": "203.0.113.7", "prefixlen": 28, "scope": "secret", "label": "secret0:1", "protocol": "secret"}],
            },
        ]
    ),
    "ip-route": json.dumps(
        [
            {
                "dst": "203.0.113.0/28",
                "dev": "secret0",
                "protocol": "secret",
                "scope": "secret",
                "flags": ["secret"],
                "pref": "secret",
                "tos": "0x0",
                "metrics": [{"secret": "secret"}],
                "encap": "secret",
                "prefsrc": "secret",
            },
            {"dst": "203.0.113.0/28", "dev": "secret0", "table": "secret", "tos": 7},
            {"dst": "secret", "dev": "secret0", "type": "broadcast"},
        ]
    ),
    "ipset": 'create secret-set hash:net,iface family inet hashsize 1024 initval 0xsecret comment\n# secret\n'
    'add secret-set 203.0.113.0/28,secret0 comment "secret"\ncreate secret-list list:set size secret\nadd secret-list secret-set',
    "ipvs": "-A -t 203.0.113.7:80 -s secret -b secret --pe secret\n# secret\n-a -t 203.0.113.7:80 -r 203.0.113.8:80 --tun-type secret",
    "names": json.dumps(
        {
            "kind": "List",
            "metadata": {"secret": "secret"},
            "items": [
                {
                    "kind": "Service",
                    "metadata": {"namespace": "secret", "name": "secret", "labels": {"secret": "secret"}, "secret": ["secret"]},
                    "spec": {
                        "type": "secret",
                        "clusterIP": "203.0.113.7",
                        "clusterIPs": ["203.0.113.7", "secret"],
                        "externalName": "secret",
                        "selector": {"secret": "secret"},
                        "ports": [{"name": "secret", "port": 80, "targetPort": "secret", "appProtocol": "secret", "protocol": "secret"}],
                    },
                    "status": {"loadBalancer": {"ingress": [{"hostname": "secret"}, {"ip": "203.0.113.9"}]}, "conditions": ["secret"]},
                },
                {"kind": "Pod", "metadata": {"name": "secret"}},
                {"kind": "Service", "metadata": {"labels": {"secret": "secret"}}},
            ],
        }
    ),
    "packets": json.dumps(
        {"src": "203.0.113.7", "dst": "203.0.113.8", "iif": "secret0", "ct_dnat": "203.0.113.7:80", "payload": "cb0071" * 10}
    ),
}  # fmt: skip


def test_there_is_a_module_for_each_kind_and_none_besides() -> None:
    modules = {path.stem for path in (PACKAGE / "anonymize/beside").glob("*.py")}

    assert modules - {"__init__", "kinds", "allowed"} == set(MODULES.values())
    assert set(MODULES) == READERS.keys() == BROKEN.keys() == SECRET.keys()


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in BROKEN.items() for text in texts])
def test_what_cannot_be_read_is_told_as_its_reader_does(kind: str, text: str) -> None:
    given = source(*text.split("\n"), name="beside.txt")
    with pytest.raises(UnreadableInputError) as expected:
        READERS[kind](given)
    with pytest.raises(UnreadableInputError) as gathering:
        form(kind).gather(given, Needs())
    with pytest.raises(UnreadableInputError) as writing:
        list(form(kind).lines(given, Disguise(KEY, Needs()), counters=False))

    assert str(expected.value) == str(gathering.value) == str(writing.value)


@pytest.mark.parametrize("kind", MODULES)
def test_only_what_is_understood_is_written(kind: str) -> None:
    _, other = again(kind, source(*SECRET[kind].split("\n")))

    assert READERS[kind](other)
    assert "secret" not in other.text
    assert "203.0.113.7" not in other.text
    assert "cb0071" not in other.text


@pytest.mark.parametrize("kind", MODULES)
def test_the_same_file_comes_out_each_time(kind: str) -> None:
    given = source(*SECRET[kind].split("\n"))

    assert again(kind, given)[1].text == again(kind, given)[1].text
