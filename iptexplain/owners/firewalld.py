"""firewalld: the firewall of Fedora, RHEL and others, where it works with iptables (not nftables).

Source: firewalld/firewalld, src/firewall/core/ipXtables.py (`build_default_rules`, `build_policy_chain_rules`,
`build_dispatch_stage2_chains`, `_zone_dispatch_chain_name`) and fw_policy.py (`policy_base_chain_name`). Users and other programs add
zones and policies. Chains of all of them count only beside those that firewalld always makes: `IN_web_allow` may be anybody's. Of zones
that users have made the chain `IN_…` itself is not known even then; nor are names that firewalld makes by chance, where the
right ones would be too long.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_SHIPPED = (
    *("block", "dmz", "drop", "external", "home", "internal", "public", "trusted", "work", "nm-shared"),
    *("FedoraServer", "FedoraWorkstation", "allow-host-ipv6"),
    *("docker", "docker-forwarding", "libvirt", "libvirt-routed", "libvirt-to-host", "libvirt-routed-in", "libvirt-routed-out"),
)
"""Zones and policies that come with firewalld, Fedora, NetworkManager, Docker and libvirt."""

_BASES = (
    ("IN", N_("decides about packets to this machine, for the firewalld zone or policy after which it is named")),
    ("FWD", N_("decides about forwarded packets, for the firewalld zone or policy after which it is named")),
    ("OUT", N_("decides about packets from this machine, for the firewalld zone or policy after which it is named")),
    ("PRE", N_("is for packets that have just come in, by the firewalld zone or policy after which it is named")),
    ("POST", N_("is for packets that are about to leave, by the firewalld zone or policy after which it is named")),
)
"""How the chains of zones and policies begin, and what they are for."""

_PARTS = (
    ("pre", N_("holds rich rules of the firewalld zone or policy {name} that come before all others")),
    ("log", N_("holds rules of the firewalld zone or policy {name} that log")),
    ("deny", N_("holds rules of the firewalld zone or policy {name} that refuse packets")),
    (
        "allow",
        N_("holds rules of the firewalld zone or policy {name} for services, ports and other packets that are let through or changed"),
    ),
    ("post", N_("holds rich rules of the firewalld zone or policy {name} that come after all others")),
)
"""The chains into which that of a zone or policy is divided, in their order."""

_HOOKS = ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")
_ZONES = N_("hands each packet to the chain of its firewalld zone")
_INTO = N_("hands each forwarded packet to the chain of the firewalld zone from which it comes")
_OUT_OF = N_("hands each forwarded packet to the chain of the firewalld zone to which it goes")
_REDIRECTED = N_("refuses redirected connections, except those for which firewalld itself forwards the port")
_STAGE = N_("hands packets from the firewalld zone {name} on, by the zone to which they go")

_OF_ZONES = (
    *(Kind(f"{base}_*_{part}", purpose) for base in ("IN", "FWDI", "FWDO", "FWD", "OUT", "PRE", "POST") for part, purpose in _PARTS),
    *(Kind(f"{base}_*_dispatch_stage2", _STAGE) for base in ("FWD", "PRE", "POST")),
    Kind(
        "IN_*_to_HOST",
        N_(
            "hands packets from the firewalld zone {name} to this machine to its rules and policies, "
            "and refuses or lets through the rest, as the zone says"
        ),
        ("filter",),
    ),
    Kind("PRE_*_to_HOST", N_("hands packets from the firewalld zone {name} to this machine to its rules and policies")),
    Kind("OUT_HOST_to_*", N_("hands packets from this machine to the firewalld zone {name} to its policies")),
    *(
        Kind(f"{base}_*_to_*", N_("hands packets from the firewalld zone {name} to another one to their rules and policies"))
        for base in ("FWD", "PRE", "POST")
    ),
    Kind("FWDI_*", N_("decides about forwarded packets that come from the firewalld zone {name}"), ("filter",)),
    Kind("FWDO_*", N_("decides about forwarded packets that go to the firewalld zone {name}"), ("filter",)),
    *(Kind(f"{base}_{zone}", purpose) for base, purpose in _BASES for zone in _SHIPPED),
)
"""The chains of zones and policies; their names are words that anybody may take."""

OWNER = Owner(
    "firewalld",
    message("the firewall of Fedora, Red Hat Enterprise Linux and others"),
    "firewalld/firewalld, src/firewall/core/ipXtables.py",
    (
        *(
            Kind(f"{hook}_direct", N_("is for rules that users or other programs write themselves (firewall-cmd --direct)"))
            for hook in _HOOKS
        ),
        *(Kind(f"{hook}_POLICIES_pre", N_("hands packets to the firewalld policies that come before the zones")) for hook in _HOOKS),
        *(Kind(f"{hook}_POLICIES_post", N_("hands packets to the firewalld policies that come after the zones")) for hook in _HOOKS),
        *(Kind(f"{hook}_POLICIES", N_("hands packets to the firewalld zones and policies that they belong to")) for hook in _HOOKS),
        *(Kind(f"{hook}_dispatch", N_("hands packets to the firewalld zones and policies that they belong to")) for hook in _HOOKS),
        *(Kind(f"{hook}_ZONES", _ZONES) for hook in ("INPUT", "FORWARD", "PREROUTING", "POSTROUTING")),
        *(Kind(f"{hook}_ZONES_SOURCE", _ZONES) for hook in ("INPUT", "FORWARD", "PREROUTING", "POSTROUTING")),
        Kind("FORWARD_IN_ZONES", _INTO, ("filter",)),
        Kind("FORWARD_IN_ZONES_SOURCE", _INTO, ("filter",)),
        Kind("FORWARD_OUT_ZONES", _OUT_OF, ("filter",)),
        Kind("FORWARD_OUT_ZONES_SOURCE", _OUT_OF, ("filter",)),
        *(Kind(f"{hook}_dnat", _REDIRECTED, ("filter",)) for hook in ("INPUT", "FORWARD", "OUTPUT")),
        *(kind._replace(generic=True) for kind in _OF_ZONES),
    ),
    evidence=(
        *(f"{hook}_{part}" for hook in _HOOKS for part in ("direct", "POLICIES", "dispatch")),
        *(f"{hook}_ZONES" for hook in ("INPUT", "FORWARD", "PREROUTING", "POSTROUTING")),
        *("FORWARD_IN_ZONES", "FORWARD_OUT_ZONES"),
    ),
)
