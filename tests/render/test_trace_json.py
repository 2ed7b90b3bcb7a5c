from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from iptexplain.inputs.packets import make_packet
from iptexplain.render import schemas
from iptexplain.render.trace_json import Documents, packet_keys
from tests.checkout import ROOT
from tests.command import CLASSIC, FIXTURES, SAMPLES
from tests.render.traces import NODE, Json, document, dump, packets, through, traces

FILES = (*SAMPLES, *FIXTURES[::5])


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schemas.schema("trace")))


def faults(made: Json) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(made)]


@pytest.mark.parametrize("on_node", [True, False])
@pytest.mark.parametrize("file", FILES)
def test_the_documents_of_packets_to_all_services_follow_the_schema(file: str, *, on_node: bool) -> None:
    found = traces(file, on_node=on_node)[:40]

    assert packets(file) == () or found
    for trace in found:
        assert faults(document(dump(file), trace)) == []


def test_a_packet_to_a_service_tells_its_fates_with_exact_chances_and_the_rules_on_the_way() -> None:
    to = {"src": "192.168.1.7", "sport": 40000, "iif": "cni0", "dst": "10.109.35.24", "dport": 80}
    dump_text = (ROOT / CLASSIC).read_text("utf-8")
    found, trace = through(dump_text, to, NODE)
    made = document(found, trace)

    assert made["schema"] == "iptexplain.trace/1"
    assert (made["file"], made["dump"], made["family"]) == ("-", 0, "ipv4")
    assert made["packet"] == {"proto": "tcp", **to, "mark": "0x0", "ct": "new", "ttl": 64, "tos": 0}
    assert [(one["fraction"], one["dst"], one["dport"]) for one in made["outcomes"]] == [
        ("715827883/2147483648", "192.168.104.1", 80),
        ("1431655765/4294967296", "192.168.166.129", 80),
        ("1431655765/4294967296", "192.168.166.130", 80),
    ]
    assert made["outcomes"][0] | {"path": []} == {
        "probability": 715827883 / 2147483648,
        "fraction": "715827883/2147483648",
        "assumptions": [],
        "outcome": "forwarded",
        "where": "",
        "reject": None,
        "oif": "cni0",
        "src": "192.168.1.7",
        "sport": 40000,
        "dst": "192.168.104.1",
        "dport": 80,
        "mark": "0x0",
        "dnat": True,
        "snat": False,
        "paths": 1,
        "path": [],
    }
    path = made["outcomes"][0]["path"]
    lines = dump_text.splitlines()

    assert [(step["hook"], step["table"], step["chain"], step["effect"]) for step in path] == [
        ("PREROUTING", "mangle", "PREROUTING", "policy ACCEPT"),
        ("PREROUTING", "nat", "PREROUTING", "jump KUBE-SERVICES"),
        ("PREROUTING", "nat", "KUBE-SERVICES", "jump KUBE-SVC-2CMXP7HKUVJN7L6M"),
        ("PREROUTING", "nat", "KUBE-SVC-2CMXP7HKUVJN7L6M", "jump KUBE-SEP-HZVZGM4N576VDS2S"),
        ("PREROUTING", "nat", "KUBE-SEP-HZVZGM4N576VDS2S", "dnat 192.168.104.1:80"),
        ("FORWARD", "mangle", "FORWARD", "policy ACCEPT"),
        ("FORWARD", "filter", "FORWARD", "jump KUBE-PROXY-FIREWALL"),
        ("FORWARD", "filter", "FORWARD", "jump KUBE-FORWARD"),
        ("FORWARD", "filter", "FORWARD", "jump KUBE-SERVICES"),
        ("FORWARD", "filter", "FORWARD", "jump KUBE-EXTERNAL-SERVICES"),
        ("FORWARD", "filter", "FORWARD", "policy ACCEPT"),
        ("POSTROUTING", "mangle", "POSTROUTING", "policy ACCEPT"),
        ("POSTROUTING", "nat", "POSTROUTING", "jump KUBE-POSTROUTING"),
        ("POSTROUTING", "nat", "KUBE-POSTROUTING", "return"),
        ("POSTROUTING", "nat", "POSTROUTING", "policy ACCEPT"),
    ]
    assert [lines[step["line"] - 1] for step in path if step["rule"] is not None] == [step["rule"] for step in path if step["rule"]]
    assert [lines[step["line"] - 1].split()[0] for step in path if step["rule"] is None] == [
        f":{step['chain']}" for step in path if step["rule"] is None
    ]


FILTER = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD {policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}\nCOMMIT\n"
FORWARDED = {"src": "10.244.1.7", "iif": "cni0", "dst": "8.8.8.8", "dport": 80}


def outcome(rules: str, policy: str = "ACCEPT", packet: Json = FORWARDED) -> Json:
    made = document(*through(FILTER.format(policy=policy, rules=rules), packet, NODE))

    assert faults(made) == []
    assert len(made["outcomes"]) == 1
    one: Json = made["outcomes"][0]
    return one


def test_a_policy_that_drops_is_a_step_without_a_rule() -> None:
    found = outcome("-A FORWARD -s 1.1.1.1/32 -j ACCEPT", "DROP")

    assert (found["outcome"], found["where"], found["oif"]) == ("dropped", "FORWARD", None)
    assert found["path"] == [{"hook": "FORWARD", "table": "filter", "chain": "FORWARD", "line": 3, "rule": None, "effect": "policy DROP"}]


def test_the_policy_is_no_step_behind_a_rule_that_decides() -> None:
    assert [step["effect"] for step in outcome("-A FORWARD -j ACCEPT", "DROP")["path"]] == ["accept"]


def test_a_refusal_says_what_the_sender_is_told() -> None:
    found = outcome("-A FORWARD -p tcp -j REJECT --reject-with tcp-reset")

    assert (found["outcome"], found["where"], found["reject"]) == ("rejected", "FORWARD", "tcp-reset")
    assert [step["effect"] for step in found["path"]] == ["reject tcp-reset"]


def test_what_has_no_route_says_why() -> None:
    found = outcome("", packet=FORWARDED | {"dst": "127.0.0.1"})

    assert (found["outcome"], found["where"]) == ("unroutable", "ROUTING:after-PREROUTING")
    assert "127.0.0.1" in found["why"]


def test_the_port_of_a_protocol_without_ports_is_0() -> None:
    found = outcome("", packet={"src": "10.244.1.7", "iif": "cni0", "dst": "8.8.8.8", "proto": "icmp"})

    assert (found["outcome"], found["dport"]) == ("forwarded", 0)


def test_a_port_that_nobody_knows_is_null() -> None:
    found = outcome("", packet={"src": "10.244.1.7", "iif": "cni0", "dst": "8.8.8.8", "proto": "udp"})

    assert (found["outcome"], found["dport"]) == ("forwarded", None)


def test_assumptions_are_statements_and_their_opposites() -> None:
    made = document(*through(FILTER.format(policy="ACCEPT", rules=""), FORWARDED | {"dst": "10.1.1.1"}))

    assert {tuple(one["assumptions"]) for one in made["outcomes"]} == {
        ("10.1.1.1 is an address of this node",),
        ("not: 10.1.1.1 is an address of this node",),
    }
    assert {one["fraction"] for one in made["outcomes"]} == {"1"}


def test_of_a_very_long_way_the_last_rules_are_told() -> None:
    chains = [f":C{n} - [0:0]" for n in range(40)]
    calls = [f"-A C{n} -j C{n + 1}" for n in range(39) for _ in range(2)]
    rules = "\n".join(
        ["*filter", ":FORWARD ACCEPT [0:0]", *chains, "-A FORWARD -j C0", *calls, "-A C39 -j MARK --set-xmark 0x1/0x0", "COMMIT", ""]
    )
    made = document(*through(rules, FORWARDED, NODE))
    (found,) = made["outcomes"]

    assert faults(made) == []
    assert found["path_cut"] is True
    assert len([step for step in found["path"] if step["rule"] is not None]) == 1000
    assert found["path"][-1]["effect"] == "policy ACCEPT"


def test_a_number_of_ways_that_nobody_could_read_is_null() -> None:
    found, trace = through(FILTER.format(policy="ACCEPT", rules=""), FORWARDED, NODE)
    trace = trace._replace(fates=(trace.fates[0]._replace(paths=1 << 1001),))
    made = document(found, trace)

    assert made["outcomes"][0]["paths"] is None
    assert faults(made) == []


def test_bytes_that_are_no_utf_8_are_escaped() -> None:
    found, trace = through(
        FILTER.format(policy="ACCEPT", rules='-A FORWARD -m comment --comment "caf\udce9 \x1b[31m" -j ACCEPT'), FORWARDED, NODE
    )
    line = Documents("-", found, 4).line(trace)

    assert line.isascii()
    assert line.isprintable()
    assert "caf\udce9 \x1b[31m" in json.loads(line)["outcomes"][0]["path"][0]["rule"]


def test_the_schema_finds_what_is_not_promised() -> None:
    made = document(*through(FILTER.format(policy="ACCEPT", rules=""), FORWARDED, NODE))

    assert faults(made | {"surprise": 1})
    assert faults(made | {"outcomes": []})
    assert faults(made | {"outcomes": [made["outcomes"][0] | {"outcome": "lost"}]})
    assert faults({key: value for key, value in made.items() if key != "packet"})


@cache
def packet_validator() -> Draft202012Validator:
    return Draft202012Validator({"$ref": "#/$defs/packet", "$defs": json.loads(schemas.schema("trace"))["$defs"]})


ADDRESSES = st.sampled_from([("10.0.0.1", "10.0.0.2"), ("fd00::1", "2001:db8::2")])
NUMBER = st.integers(0, 255)
PORT = st.none() | st.integers(0, 65535)


@given(
    ends=ADDRESSES,
    said=st.fixed_dictionaries(
        {},
        optional={
            "proto": st.sampled_from(["tcp", "udp", "icmp", "sctp", "gre", "dccp", "udplite", 200]),
            "sport": PORT,
            "dport": PORT,
            "iif": st.sampled_from([None, "eth0"]),
            "mark": st.integers(0, 0xFFFFFFFF),
            "ct": st.sampled_from(["new", "established", "reply", "related", "invalid", "untracked"]),
            "flags": st.sampled_from(["", "S", "SA", "FSRPAUEC"]),
            "icmp_type": NUMBER,
            "icmp_code": NUMBER,
            "frag": st.booleans(),
            "ttl": NUMBER,
            "tos": NUMBER,
            "length": st.integers(20, 65535),
            "ct_mark": st.integers(0, 0xFFFFFFFF),
            "bad_csum": st.booleans(),
            "src_mac": st.just("02:00:00:00:00:ff"),
        },
    ),
)
def test_the_keys_of_a_packet_give_the_packet_again(ends: tuple[str, str], said: Json) -> None:
    source, destination = ends
    packet = make_packet({"src": source, "dst": destination, **said})
    keys = packet_keys(packet)

    assert make_packet(keys) == packet
    assert list(packet_validator().iter_errors(keys)) == []


@pytest.mark.parametrize("place", ["10.0.0.9:80", "10.0.0.9"])
def test_a_translated_connection_is_in_the_keys_too(place: str) -> None:
    packet = make_packet(
        {"src": "10.0.0.1", "dst": "10.0.0.2", "ct": "established", "ct_dnat": place, "ct_snat": place, "payload": "45" + "00" * 19}
    )

    assert packet_keys(packet)["ct_dnat"] == place
    assert make_packet(packet_keys(packet)) == packet
