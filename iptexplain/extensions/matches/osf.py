"""osf: the operating system of the sender, guessed from the packet that opens a TCP connection.

Man page iptables-extensions(8), osf; kernel net/netfilter/xt_osf.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integers
from iptexplain.model.phrase import Part, Phrase
from iptexplain.source import N_, message

_LENGTH = 31


def _genre(text: str) -> str:
    return text[:_LENGTH]  # iptables cuts off what the kernel has no room for


class Osf(Extension):
    """The system's name.

    `ttl` is how the packet's TTL must fit that of the system: 0 the same, 1 not greater, 2 not looked at. `log` is which guesses the kernel
    logs: 0 all, 1 the first, 2 all that it knows.
    """

    NAME: ClassVar[str] = "osf"

    genre: Given[str]
    ttl: int | None = None
    log: int | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option("--genre", "genre", _genre, negatable=True),
        Option("--ttl", "ttl", integers(2)),
        Option("--log", "log", integers(2)),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """Whose fingerprint the packet has: only packets that open a TCP connection match, `!` or not."""
        found = [message(_OPENS[self.genre.negated], system=self.genre.value)]
        if self.ttl is not None:
            found.append(message(_TTLS[self.ttl]))
        if self.log is not None:
            found.append(message(_LOGS[self.log]))
        return tuple([Phrase(Part.IF, text) for text in found])


_OPENS = (
    N_("opening a TCP connection as {system} does (OS fingerprint)"),
    N_("opening a TCP connection otherwise than {system} does (OS fingerprint)"),
)
_TTLS = N_("with exactly the TTL of the fingerprint"), N_("with at most the TTL of the fingerprint"), N_("whatever its TTL")
_LOGS = (
    N_("while the kernel logs every guess, also that it knows none"),
    N_("while the kernel logs the first guess"),
    N_("while the kernel logs every guess"),
)
"""By the numbers that the options have."""

EXTENSION = Osf
