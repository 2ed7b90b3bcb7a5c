"""CNI plugins: the standard plugins that give containers their network: bridge, ptp, portmap (host ports) and firewall.

Source: containernetworking/plugins, plugins/meta/portmap/portmap.go, plugins/meta/firewall/iptables.go and ingresspolicy.go,
pkg/ip/ipmasq_linux.go; pkg/utils/utils.go (`FormatChainName`, `MustFormatChainNameWithPrefix`: what follows the prefix is a hash of the
network and the container).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_HASH = "?" * 21
"""What a name of 28 characters leaves for the hash behind `CNI-DN-`."""

OWNER = Owner(
    "CNI plugins",
    message("the standard plugins that connect containers to the network: bridge, portmap, firewall and others"),
    "containernetworking/plugins, plugins/meta/portmap/portmap.go, plugins/meta/firewall/iptables.go and pkg/ip/ipmasq_linux.go",
    (
        Kind(
            "CNI-HOSTPORT-DNAT",
            N_("compares the destination port with the host ports of all containers and leads on to the one that has it"),
            ("nat",),
        ),
        Kind(
            "CNI-HOSTPORT-SETMARK",
            N_("marks packets that shall get an address of this node as their source in CNI-HOSTPORT-MASQ"),
            ("nat",),
        ),
        Kind(
            "CNI-HOSTPORT-MASQ", N_("gives packets that CNI-HOSTPORT-SETMARK has marked an address of this node as their source"), ("nat",)
        ),
        Kind("CNI-HOSTPORT-SNAT", N_("leads packets to host ports on, so that they get another source (older versions)"), ("nat",)),
        Kind("CNI-DN-" + _HASH, N_("sends packets to host ports of one container to it: it changes their destination"), ("nat",)),
        Kind("CNI-SN-" + _HASH, N_("gives packets to host ports of one container another source (older versions)"), ("nat",)),
        Kind("CNI-FORWARD", N_("accepts forwarded packets from containers, and replies to them"), ("filter",)),
        Kind("CNI-ADMIN", N_("is for rules that administrators write themselves; they come before those of CNI-FORWARD"), ("filter",)),
        Kind("CNI-ISOLATION-STAGE-1", N_("finds packets that leave the network of one bridge, to keep networks apart"), ("filter",)),
        Kind("CNI-ISOLATION-STAGE-2", N_("drops packets from one bridge to another, to keep networks apart"), ("filter",)),
        Kind("CNI-" + "?" * 24, N_("gives what one container sends out of its network an address of this node as its source"), ("nat",)),
    ),
)
