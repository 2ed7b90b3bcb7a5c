"""What dates a dump: rules and chains that only some versions of kube-proxy write.

Only chains reachable from a built-in chain count, because upgrades leave chains behind. Where the signs contradict each other the dump is
a mix of generations, and nothing is claimed.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from iptexplain.extensions.binding import comment
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iptexplain.model.ruleset import Dump, Rule, Table


class Versions(NamedTuple):
    """Minor versions of Kubernetes 1.x between which the rules may have been written; None: open at that end.

    `mixed` says that signs of different generations stand side by side.
    """

    low: int | None
    high: int | None
    mixed: bool = False

    def since(self, minor: int) -> bool:
        """Are the rules certainly of this version or a later one."""
        return self.low is not None and self.low >= minor

    def before(self, minor: int) -> bool:
        """Are the rules certainly older than this version."""
        return self.high is not None and self.high < minor


class _Live:
    """The reachable part of a dump, as the signs ask for it."""

    def __init__(self, dump: Dump) -> None:
        self.tables = {table.name: table for table in dump.tables}
        self.reachable = {name: _reachable(table) for name, table in self.tables.items()}

    def chain(self, table: str, *prefixes: str) -> bool:
        """Is there a reachable chain whose name begins so."""
        return any(chain.startswith(prefixes) for chain in self.reachable.get(table, ()))

    def declared(self, chain: str) -> bool:
        """Is the chain declared in any table."""
        return any(table.has_chain(chain) for table in self.tables.values())

    def rules(self, table: str, chain: str) -> Iterator[Rule]:
        """The rules of a reachable chain."""
        if chain in self.reachable.get(table, ()):
            yield from self.tables[table].rules_of(chain)

    def jump(self, table: str, chain: str, target: str) -> bool:
        """Does a reachable rule of the chain jump to the target."""
        return any(rule.target_name == target for rule in self.rules(table, chain))

    def text(self, table: str, chain: str, *parts: str) -> bool:
        """Does a reachable rule of the chain hold all these texts."""
        if chain not in self.reachable.get(table, ()):
            return False
        found = self.tables[table]
        return any(found.rules.with_text(found.places_of(chain), parts))


_DATELESS = ("KUBE-SEP-", "KUBE-SVC-")
"""Chains that are the same in all versions, and lead to no others that tell anything."""


class Sign(NamedTuple):
    """One sign: what it looks for, and between which minor versions that is written."""

    seen: Callable[[_Live], bool]
    low: int | None
    high: int | None


def _reachable(table: Table) -> set[str]:
    """The chains that a packet can come to from the built-in ones; what lies behind the chains of endpoints dates nothing."""
    found = {name for name in BUILT_IN if table.has_chain(name)}
    if table.line == 0 or not found:
        return {str(name) for name in (*table.chains, *table.by_chain)}
    waiting = deque(found)
    while waiting:
        chain = waiting.popleft()
        for rule in table.rules_of(chain) if not chain.startswith(_DATELESS) else ():
            target = rule.target_name
            if target is not None and target not in found and table.has_chain(target):
                found.add(target)
                waiting.append(target)
    return found


def _committed(live: _Live, *tables: str) -> bool:
    """Are these tables there whole, so that what is missing in them is missing from the node too."""
    return all(name in live.tables and live.tables[name].committed for name in tables)


SIGNS = (
    Sign(lambda d: d.declared("KUBE-PROXY-CANARY"), 17, None),
    # kubernetes/kubernetes#92035 came with 1.19, and with 1.16.13, 1.17.9 and 1.18.6
    Sign(lambda d: d.text("nat", "KUBE-POSTROUTING", "-j MASQUERADE", "--mark "), None, 18),
    Sign(lambda d: d.text("nat", "KUBE-POSTROUTING", "! --mark ", "-j RETURN"), 16, None),
    Sign(lambda d: d.jump("filter", "INPUT", "KUBE-NODEPORTS"), 21, None),
    Sign(lambda d: d.jump("filter", "FORWARD", "KUBE-EXTERNAL-SERVICES"), 19, None),
    Sign(lambda d: d.text("nat", "KUBE-SERVICES", "cluster IP", "-j KUBE-MARK-MASQ"), None, 21),
    Sign(lambda d: d.text("filter", "KUBE-FORWARD", "conntrack pod source rule"), None, 22),
    Sign(lambda d: d.text("filter", "KUBE-FORWARD", "kubernetes forwarding conntrack rule"), 23, None),
    Sign(lambda d: d.chain("nat", "KUBE-XLB-"), None, 23),
    Sign(lambda d: d.chain("nat", "KUBE-EXT-", "KUBE-SVL-"), 24, None),
    Sign(lambda d: " -> " in (_endpoint_comment(d) or ""), 24, None),
    Sign(lambda d: " -> " not in (_endpoint_comment(d) or " -> "), 18, 23),
    Sign(lambda d: d.chain("filter", "KUBE-PROXY-FIREWALL"), 25, None),
    Sign(lambda d: d.jump("filter", "FORWARD", "KUBE-EXTERNAL-SERVICES") and not d.chain("filter", "KUBE-PROXY-FIREWALL"), None, 24),
    Sign(lambda d: d.chain("nat", "KUBE-MARK-DROP"), None, 24),
    Sign(lambda d: d.text("nat", "KUBE-SERVICES", "! -d 127.0.0.0/8", "-j KUBE-NODEPORTS"), 26, None),
    Sign(lambda d: d.text("nat", "KUBE-SERVICES", "! -d ::1/128", "-j KUBE-NODEPORTS"), 26, None),
    Sign(lambda d: d.text("filter", "KUBE-FIREWALL", "block incoming localnet") and not _kubelet_firewall(d), 27, None),
    Sign(
        lambda d: any(r.shape.target is None for c in d.reachable.get("nat", ()) if c.startswith("KUBE-FW-") for r in d.rules("nat", c)),
        27,
        None,
    ),
    Sign(lambda d: d.chain("filter", "KUBE-PROXY-FIREWALL") and not d.chain("filter", "KUBE-FIREWALL") and _committed(d, "filter"), 25, 26),
    Sign(lambda d: d.text("filter", "KUBE-FORWARD", "ct_state_invalid_dropped_pkts"), 31, None),
    Sign(lambda d: d.text("nat", "KUBE-NODEPORTS", "localhost_nps_accepted_pkts"), 31, None),
)
"""Each sign and what it proves. Source: the proxiers of 1.16 to 1.31, `syncProxyRules` and `iptablesJumpChains`."""


def _endpoint_comment(live: _Live) -> str | None:
    """The comment of a rule that leads from a Service to an endpoint, None if such rules have none (or there is no such rule)."""
    for chain in live.reachable.get("nat", ()):
        if chain.startswith("KUBE-SVC-"):
            for rule in live.tables["nat"].rules_of(chain):
                if (rule.target_name or "").startswith("KUBE-SEP-"):
                    return comment(rule)
    return None


def _kubelet_firewall(live: _Live) -> bool:
    """Is KUBE-FIREWALL (also) kubelet's, so that it dates kubelet and not kube-proxy."""
    return live.text("filter", "KUBE-FIREWALL", "dropping marked packets")


def versions(dump: Dump) -> Versions:
    """The range that the signs in a dump leave."""
    live = _Live(dump)
    low = high = None
    for sign in SIGNS:
        if (sign.low is None or low is None or sign.low > low or sign.high is not None) and sign.seen(live):
            if sign.low is not None:
                low = sign.low if low is None else max(low, sign.low)
            if sign.high is not None:
                high = sign.high if high is None else min(high, sign.high)
    if low is not None and high is not None and low > high:
        return Versions(None, None, mixed=True)
    return Versions(low, high)
