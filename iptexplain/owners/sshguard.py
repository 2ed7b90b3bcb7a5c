"""SSHGuard: reads logs, and bans the addresses from which too many attempts failed.

Source: its manual, sshguard-setup(7): a chain `sshguard`, into which it adds the addresses.
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "sshguard",
    message("bans addresses from which too many attempts failed"),
    "sshguard-setup(7)",
    (Kind("sshguard", N_("holds the addresses that sshguard has banned"), ("filter",)),),
)
