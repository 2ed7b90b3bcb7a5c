"""CONNSECMARK: copy the security label between the packet and its connection, and go on.

Man page iptables-extensions(8), CONNSECMARK; kernel net/netfilter/xt_CONNSECMARK.c. No match asks for the label.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Verdict


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


EXTENSION = ConnSecMark
