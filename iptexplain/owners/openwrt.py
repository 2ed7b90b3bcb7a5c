"""The firewall of OpenWrt, where it works with iptables (firewall3, and the scripts before it).

Source: openwrt/firewall3, zones.c (`zone_chains`) and defaults.c (`default_chains`); the scripts before: `fw_load_zone`,
`fw_custom_chains_zone`. Names that others give chains too (`reject`, `syn_flood`, `input_rule`, `zone_dmz_input`) count only beside names
that nobody else gives; `zone_guest` is left out even then.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_FILTER, _NAT = ("filter",), ("nat",)
_DELEGATE = N_("hands packets to the chains of their zones in the firewall of OpenWrt")

_OF_USERS = N_("is for rules that users write themselves, in /etc/firewall.user")
_OF_USERS_OF_ZONE = N_("is for rules about the zone {name} that users write themselves, in /etc/firewall.user")

OWNER = Owner(
    "OpenWrt firewall",
    message("the firewall of routers with OpenWrt"),
    "openwrt/firewall3, zones.c and defaults.c",
    (
        Kind("zone_*_src_ACCEPT", N_("lets packets through that come from the zone {name}"), _FILTER),
        Kind("zone_*_src_REJECT", N_("refuses packets that come from the zone {name}"), _FILTER),
        Kind("zone_*_src_DROP", N_("drops packets that come from the zone {name}"), _FILTER),
        Kind("zone_*_dest_ACCEPT", N_("lets packets through that go to the zone {name}"), _FILTER),
        Kind("zone_*_dest_REJECT", N_("refuses packets that go to the zone {name}"), _FILTER),
        Kind("zone_*_dest_DROP", N_("drops packets that go to the zone {name}"), _FILTER),
        Kind("zone_*_ACCEPT", N_("lets packets through that come from the zone {name} or go to it"), _FILTER, generic=True),
        Kind("zone_*_REJECT", N_("refuses packets that come from the zone {name} or go to it"), _FILTER, generic=True),
        Kind("zone_*_DROP", N_("drops packets that come from the zone {name} or go to it"), _FILTER, generic=True),
        Kind("zone_*_input", N_("decides about packets from the zone {name} to this machine"), _FILTER, generic=True),
        Kind("zone_*_output", N_("decides about packets from this machine to the zone {name}"), _FILTER, generic=True),
        Kind("zone_*_forward", N_("decides about packets from the zone {name} to other zones"), _FILTER, generic=True),
        Kind("zone_*_prerouting", N_("sends connections from the zone {name} on, where ports are forwarded"), _NAT, generic=True),
        Kind(
            "zone_*_postrouting",
            N_("gives packets to the zone {name} an address of this machine as source, where that is asked for"),
            _NAT,
            generic=True,
        ),
        Kind(
            "zone_*_nat",
            N_("gives packets to the zone {name} an address of this machine as source, where that is asked for"),
            _NAT,
            generic=True,
        ),
        Kind(
            "zone_*_helper", N_("lets connection tracking follow special protocols of the zone {name}, such as FTP"), ("raw",), generic=True
        ),
        Kind(
            "zone_*_notrack",
            N_("keeps packets from the zone {name} out of connection tracking, where that is asked for"),
            ("raw",),
            generic=True,
        ),
        Kind("zone_*_MSSFIX", N_("limits the size of TCP packets to what fits through the zone {name}"), ("filter", "mangle")),
        Kind("zone_lan", N_("decides about packets from the zone lan to this machine"), _FILTER, generic=True),
        Kind("zone_wan", N_("decides about packets from the zone wan to this machine"), _FILTER, generic=True),
        *(Kind(f"delegate_{part}", _DELEGATE, _FILTER) for part in ("input", "output", "forward")),
        *(Kind(f"delegate_{part}", _DELEGATE, _NAT) for part in ("prerouting", "postrouting")),
        *(Kind(f"{way}_rule", _OF_USERS, _FILTER, generic=True) for way in ("input", "output", "forwarding")),
        *(Kind(f"{way}_*_rule", _OF_USERS_OF_ZONE, _FILTER, generic=True) for way in ("input", "output", "forwarding")),
        *(Kind(f"{way}_rule", _OF_USERS, _NAT, generic=True) for way in ("prerouting", "postrouting")),
        *(Kind(f"{way}_*_rule", _OF_USERS_OF_ZONE, _NAT, generic=True) for way in ("prerouting", "postrouting")),
        *(
            Kind(f"{way}_{zone}", purpose, tables, generic=True)
            for zone, purpose in (
                ("lan", N_("is for rules about the zone lan that users write themselves, in /etc/firewall.user")),
                ("wan", N_("is for rules about the zone wan that users write themselves, in /etc/firewall.user")),
            )
            for way, tables in (("input", _FILTER), ("forwarding", _FILTER), ("prerouting", _NAT))
        ),
        Kind("reject", N_("refuses packets: TCP with a reset, others with an ICMP error"), _FILTER, generic=True),
        Kind("syn_flood", N_("drops new TCP connections if too many come at once"), _FILTER, generic=True),
        Kind("mssfix", N_("limits the size of TCP packets to what fits through the zones that ask for it"), ("mangle",), generic=True),
    ),
    comments=("!fw3", "!fw3: *"),
    evidence=(
        *(f"delegate_{part}" for part in ("input", "output", "forward", "prerouting", "postrouting")),
        *(f"zone_*_{way}_{end}" for way in ("src", "dest") for end in ("ACCEPT", "REJECT", "DROP")),
        "zone_*_MSSFIX",
    ),
)
