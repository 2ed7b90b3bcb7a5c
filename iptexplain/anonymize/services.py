"""Names of namespaces, Services and their ports, and the chains of kube-proxy whose names are hashes of them.

A chain whose hash was made of its Service's name gets the hash of the other name, so that it still verifies. One whose hash fits no known
name gets a hash that fits none either.
"""

from __future__ import annotations

from base64 import b32encode
from typing import TYPE_CHECKING

from iptexplain.analysis.naming import Naming
from iptexplain.model.address import Endpoint
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import (
    ANONYMOUS_API_SERVER,
    API_SERVERS,
    ENDPOINT_CHAIN,
    PROTOCOLS,
    SERVICE_CHAIN,
    ServicePortName,
    endpoint_hash,
    service_hash,
    spellings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iptexplain.anonymize.pseudonyms import Pseudonyms
    from iptexplain.inputs.names import Names
    from iptexplain.model.ruleset import Dump, Rule, Table

NAMESPACE, SERVICE, PORT = "ns", "svc", "port"


class ServiceNames:
    """The names of one key."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        """See the class."""
        self._pseudonyms = pseudonyms
        self._known: dict[str, str | None] = {}

    def namespace(self, name: str) -> str:
        """What stands for a namespace."""
        return self._pseudonyms.worded(NAMESPACE, name, 1)

    def service(self, name: str) -> str:
        """What stands for the name of a Service, in whichever namespace."""
        return self._pseudonyms.worded(SERVICE, name)

    def port(self, name: str) -> str:
        """What stands for the name of a port; no name stays none."""
        return self._pseudonyms.worded(PORT, name, 1) if name else ""

    def service_port(self, text: str) -> str | None:
        """What stands for `namespace/name[:port]`; None if it is no such thing."""
        if text not in self._known:
            parsed = ServicePortName.parse(text)
            self._known[text] = None if parsed is None else self._joined(parsed)
        return self._known[text]

    def _joined(self, parsed: ServicePortName) -> str:
        namespace, name = self.pair(parsed.namespace, parsed.name)
        colon = ":" if ":" in parsed.text else ""
        return f"{namespace}/{name}{colon}{self.port(parsed.port_name)}"

    def pair(self, namespace: str, name: str) -> tuple[str, str]:
        """What stands for the namespace and the name of a Service; that of the API server, which every cluster has, is known as such."""
        return ANONYMOUS_API_SERVER if (namespace, name) in API_SERVERS else (self.namespace(namespace), self.service(name))


class HashedChains:
    """The chains of Service ports and endpoints, by what was hashed for their names."""

    def __init__(self, names: ServiceNames, pseudonyms: Pseudonyms, address: Callable[[str], str]) -> None:
        """`address` gives what stands for the text of an endpoint. What dumps say of the names is told to `learn`."""
        self._names = names
        self._pseudonyms = pseudonyms
        self._address = address
        self._tables: list[tuple[Table, Naming]] = []
        self._said: dict[str, tuple[str, str]] = {}

    def learn(self, dumps: Iterable[Dump], service_ports: Iterable[str], names: Names | None) -> None:
        """What may say what chains are called after: dumps, Service ports named in comments, and a list that the user has given."""
        tables = (table for dump in dumps if (table := dump.table("nat")) is not None)
        self._tables += [(table, Naming(table, names)) for table in tables]
        for text in service_ports:
            self._said.update({service_hash(one, protocol): (one, protocol) for one in spellings(text) for protocol in PROTOCOLS})

    def chain(self, name: str) -> str | None:
        """What stands for the name of a chain; None if it is none of a Service port or an endpoint."""
        found = SERVICE_CHAIN.match(name)
        if found is not None:
            return f"KUBE-{found[1]}-{self._hash(found[2], self._of_service)}"
        found = ENDPOINT_CHAIN.match(name)
        return None if found is None else layout.ENDPOINT + self._hash(found[1], self._of_endpoint)

    def _hash(self, old: str, proven: Callable[[str], str | None]) -> str:
        known = self._pseudonyms.kind(_HASH).get(old)
        if known is not None:
            return known
        new = proven(old)
        if new is not None and self._pseudonyms.is_taken(_HASH, new):  # an original and an anonymised dump of the same, together
            new = None
        return self._pseudonyms.give(_HASH, old, lambda drawn: new or b32encode(drawn[:10]).decode())

    def _of_service(self, old: str) -> str | None:
        """The hash of the other name of a Service port, None if its own name is not proven."""
        said = self._said.get(old)
        if said is not None:
            return service_hash(self._names.service_port(said[0]) or "", said[1])
        for _, naming in self._tables:
            named = naming.of(old)
            for protocol in PROTOCOLS if named is not None else ():
                for text in spellings(named.text) if named is not None else ():
                    if service_hash(text, protocol) == old:
                        return service_hash(self._names.service_port(text) or "", protocol)
        return None

    def _of_endpoint(self, old: str) -> str | None:
        """The hash of the other name and address of an endpoint, None if its own are not proven."""
        chain = layout.ENDPOINT + old
        for table, naming in self._tables:
            for name, end in _said(table, naming, chain):
                for protocol in PROTOCOLS:
                    for text in spellings(name):
                        if endpoint_hash(text, protocol, end) == old:
                            return endpoint_hash(self._names.service_port(text) or "", protocol, self._address(end))
        return None


_HASH = "hash"


def _said(table: Table, naming: Naming, chain: str) -> Iterator[tuple[str, str]]:
    """What the chain of an endpoint may have been called after: names of Service ports, and endpoints."""
    _, remark = naming.way(chain)
    called, arrow, end = remark.partition(layout.ARROW)
    ends = [end] if arrow else []
    names = [called] if arrow else []
    protocol = "tcp"
    for rule in table.rules_of(chain):
        to, protocol = _translates(rule) or ("", protocol)
        if to:
            ends.append(to)
    named = naming.of_endpoint(chain, protocol)
    if named is not None:
        names.append(named.text)
    if not ends:
        lost = (naming.destination(chain, source, protocol) for rule in table.rules_of(chain) if (source := _source(rule)))
        ends += [to for to in lost if to is not None]
    yield from ((name, end) for name in dict.fromkeys(names) for end in dict.fromkeys(ends))


def _translates(rule: Rule) -> tuple[str, str] | None:
    """Where a rule translates to ("" if the dump has lost that) and of which protocol; None if it does not translate."""
    target = rule.shape.target
    if target is None or target.name != "DNAT":
        return None
    to = next((rule.values[option.values[0]] for option in target.options if option.name == "--to-destination"), "")
    return _spelt(to), _base(rule, "-p") or "tcp"


def _spelt(to: str) -> str:
    """An endpoint as kube-proxy hashes it."""
    try:
        return Endpoint.written(to) if to else ""
    except ValueError:
        return ""


def _source(rule: Rule) -> str:
    """The address that a rule asks for as source, "" if it asks for none."""
    return (_base(rule, "-s") or "").partition("/")[0]


def _base(rule: Rule, keyword: str) -> str | None:
    """The value of a base option of a rule."""
    options = rule.shape.clauses[0].options if rule.shape.clauses and rule.shape.clauses[0].kind == "base" else ()
    return next((rule.values[option.values[0]] for option in options if option.name == keyword and not option.negated), None)
