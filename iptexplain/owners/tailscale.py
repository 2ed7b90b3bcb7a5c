"""Tailscale: a private network between machines, wherever these are.

Source: tailscale/tailscale, util/linuxfw/iptables_runner.go (`AddChains`, `addBase4`, `AddSNATRule`).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

OWNER = Owner(
    "Tailscale",
    message("a private network between machines, wherever these are"),
    "tailscale/tailscale, util/linuxfw/iptables_runner.go",
    (
        Kind("ts-input", N_("lets packets from the Tailscale network in, and drops those that only pretend to come from it"), ("filter",)),
        Kind(
            "ts-forward", N_("decides which packets are forwarded from and to the Tailscale network, and marks those from it"), ("filter",)
        ),
        Kind(
            "ts-postrouting",
            N_("gives packets from the Tailscale network to other networks an address of this machine as source"),
            ("nat",),
        ),
    ),
)
