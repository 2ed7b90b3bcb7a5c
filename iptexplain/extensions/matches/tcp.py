"""tcp: ports, flags and options of TCP.

Man page iptables-extensions(8), tcp; kernel net/netfilter/xt_tcpudp.c. A TCP option is a question: a packet is described without them.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.ports import PORT_OPTIONS
from iptexplain.model.matching import Branch, Field, Question, either
from iptexplain.model.values import Ports, TcpFlags
from iptexplain.source import message


class Tcp(Extension):
    """Ports, flags, the number of a TCP option; None where the rule does not say."""

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None
    flags: Given[TcpFlags] | None = None
    option: Given[int] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *PORT_OPTIONS,
        Option("--tcp-option", "option", int, negatable=True),
        Option("--tcp-flags", "flags", TcpFlags.parse, negatable=True, field=Field.TCP_FLAGS),
    )

    def decide(self) -> tuple[Branch, ...]:
        """The option is not known."""
        if self.option is None:
            return ()
        question = Question("tcp", message("the packet has TCP option {number}", number=self.option.value))
        return either(question, negated=self.option.negated)


EXTENSION = Tcp
