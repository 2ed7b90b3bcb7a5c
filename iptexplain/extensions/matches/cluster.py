"""cluster: whether this node of a cluster has to handle the packet's connection, by a hash of its source address.

Man page iptables-extensions(8), cluster; kernel net/netfilter/xt_cluster.c. iptables-save writes a node by its bit.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import MAX_32, integer, integers
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, either_of, message, verbatim

_MOST_NODES = 32


def _node(text: str) -> int:
    return 1 << (integer(text, _MOST_NODES, 1) - 1)


class Cluster(Extension):
    """One bit for each node that takes the packet (bit 0: node 1), how many nodes there are, and what the hash begins with."""

    NAME: ClassVar[str] = "cluster"

    nodes: Given[int]
    total: int
    seed: int

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--cluster-local-nodemask", "nodes", integers(MAX_32, 1), negatable=True, write="{:#010x}".format),
        Option("--cluster-total-nodes", "total", integers(_MOST_NODES, 1)),
        Option("--cluster-hash-seed", "seed", integer, write="{:#010x}".format),
        Option("--cluster-local-node", "nodes", _node, negatable=True),
    )

    def check(self) -> None:
        """No node that is not there."""
        if self.nodes.value >> self.total:
            raise ValueError(self.nodes.value)

    def phrases(self) -> tuple[Phrase, ...]:
        """Which nodes have to handle the connection."""
        nodes = [str(bit + 1) for bit in range(_MOST_NODES) if self.nodes.value >> bit & 1]
        text = _ASKED[len(nodes) > 1][self.nodes.negated]
        said = message(text, nodes=either_of(list(map(verbatim, nodes or ["0"]))), total=self.total, seed=f"{self.seed:#x}")
        return (Phrase(Part.IF, said),)


_ASKED = {
    False: (
        N_("the connection falling to node {nodes} of {total} in the cluster (by a hash of its source address, seed {seed})"),
        N_("the connection not falling to node {nodes} of {total} in the cluster (by a hash of its source address, seed {seed})"),
    ),
    True: (
        N_("the connection falling to one of the nodes {nodes} of {total} in the cluster (by a hash of its source address, seed {seed})"),
        N_("the connection falling to none of the nodes {nodes} of {total} in the cluster (by a hash of its source address, seed {seed})"),
    ),
}
"""By whether there are several nodes; and the opposite."""

EXTENSION = Cluster
