"""CLUSTERIP: share one address among several nodes; each takes the packets whose hash is its own and drops the others.

Man page iptables-extensions(8), CLUSTERIP; kernel net/ipv4/netfilter/ipt_CLUSTERIP.c (removed in Linux 6.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.numbers import integer, integers
from iptexplain.model.content import Content
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.source import Message


_MAX_NODES = 16
_MAC = 6
_MULTICAST = 1


def _hashmode(text: str) -> str:
    if text not in {"sourceip", "sourceip-sourceport", "sourceip-sourceport-destport"}:
        raise ValueError(text)
    return text


def _multicast(text: str) -> str:
    """A MAC address that several nodes listen to. Raises ValueError for another."""
    parts = [int(part, 16) if part.isalnum() else -1 for part in text.split(":")]
    if len(parts) != _MAC or not all(0 <= part <= 0xFF for part in parts) or not parts[0] & _MULTICAST:  # noqa: PLR2004 - a byte
        raise ValueError(text)
    return ":".join(f"{part:02X}" for part in parts)


class ClusterIp(Extension):
    """`new`: this rule sets the cluster up, with what is hashed, the common MAC address, and which node of how many this one is.

    Without it, the rule is one more for a cluster that another rule has set up.
    """

    NAME: ClassVar[str] = "CLUSTERIP"
    GOES_ON: ClassVar[bool] = True

    new: bool = False
    hashmode: str | None = None
    mac: str | None = None
    nodes: int | None = None
    node: int | None = None
    seed: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--new", "new"),
        Option("--hashmode", "hashmode", _hashmode),
        Option("--clustermac", "mac", _multicast, content=Content.HARDWARE),
        Option("--total-nodes", "nodes", integers(_MAX_NODES)),
        Option("--local-node", "node", integers(_MAX_NODES)),
        Option("--hash-init", "seed", integer),
    )

    def check(self) -> None:
        """A new cluster needs all but the seed; an old one takes none of them."""
        needed = (self.hashmode, self.mac, self.nodes, self.node)
        if None in needed if self.new else any(said is not None for said in (*needed, self.seed)):
            raise ValueError(self.NAME)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """The seed always stands there, 0 if none was given."""
        said = super().save(to)
        return said if not self.new or self.seed is not None else (*said, Words("--hash-init", negated=False, values=("0",)))

    def action(self) -> Message:
        """Which packets this node takes."""
        if self.hashmode is None:
            return message("take it if it is this node's share of the cluster's address, else drop it (CLUSTERIP)")
        return message(_ACTIONS[self.hashmode], mac=self.mac, nodes=self.nodes, node=self.node)


_ACTIONS = {
    "sourceip": N_(
        "take it if the hash of the source address gives it to node {node} of {nodes} nodes with the common MAC address {mac}, "
        "else drop it (CLUSTERIP)"
    ),
    "sourceip-sourceport": N_(
        "take it if the hash of source address and port gives it to node {node} of {nodes} nodes with the common MAC address {mac}, "
        "else drop it (CLUSTERIP)"
    ),
    "sourceip-sourceport-destport": N_(
        "take it if the hash of source address, source port and destination port gives it to node {node} of {nodes} nodes "
        "with the common MAC address {mac}, else drop it (CLUSTERIP)"
    ),
}
"""By what is hashed."""

EXTENSION = ClusterIp
