"""The Service that somebody means by a name: `nginx`, `default/nginx:http`, `kube-system/kube-dns:53/UDP`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from iptexplain.analysis.frontends import listed
from iptexplain.analysis.naming import Naming
from iptexplain.errors import UsageError
from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy import layout
from iptexplain.owners.kube_proxy.names import PROTOCOLS, ServicePortName
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iptexplain.inputs.names import Names
    from iptexplain.model.address import Address
    from iptexplain.model.ipset import IpSets
    from iptexplain.model.ruleset import Dump, Ruleset

    Dumps = Sequence[tuple[Ruleset, Dump]]
    _Port = tuple[ServicePortName | None, str, Sequence[tuple[str, Address | None, int]]]


class ServiceEnd(NamedTuple):
    """Where a Service port listens; `protocol` as in `TCP`."""

    name: ServicePortName
    protocol: str
    address: Address
    port: int


_KINDS = (layout.CLUSTER_IP, layout.LOAD_BALANCER, layout.EXTERNAL_IP, layout.OUTSIDE, layout.VIRTUAL)
"""Which of the places of a Service is meant by its name: the first kind that it has."""

_MOST_NAMED = 8
"""So many names are listed in an error."""


def service(text: str, dumps: Dumps, *, family: int | None = None, names: Names | None = None, sets: IpSets | None = None) -> ServiceEnd:
    """Where the Service `[NAMESPACE/]NAME[:PORT][/PROTOCOL]` listens; PORT is a name or a number. `family` None: either.

    Raises `UsageError` if there is none, or more than one that fits.
    """
    every = list(_every(dumps, family, names, sets))
    for wanted in _readings(text):
        fitting = [end for end in every if _fits(end, *wanted)]
        if fitting:
            return _only(text, fitting)
    known = list(dict.fromkeys(f"{end.name.namespace}/{end.name.name}" for end in every))
    if not known and family is not None and any(True for _ in _every(dumps, None, names, sets)):
        said = N_("{text} is no address, and no Service here has one of IPv{family}, as the sender has")
        raise UsageError(message(said, text=text, family=family))
    if not known:
        raise UsageError(message("{text} is no address, and these rules have no Service with a name", text=text))
    wanted_name = text.partition(":")[0]
    by_name = {name.partition("/")[2]: name for name in reversed(known)}
    near = [by_name.get(name, name) for name in get_close_matches(wanted_name, [*by_name, *known], _MOST_NAMED)]
    if near:
        text_, fields = N_("no Service fits {text}; near it are {near}"), ", ".join(dict.fromkeys(near))
    else:
        text_, fields = N_("no Service fits {text}; there are {near}"), _some(known)
    raise UsageError(message(text_, text=text, near=fields))


def _every(dumps: Dumps, family: int | None, names: Names | None, sets: IpSets | None) -> Iterator[ServiceEnd]:
    """All places that Services listen at, the likeliest meaning of each Service port first."""
    for ruleset, dump in dumps:
        for name, protocol, places in _of_ipvs(ruleset, dump, names, sets) if sets is not None else _of_rules(dump, names):
            for _, address, port in sorted((place for place in places if place[0] in _KINDS), key=lambda place: _KINDS.index(place[0])):
                if name is not None and address is not None and family in {None, address.family}:
                    yield ServiceEnd(name, protocol, address, port)


def _of_rules(dump: Dump, names: Names | None) -> Iterator[_Port]:
    """The Service ports that rules name."""
    for port in listed(dump, Naming(dump.table("nat"), names)):
        name = None if port.service_port is None else ServicePortName.parse(port.service_port)
        yield name, port.protocol, list(port.frontends)


def _of_ipvs(ruleset: Ruleset, dump: Dump, names: Names | None, sets: IpSets | None) -> Iterator[_Port]:
    """Those that sets name, in ipvs mode."""
    from iptexplain.analysis.services import services

    for found in services(ruleset, names=names, sets=sets):
        for port in found.ports if found.dump is dump else ():
            yield port.service_port, port.protocol, [(route.kind, route.address, route.port) for route in port.routes]


def _readings(text: str) -> Iterator[tuple[str, str, str, str | None]]:
    """How a text may be meant: namespace, name, port and protocol; what is not said is empty, or None."""
    rest, slash, last = text.rpartition("/")
    for whole, protocol in ((rest, last.upper()), (text, None)):
        if protocol is None or (slash and protocol in PROTOCOLS):
            service_, _, port = whole.partition(":")
            namespace, _, name = service_.rpartition("/")
            yield namespace, name, port, protocol


def _fits(end: ServiceEnd, namespace: str, name: str, port: str, protocol: str | None) -> bool:
    return (
        end.name.name == name
        and namespace in {"", end.name.namespace}
        and port in {"", end.name.port_name, str(end.port)}
        and protocol in {None, end.protocol}
    )


def _only(text: str, fitting: Sequence[ServiceEnd]) -> ServiceEnd:
    """The one that is meant, of those that fit: the first place of the only port of the only Service."""
    services = list(dict.fromkeys(f"{end.name.namespace}/{end.name.name}" for end in fitting))
    if len(services) > 1:
        raise UsageError(message("several Services fit {text}: {services}; say which", text=text, services=_some(services)))
    ports = list(dict.fromkeys((end.name.port_name, end.protocol) for end in fitting))
    if len(ports) > 1:
        said = [f"{services[0]}:{name or _number(fitting, name, protocol)}/{protocol}" for name, protocol in ports]
        raise UsageError(message("{service} has several ports: {ports}; say which", service=services[0], ports=_some(said)))
    return fitting[0]


def _number(fitting: Iterable[ServiceEnd], name: str, protocol: str) -> int:
    return next(end.port for end in fitting if (end.name.port_name, end.protocol) == (name, protocol))


def _some(names: Sequence[str]) -> str:
    """The first few names."""
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
