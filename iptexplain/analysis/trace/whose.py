"""Whose a chain is, for the chains that one packet meets: the Service port behind a KUBE-* chain, the program behind another one.

Nothing is looked up before somebody asks, so a dump of ten thousand Services costs no more than one of ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.analysis.naming import Naming
from iptexplain.extensions.binding import comment
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import SERVICE_CHAIN
from iptexplain.owners.makers import maker

if TYPE_CHECKING:
    from iptexplain.inputs.names import Names
    from iptexplain.model.ruleset import Dump, Rule

_PROTOCOL = "TCP"
"""Names are looked for in comments, where the protocol makes no difference."""


class Entry(NamedTuple):
    """A rule of kube-proxy's top chains says what a packet is to: a Service port, and a kind of place (`owners.kube_proxy.layout`).

    `chain` is the Service's chain that the rule leads to, None if it leads to none. `without` says that no endpoints are there: `all`, or
    `local` ones; None: not said.
    """

    rule: Rule
    service: str | None
    kind: str | None
    chain: str | None
    without: str | None


class Whose:
    """Names the chains and rules of one dump; `names` are Service ports that the user knows of."""

    def __init__(self, dump: Dump, names: Names | None = None) -> None:
        """See the class."""
        self.dump = dump
        self._naming = Naming(dump.table("nat"), names)
        self._known: dict[str, str | None] = {}

    def service(self, chain: str) -> str | None:
        """The Service port of a chain, None if it is no Service's or nothing names it."""
        if chain not in self._known:
            self._known[chain] = self._find(chain)
        return self._known[chain]

    def _find(self, chain: str) -> str | None:
        found = SERVICE_CHAIN.match(chain)
        if found is not None:
            named = self._naming.of(found[2])
        elif chain.startswith(layout.ENDPOINT):
            named = self._naming.of_endpoint(chain, _PROTOCOL)
        else:
            return None
        return None if named is None else named.text.removesuffix(":")

    def owner(self, chain: str) -> str | None:
        """The program that makes such chains, None for built-in ones and where the name tells nothing."""
        return maker(chain)

    def owner_of(self, rule: Rule) -> str | None:
        """The program that a rule is of: by its chain, in a built-in one by the chain that it leads to."""
        return maker(rule.chain) or maker(rule.target_name or "")

    def has_rules(self, table: str, chain: str) -> bool:
        """Does a chain do anything."""
        found = self.dump.table(table)
        return found is not None and bool(found.rules_of(chain))

    def entry(self, table: str, rule: Rule) -> Entry | None:
        """What a rule says the packet is to; None for a rule that does not stand in a top chain, or leads on to another of these."""
        chain = rule.chain
        if (table, chain) not in layout.TOP_CHAINS:
            return None
        said, target = comment(rule), rule.target_name or ""
        leads = SERVICE_CHAIN.match(target)
        place = layout.place(table, chain, said, leads[1] if leads else None)
        if leads is None and (table == "nat" or place.service_port is None):
            return None  # marks, or leads to KUBE-NODEPORTS
        name = place.service_port or (self.service(target) if leads else None)
        without = next((kind for words, kind in _WITHOUT.items() if said is not None and said.endswith(words)), None)
        return Entry(rule, None if name is None else name.removesuffix(":"), place.kind, target if leads else None, without)


_WITHOUT = {" has no endpoints": "all", " has no local endpoints": "local"}
