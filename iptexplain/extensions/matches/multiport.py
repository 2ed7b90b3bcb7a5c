"""multiport: the port is one of a list.

Man page iptables-extensions(8), multiport; kernel net/netfilter/xt_multiport.c. `--ports` looks at both: one of them must be listed.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model import names
from iptexplain.model.values import Ports
from iptexplain.named import NamedTuple

_MOST = 15


def _ports(text: str) -> Ports:
    """A port or a range; here both ends have to be written, and to differ."""
    low, colon, high = text.partition(":")
    found = Ports(names.port(low), names.port(high if colon else low))
    if colon and found.first >= found.last:
        raise ValueError(text)
    return found


class PortList(NamedTuple):
    """Ports and ranges of ports, in the order of the rule."""

    ports: tuple[Ports, ...]

    @classmethod
    def parse(cls, text: str) -> PortList:
        """Read `ssh,80,8000:8010`, at most 15 numbers. Raises ValueError."""
        found = tuple(_ports(part) for part in text.split(","))
        if sum(1 if ports.first == ports.last else 2 for ports in found) > _MOST:
            raise ValueError(text)
        return cls(found)

    def __str__(self) -> str:
        return ",".join(map(str, self.ports))


class Multiport(Extension):
    """Exactly one of source ports, destination ports, and either of them."""

    NAME: ClassVar[str] = "multiport"

    source: Given[PortList] | None = None
    destination: Given[PortList] | None = None
    either: Given[PortList] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--sports", "source", PortList.parse, negatable=True, also=("--source-ports",)),
        Option("--dports", "destination", PortList.parse, negatable=True, also=("--destination-ports",)),
        Option("--ports", "either", PortList.parse, negatable=True),
    )

    def check(self) -> None:
        """Exactly one of them."""
        if sum(ports is not None for ports in (self.source, self.destination, self.either)) != 1:
            raise ValueError(self.NAME)


EXTENSION = Multiport
