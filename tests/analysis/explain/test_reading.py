"""The order in which rules are told."""

from __future__ import annotations

from collections import Counter
from time import process_time
from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.explain import reading
from iptexplain.analysis.explain.choice import Choice, told
from iptexplain.analysis.explain.concern import services_meant
from iptexplain.analysis.explain.setting import Setting
from tests.analysis.explain.explained import nat, story
from tests.analysis.explain.test_sentence import CHAINS, SERVICE
from tests.checkout import ROOT
from tests.dumps import ruleset, saved_files

if TYPE_CHECKING:
    from iptexplain.model.ruleset import Dump


def of_service(dump: Dump, text: str) -> Choice:
    """What concerns the Services that are meant by a name."""
    return Choice(services=services_meant([Setting(dump)], text))


def test_a_packet_meets_chains_where_rules_lead_there_and_shared_ones_are_told_once() -> None:
    dump = nat("-A PREROUTING -j A", "-A OUTPUT -j A", "-A A -p tcp -j B", "-A A -p udp -j B", "-A B -j ACCEPT", chains="A B", name="nat")

    assert story(dump) == [
        "= PREROUTING",
        "nat PREROUTING",
        "- everything: go to A",
        "  nat A",
        "  - TCP: go to B",
        "    nat B",
        "    - everything: accept (no further rules of table nat here)",
        "  - UDP: go to B ^",
        "= INPUT",
        "= FORWARD",
        "= OUTPUT",
        "nat OUTPUT",
        "- everything: go to A ^",
        "= POSTROUTING",
        "= nowhere",
    ]


def test_a_loop_is_told_and_ends() -> None:
    dump = nat("-A INPUT -j A", "-A A -j B", "-A B -j A", chains="A B", name="filter")

    assert [line for line in story(dump) if line.endswith("@")] == ["    - everything: go to A @"]


def test_chains_that_nothing_leads_to_come_last_beginning_with_those_that_lead_to_others() -> None:
    dump = nat("-A A -j ACCEPT", "-A B -j A", chains="A B C", name="filter")

    assert story(dump)[story(dump).index("= nowhere") :] == [
        "= nowhere",
        "filter B",
        "- everything: go to A",
        "  filter A",
        "  - everything: accept",
        "filter C",
    ]


def test_a_circle_that_nothing_leads_to_is_not_lost() -> None:
    dump = nat("-A A -j B", "-A B -j A", chains="A B", name="filter")

    assert "filter A" in story(dump)
    assert "  filter B" in story(dump)


def test_a_chain_without_rules_whose_policy_drops_is_told() -> None:
    dump = ruleset("*filter", ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]", "COMMIT").dumps[0]

    assert story(dump) == ["= PREROUTING", "= INPUT", "= FORWARD", "filter FORWARD", "= OUTPUT", "= POSTROUTING", "= nowhere"]


@pytest.mark.parametrize("path", saved_files(), ids=lambda path: path.name)
@pytest.mark.parametrize("as_dumped", [False, True], ids=["as met", "as dumped"])
def test_every_rule_and_every_chain_of_the_samples_is_told_once(path: object, as_dumped: bool) -> None:  # noqa: FBT001 - a parameter
    for dump in ruleset(*path.read_text("utf-8", "surrogateescape").splitlines()).dumps:  # type: ignore[attr-defined]
        items = list(told(Setting(dump), Choice(as_dumped=as_dumped, fold=False)))
        rules = Counter((item.table, item.rule.line) for item in items if isinstance(item, reading.Told))

        assert rules == Counter((table.name, rule.line) for table in dump.tables for rule in table.rules)


def test_hooks_come_in_the_order_of_a_packet_and_tables_in_that_of_their_priority() -> None:
    dump = ruleset(
        *("*filter", ":FORWARD ACCEPT [0:0]", "-A FORWARD -j ACCEPT", "COMMIT"),
        *("*nat", ":PREROUTING ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]", "-A PREROUTING -j ACCEPT", "-A POSTROUTING -j ACCEPT", "COMMIT"),
        *("*mangle", ":PREROUTING ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", "-A PREROUTING -j ACCEPT", "-A FORWARD -j ACCEPT", "COMMIT"),
        *("*raw", ":PREROUTING ACCEPT [0:0]", "-A PREROUTING -j ACCEPT", "COMMIT"),
    ).dumps[0]

    assert [line for line in story(dump) if not line.startswith(("-", "="))] == [
        *("raw PREROUTING", "mangle PREROUTING", "nat PREROUTING"),
        *("mangle FORWARD", "filter FORWARD"),
        "nat POSTROUTING",
    ]


def test_endpoints_that_do_the_same_are_folded_and_one_that_does_not_is_told() -> None:
    text = (ROOT / "samples/kube-proxy/classic-nginx.save").read_text("utf-8")
    hairpin = "-A KUBE-SEP-QZQ6SCLOCLOPP2FJ -s 192.168.166.130/32"
    line = next(one for one in text.splitlines() if one.startswith(hairpin))

    def pods(text: str) -> list[str]:
        return [one.strip() for one in story(ruleset(*text.splitlines()).dumps[0]) if "KUBE-SEP-" in one or "to Pod" in one]

    assert pods(text) == [
        "- with 1/3 (33.3 %): to Pod 192.168.104.1:80",
        "nat KUBE-SEP-HZVZGM4N576VDS2S",
        "- with 1/2 of what is left, that is 33.3 %: to Pod 192.168.166.129:80 62-63",
        "- all that is left, that is 33.3 %: to Pod 192.168.166.130:80 66-67",
    ]
    assert pods(text.replace(line + "\n", "")) == [*pods(text)[:3], pods(text)[3].removesuffix(" 66-67"), "nat KUBE-SEP-QZQ6SCLOCLOPP2FJ"]


def test_a_thousand_chains_one_behind_the_other_are_told() -> None:
    count = 3000
    rules = [f"-A C{number} -j C{number + 1}" for number in range(count)]
    dump = nat("-A INPUT -j C0", *rules, f"-A C{count} -j DROP", chains=" ".join(f"C{n}" for n in range(count + 1)), name="filter")

    assert story(dump)[-5].strip() == "- everything: drop"


def test_a_chain_is_told_with_what_it_leads_to_or_alone_as_dumped() -> None:
    dump = nat("-A INPUT -j A", "-A A -j B", "-A B -j ACCEPT", chains="A B", name="filter")

    assert story(dump, Choice(chains=("A",))) == ["= chosen", "filter A", "- everything: go to B", "  filter B", "  - everything: accept"]
    assert story(dump, Choice(chains=("A",), as_dumped=True)) == ["= chosen", "filter A", "- everything: go to B"]


def test_a_line_is_told_alone_below_its_chain() -> None:
    dump = nat("-A INPUT -j A", "-A A -j ACCEPT", "-A A -j DROP", chains="A", name="filter")

    assert story(dump, Choice(lines=(7,))) == ["= dump", "filter INPUT", "- everything: go to A"]


def test_a_table_is_told_alone() -> None:
    dump = ruleset(
        "*filter", ":INPUT ACCEPT [0:0]", "-A INPUT -j ACCEPT", "COMMIT", "*nat", ":INPUT ACCEPT [0:0]", "-A INPUT -j ACCEPT", "COMMIT"
    ).dumps[0]

    assert [line for line in story(dump, Choice(table="nat")) if line.endswith("INPUT") and line[0] != "="] == ["nat INPUT"]


def test_a_service_is_told_from_the_hook_to_its_pods_and_its_masquerade() -> None:
    others = (
        "-A PREROUTING -j DOCKER",
        "-A DOCKER -p tcp -m tcp --dport 99 -j ACCEPT",
        "-A KUBE-SERVICES -d 10.9.9.9/32 -p tcp -m tcp --dport 1 -j KUBE-SVC-AAAAAAAAAAAAAAAA",
    )
    dump = nat(*others, *SERVICE, chains=f"{CHAINS} DOCKER KUBE-SVC-AAAAAAAAAAAAAAAA")

    assert story(dump, of_service(dump, "default/nginx")) == [
        "= PREROUTING",
        "nat PREROUTING",
        "- everything: go to KUBE-SERVICES",
        "  nat KUBE-SERVICES",
        "  - TCP to default/nginx (10.109.35.24:80): go to this Service's chain KUBE-SVC-2CMXP7HKUVJN7L6M",
        "    nat KUBE-SVC-2CMXP7HKUVJN7L6M",
        "    - TCP from outside 192.168.0.0/16 to default/nginx (10.109.35.24:80): mark for masquerade (0x4000), go on 19-19",
        "    - everything: to Pod 192.168.104.1:80",
        "      nat KUBE-SEP-HZVZGM4N576VDS2S",
        "      - everything from this Pod itself (192.168.104.1): mark for masquerade (0x4000), go on",
        "      - TCP: change the destination to 192.168.104.1:80 (DNAT)",
        "= INPUT",
        "= FORWARD",
        "= OUTPUT",
        "= POSTROUTING",
        "nat POSTROUTING",
        "- everything: go to KUBE-POSTROUTING",
        "  nat KUBE-POSTROUTING",
        "  - everything, not marked for masquerade (0x4000): back to where this chain was called",
        "  - everything: replace the source with the address of the interface it leaves by (MASQUERADE)",
        "= nowhere",
    ]


def test_a_service_called_just_so_is_meant_alone() -> None:
    dump = ruleset(*(ROOT / "samples/kube-proxy/mixed-cluster.save").read_text("utf-8").splitlines()).dumps[0]

    def services(text: str) -> set[str]:
        return {item.sentence.service or "" for item in told(Setting(dump), of_service(dump, text)) if isinstance(item, reading.Told)} - {
            ""
        }

    assert services("ingress-nginx/ingress-nginx-controller:http") == {"ingress-nginx/ingress-nginx-controller:http"}
    assert services("ingress-nginx/ingress-nginx-controller") == {
        f"ingress-nginx/ingress-nginx-controller:{port}" for port in ("http", "https")
    }
    assert services("nginx-controller:http") == services("ingress-nginx/ingress-nginx-controller")
    assert services("nosuch") == set()


def test_rules_that_may_take_a_services_packets_before_its_own_are_told_with_it() -> None:
    taking = (
        "-A PREROUTING -j A",
        "-A PREROUTING -p udp -j ACCEPT",
        "-A A -d 10.109.35.0/24 -p tcp -j B",
        "-A A -d 10.1.0.0/16 -j ACCEPT",
        "-A B -s 10.3.3.3/32 -j ACCEPT",
        "-A KUBE-SERVICES -p tcp -m tcp --dport 80 -j RETURN",
        "-A KUBE-SERVICES -p tcp -m tcp --dport 81 -j RETURN",
    )
    dump = nat(*taking, *SERVICE, chains=f"{CHAINS} A B")
    told = story(dump, of_service(dump, "default/nginx"))

    assert [line.strip() for line in told[1:9]] == [
        "nat PREROUTING",
        "- everything: go to A",
        "nat A",
        "- TCP to 10.109.35.0/24: go to B",
        "nat B",
        "- everything from 10.3.3.3: accept (no further rules of table nat here)",
        "- everything: go to KUBE-SERVICES",
        "nat KUBE-SERVICES",
    ]
    assert told[9].strip() == "- TCP to port 80: back to where this chain was called"


def test_rules_elsewhere_that_end_packets_to_its_pods_or_its_address_are_told_with_a_service() -> None:
    text = (ROOT / "samples/kube-proxy/classic-nginx.save").read_text("utf-8")
    drops = "-A FORWARD -d 192.168.104.1/32 -j DROP\n-A FORWARD -d 192.168.104.2/32 -j DROP\n-A FORWARD -j KUBE-FORWARD\n"
    dump = ruleset(*text.replace("-A FORWARD -m comment", drops + "-A FORWARD -m comment", 1).splitlines()).dumps[0]
    told = [line.strip() for line in story(dump, of_service(dump, "default/nginx"))]

    assert "- everything to 192.168.104.1: drop" in told
    assert "- everything to 192.168.104.2: drop" not in told
    assert "- everything, marked for masquerade (0x4000): accept" in told


def test_rules_that_share_a_line_have_their_own_shares() -> None:
    line = "\\n".join((ROOT / "samples/kube-proxy/classic-nginx.save").read_text("utf-8").splitlines())
    told = [one.strip() for one in story(ruleset(line).dumps[0]) if "to Pod" in one]

    assert [one[:12] for one in told] == ["- with 1/3 (", "- with 1/2 o", "- all that i"]


def test_a_chain_that_was_left_out_is_not_told_above() -> None:
    dump = nat(
        "-A INPUT -j DOCKER", "-A DOCKER -p tcp -j MINE", "-A DOCKER -p udp -j MINE", "-A MINE -j DROP", chains="DOCKER MINE", name="filter"
    )

    assert [line.strip() for line in story(dump, Choice(owner="Docker"))][2:8] == [
        "filter INPUT",
        "- everything: go to DOCKER",
        "filter DOCKER",
        "- TCP: go to MINE",
        "- UDP: go to MINE",
        "= FORWARD",
    ]


def test_a_target_that_is_not_known_may_take_a_services_packets() -> None:
    taking = ("-A PREROUTING -d 10.109.35.24/32 -j STRANGE --x 1", "-A PREROUTING -d 10.109.35.25/32 -j STRANGE --x 1")
    dump = nat(*taking, *SERVICE, chains=CHAINS)
    told = [line.strip() for line in story(dump, of_service(dump, "default/nginx"))]

    assert told[2:4] == ['- everything to 10.109.35.24: do what is not known: "STRANGE --x 1"', "- everything: go to KUBE-SERVICES"]


def test_what_takes_a_services_packets_is_found_at_any_depth_and_in_circles() -> None:
    count = 3000
    deep = [f"-A C{number} -j C{number + 1}" for number in range(count)]
    names = " ".join(f"C{number}" for number in range(count + 1))
    dump = nat("-A PREROUTING -j C0", *deep, f"-A C{count} -p tcp -j DNAT --to-destination 1.2.3.4", *SERVICE, chains=f"{CHAINS} {names}")
    told = [line.strip() for line in story(dump, of_service(dump, "default/nginx"))]

    assert f"- everything: go to C{count}" in told
    assert "- TCP: change the destination to 1.2.3.4 (DNAT)" in told

    rules = (
        "-A PREROUTING -j A",
        "-A PREROUTING -j C",
        "-A A -j B",
        "-A B -j A",
        "-A B -j C",
        "-A C -j B",
        "-A A -j DNAT --to-destination 1.2.3.4",
    )
    circle = nat(*rules, *SERVICE, chains=f"{CHAINS} A B C")
    told = [line.strip() for line in story(circle, of_service(circle, "default/nginx"))]

    assert {"- everything: go to A", "- everything: go to C ^"} <= set(told)


def test_a_namespace_of_a_thousand_services_is_told_in_time() -> None:
    count = 1000
    rules = [
        f"-A KUBE-SERVICES -d 10.1.{n // 250}.{n % 250 + 1}/32 -p tcp"
        f' -m comment --comment "shop/s{n} cluster IP" -m tcp --dport 80 -j KUBE-SVC-{n:016d}'
        for n in range(count)
    ]
    names = [f"KUBE-SVC-{n:016d}" for n in range(count)]
    letters = str.maketrans("0123456789", "ABCDEFGHIJ")
    rules = [rule.replace(name, "KUBE-SVC-" + name[9:].translate(letters)) for rule, name in zip(rules, names, strict=True)]
    names = ["KUBE-SVC-" + name[9:].translate(letters) for name in names]
    dump = nat(
        "-A PREROUTING -j KUBE-SERVICES", *rules, *(f"-A {name} -j ACCEPT" for name in names), chains=" ".join(["KUBE-SERVICES", *names])
    )
    begun = process_time()
    all_ = len(story(dump))
    whole, begun = process_time() - begun, process_time()
    some = len(story(dump, of_service(dump, "shop/")))

    assert some >= all_ - 2
    assert process_time() - begun < 5 * whole


def test_rules_that_send_packets_back_before_others_take_them_are_told_too() -> None:
    taking = (
        "-A OUTPUT -p tcp -j PROXY",
        "-A OUTPUT -j KUBE-SERVICES",
        "-A PROXY -m owner --uid-owner 1337 -j RETURN",
        "-A PROXY -d 10.9.9.9/32 -j RETURN",
        "-A PROXY -p tcp -j REDIRECT --to-ports 15001",
        "-A PROXY -j RETURN",
    )
    dump = nat(*taking, *SERVICE, chains=f"{CHAINS} PROXY")
    told = [line.strip() for line in story(dump, of_service(dump, "default/nginx"))]

    begin = told.index("- TCP: go to PROXY")
    assert told[begin + 1 : begin + 5] == [
        "nat PROXY",
        "- everything, sent by user ID 1337: back to where this chain was called",
        "- TCP: redirect to port 15001 of this node (REDIRECT)",
        "- everything: go to KUBE-SERVICES ^",
    ]


def test_rules_before_the_masquerade_that_take_packets_to_the_pods_are_told() -> None:
    before = ("-A POSTROUTING -s 192.168.0.0/16 -j ACCEPT", "-A POSTROUTING -d 10.9.9.9/32 -j ACCEPT")
    dump = nat(*before, *SERVICE, chains=CHAINS)
    told = [line.strip() for line in story(dump, of_service(dump, "default/nginx"))]

    begin = told.index("nat POSTROUTING")
    assert told[begin + 1 : begin + 3] == [
        "- everything from 192.168.0.0/16: accept (no further rules of table nat here)",
        "- everything: go to KUBE-POSTROUTING",
    ]
