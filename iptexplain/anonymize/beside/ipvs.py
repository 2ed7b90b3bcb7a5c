"""The output of `ipvsadm -Sn` (`--ipvs`): virtual services and real servers as they were read.

What the reader passes over is left out: masks and flags of schedulers, kinds of tunnels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.anonymize.beside.allowed import placed, vocabulary
from iptexplain.inputs.ipvs import MASQUERADING, ROUTING, TUNNELLING, parse_ipvs
from iptexplain.model.address import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iptexplain.anonymize.disguise import Disguise
    from iptexplain.anonymize.needs import Needs
    from iptexplain.inputs.ipvs import Key
    from iptexplain.model.address import Address
    from iptexplain.source import Source

_PROTOCOLS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}
_METHODS = {MASQUERADING: "-m", ROUTING: "-g", TUNNELLING: "-i"}
_SCHEDULERS = vocabulary("rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos")
"""Those of the kernel (net/netfilter/ipvs)."""


def gather(source: Source, needs: Needs) -> None:  # noqa: ARG001 - single addresses ask nothing
    """Adds nothing. Raises `UnreadableInputError`."""
    parse_ipvs(source)


def lines(source: Source, disguise: Disguise, *, counters: bool) -> Iterator[str]:  # noqa: ARG001 - `ipvsadm -S` prints no counters
    """The same services in other words, each in its line. Raises `UnreadableInputError`."""
    found = []
    for key, service in parse_ipvs(source).by_key.items():
        about = _about(key, disguise)
        scheduler = service.scheduler if service.scheduler in _SCHEDULERS else disguise.value(service.scheduler)
        persistent = "" if service.persistence is None else f" -p {service.persistence}"
        found.append((service.line, f"-A {about} -s {scheduler}{persistent}"))
        for server in service.servers:
            to = _endpoint(server.to.first, server.to.first_port, disguise)
            found.append((server.line, f"-a {about} -r {to} {_METHODS[server.method]} -w {server.weight}"))
    return placed(sorted(found))


def _about(key: Key, disguise: Disguise) -> str:
    """What a service asks of a packet."""
    if key.protocol is None:
        return f"-f {key.mark} -6" if key.family == 6 else f"-f {key.mark}"  # noqa: PLR2004
    return f"{_PROTOCOLS[key.protocol]} {_endpoint(key.address, key.port, disguise)}"


def _endpoint(address: Address | None, port: int | None, disguise: Disguise) -> Endpoint:
    """What stands for an address and a port."""
    new = None if address is None else disguise.addresses.address(address)
    return Endpoint(new, new, port, port)
