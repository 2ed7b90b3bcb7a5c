"""What the Linux kernel does with a packet under some rules: it is asked, in a network namespace of its own.

For IPv4 and IPv6, for iptables-nft and iptables-legacy. Needs root, iproute2, iptables, nftables, ipset and /dev/net/tun.

Limits: nothing is bridged, there is no IPsec. Entries of connection tracking that are there before a packet carry a translation only if
the rules have a table nat. Ports that the kernel draws are what they are. Limits and lists go with the real time, and are forgotten when
rules are loaded.
"""

from tests.kernel.oracle.node import TOOLS, Oracle, RefusedError, Topology, unavailable
from tests.kernel.oracle.packets import Probe, of_json
from tests.kernel.oracle.reading import GONE, Outcome

__all__ = ["GONE", "TOOLS", "Oracle", "Outcome", "Probe", "RefusedError", "Topology", "of_json", "unavailable"]
