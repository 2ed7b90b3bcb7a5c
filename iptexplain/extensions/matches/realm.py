"""realm: the routing realm that the packet's route has (`ip route … realm`).

Man page iptables-extensions(8), realm; kernel net/netfilter/xt_realm.c. /etc/iproute2/rt_realms may name realms; here only the name that
each such file has is known, `cosmos` for 0, which iptables-save prints.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.model.values import Mark

_COSMOS = Mark(0)


def _realm(text: str) -> Mark:
    return _COSMOS if text == "cosmos" else Mark.parse(text)


def _name(realm: Mark) -> str:
    return "cosmos" if realm == _COSMOS else str(realm)


class Realm(Extension):
    """The number of the realm, or those of its bits that count."""

    NAME: ClassVar[str] = "realm"

    realm: Given[Mark]

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--realm", "realm", _realm, negatable=True, write=_name),)


EXTENSION = Realm
