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
_AGENTS = (
    (
        "neutron-",
        N_("is for rules of the agent whose name begins with neutron-{name} that come before all others"),
        N_("holds what the agent whose name begins with neutron-{name} adds to the built-in chain of the same name"),
    ),
    (
        "quantum-",
        N_("is for rules of the agent whose name begins with quantum-{name} that come before all others"),
        N_("holds what the agent whose name begins with quantum-{name} adds to the built-in chain of the same name"),
    ),
)
"""How chains begin (up to Grizzly Neutron was Quantum), and what two kinds are for that name the agent."""


def _kinds(begins: str, local: str, added: str) -> tuple[Kind, ...]:
    """The kinds of chains, by how all of them begin."""
    security = (f"{begins}openvswi-", f"{begins}linuxbri-")  # the agents of hosts on which virtual machines run
    return (
        Kind(f"{begins}filter-top", N_("is for rules of all Neutron agents that come before all others"), _FILTER),
        Kind(f"{begins}postrouting-bottom", N_("is for rules of all Neutron agents that come after all others"), _NAT),
        Kind(f"{begins}meter-l-*", N_("counts the traffic of the Neutron metering label whose id begins with {name}"), _FILTER),
        Kind(f"{begins}meter-r-*", N_("decides which traffic counts for the Neutron metering label whose id begins with {name}"), _FILTER),
        Kind(
            f"{begins}*-sg-chain",
            N_("hands packets from and to virtual machines to the chains of their Neutron ports, and accepts what these let through"),
            _FILTER,
        ),
        Kind(f"{begins}*-sg-fallback", N_("drops packets that no security group of a virtual machine allows"), _FILTER),
        *(
            Kind(f"{agent}{way}#", purpose, _FILTER)
            for way, purpose in (
                ("i", N_("decides which packets reach the Neutron port whose id begins with {name}, by its security groups")),
                ("o", N_("decides which packets the Neutron port whose id begins with {name} may send, by its security groups")),
                ("s", N_("drops packets of the Neutron port whose id begins with {name} with a source that is not its own")),
            )
            for agent in security
        ),
        Kind(f"{begins}*-float-snat", N_("gives packets of virtual machines their floating IP address as source"), _NAT),
        Kind(
            f"{begins}*-float-snat", N_("keeps the address scope of packets with a floating IP address for the whole connection"), _MANGLE
        ),
        Kind(f"{begins}*-snat", N_("gives packets that leave through a Neutron router the router's address as source"), _NAT),
        Kind(f"{begins}*-mark", N_("marks packets by the interface at which they came in"), _MANGLE),
        Kind(f"{begins}*-scope", N_("marks packets with the address scope of the network from which they come"), _MANGLE),
        Kind(f"{begins}*-scope", N_("drops packets between networks of different address scopes"), _FILTER),
        Kind(f"{begins}*-floatingip", N_("marks packets to floating IP addresses with the address scope of what is behind them"), _MANGLE),
        Kind(f"{begins}*-fip-pf", N_("hands connections to ports of floating IP addresses to the chains of port forwardings"), _NAT),
        Kind(f"{begins}*-pf-*", N_("sends connections to a port of a floating IP address on to a virtual machine"), _NAT),
        Kind(f"{begins}*-fwaas-defau", N_("drops packets that no policy of Neutron's firewall service allows"), _FILTER),
        *(
            Kind(f"{begins}*-i{ip}*", N_("decides which packets enter a network, by Neutron's firewall service"), _FILTER)
            for ip in ("v4", "v6")
        ),
        *(
            Kind(f"{begins}*-o{ip}*", N_("decides which packets leave a network, by Neutron's firewall service"), _FILTER)
            for ip in ("v4", "v6")
        ),
        Kind(f"{begins}*-local", local, _FILTER),
        *(Kind(f"{begins}*-{hook}", added) for hook in ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")),
    )


OWNER = Owner(
    "OpenStack Neutron",
    message("the networks of OpenStack and of its virtual machines"),
    "openstack/neutron, neutron/agent/linux/iptables_manager.py and iptables_firewall.py, neutron/agent/l3/router_info.py",
    tuple(kind for agent in _AGENTS for kind in _kinds(*agent)),
)
