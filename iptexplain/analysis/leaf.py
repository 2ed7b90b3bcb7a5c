"""Leaves: chains that end in translating every packet, such as those of kube-proxy's endpoints.

What a chain's rules look at is a matter of their shapes. So each form of chain is looked at once, and says which values make a leaf; the
leaves of many chains of one form are then made all at once. Rests on effects, not on names.
"""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING

from iptexplain.extensions import binding
from iptexplain.model.address import Endpoint, Network
from iptexplain.model.matching import Field
from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iptexplain.model.lines import Values
    from iptexplain.model.shape import Shape

_MANY = 50
"""From so many leaves on it pays to ask of all of them at once how they are spelt."""

LONGEST = 16
"""A chain with more rules than this is walked, not summed up."""


class Recovery:
    """Finds what a dump has lost; this one finds nothing."""

    def destination(self, chain: str, address: str, protocol: str) -> str | None:
        """Where a chain translates to, given the address of its endpoint and the protocol; None if that cannot be told."""
        del chain, address, protocol
        return None

    def endpoint(self, chain: str) -> tuple[str, str] | None:
        """Where a chain would translate to that is not there, and its protocol; None if that cannot be told."""
        del chain
        return None


class Leaf(NamedTuple):
    """The end of every packet in a chain, unless it comes from one of the addresses that the chain's rules name.

    `to` is where it translates to, as iptables-save writes that; `place` is that of the translating rule among the rules of the table, -1
    (and `line` 0) if the chain is not in the dump.
    `protocol` is what it asks for, None if nothing; `unless_from` are single addresses, written `10.0.0.1/32`. `recovered`: the dump has
    lost where it translates to, and the hash in the chain's name gave it back.
    """

    to: str
    chain: str
    place: int
    line: int
    protocol: str | None
    unless_from: tuple[str, ...]
    recovered: bool = False


_LEAF: Callable[[tuple[object, ...]], Leaf] = partial(tuple.__new__, Leaf)
"""`Leaf._make` without its Python frame, for a hundred thousand of them."""


class LeafForm(NamedTuple):
    """Where a chain of some form has the values that say its leaf, counted over all its rules.

    `wanted` are their slots: the named sources, the protocol if it `asks` for one, and the new destination. What reads a leaf is given
    these values, in this order. `lost`: the destination is not there (`[unsupported revision]`), and `recovery` is asked for it.
    """

    wanted: tuple[int, ...]
    asks: bool
    lost: bool = False
    recovery: Recovery | None = None

    def leaf(self, chain: str, place: int, line: int, values: Values) -> Leaf | None:
        """The leaf that the wanted values of a chain say; None if they cannot be read, or name more than single addresses."""
        named = list(values)
        to = None if self.lost else named.pop()
        protocol = named.pop() if self.asks else None
        try:
            sources = tuple([_single(text) for text in named])
            if to is None and len(sources) == 1 and self.recovery is not None:
                to = self.recovery.destination(chain, sources[0].partition("/")[0], protocol or "")
            return None if to is None else Leaf(Endpoint.written(to), chain, place, line, protocol, sources, self.lost)
        except ValueError:
            return None

    def leaves(self, chains: Sequence[str], places: Sequence[int], lines: Sequence[int], blocks: Sequence[Values]) -> Sequence[Leaf | None]:
        """The leaves of many chains, made all at once where every value is spelt as iptables-save does."""
        if self.lost:
            return list(map(self.leaf, chains, places, lines, blocks))
        *named, to = zip(*blocks, strict=True)
        protocols = self._shared(named.pop()) if self.asks else repeat(None)
        if len(to) < _MANY or not Endpoint.all_written(to) or not all(map(Network.all_single, named)):
            return list(map(self.leaf, chains, places, lines, blocks))
        sources = zip(*named, strict=True) if named else repeat(())
        recovered = repeat(self.lost)
        return list(map(_LEAF, zip(to, chains, places, lines, protocols, sources, recovered, strict=False)))  # `repeat` has no end

    @staticmethod
    def _shared(texts: Sequence[str]) -> Iterable[str]:
        """The texts, as one and the same string where they are all equal."""
        return repeat(texts[0]) if texts.count(texts[0]) == len(texts) else texts


def _single(network: str) -> str:
    """A network of one address, as iptables-save writes it. Raises ValueError for a wider one."""
    address = Network.one(network)
    if address is None:
        raise ValueError(network)
    return str(Network.of(address))


def leaf_form(shapes: Sequence[Shape], recovery: Recovery | None = None) -> LeafForm | None:
    """The form of chains with these shapes, None if they are no leaves. `recovery` finds destinations that the dump has lost."""
    last = shapes[-1]
    target = last.target
    if target is None or target.name != "DNAT" or any(option.unknown for option in target.options):
        return None
    destinations = [option.values[0] for option in target.options if option.name == "--to-destination"]
    if len(destinations) != (0 if target.unsupported else 1):
        return None
    protocol = None
    asked = _limits_beside_recent_set(last)
    if asked is None:
        return None
    for field, slot, _, negated in asked:
        if field is not Field.PROTOCOL or negated or protocol is not None:
            return None
        protocol = slot
    sources = []
    before = 0
    for shape in shapes[:-1]:
        slot = next((s for f, s, _, negated in binding.limits(shape) or () if f is Field.SOURCE and not negated), None)
        if slot is None:
            return None
        sources.append(before + slot)
        before += len(shape.slots)
    asked_for = () if protocol is None else (before + protocol,)
    wanted = (*sources, *asked_for, *(before + slot for slot in destinations))
    return LeafForm(wanted, asks=protocol is not None, lost=target.unsupported, recovery=recovery)


def _limits_beside_recent_set(shape: Shape) -> tuple[binding.Limit, ...] | None:
    """The constraints of a shape; `-m recent --set` always matches, so it may stand beside them. None if there is more."""
    clauses = [
        clause
        for clause in shape.clauses
        if not (clause.name == "recent" and any(option.name == "--set" and not option.negated for option in clause.options))
    ]
    return binding.limits_of(clauses)
