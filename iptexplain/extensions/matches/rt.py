"""rt: whether the IPv6 packet has a routing header, which says by which nodes it has to go, and what that holds.

Man page iptables-extensions(8), rt; kernel net/ipv6/netfilter/ip6t_rt.c. Without an option it asks for the header alone.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Dialect, Extension, Given, Option, Words
from iptexplain.extensions.common.numbers import MAX_32, Range, but_everything, extent_of, integer, ranges
from iptexplain.model.address import Address
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.named import NamedTuple
from iptexplain.source import N_, all_of, message, verbatim

_MOST_NODES = 16
_FAMILY = 6


class Nodes(NamedTuple):
    """The addresses of nodes on the way, in their order."""

    addresses: tuple[Address, ...]

    @classmethod
    def parse(cls, text: str) -> Nodes:
        """Read `2001:db8::1,2001:db8::2`. Raises ValueError."""
        found = tuple(map(Address.parse, text.split(",")))
        if len(found) > _MOST_NODES or any(address.family != _FAMILY for address in found):
            raise ValueError(text)
        return cls(found)

    def __str__(self) -> str:
        return ",".join(map(str, self.addresses))


class Rt(Extension):
    """The type of the header, how many nodes are still ahead, its length in bytes.

    For type 0 also: whether the reserved field must be 0, and the nodes; `anywhere`: these need not be all nodes from the first on.
    """

    NAME: ClassVar[str] = "rt"

    type: Given[int] | None = None
    segments_left: Given[Range] | None = None
    length: Given[int] | None = None
    reserved: bool = False
    nodes: Nodes | None = None
    anywhere: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--rt-type", "type", integer, negatable=True),
        Option("--rt-segsleft", "segments_left", ranges(MAX_32), negatable=True),
        Option("--rt-len", "length", integer, negatable=True),
        Option("--rt-0-res", "reserved"),
        Option("--rt-0-addrs", "nodes", Nodes.parse, content=Content.ADDRESS),
        Option("--rt-0-not-strict", "anywhere"),
    )

    def check(self) -> None:
        """What type 0 alone has needs `--rt-type 0`."""
        if (self.reserved or self.nodes is not None) and self.type != Given(0):
            raise ValueError(self)
        if self.anywhere and self.nodes is None:
            raise ValueError(self)

    def save(self, to: Dialect = Dialect()) -> tuple[Words, ...]:  # noqa: B008 - an immutable value
        """Without a range of every number of nodes."""
        return but_everything(super().save(to), "--rt-segsleft")

    def phrases(self) -> tuple[Phrase, ...]:
        """That there is such a header; what it holds."""
        if self.type is None:
            found = [message("with a routing header")]
        else:
            text = (
                N_("with a routing header of another type than {type}") if self.type.negated else N_("with a routing header of type {type}")
            )
            found = [message(text, type=self.type.value)]
        if self.segments_left is not None:
            kind, (first, last) = extent_of(self.segments_left.value, negated=self.segments_left.negated)
            found.append(message(_AHEAD[kind], first=first, last=last))
        if self.length is not None:
            text = N_("that header not {length} bytes long") if self.length.negated else N_("that header {length} bytes long")
            found.append(message(text, length=self.length.value))
        if self.reserved:
            found.append(message("the reserved field of that header is 0"))
        if self.nodes is not None:
            text = N_("passing {nodes} in this order, maybe others too") if self.anywhere else N_("passing exactly {nodes} in this order")
            found.append(message(text, nodes=all_of([verbatim(address) for address in self.nodes.addresses])))
        return tuple([Phrase(Part.IF, text) for text in found])


_AHEAD = {
    "one": N_("with exactly {first} of its nodes still ahead"),
    "but one": N_("with any number but {first} of its nodes still ahead"),
    "between": N_("with {first} to {last} of its nodes still ahead"),
    "but between": N_("with any number but {first} to {last} of its nodes still ahead"),
    "at least": N_("with at least {first} of its nodes still ahead"),
    "at most": N_("with at most {last} of its nodes still ahead"),
    "any": N_("with any number of its nodes still ahead"),
    "none": N_("with a number of nodes ahead that no packet has"),
}

EXTENSION = Rt
