"""sctp: the ports of SCTP, and which chunks the packet holds.

Man page iptables-extensions(8), sctp; kernel net/netfilter/xt_sctp.c. Chunks are a question: a packet is described without them.
iptables-save prints all ports as `0:65535` here, unlike for tcp and udp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from iptexplain.extensions.common.extension import Extension, Given, Option
from iptexplain.extensions.common.ports import PORT_OPTIONS
from iptexplain.model.matching import Branch, Question, either
from iptexplain.named import NamedTuple
from iptexplain.source import message

if TYPE_CHECKING:
    from iptexplain.model.values import Ports


_TYPES = (
    *("DATA", "INIT", "INIT_ACK", "SACK", "HEARTBEAT", "HEARTBEAT_ACK", "ABORT", "SHUTDOWN", "SHUTDOWN_ACK", "ERROR", "COOKIE_ECHO"),
    *("COOKIE_ACK", "ECN_ECNE", "ECN_CWR", "SHUTDOWN_COMPLETE", "I_DATA", "ASCONF_ACK", "RE_CONFIG", "PAD", "FORWARD_TSN", "ASCONF"),
    "I_FORWARD_TSN",
)
"""Chunk types in the order of their numbers, as iptables-save prints them."""
_FLAGS = {"DATA": "IUBE", "I_DATA": "IUBE", "ABORT": "T", "SHUTDOWN_COMPLETE": "T"}


class Chunks(NamedTuple):
    """`any DATA:Be,INIT`: chunk types with flags that must be set (`B`) or not (`e`), and how many of them must be there."""

    how: str
    types: tuple[str, ...]

    @classmethod
    def parse(cls, how: str, types: str) -> Chunks:
        """Read the two words. Raises ValueError."""
        if how.lower() not in {"all", "any", "only"}:
            raise ValueError(how)
        if types.upper() in {"ALL", "NONE"}:
            return cls(how.lower(), (types.upper(),))
        flags: dict[str, str] = {}
        for said in filter(None, types.split(",")):
            name, _, letters = said.partition(":")
            flags[name.upper()] = flags.get(name.upper(), "") + letters
        if not flags.keys() <= set(_TYPES):
            raise ValueError(types)
        return cls(how.lower(), tuple([_with_flags(name, flags[name]) for name in _TYPES if name in flags]) or ("NONE",))

    def words(self) -> tuple[str, str]:
        """The two words of iptables-save."""
        return self.how, ",".join(self.types)

    def __str__(self) -> str:
        return " ".join(self.words())


def _with_flags(name: str, letters: str) -> str:
    """A flag said twice must be set if one of them is in upper case. libxt_sctp.c loses those of I_DATA."""
    known = _FLAGS.get(name, "")
    if not set(letters.upper()) <= set(known):
        raise ValueError(name, letters)
    found = "".join(flag if flag in letters else flag.lower() for flag in known if flag in letters.upper())
    return f"{name}:{found}" if found and name != "I_DATA" else name


class Sctp(Extension):
    """Source and destination ports, chunk types; None where the rule does not say."""

    NAME: ClassVar[str] = "sctp"

    sport: Given[Ports] | None = None
    dport: Given[Ports] | None = None
    chunks: Given[Chunks] | None = None

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        *PORT_OPTIONS,
        Option("--chunk-types", "chunks", Chunks.parse, negatable=True, write=Chunks.words, words=2),
    )

    def decide(self) -> tuple[Branch, ...]:
        """The chunks are not known."""
        if self.chunks is None:
            return ()
        question = Question("sctp", message("the packet holds SCTP chunks {chunks}", chunks=str(self.chunks.value)))
        return either(question, negated=self.chunks.negated)


EXTENSION = Sctp
