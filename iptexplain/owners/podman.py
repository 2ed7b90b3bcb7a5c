"""Netavark: what Podman makes its networks with.

Source: containers/netavark, src/firewall/varktables/types.rs (`get_network_chains`, `get_port_forwarding_chains`). A network's chains have
a hash in their names: `NETAVARK-1D8721804F16F`, `NETAVARK-DN-1D8721804F16F`.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_HASH = "?" * 13
"""The beginning of the SHA-512 of the network's name, in capital letters (`create_network_hash`)."""

OWNER = Owner(
    "Podman (netavark)",
    message("runs containers, and connects them by networks on this machine"),
    "containers/netavark, src/firewall/varktables/types.rs",
    (
        Kind("NETAVARK_FORWARD", N_("lets packets from containers of Podman through, and answers to them"), ("filter",)),
        Kind("NETAVARK_INPUT", N_("lets DNS queries of containers of Podman through to the DNS server on this machine"), ("filter",)),
        Kind("NETAVARK_ISOLATION_1", N_("finds packets that leave an isolated network of Podman"), ("filter",)),
        Kind("NETAVARK_ISOLATION_2", N_("drops packets that would enter an isolated network of Podman from another one"), ("filter",)),
        Kind("NETAVARK_ISOLATION_3", N_("drops packets from a strictly isolated network of Podman to any other one"), ("filter",)),
        Kind("NETAVARK-HOSTPORT-DNAT", N_("hands connections to published ports to the chains of Podman's networks"), ("nat",)),
        Kind(
            "NETAVARK-HOSTPORT-SETMARK",
            N_("marks connections to published ports whose source address NETAVARK-HOSTPORT-MASQ is to change"),
            ("nat",),
        ),
        Kind(
            "NETAVARK-HOSTPORT-MASQ",
            N_("gives connections that NETAVARK-HOSTPORT-SETMARK has marked an address of this machine as source"),
            ("nat",),
        ),
        Kind(f"NETAVARK-DN-{_HASH}", N_("sends connections to published ports on to containers of a network of Podman"), ("nat",)),
        Kind(f"NETAVARK-{_HASH}", N_("gives packets from a network of Podman to elsewhere an address of this machine as source"), ("nat",)),
    ),
)
