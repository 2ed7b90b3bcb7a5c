"""TPROXY: hand the packet to a program on this host as it is, without changing its destination.

Man page iptables-extensions(8), TPROXY; kernel net/netfilter/xt_TPROXY.c. All three options are always saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.marking import put, with_mask
from iptexplain.extensions.common.numbers import MAX_16
from iptexplain.model import names
from iptexplain.model.address import Address, Endpoint
from iptexplain.model.content import Content
from iptexplain.model.values import Mark
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_ANY = {4: Address(4, 0), 6: Address(6, 0)}


def _port(text: str) -> int:
    """A decimal number or the name of a service. Raises ValueError."""
    decimal = text.isascii() and text.isdigit()
    found = int(text) if decimal else names.port(text)
    if found > MAX_16 or (text[:1].isdigit() and not decimal):
        raise ValueError(text)
    return found


class Tproxy(Extension):
    """Where the program listens (port 0: the packet's own; no address: any), and the mark that the packet gets."""

    NAME: ClassVar[str] = "TPROXY"

    port: int
    address: Address | None = None
    mark: Mark = Mark(0, 0)

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--on-port", "port", _port),
        Option("--on-ip", "address", Address.parse, content=Content.ADDRESS),
        Option("--tproxy-mark", "mark", Mark.parse, write=with_mask),
    )

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Any address is written as that of the family."""
        if self.address is not None:
            return super().save(to)
        return Tproxy(port=self.port, address=_ANY[to.family], mark=self.mark).save(to)

    def action(self) -> Message:
        """Where the program listens, and the mark that a packet for it gets; without a program, it is dropped (`tproxy_tg4`)."""
        address = None if self.address is None or not self.address.value else self.address
        if address is None:
            text = (
                N_("hand it unchanged to the local program on port {port} (TPROXY; drop if no transparent socket listens)")
                if self.port
                else N_("hand it unchanged to the local program on the same port (TPROXY; drop if no transparent socket listens)")
            )
            done = message(text, port=self.port)
        else:
            text = (
                N_("hand it unchanged to the local program at {to} (TPROXY; drop if no transparent socket listens)")
                if self.port
                else N_("hand it unchanged to the local program at {to} on the same port (TPROXY; drop if no transparent socket listens)")
            )
            done = message(text, to=Endpoint(address, address, self.port or None, self.port or None))
        if self.mark == Mark(0, 0):
            return done
        return message("{first}, and {rest}", first=put(self.mark, message("mark")), rest=done)


EXTENSION = Tproxy
