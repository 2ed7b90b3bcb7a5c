"""CLUSTERIP: share one address among several nodes; each takes the packets whose hash is its own and drops the others.

Man page iptables-extensions(8), CLUSTERIP; kernel net/ipv4/netfilter/ipt_CLUSTERIP.c (removed in Linux 6.2).
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Option, Words
from iptexplain.extensions.common.numbers import integer, integers

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

    new: bool = False
    hashmode: str | None = None
    mac: str | None = None
    nodes: int | None = None
    node: int | None = None
    seed: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--new", "new"),
        Option("--hashmode", "hashmode", _hashmode),
        Option("--clustermac", "mac", _multicast),
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


EXTENSION = ClusterIp
