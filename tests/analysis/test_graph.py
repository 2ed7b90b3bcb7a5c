"""The chains of a dump as a graph: which edges there are, what is folded, and that no name is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.analysis.graph import Look, graph
from iptexplain.analysis.services import services
from iptexplain.api import load
from iptexplain.owners.kube_proxy.names import endpoint_hash, service_hash
from tests.checkout import ROOT
from tests.command import CLASSIC, FIXTURES, SAMPLES
from tests.dumps import ruleset

if TYPE_CHECKING:
    from iptexplain.analysis.graph import Graph
    from iptexplain.model.ruleset import Ruleset

LOCAL = "samples/kube-proxy/local-policies.save"
MIXED = "samples/kube-proxy/mixed-cluster.save"


def drawn(found: Ruleset, look: Look | None = None) -> Graph:
    """The picture of the only dump of an input."""
    (one,) = services(found)
    return graph(one, look)


def sample(name: str, look: Look | None = None) -> Graph:
    """The picture of a file of the checkout."""
    return drawn(load(ROOT / name, name=name), look)


def short(key: str) -> str:
    """A node's key as the tests write it: the name of its chain, its verdict, its address."""
    return key.rpartition(" ")[2] if key.startswith(("chain ", "pod ", "end ")) else key


def edges(picture: Graph) -> list[str]:
    """The edges, each as `A > B kind`, with the number of its rules if there are several."""
    return [
        f"{short(edge.source)} > {short(edge.target)} {edge.kind}{f' x{edge.times}' if edge.times > 1 else ''}" for edge in picture.edges
    ]


def nodes(picture: Graph) -> dict[str, tuple[str, ...]]:
    """The nodes by key, with the names that they stand for."""
    return {short(node.key): node.names for node in picture.nodes}


def service(name: str, pods: int, *, number: int = 1, more: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    """The chains and the rules of a Service port as kube-proxy writes them; `more` rules stand first in its chain."""
    chain = f"KUBE-SVC-{service_hash(name, 'TCP')}"
    address = f"10.96.{number >> 8}.{number & 255}"
    rules = [f'-A KUBE-SERVICES -d {address}/32 -p tcp -m comment --comment "{name} cluster IP" -m tcp --dport 80 -j {chain}']
    rules += [f"-A {chain} {rule}" for rule in more]
    chains = [chain]
    for at in range(pods):
        to = f"10.244.{number}.{at + 1}:80"
        end = f"KUBE-SEP-{endpoint_hash(name, 'TCP', to)}"
        chains.append(end)
        left = pods - at
        draw = f" -m statistic --mode random --probability {1 / left:.11f}" if left > 1 else ""
        rules.append(f'-A {chain} -m comment --comment "{name} -> {to}"{draw} -j {end}')
        rules.append(f'-A {end} -p tcp -m comment --comment "{name}" -m tcp -j DNAT --to-destination {to}')
    return chains, rules


def nat(*parts: tuple[list[str], list[str]], chains: tuple[str, ...] = (), rules: tuple[str, ...] = ()) -> Ruleset:
    """A nat table of some Services, further chains and rules."""
    declared = ["KUBE-SERVICES", *(chain for own, _ in parts for chain in own), *chains]
    return ruleset(
        "*nat",
        *(f":{hook} ACCEPT [0:0]" for hook in ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")),
        *(f":{chain} - [0:0]" for chain in declared),
        "-A PREROUTING -j KUBE-SERVICES",
        "-A OUTPUT -j KUBE-SERVICES",
        *(rule for _, own in parts for rule in own),
        *rules,
        "COMMIT",
    )


def table(*rules: str, chains: tuple[str, ...] = (), policy: str = "ACCEPT") -> Ruleset:
    """A filter table."""
    hooks = (f":{hook} {policy} [0:0]" for hook in ("INPUT", "FORWARD", "OUTPUT"))
    return ruleset("*filter", *hooks, *(f":{chain} - [0:0]" for chain in chains), *rules, "COMMIT")


def test_the_classic_sample_is_hooks_a_service_and_its_pods() -> None:
    assert [edge for edge in edges(sample(CLASSIC)) if "nat" not in edge][:9] == [
        "PREROUTING > KUBE-SERVICES jump",
        "KUBE-SERVICES > service 0 jump",
        "KUBE-SERVICES > KUBE-NODEPORTS jump",
        "service 0 > 192.168.104.1:80 share",
        "service 0 > 192.168.166.129:80 share",
        "service 0 > 192.168.166.130:80 share",
        "OUTPUT > KUBE-SERVICES jump",
        "POSTROUTING > KUBE-POSTROUTING jump",
        "KUBE-POSTROUTING > MASQUERADE ends",
    ]


def test_without_folding_each_chain_is_a_node_and_the_edge_to_it_has_the_share() -> None:
    picture = sample(CLASSIC, Look(fold=False))
    shares = {short(edge.target): float(end.share) for edge in picture.edges for _, end in edge.shares if end.share is not None}

    assert {edge for edge in edges(picture) if "HZVZGM4N576VDS2S" in edge} == {
        "KUBE-SVC-2CMXP7HKUVJN7L6M > KUBE-SEP-HZVZGM4N576VDS2S jump",
        "KUBE-SEP-HZVZGM4N576VDS2S > KUBE-MARK-MASQ jump",
        "KUBE-SEP-HZVZGM4N576VDS2S > 192.168.104.1:80 dnat",
    }
    assert shares == {
        "KUBE-SEP-HZVZGM4N576VDS2S": 715827883 / 2**31,
        "KUBE-SEP-E4DERYY2XOMCBE7I": pytest.approx(1 / 3, abs=1e-9),
        "KUBE-SEP-QZQ6SCLOCLOPP2FJ": pytest.approx(1 / 3, abs=1e-9),
    }


def test_a_service_that_is_asked_for_is_shown_chain_by_chain_from_the_hooks_to_masquerade() -> None:
    picture = sample(CLASSIC, Look(service="nginx"))

    assert edges(picture) == [
        "PREROUTING > KUBE-SERVICES jump",
        "KUBE-SERVICES > KUBE-SVC-2CMXP7HKUVJN7L6M jump",
        "OUTPUT > KUBE-SERVICES jump",
        "POSTROUTING > KUBE-POSTROUTING jump",
        "KUBE-SVC-2CMXP7HKUVJN7L6M > KUBE-MARK-MASQ jump",
        "KUBE-SVC-2CMXP7HKUVJN7L6M > 192.168.104.1:80 share",
        "KUBE-SVC-2CMXP7HKUVJN7L6M > 192.168.166.129:80 share",
        "KUBE-SVC-2CMXP7HKUVJN7L6M > 192.168.166.130:80 share",
        "KUBE-POSTROUTING > MASQUERADE ends",
        "KUBE-MARK-MASQ > KUBE-POSTROUTING marked",
    ]
    assert {short(node.key): node.elsewhere for node in picture.nodes if node.elsewhere} == {"KUBE-SERVICES": 1}


def test_a_service_is_shown_where_its_traffic_is_dropped_and_its_health_checks_are_let_in() -> None:
    picture = sample(MIXED, Look(service="ingress-nginx/ingress-nginx-controller:http"))
    (dropped,) = [edge for edge in picture.edges if short(edge.source) == "KUBE-EXTERNAL-SERVICES"]
    (let_in,) = [edge for edge in picture.edges if short(edge.target) == "ACCEPT"]

    assert ([rule.line for rule in dropped.rules], [route.place for _, route in dropped.places]) == ([34, 35], ["192.0.2.240:80", "31080"])
    assert ([rule.line for rule in let_in.rules], [port.health_check_node_port for port in let_in.health]) == ([43], [31999])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ingress-nginx/ingress-nginx-controller:http", ["ingress-nginx-controller:http"]),
        ("ingress-nginx/ingress-nginx-controller", ["ingress-nginx-controller:http", "ingress-nginx-controller:https"]),
        ("nginx-controller:http", ["ingress-nginx-controller:http", "ingress-nginx-controller:https"]),
        ("game/lobby:game/UDP", ["lobby:game"]),
        ("game/lobby:game/TCP", []),
    ],
)
def test_a_service_that_is_called_just_so_is_meant_alone(text: str, expected: list[str]) -> None:
    picture = sample(MIXED, Look(service=text))
    shown = {port.service_port.text for node in picture.nodes for port in node.ports if port.service_port is not None}

    assert sorted(name.partition("/")[2] for name in shown) == expected


def test_what_is_meant_in_another_dump_is_not_looked_for_in_this_one() -> None:
    look = Look(service="ingress-nginx/ingress-nginx-controller:ht", meant=frozenset({("shop/other:http", "TCP")}))

    assert sample(MIXED, look).nodes == ()


def test_up_to_1_18_the_rule_that_marks_for_a_service_stands_before_its_chain_and_others_are_not_shown() -> None:
    marks = tuple(
        f'-A KUBE-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.{number}/32 -p tcp -m comment --comment "shop/web{number} cluster IP" '
        "-m tcp --dport 80 -j KUBE-MARK-MASQ"
        for number in (1, 2)
    )
    found = nat(service("shop/web1", 1), service("shop/web2", 1, number=2), chains=("KUBE-MARK-MASQ",), rules=(*marks, MARKS[0]))
    picture = drawn(found, Look(service="shop/web1"))

    assert [edge for edge in edges(picture) if "KUBE-SERVICES >" in edge] == [
        f"KUBE-SERVICES > KUBE-SVC-{service_hash('shop/web1', 'TCP')} jump",
        "KUBE-SERVICES > KUBE-MARK-MASQ jump",
    ]


def test_a_service_without_endpoints_is_shown_where_it_is_refused() -> None:
    picture = sample(MIXED, Look(service="default/old-canary"))

    assert nodes(picture)["empty"] == ("default/old-canary:http",)
    assert [edge for edge in edges(picture) if "empty" in edge] == [
        "KUBE-EXTERNAL-SERVICES > empty ends",
        "empty > REJECT ends x2",
        "KUBE-SERVICES > empty ends",
    ]


def test_a_service_with_source_ranges_is_shown_where_others_are_dropped() -> None:
    picture = sample(MIXED, Look(service="istio-ingressgateway:https"))

    assert [edge for edge in edges(picture) if "PROXY-FIREWALL >" in edge] == ["KUBE-PROXY-FIREWALL > DROP ends"]


def test_a_chain_is_shown_with_all_it_leads_to_and_what_leads_to_it() -> None:
    found = table(
        "-A INPUT -j A", "-A A -j B", "-A A -j OTHER", "-A B -j C", "-A C -j DROP", "-A OTHER -j ACCEPT", chains=("A", "B", "C", "OTHER")
    )
    picture = drawn(found, Look(chains=("B",)))

    assert edges(picture) == ["INPUT > A jump", "A > B jump", "B > C jump", "C > DROP ends"]
    assert [node.elsewhere for node in picture.nodes if short(node.key) == "A"] == [1]


def test_a_chain_of_a_service_opens_the_service() -> None:
    picture = sample(CLASSIC, Look(chains=("KUBE-SVC-2CMXP7HKUVJN7L6M",)))

    assert edges(picture) == edges(sample(CLASSIC, Look(service="nginx")))


def test_a_chain_of_an_endpoint_that_is_asked_for_is_a_node_of_its_own_and_others_are_not_there() -> None:
    picture = sample(CLASSIC, Look(chains=("KUBE-SEP-HZVZGM4N576VDS2S",)))

    assert edges(picture) == [
        "PREROUTING > KUBE-SERVICES jump",
        "KUBE-SERVICES > KUBE-SVC-2CMXP7HKUVJN7L6M jump",
        "KUBE-SVC-2CMXP7HKUVJN7L6M > KUBE-SEP-HZVZGM4N576VDS2S jump",
        "OUTPUT > KUBE-SERVICES jump",
        "POSTROUTING > KUBE-POSTROUTING jump",
        "KUBE-SEP-HZVZGM4N576VDS2S > KUBE-MARK-MASQ jump",
        "KUBE-SEP-HZVZGM4N576VDS2S > 192.168.104.1:80 dnat",
        "KUBE-POSTROUTING > MASQUERADE ends",
        "KUBE-MARK-MASQ > KUBE-POSTROUTING marked",
    ]
    assert [len(edge.shares) for edge in picture.edges if "SEP" in edge.target] == [1]


def test_the_chain_that_marks_is_shown_with_the_services_that_lead_to_it_and_where_the_mark_counts() -> None:
    assert edges(sample(CLASSIC, Look(chains=("KUBE-MARK-MASQ",)))) == [
        "PREROUTING > KUBE-SERVICES jump",
        "KUBE-SERVICES > service 0 jump",
        "service 0 > KUBE-MARK-MASQ jump",
        "OUTPUT > KUBE-SERVICES jump",
        "POSTROUTING > KUBE-POSTROUTING jump",
        "KUBE-POSTROUTING > MASQUERADE ends",
        "KUBE-MARK-MASQ > KUBE-POSTROUTING marked",
    ]


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (Look(), ["raw", "mangle", "nat", "filter", "security"]),
        (Look(table="mangle"), ["mangle"]),
        (Look(chains=("OUTPUT",), table="nat"), ["nat"]),
    ],
)
def test_tables_stand_in_the_order_of_the_hook_that_has_all_of_them_or_one_alone(look: Look, expected: list[str]) -> None:
    tables = ("filter", "nat", "security", "raw", "mangle")
    found = ruleset(*(line for name in tables for line in (f"*{name}", ":OUTPUT ACCEPT [0:0]", "-A OUTPUT -j ACCEPT", "COMMIT")))
    picture = drawn(found, look)

    assert list(dict.fromkeys(node.table for node in picture.nodes if node.table)) == expected


@pytest.mark.parametrize("look", [Look(service="nobody"), Look(chains=("NOBODY",))])
def test_what_fits_nothing_is_an_empty_picture(look: Look) -> None:
    picture = sample(CLASSIC, look)

    assert (picture.nodes, picture.edges) == ((), ())


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-A INPUT -j A", "INPUT > A jump"),
        ("-A INPUT -g A", "INPUT > A goto"),
        ("-A INPUT -j DROP", "INPUT > DROP ends"),
        ("-A INPUT -p tcp -j REJECT --reject-with tcp-reset", "INPUT > REJECT ends"),
        ("-A INPUT -j NFQUEUE --queue-num 1", "INPUT > NFQUEUE ends"),
    ],
)
def test_each_kind_of_rule_has_its_edge(rule: str, expected: str) -> None:
    assert expected in edges(drawn(table(rule, "-A A -j ACCEPT", chains=("A",))))


def test_rules_that_go_on_or_return_have_no_edge_and_the_targets_of_the_first_are_told() -> None:
    picture = drawn(table("-A INPUT -j LOG", "-A INPUT -j LOG", "-A INPUT -s 10.0.0.1/32", "-A INPUT -j RETURN"))

    assert edges(picture) == []
    assert [(node.names, node.acts) for node in picture.nodes] == [(("INPUT",), ("LOG",))]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            ("-A INPUT -m statistic --mode random --probability 0.25 -j A", "-A INPUT -j B"),
            {"A": (0.25, None, False), "B": (0.75, None, False)},
        ),
        (
            ("-A INPUT -p tcp -m statistic --mode random --probability 0.25 -j A", "-A INPUT -p tcp -j B"),
            {"A": (0.25, None, True), "B": (0.75, None, True)},
        ),
        (
            ("-A INPUT -s 10.0.0.1/32 -j DROP", "-A INPUT -m statistic --mode random --probability 0.5 -j A", "-A INPUT -j B"),
            {"A": (0.5, 8, False), "B": (0.5, 8, False)},
        ),
        (
            (
                "-A INPUT -m statistic --mode random --probability 0.5 -j A",
                "-A INPUT -m statistic --mode random --probability 0.5 -j B",
                "-A INPUT -j A",
            ),
            {"A": (0.75, None, False), "B": (0.25, None, False)},
        ),
        (("-A INPUT -s 10.0.0.1/32 -j A", "-A INPUT -j B"), {}),
    ],
)
def test_rules_that_draw_lots_together_have_their_share(
    rules: tuple[str, ...], expected: dict[str, tuple[float, int | None, bool]]
) -> None:
    picture = drawn(table(*rules, "-A A -j ACCEPT", "-A B -j ACCEPT", chains=("A", "B")))

    assert {
        short(edge.target): (float(edge.draw.share), edge.draw.since, edge.draw.asks) for edge in picture.edges if edge.draw is not None
    } == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-A INPUT -m statistic --mode random --probability 0.25 -j DROP", "with probability 25.0 %"),
        ("-A INPUT -m statistic --mode nth --every 3 --packet 0 -j DROP", "one packet in every 3, beginning with packet 1"),
        ("-A INPUT -p tcp -j DROP", None),
    ],
)
def test_a_rule_that_draws_alone_says_how_often_it_matches(rule: str, expected: str | None) -> None:
    (edge,) = drawn(table(rule)).edges

    assert (None if edge.chance is None else edge.chance.english()) == expected


def test_several_rules_from_chain_to_chain_are_one_edge_with_the_first_of_them() -> None:
    rules = [f"-A INPUT -s 10.0.0.{number}/32 -j ACCEPT" for number in range(1, 6)]
    (edge,) = drawn(table(*rules)).edges

    assert (edge.times, [rule.text for rule in edge.rules]) == (5, rules[:3])


def test_a_policy_that_drops_is_an_edge() -> None:
    assert edges(drawn(table(policy="DROP"))) == ["INPUT > DROP policy", "FORWARD > DROP policy", "OUTPUT > DROP policy"]


def test_hooks_without_rules_that_accept_are_left_out_and_so_are_tables_of_them() -> None:
    assert drawn(table(chains=("UNUSED",))).nodes == ()


def test_a_chain_that_is_not_in_the_dump_is_a_node_that_says_so() -> None:
    picture = drawn(table("-A INPUT -j GONE"))

    assert [node.names for node in picture.nodes if node.missing] == [("GONE",)]


def test_a_chain_that_nothing_leads_to_says_so_and_no_other_does() -> None:
    picture = drawn(table("-A INPUT -j A", "-A A -j DROP", "-A LOST -j B", "-A B -j DROP", chains=("A", "B", "LOST")))

    assert [node.names for node in picture.nodes if node.alone] == [("LOST",)]


@pytest.mark.parametrize("name", [*SAMPLES, *(name for name in FIXTURES if "mixed" in name)])
@pytest.mark.parametrize("fold", [True, False])
def test_in_a_stock_dump_only_chains_that_no_rule_names_are_said_to_be_alone(name: str, *, fold: bool) -> None:
    text = (ROOT / name).read_text("utf-8")
    alone = [node.names[0] for node in sample(name, Look(fold=fold)).nodes if node.alone]

    assert [chain for chain in alone if f"-j {chain}\n" in text or f"-g {chain}\n" in text] == []


def test_chains_in_a_loop_are_each_shown_once() -> None:
    picture = drawn(table("-A INPUT -j A", "-A A -j B", "-A B -j A", "-A B -j B", chains=("A", "B")))

    assert edges(picture) == ["INPUT > A jump", "A > B jump", "B > A jump", "B > B jump"]


def test_a_chain_that_only_its_own_rule_leads_to_is_not_said_to_be_alone() -> None:
    assert [node.alone for node in drawn(table("-A C -j C", chains=("C",))).nodes] == [False]


def test_a_chain_that_no_rule_leads_to_says_so_where_services_are_folded_by_namespace_too() -> None:
    many = [service(f"ns/web{number}", 1, number=number) for number in range(1, 43)]
    picture = drawn(nat(*many, chains=CHAINS_OF_MARKS, rules=(*MARKS, f"-A {many[0][0][1]} -s 10.244.1.1/32 -j KUBE-MARK-MASQ")))

    assert [node.names[0] for node in picture.nodes if node.alone] == ["KUBE-MARK-DROP"]


def test_without_folding_chains_are_shown_that_do_nothing_and_that_nothing_leads_to() -> None:
    found = table("-A INPUT -j A", "-A A -j DROP", chains=("A", "CANARY"))

    assert [node.names[0] for node in drawn(found, Look(fold=False)).nodes] == ["INPUT", "A", "DROP", "CANARY"]
    assert [node.names[0] for node in drawn(found).nodes] == ["INPUT", "A", "DROP"]


def test_of_many_pods_the_first_have_nodes_and_one_stands_for_the_rest() -> None:
    picture = drawn(nat(service("shop/web", 12)))
    (rest,) = [node for node in picture.nodes if node.kind == "more"]
    (edge,) = [edge for edge in picture.edges if edge.target == rest.key]

    assert sum(node.kind == "pod" for node in picture.nodes) == 7
    assert rest.names == tuple(f"10.244.1.{number}:80" for number in range(8, 13))
    assert [end.address for _, end in edge.shares] == list(rest.names)


def test_eight_pods_have_a_node_each() -> None:
    assert [node.kind for node in drawn(nat(service("shop/web", 8))).nodes if not node.table] == ["pod"] * 8


def test_with_many_pods_in_the_picture_those_of_each_service_are_one_node() -> None:
    picture = drawn(nat(*(service(f"shop/web{number}", 5, number=number) for number in range(1, 7))))

    assert [len(node.names) for node in picture.nodes if not node.table] == [5] * 6
    assert {node.kind for node in picture.nodes if not node.table} == {"pods"}


def test_more_than_forty_services_are_folded_by_namespace_and_none_is_lost() -> None:
    names = [f"ns{number % 3}/web{number}" for number in range(41)]
    picture = drawn(nat(*(service(name, 2, number=number + 1) for number, name in enumerate(names))))
    folded = [node for node in picture.nodes if node.kind == "services"]

    assert [(node.common, len(node.ports), node.pods) for node in folded] == [("ns0", 14, 28), ("ns1", 14, 28), ("ns2", 13, 26)]
    assert sorted(name for node in folded for name in node.names) == sorted(names)
    assert [edge for edge in edges(picture) if edge.startswith("KUBE-SERVICES")] == [
        "KUBE-SERVICES > namespace ns0 jump x14",
        "KUBE-SERVICES > namespace ns1 jump x14",
        "KUBE-SERVICES > namespace ns2 jump x13",
    ]


def test_the_small_ones_of_many_namespaces_share_a_node() -> None:
    names = [f"ns{number:02}/web" for number in range(50)] + ["ns49/more"]
    picture = drawn(nat(*(service(name, 1, number=number + 1) for number, name in enumerate(names))))
    folded = [node for node in picture.nodes if node.kind == "services"]

    assert len(folded) == 40
    assert [len(node.names) for node in folded if not node.common] == [11]
    assert [len(node.names) for node in folded if node.common == "ns49"] == [2]
    assert sorted(name for node in folded for name in node.names) == sorted(names)


def test_a_foreign_rule_in_the_chain_of_a_folded_service_keeps_its_edge() -> None:
    picture = drawn(nat(service("shop/web", 2, more=("-s 10.0.0.9/32 -j MINE",)), chains=("MINE",), rules=("-A MINE -j ACCEPT",)))

    assert "service 0 > MINE jump" in edges(picture)


def test_chains_of_one_form_whose_names_begin_alike_are_one_node_that_has_all_names() -> None:
    chains = tuple(f"cali-tw-cali{number}" for number in range(5))
    jumps = [f"-A FORWARD -o cali{number} -j {chain}" for number, chain in enumerate(chains)]
    picture = drawn(table(*jumps, *(f"-A {chain} -j ACCEPT" for chain in chains), chains=chains))

    assert edges(picture) == ["FORWARD > chains 0 jump x5", "chains 0 > ACCEPT ends x5"]
    assert [(node.common, node.names) for node in picture.nodes if node.kind == "chains"] == [("cali-tw-", chains)]


@pytest.mark.parametrize(
    "rules",
    [
        ("-A f-a -j ACCEPT", "-A f-b -j ACCEPT", "-A f-c -j ACCEPT"),
        ("-A f-a -j ACCEPT", "-A f-b -j ACCEPT", "-A f-c -j ACCEPT", "-A f-d -j DROP"),
        ("-A f-a -j ACCEPT", "-A g-b -j ACCEPT", "-A h-c -j ACCEPT", "-A i-d -j ACCEPT"),
    ],
)
def test_few_chains_and_those_of_other_forms_or_names_stay_by_themselves(rules: tuple[str, ...]) -> None:
    chains = tuple(rule.split()[1] for rule in rules)
    picture = drawn(table(*(f"-A INPUT -j {chain}" for chain in chains), *rules, chains=chains))

    assert [node.kind for node in picture.nodes if node.names[0] in chains] == ["chain"] * len(chains)


def test_a_chain_that_is_asked_for_is_not_folded() -> None:
    chains = tuple(f"cali-tw-cali{number}" for number in range(6))
    picture = drawn(table(*(f"-A {chain} -j ACCEPT" for chain in chains), chains=chains), Look(chains=(chains[2],)))

    assert edges(picture) == [f"{chains[2]} > ACCEPT ends"]


def test_chains_without_rules_are_one_node() -> None:
    picture = drawn(table("-A INPUT -j A", "-A FORWARD -j B", "-A FORWARD -j A", chains=("A", "B")))

    assert edges(picture) == ["INPUT > chains filter jump", "FORWARD > chains filter jump x2"]
    assert nodes(picture)["chains filter"] == ("A", "B")
    assert [edge.entered for edge in picture.edges] == [("A",), ("B", "A")]


def test_of_many_new_destinations_of_a_chain_the_last_share_a_node() -> None:
    rules = tuple(f"-A DOCKER -p tcp -m tcp --dport {port} -j DNAT --to-destination 172.17.0.2:{port}" for port in range(8001, 8013))
    picture = drawn(nat(chains=("DOCKER",), rules=("-A PREROUTING -j DOCKER", *rules)))

    assert sum(node.kind == "pod" for node in picture.nodes) == 7
    assert [node.names for node in picture.nodes if node.kind == "more"] == [tuple(f"172.17.0.2:{port}" for port in range(8008, 8013))]


def test_the_sets_of_a_local_policy_are_told_apart_on_the_edge() -> None:
    picture = sample(LOCAL, Look(service="pol/both-local-some"))
    local = {end.address for edge in picture.edges for name, end in edge.shares if name == "local"}

    assert local == {"10.244.1.70:8080", "10.244.1.71:8080"}


@pytest.mark.parametrize("name", [*SAMPLES, *FIXTURES])
def test_every_service_and_every_pod_of_a_dump_is_in_its_picture(name: str) -> None:
    for found in services(load(ROOT / name, name=name)):
        picture = graph(found)
        shown = {port.service_port.text for node in picture.nodes for port in node.ports if port.service_port is not None}
        grouped = any(node.kind == "services" for node in picture.nodes)
        addresses = {address for node in picture.nodes if node.kind in {"pod", "pods", "more"} for address in node.names}
        reached = {end.address for port in found.ports for ends in port.endpoint_sets.values() for end in ends}
        of_chains = found.proxy is not None and found.proxy.mode == "iptables"

        assert not of_chains or shown == {port.service_port.text for port in found.ports if port.service_port is not None}
        assert not of_chains or grouped or addresses >= reached


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "look", [Look(), Look(fold=False), Look(service=""), Look(chains=("KUBE-SERVICES",)), Look(chains=("KUBE-MARK-MASQ",))]
)
def test_edges_join_nodes_of_the_picture_and_no_node_is_there_twice(name: str, look: Look) -> None:
    picture = sample(name, look)
    keys = [node.key for node in picture.nodes]

    assert len(keys) == len(set(keys))
    assert {edge.source for edge in picture.edges} | {edge.target for edge in picture.edges} <= set(keys)


MARKING = ("-d 10.96.0.1/32 -j KUBE-MARK-MASQ", "-j KUBE-MARK-DROP")
MARKS = ("-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000", "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000")
CHAINS_OF_MARKS = ("KUBE-MARK-MASQ", "KUBE-MARK-DROP")


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (Look(), {}),
        (Look(service="shop/web"), {"KUBE-MARK-MASQ": 1, "KUBE-MARK-DROP": 1}),
        (Look(chains=("KUBE-MARK-MASQ",)), {"KUBE-MARK-MASQ": 1}),
        (Look(fold=False), {"KUBE-MARK-MASQ": 1, "KUBE-MARK-DROP": 1}),
    ],
)
def test_jumps_of_services_to_chains_that_mark_have_edges_only_where_they_are_looked_at(look: Look, expected: dict[str, int]) -> None:
    picture = drawn(nat(service("shop/web", 2, more=MARKING), chains=CHAINS_OF_MARKS, rules=MARKS), look)

    assert {short(edge.target): edge.times for edge in picture.edges if "KUBE-MARK" in edge.target} == expected


def test_a_chain_that_marks_says_that_services_jump_there() -> None:
    picture = drawn(nat(service("shop/web", 2, more=MARKING), chains=CHAINS_OF_MARKS, rules=MARKS))

    assert {node.names[0]: (node.called, node.alone) for node in picture.nodes if node.names[0] in CHAINS_OF_MARKS} == {
        "KUBE-MARK-MASQ": (True, False),
        "KUBE-MARK-DROP": (True, False),
    }
    assert [node.marks for node in picture.nodes if node.kind == "service"] == [1]


@pytest.mark.parametrize(
    ("rule", "joined"),
    [
        ("-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000", True),
        ("-A KUBE-MARK-MASQ -j MARK --set-xmark 0x2000/0x2000", False),
        ("-A KUBE-MARK-MASQ -j ACCEPT", False),
    ],
)
def test_where_packets_are_marked_is_joined_to_where_this_mark_counts(rule: str, *, joined: bool) -> None:
    masquerades = (
        "-A POSTROUTING -j KUBE-POSTROUTING",
        "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
        "-A KUBE-POSTROUTING -j MASQUERADE",
    )
    found = nat(service("shop/web", 1, more=MARKING[:1]), chains=("KUBE-MARK-MASQ", "KUBE-POSTROUTING"), rules=(rule, *masquerades))

    assert ("KUBE-MARK-MASQ > KUBE-POSTROUTING marked" in edges(drawn(found))) == joined
