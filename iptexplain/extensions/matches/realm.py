"""realm: the routing realm that the packet's route has (`ip route … realm`).

Man page iptables-extensions(8), realm; kernel net/netfilter/xt_realm.c. /etc/iproute2/rt_realms may name realms; here only the name that
each such file has is known, `cosmos` for 0, which iptables-save prints.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.content import Content
from iptexplain.model.phrase import Part, Phrase
from iptexplain.model.values import Mark
from iptexplain.source import N_, message

_COSMOS = Mark(0)


def _realm(text: str) -> Mark:
    return _COSMOS if text == "cosmos" else Mark.parse(text)


def _name(realm: Mark) -> str:
    return "cosmos" if realm == _COSMOS else str(realm)


class Realm(Extension):
    """The number of the realm, or those of its bits that count."""

    NAME: ClassVar[str] = "realm"

    realm: Given[Mark]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--realm", "realm", _realm, negatable=True, write=_name, content=Content.ACCOUNT),)

    def phrases(self) -> tuple[Phrase, ...]:
        """What the route has."""
        value, mask = self.realm.value
        kind = "part" if mask != Mark(0).mask else "one" if value else "none"
        return (Phrase(Part.IF, message(_ROUTES[kind][self.realm.negated], value=f"{value:#x}", mask=f"{mask:#x}")),)


_ROUTES = {
    "none": (N_("its route is of no realm"), N_("its route is of a realm")),
    "one": (N_("its route is of realm {value}"), N_("its route is not of realm {value}")),
    "part": (N_("its route is of a realm with {value} in the bits {mask}"), N_("its route is of no realm with {value} in the bits {mask}")),
}
"""What is asked of the realm, and the opposite."""

EXTENSION = Realm
