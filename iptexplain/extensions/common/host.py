"""Addresses of policy and ipvs, which iptables-save prints with the bits of the host, and without a mask that leaves nothing out."""

from __future__ import annotations

from iptexplain.model.address import Network
from iptexplain.named import NamedTuple


class Host(NamedTuple):
    """An address as it was written, and the network that it means."""

    address: str
    network: Network

    @classmethod
    def parse(cls, text: str) -> Host:
        """Read `10.1.2.3`, `10.1.2.3/8`. Raises ValueError."""
        address = text.partition("/")[0]
        whole = Network.parse(address)
        return cls(str(whole).partition("/")[0], Network.parse(text))

    def __str__(self) -> str:
        """The length of the mask stands there only if it leaves something out; for a mask with holes iptables-save forgets it."""
        _, _, length = str(self.network).partition("/")
        return f"{self.address}/{length}" if length.isdecimal() and self.network.single is None else self.address
