"""iprange: the packet's address lies between two others.

Man page iptables-extensions(8), iprange; kernel net/netfilter/xt_iprange.c. A range whose first address is the greater one never matches.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.address import AddressRange
from iptexplain.model.content import Content
from iptexplain.model.matching import Field


class IpRange(Extension):
    """The source and the destination; None where the rule does not say."""

    NAME: ClassVar[str] = "iprange"

    source: Given[AddressRange] | None = None
    destination: Given[AddressRange] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--src-range", "source", AddressRange.parse, negatable=True, field=Field.SOURCE, content=Content.ADDRESS),
        Option("--dst-range", "destination", AddressRange.parse, negatable=True, field=Field.DESTINATION, content=Content.ADDRESS),
    )

    def check(self) -> None:
        """At least one of them."""
        if self.source is None and self.destination is None:
            raise ValueError(self.NAME)


EXTENSION = IpRange
