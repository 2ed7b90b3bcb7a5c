"""REJECT: drop the packet and tell its sender.

Man page iptables-extensions(8), REJECT; kernel net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Reject


class RejectTarget(Extension):
    """The answer; iptables-save always prints it."""

    answer: str = ""

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--reject-with", "answer", str),)

    def effect(self) -> Reject:
        """The end of the packet."""
        return Reject(self.answer)


EXTENSION = RejectTarget
