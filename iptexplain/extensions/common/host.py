"""Addresses that iptables-save prints with the bits of the host, and with a mask only if that leaves something out."""

from __future__ import annotations

from iptexplain.model.address import Address, Network
from iptexplain.named import NamedTuple


class Host(NamedTuple):
    """An address whose first `length` bits count, None for all; the others are kept as they were written."""

    address: Address
    length: int | None

    @classmethod
    def parse(cls, text: str) -> Host:
        """Read `10.0.0.1`, `10.0.0.1/8`, `10.0.0.1/255.0.0.0`; of a mask with holes iptables-save forgets all. Raises ValueError."""
        network = Network.parse(text)
        length = str(network).rpartition("/")[2]
        whole = Network.parse(text.partition("/")[0])
        return cls(Address(whole.family, whole.value), int(length) if length.isdecimal() and network.single is None else None)

    def holds(self, address: Address) -> bool:
        """Does an address agree with this one in the bits that count (net/netfilter/xt_conntrack.c, `conntrack_addrcmp`)."""
        if self.length is None or address.family != self.address.family:
            return address == self.address
        return Network.parse(str(self)).holds(address)

    def __str__(self) -> str:
        return str(self.address) if self.length is None else f"{self.address}/{self.length}"
