"""What a permutation of addresses must not break, as the inputs ask for it; and which names there are to be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iptexplain.model.address import Address, Network


class Needs:
    """Filled while the inputs are read for the first time.

    `ranges`: from one address to another; those between stay together. `holed`: networks whose mask has holes. `translated`: networks of
    NETMAP, which keeps the bits behind the prefix. `connected`: networks of interfaces, whose first and last address are special.
    `interfaces`: names and, with `+`, beginnings of names. `chains`: all names of chains. `service_ports`: what comments name.
    """

    def __init__(self) -> None:
        """Nothing is needed yet."""
        self.ranges: set[tuple[Address, Address]] = set()
        self.holed: set[Network] = set()
        self.translated: set[Network] = set()
        self.connected: set[Network] = set()
        self.interfaces: set[str] = set()
        self.chains: set[str] = set()
        self.service_ports: set[str] = set()
