"""A node of which nobody has said anything: what the tracer asks, and what it does not ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iptexplain.analysis.trace.proofs import UNKNOWN
from iptexplain.api import load, load_ipset
from iptexplain.model.address import Address
from iptexplain.model.node import Node
from tests.analysis.traced import asked, exact, known, one, rules, told, trace
from tests.checkout import ROOT
from tests.dumps import ruleset
from tests.render.traces import dump

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iptexplain.model.ruleset import Dump

LOCAL = "198.51.100.77 is an address of this node"
NOT_LOCAL = f"not: {LOCAL}"
FORWARDED = "forwarded 192.0.2.10,40000 198.51.100.77,80"
DELIVERED = "local 192.0.2.10,40000 198.51.100.77,80"

MARK_1, MARK_2 = "-j MARK --set-xmark 0x1/0x1", "-j MARK --set-xmark 0x2/0x2"


def fates(found: Dump, on: Node | None = None, **packet: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401 - the values of JSON
    """What may happen, with its assumptions; each with its full chance."""
    told_ = told(trace(found, on, **packet))
    assert set(told_.values()) == {1}
    assert len({what for what, _ in told_}) == len(told_)
    return dict(list(told_))


def outside(lines: Sequence[str] = (), **packet: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401 - the values of JSON
    """As `fates`, for rules of filter FORWARD and a packet that is forwarded; the question about that is left out."""
    found = fates(rules(filter=[f"-A FORWARD {line}" for line in lines]), **packet)
    return {what: tuple(said for said in answers if said != NOT_LOCAL) for what, answers in found.items() if NOT_LOCAL in answers}


# ---- whose address it is -----------------------------------------------------------------------------------------------


def test_whether_the_destination_is_the_nodes_own_is_asked_once() -> None:
    drop = ["-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT", "-A INPUT -j DROP", "-A FORWARD -m addrtype ! --dst-type LOCAL -j ACCEPT"]

    assert fates(rules(filter=[*drop, "-A FORWARD -j DROP"])) == {DELIVERED: (LOCAL,), FORWARDED: (NOT_LOCAL,)}


def test_the_source_is_not_asked_for_where_it_is_said_how_the_packet_comes() -> None:
    assert asked(trace(rules(filter=[]))) == {LOCAL}
    assert asked(trace(rules(filter=[]), iif=None)) == {LOCAL}


def test_the_source_is_asked_for_where_nobody_said_how_the_packet_comes() -> None:
    found = fates(rules(filter=[]), iif="?")

    assert set(found) == {DELIVERED, FORWARDED, "sent 192.0.2.10,40000 198.51.100.77,80"}
    assert asked(trace(rules(filter=[]), iif="?")) == {LOCAL, "192.0.2.10 is an address of this node"}


@pytest.mark.parametrize("to", ["127.0.0.1", "127.9.9.9"])
def test_what_every_node_has_is_not_asked(to: str) -> None:
    assert one(rules(filter=[]), iif=None, dst=to) == f"local 192.0.2.10,40000 {to},80"


@pytest.mark.parametrize("to", ["224.0.0.1", "255.255.255.255"])
def test_what_has_a_type_for_all_nodes_is_not_asked(to: str) -> None:
    assert one(rules(filter=["-A INPUT -m addrtype --dst-type MULTICAST,BROADCAST -j DROP"]), dst=to) == "dropped INPUT"


def test_a_cluster_ip_is_none_of_the_nodes_addresses() -> None:
    found = trace(dump("samples/kube-proxy/classic-nginx.save"), dst="10.109.35.24")

    assert asked(found) == set()
    assert {fate.outcome for fate in found.fates} == {"forwarded"}


def test_an_endpoint_in_the_network_of_the_pods_is_none_of_them_either() -> None:
    found = trace(dump("samples/kube-proxy/classic-nginx.save"), dst="10.109.35.24", iif=None)

    assert asked(found) == set()
    assert {fate.outcome for fate in found.fates} == {"sent"}


def test_a_pod_that_is_sent_to_directly_is_asked_for() -> None:
    """The node's own bridge has an address of that network, too."""
    assert asked(trace(dump("samples/kube-proxy/classic-nginx.save"), dst="192.168.104.1")) == {"192.168.104.1 is an address of this node"}


KUBE_PROXY = (":KUBE-SERVICES -", ":KUBE-NODEPORTS -", ":KUBE-SVC-ABCDEFGHIJKLMNOP -", "-A PREROUTING -j KUBE-SERVICES")
CLUSTER_IP = '-A KUBE-SERVICES -d {}/32 -p tcp -m comment --comment "default/a cluster IP" -m tcp --dport 80 -j KUBE-SVC-ABCDEFGHIJKLMNOP'
OTHERS = [
    CLUSTER_IP.format(f"10.96.0.{number}").replace("--dport 80", f"--dport {number}").replace("ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOQ")
    for number in range(1, 12)
]


@pytest.mark.parametrize("others", [[], OTHERS], ids=["a short chain", "a chain with an index"])
@pytest.mark.parametrize(
    ("rule", "questions"),
    [
        (CLUSTER_IP.format("198.51.100.77"), set()),
        (CLUSTER_IP.format("198.51.100.77").replace("cluster IP", "external IP"), {LOCAL}),
        (CLUSTER_IP.format("198.51.100.77").replace("KUBE-SVC-ABCDEFGHIJKLMNOP", "KUBE-NODEPORTS"), set()),
        (CLUSTER_IP.format("198.51.100.77").replace("-d 198", "! -d 198"), {LOCAL}),
        (CLUSTER_IP.format("198.51.100.0").replace("/32", "/24"), {LOCAL}),
        (CLUSTER_IP.format("198.51.100.77").replace("KUBE-SVC-ABCDEFGHIJKLMNOP", "KUBE-MARK-MASQ"), {LOCAL}),
        ("-A KUBE-SERVICES -d 198.51.100.77/32 -j KUBE-NODEPORTS", set()),
    ],
    ids=["cluster IP", "external IP", "a node port by address", "any other address", "a network", "another target", "without a comment"],
)
def test_the_rules_of_kube_proxy_prove_whose_an_address_is(rule: str, questions: set[str], others: list[str]) -> None:
    chains = [":KUBE-SVC-ABCDEFGHIJKLMNOQ -", ":KUBE-MARK-MASQ -"]
    found = rules(nat=[*chains, *KUBE_PROXY, *others, rule])

    assert asked(trace(found, dport=8080)) == questions


def test_the_address_of_a_node_port_is_the_nodes_own() -> None:
    found = rules(nat=[*KUBE_PROXY, "-A KUBE-SERVICES -d 198.51.100.77/32 -j KUBE-NODEPORTS"])

    assert one(found) == DELIVERED


@pytest.mark.parametrize("to", ["10.96.20.5", "10.96.20.10"])
def test_in_ipvs_mode_the_addresses_of_services_are_the_nodes_own(to: str) -> None:
    """They are on the interface kube-ipvs0."""
    sets = (ROOT / "samples/ipvs/ipset.txt").read_text("utf-8")
    found = trace(dump("samples/ipvs/dump.save"), known(None, sets), dst=to)

    assert f"{to} is an address of this node" not in asked(found)
    assert {fate.outcome for fate in found.fates} <= {"local", "dropped", "rejected"}


EXTERNAL = "samples/kube-proxy/external-access.save"
REFUSED = '-A KUBE-SERVICES -d 10.96.2.12/32 -p tcp -m comment --comment "shop/empty-everything:http has no endpoints"'


def test_a_service_without_endpoints_has_its_cluster_ip_in_filter() -> None:
    assert one(dump(EXTERNAL), dst="10.96.2.12") == "rejected FORWARD icmp-port-unreachable"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("has no endpoints", "is closed"),
        (f"{REFUSED} -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable", f"{REFUSED} -j ACCEPT"),
    ],
    ids=["another comment", "no refusal"],
)
def test_other_rules_of_filter_prove_nothing(old: str, new: str) -> None:
    text = (ROOT / EXTERNAL).read_text("utf-8")
    assert old in text
    found = trace(load(text.replace(old, new).encode()).dumps[0], dst="10.96.2.12")

    assert asked(found) == {"10.96.2.12 is an address of this node"}


def test_in_old_versions_the_address_of_a_load_balancer_might_stand_there_too() -> None:
    found = rules(filter=[":KUBE-SERVICES -", "-A FORWARD -j KUBE-SERVICES", f"{REFUSED} -m tcp --dport 80 -j REJECT"])

    assert asked(trace(found, dst="10.96.2.12")) == {"10.96.2.12 is an address of this node"}


# ---- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "dst"), [("192.0.2.10", "198.51.100.77"), ("192.0.2.10", "10.244.1.5")], ids=["by DNAT", "without"])
def test_forwarding_and_filters_of_reverse_paths_are_not_asked(source: str, dst: str) -> None:
    found = rules(nat=["-A PREROUTING -d 198.51.100.77/32 -j DNAT --to-destination 10.244.1.5"])

    assert asked(trace(found, src=source, dst=dst)) == {"10.244.1.5 is an address of this node"}


def test_whether_loopback_addresses_may_leave_is_asked() -> None:
    found = fates(rules(nat=["-A OUTPUT -j DNAT --to-destination 10.244.1.5"]), iif=None, src="127.0.0.1", dst="127.0.0.1")
    allowed = "route_localnet is 1 on this node"

    assert found["sent 127.0.0.1,40000 10.244.1.5,80 dnat"] == ("not: 10.244.1.5 is an address of this node", allowed)
    assert found["dropped OUTPUT"] == ("not: 10.244.1.5 is an address of this node", f"not: {allowed}")


@pytest.mark.parametrize(("value", "outcome"), [(1, "sent"), (0, "dropped")])
def test_a_setting_that_is_known_is_not_asked(value: int, outcome: str) -> None:
    names = [f"net.ipv4.conf.{which}.route_localnet" for which in ("all", "eth0")]
    on = UNKNOWN._replace(sysctls=dict.fromkeys(names, value), ways=(), links_known=False)
    found = trace(rules(nat=["-A OUTPUT -j DNAT --to-destination 10.244.1.5"]), on, iif=None, src="127.0.0.1", dst="127.0.0.1")
    away = [
        fate for fate in found.fates if ("10.244.1.5 is an address of this node", False) in {(q.text.english(), a) for q, a in fate.answers}
    ]

    assert outcome in {fate.outcome for fate in away}


@pytest.mark.parametrize("how", ["-j DNAT --to-destination 127.0.0.1", ""], ids=["by DNAT", "without"])
def test_whether_loopback_addresses_are_reached_from_outside_is_asked(how: str) -> None:
    found = fates(rules(nat=[f"-A PREROUTING {how}".strip()]), dst="198.51.100.77" if how else "127.0.0.1")
    bits = " dnat" if how else ""
    allowed = "route_localnet is 1 on this node"

    assert found == {f"local 192.0.2.10,40000 127.0.0.1,80{bits}": (allowed,), "unroutable": (f"not: {allowed}",)}


# ---- policies, queues, unknown words -----------------------------------------------------------------------------------


def test_the_policy_of_a_chain_that_is_not_declared_is_asked() -> None:
    found = ruleset("*filter", ":INPUT ACCEPT [0:0]", "-A FORWARD -p udp -j DROP", "COMMIT").dumps[0]
    policy = "the policy of filter FORWARD is ACCEPT"

    assert fates(found) == {DELIVERED: (LOCAL,), FORWARDED: (NOT_LOCAL, policy), "dropped FORWARD": (NOT_LOCAL, f"not: {policy}")}


def test_a_chain_without_declaration_and_rules_is_not_asked() -> None:
    found = ruleset("*filter", ":INPUT ACCEPT [0:0]", "COMMIT").dumps[0]

    assert fates(found) == {DELIVERED: (LOCAL,), FORWARDED: (NOT_LOCAL,)}


def test_the_program_behind_a_queue_is_asked_once() -> None:
    found = outside(["-j NFQUEUE --queue-num 3"])
    program = "the program behind queue 3 accepts the packet"

    assert found == {FORWARDED: (program,), "dropped FORWARD": (f"not: {program}",)}


def test_the_same_queue_at_two_hooks_is_one_question_and_another_one_another() -> None:
    queue = "-A {} -j NFQUEUE --queue-num {}"
    same = trace(rules(mangle=[queue.format("PREROUTING", 3), queue.format("FORWARD", 3)]))
    two = trace(rules(mangle=[queue.format("PREROUTING", 3), queue.format("FORWARD", 4)]))

    assert len(asked(same)) == 2
    assert len(asked(two)) == 3


def test_an_accepted_packet_of_a_queue_meets_the_next_table_but_no_more_rules() -> None:
    found = rules(mangle=["-A FORWARD -j NFQUEUE --queue-num 3", f"-A FORWARD {MARK_1}"], filter=[f"-A FORWARD {MARK_2}"])

    assert f"{FORWARDED} mark=0x2" in fates(found)


@pytest.mark.parametrize("table", ["mangle", "filter", "nat"])
def test_a_target_of_which_nothing_is_known_has_an_unknown_outcome(table: str) -> None:
    chain = "PREROUTING" if table != "filter" else "INPUT"
    lines: dict[str, Any] = {table: [f"-A {chain} -j TOMORROW --fast"]}
    found = trace(rules(**lines), None, dst="255.255.255.255")

    assert [(fate.outcome, fate.where, fate.answers) for fate in found.fates] == [("unknown", chain, ())]


@pytest.mark.parametrize(
    "lines",
    [["-A INPUT -j GONE"], [":A -", "-A INPUT -j A", "-A A -j A"], [":A -", ":B -", "-A INPUT -j A", "-A A -g B", "-A B -g A"]],
    ids=["a missing chain", "a chain that calls itself", "a loop of gotos"],
)
def test_a_chain_that_is_missing_or_calls_itself_has_an_unknown_outcome(lines: list[str]) -> None:
    found = trace(rules(filter=lines), None, dst="255.255.255.255")

    assert [(fate.outcome, fate.where) for fate in found.fates] == [("unknown", "INPUT")]


def test_a_dump_that_is_cut_off_has_an_unknown_outcome_where_the_rest_would_matter() -> None:
    found = ruleset("*filter", ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", "-A FORWARD -p udp -j DROP").dumps[0]

    assert fates(found) == {DELIVERED: (LOCAL,), "unknown FORWARD": (NOT_LOCAL,)}


# ---- what makes a difference, and what makes none ----------------------------------------------------------------------


@pytest.mark.parametrize("target", ["ACCEPT", "LOG", "RETURN", "MARK --set-xmark 0x0/0x0"])
def test_what_makes_no_difference_is_no_assumption(target: str) -> None:
    assert outside([f"-m limit --limit 1/sec -j {target}", f"-m set --match-set S src -j {target}"]) == {FORWARDED: ()}


def test_what_makes_no_difference_in_the_end_is_none_either() -> None:
    """What was a difference on the way."""
    found = rules(
        mangle=[f"-A FORWARD -m set --match-set S src {MARK_1}"], filter=["-A FORWARD -m mark --mark 0x1 -j ACCEPT", "-A FORWARD -j DROP"]
    )
    again = rules(mangle=[f"-A FORWARD -m set --match-set S src {MARK_1}", "-A POSTROUTING -j MARK --set-xmark 0x0/0xffffffff"])

    assert asked(trace(found)) == {LOCAL, "set S contains 192.0.2.10"}
    assert asked(trace(again)) == {LOCAL}


def test_the_same_limit_of_one_rule_is_asked_once() -> None:
    limit = "the limit of 1/sec in line 7 is not exceeded"
    lines = [":A -", f"-A A -m limit --limit 1/sec {MARK_1}", "-A FORWARD -j A", "-A FORWARD -m mark --mark 0x1 -j DROP", "-A FORWARD -j A"]
    found = fates(rules(filter=lines))

    assert found["dropped FORWARD"] == (NOT_LOCAL, limit)
    assert found[FORWARDED] == (NOT_LOCAL, f"not: {limit}")


@pytest.mark.parametrize(
    "match",
    [
        "-m limit --limit 1/sec",
        "-m statistic --mode nth --every 3 --packet 0",
        "-m connlimit --connlimit-upto 5 --connlimit-mask 32 --connlimit-saddr",
        "-m quota --quota 1000",
    ],
)
def test_two_rules_that_count_are_two_questions(match: str) -> None:
    found = outside([f"{match} {MARK_1}", f"{match} {MARK_2}"])

    assert set(found) == {FORWARDED, *(f"{FORWARDED} mark={mark}" for mark in ("0x1", "0x2", "0x3"))}


def test_two_rules_with_the_same_set_are_one_question() -> None:
    found = outside([f"-m set --match-set S src {MARK_1}", f"-m set --match-set S src {MARK_2}"])

    assert found == {FORWARDED: ("not: set S contains 192.0.2.10",), f"{FORWARDED} mark=0x3": ("set S contains 192.0.2.10",)}


# ---- sets --------------------------------------------------------------------------------------------------------------

SETS = "create S hash:ip\nadd S 192.0.2.10\ncreate P hash:ip,port\nadd P 198.51.100.77,tcp:80\ncreate M hash:mac\n"


@pytest.mark.parametrize(
    ("match", "outcome"),
    [
        ("S src", "dropped FORWARD"),
        ("S dst", FORWARDED),
        ("P dst,dst", "dropped FORWARD"),
        ("P dst,src", FORWARDED),
        ("P src,dst", FORWARDED),
    ],
)
def test_sets_that_are_known_are_not_asked(match: str, outcome: str) -> None:
    found = fates(rules(filter=[f"-A FORWARD -m set --match-set {match} -j DROP"]), known(None, SETS))

    assert found == {DELIVERED: (LOCAL,), outcome: (NOT_LOCAL,)}


@pytest.mark.parametrize(
    ("match", "packet", "question"),
    [
        ("GONE src", {}, "set GONE contains 192.0.2.10"),
        ("GONE dst,src", {}, "set GONE contains 198.51.100.77:80,192.0.2.10:40000"),
        ("P dst,dst", {"dport": None}, "set P contains 198.51.100.77,tcp:?"),
        ("M src", {}, "set M contains 192.0.2.10"),
    ],
    ids=["a set that is not there", "with ports", "an unknown port", "a hardware address"],
)
def test_what_sets_do_not_tell_is_asked(match: str, packet: dict[str, Any], question: str) -> None:
    sets = SETS + "add M 02:00:00:00:00:01\n"
    found = trace(rules(filter=[f"-A FORWARD -m set --match-set {match} -j DROP"]), known(None, sets), **packet)

    assert asked(found) == {LOCAL, question}


def test_a_set_by_another_address_is_another_question() -> None:
    found = trace(
        rules(
            mangle=["-A PREROUTING -m set --match-set S dst -j MARK --set-xmark 0x1/0x1"],
            nat=["-A PREROUTING -j DNAT --to-destination 255.255.255.255"],
            filter=["-A INPUT -m set --match-set S dst -j DROP"],
        )
    )

    assert asked(found) == {"set S contains 198.51.100.77", "set S contains 255.255.255.255"}


def test_what_a_rule_puts_into_a_set_that_nobody_knows_is_in_it() -> None:
    put, take = "-A FORWARD -j SET --add-set S src", "-A FORWARD -j SET --del-set S src"
    drop = "-A FORWARD -m set --match-set S {} -j DROP"

    assert set(fates(rules(filter=[put, drop.format("src")]))) == {DELIVERED, "dropped FORWARD"}
    assert set(fates(rules(filter=[put, take, drop.format("src")]))) == {DELIVERED, FORWARDED}
    assert asked(trace(rules(filter=[put, drop.format("dst")]))) == {LOCAL, "set S contains 198.51.100.77"}


def test_what_a_rule_puts_into_a_set_is_in_no_other_one() -> None:
    found = trace(rules(filter=["-A FORWARD -j SET --add-set T src", "-A FORWARD -m set --match-set S src -j DROP"]))

    assert asked(found) == {LOCAL, "set S contains 192.0.2.10"}


# ---- lists of recent addresses -----------------------------------------------------------------------------------------

RCHECK = "-m recent --rcheck --name X --rsource"


def test_an_address_that_was_put_on_a_list_is_on_it() -> None:
    assert outside(["-m recent --set --name X --rsource", f"{RCHECK} -j DROP"]) == {"dropped FORWARD": ()}


def test_an_address_that_was_taken_off_is_not_on_it() -> None:
    assert outside(["-m recent --remove --name X --rsource", f"{RCHECK} -j DROP"]) == {FORWARDED: ()}


def test_a_list_is_asked_once_and_keeps_its_answer() -> None:
    found = outside([f"{RCHECK} {MARK_1}", f"{RCHECK} {MARK_2}"])

    assert found == {FORWARDED: ("not: the recent list X has 192.0.2.10",), f"{FORWARDED} mark=0x3": ("the recent list X has 192.0.2.10",)}


@pytest.mark.parametrize(
    ("put", "check"),
    [
        ("--name Y --rsource", "--name X --rsource"),
        ("--name X --rdest", "--name X --rsource"),
        ("--name X --mask 255.255.255.0 --rsource", "--name X --rsource"),
    ],
    ids=["another list", "the destination", "cut by a mask"],
)
def test_something_else_on_a_list_says_nothing(put: str, check: str) -> None:
    found = outside([f"-m recent --set {put}", f"-m recent --rcheck {check} -j DROP"])

    assert found == {FORWARDED: ("not: the recent list X has 192.0.2.10",), "dropped FORWARD": ("the recent list X has 192.0.2.10",)}


def test_a_neighbour_that_the_mask_makes_equal_is_on_the_list() -> None:
    mask = "--name X --mask 255.255.255.0"

    assert outside([f"-m recent --set {mask} --rsource", f"-m recent --rcheck {mask} --rdest -j DROP"], dst="192.0.2.99") == {}
    found = fates(
        rules(filter=[f"-A FORWARD -m recent --set {mask} --rsource", f"-A FORWARD -m recent --rcheck {mask} --rdest -j DROP"]),
        dst="192.0.2.99",
    )
    assert set(found) == {"local 192.0.2.10,40000 192.0.2.99,80", "dropped FORWARD"}


@pytest.mark.parametrize(("whose", "known_by_now"), [("rsource", True), ("rdest", False)])
def test_an_address_that_a_translation_changes_is_another_one_for_a_list(whose: str, known_by_now: bool) -> None:  # noqa: FBT001 - parametrised
    found = rules(
        mangle=[f"-A PREROUTING -m recent --set --name X --{whose}"],
        nat=["-A PREROUTING -j DNAT --to-destination 255.255.255.255"],
        filter=[f"-A INPUT -m recent --rcheck --name X --{whose} -j DROP"],
    )

    assert asked(trace(found)) == (set() if known_by_now else {"the recent list X has 255.255.255.255"})


def test_having_been_there_just_now_is_once_and_recently() -> None:
    put = "-m recent --set --name X --rsource"

    assert outside([put, "-m recent --rcheck --seconds 60 --name X --rsource -j DROP"]) == {"dropped FORWARD": ()}
    assert outside([put, "-m recent --update --seconds 60 --hitcount 1 --name X --rsource -j DROP"]) == {"dropped FORWARD": ()}


@pytest.mark.parametrize(
    ("options", "question"),
    [
        ("--hitcount 4", "the recent list X has 192.0.2.10 4 times"),
        ("--seconds 60 --hitcount 4", "the recent list X has 192.0.2.10 4 times in the last 60 seconds"),
    ],
)
def test_how_often_is_asked_also_of_one_that_was_put_there_just_now(options: str, question: str) -> None:
    found = outside(["-m recent --set --name X --rsource", f"-m recent --update {options} --name X --rsource -j DROP"])

    assert found == {FORWARDED: (f"not: {question}",), "dropped FORWARD": (question,)}


def test_update_puts_nobody_on_a_list_who_is_not_there() -> None:
    found = outside(
        [f"-m recent --update --seconds 60 --name X --rsource {MARK_1}", f"-m recent --rcheck --seconds 9 --name X --rsource {MARK_2}"]
    )
    recently, now = "the recent list X has 192.0.2.10 in the last 60 seconds", "the recent list X has 192.0.2.10 in the last 9 seconds"

    assert found[f"{FORWARDED} mark=0x3"] == (recently,)
    assert found[FORWARDED] == (f"not: {recently}", f"not: {now}")


# ---- interfaces --------------------------------------------------------------------------------------------------------

ARRIVES, LEAVES = "the packet arrives on {}", "the packet leaves by {}"


def coming(*lines: str) -> set[str]:
    """The questions about a packet that comes in somewhere, for rules of raw PREROUTING that end in a mark."""
    marked = [f"-A PREROUTING {line} -j MARK --set-xmark {1 << at:#x}/{1 << at:#x}" for at, line in enumerate(lines)]
    found = trace(rules(raw=marked), UNKNOWN, iif="?", src="192.0.2.10", dst="255.255.255.255")
    return {question for question in asked(found) if question.startswith("the packet")}


@pytest.mark.parametrize("match", ["-i lo", "-i +", "! -i lo", "! -i +"])
def test_of_an_interface_some_things_are_certain(match: str) -> None:
    assert coming(match) == set()


def test_another_interface_is_asked() -> None:
    assert coming("-i eth0") == {ARRIVES.format("eth0")}
    assert coming("-i eth0", "! -i eth0") == {ARRIVES.format("eth0")}
    assert coming("-i eth0", "-i eth1") == {ARRIVES.format("eth0"), ARRIVES.format("eth1")}


def told_marks(*lines: str) -> set[int]:
    marked = [f"-A FORWARD {line} -j MARK --set-xmark {1 << at:#x}/{1 << at:#x}" for at, line in enumerate(lines)]
    found = trace(rules(mangle=marked), None)
    return {fate.mark for fate in found.fates if fate.outcome == "forwarded"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("-o eth0", "-o eth1"), {0, 1, 2}),
        (("-o eth0", "-o eth+"), {0, 2, 3}),
        (("-o eth+", "-o eth0"), {0, 1, 3}),
        (("-o eth+", "! -o eth0"), {1, 2, 3}),
        (("-o eth+", "-o cni+"), {0, 1, 2}),
        (("-o cali+", "-o eth0", "-o cali1"), {0, 1, 2, 5}),
    ],
)
def test_answers_about_one_interface_fit_together(lines: tuple[str, ...], expected: set[int]) -> None:
    assert expected == told_marks(*lines)


def test_an_interface_that_is_known_by_now_is_told() -> None:
    found = fates(rules(filter=["-A FORWARD -o eth0 -j ACCEPT", "-A FORWARD -o cali+ -j DROP"]))

    assert found["forwarded eth0 192.0.2.10,40000 198.51.100.77,80"] == (NOT_LOCAL, LEAVES.format("eth0"))
    assert found["dropped FORWARD"] == (NOT_LOCAL, f"not: {LEAVES.format('eth0')}", LEAVES.format("cali+"))


def test_a_new_routing_decision_is_another_question() -> None:
    found = trace(
        rules(
            filter=[f"-A OUTPUT -o eth0 {MARK_1}"],
            nat=["-A OUTPUT -j DNAT --to-destination 10.244.1.5"],
            mangle=[f"-A POSTROUTING -o eth0 {MARK_2}"],
        ),
        iif=None,
    )

    assert {fate.mark for fate in found.fates if fate.outcome == "sent"} == {0, 1, 2, 3}


def test_a_bridge_port_is_asked() -> None:
    question = "the packet arrives through the bridge port veth1"

    assert asked(trace(rules(raw=["-A PREROUTING -m physdev --physdev-in veth1 -j DROP"]), dst="255.255.255.255")) == {question}


@pytest.mark.parametrize(
    ("match", "question"),
    [
        ("-m addrtype --src-type LOCAL", "192.0.2.10 is an address of this node"),
        ("-m addrtype --src-type BROADCAST", "192.0.2.10 is a broadcast address of this node"),
        ("-m addrtype --dst-type LOCAL --limit-iface-in", "198.51.100.77 is LOCAL on the packet's own interface"),
        ("-m rpfilter", "the packet passes the test of its reverse path, -m rpfilter"),
        ("-m mac --mac-source 02:00:00:00:00:01", "the packet comes from the hardware address 02:00:00:00:00:01"),
        ("-m length --length 100:200", "the packet is 100:200 bytes long"),
        ("-m time --timestart 10:00:00 --timestop 12:00:00", "it is the time of -m time --timestart 10:00:00 --timestop 12:00:00"),
        ('-m string --string "GET" --algo bm', "the packet is as -m string"),
        ("-m cpu --cpu 1", "processor 1"),
        ("-m conntrack --ctexpire 1:5", "the connection is as -m conntrack --ctexpire 1:5 asks"),
    ],
)
def test_what_nobody_said_of_the_packet_is_asked(match: str, question: str) -> None:
    found = asked(trace(rules(mangle=[f"-A PREROUTING {match} -j DROP"])))

    assert any(question in one_ for one_ in found), found


def test_what_is_no_address_of_the_node_is_none_of_an_interface_either() -> None:
    found = asked(trace(rules(filter=["-A FORWARD -m addrtype --dst-type LOCAL --limit-iface-in -j DROP"])))

    assert found == {LOCAL}


def test_an_address_is_not_a_broadcast_address_where_only_unicast_or_local_is_asked() -> None:
    found = asked(trace(rules(raw=["-A PREROUTING -m addrtype ! --src-type LOCAL,BROADCAST,UNICAST -j DROP"])))

    assert found == {LOCAL}


def test_who_sends_is_asked_of_the_nodes_own_packets_alone() -> None:
    match = "-m owner --uid-owner 1000"
    found = rules(mangle=[f"-A OUTPUT {match} -j DROP", f"-A POSTROUTING {match} -j DROP"])

    assert asked(trace(found)) == {LOCAL}
    assert "the sending program is as -m owner --uid-owner 1000 asks" in asked(trace(found, iif=None))


# ---- ports and lengths -------------------------------------------------------------------------------------------------


def port_marks(*lines: str, **packet: Any) -> set[int]:  # noqa: ANN401 - the values of JSON
    marked = [f"-A INPUT -p tcp {line} -j MARK --set-xmark {1 << at:#x}/{1 << at:#x}" for at, line in enumerate(lines)]
    found = trace(rules(mangle=marked), dst="255.255.255.255", **packet)
    assert all(exact(fate.share) == 1 for fate in found.fates)
    return {fate.mark for fate in found.fates}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("-m tcp --dport 80", "-m tcp --dport 443"), {0, 1, 2}),
        (("-m tcp --dport 80", "-m tcp --dport 80"), {0, 3}),
        (("-m tcp --dport 1:100", "-m tcp --dport 80"), {0, 1, 3}),
        (("-m tcp --dport 80", "-m tcp --dport 1:100"), {0, 2, 3}),
        (("-m tcp --dport 1:100", "-m tcp --dport 50:200", "-m tcp --dport 100:300"), {0, 1, 3, 7, 6, 4}),
        (("-m tcp ! --dport 80", "-m tcp --dport 80"), {1, 2}),
        (("-m tcp --dport 0:65535",), {1}),
        (("-m multiport --dports 80,443,8000:8080", "-m tcp --dport 443", "-m tcp --dport 444"), {0, 1, 3, 4}),
        (("-m multiport --ports 80", "-m tcp --dport 80"), {0, 3}),
        (("-m multiport ! --dports 1:99,101:65535,0", "-m tcp --dport 100"), {0, 3}),
    ],
)
def test_answers_about_one_port_fit_together(lines: tuple[str, ...], expected: set[int]) -> None:
    assert expected == port_marks(*lines, dport=None)


def test_a_port_that_is_known_by_now_is_told() -> None:
    found = trace(rules(filter=["-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT", "-A INPUT -j DROP"]), dst="255.255.255.255", dport=None)

    assert {(fate.outcome, fate.destination_port) for fate in found.fates} == {("local", 80), ("dropped", None)}


def test_of_two_unknown_ports_each_has_its_answers() -> None:
    lines = ("-m tcp --sport 53", "-m tcp --dport 53", "-m multiport --ports 53")

    assert port_marks(*lines, sport=None, dport=None) == {0, 1 | 4, 2 | 4, 1 | 2 | 4}


def test_lengths_fit_together() -> None:
    assert port_marks("-m length --length 0:99", "-m length --length 50", "-m length --length 100:65535") == {1, 3, 4}


@pytest.mark.parametrize(
    ("dport", "expected"),
    [("80", {"dropped FORWARD"}), ("90", {"forwarded 192.0.2.10,40000 10.244.1.5,90 mark=0x1 dnat"})],
)
def test_a_port_that_is_known_by_now_stays_in_the_range_of_a_translation(dport: str, expected: set[str]) -> None:
    found = trace(
        rules(
            mangle=[f"-A PREROUTING -p tcp -m tcp --dport {dport} {MARK_1}"],
            nat=["-A PREROUTING -p tcp -j DNAT --to-destination 10.244.1.5:80-90"],
            filter=["-A FORWARD -p tcp -m tcp --dport 80 -j DROP"],
        ),
        dport=None,
    )
    asked_first = {
        what
        for (what, said) in told(found)
        if {f"the destination port is {dport}", "not: 10.244.1.5 is an address of this node"} <= set(said)
    }

    assert asked_first == expected


def test_an_unknown_port_that_a_translation_changes_is_asked_anew() -> None:
    """Every port but 80 to 90 becomes 80."""
    found = trace(
        rules(
            mangle=[f"-A PREROUTING -p tcp -m tcp --dport 80 {MARK_1}"],
            nat=["-A PREROUTING -p tcp -j DNAT --to-destination 255.255.255.255:80-90"],
            filter=["-A INPUT -p tcp -m tcp --dport 80 -j DROP"],
        ),
        dport=None,
    )

    assert {(fate.outcome, fate.mark) for fate in found.fates if fate.mark == 0} == {("dropped", 0), ("local", 0)}
    assert {fate.outcome for fate in found.fates if fate.mark == 1} == {"dropped"}


# ---- what is known in part ---------------------------------------------------------------------------------------------


def test_the_own_address_of_a_translation_is_not_known_without_the_node() -> None:
    found = fates(rules(nat=["-A POSTROUTING -j MASQUERADE"]))

    assert found == {DELIVERED: (LOCAL,), "forwarded None,40000 198.51.100.77,80 snat": (NOT_LOCAL,)}


MASQUERADED = rules(nat=["-A POSTROUTING -j MASQUERADE"])


def test_whether_a_packet_of_the_node_has_the_source_that_masquerading_takes_is_asked() -> None:
    found = fates(MASQUERADED, iif=None, src="192.0.2.1", dst="8.8.8.8")
    here, kept = "8.8.8.8 is an address of this node", "192.0.2.1 is the source that masquerading takes there"

    assert found == {
        "sent None,40000 8.8.8.8,80 snat": (f"not: {here}", f"not: {kept}"),
        "sent 192.0.2.1,40000 8.8.8.8,80": (f"not: {here}", kept),
        "local None,40000 8.8.8.8,80 snat": (here, f"not: {kept}"),
        "local 192.0.2.1,40000 8.8.8.8,80": (here, kept),
    }


@pytest.mark.parametrize(
    ("options", "questions"),
    [("--random", 1), ("--random-fully", 1), ("--to-ports 1-99", 1), ("--to-ports 40000-40009", 2)],
)
def test_it_is_not_asked_where_the_port_changes_anyway(options: str, questions: int) -> None:
    found = trace(rules(nat=[f"-A POSTROUTING -p tcp -j MASQUERADE {options}"]), iif=None, src="192.0.2.1", dst="8.8.8.8")

    assert len(asked(found)) == questions


def test_redirect_goes_to_the_node_itself_whatever_its_address_is() -> None:
    nat = [f"-A {chain} -p tcp -j REDIRECT --to-ports 15001" for chain in ("PREROUTING", "OUTPUT")]
    found = rules(nat=nat, filter=["-A INPUT -p tcp -m tcp --dport 15001 -j ACCEPT", "-A INPUT -j DROP"])

    assert one(found) == "local 192.0.2.10,40000 None,15001 dnat"
    assert one(found, iif=None) == "local 192.0.2.10,40000 127.0.0.1,15001 dnat"


@pytest.mark.parametrize("more", [0, 9], ids=["a short chain", "a chain with an index"])
def test_an_address_that_nobody_knows_is_asked_for(more: int) -> None:
    lines = [f"-A INPUT -d 10.9.9.{number}/32 -j DROP" for number in range(1, 2 + more)]
    found = asked(trace(rules(nat=["-A PREROUTING -p tcp -j REDIRECT"], filter=lines)))

    assert found == {f"the new destination address is in 10.9.9.{number}/32" for number in range(1, 2 + more)}


def test_an_address_that_nobody_knows_is_some_address_of_the_node() -> None:
    nat = ["-A PREROUTING -p tcp -j REDIRECT"]
    lines = ["-A INPUT -d 0.0.0.0/0 -m addrtype --dst-type LOCAL -j DROP"]

    assert one(rules(nat=nat, filter=lines)) == "dropped INPUT"
    assert one(rules(nat=nat, filter=["-A INPUT -m addrtype --dst-type UNICAST -j DROP"])) == "local 192.0.2.10,40000 None,80 dnat"


def test_a_list_or_a_set_with_an_address_that_nobody_knows_is_asked() -> None:
    nat = ["-A PREROUTING -p tcp -j REDIRECT"]
    lines = ["-A INPUT -m recent --rcheck --name X --rdest -j DROP", "-A INPUT -m set --match-set S dst -j DROP"]

    assert {text for text in asked(trace(rules(nat=nat, filter=lines))) if "?" in text or "list X" in text} == {
        "set S contains ?",
        next(text for text in asked(trace(rules(nat=nat, filter=lines))) if "list X" in text),
    }


def test_routes_that_are_known_are_used_though_the_rest_is_not() -> None:
    on = UNKNOWN._replace(ways=(known({"interfaces": {}, "routes": [["198.51.100.0/24", "eth7"]]}) or UNKNOWN).ways)

    assert set(fates(rules(filter=[]), on)) == {DELIVERED, "forwarded eth7 192.0.2.10,40000 198.51.100.77,80"}


def test_an_empty_list_of_sets_has_no_set() -> None:
    assert load_ipset(b"", may_be_empty=True).sets == {}
    assert UNKNOWN.sets is None


def test_the_node_that_nobody_knows_has_lo() -> None:
    assert [str(one_.address) for one_ in UNKNOWN.links["lo"].addresses] == ["127.0.0.1", "::1"]
    assert isinstance(UNKNOWN, Node)
    assert Address.parse("127.0.0.1") == UNKNOWN.links["lo"].addresses[0].address
