"""The chains of endpoints in nat, and where they send packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple
from iptexplain.owners.kube_proxy.names import ENDPOINT_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iptexplain.lint.subject import Subject
    from iptexplain.model.ruleset import ChainName
    from iptexplain.model.shape import Shape


class EndpointChain(NamedTuple):
    """One `KUBE-SEP-…` chain that has rules: their places and shapes in nat, and those of them that are DNAT."""

    chain: ChainName
    places: Sequence[int]
    shapes: tuple[Shape, ...]
    dnat: tuple[int, ...]
    """Places among `places`."""

    @property
    def destination(self) -> int | None:
        """The slot of the only destination among the values of the only DNAT rule, None if there is no such thing."""
        if len(self.dnat) != 1:
            return None
        target = self.shapes[self.dnat[0]].target
        found = [option.values for option in (target.options if target is not None else ()) if option.name == "--to-destination"]
        return found[0][0] if len(found) == 1 and found[0] else None


def endpoint_chains(subject: Subject) -> Iterator[EndpointChain]:
    """The chains of endpoints that have rules; what the shapes say is worked out once for those that follow each other."""
    nat = subject.table("nat")
    for alike in nat.alike if nat is not None else ():
        members = [chain for chain in alike.chains if ENDPOINT_CHAIN.match(chain)]
        if nat is None or not members:
            continue
        shapes = nat.rules.shapes_of(alike.places)
        dnat = tuple(at for at, shape in enumerate(shapes) if shape.target is not None and shape.target.name == "DNAT")
        for chain in members:
            yield EndpointChain(chain, nat.by_chain[chain], shapes, dnat)
