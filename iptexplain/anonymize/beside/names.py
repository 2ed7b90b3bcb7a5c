"""Names of Services (`--names`): a list for a list and for a table of kubectl, a List of Services for JSON.

Of a Service in JSON stay its names, where it listens, and words of the API that say how. Selectors, labels, annotations, states and names
of hosts are left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.allowed import array, chosen, each, number, text, truth, word
from iptexplain.inputs.json_text import is_json
from iptexplain.inputs.names import parse_names
from iptexplain.model.address import Network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iptexplain.anonymize.beside.allowed import Maker
    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.inputs.names import PortName
    from iptexplain.source import Source

_TYPES = frozenset({"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"})
_POLICIES = frozenset({"Cluster", "Local"})
_PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})
_NONE = "None"
"""The address of a headless Service."""


def gather(source: Source, needs: Needs) -> None:
    """Adds the Service ports. Raises `UnreadableInputError`."""
    needs.service_ports |= {port.text for port in parse_names(source).ports}


def lines(source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:  # noqa: ARG001 - names have no counters
    """The same Services in other words, in their order. Raises `UnreadableInputError`."""
    names = parse_names(source)
    if not is_json(source):
        yield from (_listed(port, disguise) for port in names.ports)
        return
    given = json.loads(source.text)
    items = given if isinstance(given, list) else given.get("items") or [given]
    services = _Services(disguise)
    found = (services.service(item) for item in items if isinstance(item, dict) and item.get("kind") == "Service")
    first, *rest = array(one for one in found if one)
    yield f'{{"apiVersion":"v1","kind":"List","items":{first}'
    yield from rest
    yield "}"


def _listed(port: PortName, disguise: Disguise) -> str:
    """A line of the list."""
    namespace, name = disguise.services.pair(port.namespace, port.name)
    new = port._replace(namespace=namespace, name=name, port=disguise.services.port(port.port))
    return new.text if new.protocol is None else f"{new.text}/{new.protocol}"


class _Services:
    """What is written for Services in JSON."""

    def __init__(self, disguise: Disguise) -> None:
        self._to = disguise
        address = text(lambda one: one if one == _NONE else disguise.address(one))
        self._port_makers: Mapping[str, Maker] = {
            "name": text(disguise.services.port),
            "protocol": word(_PROTOCOLS),
            "port": number,
            "targetPort": number,
            "nodePort": number,
        }
        self._makers: Mapping[str, Maker] = {
            "type": word(_TYPES),
            "clusterIP": address,
            "clusterIPs": each(address),
            "externalIPs": each(address),
            "loadBalancerIP": address,
            "loadBalancerSourceRanges": each(text(self._network)),
            "externalTrafficPolicy": word(_POLICIES),
            "internalTrafficPolicy": word(_POLICIES),
            "sessionAffinity": word({"None", "ClientIP"}),
            "healthCheckNodePort": number,
            "publishNotReadyAddresses": truth,
            "ports": each(self._port),
        }
        ingress = each(lambda one: chosen(one, {"ip": address}))
        self._status: Mapping[str, Maker] = {"loadBalancer": lambda one: chosen(one, {"ingress": ingress})}

    def service(self, given: Mapping[str, object]) -> dict[str, object]:
        """A Service; nothing for one without a name, which names nothing."""
        about = given.get("metadata")
        name, namespace = (about.get(key) for key in ("name", "namespace")) if isinstance(about, dict) else (None, None)
        if not isinstance(name, str) or not name:
            return {}
        namespace, name = self._to.services.pair(namespace if isinstance(namespace, str) and namespace else "default", name)
        found: dict[str, object] = {"kind": "Service", "metadata": {"namespace": namespace, "name": name}}
        for key, makers in (("spec", self._makers), ("status", self._status)):
            if isinstance(given.get(key), dict):
                found[key] = chosen(given[key], makers)
        return found

    def _port(self, given: object) -> dict[str, object]:
        """A port. Raises ValueError for one of a protocol that no Service has: without it, it would be one of TCP."""
        found = chosen(given, self._port_makers)
        if isinstance(given, dict) and given.get("protocol") and "protocol" not in found:
            raise ValueError(given)
        return found

    def _network(self, given: str) -> str:
        return str(self._to.addresses.network(Network.parse(given.strip())))
