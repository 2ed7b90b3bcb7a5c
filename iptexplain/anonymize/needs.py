"""What a permutation of addresses must not break, as the inputs ask for it; and which names there are to be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iptexplain.model.address import Address, Network


class Needs:
    """Filled while the inputs are read for the first time."""

    def __init__(self) -> None:
        """Nothing is needed yet."""
        self.addresses: set[Address] = set()
        """Addresses that stand for themselves."""
        self.networks: set[Network] = set()
        """Networks of more than one address, written with the length of their prefix."""
        self.ranges: set[tuple[Address, Address]] = set()
        """From one address to another: those between stay together."""
        self.holed: set[Network] = set()
        """Networks whose mask has holes."""
        self.translated: set[Network] = set()
        """Networks of NETMAP, which keeps the bits behind the prefix."""
        self.connected: set[Network] = set()
        """Networks of interfaces, whose first and last address are special."""
        self.interfaces: set[str] = set()
        """Names of interfaces and, with `+`, beginnings of such names."""
        self.chains: set[str] = set()
        """All names of chains."""
        self.service_ports: set[str] = set()
        """Service ports that comments name."""
