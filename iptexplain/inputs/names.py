"""Names of Services that the user gives: a list, or what `kubectl get svc -A` prints, best of all with `-o json`.

A list says which Service ports the cluster has; whose chain a hash stands for is proven with it elsewhere. JSON (API object v1 `Service`,
or a List of them) says also where each of them listens, which names the places of a dump that has no hashes. YAML is refused: reading it
would need a library of its own, and kubectl writes JSON just as well.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from iptexplain.errors import UnreadableInputError
from iptexplain.inputs.lines import UnreadableLineError, numbered
from iptexplain.model.address import Address
from iptexplain.named import NamedTuple
from iptexplain.source import message, without_collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iptexplain.source import Source

_RUN = "kubectl get svc -A -o json"
_EXAMPLE = "shop/web:http/TCP"

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_TYPES = frozenset({"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"})
_LINE = re.compile(r"([-\w.]+)/([-\w.]+)(?::([-\w.]*))?(?:/([A-Za-z]+))?", re.ASCII)
_YAML = re.compile(r"\s*(?:---|apiVersion:|kind:|items:|metadata:|%YAML)")
_LAST_PORT = 65535


class PortName(NamedTuple):
    """One port of a Service; `port` is its name, "" for one without. `protocol` is `TCP`, `UDP` or `SCTP`, None: not said."""

    namespace: str
    name: str
    port: str
    protocol: str | None

    @property
    def text(self) -> str:
        """As kube-proxy names it: `default/nginx`, `default/nginx:http` (pkg/proxy/types.go, `ServicePortName.String`)."""
        return f"{self.namespace}/{self.name}:{self.port}" if self.port else f"{self.namespace}/{self.name}"


class Place(NamedTuple):
    """An address where a Service port listens; `protocol` as in `TCP`."""

    address: Address
    port: int
    protocol: str


class Named(NamedTuple):
    """What listens at a place: its name, and whether the address is a `cluster_ip`, an `external_ip` or a `load_balancer`."""

    name: PortName
    kind: str


class Names(NamedTuple):
    """The Service ports of a cluster; where they listen is known from JSON only. Node ports are by port and protocol."""

    ports: tuple[PortName, ...]
    places: Mapping[Place, Named]
    node_ports: Mapping[tuple[int, str], PortName]

    def candidates(self) -> tuple[tuple[str, str | None], ...]:
        """What a hash may stand for: Service ports as `namespace/name[:port]`, each once, with the protocol; None: any."""
        return tuple(dict.fromkeys((port.text, port.protocol) for port in self.ports))


def parse_names(source: Source) -> Names:
    """The names in a list, in a table of kubectl or in its JSON. Raises `UnreadableInputError`."""
    beginning = source.text[:1000].lstrip()
    if beginning.startswith(("{", "[")):
        with without_collector():
            return _of_objects(_services(source))
    if _YAML.match(source.text):
        raise UnreadableInputError(message("{file}: this is YAML; give the output of `{command}`", file=source.name, command=_RUN))
    ports = tuple(dict.fromkeys(_listed(source)))
    if ports and {port.namespace for port in ports} <= {"service", "svc", "services"}:
        raise UnreadableInputError(
            message("{file}: `-o name` leaves out the namespaces; give the output of `{command}`", file=source.name, command=_RUN)
        )
    return Names(ports, {}, {})


def _listed(source: Source) -> Iterator[PortName]:
    """The names in lines: `namespace/name[:port][/protocol]`, or the first words of a table's rows."""
    for number, line in numbered(source):
        words = line.split()
        if words[0] == "NAMESPACE" and words[1:2] == ["NAME"]:
            continue
        if words[0] == "NAME" or (len(words) > 1 and words[1] in _TYPES and words[2:3] and words[2] not in _TYPES):
            raise UnreadableLineError(source, number, message("the namespace of each Service, as `kubectl get svc -A` prints it"))
        row = len(words) > 2 and words[2] in _TYPES  # noqa: PLR2004 - namespace, name and type begin a row
        found = _LINE.fullmatch(f"{words[0]}/{words[1]}" if row else line.strip())
        protocol = found[4].upper() if found is not None and found[4] else None
        if found is None or (protocol is not None and protocol not in _PROTOCOLS):
            expected = message("a Service port such as {example}, or a row of `kubectl get svc -A`", example=_EXAMPLE)
            raise UnreadableLineError(source, number, expected)
        yield PortName(found[1], found[2], found[3] or "", protocol)


def _services(source: Source) -> Iterator[Mapping[str, object]]:
    """The objects of kind Service in a JSON text."""
    try:
        given = json.loads(source.text)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno, "reason": error.msg}
        raise UnreadableInputError(message("{file}:{line}:{column}: broken JSON: {reason}", file=source.name, **where)) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists in lists without end
        raise UnreadableInputError(
            message("{file}: JSON that nobody writes; expected `{command}`", file=source.name, command=_RUN)
        ) from error
    items = given if isinstance(given, list) else _list(_object(given), "items") or [given]
    found = [item for item in map(_object, items) if item.get("kind") == "Service"]
    if not found and _object(given).get("items") != []:
        raise UnreadableInputError(message("{file}: no Services in it; expected the output of `{command}`", file=source.name, command=_RUN))
    return iter(found)


def _of_objects(services: Iterable[Mapping[str, object]]) -> Names:
    """The names and places of Services; of two that claim one place the first has it. What is missing or odd in an object is left out."""
    ports: dict[PortName, None] = {}
    places: dict[Place, Named] = {}
    node_ports: dict[tuple[int, str], PortName] = {}
    for service in services:
        metadata, spec = _object(service.get("metadata")), _object(service.get("spec"))
        namespace, name = _text(metadata, "namespace") or "default", _text(metadata, "name")
        if not name:
            continue
        addresses = list(_addresses(spec, _object(service.get("status"))))
        for port in map(_object, _list(spec, "ports")):
            protocol = _text(port, "protocol") or "TCP"
            named = PortName(namespace, name, _text(port, "name"), protocol)
            ports[named] = None
            number, node_port = _port(port, "port"), _port(port, "nodePort")
            if number is not None:
                for kind, address in addresses:
                    places.setdefault(Place(address, number, protocol), Named(named, kind))
            if node_port is not None:
                node_ports.setdefault((node_port, protocol), named)
    return Names(tuple(ports), places, node_ports)


def _addresses(spec: Mapping[str, object], status: Mapping[str, object]) -> Iterator[tuple[str, Address]]:
    """The addresses of a Service with their kinds; `None` (headless) and names of hosts are none."""
    balancer = map(_object, _list(_object(status.get("loadBalancer")), "ingress"))
    for kind, texts in (
        ("cluster_ip", [*_list(spec, "clusterIPs"), spec.get("clusterIP")]),
        ("external_ip", _list(spec, "externalIPs")),
        ("load_balancer", [ingress.get("ip") for ingress in balancer]),
    ):
        for text in dict.fromkeys(text for text in texts if isinstance(text, str)):
            try:
                yield kind, Address.parse(text)
            except ValueError:
                continue


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(of: Mapping[str, object], key: str) -> list[object]:
    value = of.get(key)
    return value if isinstance(value, list) else []


def _text(of: Mapping[str, object], key: str) -> str:
    value = of.get(key)
    return value if isinstance(value, str) else ""


def _port(of: Mapping[str, object], key: str) -> int | None:
    value = of.get(key)
    return value if type(value) is int and 0 < value <= _LAST_PORT else None  # no bool
