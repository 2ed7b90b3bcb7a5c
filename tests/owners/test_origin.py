from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iptexplain.model.ruleset import BUILT_IN
from iptexplain.owners.kube_proxy.origin import IPVS_ROWS, ROWS, Origin, origin
from iptexplain.owners.kube_proxy.signs import Versions, versions
from iptexplain.owners.makers import KUBE, maker
from iptexplain.parsing.reader import read
from tests.dumps import ruleset, saved_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iptexplain.model.ruleset import Rule

OF_KUBE_PROXY = [path for path in saved_files() if "kube-proxy" in path.parts]
VERSIONED = [path for path in OF_KUBE_PROXY if path.parent.name.startswith("1.")]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def rules(path: Path) -> Iterator[tuple[str, Rule, Origin | None]]:
    """The rules of a file, with their tables and origins."""
    for dump in read(path.name, path.read_bytes()).dumps:
        dates = versions(dump)
        for table in dump.tables:
            for rule in table.rules:
                yield table.name, rule, origin(table.name, rule, dates)


def is_of_kubernetes(rule: Rule) -> bool:
    return maker(rule.chain) in KUBE or (rule.chain in BUILT_IN and maker(rule.target_name or "") in KUBE)


@pytest.mark.parametrize("path", OF_KUBE_PROXY, ids=named)
def test_each_rule_of_kube_proxy_has_an_origin_and_no_other_rule(path: Path) -> None:
    wrong = [(table, rule.text, found) for table, rule, found in rules(path) if is_of_kubernetes(rule) != (found is not None)]

    assert wrong == []


@pytest.mark.parametrize("path", VERSIONED, ids=named)
def test_no_rule_is_said_to_be_of_another_version_than_that_which_wrote_it(path: Path) -> None:
    minor = int(path.parent.name.split(".")[1])

    for _, rule, found in rules(path):
        assert found is not None
        assert int(found.since.removeprefix("1.") or 0) <= minor <= int(found.until.removeprefix("1.") or 99), rule.text


@pytest.mark.parametrize("row", [*ROWS, *IPVS_ROWS], ids=lambda row: f"{row.table}-{row.chain}-{row.target}-{row.comment}")
def test_why_a_rule_is_there_is_a_sentence_without_a_full_stop(row: object) -> None:
    assert isinstance(row, tuple)
    found = next(field for field in row if isinstance(field, Origin))

    assert found.why[0].islower()
    assert not found.why.endswith(".")
    assert "{" not in found.why


H = "2CMXP7HKUVJN7L6M"
SAYS = "-m comment --comment"
LAST = "kubernetes service nodeports; NOTE: this must be the last rule in this chain"
KNOWN = "-m conntrack --ctstate RELATED,ESTABLISHED"
SNAT = "kubernetes service traffic requiring SNAT"
KUBELET = "syncNetworkUtil (<1.25), syncIPTablesRules (>=1.25)"
DROPS = "syncNetworkUtil (<1.25), syncIPTablesRulesDeprecated (>=1.25)"
BOTH = f"syncProxyRules, {DROPS}"
EITHER = "syncProxyRules (<1.23), writeServiceToEndpointRules (>=1.23)"
LINK = "createAndLinkeKubeChain (<1.21), createAndLinkKubeChain (>=1.21)"
MOVED = f"createAndLinkeKubeChain, writeIptablesRules, {DROPS}"
OLD, MIDDLE, NEW = Versions(16, 17), Versions(23, 23), Versions(28, 30)


def only(table: str, line: str) -> Rule:
    chain = line.split()[1]
    found = ruleset(f"*{table}", f":{chain} {'ACCEPT' if chain in BUILT_IN else '-'} [0:0]", line, "COMMIT")
    return found.dumps[0].tables[0].rules[0]


@pytest.mark.parametrize(
    ("table", "line", "known", "expected"),
    [
        ("nat", f'-A PREROUTING {SAYS} "kubernetes service portals" -j KUBE-SERVICES', None, ("syncProxyRules", "", "")),
        (
            "filter",
            f'-A FORWARD -m conntrack --ctstate NEW {SAYS} "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
            None,
            ("syncProxyRules", "1.25", ""),
        ),
        (
            "filter",
            f'-A INPUT {SAYS} "kubernetes health check service ports" -j KUBE-NODEPORTS',
            None,
            ("syncProxyRules", "1.21", ""),
        ),
        ("filter", "-A INPUT -j KUBE-FIREWALL", Versions(16, 18), (KUBELET, "", "")),
        ("filter", "-A INPUT -j KUBE-FIREWALL", NEW, (f"{KUBELET}, syncProxyRules (>=1.27)", "", "")),
        ("filter", "-A INPUT -j KUBE-FIREWALL", None, (f"{KUBELET}, syncProxyRules (>=1.27)", "", "")),
        (
            "filter",
            f'-A KUBE-FIREWALL {SAYS} "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP',
            None,
            (DROPS, "", "1.26"),
        ),
        ("filter", "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP", None, ("syncProxyRules", "", "")),
        (
            "filter",
            "-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP",
            None,
            ("syncProxyRules", "1.31", ""),
        ),
        (
            "filter",
            f'-A KUBE-FORWARD {SAYS} "kubernetes forwarding conntrack rule" {KNOWN} -j ACCEPT',
            None,
            ("syncProxyRules", "1.23", ""),
        ),
        (
            "filter",
            f'-A KUBE-FORWARD {SAYS} "kubernetes forwarding conntrack pod source rule" {KNOWN} -j ACCEPT',
            None,
            ("syncProxyRules", "", "1.22"),
        ),
        (
            "filter",
            f'-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp {SAYS} "a/b has no endpoints" -m tcp --dport 80 -j REJECT',
            None,
            ("syncProxyRules", "", ""),
        ),
        (
            "filter",
            f'-A KUBE-EXTERNAL-SERVICES -d 1.2.3.4/32 -p tcp {SAYS} "a/b has no local endpoints" -m tcp --dport 80 -j DROP',
            None,
            ("syncProxyRules", "1.25", ""),
        ),
        (
            "nat",
            f'-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp {SAYS} "a/b cluster IP" -m tcp --dport 80 -j KUBE-SVC-{H}',
            None,
            ("syncProxyRules", "", ""),
        ),
        (
            "nat",
            f'-A KUBE-SERVICES ! -s 10.0.0.0/8 -d 10.96.0.9/32 -p tcp {SAYS} "a/b cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
            None,
            ("syncProxyRules", "", "1.21"),
        ),
        (
            "nat",
            f'-A KUBE-SVC-{H} ! -s 10.0.0.0/8 -d 10.96.0.9/32 -p tcp {SAYS} "a/b cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
            None,
            ("syncProxyRules", "1.22", ""),
        ),
        (
            "nat",
            f'-A KUBE-SERVICES -d 1.2.3.4/32 -p tcp {SAYS} "a/b external IP" -m tcp --dport 80 -j KUBE-EXT-{H}',
            None,
            ("syncProxyRules", "1.24", ""),
        ),
        (
            "nat",
            f'-A KUBE-SERVICES -d 1.2.3.4/32 -p tcp {SAYS} "a/b external IP" -m tcp --dport 80 -j KUBE-SVC-{H}',
            None,
            ("syncProxyRules", "1.21", "1.23"),
        ),
        (
            "nat",
            f'-A KUBE-SERVICES ! -d 127.0.0.0/8 {SAYS} "{LAST}" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
            None,
            ("syncProxyRules", "1.26", ""),
        ),
        (
            "nat",
            f'-A KUBE-NODEPORTS -p tcp {SAYS} "a/b" -m tcp --dport 30080 -j KUBE-XLB-{H}',
            None,
            ("syncProxyRules", "", "1.23"),
        ),
        ("nat", f"-A KUBE-EXT-{H} -j KUBE-SVL-{H}", None, ("syncProxyRules", "1.24", "")),
        (
            "nat",
            f'-A KUBE-FW-{H} {SAYS} "other traffic to a/b will be dropped by KUBE-PROXY-FIREWALL"',
            None,
            ("syncProxyRules", "1.27", ""),
        ),
        (
            "nat",
            f'-A KUBE-SVC-{H} {SAYS} "a/b -> 10.0.0.1:80" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-{H}',
            None,
            ("writeServiceToEndpointRules", "1.24", ""),
        ),
        ("nat", f'-A KUBE-SVC-{H} {SAYS} "a/b" -j KUBE-SEP-{H}', MIDDLE, ("writeServiceToEndpointRules", "1.23", "1.23")),
        ("nat", f'-A KUBE-SVC-{H} {SAYS} "a/b" -j KUBE-SEP-{H}', Versions(18, 21), ("syncProxyRules", "", "1.22")),
        ("nat", f'-A KUBE-SVC-{H} {SAYS} "a/b" -j KUBE-SEP-{H}', None, (EITHER, "", "1.23")),
        ("nat", f"-A KUBE-SVC-{H} -j KUBE-SEP-{H}", OLD, ("syncProxyRules", "", "1.22")),
        ("nat", f"-A KUBE-SVC-{H} -j KUBE-SEP-{H}", NEW, ("writeServiceToEndpointRules", "1.23", "")),
        ("nat", f"-A KUBE-SVC-{H} -j KUBE-SEP-{H}", None, (EITHER, "", "")),
        ("nat", f"-A KUBE-SVC-{H} -j KUBE-SEP-{H}", Versions(None, None, mixed=True), (EITHER, "", "")),
        ("nat", f"-A KUBE-SVL-{H} -j KUBE-SEP-{H}", None, ("writeServiceToEndpointRules", "1.24", "")),
        ("nat", f"-A KUBE-SVL-{H} -j KUBE-SEP-{H}", Versions(None, None, mixed=True), ("writeServiceToEndpointRules", "1.24", "")),
        ("nat", f'-A KUBE-XLB-{H} {SAYS} "Balancing rule 0 for a/b" -j KUBE-SEP-{H}', None, ("syncProxyRules", "", "1.22")),
        ("nat", f'-A KUBE-XLB-{H} {SAYS} "a/b" -j KUBE-SEP-{H}', MIDDLE, ("writeServiceToEndpointRules", "1.23", "1.23")),
        ("nat", f"-A KUBE-XLB-{H} -j KUBE-SEP-{H}", OLD, ("syncProxyRules", "", "1.22")),
        ("nat", f"-A KUBE-XLB-{H} -j KUBE-SEP-{H}", None, (EITHER, "", "1.23")),
        ("nat", f'-A KUBE-SEP-{H} -s 10.0.0.1/32 {SAYS} "a/b" -j KUBE-MARK-MASQ', None, ("syncProxyRules", "", "")),
        ("nat", "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN", None, (BOTH, "1.16", "")),
        ("nat", "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0", None, (BOTH, "1.16", "")),
        ("nat", f'-A KUBE-POSTROUTING {SAYS} "{SNAT}" -j MASQUERADE --random-fully', None, (BOTH, "1.16", "")),
        ("nat", "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000", None, (BOTH, "", "")),
        ("nat", f'-A POSTROUTING {SAYS} "kubernetes postrouting rules" -j KUBE-POSTROUTING', None, (BOTH, "", "")),
        (
            "nat",
            f'-A KUBE-POSTROUTING {SAYS} "{SNAT}" -m mark --mark 0x4000/0x4000 -j MASQUERADE',
            None,
            ("syncProxyRules, syncNetworkUtil", "", "1.18"),
        ),
        ("nat", "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000", None, (DROPS, "", "1.26")),
    ],
)
def test_a_rule_comes_from_this_function_and_is_of_these_versions(
    table: str, line: str, known: Versions | None, expected: tuple[str, str, str]
) -> None:
    found = origin(table, only(table, line), known)

    assert found is not None
    assert found[:3] == expected


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("filter", "-A KUBE-FORWARD -j DROP"),
        ("filter", "-A KUBE-FORWARD -s 10.0.0.1/32 -j ACCEPT"),
        ("filter", '-A KUBE-FORWARD -m comment --comment "mine" -j ACCEPT'),
        ("filter", "-A INPUT -p tcp -j ACCEPT"),
        ("filter", "-A INPUT -j KUBE-SERVICES"),
        ("nat", f"-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -j KUBE-SVC-{H}"),
        ("nat", f"-A KUBE-SVC-{H} -d 10.96.0.9/32 -j ACCEPT"),
        ("nat", "-A KUBE-SVC-NGINX -j KUBE-SEP-NGINX"),
        ("nat", "-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE"),
        ("nat", "-A MINE -j KUBE-MARK-MASQ"),
        ("mangle", f"-A KUBE-SVC-{H} -j KUBE-SEP-{H}"),
    ],
)
def test_of_a_rule_that_kube_proxy_does_not_write_nothing_is_said(table: str, line: str) -> None:
    assert origin(table, only(table, line), NEW) is None


IPVS = next(path for path in saved_files() if "ipvs" in path.parts)


def test_each_rule_of_a_node_in_mode_ipvs_has_an_origin() -> None:
    found = {(table, rule.text): origin(table, rule, None, "ipvs") for table, rule, _ in rules(IPVS)}

    assert [rule for rule, one in found.items() if one is None] == []
    assert {one.function for one in found.values() if one is not None} == {
        "writeIptablesRules",
        "acceptIPVSTraffic",
        LINK,
        MOVED,
        KUBELET,
    }
    assert {one.since for one in found.values() if one is not None} == {""}


def test_each_rule_of_a_node_in_mode_ipvs_has_an_origin_also_if_the_mode_is_not_told() -> None:
    assert [rule.text for _, rule, found in rules(IPVS) if found is None] == []


@pytest.mark.parametrize(
    ("table", "line", "mode", "function"),
    [
        ("nat", "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN", None, BOTH),
        ("nat", "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN", "iptables", BOTH),
        ("nat", "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN", "ipvs", MOVED),
        (
            "nat",
            f'-A KUBE-POSTROUTING {SAYS} "{SNAT}" -m mark --mark 0x4000/0x4000 -j MASQUERADE',
            "ipvs",
            f"createAndLinkeKubeChain, {DROPS}",
        ),
        ("nat", f'-A KUBE-POSTROUTING {SAYS} "{SNAT}" -j MASQUERADE', "ipvs", MOVED),
        ("nat", "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000", "ipvs", MOVED),
        ("nat", "-A KUBE-LOAD-BALANCER -m set --match-set KUBE-LOAD-BALANCER-FW dst,dst -j KUBE-FIREWALL", "ipvs", "writeIptablesRules"),
        ("nat", "-A KUBE-FIREWALL -m set --match-set KUBE-LOAD-BALANCER-SOURCE-CIDR dst,dst,src -j RETURN", None, "writeIptablesRules"),
        ("nat", "-A KUBE-FIREWALL -m set --match-set KUBE-LOAD-BALANCER-SOURCE-IP dst,dst,src -j RETURN", None, "writeIptablesRules"),
        ("nat", "-A KUBE-FIREWALL -j KUBE-MARK-DROP", "ipvs", "writeIptablesRules"),
        ("nat", "-A KUBE-FIREWALL -j KUBE-MARK-DROP", "iptables", None),
        ("nat", "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN", "userspace", None),
        ("nat", "-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT", None, "acceptIPVSTraffic"),
        ("nat", "-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT", "iptables", None),
        ("nat", "-A KUBE-SERVICES -m set --match-set MINE dst,dst -j ACCEPT", "ipvs", None),
        ("nat", f"-A KUBE-SVC-{H} -j KUBE-SEP-{H}", "ipvs", None),
        ("filter", "-A KUBE-IPVS-FILTER -m set --match-set MINE dst,dst -j RETURN", "ipvs", None),
        ("filter", '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD', "ipvs", LINK),
    ],
)
def test_the_mode_decides_which_function_has_written_a_rule(table: str, line: str, mode: str | None, function: str | None) -> None:
    found = origin(table, only(table, line), None, mode)

    assert (None if found is None else found.function) == function


@pytest.mark.parametrize(
    ("table", "line", "mode", "why"),
    [
        (
            "nat",
            "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000",
            None,
            "table nat cannot drop: it marks, and KUBE-FIREWALL drops in INPUT and OUTPUT (forwarded packets pass)",
        ),
        (
            "filter",
            f'-A KUBE-FIREWALL {SAYS} "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP',
            None,
            "table nat cannot drop: it marks, and this rule drops what is marked in INPUT and OUTPUT (forwarded packets pass)",
        ),
        (
            "filter",
            "-A INPUT -j KUBE-FIREWALL",
            None,
            "packets that KUBE-MARK-DROP has marked, and those from elsewhere to 127.0.0.0/8, have to meet the rules that drop them",
        ),
        (
            "nat",
            f'-A KUBE-FW-{H} {SAYS} "a/b loadbalancer IP" -j KUBE-MARK-DROP',
            None,
            (
                "whoever comes this far may not use the load balancer: the packet is marked, "
                "to be dropped in INPUT and OUTPUT (if forwarded, it passes)"
            ),
        ),
        (
            "nat",
            f'-A KUBE-FW-{H} -s 203.0.113.9/32 {SAYS} "a/b loadbalancer IP" -j KUBE-EXT-{H}',
            None,
            (
                "the Service's loadBalancerSourceRanges let this sender use the load balancer; or, if it is the load balancer's own IP, "
                "it is this node: what it sends to that IP may have it as source"
            ),
        ),
        (
            "nat",
            f'-A KUBE-FW-{H} -s 203.0.113.0/24 {SAYS} "a/b loadbalancer IP" -j KUBE-EXT-{H}',
            None,
            "the Service's loadBalancerSourceRanges let this sender use the load balancer",
        ),
        *(
            ("filter", f'-A {hook} -m conntrack --ctstate NEW {SAYS} "{said}" -j {chain}', None, why)
            for hook, why in (
                ("INPUT", "connections that come to this node for Services without endpoints are refused"),
                ("FORWARD", "connections that are forwarded to Services without endpoints are refused"),
            )
            for chain, said in (
                ("KUBE-SERVICES", "kubernetes service portals"),
                ("KUBE-EXTERNAL-SERVICES", "kubernetes externally-visible service portals"),
            )
        ),
        (
            "filter",
            f'-A OUTPUT -m conntrack --ctstate NEW {SAYS} "kubernetes service portals" -j KUBE-SERVICES',
            None,
            "connections that this node itself opens to Services without endpoints are refused",
        ),
        (
            "filter",
            f'-A FORWARD {SAYS} "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL',
            "ipvs",
            "senders that loadBalancerSourceRanges do not name are kept out, if their packets are forwarded",
        ),
        (
            "nat",
            "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
            None,
            "a packet without the mark keeps its source (a rule since 1.16.13, 1.17.9 and 1.18.6; kubelet up to 1.26 writes it too)",
        ),
    ],
)
def test_why_a_rule_is_there_is_said_as_it_works(table: str, line: str, mode: str | None, why: str) -> None:
    found = origin(table, only(table, line), None, mode)

    assert found is not None
    assert found.why == why
