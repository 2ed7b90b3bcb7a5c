"""udp: the ports of UDP.

Man page iptables-extensions(8), udp; kernel net/netfilter/xt_tcpudp.c. iptables takes a range whose first port is the greater one, which no
packet meets; here it is a value that makes no sense.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import LOSSLESS, Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_16, but_everything
from iptexplain.extensions.common.ports import PORT_OPTIONS, turned

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch
    from iptexplain.model.values import Ports


class Udp(Extension):
    """Source and destination ports; None where the rule does not say."""

    NAME: ClassVar[str] = "udp"

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = PORT_OPTIONS

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without all ports, even where `!` stands before them."""
        if to.backend == LOSSLESS:
            return super().save(to)
        found = but_everything(but_everything(super().save(to), "--sport", MAX_16), "--dport", MAX_16)
        return turned(found) if to.backend == "nft" else found

    def vanishes(self, to: Dialect) -> bool:
        """Nft keeps `-m udp` if nothing was asked, but loses it if all that was asked is `! --sport 0:65535`."""
        return to.backend == "nft" and not self.save(to) and any(ports is not None and ports.negated for ports in (self.sport, self.dport))

    def decide(self) -> tuple[Branch, ...]:
        """The ports are all there is."""
        return ()


EXTENSION = Udp
