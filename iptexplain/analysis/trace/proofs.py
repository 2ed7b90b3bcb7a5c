"""What a dump itself proves about the addresses of its node, for a node that nobody has described.

kube-proxy in iptables mode writes a rule `cluster IP` for an address that no interface has (in ipvs mode they are on kube-ipvs0), and
one that jumps to KUBE-NODEPORTS by an address only for an address of the node (nodePortAddresses; proxier.go `syncProxyRules`).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.model.address import Address, Network
from iptexplain.model.matching import Field
from iptexplain.model.node import LOOPBACK, Assigned, Link, Node
from iptexplain.owners.kube_proxy import layout, proxy
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iptexplain.analysis.walk import Walker
    from iptexplain.model.ipset import IpSets
    from iptexplain.model.ruleset import Dump, Rule

_LO = Link(
    LOOPBACK,
    (
        Assigned(Address.parse("127.0.0.1"), Network.parse("127.0.0.0/8"), globally=False),
        Assigned(Address.parse("::1"), Network.parse("::1/128"), globally=False),
    ),
)
UNKNOWN = Node({LOOPBACK: _LO}, links_known=False, ways_known=False, sysctls_known=False)
"""A node of which nobody has said anything."""


_SERVICE_SETS = tuple([f"{family}KUBE-{what}" for family in ("", "6-") for what in ("CLUSTER-IP", "LOAD-BALANCER", "EXTERNAL-IP")])
"""The sets of ipvs mode whose entries begin with the address of a Service."""


class Proofs:
    """Looks things up in a dump, when somebody asks; `walkers` walk its tables."""

    def __init__(self, dump: Dump, walkers: Mapping[str, Walker], sets: IpSets | None) -> None:
        """`sets` are those of the node, None if they are not known."""
        self._sets = sets
        self._dump = dump
        self._walkers = {name: walkers[name] for name in ("nat", "filter") if name in walkers}
        self._known: dict[Address, bool | None] = {}

    def local(self, address: Address) -> bool | None:
        """Is it an address of the node; None: the dump does not prove it."""
        if address not in self._known:
            self._known[address] = self._look(address)
        return self._known[address]

    def _look(self, address: Address) -> bool | None:
        if self._proxy is not None and self._proxy.mode == "ipvs" and address in self._of_services:
            return True  # kube-proxy gives all of them to the interface kube-ipvs0
        for table, walker in self._walkers.items():
            chain = walker.indexed(layout.SERVICES)
            for number in chain.by_address.get(address, ()) if chain.long else range(len(chain.rules)):
                rule = chain.rules[number]
                if _destination(rule) != address:
                    continue
                if rule.target_name == layout.NODE_PORTS:
                    return True
                if self._is_cluster_ip(table, rule):
                    return False
        return None

    def _is_cluster_ip(self, table: str, rule: Rule) -> bool:
        """Does a rule of KUBE-SERVICES say that its destination is a ClusterIP.

        In filter those of Services without endpoints stand; before 1.19 the addresses of load balancers stood there too.
        """
        comment = binding.comment(rule) or ""
        if table == "nat":
            return comment.endswith(" cluster IP") and SERVICE_CHAIN.match(rule.target_name or "") is not None
        refused = comment.endswith((" has no endpoints", " has no local endpoints")) and rule.target_name in {"REJECT", "DROP"}
        return refused and self._proxy is not None and self._proxy.versions.since(19)

    @cached_property
    def _of_services(self) -> frozenset[Address]:
        """The addresses of Services in the sets of kube-proxy in ipvs mode (proxier.go, pkg/proxy/ipvs)."""
        sets = {} if self._sets is None else self._sets.sets
        entries = [entry for name in _SERVICE_SETS if name in sets for entry in sets[name].entries]
        return frozenset([first for entry in entries if isinstance(first := entry.parts[0], Address)])

    @cached_property
    def _proxy(self) -> proxy.Proxy | None:
        return proxy.proxy(self._dump)

    def is_pod(self, address: Address) -> bool:
        """Is an address that DNAT sends to one of a Pod's own: in the network that the dump's local detector says is theirs.

        Only the node's bridge has another address in there, and nothing is sent on to that.
        """
        detector = None if self._proxy is None else self._proxy.local_detector
        pods = None if detector is None else detector.network
        return pods is not None and pods.holds(address)


def _destination(rule: Rule) -> Address | None:
    """The single destination that a rule asks for."""
    for match in binding.matches(rule):
        for field, wanted, negated in match.constraints():
            if field is Field.DESTINATION and isinstance(wanted, Network) and not negated:
                return wanted.single
    return None
