"""TEE: send a copy of the packet to another host of the local network; the packet itself goes on.

Man page iptables-extensions(8), TEE; kernel net/netfilter/xt_TEE.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.address import Address
from iptexplain.model.content import Content
from iptexplain.model.matching import Verdict
from iptexplain.model.values import Interface
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


class Tee(Extension):
    """The host that gets the copy, and the interface by which it leaves."""

    NAME: ClassVar[str] = "TEE"

    gateway: Address
    output: Interface | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--gateway", "gateway", Address.parse, content=Content.ADDRESS),
        Option("--oif", "output", Interface.parse, content=Content.INTERFACE),
    )

    def effect(self) -> Verdict:
        """Nothing happens to the packet."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """Who gets a copy."""
        if self.output is None:
            return message("send a copy to {gateway} (TEE)", gateway=self.gateway)
        return message("send a copy to {gateway} by {interface} (TEE)", gateway=self.gateway, interface=self.output)


EXTENSION = Tee
