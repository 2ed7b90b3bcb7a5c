"""For every check, a way to break a healthy dump of kube-proxy so that the check has something to find.

A change is a function from a text to another one. It finds its place by the words of the rules, so it fits the dumps of every version.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iptexplain.lint.finding import ERROR
from iptexplain.owners.kube_proxy.names import endpoint_hash
from tests.lint.of_node import links

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Change = Callable[[str], str]

VERSIONS = ("1.24.3", "1.25.4", "1.28.3", "1.30.3")
"""The versions of kube-proxy in tests/data/kube-proxy."""

PLAIN = "a-classic-nginx.v4"
COUNTED = "a-classic-nginx.legacy.v4.counters"
IPV6 = "h-ipv6.v6"
IPV4 = (PLAIN, COUNTED)
COUNTERS = (COUNTED,)
OUTSIDE = ("d-external-access.v4",)
STICKY = ("f-session-affinity.v4",)
PORTS = ("c-protocols-ports.v4",)


class Break(NamedTuple):
    """A change to some dumps of some versions: to the first dump in each version, to the others in turn.

    `also` are the codes of other errors and warnings that the change gives, each with the reason why that is wrong as well.
    """

    change: Change
    dumps: tuple[str, ...] = (*IPV4, IPV6)
    versions: tuple[str, ...] = VERSIONS
    also: Mapping[str, str] = {}


class Pair(NamedTuple):
    """What a node may give beside some dumps: as it is when nothing is wrong, and broken.

    Both are made from a dump of the same version: the one that they stand beside, or the one that `made_from` names. `change` is done to
    the dump in either case. `severity` is that of the finding, if it is not the check's own.
    """

    input: str
    sound: Change
    broken: Change
    change: Change = str
    made_from: str | None = None
    severity: str | None = None
    dumps: tuple[str, ...] = (PLAIN, IPV6)
    versions: tuple[str, ...] = VERSIONS
    also: Mapping[str, str] = {}


# ---- Words for changes -------------------------------------------------------------------------------------------------


def _compiled(pattern: str) -> re.Pattern[str]:
    """`-A` stands for the beginning of a rule with the counters before it, if there are any."""
    return re.compile(pattern.replace("-A ", r"(?:\[\d+:\d+\] )?-A "), re.MULTILINE)


def _found(text: str, pattern: str) -> re.Match[str]:
    found = _compiled(pattern).search(text)
    assert found is not None, pattern
    return found


def _span(text: str, table: str) -> tuple[int, int]:
    """Where a table stands: from its first line to its COMMIT."""
    start = text.index(f"*{table}\n")
    return start, text.index("COMMIT\n", start)


def _within(table: str, change: Change) -> Change:
    """A change to one table, without its COMMIT."""

    def changed(text: str) -> str:
        start, end = _span(text, table)
        return text[:start] + change(text[start:end]) + text[end:]

    return changed


def _added(table: str, *lines: str, ahead: str = "") -> Change:
    """With more chains (`:NAME - [0:0]`) and rules: ahead of the first rule that begins so, else at the end."""
    chains = "".join(f"{line}\n" for line in lines if line.startswith(":"))
    rules = "".join(f"{line}\n" for line in lines if not line.startswith(":"))

    def change(part: str) -> str:
        at = _found(part, f"^-A {ahead}").start() if ahead else len(part)
        first = part.index("\n") + 1
        return part[:first] + chains + part[first:at] + rules + part[at:]

    return _within(table, change)


def _without(table: str, *patterns: str, only_first: bool = False) -> Change:
    """Without the lines that begin so: rules, and chains if a pattern begins with `:`."""

    def change(part: str) -> str:
        for pattern in patterns:
            line = f"^{pattern}.*\n" if pattern.startswith(":") else f"^-A {pattern}.*\n"
            part = _compiled(line).sub("", part, count=1 if only_first else 0)
        return part

    return _within(table, change)


def _said(table: str, pattern: str, words: str) -> Change:
    """With other words where a pattern first matches."""
    return _within(table, lambda part: _compiled(pattern).sub(words, part, count=1))


def _all(*changes: Change) -> Change:
    """One change after the other."""

    def change(text: str) -> str:
        for one in changes:
            text = one(text)
        return text

    return change


def _renamed(text: str, old: str, new: str) -> str:
    """The whole dump with another name or address wherever one stands."""
    return re.sub(rf"(?<![\w.:]){re.escape(old)}(?![\w.]|:\w*:)", new, text)


def _everywhere(pattern: str, new: str) -> Change:
    """What the group of a pattern holds where it first matches, called otherwise in the whole dump."""
    return lambda text: _renamed(text, _found(text, pattern)[1], new)


def _neighbour(address: str) -> str:
    """An address beside another one, which nobody in the dumps has."""
    return re.sub(r"[\da-f]+$", "fbf" if ":" in address else "251", address)


def _in_brackets(address: str) -> str:
    return f"[{address}]" if ":" in address else address


# ---- Changes that need more than words ---------------------------------------------------------------------------------


_POD = r"--to-destination \[?([\d.]+|[\da-f:]+)\]?:(\d+)\n"
_PODS = r"^-A KUBE-SV[CL]-\w+ ! -s (\S+) "
_CLUSTER_IP = r'^-A KUBE-SERVICES -d (\S+)/\d+ -p (\w+) -m comment --comment "(\S+) cluster IP" -m \w+ --dport (\d+) -j (KUBE-SVC-\w+)\n'
_NODE_PORT = r'^-A KUBE-NODEPORTS -p (\w+) -m comment --comment "(\S+)" -m \w+ --dport (\d+) -j (\S+)\n'


def _cut_off(text: str) -> str:
    return text.rpartition("COMMIT\n")[0]


def _no_filter(text: str) -> str:
    start, end = _span(text, "filter")
    return text[:start] + text[end + len("COMMIT\n") :]


def _forgotten(text: str) -> str:
    """nat and filter as if kube-proxy had never been there, and its canary in mangle."""
    for table in ("nat", "filter"):
        text = _without(table, ":KUBE-", "KUBE-", r"[A-Z]+ .*-j KUBE-")(text)
    return text


def _refused(text: str) -> str:
    """A Service that has endpoints in nat, and none according to filter."""
    address, protocol, name, port, _ = _found(text, _CLUSTER_IP).groups()
    bits = 128 if ":" in address else 32
    asked = f'-d {address}/{bits} -p {protocol} -m comment --comment "{name} has no endpoints" -m {protocol} --dport {port}'
    return _added("filter", f"-A KUBE-SERVICES {asked} -j REJECT --reject-with icmp-port-unreachable")(text)


def _claimed_twice(text: str) -> str:
    """The cluster IP of a Service given to another one with the same port."""
    found = [match.groups() for match in _compiled(_CLUSTER_IP).finditer(text)]
    first, second = next((a, b) for a in found for b in found if a[0] != b[0] and (a[1], a[3]) == (b[1], b[3]))
    return _renamed(text, second[0], first[0])


def _node_port_twice(text: str) -> str:
    """The node port of a Service given to another one."""
    found = [match.groups() for match in _compiled(_NODE_PORT).finditer(text[_span(text, "nat")[0] :])]
    first, second = next((a, b) for a in found for b in found if a[2] != b[2] and a[0] == b[0])
    return text.replace(f"--dport {second[2]} ", f"--dport {first[2]} ")


def _endpoint_is_a_service(text: str) -> str:
    """An endpoint that has the cluster IP of its Service, with a chain of the right name."""
    address, protocol, name, *_ = _found(text, _CLUSTER_IP).groups()
    pattern = rf'^-A (KUBE-SEP-\w+) -p {protocol} -m comment --comment "{name}" .*{_POD}'
    chain, pod, port = _found(text, pattern).groups()
    text = text.replace(chain, f"KUBE-SEP-{endpoint_hash(name, protocol, f'{_in_brackets(address)}:{port}')}")
    return _renamed(text, pod, address)


def _moved_pod(text: str) -> str:
    """Another address of a Pod in all rules, but not in the name of its chain."""
    pod = _found(text, _POD)[1]
    return _renamed(text, pod, _neighbour(pod))


def _other_pod_in_comment(text: str) -> str:
    """A comment that tells another endpoint than the one that the rule leads to."""
    pod, port = _found(text, _POD).groups()
    return text.replace(f" -> {_in_brackets(pod)}:{port}", f" -> {_in_brackets(_neighbour(pod))}:{port}")


def _among_pods(text: str) -> str:
    """A cluster IP beside a Pod."""
    return _renamed(text, _found(text, _CLUSTER_IP)[1], _neighbour(_found(text, _POD)[1]))


def _between_pods(table: str, words: str, ahead: str) -> Change:
    """A rule about the network of the Pods ahead of another one."""
    return lambda text: _added(table, words.format(pods=_found(text, _PODS)[1]), ahead=ahead)(text)


def _accepted_not_refused(text: str) -> str:
    """A rule that accepts what kube-proxy refuses behind it."""
    address = _found(text, r"^-A KUBE-SERVICES -d (\S+) .*-j REJECT")[1]
    return _added("filter", f"-A FORWARD -d {address} -j ACCEPT", ahead=r"FORWARD .*-j KUBE-SERVICES")(text)


def _not_tracked(text: str) -> str:
    return text + _RAW.format(f"-A PREROUTING -d {_found(text, _CLUSTER_IP)[1]} -j CT --notrack")


def _twice_in_a_chain(text: str) -> str:
    """The rule to the last endpoint but one in the place of the rule to the last one."""
    pattern = r"^(-A (KUBE-SVC-\w+) .*) -m statistic --mode random --probability 0\.50000000000 (-j KUBE-SEP-\w+\n)-A \2 .*\n"
    return _compiled(pattern).sub(lambda match: f"{match[0].splitlines()[0]}\n{match[1]} {match[3]}", text, count=1)


def _no_local_endpoints(text: str) -> str:
    """A Service with externalTrafficPolicy Local whose endpoints on this node are gone: as kube-proxy writes it then."""
    hash_ = _found(text, r"^-A KUBE-EXT-(\w+) -j KUBE-SVL-")[1]
    protocol, name, port, _ = _found(text, _NODE_PORT.replace(r"-j (\S+)", rf"-j (KUBE-EXT-{hash_})")).groups()
    if ":KUBE-MARK-DROP " in text:
        local = f'-A KUBE-SVL-{hash_} -m comment --comment "{name} has no local endpoints" -j KUBE-MARK-DROP'
        return _added("nat", local)(_without("nat", f"KUBE-SVL-{hash_} ")(text))
    asked = f'-p {protocol} -m comment --comment "{name} has no local endpoints" -m addrtype --dst-type LOCAL -m {protocol} --dport {port}'
    text = _added("filter", f"-A KUBE-EXTERNAL-SERVICES {asked} -j DROP")(text)
    return _without("nat", f":KUBE-SVL-{hash_} ", f"KUBE-SVL-{hash_} ", f"KUBE-EXT-{hash_} -j KUBE-SVL-")(text)


def _moved_up(text: str) -> str:
    """A node port among the ports of outgoing connections."""
    nat = text[_span(text, "nat")[0] :]
    return text.replace(f"--dport {_found(nat, _NODE_PORT)[3]} ", "--dport 45102 ")


def _without_localnet_rule(text: str) -> str:
    """KUBE-FIREWALL without the rule for localhost: kube-proxy's from 1.27 on, before as a kubelet wrote it that does not know it."""
    if ":KUBE-FIREWALL " in text:
        return _without("filter", "KUBE-FIREWALL ! -s 127")(text)
    drop = '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP'
    text = _added("filter", ":KUBE-FIREWALL - [0:0]", "-A INPUT -j KUBE-FIREWALL", "-A OUTPUT -j KUBE-FIREWALL", drop)(text)
    return _added("nat", "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000")(text) if ":KUBE-MARK-DROP " in text else text


def _marked_to_drop(text: str) -> str:
    """The kubelet's chain that marks what is to be dropped is used, and its rule that drops is gone from KUBE-FIREWALL."""
    chains = [] if ":KUBE-MARK-DROP " in text else [":KUBE-MARK-DROP - [0:0]"]
    marks = "-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000"
    used = "-A KUBE-NODEPORTS -p tcp -m tcp --dport 31999 -j KUBE-MARK-DROP"
    text = _added("nat", *chains, marks, used)(text)
    if ":KUBE-FIREWALL " in text:
        return text
    block = '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -j DROP'
    return _added("filter", ":KUBE-FIREWALL - [0:0]", "-A INPUT -j KUBE-FIREWALL", "-A OUTPUT -j KUBE-FIREWALL", block)(text)


def _past_the_firewall(text: str) -> str:
    """A rule that accepts all traffic to an address whose senders KUBE-PROXY-FIREWALL picks out."""
    address = _found(text, r"^-A KUBE-PROXY-FIREWALL -d (\S+)")[1]
    return _added("filter", f"-A FORWARD -d {address} -j ACCEPT", ahead="FORWARD .*-j KUBE-PROXY-FIREWALL")(text)


def _old_chain(text: str) -> str:
    """What kube-proxy up to 1.23 wrote for a Service that has a KUBE-EXT chain now, and nothing leads to any more."""
    chain = _found(text, r"^-A KUBE-EXT-(\w+) ")[1]
    endpoint = _found(text, r"^:(KUBE-SEP-\w+) ")[1]
    return _added("nat", f":KUBE-XLB-{chain} - [0:0]", f"-A KUBE-XLB-{chain} -j {endpoint}")(text)


def _counted(*packets: int) -> Change:
    """The rules to the endpoints, with these numbers of packets met."""

    def change(text: str) -> str:
        counts = iter(packets)

        def count(match: re.Match[str]) -> str:
            met = next(counts)
            return f"[{met}:{met * 60}] {match[1]}"

        return re.sub(r"(?m)^\[\d+:\d+\] (?=(-A KUBE-SVC-\S+ .*-j KUBE-SEP-\S+)$).*", count, text)

    return change


def _other_pod(text: str, chain: str, place: str) -> str:
    """An endpoint (`ip:port`) in the place of another one, in a chain of the right name."""
    protocol, name, old = _found(text, rf'^-A {chain} -p (\w+) -m comment --comment "(\S+)" .*--to-destination (\S+)').groups()
    host, new = (one.rpartition(":")[0].strip("[]") for one in (old, place))
    lines = text.splitlines(keepends=True)
    moved = [line.replace(old, place).replace(f"-s {host}/", f"-s {new}/") if chain in line else line for line in lines]
    return "".join(moved).replace(chain, f"KUBE-SEP-{endpoint_hash(name, protocol, place)}")


def _outside_of_pods(text: str) -> str:
    """An endpoint that is no Pod."""
    return _other_pod(text, _found(text, r"^-A (KUBE-SEP-\w+) .*-j DNAT")[1], "198.51.100.9:8080")


def _pod_of_two(text: str) -> str:
    """The first endpoint of a Service in the place of the first one of a Service of another namespace; each has one more."""
    pattern = r'^-A KUBE-SVC-\w+ -m comment --comment "([\w-]+)/\S+ -> (\S+)" -m statistic .* -j (KUBE-SEP-\w+)$'
    found = [match.groups() for match in _compiled(pattern).finditer(text)]
    (namespace, place, _), *others = [one for one in found if f"-A {one[2]} -p tcp " in text]
    return _other_pod(text, next(chain for other, _, chain in others if other != namespace), place)


def _taken(text: str) -> str:
    """A proxy of the node that takes what goes to a Service."""
    address, protocol, _, port, _ = _found(text, _CLUSTER_IP).groups()
    asked = f"-d {address} -p {protocol} -m {protocol} --dport {port}"
    return _added("nat", f"-A PREROUTING {asked} -j REDIRECT --to-ports 3128", ahead=_SERVICES_JUMP)(text)


def _host_port_too(text: str) -> str:
    """A Pod with a node port as its host port, behind kube-proxy's rules."""
    protocol, _, port, _ = _found(text[_span(text, "nat")[0] :], _NODE_PORT).groups()
    asked = f"-p {protocol} -m {protocol} --dport {port}"
    return _added(
        "nat",
        ":CNI-HOSTPORT-DNAT - [0:0]",
        ":CNI-DN-0000000000000000000a1 - [0:0]",
        "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
        f"-A CNI-HOSTPORT-DNAT {asked} -j CNI-DN-0000000000000000000a1",
        f"-A CNI-DN-0000000000000000000a1 {asked} -j DNAT --to-destination 10.244.9.9:80",
    )(text)


def _replaced(text: str) -> str:
    """What Cilium writes only where it does the work of kube-proxy."""
    pods = _found(text, _PODS)[1]
    return text + (
        "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:CILIUM_PRE_raw - [0:0]\n"
        '-A PREROUTING -m comment --comment "cilium-feeder: CILIUM_PRE_raw" -j CILIUM_PRE_raw\n'
        f'-A CILIUM_PRE_raw -d {pods} -m comment --comment "cilium: NOTRACK for pod traffic" -j CT --notrack\nCOMMIT\n'
    )


def _bare(text: str) -> str:
    """Without the comments of rules for endpoints: as kube-proxy writes it with more than 1000 of them."""
    pattern = r'^(-A KUBE-(?:SEP|SVC)-\w+ .*?)-m comment --comment "[^"]*" (.*-j (?:KUBE-SEP-\w+|KUBE-MARK-MASQ|DNAT.*))$'
    return _compiled(pattern).sub(lambda match: match[0] if "cluster IP" in match[0] else match[1] + match[2], text)


# ---- Inputs beside a dump ----------------------------------------------------------------------------------------------


def _no_rules(text: str) -> str:
    """The other iptables of a node that does not use it."""
    return _of_other_iptables(text, "INPUT", "FORWARD", "OUTPUT")


def _of_kubelet(text: str) -> str:
    """The other iptables of a node, to which the kubelet has written, and not kube-proxy."""
    other = _of_other_iptables(text, "INPUT", "FORWARD", "OUTPUT", "KUBE-IPTABLES-HINT", "KUBE-KUBELET-CANARY")
    return other.replace("COMMIT\n", "-A INPUT -i eth1 -j DROP\nCOMMIT\n")


def _of_other_iptables(text: str, *chains: str) -> str:
    lines = [f":{chain} {'-' if '-' in chain else 'ACCEPT'} [0:0]\n" for chain in chains]
    return _turned(f"{text.splitlines()[0]}\n*mangle\n{''.join(lines)}COMMIT\n")


def _old_rules(text: str) -> str:
    """The rules of the other iptables, which kube-proxy has once written, with a Pod that has another address now."""
    chain, old = _found(text, rf"^-A (KUBE-SEP-\w+) .*{_POD}").groups()[:2]
    port = _found(text, rf"^-A {chain} .*:(\d+)$")[1]
    return _turned(_other_pod(text, chain, f"{_in_brackets(_neighbour(old))}:{port}"))


def _turned(text: str) -> str:
    """As the other iptables writes it."""
    return text.replace(" (nf_tables)", "") if "nf_tables" in text else re.sub(r"(?<=-save v)[\d.]+", r"\g<0> (nf_tables)", text)


def _without_services(text: str) -> str:
    """The rules of kube-proxy in a cluster without Services."""
    chain = r"KUBE-(?:EXT|FW|SEP|SVC|SVL|XLB)-"
    text = _without("nat", f":{chain}", chain, "KUBE-SERVICES -d", "KUBE-NODEPORTS")(text)
    return _without("filter", "KUBE-(?:EXTERNAL-)?SERVICES", "KUBE-PROXY-FIREWALL", "KUBE-NODEPORTS")(text)


def _addresses(text: str, **more: str) -> str:
    """The interfaces of a node whose own addresses are no Pods'."""
    return links({"eth0": "2001:db8:0:7::5/64" if "ip6tables" in text else "10.0.2.15/24", **more})


def _has_cluster_ip(text: str) -> str:
    address = _found(text, _CLUSTER_IP)[1]
    return _addresses(text, **{"kube-ipvs0": f"{address}/{128 if ':' in address else 32}"})


def _of_pods(text: str, *names: str) -> str:
    """Interfaces that all have their networks in one part of the Pods' network."""
    start = _found(text, _PODS)[1].partition("/")[0].removesuffix("0")
    return _addresses(text, **{name: f"{start}{at}/{64 if ':' in start else 24}" for at, name in enumerate(names, 1)})


# ---- The table ---------------------------------------------------------------------------------------------------------


_RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{}\nCOMMIT\n"
_SERVICES_JUMP = r"PREROUTING .*-j KUBE-SERVICES"
_FIREWALLED = VERSIONS[1:]
"""The versions with KUBE-PROXY-FIREWALL."""

_UFW = (
    ":ufw-before-forward - [0:0]",
    "-A FORWARD -j ufw-before-forward",
    "-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
)
_TWO_NETWORKS = (
    ":FLANNEL-POSTRTG - [0:0]",
    ":WEAVE - [0:0]",
    "-A POSTROUTING -j FLANNEL-POSTRTG",
    "-A POSTROUTING -j WEAVE",
    "-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully",
    "-A WEAVE -s 10.32.0.0/12 ! -d 10.32.0.0/12 -j MASQUERADE --random-fully",
)
_HOST_PORT = "-p tcp -m tcp --dport 8080"
_HOST_PORT_TWICE = (
    ":CNI-HOSTPORT-DNAT - [0:0]",
    ":CNI-DN-0000000000000000000a1 - [0:0]",
    ":CNI-DN-0000000000000000000b2 - [0:0]",
    "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    "-A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 8080 -j CNI-DN-0000000000000000000a1",
    "-A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 8080 -j CNI-DN-0000000000000000000b2",
    f"-A CNI-DN-0000000000000000000a1 {_HOST_PORT} -j DNAT --to-destination 192.168.104.5:80",
    f"-A CNI-DN-0000000000000000000b2 {_HOST_PORT} -j DNAT --to-destination 192.168.104.9:80",
)
_DOCKER_ACCEPTS = (
    ":DOCKER - [0:0]",
    "-A INPUT -p tcp -m tcp --dport 5432 -j DROP",
    "-A FORWARD -o docker0 -j DOCKER",
    "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 5433 -j ACCEPT",
)
_DOCKER_SENDS = (
    ":DOCKER - [0:0]",
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 5432 -j DNAT --to-destination 172.17.0.2:5433",
)
_REFUSED = (
    '-A KUBE-SERVICES -d 10.109.9.9/32 -p tcp -m comment --comment "shop/cart has no endpoints" -m tcp --dport 80 -j REJECT'
    " --reject-with icmp-port-unreachable"
)

BROKEN: dict[str, Break] = {
    "IT701": Break(
        _added("filter", "-A INPUT -p tcp -m tcp --dport 0:1023 -j ACCEPT", "-A INPUT -p tcp -m tcp --dport 22 -j DROP"),
    ),
    "IT702": Break(_added("filter", "-A INPUT -s 10.0.0.0/8 -j ACCEPT", "-A INPUT -p tcp -m tcp --dport 22 -j DROP"), IPV4),
    "IT703": Break(_added("filter", "-A INPUT -j ACCEPT", "-A INPUT -p tcp -m tcp --dport 22 -j DROP")),
    "IT704": Break(_added("filter", ":WEB - [0:0]", ":LIMITS - [0:0]", "-A FORWARD -j WEB", "-A WEB -p tcp -j LIMITS", "-A LIMITS -j WEB")),
    "IT705": Break(_added("filter", ":BLOCKED - [0:0]", "-A BLOCKED -p tcp -m tcp --dport 22 -j DROP")),
    "IT706": Break(_added("filter", "-A INPUT -p tcp -m tcp --dport 80 -m multiport --dports 443,8443 -j ACCEPT")),
    "IT707": Break(_added("nat", "-A PREROUTING -i eth1 -j DROP", ahead=_SERVICES_JUMP)),
    "IT708": Break(_added("mangle", "-A FORWARD -o wg0 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu")),
    "IT709": Break(
        _added("filter", "[0:0] -A INPUT -s 10.1.2.3/32 -j ACCEPT", "[100000:6000000] -A INPUT -i eth0 -j ACCEPT"),
        COUNTERS,
    ),
    "IT710": Break(_all(_said("filter", "^:INPUT ACCEPT", ":INPUT DROP"), _added("filter", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"))),
    "IT711": Break(_added("nat", "-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 127.0.0.1:80"), IPV4),
    "IT712": Break(
        _added(
            "nat",
            "-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.1.10:80",
            "-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.168.1.20:80",
        ),
        IPV4,
    ),
    "IX001": Break(_cut_off),
    "IX003": Break(_said("nat", r"-j DNAT --to-destination \S+", "-j DNAT [unsupported revision]")),
    "IX004": Break(lambda text: f"{text}# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n", (PLAIN, IPV6)),
    "IX005": Break(_no_filter),
    "IX006": Break(_said("nat", r"--to-destination \S+", "--to-destination :0 --persistent")),
    "IX007": Break(_said("filter", "^-A KUBE-FORWARD ", "-A KUBE-FORWARD -m dreamt-up --level 3 ")),
    "IX009": Break(lambda text: f"# Table `raw' is incompatible, use 'nft' tool.\n{text}"),
    "KN901": Break(_among_pods, IPV4),
    "KN903": Break(_moved_up, OUTSIDE),
    "KN905": Break(
        _added("filter", *(f"-A INPUT -s 10.{n >> 16}.{n >> 8 & 255}.{n & 255}/32 -j ACCEPT" for n in range(20_001))),
        (PLAIN,),
        VERSIONS[1:],
    ),
    "KN906": Break(_counted(1500, 750, 750), COUNTERS),
    "KN907": Break(_counted(0, 2000, 2000), COUNTERS),
    "KN908": Break(_added("filter", f"[31:1860] {_REFUSED}"), COUNTERS),
    "KN910": Break(
        _all(
            _said("nat", "^-A KUBE-MARK-MASQ ", "[3000:180000] -A KUBE-MARK-MASQ "),
            _said("nat", "^-A (KUBE-POSTROUTING .*-j MASQUERADE)", r"[0:0] -A \1"),
        ),
        COUNTERS,
    ),
    "KP101": Break(_without("nat", _SERVICES_JUMP)),
    "KP102": Break(_without("nat", r"OUTPUT .*-j KUBE-SERVICES")),
    "KP103": Break(_without("nat", r"POSTROUTING .*-j KUBE-POSTROUTING")),
    "KP104": Break(_without("filter", r"FORWARD .*-j KUBE-FORWARD")),
    "KP105": Break(_without("filter", r"OUTPUT .*-j KUBE-SERVICES"), OUTSIDE),
    "KP106": Break(_without("nat", "KUBE-SERVICES ")),
    "KP107": Break(_forgotten),
    "KP108": Break(_said("nat", "^-A PREROUTING (.*-j KUBE-SERVICES)", r"-A PREROUTING -i eth0 \1")),
    "KP110": Break(_said("nat", r"^((?:-A KUBE-SERVICES .*\n)+)(-A KUBE-SERVICES .*-j KUBE-NODEPORTS\n)", r"\2\1")),
    "KP111": Break(_said("nat", r'^(-A KUBE-SVC-.*--comment "\S+) -> [^"]+"', r'\1"')),
    "KP201": Break(_taken),
    "KP202": Break(_between_pods("nat", "-A POSTROUTING -s {pods} -d {pods} -j RETURN", r"POSTROUTING .*-j KUBE-POSTROUTING")),
    "KP203": Break(_accepted_not_refused, OUTSIDE),
    "KP204": Break(_between_pods("filter", "-A FORWARD -d {pods} -j DROP", r"FORWARD .*-j KUBE-FORWARD")),
    "KP205": Break(_past_the_firewall, OUTSIDE, _FIREWALLED),
    "KP206": Break(_said("nat", r"^(-A (KUBE-SEP-\w+) .*-j KUBE-MARK-MASQ\n)(-A \2 .*-j DNAT .*\n)", r"\3\1")),
    "KP207": Break(
        _said("filter", "^(-A FORWARD .*)-j KUBE-SERVICES", r"\1-g KUBE-SERVICES"),
        OUTSIDE,
    ),
    "KP208": Break(
        _added(
            "filter",
            ":WEAVE-NPC - [0:0]",
            "-A FORWARD -o weave -j WEAVE-NPC",
            "-A WEAVE-NPC -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        )
    ),
    "KP301": Break(_all(_without("nat", r":KUBE-SVC-"), _without("nat", r"KUBE-SVC-"))),
    "KP302": Break(_without("nat", "KUBE-SEP-.*-j DNAT", only_first=True)),
    "KP303": Break(_without("nat", r"KUBE-SVC-\w+ -m comment --comment \S+ -> \S+ -j KUBE-SEP-"), IPV4),
    "KP304": Break(_said("nat", r"--probability 0\.3333\d+", "--probability 0.50000000000"), (PLAIN, IPV6)),
    "KP305": Break(_twice_in_a_chain),
    "KP306": Break(_pod_of_two, PORTS),
    "KP307": Break(_moved_pod),
    "KP308": Break(_everywhere(r'--comment "(\S+) cluster IP"', "default/secret")),
    "KP309": Break(_claimed_twice, OUTSIDE),
    "KP310": Break(_node_port_twice, OUTSIDE),
    "KP311": Break(_refused),
    "KP312": Break(_added("filter", _REFUSED), IPV4),
    "KP313": Break(_said("filter", "^(-A KUBE-EXTERNAL-SERVICES .*)-m addrtype --dst-type LOCAL ", r"\1"), OUTSIDE),
    "KP314": Break(_no_local_endpoints, OUTSIDE),
    "KP315": Break(_said("nat", r"^(-A KUBE-SEP-\w+ .*)-m recent --set --name \S+ --mask \S+ --rsource ", r"\1"), OUTSIDE),
    "KP316": Break(_without("nat", "KUBE-SVC-.* --rcheck ", only_first=True), STICKY),
    "KP318": Break(_other_pod_in_comment),
    "KP319": Break(_outside_of_pods, IPV4),
    "KP320": Break(_without("nat", 'KUBE-SERVICES .* cluster IP"')),
    "KP321": Break(_everywhere(r'^-A KUBE-SERVICES -d (203\S+)/32 .* external IP"', "8.8.8.8"), OUTSIDE),
    "KP322": Break(_endpoint_is_a_service, IPV4),
    "KP323": Break(_bare),
    "KP401": Break(_without("nat", r"KUBE-SEP-\w+ -s .*-j KUBE-MARK-MASQ", only_first=True)),
    "KP402": Break(
        _said("nat", "^-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000", "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x2000/0x2000")
    ),
    "KP403": Break(_without("nat", r"KUBE-POSTROUTING -m mark ! --mark .*-j RETURN")),
    "KP404": Break(_without("nat", "KUBE-POSTROUTING -j MARK")),
    "KP405": Break(_said("nat", " --random-fully", "")),
    "KP406": Break(
        _said("filter", r"^-A KUBE-SERVICES .*(-j REJECT.*)", r"-A KUBE-SERVICES \1"),
        OUTSIDE,
        also={
            "KP501": "what Pods send to each other is a part of all packets",
        },
    ),
    "KP407": Break(_marked_to_drop),
    "KP408": Break(_added("mangle", "-A PREROUTING -i wg0 -j MARK --set-xmark 0x4001/0xffffffff")),
    "KP409": Break(_added("filter", "-A FORWARD -j MARK --set-xmark 0x1/0xffffffff", ahead=r"FORWARD .*-j KUBE-FORWARD")),
    "KP410": Break(_without("nat", r"KUBE-SVC-\w+ ! -s "), IPV4),
    "KP411": Break(_added("nat", "-A POSTROUTING -j MASQUERADE")),
    "KP412": Break(
        _all(
            _added("mangle", "-A PREROUTING -m mark --mark 0x10/0x10 -j DROP"),
            _added("nat", "-A PREROUTING -p tcp -m tcp --dport 8080 -j MARK --set-xmark 0x10/0x10"),
        )
    ),
    "KP501": Break(_said("filter", "^:FORWARD ACCEPT", ":FORWARD DROP")),
    "KP502": Break(
        _all(_said("filter", "^:FORWARD ACCEPT", ":FORWARD DROP"), _added("filter", *_UFW)),
        also={"KP501": "what Pods send to each other is a part of what ufw drops"},
    ),
    "KP503": Break(
        _added(
            "filter",
            ":FLANNEL-FWD - [0:0]",
            "-A FORWARD -j REJECT --reject-with icmp-host-prohibited",
            "-A FORWARD -j FLANNEL-FWD",
            "-A FLANNEL-FWD -i cni0 -j ACCEPT",
        ),
        also={"KP501": "what Pods send to each other is refused with all the rest"},
    ),
    "KP504": Break(
        _all(_said("filter", "^:INPUT ACCEPT", ":INPUT DROP"), _without("filter", "INPUT .*-j KUBE-NODEPORTS")),
        OUTSIDE,
    ),
    "KP505": Break(_without_localnet_rule, OUTSIDE),
    "KP506": Break(_without("filter", "KUBE-FORWARD -m conntrack --ctstate INVALID")),
    "KP507": Break(
        _all(
            _said("filter", "^-A (KUBE-FORWARD -m conntrack --ctstate INVALID)", r"[5000:260000] -A \1"),
            _said("filter", r"^-A (KUBE-FORWARD .* --ctstate RELATED,ESTABLISHED)", r"[99000:5148000] -A \1"),
        ),
        COUNTERS,
    ),
    "KP508": Break(_all(_added("filter", *_DOCKER_ACCEPTS), _added("nat", *_DOCKER_SENDS)), IPV4),
    "KP509": Break(lambda text: text + _RAW.format("-A PREROUTING -p tcp -m tcp --dport 80 -j TRACE")),
    "KP510": Break(_not_tracked),
    "KP603": Break(_said("filter", "^(-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\n)", r"\1\1")),
    "KP604": Break(_added("nat", ":KUBE-LOAD-BALANCER - [0:0]", "-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ")),
    "KP605": Break(
        _added(
            "nat",
            ":KUBE-PORTALS-HOST - [0:0]",
            '-A KUBE-PORTALS-HOST -d 10.0.0.1/32 -p tcp -m comment --comment "default/kubernetes:" -m tcp --dport 443 -j DNAT'
            " --to-destination 10.240.0.7:38715",
        ),
        IPV4,
    ),
    "KP606": Break(_added("nat", *_TWO_NETWORKS), IPV4),
    "KP607": Break(_replaced),
    "KP608": Break(_old_chain, OUTSIDE),
    "KP609": Break(
        _without("nat", "(PREROUTING|OUTPUT|POSTROUTING) .*-j KUBE-"),
        also={
            "KP101": "the jump from PREROUTING is one of those that are gone",
            "KP102": "so is the jump from OUTPUT",
            "KP103": "and the jump from POSTROUTING",
        },
    ),
    "KP611": Break(_added("nat", *_HOST_PORT_TWICE), IPV4),
    "KP612": Break(_host_port_too, OUTSIDE),
}
"""The break of each check that needs one dump alone."""

_BLOCKED = _added("filter", "-A INPUT -m set --match-set blocked src -j DROP")
_SET = "create {} hash:ip family inet hashsize 1024 maxelem 65536\n"

BESIDE: dict[str, Pair] = {
    "KN902": Pair("addr", _addresses, _has_cluster_ip),
    "KN904": Pair("addr", lambda text: _of_pods(text, "cni0"), lambda text: _of_pods(text, "cni0", "eth1")),
    "KP109": Pair("ip6", str, _without_services, made_from="h-dual-stack.v6", dumps=("h-dual-stack.v4",)),
    "KP601": Pair("backend", _no_rules, _old_rules, severity=ERROR, dumps=(*IPV4, IPV6)),
    "KP602": Pair("backend", _no_rules, _of_kubelet, dumps=(*IPV4, IPV6)),
    "KP610": Pair("ipset", lambda _: _SET.format("blocked"), lambda _: _SET.format("other"), _BLOCKED, dumps=IPV4),
}
"""The break of each check that needs something beside a dump."""
