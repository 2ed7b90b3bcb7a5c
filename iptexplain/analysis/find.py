"""The reverse look-up: which Service, route and endpoint an address, a port, a chain or a line of the dump belongs to.

It looks at what `analysis.services` has found, so what is found is told as the dump acts. A line or a chain that is nobody's is told too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iptexplain.errors import UsageError
from iptexplain.extensions.binding import comment
from iptexplain.model.address import Network
from iptexplain.model.ruleset import BUILT_IN
from iptexplain.named import NamedTuple
from iptexplain.owners import makers
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import PROTOCOLS, SERVICE_CHAIN
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.analysis.service_port import DumpServices, Endpoint, Route, ServicePort
    from iptexplain.model.ruleset import Rule, Table

_LINE = re.compile(r"line:([0-9]{1,18})\Z")
_MOST_DIGITS = 5
"""The digits that a port may have."""
_LAST_PORT = 65535
_HASH = re.compile(r"[A-Z2-7]{16}\Z")


class Wanted(NamedTuple):
    """What is looked for: a line, a chain or the hash in its name, or an address or network and a port; None: not asked for."""

    text: str
    line: int | None = None
    chain: str | None = None
    network: Network | None = None
    port: int | None = None
    protocol: str | None = None

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """Read `10.244.1.4`, `10.244.0.0/16`, `10.244.1.4:80/TCP`, `[fd00::1]:80`, `:30080`, `KUBE-SEP-…`, a hash, or `line:66`.

        Raises UsageError for anything else.
        """
        line = _LINE.match(text)
        if line:
            return cls(text, line=int(line[1]))
        where, protocol = _without_protocol(text)
        place = _place(where)
        if place is not None and place != (None, None):
            return cls(text, network=place[0], port=place[1], protocol=protocol)
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.+-]*", text):
            return cls(text, chain=text)
        raise UsageError(
            message(
                "--find {text!r}: an address (10.244.1.4, [fd00::4]), a network, a port (:30080), both (10.96.0.1:443), "
                "a chain (KUBE-SEP-…) or a line (line:66) was expected; --service looks for names",
                text=text,
            )
        )


def _without_protocol(text: str) -> tuple[str, str | None]:
    """The place and the protocol of `10.96.0.10:53/UDP`; a text that does not end so is its own place."""
    where, slash, protocol = text.rpartition("/")
    return (where, protocol.upper()) if slash and ":" in where and protocol.upper() in PROTOCOLS else (text, None)


def _place(text: str) -> tuple[Network | None, int | None] | None:
    """An address or network and a port; None if the text is neither."""
    address, colon, port = ("", ":", text) if text.isdecimal() else text.rpartition(":")
    if not (port.isdecimal() and colon and (not address or ":" not in address or address[-1] == "]")):
        address, port = text, ""
    if address.startswith("[") and address.endswith("]") and ":" in address:
        address = address[1:-1]
    if port and (not port.isascii() or len(port) > _MOST_DIGITS or int(port) > _LAST_PORT):
        return None
    try:
        return (Network.parse(address) if address else None), (int(port) if port else None)
    except ValueError:
        return None


class Hit(NamedTuple):
    """One thing that was looked for: in which Service port, and as what.

    `port` None: it is no Service's. `route` or `endpoint` say which of these it is; if it is neither, it is the Service's health check port
    or, with `table`, a chain or a rule in it (`rule` is its text). `owner` is the program to which a chain points that is no Service's.
    `line` is where it stands, 0 if that is not known.
    """

    dump: DumpServices
    port: ServicePort | None
    line: int
    route: Route | None = None
    endpoint: Endpoint | None = None
    chain: str | None = None
    table: str | None = None
    rule: str | None = None
    owner: str | None = None


def find(dumps: Sequence[DumpServices], wanted: Wanted) -> tuple[Hit, ...]:
    """All places of what is looked for, in the order of the dumps and their Service ports."""
    return tuple(hit for dump in dumps for hit in _in_dump(dump, wanted))


def _in_dump(dump: DumpServices, wanted: Wanted) -> Iterator[Hit]:
    if wanted.line is not None:
        yield from _at_line(dump, wanted.line)
    elif wanted.chain is not None:
        yield from _chain(dump, wanted.chain)
    else:
        for port in dump.ports:
            if wanted.protocol not in {None, port.protocol}:
                continue
            yield from (Hit(dump, port, route.line, route=route) for route in port.routes if _is_at(route, wanted))
            ends: dict[str, Endpoint] = {}
            for end in (end for found in port.endpoint_sets.values() for end in found if _is_end(end, wanted)):
                ends.setdefault(end.address, end)
            yield from (Hit(dump, port, end.line, endpoint=end) for end in ends.values())
            if wanted.network is None and port.health_check_node_port == wanted.port:
                yield Hit(dump, port, port.health_check_line)


def _is_at(route: Route, wanted: Wanted) -> bool:
    if route.chain is not None or (wanted.port is not None and route.port != wanted.port):
        return False
    return wanted.network is None or (route.address is not None and wanted.network.holds(route.address))


def _is_end(end: Endpoint, wanted: Wanted) -> bool:
    address, port = end.destination.first, end.destination.first_port
    if wanted.port is not None and port != wanted.port:
        return False
    return wanted.network is None or (address is not None and wanted.network.holds(address))


def _chain(dump: DumpServices, chain: str) -> Iterator[Hit]:
    """A chain, by its name or by the hash in it."""
    is_hash = _HASH.match(chain) is not None
    found = False
    for port in dump.ports:
        for end in _by_chain(port).values():
            if end.chain == chain or (is_hash and end.chain.endswith(f"-{chain}")):
                found = True
                yield Hit(dump, port, end.line, endpoint=end)
        for own in port.chains:
            if own == chain or (is_hash and own.endswith(f"-{chain}")):
                found = True
                yield Hit(dump, port, _line_of(dump, own), chain=own, table="nat")
    names = {chain, *(own for own in dump.unlisted if is_hash and own.endswith(f"-{chain}"))} if not found else ()
    for table in dump.dump.tables:
        for name in sorted(names):
            if table.has_chain(name):
                yield Hit(dump, None, _first_line(table, name), chain=name, table=table.name, owner=_owner(table, name))


def _by_chain(port: ServicePort) -> dict[str, Endpoint]:
    """The endpoints of a Service port by chain; of two sets the share of all counts."""
    found: dict[str, Endpoint] = {}
    for end in (end for ends in port.endpoint_sets.values() for end in ends if end.chain):
        found.setdefault(end.chain, end)
    return found


def _line_of(dump: DumpServices, chain: str) -> int:
    nat = dump.dump.table("nat")
    return 0 if nat is None else _first_line(nat, chain)


def _first_line(table: Table, chain: str) -> int:
    declared = next((own.line for name, own in table.chains.items() if name == chain), 0)
    return declared or next((rule.line for rule in table.rules_of(chain)), 0)


def _at_line(dump: DumpServices, line: int) -> Iterator[Hit]:
    """What stands on a line of the input: an endpoint's or a route's rule, another rule of a Service, or somebody else's."""
    for table in dump.dump.tables:
        for chain, places in table.by_chain.items():
            lines = [table.rules.line(place) for place in places] if _may_hold(table, places, line) else []
            for place, own in zip(places, lines, strict=False):
                if own == line:
                    yield from _rule(dump, table, chain, table.rules[place])
        for declared in table.chains.values():
            if declared.line == line:
                found = tuple(_chain(dump, declared.name)) if table.name == "nat" else ()
                yield from found or (Hit(dump, None, line, chain=declared.name, table=table.name, owner=_owner(table, declared.name)),)


def _may_hold(table: Table, places: Sequence[int], line: int) -> bool:
    """Can one of the rules stand on the line: rules of one chain stand in order."""
    return bool(places) and table.rules.line(places[0]) <= line <= table.rules.line(places[-1])


def _rule(dump: DumpServices, table: Table, chain: str, rule: Rule) -> Iterator[Hit]:
    said = comment(rule)
    name = None if said is None else layout.named_in(said)
    own = {kind[2] for text in (chain, rule.target_name or "") if (kind := SERVICE_CHAIN.match(text))}
    found = False
    for port in dump.ports:
        ends = _by_chain(port)
        route = next((route for route in port.routes if route.line == rule.line), None)
        if chain in ends:
            hit = Hit(dump, port, rule.line, endpoint=ends[chain], rule=rule.text)
        elif route is not None:
            hit = Hit(dump, port, rule.line, route=route, rule=rule.text)
        elif (port.hash and port.hash in own) or (
            name is not None
            and port.service_port is not None
            and ((table.name, chain) in layout.TOP_CHAINS or chain == layout.FIREWALL)
            and port.service_port.text == name
        ):
            hit = Hit(dump, port, rule.line, chain=chain, table=table.name, rule=rule.text)
        else:
            continue
        found = True
        yield hit
    if not found:
        owner = _owner(table, chain) or _owner(table, rule.target_name or "")
        yield Hit(dump, None, rule.line, chain=chain, table=table.name, rule=rule.text, owner=owner)


def _owner(table: Table, chain: str) -> str | None:
    """The program that a chain of a table is of, None for built-in ones and where the name tells nothing."""
    found = None if chain in BUILT_IN or makers.maker(chain) is None else makers.owner(chain, table.name)
    return None if found is None else found.name
