"""mac: the hardware address of the machine in the local network that sent the packet.

Man page iptables-extensions(8), mac; kernel net/netfilter/xt_mac.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.model.content import Content
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, message

_LENGTH = 6
_DIGITS = 2


class HardwareAddress(NamedTuple):
    """The six numbers of an Ethernet address."""

    parts: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> HardwareAddress:
        """Read `02:42:ac:11:00:02`, in upper or lower case, zeros at the front of a number left out or not. Raises ValueError."""
        parts = text.split(":")
        if len(parts) != _LENGTH or max(map(len, parts)) > _DIGITS:
            raise ValueError(text)
        return cls(tuple(integer(f"0x{part}", MAX_8) for part in parts))

    def holds(self, address: int) -> bool:
        """Is it this address, as a number of 48 bits."""
        return address == int.from_bytes(bytes(self.parts))

    def __str__(self) -> str:
        return ":".join(f"{part:02x}" for part in self.parts)


class Mac(Extension):
    """The sender in the local network: for packets from elsewhere, the router."""

    NAME: ClassVar[str] = "mac"

    source: Given[HardwareAddress]

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--mac-source", "source", HardwareAddress.parse, negatable=True, field=Field.HARDWARE_SOURCE, content=Content.HARDWARE),
    )

    def constraints(self) -> tuple[Constraint, ...]:
        """Without a header of Ethernet (what comes back in by lo) it does not match, `!` or not."""
        return (Constraint(Field.ETHERNET, None), *super().constraints())

    def phrases(self) -> tuple[Phrase, ...]:
        """From which hardware address."""
        text = N_("any MAC address but {address}") if self.source.negated else N_("MAC address {address}")
        return (Phrase(Part.FROM, message(text, address=self.source.value)),)


EXTENSION = Mac
