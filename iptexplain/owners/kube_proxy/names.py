"""The names of kube-proxy's chains: how they are made of a Service port, and what they tell.

Source: pkg/proxy/iptables/proxier.go `portProtoHash`, `servicePortEndpointChainName`; pkg/proxy/types.go `ServicePortName.String`.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from hashlib import sha256
from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PROTOCOLS = ("TCP", "UDP", "SCTP")
"""The protocols that a Service port may have."""

_BYTES = 10
"""The bytes of the digest that make the 16 letters of the hash."""
SERVICE_CHAIN = re.compile(r"KUBE-(SVC|SVL|EXT|FW|XLB)-([A-Z2-7]{16})\Z")
"""Chains of one Service port: their kind, and the hash that they share."""

ENDPOINT_CHAIN = re.compile(r"KUBE-SEP-([A-Z2-7]{16})\Z")
"""Chains of one endpoint of one Service port."""


API_SERVER = "default", "kubernetes"
"""The Service of the API server, which every cluster has: namespace and name."""

ANONYMOUS_API_SERVER = "ns-cluster", "svc-api-server"
"""What `anonymize` calls it: a Service that is nobody's secret, and whose endpoints are not like others."""

API_SERVERS = frozenset({API_SERVER, ANONYMOUS_API_SERVER})


_SERVICE_PORT = re.compile(r"([^/\s]+)/([^/:\s]+)(?::([^/:\s]*))?")


class ServicePortName(NamedTuple):
    """One port of a Service, as kube-proxy names it."""

    namespace: str
    name: str
    port_name: str
    text: str
    """As hashed and commented: `default/nginx`, `default/nginx:http`; up to Kubernetes 1.18 an unnamed port is `default/nginx:`."""

    @classmethod
    def parse(cls, text: str) -> ServicePortName | None:
        """Read `namespace/name[:port]`; None if it is no such thing."""
        found = _SERVICE_PORT.fullmatch(text)
        return None if found is None else cls(found[1], found[2], found[3] or "", text)


def service_hash(service_port: str, protocol: str) -> str:
    """The hash in the names of a Service port's chains; `protocol` in any case.

    >>> service_hash("default/nginx", "TCP")
    '2CMXP7HKUVJN7L6M'
    """
    return _hash(service_port + protocol.lower())


def endpoint_hash(service_port: str, protocol: str, endpoint: str) -> str:
    """The hash in the name of an endpoint's chain; `endpoint` is `ip:port` or `[ip]:port`.

    >>> endpoint_hash("default/nginx", "TCP", "192.168.104.1:80")
    'HZVZGM4N576VDS2S'
    """
    return _hash(service_port + protocol.lower() + endpoint)


def spellings(service_port: str) -> tuple[str, ...]:
    """How a Service port may be hashed: a port without a name also with a colon at the end, as up to Kubernetes 1.18.

    >>> spellings("default/nginx")
    ('default/nginx', 'default/nginx:')
    """
    plain = service_port.removesuffix(":")
    return (plain,) if ":" in plain else (plain, plain + ":")


_LIKELY = (80, 8080, 443, 8443, 53, 9153, 3000, 5000, 6443, 8000, 9090, 9100, 10250)
"""Ports that Pods often serve, tried first."""


def endpoint_port(service_port: str, protocol: str, address: str, hash_: str, likely: Iterable[int] = ()) -> int | None:
    """The port with which an endpoint has this hash, None if there is none; `likely` ports are tried first.

    >>> endpoint_port("default/nginx", "TCP", "192.168.104.1", "HZVZGM4N576VDS2S")
    80
    """
    shown = f"[{address}]" if ":" in address else address
    known = sha256(f"{service_port}{protocol.lower()}{shown}:".encode("utf-8", "surrogateescape"))
    wanted = b32decode(hash_)
    port: int
    for port in (*likely, *_LIKELY, *range(1, 65536)):
        trial = known.copy()
        trial.update(str(port).encode())
        if trial.digest()[:_BYTES] == wanted:
            return port
    return None


def _hash(text: str) -> str:
    return b32encode(sha256(text.encode("utf-8", "surrogateescape")).digest()[:_BYTES]).decode()


def chain_names(service_port: str, protocol: str, endpoint: str | None = None) -> list[str]:
    """The names of all chains that a Service port may have, and of the chain of one endpoint.

    A port without a name has another hash up to Kubernetes 1.18, which writes it with a colon at the end: give it so to get those names.
    """
    own = service_hash(service_port, protocol)
    found = [f"KUBE-{kind}-{own}" for kind in ("SVC", "SVL", "EXT", "FW", "XLB")]
    return [*found, f"KUBE-SEP-{endpoint_hash(service_port, protocol, endpoint)}"] if endpoint else found
