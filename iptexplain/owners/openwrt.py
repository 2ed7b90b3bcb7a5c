"""The firewall of OpenWrt, where it works with iptables (firewall3, and the scripts before it).

Source: openwrt/firewall3, zones.c (`zone_chains`) and defaults.c (`default_chains`); the scripts before: `fw_load_zone`. Names that others
give chains too (`reject`, `syn_flood`, `input_rule`, `input_lan_rule`, `zone_guest`) are left out: by these alone nobody knows a chain.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_FILTER, _NAT = ("filter",), ("nat",)
_DELEGATE = N_("hands packets to the chains of their zones in the firewall of OpenWrt")

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
        Kind("zone_*_ACCEPT", N_("lets packets through that come from the zone {name} or go to it"), _FILTER),
        Kind("zone_*_REJECT", N_("refuses packets that come from the zone {name} or go to it"), _FILTER),
        Kind("zone_*_DROP", N_("drops packets that come from the zone {name} or go to it"), _FILTER),
        Kind("zone_*_input", N_("decides about packets from the zone {name} to this machine"), _FILTER),
        Kind("zone_*_output", N_("decides about packets from this machine to the zone {name}"), _FILTER),
        Kind("zone_*_forward", N_("decides about packets from the zone {name} to other zones"), _FILTER),
        Kind("zone_*_prerouting", N_("sends connections from the zone {name} on, where ports are forwarded"), _NAT),
        Kind(
            "zone_*_postrouting",
            N_("gives packets to the zone {name} an address of this machine as source, where that is asked for"),
            _NAT,
        ),
        Kind("zone_*_nat", N_("gives packets to the zone {name} an address of this machine as source, where that is asked for"), _NAT),
        Kind("zone_*_helper", N_("lets connection tracking follow special protocols of the zone {name}, such as FTP"), ("raw",)),
        Kind("zone_*_notrack", N_("keeps packets from the zone {name} out of connection tracking, where that is asked for"), ("raw",)),
        Kind("zone_*_MSSFIX", N_("limits the size of TCP packets to what fits through the zone {name}"), ("filter", "mangle")),
        Kind("zone_lan", N_("decides about packets from the zone lan to this machine"), _FILTER),
        Kind("zone_wan", N_("decides about packets from the zone wan to this machine"), _FILTER),
        *(Kind(f"delegate_{part}", _DELEGATE, _FILTER) for part in ("input", "output", "forward")),
        *(Kind(f"delegate_{part}", _DELEGATE, _NAT) for part in ("prerouting", "postrouting")),
    ),
    comments=("!fw3", "!fw3: *"),
)
