"""SNAT: give the packet another source; ends the nat table.

Man page iptables-extensions(8), SNAT; kernel net/netfilter/xt_nat.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.nat import SOURCES, drawn, endpoint, ports_of, several
from iptexplain.model.address import Endpoint
from iptexplain.model.content import Content
from iptexplain.model.matching import Opaque, Translate
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _source(text: str) -> Endpoint:
    """Read `10.0.0.1:1024-2048`; iptables takes a base port too, and saves 0 for it."""
    found = Endpoint.parse(text)
    return found if found.base_port is None else found._replace(base_port=0)


class Snat(Extension):
    """The new source; None where the dump has lost it."""

    NAME: ClassVar[str] = "SNAT"

    to: Endpoint | None = None
    random: bool = False
    random_fully: bool = False
    persistent: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--to-source", "to", _source, content=Content.ADDRESS),
        Option("--random", "random"),
        Option("--random-fully", "random_fully"),
        Option("--persistent", "persistent"),
    )

    def effect(self) -> Translate | Opaque:
        """A new source."""
        if self.to is None:
            return Opaque("SNAT")
        return Translate("SNAT", self.to, random=self.random, fully=self.random_fully, persistent=self.persistent)

    def action(self) -> Message:
        """Which source it gets."""
        if self.to is None:
            return message("replace the source with what the dump has lost (SNAT)")
        ports = ports_of(self.to)
        random = (self.random or self.random_fully) and drawn(ports)
        return message(SOURCES[random, self.persistent and several(self.to)], to=endpoint(self.to), target=self.NAME)


EXTENSION = Snat
