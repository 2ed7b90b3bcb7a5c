"""CONNSECMARK: copy the security label between the packet and its connection, and go on.

Man page iptables-extensions(8), CONNSECMARK; kernel net/netfilter/xt_CONNSECMARK.c. No match asks for the label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Verdict
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.source import Message


class ConnSecMark(Extension):
    """`to_connection` (`--save`) or `to_packet` (`--restore`)."""

    NAME: ClassVar[str] = "CONNSECMARK"

    to_connection: bool = False
    to_packet: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--save", "to_connection"), Option("--restore", "to_packet"))

    def check(self) -> None:
        """One of the two."""
        if self.to_connection is self.to_packet:
            raise ValueError(self.NAME)

    def effect(self) -> Verdict:
        """Nothing that a match asks for."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """A label that is there already stays (`secmark_save`, `secmark_restore`)."""
        if self.to_connection:
            return message("remember the security label for the connection, if that has none yet (CONNSECMARK)")
        return message("take the security label of the connection, if the packet has none yet (CONNSECMARK)")


EXTENSION = ConnSecMark
