"""The story of a packet. The golden files are what `trace` prints for a sample; UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
import re
from functools import cache

import pytest

from iptexplain.render.style import Style
from iptexplain.render.trace_text import How
from tests.checkout import ROOT
from tests.command import CLASSIC, SAMPLES, printed
from tests.render.test_hostile import NAMES, unsafe
from tests.render.traces import NODE, PLAIN, Json, dump, node, packets, through, told, traces

FOLDER = ROOT / "tests" / "render" / "golden"
SENDERS = {
    "pod": ("--from", "pod"),
    "node": ("--from", "node"),
    "outside": ("--from", "outside", "--in", "eth0"),
    "hairpin": ("--from", "192.168.104.1", "--in", "cni0"),
}
GOLDEN = {
    f"{sender}-{width}{'-v' if verbose else ''}.txt": (sender, width, verbose)
    for sender in SENDERS
    for width, verbose in ((50, False), (80, False), (120, False), (80, True))
}
WIDTHS = (20, 40, 60, 80, 120)
VERBOSE = PLAIN._replace(verbose=True)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_story_of_a_packet_to_the_classic_sample_is_as_it_was(name: str) -> None:
    sender, width, verbose = GOLDEN[name]
    done = printed("trace", CLASSIC, *SENDERS[sender], "--to", "nginx", *(("-v",) if verbose else ()), width=width)
    golden = FOLDER / name

    assert (done.status, done.err) == (0, "")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(done.out, "utf-8")
    else:
        assert golden.read_text("utf-8") == done.out, "UPDATE_GOLDEN=1 rewrites it"


def test_there_is_no_golden_story_that_nobody_asks_for() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(GOLDEN)


# ---- layout ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("on_node", [False, True])
@pytest.mark.parametrize("sample", SAMPLES)
def test_stories_fit_the_terminal_and_end_no_line_with_blanks(sample: str, *, on_node: bool, verbose: bool) -> None:
    for trace in traces(sample, on_node=on_node)[:24]:
        for width in WIDTHS:
            lines = told(dump(sample), trace, How(width, Style(), verbose))

            assert [line for line in lines if len(line) > width or line != line.rstrip()] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_story_has_two_empty_lines_in_a_row_or_one_at_its_end(sample: str) -> None:
    for on_node in (False, True):
        for trace in traces(sample, on_node=on_node)[:24]:
            text = "\n".join(told(dump(sample), trace))

            assert "\n\n\n" not in text
            assert not text.endswith("\n")


def test_colour_takes_no_room_and_marks_where_traffic_ends() -> None:
    for rules in (RULES["drop"], RULES["masquerade"]):
        found, trace = through(rules, FORWARDED, NODE)
        plain, coloured = told(found, trace), told(found, trace, How(80, Style(colour=True)))

        assert plain != coloured
        assert plain == [re.sub("\x1b\\[[0-9;]*m", "", line) for line in coloured]


# ---- what becomes of it ------------------------------------------------------------------------------------------------


def filtered(*rules: str, policy: str = "ACCEPT") -> str:
    return "\n".join(
        ["*filter", ":INPUT ACCEPT [0:0]", f":FORWARD {policy} [0:0]", ":OUTPUT ACCEPT [0:0]", ":cali-x - [0:0]", *rules, "COMMIT", ""]
    )


def natted(*rules: str) -> str:
    chains = [f":{name} ACCEPT [0:0]" for name in ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")]
    return "\n".join(["*nat", *chains, ":KUBE-POSTROUTING - [0:0]", *rules, "COMMIT", ""])


FORWARDED = {"src": "10.244.1.7", "iif": "cni0", "dst": "8.8.8.8", "dport": 80}
LOCAL = {"src": "8.8.8.8", "iif": "eth0", "dst": "10.0.0.11", "dport": 22}
SENT = {"src": "10.0.0.11", "iif": None, "dst": "8.8.8.8", "dport": 53}
RULES = {
    "nothing": filtered(),
    "drop": filtered('-A FORWARD -d 8.8.8.8/32 -m comment --comment "no way" -j DROP'),
    "masquerade": natted("-A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE"),
}


def story(rules: str, packet: Json = FORWARDED, known: Json | None = NODE, how: How = PLAIN) -> str:
    """A story, as one line."""
    return " ".join(" ".join(told(*through(rules, packet, known), how)).split())


@pytest.mark.parametrize(
    ("packet", "first", "last"),
    [
        (FORWARDED, "is forwarded to 8.8.8.8:80", "leaves by eth0, through 10.0.0.1"),
        (LOCAL, "is delivered to this node, at 10.0.0.11:22", "delivered to the process that listens there, if there is one"),
        (SENT, "leaves this node for 8.8.8.8:53", "leaves by eth0, through 10.0.0.1"),
        (LOCAL | {"proto": "icmp"}, "is delivered to this node, at 10.0.0.11", "delivered to this node itself"),
    ],
)
def test_a_packet_that_gets_on_says_so_first_and_leaves_last(packet: Json, first: str, last: str) -> None:
    text = told(*through(RULES["nothing"], packet, NODE))

    assert text[2] == first
    assert " ".join(text[-1].split()) == last


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (RULES["drop"], 'DROPPED in FORWARD, line 6, "no way": it goes to 8.8.8.8 the sender gets no answer (timeout)'),
        (filtered(policy="DROP"), "DROPPED by the policy of FORWARD (line 3): no rule accepts it the sender gets no answer (timeout)"),
        (filtered("-A FORWARD -j cali-x", "-A cali-x -j DROP"), "DROPPED in cali-x (Calico), line 7 the sender"),
        (filtered("-A FORWARD -j REJECT"), "REFUSED in FORWARD, line 6 the sender is told: connection refused (icmp-port-unreachable)"),
        (
            filtered("-A FORWARD -i cni+ -p tcp -j REJECT --reject-with tcp-reset"),
            "REFUSED in FORWARD, line 6: it came in by cni* and it is tcp the sender is told: connection refused (tcp-reset)",
        ),
        (
            filtered("-A FORWARD ! -i eth0 -j REJECT --reject-with icmp-host-prohibited"),
            "REFUSED in FORWARD, line 6: it did not come in by eth0 the sender is told: no route to host (icmp-host-prohibited)",
        ),
        (
            filtered("-A FORWARD -j HMARK --hmark-tuple src --hmark-mod 4 --hmark-rnd 1"),
            "UNKNOWN: what the rule in line 6 does (HMARK: not known)",
        ),
        (filtered("-A FORWARD -j MISSING"), "UNKNOWN: line 6 leads to MISSING, which is not in this dump"),
        (filtered("-A FORWARD -j cali-x", "-A cali-x -j cali-x"), "UNKNOWN: line 7 leads to cali-x, where the rules go round in a circle"),
    ],
)
def test_a_packet_that_ends_says_where_why_and_what_the_sender_sees(rules: str, words: str) -> None:
    assert f" {words}" in story(rules)


@pytest.mark.parametrize("proto", ["udp", "icmp"])
def test_a_program_on_the_node_is_told_that_its_packet_was_dropped(proto: str) -> None:
    rules = filtered("-A OUTPUT -j DROP")

    assert "the program that sends it is told: operation not permitted" in story(rules, SENT | {"proto": proto})
    assert "the sender gets no answer (timeout)" in story(rules, SENT | {"proto": "tcp"})


def test_a_ping_is_told_the_answer_and_no_error_of_a_program() -> None:
    words = story(filtered("-A FORWARD -j REJECT"), FORWARDED | {"proto": "icmp"})

    assert "the sender gets icmp-port-unreachable" in words


def test_a_packet_without_a_route_goes_nowhere() -> None:
    words = story(RULES["nothing"], FORWARDED | {"dst": "127.0.0.1"})

    assert "goes NOWHERE: 127.0.0.1" in words
    assert "timeout" not in words


def test_a_policy_that_the_dump_does_not_have_is_not_blamed_on_a_rule() -> None:
    words = story("-A FORWARD -p tcp -m mark --mark 0x1 -j MARK --set-xmark 0x2/0x2\n-A FORWARD -p tcp -j LOG\n")

    assert "DROPPED by the policy of FORWARD the sender" in words


def test_a_packet_that_no_rule_ends_says_what_does() -> None:
    words = story(natted("-A PREROUTING -p tcp -j REDIRECT --to-ports 99"), FORWARDED, NODE | {"interfaces": {"cni0": {"addrs": []}}})

    assert "DROPPED: the interface has no address to translate to" in words


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (FORWARDED | {"proto": 200}, "protocol 200 from 10.244.1.7 to 8.8.8.8"),
        (FORWARDED | {"proto": "gre"}, "GRE from 10.244.1.7 to 8.8.8.8"),
        (FORWARDED | {"proto": "icmp", "icmp_type": 13}, "ICMP (type 13) from 10.244.1.7 to 8.8.8.8"),
        (FORWARDED | {"flags": "RA", "sport": 5}, "TCP from 10.244.1.7:5 to 8.8.8.8:80"),
        (FORWARDED | {"ct": "invalid"}, "TCP from 10.244.1.7 to 8.8.8.8:80, of no connection"),
        (FORWARDED | {"ct": "related"}, "ICMP error from 10.244.1.7 to 8.8.8.8, about a TCP connection"),
        ({"src": "fd00::1", "dst": "2001:db8::1", "proto": "icmpv6", "iif": "cni0"}, "ICMPv6 (type 128) from fd00::1 to 2001:db8::1"),
        ({"src": "fd00::1", "dst": "2001:db8::1", "dport": 80, "iif": "cni0"}, "new TCP connection from fd00::1 to [2001:db8::1]:80"),
    ],
)
def test_the_head_says_what_kind_of_packet_it_is(packet: Json, words: str) -> None:
    assert told(*through("*nat\nCOMMIT\n", packet, NODE))[0] == words


# ---- the way there -----------------------------------------------------------------------------------------------------


def test_rules_that_do_not_stop_the_packet_are_counted_by_owner() -> None:
    rules = ["-A FORWARD -j cali-x", "-A cali-x -j MARK --set-xmark 0x1/0x1", "-A FORWARD -j LOG", "-A FORWARD -p tcp"]

    assert "FORWARD lets it through: it meets 2 rules of Calico and 2 rules, none stops it" in story(filtered(*rules))
    assert "FORWARD lets it through: no rule matches it" in story(RULES["nothing"])


def test_a_rule_that_accepts_is_told_with_its_owner_and_its_reason() -> None:
    rules = filtered("-A FORWARD -j cali-x", "-A cali-x -m conntrack --ctstate NEW -j ACCEPT", policy="DROP")

    assert "filter accepted in cali-x (Calico), line 7: its connection is NEW" in story(rules)


def test_a_source_that_changes_says_why() -> None:
    words = story(RULES["masquerade"])

    assert "it sees 10.0.0.11 as the sender" in words
    assert "source becomes 10.0.0.11 (line 7): it comes from 10.244.0.0/16 and it does not go to 10.244.0.0/16" in words


def test_different_rules_that_accept_the_packets_of_one_group_are_told_as_one() -> None:
    rules = natted(
        "-A PREROUTING -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.2.1",
        "-A PREROUTING -j DNAT --to-destination 10.244.2.2",
    )
    accept = [f"-A FORWARD -d 10.244.2.{number}/32 -j ACCEPT" for number in (1, 2)]
    of_calico = ["-A FORWARD -j cali-x", *(rule.replace("FORWARD", "cali-x") for rule in accept)]

    assert "becomes one of 2 addresses, 50.0 % each routing is not for this node: goes on filter a rule accepts it" in story(
        rules + filtered(*accept)
    )
    assert "filter a rule of Calico accepts it" in story(rules + filtered(*of_calico))


def test_an_address_that_is_not_known_is_said_not_to_be() -> None:
    rules = natted("-A PREROUTING -p tcp -j REDIRECT --to-ports 99", "-A POSTROUTING -j MASQUERADE")
    words = story(rules, FORWARDED, None)

    assert "becomes an address that is not known (line 7)" in words


def test_a_mark_for_a_drop_is_told_and_rules_of_kubelet_that_do_it() -> None:
    drop = [":KUBE-MARK-DROP - [0:0]", "-A PREROUTING -j KUBE-MARK-DROP", "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000"]
    words = story(natted(*drop) + filtered("-A FORWARD -m mark --mark 0x8000/0x8000 -j DROP"))

    assert "destination marked to be dropped (line 8)" in words
    assert "DROPPED in FORWARD" in words
    assert "it has the mark 0x8000/0x8000" in words


def test_of_a_very_long_way_it_is_said_that_rules_are_left_out() -> None:
    chains = [f":C{n} - [0:0]" for n in range(20)]
    calls = [f"-A C{n} -j C{n + 1}" for n in range(19) for _ in range(2)]
    rules = filtered(*chains, "-A FORWARD -j C0", *calls, "-A C19 -j MARK --set-xmark 0x1/0x0")

    assert "of this way, which is very long, the first rules are left out" in story(rules, how=VERBOSE)
    assert "left out" not in story(rules)


def test_marks_and_notrack_are_told_outside_of_filter() -> None:
    marks = [f"-A PREROUTING -j MARK --set-xmark {mark}" for mark in ("0x7/0xffffffff", "0x8/0x8")]
    raw = ["*raw", ":PREROUTING ACCEPT [0:0]", "-A PREROUTING -j NOTRACK", "COMMIT"]
    rules = "\n".join([*raw, "*mangle", ":PREROUTING ACCEPT [0:0]", *marks, "COMMIT", ""])
    words = story(rules)

    assert "raw not tracked from here on: no address is translated (line 3)" in words
    assert "mangle gets the mark 0x7 (line 7) the bits 0x8 of its mark become 0x8 (line 8)" in words


def test_a_packet_that_comes_back_in_by_lo_arrives_twice() -> None:
    words = story(RULES["nothing"], SENT | {"dst": "10.0.0.11"})

    assert "sent by a process of this node routing is for this node itself filter OUTPUT" in words
    assert "arrives again, by lo: it is for this node itself filter INPUT" in words


def test_a_packet_of_a_connection_is_translated_like_all_of_it() -> None:
    flow = {"src": "8.8.8.8", "sport": 999, "dst": "10.96.0.9", "dport": 80, "iif": "eth0", "ct": "established", "ct_dnat": "10.244.1.7:80"}
    words = story(natted(), flow)

    assert "to 10.96.0.9:80, in a connection that there is already is forwarded to 10.244.1.7:80" in words
    assert "destination becomes 10.244.1.7:80, like everything in this connection" in words


def test_with_v_every_rule_and_policy_on_the_way_is_there() -> None:
    words = story(filtered("-A FORWARD -j cali-x", "-A cali-x -p tcp", policy="ACCEPT") + RULES["masquerade"], how=VERBOSE)

    assert "6 -A FORWARD -j cali-x 7 -A cali-x -p tcp 3 policy ACCEPT of FORWARD" in words
    assert "3 policy DROP of FORWARD" in story(filtered(policy="DROP"), how=VERBOSE)
    assert "-A cali-x" not in story(filtered("-A FORWARD -j cali-x", "-A cali-x -p tcp"))


def test_the_line_numbers_are_those_of_the_dump() -> None:
    lines = (ROOT / CLASSIC).read_text("utf-8").splitlines()
    done = printed("trace", CLASSIC, "--from", "outside", "--to", "nginx", "-v", width=400)
    shown = re.findall(r"^    (\d+)  (-A .*?)(?:  = default/nginx)?$", done.out, re.MULTILINE)

    assert len(shown) > 8
    assert [lines[int(number) - 1] for number, _ in shown] == [rule for _, rule in shown]


# ---- Services ----------------------------------------------------------------------------------------------------------


def service(count: int, *, affinity: bool = False) -> str:
    """A Service with so many endpoints, as kube-proxy writes it."""
    head = "-A KUBE-SVC-2CMXP7HKUVJN7L6M"
    lines = ["*nat", *(f":{name} ACCEPT [0:0]" for name in ("PREROUTING", "OUTPUT", "POSTROUTING"))]
    lines += [":KUBE-SERVICES - [0:0]", ":KUBE-SVC-2CMXP7HKUVJN7L6M - [0:0]", "-A PREROUTING -j KUBE-SERVICES"]
    said = '-m comment --comment "default/nginx cluster IP"'
    lines.append(f"-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp {said} -m tcp --dport 80 -j KUBE-SVC-2CMXP7HKUVJN7L6M")
    seps = [f"KUBE-SEP-{number:016d}".replace("0", "A").replace("1", "B").replace("8", "C").replace("9", "D") for number in range(count)]
    lines += [f"{head} -m recent --rcheck --seconds 60 --reap --name {sep} --rsource -j {sep}" for sep in seps] if affinity else []
    for number, sep in enumerate(seps):
        chance = "" if number == count - 1 else f" -m statistic --mode random --probability {1 / (count - number):.11f}"
        lines.append(f"{head}{chance} -j {sep}")
        recent = f" -m recent --set --name {sep} --rsource" if affinity else ""
        lines.append(f"-A {sep} -p tcp{recent} -m tcp -j DNAT --to-destination 10.244.{1 + number // 250}.{number % 250 + 2}:8080")
    return "\n".join([*lines, "COMMIT", ""])


TO_SERVICE = {"src": "10.244.9.9", "iif": "cni0", "dst": "10.96.0.9", "dport": 80}


def test_a_service_with_a_thousand_endpoints_stays_short() -> None:
    lines = told(*through(service(1000), TO_SERVICE, NODE))
    text = "\n".join(lines)

    assert len(lines) < 30
    assert "goes to one of 1000 Pods of default/nginx, 0.10 % each" in text
    assert "  10.244.1.2:8080\n" in text
    assert "  … 989 more …\n  10.244.4.251:8080\n" in text


def test_with_v_all_endpoints_are_named() -> None:
    lines = told(*through(service(40), TO_SERVICE, NODE), VERBOSE)

    assert {f"  10.244.1.{number}:8080" for number in range(2, 42)} <= set(lines)


def test_session_affinity_is_told_as_one_thing_whatever_the_number_of_endpoints() -> None:
    words = story(service(20, affinity=True), TO_SERVICE)

    here = "the client was here in the last 60 seconds (session affinity)"

    assert f"if {here} (1) goes to the Pod of default/nginx where it was, one of 20" in words
    assert f"unless {here} (2) goes to one of 20 Pods of default/nginx, 5.0 % each" in words
    assert "KUBE-SEP" not in words


def test_session_affinity_without_a_time_is_told_without_one() -> None:
    words = story(service(3, affinity=True).replace(" --seconds 60 --reap", ""), TO_SERVICE)

    assert "if the client was here before (session affinity) (1) goes to the Pod of default/nginx where it was, one of 3" in words


def test_the_service_is_named_where_its_chains_were() -> None:
    words = story(service(2), TO_SERVICE)

    assert "to 10.96.0.9:80 (default/nginx)" in words
    assert "destination 10.96.0.9:80 is the ClusterIP of default/nginx (line 8)" in words
    assert "KUBE-" not in words


@pytest.mark.parametrize(
    ("sample", "to", "words"),
    [
        ("samples/kube-proxy/external-access.save", "10.96.2.12:80", "REFUSED: shop/empty-everything:http has no endpoints (line 46)"),
        ("samples/kube-proxy/local-policies.save", "pol/int-local-none:http", "has no endpoints on this node"),
    ],
)
def test_a_service_without_endpoints_is_said_to_have_none(sample: str, to: str, words: str) -> None:
    assert words in printed("trace", sample, "--from", "10.244.1.7", "--in", "cni0", "--to", to).out


def test_a_local_policy_is_told() -> None:
    done = printed("trace", "samples/kube-proxy/local-policies.save", "--from", "pod", "--to", "pol/int-local-some:http")

    assert "only Pods on this node serve it there (traffic policy Local)" in " ".join(done.out.split())


def test_every_packet_to_a_service_of_a_sample_names_the_service_or_the_reason() -> None:
    for sample in SAMPLES:
        for packet, trace in zip(packets(sample), traces(sample), strict=True):
            text = " ".join(" ".join(told(dump(sample), trace)).split())

            assert f"to {packet.destination}" in text or f"to [{packet.destination}]" in text


# ---- what is not known -------------------------------------------------------------------------------------------------


def test_what_is_assumed_stands_above_what_follows_from_it() -> None:
    words = story(RULES["nothing"], FORWARDED | {"dst": "10.1.1.1"}, None)

    assert "if 10.1.1.1 is an address of this node (1) is delivered to this node" in words
    assert "unless 10.1.1.1 is an address of this node (2) is forwarded to 10.1.1.1:80" in words


def test_an_assumption_that_makes_no_difference_to_the_story_is_left_out() -> None:
    rules = filtered("-A FORWARD -m limit --limit 5/min -j LOG", "-A FORWARD -j DROP")

    assert "limit" not in story(rules)


def test_many_cases_are_told_in_outline_and_all_of_them_with_v() -> None:
    rules = filtered(*(f"-A FORWARD -m set --match-set s{number} src -j {target}" for number, target in enumerate(["DROP", "ACCEPT"] * 5)))
    words = story(rules)

    assert "one of these, depending on what is not known DROPPED in FORWARD, line 6" in words
    assert "not known is whether set s0 contains 10.244.1.7" in words
    assert "-v tells all 10 cases" in words
    assert "(10) is forwarded to 8.8.8.8:80" in story(rules, how=VERBOSE)


def test_shares_stand_before_the_fates_if_there_are_several() -> None:
    words = story(filtered("-A FORWARD -m statistic --mode random --probability 0.25 -j DROP"))

    assert "(1) 25.0 % DROPPED in FORWARD, line 6" in words
    assert "(2) 75.0 % is forwarded to 8.8.8.8:80" in words


def test_unequal_shares_stand_beside_the_addresses() -> None:
    rules = natted(
        "-A PREROUTING -m statistic --mode random --probability 0.25 -j DNAT --to-destination 10.244.2.1",
        "-A PREROUTING -j DNAT --to-destination 10.244.2.2",
    )

    assert "goes to one of 2 addresses 10.244.2.2:80 75.0 % 10.244.2.1:80 25.0 % arrives" in story(rules)


# ---- strangers ---------------------------------------------------------------------------------------------------------


@cache
def hostile(name: str) -> str:
    comment = NAMES[name].decode("utf-8", "surrogateescape")
    chain = comment.replace('\\"', "").replace("\\'", "").replace(" ", "")[:20]
    text = filtered(f'-A FORWARD -m comment --comment "{comment}" -j {chain}', f'-A {chain} -m comment --comment "{comment}" -j DROP')
    return text.replace("COMMIT", f":{chain} - [0:0]\nCOMMIT")


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_no_story_obeys_what_a_stranger_wrote(name: str, *, verbose: bool) -> None:
    lines = told(*through(hostile(name), FORWARDED, NODE), PLAIN._replace(verbose=verbose))

    assert unsafe("\n".join(lines)) == []


def test_the_node_of_the_tests_is_one() -> None:
    assert set(node().links) == {"lo", "eth0", "cni0"}


def test_a_mark_to_drop_that_no_rule_sets_is_not_told_as_done() -> None:
    rules = "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-MARK-DROP - [0:0]\n-A PREROUTING -j KUBE-MARK-DROP\nCOMMIT\n"
    drops = rules.replace("COMMIT", "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000\nCOMMIT")

    assert "meant to be dropped (line 4), but KUBE-MARK-DROP has no rules here" in story(rules)
    assert "marked to be dropped (line 4)" in story(drops)


def test_a_way_that_a_question_without_consequence_hides_is_one_of_several() -> None:
    rules = filtered("-A FORWARD -m statistic --mode nth --every 3 --packet 0 -j ACCEPT", "-A FORWARD -j ACCEPT")

    assert "this is one of 2 ways to the same end" in story(rules)
