"""TCPOPTSTRIP: take options out of the packet's TCP header and go on.

Man page iptables-extensions(8), TCPOPTSTRIP; kernel net/netfilter/xt_TCPOPTSTRIP.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Option
from iptexplain.extensions.common.numbers import MAX_8, integer
from iptexplain.model.matching import Verdict
from iptexplain.named import NamedTuple
from iptexplain.source import all_of, message, verbatim

if TYPE_CHECKING:
    from iptexplain.source import Message


_NAMES = {"wscale": 3, "mss": 2, "sack-permitted": 4, "sack": 5, "timestamp": 8, "md5": 19}
_FIRST = 2
"""0 and 1 only fill the header up."""


class TcpOptions(NamedTuple):
    """Numbers of TCP options, in order."""

    numbers: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> TcpOptions:
        """Read `mss,19`. Raises ValueError, also for an option that is said twice."""
        found = [_NAMES[name] if name in _NAMES else integer(name, MAX_8, _FIRST) for name in text.split(",")]
        if len(set(found)) < len(found):
            raise ValueError(text)
        return cls(tuple(sorted(found)))

    def __str__(self) -> str:
        return ",".join(map(str, self.numbers))


class TcpOptStrip(Extension):
    """The options; None for none."""

    NAME: ClassVar[str] = "TCPOPTSTRIP"

    options: TcpOptions | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (Option("--strip-options", "options", TcpOptions.parse),)

    def effect(self) -> Verdict:
        """Nothing that a match here is sure of."""
        return Verdict.CONTINUE

    def action(self) -> Message:
        """The options by name, where they have one."""
        if self.options is None or not self.options.numbers:
            return message("remove no TCP options (TCPOPTSTRIP)")
        options = all_of([verbatim(_SAID.get(number, number)) for number in self.options.numbers])
        return message("remove the TCP options {options} (TCPOPTSTRIP)", options=options)


_SAID = {2: "MSS", 3: "window scale", 4: "SACK permitted", 5: "SACK", 8: "timestamps", 19: "MD5"}

EXTENSION = TcpOptStrip
