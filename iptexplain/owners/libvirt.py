"""libvirt: virtual machines, their networks (chains `LIBVIRT_…`) and the filters of single machines (nwfilter: `libvirt-in`, `FI-vnet0`).

Source: libvirt/libvirt, src/network/network_iptables.c (`iptablesSetupPrivateChains`; since libvirt 5.1) and
src/nwfilter/nwfilter_ebiptables_driver.c (`iptablesCreateBaseChainsFW`, `PRINT_IPT_ROOT_CHAIN`). The second letter of a machine's chain is
I (from it) or O (to it), and J or P while it is made anew. Manual: libvirt.org/firewall.html. Interfaces of other names than `vnet…` are
left out: by two letters alone nobody knows a chain.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "libvirt",
    message("runs virtual machines, and connects them by networks on this machine"),
    "libvirt/libvirt, src/network/network_iptables.c and src/nwfilter/nwfilter_ebiptables_driver.c",
    (
        Kind("LIBVIRT_INP", N_("lets virtual machines reach services of their network on this machine, such as DNS and DHCP"), ("filter",)),
        Kind("LIBVIRT_OUT", N_("lets this machine send virtual machines answers of such services"), ("filter",)),
        Kind("LIBVIRT_FWI", N_("decides which forwarded packets reach virtual machines from outside their network"), ("filter",)),
        Kind("LIBVIRT_FWO", N_("decides which packets of virtual machines leave their network"), ("filter",)),
        Kind("LIBVIRT_FWX", N_("lets packets between virtual machines of one network through"), ("filter",)),
        Kind("LIBVIRT_PRT", N_("changes the source address of packets from virtual machines that leave their network (NAT)"), ("nat",)),
        Kind("LIBVIRT_PRT", N_("fills in checksums of DHCP answers to virtual machines"), ("mangle",)),
        Kind("libvirt-in", N_("hands forwarded packets from a virtual machine to the filter of that machine"), ("filter",)),
        Kind("libvirt-out", N_("hands forwarded packets to a virtual machine to the filter of that machine"), ("filter",)),
        Kind("libvirt-in-post", N_("lets packets of filtered virtual machines through that no filter has decided about"), ("filter",)),
        Kind(
            "libvirt-host-in",
            N_("hands packets that a virtual machine sends to this machine to the filter of the virtual machine"),
            ("filter",),
        ),
        Kind("FI-vnet*", N_("filters forwarded packets from the virtual machine at interface vnet{name}"), ("filter",)),
        Kind(
            "FJ-vnet*", N_("filters forwarded packets from the virtual machine at interface vnet{name}, while it is changed"), ("filter",)
        ),
        Kind("FO-vnet*", N_("filters forwarded packets to the virtual machine at interface vnet{name}"), ("filter",)),
        Kind("FP-vnet*", N_("filters forwarded packets to the virtual machine at interface vnet{name}, while it is changed"), ("filter",)),
        Kind("HI-vnet*", N_("filters packets to this machine from the virtual machine at interface vnet{name}"), ("filter",)),
        Kind(
            "HJ-vnet*",
            N_("filters packets to this machine from the virtual machine at interface vnet{name}, while it is changed"),
            ("filter",),
        ),
    ),
)
