"""The sentence on a rule, with what takes more than the rule to say: Services, Pods, what a mark is for, shares, verdicts."""

from __future__ import annotations

import pytest

from iptexplain.analysis.explain.sentence import Sentences
from iptexplain.analysis.explain.setting import Setting
from tests.analysis.explain.explained import nat, sentences
from tests.checkout import ROOT
from tests.dumps import ruleset, saved_files

SERVICE = (
    "-A PREROUTING -j KUBE-SERVICES",
    "-A POSTROUTING -j KUBE-POSTROUTING",
    "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
    "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
    "-A KUBE-POSTROUTING -j MASQUERADE",
    "-A KUBE-SEP-HZVZGM4N576VDS2S -s 192.168.104.1/32 -j KUBE-MARK-MASQ",
    "-A KUBE-SEP-HZVZGM4N576VDS2S -p tcp -m tcp -j DNAT --to-destination 192.168.104.1:80",
    (
        '-A KUBE-SERVICES -d 10.109.35.24/32 -p tcp -m comment --comment "default/nginx cluster IP" -m tcp --dport 80'
        " -j KUBE-SVC-2CMXP7HKUVJN7L6M"
    ),
    "-A KUBE-SVC-2CMXP7HKUVJN7L6M ! -s 192.168.0.0/16 -d 10.109.35.24/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ",
    "-A KUBE-SVC-2CMXP7HKUVJN7L6M -j KUBE-SEP-HZVZGM4N576VDS2S",
)
CHAINS = "KUBE-SERVICES KUBE-POSTROUTING KUBE-MARK-MASQ KUBE-SVC-2CMXP7HKUVJN7L6M KUBE-SEP-HZVZGM4N576VDS2S"


def test_the_story_of_the_talk() -> None:
    assert sentences(nat(*SERVICE, chains=CHAINS)) == [
        "everything: go to KUBE-SERVICES",
        "everything: go to KUBE-POSTROUTING",
        "everything: mark for masquerade (0x4000), go on",
        "everything, not marked for masquerade (0x4000): back to where this chain was called",
        "everything: replace the source with the address of the interface it leaves by (MASQUERADE)",
        "everything from this Pod itself (192.168.104.1): mark for masquerade (0x4000), go on",
        "TCP: change the destination to 192.168.104.1:80 (DNAT)",
        "TCP to default/nginx (10.109.35.24:80): go to this Service's chain KUBE-SVC-2CMXP7HKUVJN7L6M",
        "TCP from outside 192.168.0.0/16 to default/nginx (10.109.35.24:80): mark for masquerade (0x4000), go on",
        "everything: to Pod 192.168.104.1:80",
    ]


def test_a_service_is_not_named_for_another_protocol_port_or_address() -> None:
    others = (
        "-A PREROUTING -d 10.109.35.24/32 -p udp -m udp --dport 80 -j ACCEPT",
        "-A PREROUTING -d 10.109.35.24/32 -p tcp -m tcp --dport 81 -j ACCEPT",
        "-A PREROUTING -d 10.109.35.25/32 -p tcp -m tcp --dport 80 -j ACCEPT",
        "-A PREROUTING -d 10.109.35.24/32 ! -p tcp -j ACCEPT",
        "-A PREROUTING ! -d 10.109.35.24/32 -p tcp -m tcp --dport 80 -j ACCEPT",
        "-A PREROUTING -s 10.109.35.24/32 -p tcp -m tcp --sport 80 -j ACCEPT",
    )

    assert sentences(nat(*others, *SERVICE, chains=CHAINS))[: len(others)] == [
        "UDP to 10.109.35.24:80: accept (no further rules of table nat here)",
        "TCP to 10.109.35.24:81: accept (no further rules of table nat here)",
        "TCP to 10.109.35.25:80: accept (no further rules of table nat here)",
        "everything to 10.109.35.24, not TCP: accept (no further rules of table nat here)",
        "TCP to any address but 10.109.35.24 (port 80): accept (no further rules of table nat here)",
        "TCP from 10.109.35.24:80: accept (no further rules of table nat here)",
    ]


def test_a_chain_called_kube_mark_masq_that_does_something_else_is_no_mark_for_masquerade() -> None:
    other = [rule.replace("--set-xmark 0x4000/0x4000", "--set-xmark 0x8000/0x8000") for rule in SERVICE]

    told = sentences(nat(*other, chains=CHAINS))

    assert told[2] == "everything: set bit 0x8000 of the mark, go on"
    assert told[8] == "TCP from outside 192.168.0.0/16 to default/nginx (10.109.35.24:80): go to KUBE-MARK-MASQ"


def test_an_endpoint_whose_chain_translates_elsewhere_is_told_as_it_acts() -> None:
    other = [rule.replace("--to-destination 192.168.104.1:80", "--to-destination 192.168.104.9:81") for rule in SERVICE]

    told = sentences(nat(*other, chains=CHAINS))

    assert told[5] == "everything from 192.168.104.1: mark for masquerade (0x4000), go on"
    assert told[9] == "everything: to Pod 192.168.104.9:81"


SEP = "-A KUBE-SEP-{0} -p tcp -m tcp -j DNAT --to-destination 10.0.0.{1}:80"
SVC = "KUBE-SVC-2CMXP7HKUVJN7L6M"
NAMES = ("AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCC")


def spread(*draws: str, also: tuple[str, ...] = ()) -> list[str]:
    """The sentences on rules of a Service's chain that lead to endpoints, each with its draw."""
    lead = [f"-A {SVC} {draw} -j KUBE-SEP-{name}".replace("  ", " ") for draw, name in zip(draws, NAMES, strict=False)]
    ends = [SEP.format(name, number) for number, name in enumerate(NAMES, 1)]
    return sentences(nat(*lead, *also, *ends, chains=" ".join([SVC, *(f"KUBE-SEP-{name}" for name in NAMES)])))[: len(lead)]


def random(chance: str) -> str:
    return f"-m statistic --mode random --probability {chance}"


def test_shares_are_those_of_all_that_comes() -> None:
    assert spread(random("0.33333333349"), random("0.50000000000"), "") == [
        "with 1/3 (33.3 %): to Pod 10.0.0.1:80",
        "with 1/2 of what is left, that is 33.3 %: to Pod 10.0.0.2:80",
        "all that is left, that is 33.3 %: to Pod 10.0.0.3:80",
    ]


def test_uneven_chances_are_told_as_they_are() -> None:
    assert spread(random("0.25000000000"), random("0.90000000000"), "") == [
        "with 1/4 (25.0 %): to Pod 10.0.0.1:80",
        "with 90.0 % of what is left, that is 67.5 %: to Pod 10.0.0.2:80",
        "all that is left, that is 7.5 %: to Pod 10.0.0.3:80",
    ]


def test_a_draw_of_which_nothing_is_left_for_sure_has_no_share() -> None:
    other_protocol = ("-A KUBE-SEP-AAAAAAAAAAAAAAAA -s 10.9.9.9/32 -j RETURN",)
    told = sentences(
        nat(
            f"-A {SVC} {random('0.50000000000')} -j KUBE-SEP-AAAAAAAAAAAAAAAA",
            f"-A {SVC} -j KUBE-SEP-BBBBBBBBBBBBBBBB",
            *other_protocol,
            SEP.format(NAMES[0], 1),
            SEP.format(NAMES[1], 2),
            chains=f"{SVC} KUBE-SEP-AAAAAAAAAAAAAAAA KUBE-SEP-BBBBBBBBBBBBBBBB",
        )
    )

    assert told[0] == "everything, with probability 50.0 %: to Pod 10.0.0.1:80"
    assert told[1] == "everything: to Pod 10.0.0.2:80"


def test_rules_that_ask_for_something_else_do_not_draw_together() -> None:
    first = "-s 10.1.0.0/16 " + random("0.50000000000")
    assert spread(first, "-s 10.2.0.0/16") == [
        "everything from 10.1.0.0/16, with probability 50.0 %: to Pod 10.0.0.1:80",
        "everything from 10.2.0.0/16: to Pod 10.0.0.2:80",
    ]
    assert spread(first, "-s 10.1.0.0/16") == [
        "everything from 10.1.0.0/16, with 1/2 (50.0 %): to Pod 10.0.0.1:80",
        "everything from 10.1.0.0/16, all that is left, that is 50.0 %: to Pod 10.0.0.2:80",
    ]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("-A INPUT -j ACCEPT", "everything: accept"),
        ("-A INPUT -p tcp -j DROP", "TCP: drop"),
        ("-A INPUT -j LOG --log-prefix x", 'everything: log to the kernel log, with prefix "x", go on'),
        ("-A INPUT -p udp -m udp --sport 67 --dport 68", "UDP from port 67, to port 68: only count, go on"),
        ("-A INPUT -p tcp -m tcp ! --sport 1 ! --dport 2 -j DROP", "TCP, not from port 1 and to port 2 at once: drop"),
        ("-A INPUT -p tcp -m tcp ! --sport 1:5 ! --dport 2 -j DROP", "TCP from any port but 1-5, to any port but 2: drop"),
        ("-A INPUT -g GONE", "everything: go to GONE, which is not in this dump, and do not come back here"),
        ("-A INPUT -j RETURN", "everything: no further rules of this chain: its policy (ACCEPT) decides"),
        ("-A C -j RETURN", "everything: back to where this chain was called"),
        ("-A INPUT -s 10.0.0.0/8", "everything from 10.0.0.0/8: only count, go on"),
        ("-A INPUT -j C", "everything: go to C, which is empty, go on"),
        ("-A INPUT -g C", "everything: go to C, and do not come back here"),
        ("-A INPUT -j GONE", "everything: go to GONE, which is not in this dump"),
        ("-A INPUT -i eth0 ! -o cali+ -j ACCEPT", "everything, coming in by eth0, not leaving by any interface cali*: accept"),
        ("-A INPUT -s 10.0.0.1/32 -p udp -m udp --sport 53 -j ACCEPT", "UDP from 10.0.0.1:53: accept"),
        ("-A INPUT -p tcp -m multiport --dports 80,443,8000:8010 -j ACCEPT", "TCP to ports 80, 443 or 8000-8010: accept"),
        ("-A INPUT -m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT", "everything from 10.0.0.1-10.0.0.9: accept"),
    ],
)
def test_verdicts_ways_and_ends(rule: str, said: str) -> None:
    assert sentences(nat(rule, chains="C", name="filter")) == [said]


@pytest.mark.parametrize(
    ("table", "target"),
    [
        ("mangle", "AUDIT --type accept"),
        ("mangle", "CHECKSUM --checksum-fill"),
        ("mangle", "CLASSIFY --set-class 1:1"),
        ("raw", "CT --zone-orig 1"),
        ("mangle", "DSCP --set-dscp 0x01"),
        ("mangle", "HMARK --hmark-tuple src --hmark-mod 10 --hmark-rnd 0x4d2"),
        ("mangle", "IDLETIMER --timeout 5 --label x"),
        ("mangle", "LED --led-trigger-id x"),
        ("filter", "LOG"),
        ("filter", "NFLOG"),
        ("mangle", "RATEEST --rateest-name x --rateest-interval 250ms --rateest-ewmalog 500ms"),
        ("filter", "SET --add-set x src"),
        ("mangle", "SET --map-set x src --map-mark"),
        ("mangle", "TCPMSS --clamp-mss-to-pmtu"),
        ("mangle", "TEE --gateway 192.0.2.1"),
        ("raw", "TRACE"),
        ("filter", "ULOG"),
    ],
)
def test_a_target_behind_which_a_packet_goes_on_says_what_it_does_and_that(table: str, target: str) -> None:
    (said,) = sentences(ruleset(f"*{table}", ":OUTPUT ACCEPT [0:0]", f"-A OUTPUT -p tcp -j {target}", "COMMIT").dumps[0])

    assert said.endswith(", go on")
    assert "only count" not in said


def test_what_is_not_known_is_quoted() -> None:
    told = sentences(
        ruleset("*filter", ":INPUT ACCEPT [0:0]", "-A INPUT -m nosuch --opt 1 -j ACCEPT", "-A INPUT -j NOSUCH --with 2", "COMMIT").dumps[0]
    )

    assert told == ["everything, matching -m nosuch --opt 1: accept", 'everything: do what is not known: "NOSUCH --with 2"']


def test_every_rule_of_the_samples_has_a_sentence_without_an_option_of_iptables() -> None:
    bad = []
    for path in saved_files():
        for dump in ruleset(*path.read_text("utf-8", "surrogateescape").splitlines()).dumps:
            found = Sentences(Setting(dump))
            for table in dump.tables:
                bad += [text for rule in table.rules if " --" in (text := found.of(table, rule).text.english())]

    assert not bad


def test_what_comes_back_from_a_chain_is_no_share_of_it() -> None:
    told = sentences(nat(f"-A C {random('0.50000000000')} -j A", "-A C -j DROP", "-A A -p tcp -j ACCEPT", chains="A C", name="filter"))

    assert told == ["everything, with probability 50.0 %: go to A", "everything: drop", "TCP: accept"]


def test_the_same_protocol_on_both_sides_keeps_a_share() -> None:
    told = sentences(
        nat(f"-A C -p tcp {random('0.50000000000')} -j A", "-A C -p tcp -j DROP", "-A A -p tcp -j ACCEPT", chains="A C", name="filter")
    )

    assert told == ["TCP, with 1/2 (50.0 %): go to A", "TCP, all that is left, that is 50.0 %: drop", "TCP: accept"]


def test_with_session_affinity_shares_are_those_of_clients_that_are_new() -> None:
    rules = [
        *(f"-A {SVC} -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-{name} --rsource -j KUBE-SEP-{name}" for name in NAMES[:2]),
        f"-A {SVC} {random('0.50000000000')} -j KUBE-SEP-{NAMES[0]}",
        f"-A {SVC} -j KUBE-SEP-{NAMES[1]}",
        *(
            f"-A KUBE-SEP-{name} -p tcp -m recent --set --name KUBE-SEP-{name} --rsource -m tcp -j DNAT --to-destination 10.0.0.{number}:80"
            for number, name in enumerate(NAMES[:2], 1)
        ),
    ]
    told = sentences(nat(*rules, chains=" ".join([SVC, *(f"KUBE-SEP-{name}" for name in NAMES[:2])])))

    assert told[:4] == [
        "clients that were sent to 10.0.0.1:80 in the last 10800 s: there again",
        "clients that were sent to 10.0.0.2:80 in the last 10800 s: there again",
        "with 1/2 of what comes here: to Pod 10.0.0.1:80",
        "all that is left, that is 50.0 % of what comes to line 12: to Pod 10.0.0.2:80",
    ]


def test_a_return_in_a_chain_that_was_gone_to_for_good_does_not_lead_back_there() -> None:
    told = sentences(nat("-A INPUT -g G", "-A G -j RETURN", chains="G", name="filter"))

    assert told[1].endswith("back to where its caller was called, or the policy decides")


def test_an_endpoint_outside_of_the_pods_addresses_is_not_called_a_pod() -> None:
    other = [rule.replace("192.168.104.1", "10.0.0.11") for rule in SERVICE]

    told = sentences(nat(*other, chains=CHAINS))

    assert told[5] == "everything from this endpoint itself (10.0.0.11): mark for masquerade (0x4000), go on"
    assert told[9] == "everything: to endpoint 10.0.0.11:80"


def test_rule_lines_alone_tell_the_pods_whose_chains_were_left_out() -> None:
    text = (ROOT / "samples/kube-proxy/classic-nginx.save").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("-A KUBE-SVC-")]

    assert sentences(ruleset(*lines).dumps[0]) == [
        (
            "TCP from outside 192.168.0.0/16 to default/nginx (10.109.35.24:80): go to KUBE-MARK-MASQ, "
            "which is not among these lines (kube-proxy's mark for masquerade), go on"
        ),
        "with 1/3 (33.3 %): to Pod 192.168.104.1:80 (KUBE-SEP-HZVZGM4N576VDS2S, which is not among these lines)",
        "with 1/2 of what is left, that is 33.3 %: to Pod 192.168.166.129:80 (KUBE-SEP-E4DERYY2XOMCBE7I, which is not among these lines)",
        "all that is left, that is 33.3 %: to Pod 192.168.166.130:80 (KUBE-SEP-QZQ6SCLOCLOPP2FJ, which is not among these lines)",
    ]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (["COMMIT"], "everything: go to A, which is empty, go on"),
        ([], "everything: go to A, of which this cut dump has no rules"),
    ],
)
def test_a_chain_without_rules_is_empty_but_in_a_dump_that_is_cut_off(end: list[str], said: str) -> None:
    dump = ruleset("*filter", ":INPUT ACCEPT [0:0]", ":A - [0:0]", "-A INPUT -j A", *end).dumps[0]

    assert sentences(dump) == [said]


def test_what_iptables_s_prints_is_not_cut_off() -> None:
    dump = ruleset("-P INPUT ACCEPT", "-P FORWARD ACCEPT", "-P OUTPUT ACCEPT", "-N A", "-A INPUT -j A").dumps[0]

    assert sentences(dump) == ["everything: go to A, which is empty, go on"]


@pytest.mark.parametrize(
    "before", ["-j STRANGE --x 1", "-p tcp -j TPROXY --on-port 1 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0", "-j GONE", "-g D"]
)
def test_a_share_is_one_of_what_comes_there_if_a_rule_before_may_be_the_end(before: str) -> None:
    rules = (f"-A C {before}", f"-A C {random('0.50000000000')} -j ACCEPT", "-A C -j DROP")
    told = sentences(nat(*rules, chains="C D", name="mangle"))

    assert told[1].startswith("with 1/2 of what comes here: ")
    assert told[2] == "all that is left, that is 50.0 % of what comes to line 9: drop"


@pytest.mark.parametrize(
    "before", ["-j LOG", "-j MARK --set-xmark 0x1/0x1", "-j D", "-j HMARK --hmark-tuple src --hmark-mod 10 --hmark-rnd 0x4d2", ""]
)
def test_a_share_is_one_of_all_if_everything_comes_there(before: str) -> None:
    rules = (f"-A C {before}".strip(), "-A D -j LOG", "-A D -p tcp -j RETURN", f"-A C {random('0.50000000000')} -j ACCEPT", "-A C -j DROP")
    told = sentences(nat(*rules, chains="C D", name="mangle"))

    assert told[3].startswith("with 1/2 (50.0 %): ")
