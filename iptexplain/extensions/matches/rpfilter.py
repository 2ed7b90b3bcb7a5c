"""rpfilter: would an answer to the packet leave through the interface that the packet came in by.

Man page iptables-extensions(8), rpfilter; kernel net/ipv4/netfilter/ipt_rpfilter.c, net/ipv6/netfilter/ip6t_rpfilter.c. Its negation is
the flag `--invert`, never `!`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.model.matching import Constraint, Field

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


EXTENSION = RpFilter
