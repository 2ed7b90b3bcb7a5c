"""The output of `ip -j route` or of `ip route` (`--ip-route`), written as JSON either way.

Of the text form only the routes are left that were read; of JSON, all whose words are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.allowed import array, chosen, each, number, text, vocabulary, word, words
from iptexplain.inputs.ip_route import parse_ip_route
from iptexplain.inputs.json_text import is_json, values
from iptexplain.source import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iptexplain.anonymize.beside.allowed import Maker
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.model.node import Way
    from iptexplain.source import Source

_DEFAULT = "default"
_FAMILIES = {4: "inet", 6: "inet6"}
_TYPES = vocabulary("unicast local broadcast multicast anycast blackhole unreachable prohibit throw nat xresolve")
_PROTOCOLS = vocabulary(
    "redirect kernel boot static gated ra mrt zebra bird dnrouted xorp ntk dhcp keepalived babel bgp isis ospf rip eigrp openr"
)
"""Names of programs (iproute2, etc/iproute2/rt_protos)."""
_SCOPES = frozenset({"global", "site", "link", "host", "nowhere"})
_TABLES = frozenset({"main", "local", _DEFAULT})
_ANOTHER = "other"
_FLAGS = vocabulary("dead onlink pervasive offload notify linkdown unresolved trap rt_offload rt_trap rt_offload_failed")
_PREFERENCES = frozenset({"low", "medium", "high"})


def gather(source: Source, needs: Needs) -> None:
    """Adds the interfaces. Raises `UnreadableInputError`."""
    needs.interfaces.update(way.interface for way in parse_ip_route(source) if way.interface is not None)


def lines(source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:  # noqa: ARG001 - routes have no counters
    """The same routes in other words. Raises `UnreadableInputError`."""
    ways = parse_ip_route(source)
    given: Iterable[object] = [_printed(ways)]
    if is_json(source):
        given = values(source, message("the output of `{command}`", command="ip -j route"), first=True)
    makers = _makers(disguise)
    items = (chosen(item, makers) for found in given if isinstance(found, list) for item in found)
    return array(item for item in items if "dst" in item)


def _makers(to: Disguise) -> Mapping[str, Maker]:
    """What is written for the keys of a route."""
    via: Mapping[str, Maker] = {"family": word(set(_FAMILIES.values())), "host": text(to.address)}
    hop: dict[str, Maker] = {
        "gateway": text(to.address),
        "via": lambda value: chosen(value, via),
        "dev": text(to.interface),
        "weight": number,
        "flags": words(_FLAGS),
    }
    return {
        "type": word(_TYPES),
        "dst": text(lambda value: _to(value, to)),
        **hop,
        "table": text(_table),
        "protocol": word(_PROTOCOLS),
        "scope": word(_SCOPES),
        "prefsrc": text(to.address),
        "metric": number,
        "tos": text(_tos),
        "pref": word(_PREFERENCES),
        "nexthops": each(lambda value: chosen(value, hop)),
    }


def _to(text_: str, to: Disguise) -> str:
    """What stands for where a route leads."""
    return text_ if text_ == _DEFAULT else to.network(text_)


def _table(name: str) -> str:
    """The name of a table; of one that people have named only that it is another one. Numbers stay."""
    return name if name in _TABLES or (name.isascii() and name.isdigit()) else _ANOTHER


def _tos(value: str) -> str:
    return hex(int(value, 0))


def _printed(ways: Iterable[Way]) -> list[dict[str, object]]:
    """The routes as `ip -j route` would print what was read."""
    found = []
    for way in ways:
        item: dict[str, object] = {"type": way.kind, "dst": str(way.to)}
        if way.gateway is not None and way.gateway.family != way.to.family:
            item["via"] = {"family": _FAMILIES[way.gateway.family], "host": str(way.gateway)}
        elif way.gateway is not None:
            item["gateway"] = str(way.gateway)
        if way.interface is not None:
            item["dev"] = way.interface
        found.append({**item, "metric": way.metric, "tos": str(way.tos)})
    return found
