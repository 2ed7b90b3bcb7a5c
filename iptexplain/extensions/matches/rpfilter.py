"""rpfilter: would an answer to the packet leave through the interface that the packet came in by.

Man page iptables-extensions(8), rpfilter; kernel net/ipv4/netfilter/ipt_rpfilter.c, net/ipv6/netfilter/ip6t_rpfilter.c. Its negation is
the flag `--invert`, never `!`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Constraint, Field
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

if TYPE_CHECKING:
    from iptexplain.model.matching import Branch


class RpFilter(Extension):
    """Any interface will do; the packet's mark counts in the look-up of the route; local senders may pass; match what fails the test."""

    NAME: ClassVar[str] = "rpfilter"

    loose: bool = False
    valid_mark: bool = False
    accept_local: bool = False
    invert: bool = False

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--loose", "loose"),
        Option("--validmark", "valid_mark"),
        Option("--accept-local", "accept_local"),
        Option("--invert", "invert"),
    )

    def constraints(self) -> tuple[Constraint, ...]:
        """The test without `--invert`, which turns all that it finds."""
        test = RpFilter(loose=self.loose, valid_mark=self.valid_mark, accept_local=self.accept_local)
        return (Constraint(Field.REVERSE_PATH, test, self.invert),)

    def decide(self) -> tuple[Branch, ...]:
        """The test is all there is."""
        return ()

    def phrases(self) -> tuple[Phrase, ...]:
        """Which way back there must be, or must not; then what else counts in that test."""
        found = [message(_BACK[self.loose][self.invert])]
        if self.valid_mark:
            found.append(message("that way looked up with the packet's mark"))
        if self.accept_local:
            found.append(message("taking this node's own addresses for reachable"))
        return tuple([Phrase(Part.IF, text) for text in found])


_BACK = (
    (
        N_("replies to the source would leave by the interface it came in by"),
        N_("replies to the source would not leave by the interface it came in by"),
    ),
    (N_("there is a way back to the source by some interface"), N_("there is no way back to the source by any interface")),
)
"""By `loose`: what is asked, and the opposite."""

EXTENSION = RpFilter
