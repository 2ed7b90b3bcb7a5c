"""OpenStack Neutron: the networks of OpenStack; on hosts the security groups of virtual machines, in routers NAT and more.

Source: openstack/neutron, neutron/agent/linux/iptables_manager.py (the chains of every agent), neutron/agent/linux/iptables_firewall.py
(security groups), neutron/agent/l3/router_info.py and l3/extensions/port_forwarding.py (routers),
neutron/services/metering/drivers/iptables/iptables_driver.py; openstack/neutron-fwaas, iptables_fwaas_v2.py. A chain's name begins with the
first 16 characters of the agent's, so `neutron-openvswi-` is neutron-openvswitch-agent and `neutron-linuxbri-` neutron-linuxbridge-agent.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_FILTER, _NAT, _MANGLE = ("filter",), ("nat",), ("mangle",)
_SECURITY = ("neutron-openvswi-", "neutron-linuxbri-")
"""Agents of the hosts on which virtual machines run."""

OWNER = Owner(
    "OpenStack Neutron",
    message("the networks of OpenStack and of its virtual machines"),
    "openstack/neutron, neutron/agent/linux/iptables_manager.py and iptables_firewall.py, neutron/agent/l3/router_info.py",
    (
        Kind("neutron-filter-top", N_("is for rules of all Neutron agents that come before all others"), _FILTER),
        Kind("neutron-postrouting-bottom", N_("is for rules of all Neutron agents that come after all others"), _NAT),
        Kind("neutron-meter-l-*", N_("counts the traffic of the Neutron metering label {name}"), _FILTER),
        Kind("neutron-meter-r-*", N_("decides which traffic counts for the Neutron metering label {name}"), _FILTER),
        Kind("neutron-*-sg-chain", N_("hands packets from and to virtual machines to the chains of their Neutron ports"), _FILTER),
        Kind("neutron-*-sg-fallback", N_("drops packets that no security group of a virtual machine allows"), _FILTER),
        *(Kind(f"{a}i*", N_("decides which packets reach the Neutron port {name}, by its security groups"), _FILTER) for a in _SECURITY),
        *(Kind(f"{a}o*", N_("decides which packets the Neutron port {name} may send, by its security groups"), _FILTER) for a in _SECURITY),
        *(Kind(f"{a}s*", N_("drops packets of the Neutron port {name} with a source that is not its own"), _FILTER) for a in _SECURITY),
        Kind("neutron-*-float-snat", N_("gives packets of virtual machines their floating IP address as source"), _NAT),
        Kind("neutron-*-float-snat", N_("keeps the address scope of packets with a floating IP address for the whole connection"), _MANGLE),
        Kind("neutron-*-snat", N_("gives packets that leave through a Neutron router the router's address as source"), _NAT),
        Kind("neutron-*-mark", N_("marks packets by the interface at which they came in"), _MANGLE),
        Kind("neutron-*-scope", N_("marks packets with the address scope of the network from which they come"), _MANGLE),
        Kind("neutron-*-scope", N_("drops packets between networks of different address scopes"), _FILTER),
        Kind("neutron-*-floatingip", N_("marks packets to floating IP addresses with the address scope of what is behind them"), _MANGLE),
        Kind("neutron-*-fip-pf", N_("hands connections to ports of floating IP addresses to the chains of port forwardings"), _NAT),
        Kind("neutron-*-pf-*", N_("sends connections to a port of a floating IP address on to a virtual machine"), _NAT),
        Kind("neutron-*-fwaas-defau", N_("drops packets that no policy of Neutron's firewall service allows"), _FILTER),
        *(
            Kind(f"neutron-*-i{ip}*", N_("decides which packets enter a network, by Neutron's firewall service"), _FILTER)
            for ip in ("v4", "v6")
        ),
        *(
            Kind(f"neutron-*-o{ip}*", N_("decides which packets leave a network, by Neutron's firewall service"), _FILTER)
            for ip in ("v4", "v6")
        ),
        Kind("neutron-*-local", N_("is for rules of the agent neutron-{name} that come before all others"), _FILTER),
        *(
            Kind(f"neutron-*-{hook}", N_("holds what the agent neutron-{name} adds to the built-in chain of the same name"))
            for hook in ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")
        ),
    ),
)
