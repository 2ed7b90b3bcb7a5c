"""osf: the operating system of the sender, guessed from the packet that opens a TCP connection.

Man page iptables-extensions(8), osf; kernel net/netfilter/xt_osf.c, nfnetlink_osf.c.
"""

from __future__ import annotations

from typing import ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.numbers import integers
from iptexplain.model.content import Content
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
        Option("--genre", "genre", _genre, negatable=True, content=Content.LIST),
        Option("--ttl", "ttl", integers(2)),
        Option("--log", "log", integers(2)),
    )

    def phrases(self) -> tuple[Phrase, ...]:
        """Whose fingerprint the packet has, as the kernel looks: not at `!`, and where it logs, not at the name (`nf_osf_match`)."""
        text = _KNOWN if self.log is not None else _OPENS[self.genre.negated]
        found = [message(text, system=self.genre.value)]
        if self.ttl is not None:
            found.append(message(_TTLS[self.ttl]))
        if self.log is not None:
            found.append(message(_LOGS[self.log]))
        return tuple([Phrase(Part.IF, text) for text in found])


_OPENS = (
    N_("opening a TCP connection as {system} does (OS fingerprint)"),
    N_("opening a TCP connection as {system} does (OS fingerprint; the rule wants any but {system}, the kernel does not look at that)"),
)
_KNOWN = N_(
    "opening a TCP connection as any known system does (OS fingerprint; where it logs, the kernel does not look at the name {system})"
)
_TTLS = N_("with exactly the TTL of the fingerprint"), N_("with at most the TTL of the fingerprint"), N_("whatever its TTL")
_LOGS = (
    N_("while the kernel logs each system that fits, or that none does"),
    N_("while the kernel logs the first system that fits, or that none does"),
    N_("while the kernel logs each system that fits, or that none does"),
)
"""By the numbers that the options have."""

EXTENSION = Osf
