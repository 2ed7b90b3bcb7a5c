"""Which Service port a hash in the names of chains stands for, where the rule that leads there does not say.

A hash cannot be turned back, but every name that somebody proposes can be proven by it: names in the comments of the Service's own chains,
and candidates that the user gives. A comment counts even where the hash does not fit it: then the name is shown as not verified.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iptexplain.analysis.leaf import Recovery
from iptexplain.extensions.binding import comment
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import PROTOCOLS, SERVICE_CHAIN, endpoint_hash, endpoint_port, service_hash, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.inputs.names import Names
    from iptexplain.model.address import Address
    from iptexplain.model.ruleset import Rule, Table


_MOST_FAILURES = 8
"""A name that has fitted none of so many endpoints is given up: trying all ports takes long."""


class Named(NamedTuple):
    """A name: `text` as hashed, the protocol if it is known, and `source` as in `ServicePort.name_source`."""

    text: str
    protocol: str | None
    source: str


class Naming(Recovery):
    """Names for the hashes of one nat table, and what these prove. Nothing is looked up before somebody asks."""

    def __init__(self, nat: Table | None, names: Names | None = None) -> None:
        """See the module; `names` are Service ports that the user knows of."""
        self._nat = nat
        self._names = names
        self._by_hash: dict[str, Named] | None = None
        self._known: dict[str, Named | None] = {}
        self._learned = False
        self._failures: Counter[str] = Counter()
        self._right: set[str] = set()
        self._ways: Mapping[str, tuple[str, str]] | None = None
        self._ports: dict[int, None] = {}

    def of(self, hash_: str) -> Named | None:
        """The Service port of a hash, None if nothing tells it."""
        if hash_ not in self._known:
            self._known[hash_] = self._find(hash_)
        return self._known[hash_]

    def _find(self, hash_: str) -> Named | None:
        top = self._top(hash_)
        if top is not None:
            return top
        said = dict.fromkeys(name for rule in self._own_rules(hash_) if (name := _named_in(rule)))
        for name in said:
            protocol = next((one for one in PROTOCOLS if service_hash(name, one) == hash_), None)
            if protocol is not None:
                return Named(name, protocol, "comment")
        fits = self._proven().get(hash_)
        return fits if fits is not None else next((Named(name, None, "comment") for name in said), None)

    def _proven(self) -> Mapping[str, Named]:
        """The candidates by hash."""
        if self._by_hash is None:
            self._by_hash = {
                service_hash(text, protocol): Named(text, protocol, "hash")
                for name, said in (self._names.candidates() if self._names is not None else ())
                for protocol in ((said.upper(),) if said else PROTOCOLS)
                for text in spellings(name)
            }
        return self._by_hash

    def _own_rules(self, hash_: str) -> Iterator[Rule]:
        """The rules of the Service's own chains, and of the chains of its endpoints."""
        nat = self._nat
        if nat is None:
            return
        for kind in layout.OF_SERVICE:
            for rule in nat.rules_of(kind + hash_):
                yield rule
                target = rule.target_name
                if target is not None and target.startswith(layout.ENDPOINT):
                    yield from nat.rules_of(target)

    def learn(self, names: Mapping[str, str]) -> None:
        """Takes the names, by hash, that the rules in the top chains say."""
        self._learned = True
        self._known.update({hash_: Named(text, None, "comment") for hash_, text in names.items()})

    def _top(self, hash_: str) -> Named | None:
        """The name that a rule in the top chains says, where nobody has looked at these yet."""
        nat = self._nat
        if self._learned or nat is None:
            return None
        found: dict[str, str] = {}
        for table, chain in layout.TOP_CHAINS:
            for rule in nat.rules_of(chain) if table == "nat" else ():
                target, said = SERVICE_CHAIN.match(rule.target_name or ""), comment(rule)
                name = layout.place(table, chain, said, target[1]).service_port if target else None
                if target and name is not None:
                    found[target[2]] = name
        self.learn(found)
        return self._known.get(hash_)

    def at(self, address: Address | None, port: int, protocol: str) -> Named | None:
        """The Service port that the user's list has at an address (None: at a node port); None if it has none there."""
        if self._names is None:
            return None
        if address is None:
            found = self._names.node_ports.get((port, protocol))
        else:
            from iptexplain.inputs.names import Place

            place = self._names.places.get(Place(address, port, protocol))
            found = None if place is None else place.name
        return None if found is None else Named(found.text, protocol, "address")

    def of_endpoint(self, chain: str, protocol: str) -> Named | None:
        """The Service port of an endpoint's chain: by its comments, else by the Service chain that leads to it; None if neither tells."""
        nat = self._nat
        if nat is None:
            return None
        said = next((name for rule in nat.rules_of(chain) if (name := _named_in(rule))), None)
        if said is not None:
            return Named(said, protocol, "comment")
        hash_, _ = self.way(chain)
        return self.of(hash_) if hash_ else None

    def way(self, chain: str) -> tuple[str, str]:
        """The hash of the Service whose rule leads to an endpoint's chain, and the comment of that rule; empty where there is none."""
        nat = self._nat
        if self._ways is None:
            self._ways = {
                target: (found[2], comment(rule) or "")
                for name in (nat.by_chain if nat is not None else ())
                if (found := SERVICE_CHAIN.match(name))
                for rule in (nat.rules_of(name) if nat is not None else ())
                if (target := rule.target_name) is not None
            }
        return self._ways.get(chain, ("", ""))

    def destination(self, chain: str, address: str, protocol: str) -> str | None:
        """Where an endpoint's chain translates to, if the dump has lost the port: the one whose hash is in the chain's name.

        `address` is that of the endpoint. None if the Service port is not known, or no port fits.
        """
        named = self.of_endpoint(chain, protocol)
        if named is None or (self._failures[named.text] >= _MOST_FAILURES and named.text not in self._right):
            return None
        wanted = chain.removeprefix(layout.ENDPOINT)
        for spelt in spellings(named.text):
            port = endpoint_port(spelt, protocol, address, wanted, self._ports)
            if port is not None:
                self._ports[port] = None
                self._right.add(named.text)
                return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self._failures[named.text] += 1
        return None

    def endpoint(self, chain: str) -> tuple[str, str] | None:
        """The endpoint of a chain that was not pasted: the comments of rules that lead there name it, and its hash proves it.

        None in a whole table: there a rule that leads to a missing chain is broken.
        """
        nat = self._nat
        if nat is None or nat.line or not chain.startswith(layout.ENDPOINT):
            return None
        name, arrow, end = self.way(chain)[1].partition(layout.ARROW)
        wanted = chain.removeprefix(layout.ENDPOINT)
        protocol = next((one for one in PROTOCOLS if arrow and endpoint_hash(name, one, end) == wanted), None)
        return None if protocol is None else (end, protocol.lower())


def _named_in(rule: Rule) -> str | None:
    said = comment(rule)
    return None if said is None else layout.named_in(said)
