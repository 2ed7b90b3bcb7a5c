"""multiport: the port is one of a list.

Man page iptables-extensions(8), multiport; kernel net/netfilter/xt_multiport.c. `--ports` looks at both: one of them must be listed.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.matching import Field
from iptexplain.model.values import PortList


class Multiport(Extension):
    """Exactly one of source ports, destination ports, and either of them."""

    NAME: ClassVar[str] = "multiport"

    source: Given[PortList] | None = None
    destination: Given[PortList] | None = None
    either: Given[PortList] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--sports", "source", PortList.parse, negatable=True, field=Field.SOURCE_PORT, also=("--source-ports",)),
        Option("--dports", "destination", PortList.parse, negatable=True, field=Field.DESTINATION_PORT, also=("--destination-ports",)),
        Option("--ports", "either", PortList.parse, negatable=True, field=Field.EITHER_PORT),
    )

    def check(self) -> None:
        """Exactly one of them."""
        if sum(ports is not None for ports in (self.source, self.destination, self.either)) != 1:
            raise ValueError(self.NAME)


EXTENSION = Multiport
