"""TOS: change the type-of-service byte of the packet, which routers on its way may heed, and go on.

Man page iptables-extensions(8), TOS; kernel net/netfilter/xt_DSCP.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.marking import put
from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.extensions.common.tos import Tos
from iptexplain.model.matching import SetTos
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


def _and_tos(text: str) -> Tos:
    return Tos(0, ~integer(text, MAX_8) & MAX_8)


def _or_tos(text: str) -> Tos:
    value = integer(text, MAX_8)
    return Tos(value, value)


def _xor_tos(text: str) -> Tos:
    return Tos(integer(text, MAX_8), 0)


class TosTarget(Extension):
    """tos = (tos & ~mask) ^ value."""

    NAME: ClassVar[str] = "TOS"

    tos: Tos

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--set-tos", "tos", Tos.parse),
        Option("--and-tos", "tos", _and_tos),
        Option("--or-tos", "tos", _or_tos),
        Option("--xor-tos", "tos", _xor_tos),
    )

    def effect(self) -> SetTos:
        """The new byte."""
        return SetTos(self.tos.value, self.tos.mask)

    def action(self) -> Message:
        """What becomes of the byte."""
        return put(self.tos, message("TOS byte"), whole=MAX_8)


EXTENSION = TosTarget
