"""What may be given to the checks beside a dump, all of it from the same node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iptexplain.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iptexplain.model.ipset import IpSets
    from iptexplain.model.node import Link
    from iptexplain.model.ruleset import Ruleset


class Beside(NamedTuple):
    """None: not given, so not known.

    `sets` is what `ipset save` prints, `links` are the interfaces with their addresses; `backend` has the rules of the other backend (those
    of iptables-legacy-save for a dump of iptables-nft-save), `ip6` those of the other family.
    """

    sets: IpSets | None = None
    links: Mapping[str, Link] | None = None
    backend: Ruleset | None = None
    ip6: Ruleset | None = None


NOTHING = Beside()
