"""ufw, the "uncomplicated firewall" of Ubuntu and others. For IPv6 the same chains begin with `ufw6-`.

Source: jdstrand/ufw, src/ufw-init-functions (`ufw_start`); its rules: /etc/ufw/before.rules, user.rules and after.rules. Manual: ufw(8),
ufw-framework(8).
"""

from __future__ import annotations

from iptexplain.owners.owner import Kind, Owner
from iptexplain.source import N_, message

_CHAINS = (
    ("before-logging-input", N_("logs packets to this machine before any rule of ufw; empty unless ufw is set to log that much")),
    ("before-logging-output", N_("logs packets from this machine before any rule of ufw; empty unless ufw is set to log that much")),
    ("before-logging-forward", N_("logs forwarded packets before any rule of ufw; empty unless ufw is set to log that much")),
    ("before-input", N_("holds ufw's first rules for packets to this machine (before.rules), and goes on to those of users")),
    ("before-output", N_("holds ufw's first rules for packets from this machine (before.rules), and goes on to those of users")),
    ("before-forward", N_("holds ufw's first rules for forwarded packets (before.rules), and goes on to those of users")),
    ("after-input", N_("holds ufw's last rules for packets to this machine (after.rules)")),
    ("after-output", N_("holds ufw's last rules for packets from this machine (after.rules)")),
    ("after-forward", N_("holds ufw's last rules for forwarded packets (after.rules)")),
    ("after-logging-input", N_("logs packets to this machine about which no rule of ufw has decided; empty unless ufw is set to log them")),
    (
        "after-logging-output",
        N_("logs packets from this machine about which no rule of ufw has decided; empty unless ufw is set to log them"),
    ),
    ("after-logging-forward", N_("logs forwarded packets about which no rule of ufw has decided; empty unless ufw is set to log them")),
    ("reject-input", N_("refuses all other packets to this machine, if that is ufw's default; otherwise it is empty")),
    ("reject-output", N_("refuses all other packets from this machine, if that is ufw's default; otherwise it is empty")),
    ("reject-forward", N_("refuses all other forwarded packets, if that is ufw's default; otherwise it is empty")),
    ("track-input", N_("lets new connections to this machine through, if that is ufw's default; otherwise it is empty")),
    ("track-output", N_("lets new connections from this machine through, if that is ufw's default; otherwise it is empty")),
    ("track-forward", N_("lets new forwarded connections through, if that is ufw's default; otherwise it is empty")),
    ("skip-to-policy-input", N_("does with packets to this machine what is ufw's default, without a log")),
    ("skip-to-policy-output", N_("does with packets from this machine what is ufw's default, without a log")),
    ("skip-to-policy-forward", N_("does with forwarded packets what is ufw's default, without a log")),
    ("logging-deny", N_("logs packets that ufw refuses")),
    ("logging-allow", N_("logs packets that ufw lets through")),
    ("not-local", N_("drops packets that are for another machine, and neither broadcast nor multicast")),
    ("user-input", N_("holds the rules that users have given ufw for packets to this machine")),
    ("user-output", N_("holds the rules that users have given ufw for packets from this machine")),
    ("user-forward", N_("holds the rules that users have given ufw for forwarded packets (ufw route)")),
    ("user-logging-input", N_("logs packets to this machine for rules of users that ask for it")),
    ("user-logging-output", N_("logs packets from this machine for rules of users that ask for it")),
    ("user-logging-forward", N_("logs forwarded packets for rules of users that ask for it")),
    ("user-limit", N_("refuses connections from addresses that connect too often, for rules of users that ask for it (ufw limit)")),
    ("user-limit-accept", N_("lets connections through that do not come too often, for rules of users that ask for it (ufw limit)")),
)

OWNER = Owner(
    "ufw",
    message("the firewall that users of Ubuntu set up with the command ufw"),
    "jdstrand/ufw, src/ufw-init-functions; ufw(8), ufw-framework(8)",
    tuple(Kind(f"{prefix}{chain}", purpose, ("filter",)) for prefix in ("ufw-", "ufw6-") for chain, purpose in _CHAINS),
)
