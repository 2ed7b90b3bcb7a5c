from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from iptexplain.analysis.trace.tracer import Tracer
from iptexplain.errors import TooManyCasesError
from iptexplain.render import schemas
from iptexplain.source import message
from tests.checkout import ROOT
from tests.command import CLASSIC, Done, here, printed, run

if TYPE_CHECKING:
    from pathlib import Path

    from iptexplain.analysis.trace.fate import Trace
    from iptexplain.model.packet import Packet

FINE, UNUSABLE = 0, 2
MIXED = "samples/kube-proxy/mixed-cluster.save"
V6 = "samples/kube-proxy/ipv6.save"
TO = ("--from", "192.168.1.7", "--in", "cni0", "--to", "10.109.35.24:80")
NODE = {
    "interfaces": {"eth0": {"addrs": ["10.0.0.11/24"]}, "cni0": {"addrs": ["192.168.7.1/24"]}},
    "routes": [["default", "eth0"], ["192.168.0.0/16", "cni0"]],
}
LINK = {"flags": ["UP"], "link_type": "ether", "mtu": 1500}
ADDRESSES = [
    LINK | {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host"}]},
    LINK | {"ifname": "eth0", "addr_info": [{"family": "inet", "local": "10.0.0.11", "prefixlen": 24, "scope": "global"}]},
]
ROUTES = [{"dst": "default", "gateway": "10.0.0.1", "dev": "eth0", "flags": []}, {"dst": "10.0.0.0/24", "dev": "eth0", "flags": []}]
PACKETS = [
    {"src": "192.168.1.7", "dst": "10.109.35.24", "dport": 80, "iif": "cni0"},
    {"src": "8.8.8.8", "dst": "10.0.0.11", "dport": 22, "iif": "eth0", "proto": "udp"},
    {"src": "10.0.0.11", "dst": "10.109.35.24", "dport": 81, "iif": None},
]


def written(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


def packets(folder: Path, *found: object) -> str:
    return written(folder, "packets.jsonl", "".join(json.dumps(one) + "\n" for one in found))


def outcomes(done: Done) -> list[tuple[str, str, str | None]]:
    """Of one packet: what becomes of it, where it goes, and by which interface."""
    assert (done.status, done.err) == (FINE, "")
    return [(one["outcome"], one["dst"], one["oif"]) for one in json.loads(done.out)["outcomes"]]


# ---- formats -----------------------------------------------------------------------------------------------------------


def test_one_packet_is_told_as_text_and_many_as_json_lines(tmp_path: Path) -> None:
    one = here("trace", CLASSIC, *TO)
    many = here("trace", CLASSIC, "--packets", packets(tmp_path, *PACKETS))

    assert one.out.startswith("new TCP connection from 192.168.1.7 to 10.109.35.24:80 (default/nginx)\n")
    assert [json.loads(line)["packet"]["src"] for line in many.out.splitlines()] == [packet["src"] for packet in PACKETS]


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_is_one_document_a_line_however_it_is_called(form: str, tmp_path: Path) -> None:
    one = here("trace", CLASSIC, *TO, "-f", form)
    many = here("trace", CLASSIC, "--packets", packets(tmp_path, *PACKETS), "-f", form)

    assert json.loads(one.out)["schema"] == "iptexplain.trace/1"
    assert len(one.out.splitlines()) == 1
    assert len(many.out.splitlines()) == len(PACKETS)
    assert json.loads(many.out.splitlines()[0])["outcomes"] == json.loads(one.out)["outcomes"]


def test_many_packets_may_be_told_as_text_too(tmp_path: Path) -> None:
    done = here("trace", CLASSIC, "--packets", packets(tmp_path, *PACKETS), "-f", "text")

    assert [done.out.count(f"from {packet['src']}") for packet in PACKETS] == [1, 1, 1]


def test_no_packets_give_nothing(tmp_path: Path) -> None:
    assert here("trace", CLASSIC, "--packets", packets(tmp_path)) == (FINE, "", "")


def test_the_real_command_prints_what_the_tests_look_at() -> None:
    assert printed("trace", CLASSIC, *TO).out == here("trace", CLASSIC, *TO).out


def test_quiet_leaves_out_the_head() -> None:
    loud, quiet = here("trace", CLASSIC, *TO), here("trace", CLASSIC, *TO, "-q")

    assert quiet.out == "".join(loud.out.partition("goes to")[1:])


def test_output_goes_to_a_file_if_one_is_named(tmp_path: Path) -> None:
    done = here("trace", CLASSIC, *TO, "-o", str(tmp_path / "story.txt"))

    assert (done.status, done.out) == (FINE, "")
    assert (tmp_path / "story.txt").read_text("utf-8") == here("trace", CLASSIC, *TO).out


def test_colour_is_there_on_demand() -> None:
    assert "\x1b[" in here("trace", CLASSIC, *TO, "--color", "always").out
    assert "\x1b[" not in here("trace", CLASSIC, *TO).out


def test_a_dump_may_come_from_standard_input_and_be_packed() -> None:
    done = here("trace", "-", *TO, stdin=gzip.compress((ROOT / CLASSIC).read_bytes()))

    assert done.out == here("trace", CLASSIC, *TO).out


# ---- the packet --------------------------------------------------------------------------------------------------------


def test_a_service_is_found_by_its_name() -> None:
    assert here("trace", CLASSIC, "--from", "192.168.1.7", "--in", "cni0", "--to", "default/nginx").out == here("trace", CLASSIC, *TO).out


@pytest.mark.parametrize("kind", ["pod", "node", "outside", "Pod"])
def test_an_example_of_a_sender_is_said_to_be_one(kind: str) -> None:
    text = here("trace", CLASSIC, "--from", kind, "--to", "nginx")
    made = here("trace", CLASSIC, "--from", kind, "--to", "nginx", "-f", "json")
    source = json.loads(made.out)["packet"]["src"]

    assert text.err == ""
    assert f"\n{source} stands for " in text.out
    assert made.err == f"iptexplain: {text.out.splitlines()[1]}\n"


@pytest.mark.parametrize("kind", ["pod", "node", "outside"])
def test_nobody_asks_whose_the_address_of_an_example_is(kind: str) -> None:
    made = json.loads(here("trace", CLASSIC, "--from", kind, "--to", "nginx", "-f", "json", "-q").out)

    assert [one["assumptions"] for one in made["outcomes"]] == [[]] * 3
    assert {one["outcome"] for one in made["outcomes"]} == {"sent" if kind == "node" else "forwarded"}


def test_options_describe_the_packet() -> None:
    options = ("--mark", "0x10", "--ct", "established", "--tcp-flags", "syn,ack", "--length", "60", "--ttl", "3", "--in", "eth0")
    made = json.loads(here("trace", CLASSIC, "--from", "10.0.0.1:999", "--to", "10.0.0.2:80", *options, "-f", "json").out)

    assert made["packet"] == {
        "proto": "tcp",
        "src": "10.0.0.1",
        "dst": "10.0.0.2",
        "sport": 999,
        "dport": 80,
        "mark": "0x10",
        "ct": "established",
        "flags": "SA",
        "ttl": 3,
        "tos": 0,
        "length": 60,
        "iif": "eth0",
    }


@pytest.mark.parametrize(
    ("to", "options", "keys"),
    [
        ("10.0.0.2", (), {"proto": "tcp"}),
        ("10.0.0.2:53/udp", (), {"proto": "udp", "dport": 53}),
        ("10.0.0.2/icmp", (), {"proto": "icmp", "icmp_type": 8, "icmp_code": 0}),
        ("10.0.0.2", ("--icmp-type", "3/4"), {"proto": "icmp", "icmp_type": 3, "icmp_code": 4}),
        ("10.0.0.2", ("--icmp-type", "echo-reply"), {"proto": "icmp", "icmp_type": 0, "icmp_code": 0}),
        ("10.0.0.2:80", ("--tcp-flags", "RA"), {"flags": "RA"}),
        ("10.0.0.2:80", ("--tcp-flags", "none"), {"flags": ""}),
    ],
)
def test_protocol_flags_and_types_may_be_written_in_several_ways(to: str, options: tuple[str, ...], keys: dict[str, object]) -> None:
    made = json.loads(here("trace", CLASSIC, "--from", "10.0.0.1", "--to", to, *options, "-f", "json").out)

    assert made["packet"] | keys == made["packet"]


def test_a_type_of_icmpv6_has_its_own_number() -> None:
    made = json.loads(here("trace", V6, "--from", "fd00::1", "--to", "fd00::2", "--icmp-type", "echo-request", "-f", "json").out)

    assert (made["family"], made["packet"]["proto"], made["packet"]["icmp_type"]) == ("ipv6", "ipv6-icmp", 128)


def test_the_time_decides_rules_that_ask_for_it() -> None:
    rules = b"*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m time --timestart 10:00:00 --timestop 11:00:00 -j DROP\nCOMMIT\n"
    packet = ("--from", "10.0.0.1", "--in", "eth0", "--to", "10.0.0.2:80")

    for at, outcome in (("2026-01-31T10:30", "dropped"), ("2026-01-31T10:30+05:00", "forwarded"), ("2026-01-31T15:30+05:00", "dropped")):
        made = json.loads(here("trace", "-", *packet, "--at", at, "-f", "json", "-q", stdin=rules).out)

        assert outcome in {one["outcome"] for one in made["outcomes"]}
        assert not any("time" in said for one in made["outcomes"] for said in one["assumptions"])


# ---- the node ----------------------------------------------------------------------------------------------------------


def test_a_node_says_where_packets_leave(tmp_path: Path) -> None:
    done = here("trace", CLASSIC, *TO, "--node", written(tmp_path, "node.json", NODE), "-f", "json")

    assert outcomes(done) == [("forwarded", f"192.168.{end}", "cni0") for end in ("104.1", "166.129", "166.130")]


def test_so_does_what_the_node_prints_itself(tmp_path: Path) -> None:
    known = ("--ip-addr", written(tmp_path, "addr.json", ADDRESSES), "--ip-route", written(tmp_path, "route.json", ROUTES))
    packet = ("--from", "10.0.0.9", "--in", "eth0")

    assert outcomes(here("trace", CLASSIC, *packet, "--to", "8.8.8.8:80", *known, "-f", "json")) == [("forwarded", "8.8.8.8", "eth0")]
    assert outcomes(here("trace", CLASSIC, *packet, "--to", "10.0.0.11:80", *known, "-f", "json")) == [("local", "10.0.0.11", None)]


def test_sets_answer_what_rules_ask_of_them(tmp_path: Path) -> None:
    rules = b"*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m set --match-set bad src -j DROP\nCOMMIT\n"
    sets = written(tmp_path, "sets", "create bad hash:ip family inet hashsize 1024 maxelem 65536\nadd bad 10.0.0.9\n")
    node = ("--node", written(tmp_path, "node.json", NODE))
    more = ("--in", "eth0", "--to", "8.8.8.8:80", "-f", "json", "-q", *node, "--ipset", sets)

    assert outcomes(here("trace", "-", "--from", "10.0.0.9", *more, stdin=rules)) == [("dropped", "8.8.8.8", None)]
    assert outcomes(here("trace", "-", "--from", "10.0.0.8", *more, stdin=rules)) == [("forwarded", "8.8.8.8", "eth0")]


def test_a_node_without_sets_prints_nothing_and_that_is_fine(tmp_path: Path) -> None:
    done = here("trace", CLASSIC, *TO, "--ipset", written(tmp_path, "sets", ""), "--node", written(tmp_path, "node.json", NODE))

    assert (done.status, done.err) == (FINE, "")


def test_names_name_what_the_dump_does_not(tmp_path: Path) -> None:
    dump = re.sub('-m comment --comment "default/nginx[^"]*" ', "", (ROOT / CLASSIC).read_text("utf-8"))
    names = ("--names", written(tmp_path, "names", "default/nginx\n"))
    done = here("trace", "-", "--from", "pod", "--to", "nginx", *names, stdin=dump.encode())

    assert "nginx" not in dump
    assert "one of 3 Pods of default/nginx" in done.out


# ---- which rules -------------------------------------------------------------------------------------------------------


def test_each_packet_meets_the_dump_of_its_family(tmp_path: Path) -> None:
    six = {"src": "fd00:10:244::5", "dst": "fd00:10:96::a", "dport": 53, "proto": "udp", "iif": "cni0"}
    done = here("trace", CLASSIC, V6, "--packets", packets(tmp_path, PACKETS[0], six, PACKETS[1]))

    assert [(made["file"], made["family"]) for made in map(json.loads, done.out.splitlines())] == [
        (CLASSIC, "ipv4"),
        (V6, "ipv6"),
        (CLASSIC, "ipv4"),
    ]


def test_a_packet_without_a_dump_of_its_family_is_an_error() -> None:
    done = here("trace", CLASSIC, "--from", "fd00::1", "--to", "fd00::2")

    assert (done.status, done.out) == (UNUSABLE, "")
    assert "the packet is of IPv6" in done.err


def test_of_two_dumps_of_a_family_that_with_the_services_is_traced_and_that_is_said() -> None:
    saved = (ROOT / CLASSIC).read_bytes()
    legacy = saved.replace(b"(nf_tables) ", b"")
    empty = b"# Generated by iptables-save v1.8.9\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\nCOMMIT\n# Completed on Mon\n"
    one, two, three = (here("trace", "-", *TO, "-f", "json", stdin=dumps) for dumps in (saved, saved + legacy, empty + saved))

    assert (one.err, three.err) == ("", "")
    assert "there are 2 dumps of this family: only that of line 1 is traced" in two.err
    assert [json.loads(done.out)["dump"] for done in (one, two, three)] == [0, 0, 1]
    assert len(json.loads(three.out)["outcomes"]) == len(json.loads(one.out)["outcomes"])
    assert here("trace", "-", *TO, "-q", "-f", "json", stdin=saved + legacy).err == ""


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("-A FORWARD -s 10.0.0.1/32 -j DROP\n", "rule lines alone"),
        ("*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n", "only table filter is in this dump"),
    ],
)
def test_what_a_part_of_the_rules_cannot_show_is_said(rules: str, words: str) -> None:
    assert words in here("trace", "-", *TO, stdin=rules.encode()).err
    assert words not in here("trace", "-", *TO, "-q", stdin=rules.encode()).err


def test_in_ipvs_mode_it_is_said_that_ipvs_is_not_traced() -> None:
    assert (
        "what IPVS does to the packet is not traced"
        in here("trace", "samples/ipvs/dump.save", "--from", "pod", "--to", "10.96.20.5:80").err
    )


# ---- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give --from ADDRESS[:PORT] or one of pod, node, outside"),
        (("--to", "nginx"), "who sends the packet?"),
        (("--from", "pod"), "where does the packet go?"),
        (("--from", "somebody", "--to", "nginx"), "--from somebody: expected an address"),
        (("--from", "10.0.0.1/tcp", "--to", "nginx"), "--from 10.0.0.1/tcp: expected an address"),
        (("--from", "300.0.0.1", "--to", "nginx"), "300.0.0.1"),
        (("--from", "pod", "--to", "10.0.0.1:99999"), "10.0.0.1:99999"),
        (("--from", "pod", "--to", "ngnix"), "no Service fits ngnix; near it are default/nginx"),
        (("--from", "fd00::1", "--to", "10.0.0.1"), "an address of the same family"),
        (("--from", "pod", "--to", "nginx", "--mark", "x"), "mark: expected a mark of 32 bits"),
        (("--from", "pod", "--to", "nginx", "--tcp-flags", "SYN,X"), "--tcp-flags SYN,X: expected names such as SYN,ACK"),
        (("--from", "pod", "--to", "nginx", "--icmp-type", "ping-pong"), "--icmp-type ping-pong: expected a type such as 8"),
        (("--from", "pod", "--to", "nginx", "--at", "noon"), "--at noon: expected a time such as"),
        (("--from", "pod", "--to", "nginx", "--length", "3"), "length: expected the length"),
        (("--from", "pod", "--to", "nginx", "--ttl", "256"), "ttl: expected a number"),
        (("--packets", "p.jsonl", "--mark", "1"), "--packets says everything about the packets; --mark does not go with it"),
        (("--packets", "p.jsonl", "--from", "pod"), "--packets says everything about the packets; --from does not go with it"),
        (("--packets", "no-such-file"), "no-such-file"),
        (("--from", "pod", "--to", "nginx", "--node", "no-such-file"), "no-such-file"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    done = here("trace", CLASSIC, *arguments)

    assert (done.status, done.out) == (UNUSABLE, "")
    assert words in done.err
    assert done.err.startswith("iptexplain: ")


def test_a_packet_that_is_none_ends_the_lines_with_its_place(tmp_path: Path) -> None:
    done = here("trace", CLASSIC, "--packets", packets(tmp_path, PACKETS[0], {"src": "x"}, PACKETS[1]))

    assert done.status == UNUSABLE
    assert len(done.out.splitlines()) == 1
    assert "packets.jsonl:2: src: expected an address" in done.err


def test_a_packet_with_too_many_cases_is_an_error_and_among_many_it_has_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(self: Tracer, packet: Packet) -> Trace:
        if str(packet.source) == PACKETS[1]["src"]:
            raise TooManyCasesError(message("more than {most} cases", most=9))
        return trace(self, packet)

    trace = Tracer.trace
    monkeypatch.setattr(Tracer, "trace", refuse)
    one = here("trace", CLASSIC, "--from", "8.8.8.8", "--to", "10.0.0.11:22")
    many = here("trace", CLASSIC, "--packets", packets(tmp_path, *PACKETS))
    text = here("trace", CLASSIC, "--packets", packets(tmp_path, *PACKETS), "-f", "text")
    made = [json.loads(line) for line in many.out.splitlines()]

    assert (one.status, one.err) == (0, "")
    assert "there are too many cases to tell them" in one.out
    assert [(len(each["outcomes"]) > 0, each.get("error")) for each in made] == [(True, None), (False, "more than 9 cases"), (True, None)]
    assert "there are too many cases to tell them" in text.out
    assert [list(Draft202012Validator(json.loads(schemas.schema("trace"))).iter_errors(each)) for each in made] == [[], [], []]


def test_a_hostile_argument_is_shown_harmless() -> None:
    for arguments in (("--to", "\x1b[31mx"), ("--to", "nginx", "--at", "\x1b[31m"), ("--to", "nginx", "--tcp-flags", "\x1b[31m")):
        done = run("trace", CLASSIC, "--from", "pod", *arguments)

        assert done.status == UNUSABLE
        assert "\x1b" not in done.err


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    many = packets(tmp_path, *PACKETS * 2000)
    done = run("trace", CLASSIC, "--packets", many, "-o", "/dev/full")

    assert done.status == UNUSABLE
    assert "Traceback" not in done.err


# ---- things that do not go together, and things that go without saying -----------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "2.2.2.2:80/icmp"), "--to says port 80, and icmp has no ports"),
        (("--to", "2.2.2.2:80", "--icmp-type", "8"), "--to says port 80, and icmp has no ports"),
        (("--to", "2.2.2.2/udp", "--icmp-type", "8"), "--icmp-type makes it icmp, and --to says another protocol"),
        (("--to", "2.2.2.2:80/udp", "--tcp-flags", "SYN"), "--tcp-flags says flags, and udp has none"),
    ],
)
def test_what_does_not_go_together_is_an_error(options: tuple[str, ...], said: str) -> None:
    done = here("trace", CLASSIC, "--from", "1.1.1.1", "--in", "eth0", *options)

    assert (done.status, done.out, done.err) == (UNUSABLE, "", f"iptexplain: {said}\n")


def test_an_interface_that_the_node_does_not_have_is_an_error(tmp_path: Path) -> None:
    done = here("trace", CLASSIC, "--from", "1.1.1.1", "--to", "2.2.2.2:80", "--in", "eth7", "--node", written(tmp_path, "n.json", NODE))

    assert (done.status, done.err) == (UNUSABLE, "iptexplain: --in eth7: the node has lo, eth0, cni0\n")


def test_packets_may_come_by_standard_input_if_nothing_else_does() -> None:
    line = json.dumps(PACKETS[0]).encode()
    one = here("trace", CLASSIC, "--packets", "-", stdin=line)
    two = here("trace", "-", "--packets", "-", stdin=line)
    three = here("trace", CLASSIC, "--packets", "-", "--ipset", "-", stdin=b"create x hash:ip\n")

    assert json.loads(one.out)["packet"]["dst"] == "10.109.35.24"
    assert [(done.status, done.out) for done in (two, three)] == [(UNUSABLE, "")] * 2
    assert "standard input can be one thing only" in two.err
    assert "standard input can be one thing only" in three.err


def test_a_packet_of_a_family_that_no_dump_is_of_has_an_error_and_the_others_are_traced(tmp_path: Path) -> None:
    six = {"src": "2001:db8::1", "dst": "2001:db8::2", "dport": 80}
    done = here("trace", CLASSIC, "--packets", packets(tmp_path, PACKETS[0], six, PACKETS[1]))
    made = [json.loads(line) for line in done.out.splitlines()]

    assert [one.get("error") for one in made] == [None, "the packet is of IPv6, and no dump here is", None]
    assert [len(one["outcomes"]) > 0 for one in made] == [True, False, True]


def test_rule_lines_alone_ask_one_question_for_all_that_is_not_there() -> None:
    lines = "".join(line for line in (ROOT / CLASSIC).read_text("utf-8").splitlines(keepends=True) if line.startswith("-A"))
    done = here("trace", "-", "--from", "pod", "--to", "nginx", "-f", "json", "-q", stdin=lines.encode())
    found = json.loads(done.out)["outcomes"]
    said = {text.removeprefix("not: ") for one in found for text in one["assumptions"]}

    assert said == {"what is not here, of these rules alone, lets the packet go on"}
    assert {one["dnat"] for one in found if one["outcome"] == "forwarded"} == {True}


def test_in_ipvs_mode_the_addresses_of_services_are_the_nodes_own() -> None:
    done = here(
        "trace",
        "samples/ipvs/dump.save",
        "--from",
        "pod",
        "--to",
        "10.96.0.10:53/udp",
        "--ipset",
        "samples/ipvs/ipset.txt",
        "-f",
        "json",
        "-q",
    )

    assert [(one["outcome"], one["assumptions"]) for one in json.loads(done.out)["outcomes"]] == [("local", [])]


def test_a_process_that_asks_127_0_0_1_has_that_address_itself() -> None:
    done = here("trace", "samples/kube-proxy/local-policies.save", "--from", "node", "--to", "127.0.0.1:31001", "-f", "json", "-q")

    assert json.loads(done.out)["packet"]["src"] == "127.0.0.1"
    assert "route_localnet is 1 on this node" in {text for one in json.loads(done.out)["outcomes"] for text in one["assumptions"]}


def test_the_dump_that_has_the_services_is_traced() -> None:
    other = b"*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n*mangle\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"
    done = here("trace", "-", "--from", "pod", "--to", "nginx", "-f", "json", stdin=other + (ROOT / CLASSIC).read_bytes())

    assert json.loads(done.out)["dump"] == 1
    assert "only that of line 8 is traced" in done.err
