"""CrowdSec: bans addresses, by its own findings and by those of others. Its firewall bouncer writes the rules.

Source: crowdsecurity/cs-firewall-bouncer, pkg/iptables/.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "CrowdSec",
    message("bans addresses from which attacks come"),
    "crowdsecurity/cs-firewall-bouncer, pkg/iptables/",
    (
        Kind("CROWDSEC_CHAIN", N_("stops packets from addresses that CrowdSec has banned")),
        Kind("CROWDSEC_LOG", N_("logs packets from addresses that CrowdSec has banned")),
    ),
)
