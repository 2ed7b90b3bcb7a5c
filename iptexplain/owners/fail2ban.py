"""Fail2ban: reads logs, and bans the addresses from which too many attempts failed.

Source: fail2ban/fail2ban, config/action.d/iptables.conf and iptables-multiport-log.conf (`f2b-<name>`; in older versions
`fail2ban-<name>`).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_BANNED = N_("holds the addresses that the fail2ban jail {name} has banned")
_LOGGED = N_("logs and drops packets from addresses that the fail2ban jail {name} has banned, or belongs to a jail {name}-log")

OWNER = Owner(
    "fail2ban",
    message("bans addresses from which too many attempts failed"),
    "fail2ban/fail2ban, config/action.d/iptables.conf",
    (
        Kind("f2b-*-log", _LOGGED),
        Kind("fail2ban-*-log", _LOGGED),
        Kind("f2b-*", _BANNED),
        Kind("fail2ban-*", _BANNED),
    ),
)
