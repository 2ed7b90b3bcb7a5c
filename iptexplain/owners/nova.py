"""OpenStack Nova, where it made networks itself (nova-network, before Neutron), and its firewall for virtual machines.

Source: openstack/nova, nova/network/linux_net.py (`IptablesManager`) and nova/virt/firewall.py (`IptablesFirewallDriver`).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_FILTER, _NAT = ("filter",), ("nat",)

OWNER = Owner(
    "OpenStack Nova",
    message("the virtual machines of OpenStack, and in older releases their networks"),
    "openstack/nova, nova/network/linux_net.py and nova/virt/firewall.py",
    (
        Kind("nova-filter-top", N_("is for rules of all Nova services that come before all others"), _FILTER),
        Kind("nova-postrouting-bottom", N_("is for rules of all Nova services that come after all others"), _NAT),
        Kind("nova-compute-inst-*", N_("decides which packets reach the virtual machine number {name}, by its security groups"), _FILTER),
        Kind("nova-compute-provider", N_("drops packets that the operator of the cloud has barred for all virtual machines"), _FILTER),
        Kind("nova-compute-local", N_("hands packets to virtual machines to the chains of these"), _FILTER),
        Kind("nova-*-sg-fallback", N_("drops packets that no security group of a virtual machine allows"), _FILTER),
        Kind("nova-*-float-snat", N_("gives packets of virtual machines their floating IP address as source"), _NAT),
        Kind("nova-*-floating-snat", N_("gives packets of virtual machines their floating IP address as source"), _NAT),
        Kind("nova-*-snat", N_("gives packets of virtual machines to other networks an address of this machine as source"), _NAT),
        Kind("nova-*-local", N_("is for rules of the service nova-{name} that come before all others"), _FILTER),
        *(
            Kind(f"nova-*-{hook}", N_("holds what the service nova-{name} adds to the built-in chain of the same name"))
            for hook in ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")
        ),
    ),
)
